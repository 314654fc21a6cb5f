# SPDX-License-Identifier: Apache-2.0
"""Device trees, judged by dtc, which reads them back, and by fdtoverlay."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

from ovm.linux.device_tree import Label, Node, blob, with_overlay
from ovm.linux.errors import LinuxError
from ovm.linux.guest_tree import Device, LinuxBoard, Memory, guest_tree, reservations
from tests.tools import absent, find_tool

BOARD = LinuxBoard(
    model="a guest of OVM",
    ram=Memory(0x1000_0000, 64 << 20),
    periphbase=0xF8F0_0000,
    command_line="console=ttyAMA0 quiet",
    timer=Device(0x1C11_0000, 0, 2604166),
    uart=Device(0x1C12_0000, 1, 24_000_000),
    reserved=(Memory(0x1000_0000, 0x10000),),
    initrd=Memory(0x1200_0000, 0x1234),
    seed=bytes(range(32)),
)
OVERLAY = """/dts-v1/;
/plugin/;
&uart { status = "disabled"; };
&{/} { extra { compatible = "a,b"; clocks = <&uart_clock>; }; };
"""


@pytest.fixture(autouse=True)
def library() -> None:
    """Skip or fail the tests where libfdt is missing."""
    if importlib.util.find_spec("libfdt") is None:
        absent("the package pylibfdt is not installed, for which pip needs a C compiler and Python's headers")


def source_of(tree: bytes, tmp_path: Path) -> str:
    """Return a tree as dtc reads it, sorted; a warning of dtc fails the test."""
    file = tmp_path / "tree.dtb"
    file.write_bytes(tree)
    command = [find_tool("dtc"), "-s", "-I", "dtb", "-O", "dts", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    # Before version 1.7 dtc wrote a list of texts as one.
    return done.stdout.replace("\\0", '", "')


def compiled(text: str, tmp_path: Path) -> bytes:
    source = tmp_path / "overlay.dts"
    source.write_text(text)
    done = subprocess.run([find_tool("dtc"), "-q", "-@", "-O", "dtb", str(source)], capture_output=True, check=True)
    return done.stdout


def tree() -> bytes:
    return blob(guest_tree(BOARD), reservations(BOARD))


def test_the_tree_of_a_guest(tmp_path: Path) -> None:
    text = source_of(tree(), tmp_path)
    for line in (
        "/memreserve/\t0x0000000010000000 0x0000000000010000;",
        'bootargs = "console=ttyAMA0 quiet";',
        "linux,initrd-start = <0x12000000>;",
        "linux,initrd-end = <0x12001234>;",
        "reg = <0x10000000 0x4000000>;",
        "reg = <0xf8f01000 0x1000 0xf8f00100 0x100>;",
        'compatible = "arm,pl011", "arm,primecell";',
        'compatible = "arm,sp804", "arm,primecell";',
        'clock-names = "timer0clk", "timer1clk", "apb_pclk";',
        "interrupts = <0x00 0x01 0x04>;",
        'compatible = "arm,psci-0.2";',
        'stdout-path = "/serial@1c120000";',
        'uart = "/serial@1c120000";',
        "clock-frequency = <0x27bc86>;",
    ):
        assert line in text
    assert len(tree()) < 4096


def test_references_name_the_nodes_that_they_mean(tmp_path: Path) -> None:
    below = Node("b", label="there", properties={"x": (1, 2)})
    made = blob(Node("", {"empty": None, "first": (Label("there"), 7)}, (Node("a", children=(below,)),)))
    text = source_of(made, tmp_path)
    assert "empty;" in text and "first = <0x01 0x07>;" in text and "phandle = <0x01>;" in text
    assert 'there = "/a/b";' in text
    with pytest.raises(LinuxError, match="property first refers to the label nowhere, which no node has"):
        blob(Node("", {"first": (Label("nowhere"),)}))


def test_an_overlay_is_applied_as_fdtoverlay_does(tmp_path: Path) -> None:
    overlay = compiled(OVERLAY, tmp_path)
    done = with_overlay(tree(), overlay)
    names = {name: tmp_path / name for name in ("base", "overlay", "expected")}
    names["base"].write_bytes(tree())
    names["overlay"].write_bytes(overlay)
    command = [find_tool("fdtoverlay"), "-i", names["base"], "-o", names["expected"], names["overlay"]]
    subprocess.run(command, check=True, capture_output=True)
    text = source_of(done, tmp_path)
    assert text == source_of(names["expected"].read_bytes(), tmp_path)
    assert 'status = "disabled";' in text and 'compatible = "a,b";' in text


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("/dts-v1/;\n/plugin/;\n&nowhere { x = <1>; };\n", "the overlay can't be applied: FDT_ERR_NOTFOUND"),
        (None, "the overlay can't be read: FDT_ERR_"),
    ],
)
def test_overlays_that_are_refused(tmp_path: Path, overlay: str | None, message: str) -> None:
    content = b"no device tree" * 10 if overlay is None else compiled(overlay, tmp_path)
    with pytest.raises(LinuxError, match=message):
        with_overlay(tree(), content)
    with pytest.raises(LinuxError, match="too large"):
        with_overlay(tree(), bytes(2 << 20))
