# SPDX-License-Identifier: Apache-2.0
"""The conversion of annotations to kinds.

Annotations may be strings (`from __future__ import annotations`, or a struct that points to itself), so they
are resolved late, in the namespace of the module that wrote them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ForwardRef, get_args, get_origin

from ovm.metal.lang.integers import Scalar
from ovm.metal.lang.kinds import ArrayType, PointerType, align_of, is_struct, kind_name, size_of
from ovm.metal.lang.references import Array, Ptr

__all__ = ["ArrayType", "PointerType", "align_of", "kind_name", "resolve", "resolve_in", "size_of"]


def resolve(annotation: Any, names: Mapping[str, Any] | None = None) -> Any:
    """Return the kind that an annotation means; an array's length comes from its declaration."""
    if isinstance(annotation, str):
        annotation = eval(annotation, dict(names or {}))  # the programmer's own source text
    if isinstance(annotation, ForwardRef):
        return resolve(annotation.__forward_arg__, names)
    if isinstance(annotation, ArrayType | PointerType):
        return annotation
    if isinstance(annotation, Array):
        return annotation.kind
    if get_origin(annotation) is Ptr:
        return PointerType(resolve(get_args(annotation)[0], names))
    if annotation is bool or is_struct(annotation):
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, Scalar):
        return annotation
    raise TypeError(f"{annotation!r} is not a type that metal can keep in memory")


def resolve_in(module: str, annotation: Any, extra: Mapping[str, Any] | None = None) -> Any:
    """Resolve an annotation written in the named module."""
    names = vars(sys.modules[module]) if module in sys.modules else {}
    return resolve(annotation, {**names, **(extra or {})})
