# SPDX-License-Identifier: Apache-2.0
"""Instruction words to records: tables of encodings, one file per group of the manual."""
