# SPDX-License-Identifier: Apache-2.0
"""Tests of which routine clears or copies a struct on ARM: by words if its size and alignment allow, in place if it is small."""

import pytest

from ovm.metal import Array, Struct, array, copy, fn, static, u8, u32
from ovm.metal.compiler import Options, compile_unit


class Words(Struct):
    many: Array[u32] = array(u32, 9)


class Bytes(Struct):
    many: Array[u8] = array(u8, 36)


class Few(Struct):
    many: Array[u32] = array(u32, 8)


class Places(Struct):
    words: Array[Words] = array(Words, 2)
    octets: Array[Bytes] = array(Bytes, 2)
    few: Array[Few] = array(Few, 2)


PLACES = static(Places)


@fn
def words(at: u32) -> None:
    local = Words()
    copy(PLACES.words[at], local)


@fn
def octets(at: u32) -> None:
    local = Bytes()
    copy(PLACES.octets[at], local)


@fn
def few(at: u32) -> None:
    local = Few()
    copy(PLACES.few[at], local)


@pytest.mark.parametrize(("function", "called"), [(words, "words"), (octets, "bytes"), (few, "")])
def test_the_widest_routine_that_fits(function: object, called: str) -> None:
    ir = compile_unit((function,), Options(target="arm")).ir
    for verb in ("clear", "copy"):
        for kind in ("words", "bytes"):
            assert (f"memory.{verb}_{kind}" in ir) == (kind == called)
