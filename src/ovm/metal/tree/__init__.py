# SPDX-License-Identifier: Apache-2.0
"""The typed tree: the frontend makes it from a program, the checks read it, and the emitter writes it out.

Nothing here knows Python's `ast` or LLVM, so each side can be tested without the other.
"""
