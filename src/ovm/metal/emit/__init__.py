# SPDX-License-Identifier: Apache-2.0
"""The conversion of the typed tree to LLVM IR text, for bare-metal ARM and for the host, with DWARF line tables."""
