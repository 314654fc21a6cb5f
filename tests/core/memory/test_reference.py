# SPDX-License-Identifier: Apache-2.0
"""The reference model itself, compared with QEMU's Cortex-A9 over random tables and registers.

QEMU departs from the manual's order of checks in three places (target/arm/ptw.c, get_phys_addr_v6), which the
comparison knows: it looks at the domain before it reads the second-level descriptor and before the access flag, it
looks at execute-never before the access flag, and it ignores the access flag in a manager domain.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.core.memory import qemu_probe
from tests.core.memory.events import large, section, small
from tests.core.memory.qemu_probe import Case
from tests.core.memory.reference import FETCH, READ, WRITE, Fault, Mapping, Registers, check, first_level, walk

TABLES = (0x6020_0000, 0x6020_4000, 0x6020_8000)
LEVEL2 = 0x6021_0000
DATA, DATA_END = 0x6030_0000, 0x6040_0000
MEGABYTES = (0x000, 0x001, 0x013, 0x203, 0x3FF, 0x40F, 0x7F3, 0x803, 0xC00, 0xFF3)
PAGES = (0x00, 0x01, 0x10, 0x1F, 0xFF)
CASES = 3000
# Bits of a supersection that QEMU takes for address bits above 32, which a Cortex-A9 doesn't have.
EXTENDED = 0x00F0_01E0


def identity(page: int) -> int:
    """MOVW r7, #page: what the first word of a data page holds; SVC #0 follows it."""
    return 0xE300_7000 | page >> 12 << 16 | page & 0xFFF


def random_memory(chance: random.Random) -> dict[int, int]:
    memory = {DATA + 0x1000 * page: identity(page + 1) for page in range(256)}
    memory |= {address + 4: 0xEF00_0000 for address in memory}
    for table in TABLES:
        memory |= {table + 4 * number: 0 for number in (0, 4095)}
        for megabyte in MEGABYTES:
            fill_megabyte(chance, memory, table, megabyte)
        memory[table + 4 * 0x600] = section(qemu_probe.PROGRAM, 0b001, False, 15, False, False)
    return memory


def fill_megabyte(chance: random.Random, memory: dict[int, int], table: int, megabyte: int) -> None:
    domain, kind = chance.choice((0, 1, 2, 3)), chance.choice(("table",) * 6 + ("section",) * 2 + ("super", "fault"))
    ap, xn = chance.randrange(8), chance.random() < 0.3
    place = table + 4 * megabyte
    if kind == "super":
        entry = section(0x6000_0000, ap, xn, domain, True, True) & ~EXTENDED
        memory |= {table + 4 * (megabyte & 0xFF0 | number): entry for number in range(16)}
    elif kind == "section":
        memory[place] = section(DATA, ap, xn, domain, True, False)
    elif kind == "fault":
        memory[place] = chance.choice((0, 3, 0xFFFF_FFFF, 0xFFFF_FFFC))
    else:
        level2 = LEVEL2 + 1024 * (TABLES.index(table) * len(MEGABYTES) + MEGABYTES.index(megabyte))
        memory[place] = level2 | domain << 5 | 1
        for page in PAGES:
            fill_page(chance, memory, level2 + 4 * page)


def fill_page(chance: random.Random, memory: dict[int, int], place: int) -> None:
    ap, xn, target = chance.randrange(8), chance.random() < 0.3, DATA + 0x1000 * chance.randrange(256)
    kind = chance.choice(("small", "small", "small", "large", "fault"))
    if kind == "large":
        memory |= {(place & ~63) + 4 * number: large(target, ap, xn, True) for number in range(16)}
    else:
        memory[place] = small(target, ap, xn, True) if kind == "small" else chance.randrange(1 << 30) << 2


def random_case(chance: random.Random) -> Case:
    n = chance.choice((0, 0, 0, 1, 2, 3, 7))
    # The program's own megabyte must stay reachable: it is TTBR0's with N up to 1.
    off = (0x20 if n == 1 else 0x10) if n and chance.random() < 0.2 else 0
    registers = Registers(
        True, chance.random() < 0.4, chance.choice(TABLES), chance.choice(TABLES), n | off,
        1 << 30 | chance.choice((0x55, 0x55, 0xFF, 0x1B, 0xE4, 0x27, chance.randrange(256))),
    )  # fmt: skip
    va = chance.choice(MEGABYTES) << 20 | chance.choice(PAGES) << 12
    access = chance.choice((READ, READ, WRITE, FETCH))
    return Case(registers, va | (0x10 if access == WRITE else 0), access, chance.random() < 0.5)


def as_qemu(found: Mapping | Fault, case: Case, memory: Callable[[int], int]) -> Mapping | Fault | None:
    """Apply QEMU's own order of checks; None where it ignores the access flag."""
    if not isinstance(found, Fault) or found.domain is None:
        return found
    allowed = case.registers.dacr >> 2 * found.domain & 3
    if allowed in (0, 2):
        where = first_level(case.registers, case.va)
        assert where is not None
        return Fault(0b01011 if memory(where) & 3 == 1 else 0b01001, found.domain)
    if found.code not in (0b00011, 0b00110):
        return found
    otherwise = walk(case.registers.but(afe=False), case.va, memory)
    if allowed == 1 and case.access == FETCH and isinstance(otherwise, Mapping) and otherwise.xn:
        return Fault(0b01111 if otherwise.is_page else 0b01101, found.domain)
    return None if allowed == 3 else found


def test_the_model_agrees_with_qemu(tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    chance = random.Random(2026)
    memory = random_memory(chance)

    def read(address: int) -> int:
        return memory.get(address, 0)

    cases = []
    skipped = 0
    while len(cases) < CASES:
        case = random_case(chance)
        found = as_qemu(walk(case.registers, case.va, read), case, read)
        skipped += found is None
        # Nothing is run or overwritten but the data pages.
        if found and (isinstance(found, Fault) or case.access == READ or DATA <= found.address(case.va) < DATA_END):
            cases.append(case)
    results = qemu_probe.run(require_tool("qemu-system-arm"), tmp_path, memory, cases)
    assert len(results) == CASES
    seen: Counter[str] = Counter()
    for case, (how, value, address) in zip(cases, results, strict=True):
        judged = as_qemu(walk(case.registers, case.va, read), case, read)
        assert judged is not None
        end = judged if isinstance(judged, Fault) else check(judged, case.registers.dacr, case.access, case.privileged)
        if end is not None:
            # IFSR has no domain; QEMU writes one.
            status = value & ~0xF0 if case.access == FETCH else value
            assert (how, status, address) == (2 if case.access == FETCH else 1, end.fsr(case.access), case.va), case
            seen[f"fault {end.code:#x}"] += 1
            continue
        assert isinstance(judged, Mapping)
        physical = judged.address(case.va)
        if case.access != WRITE and DATA <= physical < DATA_END:
            page = (physical - DATA >> 12) + 1
            assert (how, value) == ((3, page) if case.access == FETCH else (0, identity(page))), case
        else:
            assert how == 0, case
        seen[case.access] += 1
    print(dict(seen), f"left out: {skipped} access flag faults in manager domains")
    wanted = {f"fault {code:#x}" for code in (0x3, 0x5, 0x6, 0x7, 0x9, 0xB, 0xD, 0xF)} | {READ, WRITE, FETCH}
    assert wanted <= seen.keys()
