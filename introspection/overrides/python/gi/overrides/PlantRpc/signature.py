# SPDX-License-Identifier: LGPL-2.1-or-later
"""The signature of a remote method, as Python shows those of functions."""

import inspect
from typing import Any

from gi.repository import PlantRpc

from .values import from_variant

KINDS: dict[str, Any] = {
    "b": bool, "d": float, **dict.fromkeys("ynqiuxt", int), **dict.fromkeys("sog", str),
    "ay": bytes, "()": None}


def read(method: PlantRpc.MethodInfo) -> inspect.Signature | None:
    """The signature; None for one that is not known or that no function in Python could have."""
    count = method.get_n_parameters()
    if count < 0:
        return None
    returned: Any = _annotation(method.get_return_type() or "v")
    if method.get_buffer():
        returned = tuple[bytes, dict[str, Any]]
    try:
        return inspect.Signature([_parameter(method.get_parameter(i)) for i in range(count)],
                                 return_annotation=returned)
    except ValueError:
        return None


def _parameter(info: PlantRpc.ParameterInfo) -> inspect.Parameter:
    default = info.get_default()
    return inspect.Parameter(
        info.get_name(), inspect.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=_annotation(info.get_type_string()),
        default=inspect.Parameter.empty if default is None else from_variant(default))


def _annotation(kind: str) -> Any:
    """The class of the values of a type; none is told for any value."""
    if kind in KINDS:
        return KINDS[kind]
    if kind[0] == "m":
        inner = _annotation(kind[1:])
        return inner if inner in (None, inspect.Parameter.empty) else inner | None
    return {"a": dict if kind.startswith("a{") else list, "(": tuple}.get(
        kind[0], inspect.Parameter.empty)
