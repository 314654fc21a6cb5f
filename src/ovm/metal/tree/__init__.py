# SPDX-License-Identifier: Apache-2.0
"""The typed tree: what the frontend makes of a program, what the checks read and what the emitter writes out.

Nothing here knows Python's `ast` or LLVM, so each side can be tested without the other.
"""
