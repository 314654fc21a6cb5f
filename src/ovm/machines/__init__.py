# SPDX-License-Identifier: Apache-2.0
"""Drivers that run a built image on a machine, and readers of its output.

`stream` splits the one UART into consoles and records, `result` collects them, `judge` compares them with what the description
expects; `virtual` and `qemu` are the machines.
"""
