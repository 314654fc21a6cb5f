# SPDX-License-Identifier: Apache-2.0
"""Devices of the Zynq-7000. None of them ticks: each says when it is next due and computes the rest from the time."""
