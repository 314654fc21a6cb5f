# SPDX-License-Identifier: Apache-2.0
"""A decoded record, and names that all of render.py needs."""

from dataclasses import dataclass

from ovm.board.execute.table import Handler

CONDITIONS = ("eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "", "")
OPERATIONS = (
    "and",
    "eor",
    "sub",
    "rsb",
    "add",
    "adc",
    "sbc",
    "rsc",
    "tst",
    "teq",
    "cmp",
    "cmn",
    "orr",
    "mov",
    "bic",
    "mvn",
    "orn",
)
SHIFTS = ("lsl", "lsr", "asr", "ror")
SIZES = ("", "b", "h", "sb", "sh")
NONE = 16


@dataclass(frozen=True)
class Decoded:
    """A record's fields; `condition` is the condition code, `wide` whether it is a T32 instruction of two halfwords."""

    handler: Handler
    condition: int
    rd: int
    rn: int
    rm: int
    ra: int
    imm: int
    aux: int
    thumb: bool
    wide: bool


def register(number: int) -> str:
    return {13: "sp", 14: "lr", 15: "pc"}.get(number, f"r{number}")


def signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value
