# SPDX-License-Identifier: Apache-2.0
"""churn: a guest that evicts all others from TLBs and caches."""
