# SPDX-License-Identifier: Apache-2.0
"""Caches of the board: L1 of each core, L2C-310."""
