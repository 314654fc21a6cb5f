# SPDX-License-Identifier: Apache-2.0
"""The page `docs/reference/metal-errors.md`, made from the table of rules: `python -m ovm.metal.catalogue > docs/...`."""

from __future__ import annotations

from ovm.metal.rules import RULES
from ovm.metal.tree.panics import MEANINGS

_PARTS = {
    "1": "Python that metal does not have",
    "2": "Types",
    "3": "Names and calls",
    "4": "Flow",
}
_HEAD = """# Errors of the metal compiler

Generated from `src/ovm/metal/rules.py` by `python -m ovm.metal.catalogue`; a test keeps it current. Each has a code, the
place, the source line, what was found, what was expected and how to fix it:

```
error[M203]: queue.py:12:12: operands of `<`: signed and unsigned integers do not mix
        return count < limit
               ^^^^^^^^^^^^^
  found:    i32
  expected: u32
  fix:      cast it: `u32(...)`
```

Small programs that each rule refuses, with the exact text, are in `tests/metal/diagnostics/rejected`.
"""


def catalogue() -> str:
    """Return the page."""
    lines = [_HEAD]
    for digit, title in _PARTS.items():
        lines += [f"## {title}", "", "| code | what | fix |", "|---|---|---|"]
        lines += [
            f"| {rule.code} | {_cell(rule.title)} | {_cell(rule.fix)} |" for rule in RULES.values() if rule.code[1] == digit
        ]
        lines.append("")
    lines += ["## Panics of compiled code", "", "| code | what |", "|---|---|"]
    lines += [f"| {code:#010x} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(catalogue(), end="")
