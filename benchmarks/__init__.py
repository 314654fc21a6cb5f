# SPDX-License-Identifier: Apache-2.0
"""What is measured, not tested: speed, time on silicon, what lockdown buys. `make bench` runs it."""
