# SPDX-License-Identifier: Apache-2.0
"""The names of the metal language, as they behave under CPython.

A metal module runs unchanged under CPython: its integers wrap, its structs live in a simulated 32-bit
memory, its coprocessor accesses reach a simulated processor. The data that the compiler reads from these objects (widths,
layouts, statics, function options) is kept on them as plain attributes.

Nothing here knows about the compiler. The public names are re-exported by `ovm.metal`.
"""
