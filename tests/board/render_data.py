# SPDX-License-Identifier: Apache-2.0
"""Data processing, branches, multiplication and media instructions as assembly."""

from ovm.board.execute import alu, branch, data, multiply
from tests.board.render_parts import NONE, OPERATIONS, SHIFTS, Decoded, register, signed


def shift_text(aux: int) -> str:
    kind, amount = aux >> 8, aux & 0xFF
    if kind == data.RRX:
        return ", rrx"
    return f", {SHIFTS[kind]} #{amount}" if amount else ""


def data_(each: Decoded, variant: int, operand: str) -> str:
    operation = variant & alu.OPERATION
    name = OPERATIONS[operation]
    compare = alu.TST <= operation <= alu.CMN
    first = [] if compare else [register(each.rd)]
    if operation not in (alu.MOV, alu.MVN):
        first.append(register(each.rn))
    flags = "s" if variant & alu.SETS_FLAGS and not compare else ""
    return f"{name}{flags}{{c}} {', '.join(first)}, {operand}"


def immediate(each: Decoded, variant: int) -> str:
    if each.thumb and not each.wide and each.rn == 15:
        return f"adr {register(each.rd)}, #{each.imm}"
    return data_(each, variant, f"#{each.imm}")


def shifted_mov(each: Decoded, flags: str) -> str:
    kind, amount = each.aux >> 8, each.aux & 0xFF
    if kind == data.RRX:
        return f"rrx{flags}{{c}} {register(each.rd)}, {register(each.rm)}"
    return f"{SHIFTS[kind]}{flags}{{c}} {register(each.rd)}, {register(each.rm)}, #{amount}"


def register_(each: Decoded, variant: int) -> str:
    if variant & alu.OPERATION == alu.MOV and each.aux:
        return shifted_mov(each, "s" if variant & alu.SETS_FLAGS else "")
    return data_(each, variant, register(each.rm) + shift_text(each.aux))


def shifted(each: Decoded, variant: int) -> str:
    assert variant >> 8 == each.aux >> 8
    return register_(each, variant & 0xFF)


def by_register(each: Decoded, variant: int) -> str:
    if variant & alu.OPERATION == alu.MOV:
        flags = "s" if variant & alu.SETS_FLAGS else ""
        return f"{SHIFTS[each.aux]}{flags}{{c}} {register(each.rd)}, {register(each.rm)}, {register(each.ra)}"
    return data_(each, variant, f"{register(each.rm)}, {SHIFTS[each.aux]} {register(each.ra)}")


def to_pc(each: Decoded, flags: int) -> str:
    fields = {**vars(each), "rd": 15}
    moved = Decoded(**fields)
    variant = each.rd | flags
    return immediate(moved, variant) if each.ra == NONE else register_(moved, variant)


def branch_(each: Decoded, name: str, variant: int = 0) -> str:
    ahead = 4 if each.thumb else 8
    return f"{name} #{distance(each, variant) - ahead}"


def distance(each: Decoded, variant: int) -> int:
    """Return how far a branch leads in bytes; near ones have it in bytes of records."""
    records = 8 if each.thumb else 4
    return signed(each.imm) // records if variant & branch.NEAR else signed(each.imm)


def compare_branch(each: Decoded, variant: int) -> str:
    return f"{('cbz', 'cbnz')[variant & 1]} {register(each.rn)}, #{distance(each, variant) - 4}"


def table_branch(each: Decoded, variant: int) -> str:
    return f"tb{'bh'[variant]} [{register(each.rn)}, {register(each.rm)}{', lsl #1' * variant}]"


def four(name: str, *registers: int) -> str:
    return f"{name}{{c}} " + ", ".join(register(each) for each in registers)


def multiply_(each: Decoded, variant: int) -> str:
    flags = "s" if variant & alu.SETS_FLAGS else ""
    if variant & 3 == 0:
        return four("mul" + flags, each.rd, each.rn, each.rm)
    return four(("", "mla", "mls")[variant & 3] + flags, each.rd, each.rn, each.rm, each.ra)


def long(each: Decoded, variant: int) -> str:
    name = "us"[variant >> 2 & 1] + ("mull", "mlal")[variant & 1] + "s" * bool(variant & alu.SETS_FLAGS)
    return four(name, each.ra, each.rd, each.rn, each.rm)


