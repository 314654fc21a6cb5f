# SPDX-License-Identifier: Apache-2.0
"""tick: a small real-time operating system and its application."""
