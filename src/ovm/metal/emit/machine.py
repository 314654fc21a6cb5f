# SPDX-License-Identifier: Apache-2.0
"""Inline assembly, CP15 and barriers: real instructions on ARM, calls to the simulated processor on the host."""

from __future__ import annotations

import re

from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.spelling import quoted
from ovm.metal.tree.nodes import Assembly, Barrier, SystemRegister
from ovm.metal.tree.types import VoidType

# The number by which the host's simulated processor knows each barrier.
BARRIERS = {"dsb": 0, "dmb": 1, "isb": 2, "clrex": 3, "sev": 4, "wfe": 5, "wfi": 6}
BARRIER_TEXT = {"dsb": "dsb sy", "dmb": "dmb sy", "isb": "isb sy"}
HOST_ASM_INPUTS = 4
_OPERAND = re.compile(r"\{(out|\d+)\}")


def inline_text(template: str, has_output: bool) -> str:
    """Return an assembly template as LLVM writes it: `{out}` and `{n}` become `$n`."""

    def operand(match: re.Match[str]) -> str:
        name = match.group(1)
        return "\0" + ("0" if name == "out" else str(int(name) + has_output)) + "\1"

    marked = _OPERAND.sub(operand, template).replace("$", "$$")
    return quoted(re.sub("\0(\\d+)\1", r"${\1}", marked).encode())


def assembly(context: FunctionContext, node: Assembly, values: list[str]) -> str:
    """Write inline assembly; its result is an i32."""
    has_output = not isinstance(node.type, VoidType)
    if context.memory.host:
        return _host_assembly(context, node, values)
    constraints = (["=r"] if has_output else []) + ["r"] * len(values)
    clobbers = dict.fromkeys([*node.clobbers, "memory", "cc"])
    constraints += [f"~{{{name}}}" for name in clobbers]
    arguments = ", ".join(f"i32 {value}" for value in values)
    text = inline_text(node.template, has_output)
    call = f'call {"i32" if has_output else "void"} asm sideeffect "{text}", "{",".join(constraints)}"({arguments})'
    if has_output:
        return context.writer.value(call)
    context.writer.effect(call)
    return ""


def _host_assembly(context: FunctionContext, node: Assembly, values: list[str]) -> str:
    templates = context.module.templates
    if node.template not in templates:
        templates.append(node.template)
    padded = [str(templates.index(node.template)), *values, *["0"] * (HOST_ASM_INPUTS - len(values))]
    return context.writer.value(f"call i32 @metal_asm({', '.join(f'i32 {value}' for value in padded)})")


def system_register(context: FunctionContext, node: SystemRegister, operand: str | None) -> str:
    """Read or write a CP15 register."""
    crn, op1, crm, op2 = node.register
    if context.memory.host:
        encoding = crn << 12 | op1 << 8 | crm << 4 | op2
        if operand is None:
            return context.writer.value(f"call i32 @metal_cp15_read(i32 {encoding})")
        context.writer.effect(f"call void @metal_cp15_write(i32 {encoding}, i32 {operand})")
        return ""
    fields = f"p15, {op1}, $0, c{crn}, c{crm}, {op2}"
    if operand is None:
        return context.writer.value(f'call i32 asm sideeffect "mrc {fields}", "=r,~{{memory}}"()')
    context.writer.effect(f'call void asm sideeffect "mcr {fields}", "r,~{{memory}}"(i32 {operand})')
    return ""


def barrier(context: FunctionContext, node: Barrier) -> None:
    """Write a barrier or hint."""
    if context.memory.host:
        context.writer.effect(f"call void @metal_barrier(i32 {BARRIERS[node.name]})")
        return
    text = BARRIER_TEXT.get(node.name, node.name)
    context.writer.effect(f'call void asm sideeffect "{text}", "~{{memory}}"()')
