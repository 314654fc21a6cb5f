# SPDX-License-Identifier: Apache-2.0
"""The facts of an instruction by its text, as LLVM's tables (Capstone) print it: a second answer to `issue.describe`.

Units and times are those of the Cortex-A9 TRM's B.2 to B.4 and LLVM's model of the core, as the board's files name them.
Registers are those that the text names, with what ARM's pseudocode reads or writes besides.
"""

import re
from dataclasses import dataclass, field

import capstone

# Units and kinds, as the numbers in `Facts` say.
NO_UNIT, ALU, MULTIPLIER, TRANSFER, FLOATING = range(5)
TAKES_FORWARD, CONDITIONAL, LAST, DRAINS = 1, 2, 4, 8
FLAGS, FPSCR, LINK = 1 << 16, 1 << 18, 1 << 14
CONDITIONS = ("", "eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "")
NAMES = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14}
# Different everywhere, so that each time says what it is made of.
TIMES = {
    "load_forwarded": 7,
    "load_result": 9,
    "level1_load": 11,
    "shift_result": 5,
    "multiply_result": 13,
    "multiply_half_result": 6,
}
REGISTER = re.compile(r"\b(?:[rsdq]\d+|sb|sl|fp|ip|sp|lr)\b")
SHIFT = re.compile(r"\b(?:lsl|lsr|asr|ror) (#|\w)")

DATA = frozenset(["and", "eor", "sub", "rsb", "add", "adc", "sbc", "rsc", "orr", "orn", "bic"])
COMPARES = frozenset(["tst", "teq", "cmp", "cmn"])
SHIFTS = frozenset(["lsl", "lsr", "asr", "ror", "rrx"])
EXTENDS = re.compile(r"[su]xta?(?:b16|b|h)$")
PARALLEL = re.compile(r"(s|u|q|sh|uq|uh)(?:add8|add16|asx|sax|sub8|sub16)$")
LONG = frozenset(["umull", "smull", "umlal", "smlal", "umaal"])
SET_FLAGS = DATA | SHIFTS | LONG | {"mov", "mvn", "mul", "mla"}
HALVES = re.compile(r"(?:smul|smla|smlal)[bt][bt]$|smulw[bt]$|smlaw[bt]$|(?:smu|sml)[as]dx?$|usada?8$|sml[as]ldx?$")
# Longer to refill what is behind them: they drain the pipeline (assumed in `issue.timing`).
SLOW = re.compile(r"svc|smc|msr|cps|rfe")
SERIAL = re.compile(
    r"svc|smc|hvc|bkpt|msr|cps|rfe|srs|swp|ldrex|strex|clrex|dsb|dmb|isb|dfb|ssbb|pssbb|wf[ei]|sevl?$|setend|mcr|mrc|vmsr"
)
FREE = re.compile(r"nop|yield|dbg|hint|csdb|esb|pld|pli|it[te]*$|cbn?z")
UNARY = frozenset(["mov", "mvn", "rev", "rev16", "revsh", "rbit", "clz", "bfc", "bfi", "ubfx", "sbfx", "movw", "movt"])
# The register that an instruction writes is an operand of it, too.
SIMD_ACCUMULATES = re.compile(r"v(?:n?ml[as]l?|qdml[as]l|abal?|r?sra|sli|sri|padal|bsl|bit|bif|tbx)$")
SIMD_MULTIPLY = re.compile(r"v(?:mull?|ml[as]l?|qr?dmulh|qdmull|qdml[as]l)$")
SIMD_PERMUTES = re.compile(r"v(?:and|bic|bif|bit|bsl|dup|eor|ext|mov|mvn|orn|orr|rev\d+|swp|tb[lx]|trn|uzp|zip)$")
SIMD_ESTIMATES = re.compile(r"v(?:recp|rsqrt)[es]$")
SWAPS = frozenset(("vswp", "vtrn", "vuzp", "vzip"))


@dataclass
class Rule:
    """Facts about one instruction; `times` are when its results are forwarded, are there, and can be an address."""

    unit: int = NO_UNIT
    kind: int = 0
    busy: int = 1
    reads: int = 0
    locates: int = 0
    writes: int = 0
    updated: int = 0
    onward: int = 0
    times: tuple[int, int, int] = (0, 0, 0)
    # The time of the unit isn't judged here, where it is in `issue.floating_times`: then times are those behind it.
    any_busy: bool = field(default=False)


