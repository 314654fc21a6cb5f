# SPDX-License-Identifier: Apache-2.0
"""OVM's CRC-32 is zlib's."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from ovm.core.crc import crc32
from ovm.metal import PhysAddr, array, simulate, static, u32

PLACE = static(array(u32, 64))


@given(st.lists(st.integers(0, 0xFFFF_FFFF), max_size=64))
def test_crc_is_zlibs(words: list[int]) -> None:
    with simulate.simulate():
        for index, word in enumerate(words):
            PLACE[index] = u32(word)
        data = b"".join(word.to_bytes(4, "little") for word in words)
        assert int(crc32(PhysAddr(PLACE.address), u32(len(data)))) == zlib.crc32(data)
