# SPDX-License-Identifier: Apache-2.0
"""Stubs in the place of traps: which places of a kernel get which, and where they lie.

A trap costs several hundred cycles, a stub about twenty. Each place with CPSID i, CPSIE i, MRS of CPSR or MSR of its lowest byte
in a compiled function gets one of these forms; all others keep their SVC:

- LINK: `bl stub`, where LR is dead. All places with the same word share the stub.
- PAIR: MRS and CPSID i in a row, as in local_irq_save: `mov rd, lr; bl stub`. Nothing may jump to the second.
- OWN: `b` to four words that keep LR and call the shared stub, or to a stub of its own where the word names LR.

So most places take no room. The stubs lie in the executable padding behind the text: shared ones first, then the others, those of
hot functions before the rest, as many as there is room for.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from ovm.linux import stub_code
from ovm.linux.compiled import Functions
from ovm.linux.entry_code import MOVS_PC_LR, Entered, entered, whole
from ovm.linux.flow import hidden_ways, jumped_to, link_is_dead
from ovm.linux.layout import Layout
from ovm.linux.sensitive import Kind, Sensitive
from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import ARM, target_flags
from ovm.metal.build.zig import transform

_LINK = 14
_CONTROL = 1
_NOP = 0xE320_F000
_MOV_FROM_LINK = 0xE1A0_000E
_OWN_BYTES = 16
_SPANS = ("text", "init")
# Functions with most of the places that a boot executes outside of pairs.
HOT = (
    "_raw_",
    "kmem_cache_",
    "__kmalloc",
    "kfree",
    "__slab",
    "mnt",
    "d_alloc",
    "__mod_",
    "__rmqueue",
    "free_unref",
    "rcu_",
    "hrtimer_",
)


class Form(Enum):
    """The thing that stands at the place of a sensitive word."""

    TRAP = "traps"
    LINK = "call a shared stub"
    PAIR = "call a shared stub, in pairs"
    OWN = "have a stub of their own"
    ENTRY = "lie in stubs of entry and return"


@dataclass(frozen=True)
class Place:
    """A sensitive word in place, and the SVC that it would become."""

    address: int
    function: str
    span: str
    sensitive: Sensitive
    trap: int

    @property
    def register(self) -> int:
        """Return the register that MRS writes or MSR reads; 0 for CPS."""
        return self.sensitive.registers[0] if self.sensitive.registers else 0

    @property
    def body(self) -> str:
        """Return the name of the stub that such places share."""
        return f"{self.sensitive.kind.name.lower()}_{self.sensitive.word:x}"


@dataclass
class _Plan:
    """The places with stubs, their forms, those with stubs of their own, and the sequences of entry and return."""

    page: int
    chosen: Mapping[int, Place]
    forms: dict[int, Form]
    own: list[Place]
    entries: tuple[Entered, ...]
    return_trap: int


@dataclass(frozen=True)
class Placed:
    """The form of each place, and how much of the padding the stubs take."""

    forms: Mapping[int, Form]
    bytes_used: int


def has_stub(word: Sensitive) -> bool:
    """Return whether there is a stub for a sensitive word: what masks and unmasks interrupts, and nothing else."""
    match word.kind:
        case Kind.CPS:
            return word.word in (stub_code.CPSID_I, stub_code.CPSIE_I)
        case Kind.MRS_CPSR:
            return True
        case Kind.MSR_CPSR:
            return word.fields == _CONTROL and word.immediate is None
    return False


def place_stubs(words: "array[int]", layout: Layout, functions: Functions, sites: Iterable[Place]) -> Placed:
    """Put stubs into the padding, and branches to them in the place of SVCs; `functions` has the words before any patch."""
    plan = _plan(layout, functions, {site.address: site for site in sites})
    room = layout.padding.end - layout.padding.start
    while True:
        stubs = _assembled(plan, layout.padding.start)
        size = len(stubs.section_data(".text")) if stubs else 0
        if size <= room or not plan.own:
            break
        keep = max(0, len(plan.own) - (size - room + _OWN_BYTES - 1) // _OWN_BYTES)
        for site in plan.own[keep:]:
            plan.forms[site.address] = Form.TRAP
        plan.own = plan.own[:keep]
    if stubs is None or size > room:
        return Placed({}, 0)
    _write(words, layout, stubs, plan)
    return Placed(plan.forms, size)


def _plan(layout: Layout, functions: Functions, sites: Mapping[int, Place]) -> _Plan:
    """Choose the form of each place, if there is room for all."""
    words = functions.words
    found = entered(words, layout.base, functions.entries, functions.name_of)
    chosen = {address: site for address, site in sites.items() if _has_stub_there(site, layout, functions)}
    second = [
        address + 4
        for address, site in chosen.items()
        if site.sensitive.kind is Kind.MRS_CPSR and address + 4 in chosen and _is_disable(chosen[address + 4])
    ]
    torn = jumped_to(words, layout.base, [*second, *(address for each in found for address in each.inner)])
    forms: dict[int, Form] = {}
    for address in second:
        if address not in torn:
            forms[address - 4] = forms[address] = Form.PAIR
    hidden = hidden_ways(words, layout)
    for address, site in chosen.items():
        if address not in forms:
            names_link = site.register == _LINK
            shared = not names_link and link_is_dead(words, (address - layout.base) // 4, hidden)
            forms[address] = Form.LINK if shared else Form.OWN
    own = sorted((site for site in chosen.values() if forms[site.address] is Form.OWN), key=_heat)
    traps = {site.sensitive.word: site.trap for site in sites.values()}
    entries = whole(found, torn) if MOVS_PC_LR in traps else ()
    forms |= {address: Form.ENTRY for each in entries for address in each.covered if address in sites and address not in chosen}
    return _Plan(layout.base & 0xF000_0000, chosen, forms, own, entries, traps.get(MOVS_PC_LR, 0))


def _has_stub_there(site: Place, layout: Layout, functions: Functions) -> bool:
    """Return whether a place gets a stub: in a compiled function, or CPS in the exception entries."""
    if not has_stub(site.sensitive) or site.span not in _SPANS:
        return False
    in_entry = site.sensitive.kind is Kind.CPS and functions.is_entry(site.address)
    return in_entry or functions.is_compiled(site.address)


def _heat(site: Place) -> tuple[bool, int]:
    return (not site.function.startswith(HOT), site.address)


def _is_disable(site: Place) -> bool:
    return site.sensitive.word == stub_code.CPSID_I


def _is_first(site: Place, forms: Mapping[int, Form]) -> bool:
    """Return whether this is the MRS of a pair."""
    return forms[site.address] is Form.PAIR and site.sensitive.kind is Kind.MRS_CPSR


def _program(plan: _Plan) -> str:
    """Return all stubs as assembly; empty if there are none."""
    parts: dict[str, str] = {}
    shared: dict[Kind, Place] = {}
    for site in plan.chosen.values():
        if _is_first(site, plan.forms):
            parts[f"pair_{site.register}"] = stub_code.save(plan.page, site.register)
        elif plan.forms[site.address] in (Form.LINK, Form.OWN) and site.register != _LINK:
            parts[site.body] = _body(plan.page, site, "bx lr")
            shared[site.sensitive.kind] = site
    for entry in plan.entries:
        parts[entry.name] = entry.text(plan.page, plan.return_trap)
    for site in plan.own:
        parts[f"own_{site.address:x}"] = _own(plan.page, site, shared.get(site.sensitive.kind))
    return "\n".join(f"{name}:\n{body}" for name, body in parts.items())


def _own(page: int, site: Place, like: Place | None) -> str:
    """Return a place's own stub; `like` is a place of the same kind without LR, whose shared stub serves a word that names LR."""
    back = f"b back_{site.address:x}"
    if site.register != _LINK:
        return stub_code.keeping_link(site.body, back)
    if like is None:
        return _body(page, site, back)
    if site.sensitive.kind is Kind.MRS_CPSR:
        return stub_code.read_link(like.body, like.register, back)
    return stub_code.write_link(like.body, like.register, back)


