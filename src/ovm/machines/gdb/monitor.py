# SPDX-License-Identifier: Apache-2.0
"""`monitor ...`: commands that GDB itself doesn't have.

A command is about the CPU that stopped last: GDB doesn't say which thread is chosen. `monitor cpu 1 ...` names another.
"""

from collections.abc import Sequence

from ovm.machines.gdb.memory import Memory
from ovm.machines.gdb.target import Target, TargetError

_ROW = 16
_MOST = 4096
_HELP = (
    "cpu NUMBER COMMAND          for another CPU than the one that stopped last",
    "phys ADDRESS [LENGTH]       show physical memory",
    "physical on|off             let GDB's own commands address physical memory",
    "translate ADDRESS           say where a virtual address leads on this CPU",
    "cp15 [NAME]                 show this CPU's CP15 registers, or one",
    "reset                       begin again, halted at the first instruction",
)


def run(target: Target, memory: Memory, core: int, words: Sequence[str]) -> str:
    """Execute a command; return the text for the user."""
    try:
        return _run(target, memory, core, list(words))
    except TargetError as error:
        return f"{error}\n"
    except (ValueError, IndexError, KeyError):
        return f"monitor {' '.join(words)}: not understood; 'monitor help' lists the commands\n"


def _run(target: Target, memory: Memory, core: int, words: list[str]) -> str:
    match words:
        case ["cpu", number, *rest] if 0 <= int(number) < target.cores:
            return _run(target, memory, int(number), rest)
        case [] | ["help"]:
            return "\n".join([*_HELP, *target.monitor_help()]) + "\n"
        case ["phys", address, *length]:
            return _dump(target, core, int(address, 0), min(int(length[0], 0) if length else 64, _MOST))
        case ["physical", "on" | "off" as state]:
            memory.physical = state == "on"
            return f"addresses are {'physical' if memory.physical else 'virtual'} now\n"
        case ["translate", address]:
            found = target.translate(core, int(address, 0))
            return f"{int(address, 0):#010x} " + (f"leads to {found:#010x}\n" if found is not None else "is not mapped\n")
        case ["cp15", *names]:
            return _coprocessor(target, core, names)
        case ["reset"]:
            target.reset()
            return "the machine begins again; 'flushregs' shows it to GDB\n"
        case _:
            answer = target.monitor(words, core)
            if answer is None:
                raise KeyError(words[0])
            return answer


def _dump(target: Target, core: int, address: int, length: int) -> str:
    data = target.read(core, address, length)
    rows = []
    for start in range(0, len(data), _ROW):
        row = data[start : start + _ROW]
        words = [row[at : at + 4][::-1].hex() for at in range(0, len(row), 4)]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{address + start:#010x}  {' '.join(words):35}  {text}")
    return "\n".join(rows) + "\n"


def _coprocessor(target: Target, core: int, names: Sequence[str]) -> str:
    known = [name for name in target.register_names() if name.isupper()]
    chosen = [name.upper() for name in names] or known
    for name in chosen:
        if name not in known:
            raise KeyError(name)
    return "".join(f"{name:12} {target.get(core, name):#010x}\n" for name in chosen)
