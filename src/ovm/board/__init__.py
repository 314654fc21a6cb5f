# SPDX-License-Identifier: Apache-2.0
"""The virtual ZC702: a Zynq-7000 whose every step is defined by its state alone."""
