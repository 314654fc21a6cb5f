# SPDX-License-Identifier: Apache-2.0
"""`press` gives what the host's copy of the library gives, byte for byte."""

from pathlib import Path

import pytest

from ovm.abi.hypercalls import REPORT_BYTES_IN, REPORT_BYTES_OUT
from ovm.metal.build.errors import BuildError
from ovm.metal.build.zig import zig_directory
from ovm.system.c_guest import build_c_guest
from ovm.system.manifest import read_manifest
from tests.guests.library import lz4_frame
from tests.guests.stand_in import LINK_BASE, Outcome, StandIn
from tests.tools import absent

REAL_FILE = "lib/libc/include/any-windows-any/mshtml.h"


@pytest.fixture(scope="module")
def image() -> bytes:
    folder = Path(__file__).parents[2] / "src/ovm/guests/press"
    try:
        return build_c_guest(folder, LINK_BASE)
    except BuildError as error:
        if error.code != "S149":
            raise
        absent(f"no package index: {error.message}")


def compress(image: bytes, data: bytes, room: int, level: int = 0) -> tuple[Outcome, bytes]:
    guest = StandIn(image, ram_bytes=4 << 20, arguments=(level,))
    guest.add_region(data, writable=False)
    output = guest.add_region(bytes(room), writable=True)
    outcome = guest.run()
    return outcome, output.data[: outcome.reports.get(REPORT_BYTES_OUT, 0)]


def version() -> str:
    package = read_manifest(Path(__file__).parents[2] / "src/ovm/guests/press/guest.toml").package
    assert package is not None
    return package.version


def test_a_file_of_several_mib_equals_the_hosts_result(image: bytes) -> None:
    data = (zig_directory() / REAL_FILE).read_bytes()
    assert len(data) > 4 << 20
    outcome, made = compress(image, data, 8 << 20)
    assert outcome.status == 0
    assert outcome.reports[REPORT_BYTES_IN] == len(data)
    assert made == lz4_frame(version(), data, 9)


@pytest.mark.parametrize("level", [3, 6, 12])
def test_other_levels_equal_too(image: bytes, level: int) -> None:
    data = (zig_directory() / REAL_FILE).read_bytes()[: 300 << 10]
    outcome, made = compress(image, data, 1 << 20, level)
    assert outcome.status == 0
    assert made == lz4_frame(version(), data, level)


def test_an_output_without_room_is_said_and_fails(image: bytes) -> None:
    outcome, made = compress(image, bytes(range(256)) * 64, 64)
    assert outcome.status == 1
    assert made == b""
    assert "ERROR_dstMaxSize_tooSmall" in outcome.console


def test_without_regions_it_says_so(image: bytes) -> None:
    outcome = StandIn(image).run()
    assert outcome.status == 1
    assert "two regions" in outcome.console
