# SPDX-License-Identifier: Apache-2.0
"""The encodings of A32 and T32, made from the rows, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ovm.board.decode import arm_forms, arm_transfer_forms, coprocessor_forms, narrow_forms, wide_forms, wide_transfer_forms
from ovm.board.decode import floating as vfp
from ovm.board.decode.pattern import Encoding, encoding
from ovm.board.execute.row import Pattern
from ovm.board.execute.table import CHOOSING, ROWS

_FORMS: Final[dict[str, ModuleType]] = {
    "arm_forms": arm_forms,
    "arm_transfer_forms": arm_transfer_forms,
    "coprocessor_forms": coprocessor_forms,
    "narrow_forms": narrow_forms,
    "wide_forms": wide_forms,
    "wide_transfer_forms": wide_transfer_forms,
    "vfp": vfp,
}


def _form(name: str) -> Callable[..., Any]:
    file, function = name.split(".")
    form: Callable[..., Any] = getattr(_FORMS[file], function)
    return form


def _in_order() -> list[tuple[Pattern, Encoding]]:
    """Return all encodings, those with more bits that decide first: one that is a special case of another precedes it."""
    patterns = [(each, 0) for each in CHOOSING]
    patterns += [(each, number) for number, row in enumerate(ROWS) for each in row.patterns]
    made = [(each, encoding(each.name, each.bits, _form(each.form), number, each.extra)) for each, number in patterns]
    return sorted(made, key=lambda pair: (not pair[0].early, -pair[1].mask.bit_count()))


_ALL: Final = _in_order()
CONDITIONAL: Final = [made for each, made in _ALL if not each.thumb and each.bits.startswith("cccc")]
UNCONDITIONAL: Final = [made for each, made in _ALL if not each.thumb and each.bits.startswith("1111")]
NARROW: Final = [made for each, made in _ALL if each.thumb and len(made.pattern) == 16]
WIDE: Final = [made for each, made in _ALL if each.thumb and len(made.pattern) == 32]
