# SPDX-License-Identifier: Apache-2.0
"""The interconnect, and its masters besides the cores."""
