# SPDX-License-Identifier: Apache-2.0
"""The conversion of one function to IR: head, frame slots, body; naked and extern functions."""

from __future__ import annotations

from ovm.metal.emit.context import FunctionContext, ModuleContext
from ovm.metal.emit.machine import inline_text
from ovm.metal.emit.spelling import symbol
from ovm.metal.emit.statements import emit_body
from ovm.metal.emit.storage import release_storage, reserve_storage
from ovm.metal.emit.writer import Writer
from ovm.metal.tree.program import Function
from ovm.metal.tree.types import NeverType, VoidType

ARM_ATTRIBUTES = "nounwind noimplicitfloat"
HOST_ATTRIBUTES = "nounwind"


def signature(module: ModuleContext, function: Function, named: bool) -> str:
    """Return `type @name(parameters)`."""
    spelling = module.spelling
    parameters = ", ".join(
        f"{spelling.type(variable.type)}{f' %p{number}' if named else ''}" for number, variable in enumerate(function.parameters)
    )
    return f"{spelling.type(function.result)} {symbol(function.symbol)}({parameters})"


def attributes(module: ModuleContext, function: Function) -> str:
    """Return the function attributes, as IR writes them after the parameters."""
    host = module.memory.host
    words = [HOST_ATTRIBUTES if host else ARM_ATTRIBUTES]
    if function.kind == "naked":
        words.append("naked noinline")
    elif function.inline is not None:
        words.append("alwaysinline" if function.inline else "noinline")
    if isinstance(function.result, NeverType):
        # A checked build tests this; the optimiser would drop the test for a function that is declared never to return.
        words.append("cold" if module.checked else "noreturn cold")
    if function.symbol.startswith("ovm.metal.runtime."):
        words.append("noinline")
    # An image has a budget of bytes and no C library; on the host only speed counts.
    words.append('"frame-pointer"="none"' if host else 'optsize "frame-pointer"="none" "no-builtins"')
    return " ".join(words)


def emit_declaration(module: ModuleContext, function: Function, linkage: str = "") -> str:
    """Return the declaration of code that something else supplies, or another part with this linkage."""
    # That it ends a path is known here too.
    never = " noreturn cold" if isinstance(function.result, NeverType) and function.kind == "fn" and not module.checked else ""
    return f"declare {linkage}{signature(module, function, False)} nounwind{never}"


def emit_function(module: ModuleContext, function: Function, linkage: str) -> str:
    """Return the definition of one function."""
    writer = Writer()
    scope = module.debug.function(function)
    context = FunctionContext(module, function, writer, scope)
    context.at(function.location)
    if function.kind == "naked":
        for text, location in function.assembly:
            context.at(location)
            writer.effect(f'call void asm sideeffect "{inline_text(text, False)}", ""()')
        writer.end("unreachable")
    else:
        _body(context)
    section = f' section "{function.section}"' if function.section else ""
    attached = f" !dbg !{scope}" if scope >= 0 else ""
    described = f"{signature(module, function, True)} {attributes(module, function)}"
    head = f"define {linkage}{described}{section} align 4{attached} {{"
    return "\n".join([head, "entry:", *writer.entry, *writer.lines, "}"])


def _body(context: FunctionContext) -> None:
    writer, function = context.writer, context.function
    for number, variable in enumerate([*function.parameters, *function.variables]):
        kind = context.type(variable.type)
        slot = context.slots[variable] = writer.slot(f"%v{number}", kind)
        record = context.module.debug.variable(context.scope, function.file, variable, slot)
        if variable.parameter >= 0:
            writer.effect(f"store {kind} %p{number}, ptr {slot}")
        if record:
            writer.lines.append(f"  {record}")
    reserve_storage(context)
    emit_body(context, function.body)
    if not writer.terminated:
        context.at(function.end)
        if isinstance(function.result, VoidType):
            release_storage(context)
            writer.end("ret void")
        else:
            writer.end("unreachable")