def registers(text: str) -> int:
    """Return the bits of all registers that a text names."""
    found = 0
    for name in REGISTER.findall(text):
        number = int(name[1:]) if name[1:].isdigit() else 0
        if name in NAMES or name[0] == "r":
            found |= 1 << NAMES.get(name, number)
        else:
            found |= {"d": 1 << number, "s": 1 << number // 2, "q": 3 << number * 2}[name[0]] << 32
    return found & ~(1 << 15)


def rule_of(line: capstone.CsInsn, state: int = 0) -> Rule:
    """Return what is known of an instruction, executed with an ITSTATE: in IT blocks narrow ones set no flags."""
    condition = CONDITIONS[line.cc]
    first, _, kind = line.mnemonic.removesuffix(".w").partition(".")
    if re.fullmatch("it[te]*", first):
        condition = ""
    name = first.removesuffix(condition)
    flags = name.endswith("s") and name[:-1] in SET_FLAGS
    name = name[:-1] if flags else name
    rule = _rule(name, kind, line, condition, flags and not (state != 0 and len(line.bytes) == 2))
    if (condition and name != "b") or (state != 0 and state >> 4 != 14):
        _depend_on_flags(rule)
    return rule


def _depend_on_flags(rule: Rule) -> None:
    """Depend on the flags: where a condition fails the old values stay; a branch's target is known only if it goes back."""
    rule.kind |= CONDITIONAL
    if rule.onward < 1 << 31:
        rule.onward = 0
    if not rule.kind & LAST:
        rule.reads |= FLAGS | rule.writes | rule.updated
    rule.times = (rule.times[1], *rule.times[1:])


def _rule(name: str, kind: str, line: capstone.CsInsn, condition: str, flags: bool) -> Rule:
    text = line.op_str
    if SERIAL.match(name) or "^" in text:
        return _serial(name, text)
    if FREE.match(name):
        return Rule()
    if name.startswith(("v", "fldm", "fstm")):
        return _extension(name, kind, text, line)
    if re.fullmatch(r"b|bl|blx|bx|bxj|tb[bh]", name):
        return _branch(name, text, condition)
    if name.startswith(("ldm", "stm")) or (name in ("push", "pop") and not _is_single(line)):
        return _list(name, text)
    if name.startswith(("ldr", "str")) or name in ("push", "pop"):
        return _single(name, text)
    return _data(name, text, flags)


def _serial(name: str, text: str) -> Rule:
    busy = 8 if SLOW.match(name) else 1
    if "^" in text:
        busy = (text.count(",") + 1) // 2 + 8 * ("pc" in text and name.startswith("ldm"))
    return Rule(kind=DRAINS | LAST, busy=busy)


def _branch(name: str, text: str, condition: str) -> Rule:
    target = int(text[1:], 0) & 0xFFFF_FFFF if text.startswith("#") else 0
    link = LINK if name in ("bl", "blx") else 0
    if name == "b" and condition and target < 1 << 31:
        return Rule()
    return Rule(kind=LAST, writes=link, onward=target if name != "blx" else 0, times=(1, 1, 1))


def _is_single(line: capstone.CsInsn) -> bool:
    """Tell whether PUSH or POP of one register is an encoding of STR or LDR (ARM A8.8.132, A8.8.133)."""
    word = int.from_bytes(line.bytes, "little")
    if len(line.bytes) == 2:
        return False
    return word >> 25 & 7 == 2 if word & 0xFE00 != 0xF800 else True


def _list(name: str, text: str) -> Rule:
    base, _, names = text.rpartition("{")
    base = base if name not in ("push", "pop") else "sp!"
    count = names.count(",") + 1
    busy = (count + 1) // 2
    load = name.startswith(("ldm", "pop"))
    rule = Rule(TRANSFER, LAST if load and "pc" in names else 0, busy, locates=registers(base))
    rule.updated = rule.locates if "!" in base else 0
    rule.writes = registers(names) if load else 0
    rule.times = _load_times(busy - 1)
    return rule


def _load_times(later: int, late_forward: bool = False) -> tuple[int, int, int]:
    forwarded, result, address = (TIMES[each] + later for each in ("load_forwarded", "load_result", "level1_load"))
    return result if late_forward else forwarded, result, address


def _single(name: str, text: str) -> Rule:
    if name in ("push", "pop"):
        name, text = ("str", "ldr")[name == "pop"], text.strip("{}") + ", [sp], #4"
    data, _, place = text.partition("[")
    narrow = re.fullmatch(r"ldrs?[bh]t?", name) is not None
    rule = Rule(TRANSFER, busy=2 if narrow else 1, locates=registers(place))
    if "]!" in place or "]," in place:
        rule.updated = registers(place.partition("]")[0].partition(",")[0])
    if "rrx" in place:
        rule.locates |= FLAGS
    if name.startswith("ldr"):
        rule.writes = registers(data)
        rule.kind = LAST if data.startswith("pc") else 0
    shifted = re.search(r"lsl #[^2]|lsl #2\d|lsr|asr|ror|rrx", place) is not None
    later = rule.busy - 1 + (shifted and not name.startswith("ldrd"))
    rule.times = _load_times(later, late_forward=name.startswith("ldrs"))
    return rule


def _data(name: str, text: str, flags: bool) -> Rule:
    target, _, operands = text.partition(", ")
    rule = Rule(MULTIPLIER, writes=registers(target), reads=registers(operands))
    if name.startswith(("smm", "usad")) or name in ("mul", "mla", "mls") or name in LONG or HALVES.match(name):
        return _multiply(rule, name, text, flags)
    if target == "pc" and name not in COMPARES:
        return Rule(kind=DRAINS | LAST) if flags else Rule(kind=LAST)
    rule.unit = ALU
    cycles, plain = _alu_cycles(name, text, operands)
    rule.kind = TAKES_FORWARD if plain else 0
    rule.busy, rule.times = cycles, (cycles,) * 3
    if name in COMPARES:
        rule.reads, rule.writes = registers(text), FLAGS
    elif flags or PARALLEL.match(name):
        rule.writes |= FLAGS
    if name in ("adc", "sbc", "rsc", "sel", "mrs", "rrx") or "rrx" in text:
        rule.reads |= FLAGS
    # Two operands stand for three, of which the first two are the same.
    if (name in DATA or name in SHIFTS - {"rrx"}) and operands.count(",") - ("lsl " in text) < 1 and not _unshifted_move(text):
        rule.reads |= registers(target)
    if name in ("movt", "bfi", "bfc"):
        rule.reads |= registers(target)
    return rule


def _unshifted_move(text: str) -> bool:
    return text.count(",") >= 2


def _alu_cycles(name: str, text: str, operands: str) -> tuple[int, bool]:
    """Return the cycles until a result is there, and whether operands come by early forwarding."""
    shift = TIMES["shift_result"]
    if name in SHIFTS:
        return (1 if "#" in operands or name == "rrx" else shift), False
    if name in DATA or name in COMPARES or name in ("mov", "mvn", "movw", "addw", "subw", "adr"):
        found = SHIFT.search(text)
        if found is None:
            return (shift, False) if "rrx" in text else (1, True)
        return shift + (found[1] != "#"), False
    if EXTENDS.match(name):
        return shift + name.startswith(("sxta", "uxta")), False
    found = PARALLEL.match(name)
    if found:
        return (1 if found[1] in "su" else shift), False
    if re.match(r"q[ad]?d?(?:add|sub)$", name):
        return shift + name.startswith("qd"), True
    if name in ("bfi", "bfc", "ubfx", "sbfx", "pkhbt", "pkhtb"):
        return shift, False
    return (shift + 1 if name in ("ssat", "usat") else 1), False


def _multiply(rule: Rule, name: str, text: str, flags: bool) -> Rule:
    half = HALVES.match(name) is not None
    cycles = TIMES["multiply_half_result" if half else "multiply_result"]
    rule.times = (cycles,) * 3
    rule.busy = 3 if name in LONG or re.match(r"sml[as]ldx?$", name) else 1 if half else 2
    if name in LONG or re.match(r"smlal|sml[as]ld", name):
        low, high, rest = text.split(", ", 2)
        rule.writes, rule.reads = registers(f"{low} {high}"), registers(rest)
        rule.reads |= 0 if name in ("umull", "smull") else rule.writes
    rule.writes |= FLAGS if flags else 0
    return rule


def _extension(name: str, kind: str, text: str, line: capstone.CsInsn) -> Rule:
    if re.match(r"v(?:ldr|str|ldm|stm|push|pop)|f(?:ldm|stm)", name):
        return _words(name, text)
    if re.match(r"v(?:ld|st)[1-4]$", name):
        return _elements(name, text)
    target, _, operands = text.partition(", ")
    rule = Rule(FLOATING, writes=registers(target), reads=registers(operands), any_busy=True)
    cycles = 1
    if name == "vmrs":
        rule.writes, rule.reads = FLAGS if target == "apsr_nzcv" else registers(target), FPSCR
    elif _is_simd(line):
        cycles = _simd_cycles(name, kind)
        _simd_registers(rule, name, text)
    else:
        cycles = _scalar(rule, name, kind, text)
    rule.times = (cycles,) * 3
    return rule


def _is_simd(line: capstone.CsInsn) -> bool:
    word = int.from_bytes(line.bytes, "little")
    return word >> 25 == 0x79 or word & 0xEF00 == 0xEF00


def _scalar(rule: Rule, name: str, kind: str, text: str) -> int:
    """Return the time of an operation of VFP, or of a move to or from core registers, whose registers are set."""
    core = rule.reads & 0x7FFF, rule.writes & 0x7FFF
    if name == "vcmp" or name == "vcmpe":
        rule.reads, rule.writes = registers(text), FPSCR
    if name == "vmov" and any(core):
        to_core = core[1] != 0
        names = text.split(", ")
        if len(names) > 2:
            half = len(names) // 2
            rule.writes, rule.reads = registers(", ".join(names[: -2 if to_core else half])), registers(text)
            core_side = [each for each in names if registers(each) & 0x7FFF]
            other = [each for each in names if not registers(each) & 0x7FFF]
            sides = (core_side, other) if to_core else (other, core_side)
            rule.writes, rule.reads = (registers(", ".join(side)) for side in sides)
        elif "[" in names[0]:
            rule.reads |= rule.writes
        return 2 if to_core else 1
    if re.match(r"vn?ml[as]$", name):
        rule.reads |= rule.writes
        return 8
    return {"vmov": 1, "vabs": 1, "vneg": 1, "vmul": 6, "vnmul": 6, "vdiv": 6, "vsqrt": 5}.get(name, 4)


def _simd_cycles(name: str, kind: str) -> int:
    floats = kind.startswith("f32") or kind.endswith(".f32")
    if name == "vcvt" and "f16" in kind:
        return 2
    if SIMD_PERMUTES.match(name):
        return 2
    if floats and not SIMD_ESTIMATES.match(name):
        return 8 if name in ("vmla", "vmls") else 5
    return 6 if SIMD_MULTIPLY.match(name) else 3


def _simd_registers(rule: Rule, name: str, text: str) -> None:
    if SIMD_ACCUMULATES.match(name) or (name in ("vorr", "vbic") and "#" in text):
        rule.reads |= rule.writes
    if name in SWAPS:
        rule.reads = rule.writes = registers(text)


def _words(name: str, text: str) -> Rule:
    """Return the facts of VLDR, VSTR, VLDM and VSTM: two words a cycle, the result a cycle behind the last ones."""
    place, _, names = text.partition("{") if "{" in text else text.partition("[")[::-1]
    if name in ("vpush", "vpop"):
        place = "sp!"
    words = sum(1 if each[0] == "s" else 2 for each in REGISTER.findall(names) if each not in NAMES)
    rule = Rule(TRANSFER, busy=(words + 1) // 2, locates=registers(place))
    rule.updated = rule.locates if "!" in place else 0
    rule.writes = registers(names) if re.match(r"vld|fldm|vpop", name) else 0
    rule.times = (rule.busy,) * 3
    return rule


def _elements(name: str, text: str) -> Rule:
    names, _, place = text.partition("}")
    every, lane = "[]" in names, re.search(r"\[\d", names) is not None
    rule = Rule(TRANSFER, busy=1 if every else 2 if lane else (names.count(",") + 2) // 2)
    base, _, index = place.partition("[")[2].partition("]")
    rule.locates = registers(base) | registers(index)
    rule.updated = registers(base) if index else 0
    if name.startswith("vld"):
        rule.writes = registers(names)
        rule.reads = rule.writes if lane else 0
    rule.times = (rule.busy,) * 3
    return rule
