# SPDX-License-Identifier: Apache-2.0
"""Drive a built image on a machine, and make sense of what it says.

`stream` splits the one UART into consoles and records, `result` collects them, `judge` compares them with what the
description expects, `qemu` is the machine.
"""
