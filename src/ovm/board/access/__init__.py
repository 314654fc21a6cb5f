# SPDX-License-Identifier: Apache-2.0
"""Loads, stores and preloads of the core, from the table of lines to the interconnect."""
