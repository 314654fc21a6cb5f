# SPDX-License-Identifier: Apache-2.0
"""Texts that say why OVM ended early: it failed itself, or refused a machine that isn't the described one."""

from collections.abc import Mapping

from ovm.machines.stream import Value

# Records `broken why=...` of core.boot_check and core.boot_hard.
_REFUSALS = {
    "cpu1": "CPU 1 did not come to OVM after its reset: is there a second core, and does nothing hold it?",
    "cpu0": "CPU 1 waited longer than a boot takes, and CPU 0 has not prepared its guest: CPU 0 has stopped without a word, or "
    "something holds it",
    "scu": "the SCU refuses CPU 0 (SCU access control, MPCore TRM 2.2.9): the boot loader took its access away, which only "
    "a reset gives back",
    "image": "{name} is not in memory as it was built ({at}, {bytes} bytes): the boot loader loaded it in part, elsewhere or "
    "not at all, or wrote over it",
    "clock": "the timers run at {measured} Hz by the clock registers, the board file says timer_hz = {described}: correct "
    "timer_hz or ps_clk_hz in the board file, or the boot loader's clock setting",
}


def refusal_text(fields: Mapping[str, Value]) -> str | None:
    """Return why OVM refused to begin; None if it failed itself."""
    why = _REFUSALS.get(str(fields.get("why", "")))
    if why is None:
        return None
    shown = {key: f"{value:#010x}" if key == "at" and isinstance(value, int) else value for key, value in fields.items()}
    try:
        return "OVM did not begin: " + why.format(**shown)
    except KeyError:
        return f"OVM did not begin: {fields['why']}"


def leftover_text(fields: Mapping[str, Value]) -> str:
    """Return a text about the state that OVM found and dropped (record `loader`)."""
    status = fields.get("status", 0)
    shown = f"{status:#x}" if isinstance(status, int) else status
    return f"the boot loader left an asynchronous external abort pending (DFSR {shown}); it was dropped, no guest sees it"
