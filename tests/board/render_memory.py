# SPDX-License-Identifier: Apache-2.0
"""Loads, stores, exclusives and system instructions as assembly."""

from ovm.board.execute import exclusive, multiple, single, system
from tests.board.render_parts import SHIFTS, SIZES, Decoded, register, signed


def listed(registers: int) -> str:
    return "{" + ", ".join(register(number) for number in range(16) if registers >> number & 1) + "}"


def address(each: Decoded) -> str:
    aux = each.aux
    if aux & single.OFFSET_REGISTER:
        kind, amount = aux >> single.KIND & 3, aux >> single.AMOUNT
        shift = ", rrx" if aux & single.RRX else f", {SHIFTS[kind]} #{amount}" if amount else ""
        offset = "-" * bool(aux & single.OFFSET_DOWN) + register(each.rm) + shift
    else:
        offset = f"#{signed(each.imm)}"
    if not aux & single.INDEX:
        return f"[{register(each.rn)}], {offset}"
    return f"[{register(each.rn)}, {offset}]{'!' * bool(aux & single.WRITE_BACK)}"


def plain_offset(each: Decoded) -> str:
    return f"[{register(each.rn)}, #{signed(each.imm)}]"


def transfer(name: str, size: int, target: int, user: bool, address: str) -> str:
    return f"{name}{SIZES[size]}{'t' * user}{{c}} {register(target)}, {address}"


def user(each: Decoded) -> bool:
    return bool(each.aux & single.USER)


def user_address(each: Decoded) -> str:
    """T32 has unprivileged accesses with an offset, A32 after the access."""
    return address(each)


def pair(each: Decoded, name: str) -> str:
    return f"{name}{{c}} {register(each.rd)}, {register(each.ra)}, {address(each)}"


def mode(aux: int) -> str:
    return ("i", "d")[aux & multiple.DOWN > 0] + ("a", "b")[aux & multiple.BEFORE > 0]


def block(each: Decoded, name: str, user: str = "") -> str:
    back = "!" * bool(each.aux & multiple.WRITE_BACK)
    if each.thumb and not each.wide and each.rn == 13:
        assert (name, mode(each.aux), back) in (("ldm", "ia", "!"), ("stm", "db", "!"))
        return f"{'push' if name == 'stm' else 'pop'} {listed(each.imm)}"
    return f"{name}{mode(each.aux)}{{c}} {register(each.rn)}{back}, {listed(each.imm)}{user}"


def status_write(each: Decoded, variant: int) -> str:
    fields = "".join(letter for bit, letter in enumerate("cxsf") if each.aux >> bit & 1)
    operand = f"#{each.imm}" if variant & 2 else register(each.rn)
    return f"msr{{c}} {('cpsr', 'spsr')[variant & 1]}_{fields}, {operand}"


def change_state(each: Decoded, variant: int) -> str:
    masks = "".join(letter for bit, letter in ((8, "a"), (7, "i"), (6, "f")) if each.imm >> bit & 1)
    mode = f"#{each.rd}" if each.aux & system.CPS_MODE else ""
    how = "ie" if each.aux & system.CPS_ENABLE else "id" if each.aux & system.CPS_DISABLE else ""
    return f"cps{how} " + ", ".join(part for part in (masks if how else "", mode) if part)


def exclusive_suffix(size: int) -> str:
    return ("b", "h", "", "d")[size]


def load_exclusive(each: Decoded, size: int) -> str:
    second = f", {register(each.ra)}" if size == exclusive.PAIR else ""
    offset = f", #{each.imm}" if each.imm else ""
    return f"ldrex{exclusive_suffix(size)}{{c}} {register(each.rd)}{second}, [{register(each.rn)}{offset}]"


def store_exclusive(each: Decoded, size: int) -> str:
    second = f", {register(each.ra)}" if size == exclusive.PAIR else ""
    offset = f", #{each.imm}" if each.imm else ""
    name = f"strex{exclusive_suffix(size)}{{c}} {register(each.rd)}, {register(each.rm)}"
    return f"{name}{second}, [{register(each.rn)}{offset}]"


def swap(each: Decoded, size: int) -> str:
    return f"swp{'b' * (size == 0)}{{c}} {register(each.rd)}, {register(each.rm)}, [{register(each.rn)}]"


def load_return(each: Decoded) -> str:
    return f"rfe{mode(each.aux)} {register(each.rn)}{'!' * bool(each.aux & multiple.WRITE_BACK)}"


def store_return(each: Decoded) -> str:
    return f"srs{mode(each.aux)} sp{'!' * bool(each.aux & multiple.WRITE_BACK)}, #{each.imm}"
