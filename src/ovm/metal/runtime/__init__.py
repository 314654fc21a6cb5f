# SPDX-License-Identifier: Apache-2.0
"""Routines in metal that the compiler calls by itself: division, clearing and copying."""
