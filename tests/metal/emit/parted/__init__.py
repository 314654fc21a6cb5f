# SPDX-License-Identifier: Apache-2.0
"""A program of three modules for `test_parts.py`."""
