# SPDX-License-Identifier: Apache-2.0
"""Measurements of whole systems: what is run, what is counted, what it comes to in numbers and pictures."""
