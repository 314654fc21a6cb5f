# SPDX-License-Identifier: Apache-2.0
"""ARMv7-A facts as tables: register encodings and bits, each with the manual section that states it.

ARM means the ARM Architecture Reference Manual ARMv7-A/R (DDI0406C), A9 the Cortex-A9 TRM (DDI0388I).
"""
