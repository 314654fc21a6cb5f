# SPDX-License-Identifier: Apache-2.0
"""churn: a guest that leaves nothing of anybody else in TLBs and caches."""
