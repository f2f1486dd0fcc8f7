# SPDX-License-Identifier: LGPL-2.1-or-later
"""The values of ported scripts, which the old module wrote as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gi.repository import GLib

from .values import PLAIN, from_plain, to_variant


def to_json_variant(value: Any) -> GLib.Variant:
    """Make the variant of a value, with the names that JSON gives keys which are no strings."""
    # What is plain has such names, and no longer integers.
    variant = from_plain(value) if type(value) in PLAIN else None
    return to_variant(_with_names(value)) if variant is None else variant


def _with_names(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_name(key): _with_names(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return [_with_names(item) for item in value]
    if isinstance(value, int) and not GLib.MININT64 <= value <= GLib.MAXUINT64:
        return _digits(value)
    return value


def _digits(number: int) -> GLib.Variant:
    """An integer that no type of GLib holds, as the library keeps its digits."""
    return GLib.Variant.new_dict_entry(GLib.Variant("y", 0), GLib.Variant("s", str(number)))


def _name(key: Any) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise TypeError("keys are of type str, int, float, bool or NoneType, "
                    f"not {type(key).__name__}: {key!r:.80}")
