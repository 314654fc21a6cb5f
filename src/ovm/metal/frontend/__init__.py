# SPDX-License-Identifier: Apache-2.0
"""The conversion of Python source to the typed tree: the only part of the compiler that reads Python's `ast`."""
