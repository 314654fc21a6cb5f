# SPDX-License-Identifier: Apache-2.0
"""desk: a small general-purpose kernel with page tables of its own, and a workload that checks itself."""
