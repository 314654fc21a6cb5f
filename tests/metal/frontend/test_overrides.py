# SPDX-License-Identifier: Apache-2.0
"""A build overrides parameters and initial bytes; what it does not touch stays as it was."""

import sys
from collections.abc import Mapping

import pytest

from ovm.metal import param
from ovm.metal.compiler import Options, Unit, compile_once, compile_unit
from ovm.metal.frontend import source
from ovm.metal.lang.parameters import overriding
from tests.metal.frontend import by_name, limits, uses_limits

LIMITS = limits.__name__
ITEMS = f"{uses_limits.__name__}.ITEMS"


def build(constants: Mapping[str, int | bool] | None = None, data: Mapping[str, bytes] | None = None) -> Unit:
    options = Options("arm", debug=False, constants=constants or {}, data=data or {})
    return compile_unit([uses_limits.size], options)


def test_defaults_hold_without_overrides() -> None:
    unit = build()
    assert "ret i32 16" in unit.ir
    assert ITEMS not in unit.statics


def test_an_override_reaches_constants_computed_from_it() -> None:
    unit = build(constants={f"{LIMITS}.LIMIT": 20, f"{LIMITS}.WIDE": True})
    assert "ret i32 40" in unit.ir
    assert unit.statics[ITEMS].size == 160


def test_an_override_reaches_a_module_that_is_imported_from_its_package() -> None:
    options = Options("arm", debug=False, constants={f"{LIMITS}.LIMIT": 20})
    assert "ret i32 20" in compile_unit([by_name.limit], options).ir
    assert by_name.limits is limits and vars(sys.modules[limits.__package__])["limits"] is limits


def test_the_modules_are_as_before_afterwards() -> None:
    build(constants={f"{LIMITS}.LIMIT": 3})
    assert limits.LIMIT == 8
    assert sys.modules[uses_limits.__name__] is uses_limits
    assert sys.modules[LIMITS] is limits
    assert "ret i32 16" in build().ir


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="NOTHING"):
        build(constants={f"{LIMITS}.NOTHING": 1})


def test_a_parameter_keeps_its_type() -> None:
    with pytest.raises(TypeError, match=r"LIMIT is a int, not True"):
        build(constants={f"{LIMITS}.LIMIT": True})


def test_initial_bytes_are_given_by_name() -> None:
    wide = {f"{LIMITS}.WIDE": True}
    unit = build(constants=wide, data={ITEMS: b"\x07"})
    assert unit.statics[ITEMS].init == b"\x07"
    with pytest.raises(ValueError, match="65 initial bytes"):
        build(constants=wide, data={ITEMS: bytes(65)})


def test_a_parameter_behind_more_names_than_a_byte_counts() -> None:
    """Finding a parameter's name reads the module's code, where a number above 255 takes a prefix."""
    text = "".join(f"NAME_{number} = {number}\n" for number in range(300)) + "FAR = param(5)\nOTHER = 1\n"
    names: dict[str, object] = {"__name__": "far", "param": param}
    with overriding({"far.FAR": 9}) as used:
        exec(text, names)
    assert names["FAR"] == 9 and used == {"far.FAR"}


def test_sources_are_forgotten_after_a_large_program() -> None:
    """Their trees would be looked through at each collection, at the process's end too."""
    first = compile_once([uses_limits.size], Options("arm", debug=False))
    assert source._parse.cache_info().currsize == 0
    assert compile_unit([uses_limits.size], Options("arm", debug=False)).parts == first.parts
    assert source._parse.cache_info().currsize > 0
