# SPDX-License-Identifier: Apache-2.0
"""Enums and bit fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovm.metal import Bits, Enum, field, flag, u8, u16, u32

WORDS = st.integers(0, 2**32 - 1)


class Trap(Enum, width=u8):
    SVC = 1
    UNDEF = 2


class Dfsr(Bits):
    status = field(0, 4)
    domain = field(4, 4)
    write = flag(11)


class TestEnum:
    def test_values(self) -> None:
        assert Trap.SVC.raw == 1
        assert type(Trap.SVC.raw) is u32
        assert Trap.of(u32(2)) is Trap.UNDEF

    def test_a_value_without_a_name_is_kept(self) -> None:
        odd = Trap.of(u32(77))
        assert odd.raw == 77
        assert odd == Trap.of(u32(77))
        assert odd != Trap.SVC
        match odd:
            case Trap.SVC | Trap.UNDEF:
                found = "named"
            case _:
                found = "other"
        assert found == "other"
        assert list(Trap) == [Trap.SVC, Trap.UNDEF]

    def test_a_number_is_cut_to_the_width(self) -> None:
        assert Trap.of(u32(0x101)) is Trap.SVC

    def test_members_fit_the_width(self) -> None:
        with pytest.raises(OverflowError, match="does not fit in u8"):

            class Wide(Enum, width=u8):
                LARGE = 256

        with pytest.raises(TypeError, match="width of enum"):

            class Odd(Enum, width=int):
                ONE = 1

    def test_the_compiler_finds_the_width(self) -> None:
        class Half(Enum, width=u16):
            ONE = 1

        assert Half.WIDTH_TYPE is u16
        assert Half.SIZE == 2


class TestBits:
    @given(raw=WORDS)
    def test_fields_read_their_bits(self, raw: int) -> None:
        value = Dfsr(raw)
        assert value.raw == raw
        assert (int(value.status), int(value.domain)) == (raw & 15, raw >> 4 & 15)
        assert value.write is bool(raw & 0x800)

    @given(raw=WORDS, change=WORDS)
    def test_set_changes_one_field_of_a_copy(self, raw: int, change: int) -> None:
        before = Dfsr(raw)
        after = before.set(Dfsr.domain, u32(change))
        assert before.raw == raw
        assert int(after.raw) == (raw & ~0xF0) | (change & 15) << 4
        assert int(before.set(Dfsr.write, True).raw) == raw | 0x800
        assert int(before.set(Dfsr.write, False).raw) == raw & ~0x800

    def test_values_are_immutable(self) -> None:
        with pytest.raises(AttributeError, match="immutable"):
            Dfsr(0).status = u32(1)

    def test_a_flag_takes_a_bool_and_a_field_a_number(self) -> None:
        with pytest.raises(TypeError):
            Dfsr(0).set(Dfsr.write, u32(1))  # type: ignore[call-overload]
        with pytest.raises(TypeError):
            Dfsr(0).set(Dfsr.status, True)

    def test_a_field_of_another_register_is_refused(self) -> None:
        class Other(Bits):
            status = field(8, 4)

        with pytest.raises(TypeError, match="not a field of Dfsr"):
            Dfsr(0).set(Other.status, 1)

    def test_fields_lie_within_the_word(self) -> None:
        with pytest.raises(ValueError, match="within 32 bits"):
            field(30, 4)
        with pytest.raises(ValueError, match="within 32 bits"):
            flag(32)

    def test_the_compiler_finds_the_fields(self) -> None:
        assert [(name, item.low, item.width) for name, item in Dfsr.FIELDS.items()] == [
            ("status", 0, 4),
            ("domain", 4, 4),
            ("write", 11, 1),
        ]
