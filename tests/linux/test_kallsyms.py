# SPDX-License-Identifier: Apache-2.0
"""The symbols of made-up kernels in every layout, and refusals of tables that don't agree with themselves."""

import struct

import pytest

from ovm.linux.errors import LinuxError
from ovm.linux.kallsyms import symbols_of
from tests.linux.made_up import LAYOUTS, TEXT, MadeUp, function


@pytest.mark.parametrize("with_sequence", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_symbols_of_each_layout(layout: str, with_sequence: bool) -> None:
    kernel = MadeUp(layout, with_sequence)
    found = symbols_of(kernel.image())
    assert found.layout == layout
    assert [(symbol.address, symbol.kind + symbol.name) for symbol in found.symbols] == kernel.symbols()


def test_an_address_belongs_to_the_symbol_below_it() -> None:
    found = symbols_of(MadeUp().image())
    assert found.within(function(9)) == "function_9"
    assert found.within(function(10) - 4) == "function_9"
    assert found.within(TEXT - 4) == ""


def test_a_missing_symbol_is_said() -> None:
    found = symbols_of(MadeUp(left_out=("_etext",)).image())
    with pytest.raises(LinuxError, match="symbol table has no _etext"):
        found.address("_etext")


@pytest.mark.parametrize("part", ["count", "marker", "name", "token", "index", "addresses"])
def test_a_table_that_disagrees_is_refused(part: str) -> None:
    kernel = MadeUp()
    image = bytearray(kernel.image())
    count = len(kernel.symbols())
    at_count = image.index(struct.pack("<I", count), len(image) - 60000)
    at_tokens = image.index(b"\0" + b"".join(b"%d\0" % digit for digit in range(10)))
    places = {
        "count": at_count,
        "marker": image.index(b"\0\0\0\0", at_count + 4 + count) + 8,
        "name": at_count + 4,
        "token": image.index(b"\0", at_tokens + 40),
        "index": len(image) - 100,
        "addresses": at_count - 400,
    }
    image[places[part]] ^= 0x81
    with pytest.raises(LinuxError, match="has a layout that is not known here"):
        symbols_of(bytes(image))


def test_an_image_without_a_table_is_refused() -> None:
    with pytest.raises(LinuxError, match="has a layout that is not known here"):
        symbols_of(bytes(100_000))
