# SPDX-License-Identifier: Apache-2.0
"""A stock Linux kernel as the subject of measurements: bare on the virtual board, and as a guest."""
