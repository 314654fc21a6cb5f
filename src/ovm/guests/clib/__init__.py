# SPDX-License-Identifier: Apache-2.0
"""Support for guests in C: start, console, exit, and the few functions of the C library that libraries expect."""
