# SPDX-License-Identifier: Apache-2.0
"""The C header `ovm_abi.h`, generated from this package.

A guest written in C sees the same numbers and the same structures as one in metal: nothing is typed twice. Every
structure carries static asserts of its size and of each field's offset, so a compiler that lays one out
differently refuses the header. The conduit is `SVC #0`; with `OVM_CONDUIT_SMC` defined it is `SMC #0`, for a
guest at level HRT. `python -m ovm.abi.header` prints it.
"""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from ovm.abi import config, hypercalls, vcpu_page
from ovm.metal import Enum, Struct

_CONSTANT_MODULES: Final[tuple[ModuleType, ...]] = (hypercalls, vcpu_page)
_ENUMS: Final[tuple[type[Enum], ...]] = (config.Level, config.GuestState)
_STRUCTURES: Final[tuple[type[Struct], ...]] = (vcpu_page.VcpuPage, vcpu_page.HrtPage)


@dataclass(frozen=True)
class Call:
    """The C form of one hypercall: what it takes, what goes to r1-r7, and which result it gives."""

    name: str
    parameters: str = "void"
    arguments: tuple[str, ...] = ()
    result: str = "status"


_HALVES: Final = ("(uint32_t)time", "(uint32_t)(time >> 32)")
CALLS: Final = (
    Call("NULL"),
    Call("CONSOLE_WRITE", "uint32_t length, const uint32_t words[6]", ("length", *(f"words[{i}]" for i in range(6)))),
    Call("TIME", result="time"),
    Call("TIMER_SET", "uint64_t time", _HALVES),
    Call("INTERRUPT_ACKNOWLEDGE", result="value"),
    Call("WAIT"),
    Call("YIELD"),
    Call("EXIT", "uint32_t status", ("status",), "never"),
    Call("RETURN", result="never"),
    Call("CONTEXT_SET", "uint32_t ttbr0, uint32_t contextidr, uint32_t dacr", ("ttbr0", "contextidr", "dacr")),
    Call("TLB_INVALIDATE", "uint32_t operation, uint32_t operand", ("operation", "operand")),
    Call("BALLOON_RELEASE", "uint32_t gpa, uint32_t pages", ("gpa", "pages")),
    Call("REPORT", "uint32_t key, uint32_t value", ("key", "value")),
    Call("DOORBELL", "uint32_t channel", ("channel",)),
    Call("GUEST_START", "uint32_t guest", ("guest",)),
    Call("GUEST_STOP", "uint32_t guest", ("guest",)),
    Call("GUEST_STATUS", "uint32_t guest", ("guest",), "all"),
    Call("REGISTER_WRITE", "uint32_t index, uint32_t value", ("index", "value")),
    Call("CONSOLE_READ", "uint32_t most", ("most",), "all"),
    Call("CALL_COUNT"),
    Call("CALL_UID", result="all"),
    Call("REVISION", result="all"),
    Call("PSCI_VERSION"),
    Call("PSCI_CPU_OFF"),
    Call("PSCI_SYSTEM_OFF"),
    Call("PSCI_SYSTEM_RESET"),
    Call("PSCI_FEATURES", "uint32_t function", ("function",)),
)

# The result of a call's C function: the C return type, and the statements after `r` holds r0-r3.
_RESULTS: Final = {
    "status": ("uint32_t", ("return r.r0;",)),
    "value": ("uint32_t", ("return r.r1;",)),
    "time": ("uint64_t", ("return (uint64_t)r.r2 << 32 | r.r1;",)),
    "all": ("struct ovm_result", ("return r;",)),
    "never": ("_Noreturn void", ("(void)r;", "for (;;) {", "}")),
}

_OPENING: Final = """\
/* SPDX-License-Identifier: Apache-2.0
 *
 * What OVM and its guests agree on. Generated from ovm.abi by ovm.abi.header: change it there.
 */
#ifndef OVM_ABI_H
#define OVM_ABI_H

#include <stddef.h>
#include <stdint.h>
"""

_CALLING: Final = """\
#ifdef OVM_CONDUIT_SMC
#define OVM_CONDUIT ".arch_extension sec\\n\\tsmc #0"
/* By this the build knows a guest for the HRT level. */
__asm__(".weak ovm_conduit_smc\\n.set ovm_conduit_smc, 1");
#else
#define OVM_CONDUIT "svc #0"
#endif
#define OVM_INLINE static inline __attribute__((always_inline, unused))

/* r0-r3 as a hypercall leaves them. */
struct ovm_result {
    uint32_t r0;
    uint32_t r1;
    uint32_t r2;
    uint32_t r3;
};

/* One hypercall: the function identifier and r1-r7. */
OVM_INLINE struct ovm_result ovm_call(uint32_t function, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4,
                                      uint32_t a5, uint32_t a6, uint32_t a7) {
    register uint32_t r0 __asm__("r0") = function;
    register uint32_t r1 __asm__("r1") = a1;
    register uint32_t r2 __asm__("r2") = a2;
    register uint32_t r3 __asm__("r3") = a3;
    register uint32_t r4 __asm__("r4") = a4;
    register uint32_t r5 __asm__("r5") = a5;
    register uint32_t r6 __asm__("r6") = a6;
    register uint32_t r7 __asm__("r7") = a7;
    __asm__ volatile(OVM_CONDUIT
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
                     : "r"(r4), "r"(r5), "r"(r6), "r"(r7)
                     : "r12", "cc", "memory");
    return (struct ovm_result){r0, r1, r2, r3};
}
"""


