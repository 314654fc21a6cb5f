# SPDX-License-Identifier: Apache-2.0
"""Hot lines of instructions as machine code of the host."""
