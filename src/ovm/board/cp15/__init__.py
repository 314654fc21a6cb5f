# SPDX-License-Identifier: Apache-2.0
"""Coprocessors 15 and 14: the registers of the Cortex-A9 and the effects of writes."""
