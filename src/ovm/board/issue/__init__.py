# SPDX-License-Identifier: Apache-2.0
"""What instructions cost beside others: two issue slots a cycle, units, result latencies."""
