# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plain Python values to GLib.Variant and back, and to what a GObject property holds."""

import enum
import json
import marshal
import numbers
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from . import errors

FORMAT = 2  # of marshal: the one that the library reads
# What Python and the library turn over in C, as long as all that is in it is of these types, too.
PLAIN = frozenset((bool, int, float, str, list, tuple, dict))
NOTHING = GLib.Variant("mv", None)
BYTES = GLib.VariantType("ay")


def to_variant(value: Any) -> GLib.Variant:
    """Make the variant for a value: None is an empty maybe, a sequence `av`, a mapping `a{sv}`.

    Enumerations travel as their nick, flags as the list of their nicks; those of Python that are no
    integers travel as their text or name.  A value of another type is a TypeError, one that is too
    large, or a text with a NUL character, a `CallValueError`.
    """
    try:
        return _to_variant(value)
    except RecursionError:
        raise errors.refusal("a value that is nested so deeply cannot travel") from None


def _to_variant(value: Any) -> GLib.Variant:
    if value is None:
        return NOTHING
    if type(value) in PLAIN:
        variant = from_plain(value)
        if variant is not None:
            return variant
    if isinstance(value, GLib.Variant):
        return value
    if isinstance(value, str):
        return GLib.Variant("s", _text(value))
    if isinstance(value, enum.Enum) and not isinstance(value, int):
        return _member_to_variant(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return GLib.Variant.new_from_bytes(BYTES, GLib.Bytes.new(bytes(value)), True)
    if isinstance(value, numbers.Number):
        return _number_to_variant(value)
    if isinstance(value, Mapping):
        return GLib.Variant("a{sv}", {_key(name): _to_variant(item)
                                      for name, item in value.items()})
    if isinstance(value, Sequence):
        return GLib.Variant("av", [_to_variant(item) for item in value])
    if hasattr(value, "item") and hasattr(value, "dtype") and not getattr(value, "ndim", 1):
        return _to_variant(value.item())
    raise TypeError(f"a value of type {type(value).__name__} cannot travel: {value!r:.80}")


def from_plain(value: Any) -> GLib.Variant | None:
    """Make it of all at once; None where something in it is to be looked at by itself."""
    data = to_marshal(value)
    return None if data is None else PlantRpc.value_from_marshal(data)


def _key(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the names in a mapping are strings, not {type(name).__name__}: {name!r}")
    return _text(name)


def _text(text: str) -> str:
    """A text with U+FFFD for lone surrogates.  GLib would cut it off at a NUL."""
    if "\0" in text:
        raise errors.refusal(f"a text with a NUL character cannot travel: {text!r:.80}")
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _shown(number: int) -> str:
    """An integer, or its order; Python does not print the longest ones."""
    return str(number) if number.bit_length() < 200 else f"about 2**{number.bit_length()}"


def _number_to_variant(value: Any) -> GLib.Variant:
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, GObject.GFlags):
        return _flags_to_variant(value)
    if isinstance(value, GObject.GEnum):
        return GLib.Variant("s", value.value_nick)
    if isinstance(value, numbers.Integral):
        number = int(value)
        if GLib.MININT64 <= number <= GLib.MAXINT64:
            return GLib.Variant("x", number)
        if 0 <= number <= GLib.MAXUINT64:
            return GLib.Variant("t", number)
        raise errors.refusal(f"an integer of more than 64 bits cannot travel: {_shown(number)}")
    if isinstance(value, numbers.Real):
        try:
            return GLib.Variant("d", float(value))
        except OverflowError:
            raise errors.refusal("a number beyond the range of a float cannot travel") from None
    raise TypeError(f"a number of type {type(value).__name__} cannot travel: {value!r}")


def _member_to_variant(member: enum.Enum) -> GLib.Variant:
    """A member of an enumeration of Python: a text that it has as value, or else its name."""
    if isinstance(member, enum.Flag):
        names = [one.name for one in type(member) if one in member]
        return GLib.Variant("as", names)
    return GLib.Variant("s", _text(member.value if isinstance(member.value, str) else member.name))


def _flags_to_variant(value: Any) -> GLib.Variant:
    """The nicks of flags; PyGObject also lists those of zero and of what others make up."""
    return PlantRpc.value_to_variant(GObject.Value(value.__gtype__, value))


def from_variant(variant: GLib.Variant | None) -> Any:
    """The plain value of a variant; an array of bytes is bytes, an empty maybe or tuple None."""
    if variant is None:
        return None
    data = PlantRpc.value_to_marshal(variant)
    return marshal.loads(data) if data else _piecewise(variant)


def from_outcome(data: bytes) -> Any:
    """The result that one of the library's functions for marshal tells; an error is raised."""
    told = marshal.loads(data)
    if len(told) == 1:
        return told[0]
    if len(told) == 2:
        kind, serialised = told
        return _piecewise(GLib.Variant.new_from_bytes(GLib.VariantType(kind),
                                                      GLib.Bytes.new(serialised), True))
    errors.raise_told(*told)


def from_marshal(data: bytes) -> Any:
    """The plain value that the library has told."""
    return marshal.loads(data)


def to_marshal(value: Any) -> bytes | None:
    """What the library takes for a plain value; None for one that is to be looked at by itself."""
    try:
        return marshal.dumps(value, FORMAT)
    except ValueError:
        return None


def _piecewise(variant: GLib.Variant) -> Any:
    """The same, for a value with something in it that marshal does not tell."""
    kind = variant.get_type_string()
    if kind == "ay":
        return variant.get_data_as_bytes().get_data() or b""
    if kind == "v":
        return from_variant(variant.get_variant())
    if kind[0] == "m":
        return from_variant(variant.get_child_value(0)) if variant.n_children() else None
    if kind == "()":
        return None
    if kind == "{ys}":
        return _kept(variant)
    if kind in ("av", "a{sv}") or kind[0] == "(":
        children = [variant.get_child_value(index) for index in range(variant.n_children())]
        if kind == "a{sv}":
            return {child.get_child_value(0).get_string(): from_variant(child.get_child_value(1))
                    for child in children}
        items = map(from_variant, children)
        return list(items) if kind == "av" else tuple(items)
    return variant.unpack()


def _kept(variant: GLib.Variant) -> Any:
    """What no type of GLib holds, as its JSON: an integer beyond 64 bits, a text with a NUL."""
    is_text, json_text = variant.get_child_value(0).get_byte(), variant.get_child_value(1)
    return json.loads(f'"{json_text.get_string()}"' if is_text else json_text.get_string())


def from_buffer(result: tuple[GLib.Bytes, GLib.Variant]) -> tuple[bytes, Any]:
    """The bytes that a method returned, and what it tells of them."""
    data, info = result
    return data.get_data() or b"", from_variant(info) or {}


def _of_type(variant: GLib.Variant, beginnings: tuple[str, ...], what: str) -> GLib.Variant:
    """A variant whose type begins so.  The library takes another for a mistake in C."""
    if not variant.get_type_string().startswith(beginnings):
        raise TypeError(f"{what}, not a GVariant of type {variant.get_type_string()}")
    return variant


def arguments(args: Any) -> GLib.Variant | None:
    """The positional arguments of a call: a variant as it is, a sequence as `av`."""
    if args is None:
        return None
    if isinstance(args, GLib.Variant):
        return _of_type(args, ("av", "("), "positional arguments are a list or a tuple")
    if isinstance(args, (str, bytes, Mapping)):
        raise TypeError(f"positional arguments are a list or a tuple, not {args!r:.80}")
    return to_variant(list(args))


def named_arguments(kwargs: Any) -> GLib.Variant | None:
    """The named arguments of a call: a variant as it is, a mapping as `a{sv}`."""
    if kwargs is None:
        return None
    if isinstance(kwargs, GLib.Variant):
        return _of_type(kwargs, ("a{sv}",), "named arguments are a mapping")
    if not isinstance(kwargs, Mapping):
        raise TypeError(f"named arguments are a mapping, not {kwargs!r:.80}")
    return to_variant(kwargs) if kwargs else None


def fit(info: PlantRpc.PropertyInfo, value: Any) -> GLib.Variant:
    """The variant for a property; what it does not take is a TypeError or a ValueError."""
    wanted = info.get_type_string()
    if isinstance(value, float) and value.is_integer() and info.get_choices():
        value = int(value)
    variant = to_variant(list(value) if wanted == "as" and isinstance(value, Set) else value)
    kind = variant.get_type_string()
    try:
        return info.fit_value(variant)
    except GLib.Error as error:
        if info.get_choices():
            is_kind = kind in ("s", "x", "av")
        else:
            is_kind = kind == wanted or (kind in "xt" and wanted in tuple("ynqiuxtd"))
        raise (errors.wrap(error) if is_kind else TypeError(error.message)) from None


def to_property(spec: GObject.ParamSpec, variant: GLib.Variant) -> Any:
    """What PyGObject takes for a property, of a variant that fits it."""
    return PlantRpc.value_from_variant(variant, spec.value_type)[1]


def from_property(spec: GObject.ParamSpec, value: Any) -> Any:
    """The plain value of a property; the nick, where only the device knows the enumeration."""
    if isinstance(value, GLib.Variant):
        return from_variant(value)
    if spec.value_type.is_a(GObject.TYPE_VARIANT):
        return None
    if isinstance(value, GObject.GFlags) and not _is_known(value):
        return _flags_to_variant(value).unpack()
    if isinstance(value, GObject.GEnum) and not _is_known(value):
        return value.value_nick
    # Printed, it shows no escape sequences of a peer.
    return errors.wrap(value) if isinstance(value, GLib.Error) else value


def _is_known(value: Any) -> bool:
    return getattr(type(value), "__info__", None) is not None
