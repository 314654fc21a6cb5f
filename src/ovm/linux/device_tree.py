# SPDX-License-Identifier: Apache-2.0
"""A guest's device tree: nodes as values, the blob of them, overlays on it. libfdt writes and applies, nothing here knows the
format.

A property that refers to a node names its label; labels are also symbols of the tree, so an overlay may use them (`&uart`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ovm.linux.errors import LinuxError

_MOST_BYTES = 1 << 20
# What an overlay may add beside its own size, when its symbols and names are taken over.
_OVERLAY_ROOM = 4096
_OVERLAY_FIX = "compile it by `dtc -@`, with the targets that the guest's tree has"


@dataclass(frozen=True)
class Label:
    """A reference to the node with this label."""

    name: str


Value = str | bytes | None | tuple[str, ...] | tuple[int | Label, ...]


@dataclass(frozen=True)
class Node:
    """A node: its name with the unit address, its properties, the nodes below it. None is a property without a value."""

    name: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    children: tuple["Node", ...] = ()
    label: str = ""


def blob(root: Node, reserved: tuple[tuple[int, int], ...] = ()) -> bytes:
    """Return the flattened tree; `reserved` are start and size of memory that the kernel must leave alone."""
    libfdt = _libfdt()
    paths = dict(_labels(root, ""))
    handles = {name: number for number, name in enumerate(paths, start=1)}
    writer = libfdt.FdtSw()
    for start, size in reserved:
        writer.add_reservemap_entry(start, size)
    writer.finish_reservemap()
    if paths:
        symbols = Node("__symbols__", dict(paths))
        root = Node(root.name, root.properties, (*root.children, symbols), root.label)
    _write(writer, root, handles)
    return bytes(writer.as_fdt().as_bytearray())


def with_overlay(base: bytes, overlay: bytes) -> bytes:
    """Return a flattened tree with a compiled overlay (.dtbo) applied."""
    libfdt = _libfdt()
    if len(overlay) > _MOST_BYTES:
        raise LinuxError(f"an overlay of {len(overlay)} bytes is too large")
    tree = bytearray(len(base) + 2 * len(overlay) + _OVERLAY_ROOM)
    _call(libfdt, "the device tree can't be read", libfdt.fdt_open_into, bytearray(base), tree, len(tree))
    other = bytearray(overlay)
    _call(libfdt, "the overlay can't be read", libfdt.fdt_check_full, other, len(other))
    _call(libfdt, "the overlay can't be applied", libfdt.fdt_overlay_apply, tree, other)
    _call(libfdt, "the device tree can't be packed", libfdt.fdt_pack, tree)
    return bytes(tree[: libfdt.Fdt(tree).totalsize()])


def _call(libfdt: ModuleType, problem: str, function: Callable[..., int], *words: object) -> None:
    """Call a function of libfdt, and give its error a message."""
    try:
        status = function(*words)
    except libfdt.FdtException as error:
        status = error.err
    if status < 0:
        raise LinuxError(f"{problem}: {libfdt.fdt_strerror(status)}", _OVERLAY_FIX)


def _labels(node: Node, path: str) -> Iterator[tuple[str, str]]:
    """Yield each label below `node` with the path of its node."""
    here = f"{path}/{node.name}" if node.name else ""
    if node.label:
        yield node.label, here or "/"
    for child in node.children:
        yield from _labels(child, here)


def _write(writer: Any, node: Node, handles: Mapping[str, int]) -> None:
    properties = dict(node.properties)
    if node.label:
        properties["phandle"] = (handles[node.label],)
    writer.begin_node(node.name)
    for name, value in properties.items():
        writer.property(name, _bytes_of(name, value, handles))
    for child in node.children:
        _write(writer, child, handles)
    writer.end_node()


def _bytes_of(name: str, value: Value, handles: Mapping[str, int]) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode() + b"\0"
    return b"".join(_cell(name, each, handles) for each in value)


def _cell(name: str, value: str | int | Label, handles: Mapping[str, int]) -> bytes:
    if isinstance(value, str):
        return value.encode() + b"\0"
    if isinstance(value, Label):
        if value.name not in handles:
            raise LinuxError(f"the property {name} refers to the label {value.name}, which no node has")
        value = handles[value.name]
    return value.to_bytes(4, "big")


def _libfdt() -> ModuleType:
    try:
        import libfdt
    except ImportError as error:
        raise LinuxError(
            "a Linux guest's device tree needs the package pylibfdt",
            "pip install 'ovm[linux]'; it needs a C compiler and Python's headers (gcc, python3-dev)",
        ) from error
    module: ModuleType = libfdt
    return module
