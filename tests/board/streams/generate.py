# SPDX-License-Identifier: Apache-2.0
"""Random streams as assembly text: what reaches memory, in every form and at every kind of place, and what is refused.

Nobody here wrote the encodings: LLVM's assembler makes them, and a line that it doesn't take is left out.
"""

import random
from dataclasses import dataclass

# Windows, one megabyte each: for all, read-only, privileged, of a domain without access, unmapped, a manager's, small pages.
WINDOWS = tuple(range(0x0040_0000, 0x00B0_0000, 0x10_0000))
OPEN, READ_ONLY, PRIVILEGED, CLOSED, UNMAPPED, MANAGED, PAGED = WINDOWS
# Where accesses go in a window: on both sides of the border between its first two pages.
FIRST, BYTES = 0x0E00, 0x400
SCTLR_A, SCTLR_SW = 0x002, 0x400
USR, SYS = 0x10, 0x1F
THUMB, MASKS, BIG_ENDIAN = 0x20, 0x1C0, 0x200
FLAGS = 0xF80F_0000
MOST_LINES = 4
# sp and lr are left out as operands: what T32 may do with them differs by encoding.
GENERAL = tuple(range(12))


@dataclass(frozen=True)
class Stream:
    """Lines, and the state that they begin in."""

    lines: tuple[str, ...]
    registers: tuple[int, ...]
    psr: int
    sctlr: int

    @property
    def thumb(self) -> bool:
        return bool(self.psr & THUMB)


