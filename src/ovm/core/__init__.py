# SPDX-License-Identifier: Apache-2.0
"""The hypervisor: boot, traps, memory, CPU time, interrupts, hypercalls and console, all in metal."""