def header() -> str:
    """Return the whole text of `ovm_abi.h`."""
    parts = [_OPENING]
    parts += [_lines(_constants(module)) for module in _CONSTANT_MODULES]
    parts += [_lines(_enumeration(enum)) for enum in _ENUMS]
    parts += [_lines(_structure(structure)) for structure in _STRUCTURES]
    parts.append(_CALLING)
    parts += [_lines(_function(call)) for call in CALLS]
    parts.append("#endif\n")
    return "\n".join(parts)


def constants() -> dict[str, int]:
    """Return every constant of the header by its C name."""
    found = {f"OVM_{name}": value for module in _CONSTANT_MODULES for name, value, _ in _named(module)}
    for enum in _ENUMS:
        found.update({f"OVM_{_words(enum.__name__).upper()}_{each.name}": int(each.value) for each in enum})
    return found


def call_names() -> frozenset[str]:
    """Return the constants of `hypercalls` that identify a call: fast calls of one of the two owners."""
    owners = (hypercalls.OWNER_STANDARD, hypercalls.OWNER_HYPERVISOR)
    return frozenset(
        name
        for name, value, _ in _named(hypercalls)
        if value & hypercalls.FAST_CALL and value & hypercalls.OWNER_MASK in owners
    )


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _words(name: str) -> str:
    """Return `VcpuPage` as `vcpu_page`."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")


def _named(module: ModuleType) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield public integer constants of a module in order, each with the comment lines right above it."""
    comment: list[str] = []
    for line in inspect.getsource(module).splitlines():
        if line.startswith("# "):
            comment.append(line[2:])
            continue
        name = line.partition(":")[0]
        value = getattr(module, name, None) if name.isidentifier() else None
        if name.isupper() and not name.startswith("_") and type(value) is int:
            yield name, value, tuple(comment)
        comment.clear()


def _constants(module: ModuleType) -> Iterator[str]:
    for name, value, comment in _named(module):
        yield from _comment(comment)
        yield f"#define OVM_{name} {_number(value)}"


def _comment(lines: tuple[str, ...], indent: str = "") -> Iterator[str]:
    last = len(lines) - 1
    for index, line in enumerate(lines):
        text = f"{indent}{'/*' if index == 0 else ' *'} {line}".rstrip()
        yield text + (" */" if index == last else "")


def _number(value: int) -> str:
    return f"{value}u" if value < 0x1000 else f"{value:#010X}u".replace("X", "x", 1)


def _enumeration(enum: type[Enum]) -> Iterator[str]:
    yield f"/* {inspect.getdoc(enum)} */"
    for member in enum:
        yield f"#define OVM_{_words(enum.__name__).upper()}_{member.name} {_number(int(member.value))}"


def _structure(structure: type[Struct]) -> Iterator[str]:
    """Yield a structure with every gap spelled out, and the asserts that hold it."""
    layout = structure.LAYOUT
    name = f"struct ovm_{_words(structure.__name__)}"
    comments = _field_comments(structure)
    yield from _comment(tuple((inspect.getdoc(structure) or "").splitlines()))
    yield f"{name} {{"
    end = 0
    for field in layout.fields.values():
        yield from _gap(end, field.offset)
        yield from _comment(comments.get(field.name, ()), "    ")
        spelling, bytes_each, length = _c_type(field.kind)
        yield f"    {spelling} {field.name}{'' if length is None else f'[{length}]'};"
        end = field.offset + bytes_each * (1 if length is None else length)
    yield from _gap(end, layout.size)
    yield "};"
    yield f'_Static_assert(sizeof({name}) == {layout.size}, "size of {name}");'
    for field in layout.fields.values():
        yield f'_Static_assert(offsetof({name}, {field.name}) == {field.offset}, "offset of {field.name}");'


def _gap(start: int, stop: int) -> Iterator[str]:
    if stop > start:
        yield f"    uint8_t reserved_{start:x}[{stop - start}];"


def _field_comments(structure: type[Struct]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    comment: list[str] = []
    for line in inspect.getsource(structure).splitlines():
        text = line.strip()
        if text.startswith("# "):
            comment.append(text[2:])
            continue
        name, colon, _ = text.partition(":")
        if colon and name.isidentifier():
            found[name] = tuple(comment)
        comment.clear()
    return found


def _c_type(kind: Any) -> tuple[str, int, int | None]:
    """Return the C spelling of a field's element, its bytes, and the length when it is an array."""
    element = getattr(kind, "element", None)
    if element is not None:
        spelling, size, _ = _c_type(element)
        return spelling, size, int(kind.length)
    size = int(kind.SIZE)
    return f"{'int' if getattr(kind, 'SIGNED', False) else 'uint'}{8 * size}_t", size, None


def _function(call: Call) -> Iterator[str]:
    result, statements = _RESULTS[call.result]
    arguments = ", ".join((f"OVM_{call.name}", *call.arguments, *("0" for _ in range(7 - len(call.arguments)))))
    yield f"OVM_INLINE {result} ovm_{call.name.lower()}({call.parameters}) {{"
    yield f"    struct ovm_result r = ovm_call({arguments});"
    yield from (f"    {line}" for line in statements)
    yield "}"


if __name__ == "__main__":
    sys.stdout.write(header())
