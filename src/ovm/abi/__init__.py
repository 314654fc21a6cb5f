# SPDX-License-Identifier: Apache-2.0
"""What OVM and its guests agree on: hypercall numbers and shared structures.

The C header for guests written in C is generated from here (`ovm.abi.header`).
"""
