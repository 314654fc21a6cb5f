# SPDX-License-Identifier: Apache-2.0
"""Addresses: arithmetic within a space, and no way from one space to another by accident."""

import operator

import pytest

from ovm.metal import GuestPhysAddr, PhysAddr, VirtAddr, i32, u8, u32
from ovm.metal.lang.addresses import ADDRESSES, Address


@pytest.mark.parametrize("space", ADDRESSES)
def test_arithmetic_stays_in_the_space(space: type[Address]) -> None:
    base = space(0x8000_1234)
    assert type(base + 4) is type(base - u32(4)) is type(base & 0xFFF) is type(base | 1) is space
    assert base + 0xFFFF_FFFF == 0x8000_1233
    assert base - 0x8000_1235 == 0xFFFF_FFFF
    assert base & 0xFFFF_F000 == space(0x8000_1000)


def test_what_leaves_the_space_is_a_number() -> None:
    base = PhysAddr(0x10_0FFF)
    for result, expected in ((base - PhysAddr(0xFFF), 0x10_0000), (base >> 12, 0x100), (base % 4096, 0xFFF)):
        assert type(result) is u32
        assert result == expected
    assert PhysAddr(0) - PhysAddr(1) == 0xFFFF_FFFF


@pytest.mark.parametrize("operation", [operator.sub, operator.lt, operator.add, operator.and_])
def test_spaces_do_not_mix(operation: object) -> None:
    assert callable(operation)
    with pytest.raises(TypeError):
        operation(PhysAddr(8), VirtAddr(8))
    with pytest.raises(TypeError):
        operation(PhysAddr(8), i32(8))
    with pytest.raises(TypeError):
        operation(u32(8), PhysAddr(8))


def test_crossing_is_written_out() -> None:
    with pytest.raises(TypeError, match=r"VirtAddr\(u32\(...\)\)"):
        VirtAddr(PhysAddr(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        VirtAddr(u8(1))  # type: ignore[arg-type]
    assert GuestPhysAddr(u32(PhysAddr(0x1000))) == GuestPhysAddr(0x1000)


def test_equality_of_unlike_spaces_is_never_true() -> None:
    assert (PhysAddr(1) == VirtAddr(1)) is False  # type: ignore[operator]


def test_a_constant_must_fit() -> None:
    with pytest.raises(OverflowError):
        PhysAddr(1 << 32)
    with pytest.raises(OverflowError):
        PhysAddr(0) + -1
