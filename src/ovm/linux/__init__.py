# SPDX-License-Identifier: Apache-2.0
"""Stock Linux kernels as guests: get one, unpack it, patch its binary, describe its board. Nothing of a kernel is shipped."""
