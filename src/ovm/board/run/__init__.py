# SPDX-License-Identifier: Apache-2.0
"""The machine: its loops, the decoding of what is executed first, and reset."""
