# SPDX-License-Identifier: Apache-2.0
"""Measurements, not tests: speed, time on silicon, what lockdown buys. `make bench` runs it."""
