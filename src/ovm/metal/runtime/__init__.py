# SPDX-License-Identifier: Apache-2.0
"""Routines that compiled code calls by itself, written in metal: division, clearing and copying."""