class _Draw:
    def __init__(self, chance: random.Random, thumb: bool, swaps: bool) -> None:
        self.chance, self.thumb, self.swaps = chance, thumb, swaps

    def registers(self, count: int) -> list[str]:
        return [f"r{number}" for number in self.chance.sample(GENERAL, count)]

    def one(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def single(self) -> str:
        value, base, index = self.registers(3)
        name = self.one("ldr", "str", "ldrh", "strh", "ldrb", "strb", "ldrsh", "ldrsb")
        offset = self.chance.choice((0, 1, 2, 3, 4, 8, 252))
        where = self.one(f"[{base}, #{offset}]", f"[{base}, #{offset}]!", f"[{base}], #{offset}", f"[{base}, {index}, lsl #0]")
        if "lsl" in where and not self.thumb:
            where = f"[{base}, {index}]"
        return f"{name} {value}, {where}"

    def user(self) -> str:
        value, base = self.registers(2)
        name = self.one("ldrt", "strt", "ldrbt", "strbt", "ldrht", "strht", "ldrsbt", "ldrsht")
        return f"{name} {value}, [{base}]" if self.thumb or "h" in name or "sb" in name else f"{name} {value}, [{base}], #0"

    def double(self) -> str:
        base = "r11"
        first = self.chance.choice((0, 2, 4, 6, 8))
        offset = self.chance.choice((0, 4, 8, 248))
        where = self.one(f"[{base}, #{offset}]", f"[{base}, #{offset}]!", f"[{base}], #{offset}")
        return f"{self.one('ldrd', 'strd')} r{first}, r{first + 1}, {where}"

    def several(self) -> str:
        base, *others = self.registers(self.chance.randrange(3, 8))
        names = ("ldmia", "ldmdb", "stmia", "stmdb") if self.thumb else (
            "ldmia", "ldmib", "ldmda", "ldmdb", "stmia", "stmib", "stmda", "stmdb",
        )  # fmt: skip
        listed = ", ".join(sorted(others, key=lambda name: int(name[1:])))
        return f"{self.one(*names)} {base}{self.one('', '!')}, {{{listed}}}"

    def exclusive(self) -> str:
        value, base, second = self.registers(3)
        if self.one("byte", "all") == "byte":
            return f"{self.one('ldrex', 'ldrexb', 'ldrexh')} {value}, [{base}]"
        return f"ldrex {value}, [{base}]\nstrex {second}, {value}, [{base}]"

    def swap(self) -> str:
        value, stored, base = self.registers(3)
        return "nop" if self.thumb or not self.swaps else f"{self.one('swp', 'swpb')} {value}, {stored}, [{base}]"

    def extension(self) -> str:
        base = self.registers(1)[0]
        number, offset = self.chance.randrange(16), self.chance.choice((0, 4, 252))
        if self.one("one", "more") == "one":
            return f"{self.one('vldr', 'vstr')} {self.one('s', 'd')}{number}, [{base}, #{offset}]"
        kind = self.one("s", "d")
        last = min(number + self.chance.randrange(4), 15)
        name = self.one("vldmia", "vstmia", "vldmdb", "vstmdb")
        mark = "!" if name.endswith("db") else self.one("", "!")
        return f"{name} {base}{mark}, {{{kind}{number}-{kind}{last}}}"

    def element(self) -> str:
        base, index = self.registers(2)
        count = self.chance.randrange(1, 5)
        size = self.chance.choice((8, 16, 32))
        first = self.chance.randrange(24)
        kind = self.one("all", "lane", "lane", "every")
        step = self.chance.choice((1, 2)) if count > 1 and not (kind == "lane" and size == 8) else 1
        lane = {"all": "", "lane": f"[{self.chance.randrange(64 // size)}]", "every": "[]"}[kind]
        listed = ", ".join(f"d{first + step * number}{lane}" for number in range(count))
        name = f"vld{count}" if kind == "every" else f"{self.one('vld', 'vst')}{count}"
        # QEMU holds 256 bits to 128. An element's own alignment is what one lane, or all lanes, can ask for.
        own = {"all": (64, 128), "lane": (count * size,), "every": (count * size,)}[kind]
        align = self.one("", *(f":{bits}" for bits in own for _ in range(2)))
        after = self.one("", "!", f", {index}")
        return f"{name}.{size} {{{listed}}}, [{base}{align}]{after}"

    def refused(self) -> str:
        value = self.registers(1)[0]
        return self.one(
            "udf #7", "svc #5", "bkpt #3", f"mrc p15, 0, {value}, c13, c0, 4", f"mcr p15, 0, {value}, c13, c0, 4",
            f"mcr p15, 0, {value}, c13, c0, 3", f"mrc p15, 0, {value}, c13, c0, 3",
            f"vmrs {value}, fpscr", f"vmrs {value}, fpexc",
        )  # fmt: skip

    def other(self) -> str:
        target, left, right = self.registers(3)
        return self.one(
            f"adds {target}, {left}, {right}", f"sbcs {target}, {left}, {right}", f"muls {target}, {left}, {target}",
            f"ands {target}, {left}, {right}, lsr #3", f"pld [{left}]", f"pli [{left}]", f"rev {target}, {left}",
            f"uqadd8 {target}, {left}, {right}", f"ssat {target}, #7, {left}", f"clz {target}, {left}", "setend be", "setend le",
            f"umull {target}, {left}, {right}, {right}", f"bfi {target}, {left}, #3, #9", "clrex", "dmb",
            "vadd.i32 q1, q2, q3", "vmul.f32 q0, q1, q1", "vadd.f64 d3, d4, d5", f"vmov {target}, {left}, d7",
            "vext.8 d0, d1, d2, #3",
        )  # fmt: skip

    def line(self) -> str:
        kinds = (
            (self.single, 6), (self.user, 2), (self.double, 3), (self.several, 4), (self.exclusive, 2), (self.swap, 2),
            (self.extension, 4), (self.element, 8), (self.refused, 1), (self.other, 5),
        )  # fmt: skip
        return self.chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]()


def _value(chance: random.Random) -> int:
    if chance.random() < 0.15:
        return chance.choice((0, 1, 0xFFFF_FFFF, 0x8000_0000, chance.getrandbits(32)))
    window = OPEN if chance.random() < 0.7 else chance.choice(WINDOWS)
    place = window + FIRST + chance.randrange(BYTES)
    return place & ~chance.choice((0, 1, 3, 3, 7, 31))


def stream(chance: random.Random) -> Stream:
    """Return a random stream."""
    thumb = chance.random() < 0.5
    sctlr = chance.choice((0, 0, SCTLR_A)) | chance.choice((0, SCTLR_SW))
    # QEMU has SWP whatever SCTLR.SW is.
    draw = _Draw(chance, thumb, sctlr & SCTLR_SW != 0)
    lines = tuple(draw.line() for _ in range(chance.randrange(1, MOST_LINES + 1)))
    psr = chance.choice((USR, SYS)) | chance.getrandbits(32) & FLAGS | THUMB * thumb | MASKS
    psr |= BIG_ENDIAN * (chance.random() < 0.2)
    return Stream(lines, tuple(_value(chance) for _ in range(15)), psr, sctlr)
