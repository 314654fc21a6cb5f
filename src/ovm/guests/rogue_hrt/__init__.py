# SPDX-License-Identifier: Apache-2.0
"""rogue at level HRT: an attacker with Non-secure PL1 and a CPU of its own."""
