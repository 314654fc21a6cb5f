# SPDX-License-Identifier: Apache-2.0
"""The virtual processor state of a deprivileged guest: modes, exceptions, interrupts."""
