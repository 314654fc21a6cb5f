# SPDX-License-Identifier: Apache-2.0
"""The cost of instructions among others: two issue slots a cycle, units, result latencies."""
