# SPDX-License-Identifier: Apache-2.0
"""Assembly text that several programs need: a symbol's address, a table of exception vectors."""


def symbol_address(name: str) -> str:
    """Return the instructions that put a symbol's address into `{out}`: a template for `asm_value`."""
    return f"movw {{out}}, #:lower16:{name}\nmovt {{out}}, #:upper16:{name}"


def vector_table(
    *,
    label: str = "",
    reset: str = ".",
    undefined: str = ".",
    supervisor_call: str = ".",
    prefetch_abort: str = ".",
    data_abort: str = ".",
    unused: str = ".",
    irq: str = ".",
    fiq: str = ".",
) -> str:
    """Return a table of exception vectors, aligned for VBAR: a branch to each label, or to itself (ARM B1.8.1, B4.1.156).

    `label` names the table. Of Monitor mode's vectors `supervisor_call` is that of SMC.
    """
    targets = (reset, undefined, supervisor_call, prefetch_abort, data_abort, unused, irq, fiq)
    name = f"{label}:\n" if label else ""
    return f".balign 32\n{name}" + "\n".join(f"b {target}" for target in targets)
