# SPDX-License-Identifier: LGPL-2.1-or-later
"""The signature of a remote method, as Python shows those of functions."""

import inspect
import re
from typing import Any

from gi.repository import GLib

from .values import from_variant

KINDS: dict[str, Any] = {
    "b": bool, "d": float, **dict.fromkeys("ynqiuxt", int), **dict.fromkeys("sog", str),
    "ay": bytes, "()": None}
# A string, or one character of anything else.
TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|.""", re.DOTALL)


def read(signature: str | None, buffer: bool) -> inspect.Signature | None:
    """The signature; None for one that is not known or that no function in Python could have."""
    if signature is None:
        return None
    texts, returned = _split(signature)
    result: Any = _annotation(returned)
    if buffer:
        result = tuple[bytes, dict[str, Any]]
    try:
        return inspect.Signature([_parameter(text) for text in texts if text.strip()],
                                 return_annotation=result)
    except (ValueError, GLib.Error):
        return None


def _split(signature: str) -> tuple[list[str], str]:
    """The parameters, and the type that is returned: `v` where it is not told."""
    parts, depth, returned = [""], 0, "v"
    for match in TOKEN.finditer(signature):
        token = match.group()
        depth += (token in "([{<") - (token in ")]}>" and depth > 0)
        if token == "," and depth == 0:
            parts.append("")
        elif token == ">" and depth == 0 and parts[-1].endswith("-"):
            parts[-1], returned = parts[-1][:-1], signature[match.end():].strip()
            break
        else:
            parts[-1] += token
    return parts, returned


def _parameter(text: str) -> inspect.Parameter:
    declared, equals, default = text.partition("=")
    name, _, kind = (part.strip() for part in declared.partition(":"))
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=_annotation(kind or "v"),
        default=_default(kind or "v", default.strip()) if equals else inspect.Parameter.empty)


def _annotation(kind: str) -> Any:
    """The class of the values of a type; none is told for any value."""
    if kind in KINDS:
        return KINDS[kind]
    if kind[0] == "m" and kind[1:] in KINDS:
        return KINDS[kind[1:]] | None
    return {"a": dict if kind.startswith("a{") else list, "(": tuple}.get(
        kind[0], inspect.Parameter.empty)


def _default(kind: str, text: str) -> Any:
    expected = None if kind == "v" else GLib.VariantType(kind)
    return from_variant(GLib.Variant.parse(expected, text, None, None))
