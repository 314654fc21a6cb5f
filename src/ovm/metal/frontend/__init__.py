# SPDX-License-Identifier: Apache-2.0
"""Python source to the typed tree: the only part of the compiler that reads Python's `ast`."""
