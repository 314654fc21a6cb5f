# SPDX-License-Identifier: Apache-2.0
"""Memory management unit of the Cortex-A9: walks, rights, memory attributes, TLBs."""
