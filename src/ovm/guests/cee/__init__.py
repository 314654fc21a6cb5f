# SPDX-License-Identifier: Apache-2.0
"""A guest in C against the generated header `ovm_abi.h`."""
