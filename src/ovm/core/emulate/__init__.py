# SPDX-License-Identifier: Apache-2.0
"""Privileged and sensitive instructions of a guest's kernel, done to its virtual CPU.

The instructions that come here are Undefined in User mode and come from a virtual privileged mode. Some are only
UNPREDICTABLE there (MRS and MSR of SPSR, exception returns, user-bank LDM and STM), others don't trap at all (CPS,
MSR CPSR); a guest that is patched or paravirtualised uses other encodings for those, and the same functions serve them.
"""
