# SPDX-License-Identifier: Apache-2.0
"""Measurements of whole systems: the runs, the counts, and the results in numbers and pictures."""