def _body(page: int, site: Place, end: str) -> str:
    match site.sensitive.kind:
        case Kind.MRS_CPSR:
            return stub_code.read(page, site.register, end)
        case Kind.MSR_CPSR:
            return stub_code.write(page, site.register, site.trap, end)
    return stub_code.disable(page, end) if _is_disable(site) else stub_code.enable(page, site.trap, end)


def _assembled(plan: _Plan, start: int) -> Elf | None:
    """Assemble and link the stubs at their address."""
    text = _program(plan)
    if not text:
        return None
    source = f".syntax unified\n.arm\n.text\n.global stubs\nstubs:\n{text}\n"
    command = ("clang", *target_flags(ARM), "-c", "stubs.s", "-o", "stubs.o")
    compiled = transform({"stubs.s": source.encode()}, command, "stubs.o")
    labels = {f"back_{site.address:x}": site.address + 4 for site in plan.own}
    for entry in plan.entries:
        labels |= entry.labels()
    places = "\n".join(f"{name} = {address:#x};" for name, address in labels.items())
    script = f"{places}\nSECTIONS {{ . = {start:#x}; .text : {{ *(.text) }} /DISCARD/ : {{ *(.ARM.*) *(.comment) }} }}"
    return Elf(link_arm([compiled], script, "stubs", collect_garbage=False))


def _write(words: "array[int]", layout: Layout, stubs: Elf, plan: _Plan) -> None:
    """Write the stubs and the words that lead to them."""
    code = array("I", stubs.section_data(".text"))
    first = (layout.padding.start - layout.base) // 4
    words[first : first + len(code)] = code
    for address, site in plan.chosen.items():
        number = (address - layout.base) // 4
        match plan.forms[address]:
            case Form.LINK:
                words[number] = _branch(address, stubs.address_of(site.body), link=True)
            case Form.OWN:
                words[number] = _branch(address, stubs.address_of(f"own_{address:x}"), link=False)
            case Form.PAIR if site.sensitive.kind is Kind.MRS_CPSR:
                words[number] = _NOP if site.register == _LINK else _MOV_FROM_LINK | site.register << 12
                target = stubs.address_of(f"pair_{site.register}")
                words[number + 1] = _branch(address + 4, target, link=True)
    for entry in plan.entries:
        branch = _branch(entry.branch, stubs.address_of(entry.name), link=False)
        words[(entry.branch - layout.base) // 4] = branch


def _branch(source: int, target: int, *, link: bool) -> int:
    """Encode B or BL (ARM A8.8.18, A8.8.25)."""
    distance = target - source - 8
    if not -(1 << 25) <= distance < 1 << 25:
        raise ValueError(f"a branch from {source:#x} does not reach {target:#x}")
    return (0xEB00_0000 if link else 0xEA00_0000) | distance >> 2 & 0xFF_FFFF
