# SPDX-License-Identifier: Apache-2.0
"""rogue: a guest that tries to escape."""
