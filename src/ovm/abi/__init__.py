# SPDX-License-Identifier: Apache-2.0
"""The interface between OVM and its guests: hypercall numbers and shared structures.

The C header for guests written in C is generated from here (`ovm.abi.header`).
"""