def halves(each: Decoded, variant: int) -> str:
    ends = "bt"[each.aux & multiply.N_HIGH > 0] + "bt"[each.aux & multiply.M_HIGH > 0]
    return accumulated(each, "smul" + ends, "smla" + ends)


def accumulated(each: Decoded, plain: str, adding: str) -> str:
    if each.ra == multiply.NO_ADDEND:
        return four(plain, each.rd, each.rn, each.rm)
    return four(adding, each.rd, each.rn, each.rm, each.ra)


def word_half(each: Decoded, variant: int) -> str:
    end = "bt"[each.aux & multiply.M_HIGH > 0]
    return accumulated(each, "smulw" + end, "smlaw" + end)


def dual(each: Decoded, variant: int) -> str:
    middle = "as"[variant > 0] + "d" + "x" * (each.aux & multiply.CROSSED)
    return accumulated(each, "smu" + middle, "sml" + middle)


def halves_long(each: Decoded, variant: int) -> str:
    ends = "bt"[each.aux & multiply.N_HIGH > 0] + "bt"[each.aux & multiply.M_HIGH > 0]
    return four("smlal" + ends, each.ra, each.rd, each.rn, each.rm)


def dual_long(each: Decoded, variant: int) -> str:
    name = "sml" + "as"[variant > 0] + "ld" + "x" * (each.aux & multiply.CROSSED)
    return four(name, each.ra, each.rd, each.rn, each.rm)


def high(each: Decoded, variant: int) -> str:
    end = "r" * (each.aux & multiply.ROUNDED)
    if variant:
        return four("smmls" + end, each.rd, each.rn, each.rm, each.ra)
    return accumulated(each, "smmul" + end, "smmla" + end)


def extend(each: Decoded, variant: int) -> str:
    size = ("b", "h", "b16")[variant & 3]
    kind = "us"[variant >> 2 & 1]
    rotation = f", ror #{each.aux}" if each.aux else ""
    if each.rn == NONE:
        return f"{kind}xt{size}{{c}} {register(each.rd)}, {register(each.rm)}{rotation}"
    return f"{kind}xta{size}{{c}} {register(each.rd)}, {register(each.rn)}, {register(each.rm)}{rotation}"


def reverse(each: Decoded, variant: int) -> str:
    return four(("rev", "rev16", "revsh", "rbit", "clz")[variant], each.rd, each.rm)


def bit_field(each: Decoded, variant: int) -> str:
    name = "sbfx" if variant else "ubfx"
    return f"{name}{{c}} {register(each.rd)}, {register(each.rn)}, #{each.aux}, #{each.imm}"


def bit_field_insert(each: Decoded, variant: int) -> str:
    width = (each.imm >> each.aux).bit_length()
    assert each.imm == ((1 << width) - 1) << each.aux
    if each.rn == NONE:
        return f"bfc{{c}} {register(each.rd)}, #{each.aux}, #{width}"
    return f"bfi{{c}} {register(each.rd)}, {register(each.rn)}, #{each.aux}, #{width}"


def pack_(each: Decoded, variant: int) -> str:
    operand = register(each.rm) + shift_text(each.aux)
    return f"{('pkhbt', 'pkhtb')[variant]}{{c}} {register(each.rd)}, {register(each.rn)}, {operand}"


def saturate(each: Decoded, variant: int) -> str:
    name = "us"[variant >> 2 & 1] + "sat" + "16" * (variant & 1)
    return f"{name}{{c}} {register(each.rd)}, #{each.imm}, {register(each.rn)}{shift_text(each.aux)}"


def add_saturating(each: Decoded, variant: int) -> str:
    return four(("qadd", "qsub", "qdadd", "qdsub")[variant], each.rd, each.rm, each.rn)


def parallel_(each: Decoded, variant: int) -> str:
    prefix = ("", "s", "q", "sh", "", "u", "uq", "uh")[each.imm >> 4]
    operation = ("add16", "asx", "sax", "sub16", "add8", "", "", "sub8")[each.imm & 15]
    return four(prefix + operation, each.rd, each.rn, each.rm)
