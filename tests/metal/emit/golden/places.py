# SPDX-License-Identifier: Apache-2.0
"""Accesses: one volatile access each way, offsets and strides, a bool in a byte, an index check in a checked build."""

from ovm.metal import Array, Struct, array, fn, static, u8, u16, u32


class Entry(Struct):
    key: u16
    used: bool


class Port(Struct, volatile=True):
    data: u32


ENTRIES = static(array(Entry, 8), section=".entries", align=32)
PORT = static(Port)


@fn
def touch(n: u32, items: Array[u8]) -> u8:
    PORT.data |= n
    ENTRIES[n].used = ENTRIES[2].key == 7
    return items[n]
