# SPDX-License-Identifier: Apache-2.0
"""The arena of blocks: their places, the assembler that writes their code, and their removal."""
