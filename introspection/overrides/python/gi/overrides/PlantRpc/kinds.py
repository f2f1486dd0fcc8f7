# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the values of a declared property are: as Python has them, and as GObject does."""

import enum
import itertools
import json
import math
import re
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from .methods import type_string_of
from .values import fit, from_variant

STRINGS = {GObject.TYPE_BOOLEAN: "b", GObject.TYPE_INT: "i", GObject.TYPE_UINT: "u",
           GObject.TYPE_INT64: "x", GObject.TYPE_UINT64: "t", GObject.TYPE_DOUBLE: "d",
           GObject.TYPE_STRING: "s", GObject.TYPE_STRV: "as", GObject.TYPE_VARIANT: "v"}
# For these PyGObject makes no GParamSpec: they are held in wider integers.
NARROW = {"y": ("i", 0, 255), "n": ("i", -32768, 32767), "q": ("u", 0, 65535)}
LIMITS = {"i": (GLib.MININT32, GLib.MAXINT32), "u": (0, GLib.MAXUINT32),
          "x": (GLib.MININT64, GLib.MAXINT64), "t": (0, GLib.MAXUINT64),
          "d": (-GLib.MAXDOUBLE, GLib.MAXDOUBLE)}
ZERO = {"b": False, "i": 0, "u": 0, "x": 0, "t": 0, "d": 0.0, "s": ""}


def _equal_integer(value: Any) -> int | None:
    """The integer that equals the value of a member, or its text, if GObject can hold it."""
    if isinstance(value, str):
        if re.fullmatch("0|-?[1-9][0-9]{0,9}", value) is None:
            return None
    elif not isinstance(value, int) and not (isinstance(value, float) and value.is_integer()):
        return None
    number = int(value)
    return number if GLib.MININT32 <= number <= GLib.MAXINT32 else None


def _number_choices(members: dict[str, Any]) -> dict[str, int]:
    """A number for each choice, by which clients may write it: the integer that its value equals.

    A choice without such a value gets one of the lowest numbers there are, which nobody writes by
    mistake.
    """
    numbers: dict[str, int] = {}
    taken: dict[int, Any] = {}
    integers = [nick for nick, member in members.items() if isinstance(member.value, int)]
    for nick in [*integers, *members]:
        member = members[nick]
        number = _equal_integer(member.value)
        if nick not in numbers and number is not None \
                and taken.setdefault(number, member) is member:
            numbers[nick] = number
    spare = (number for number in itertools.count(GLib.MININT32) if number not in taken)
    return {nick: numbers[nick] if nick in numbers else next(spare) for nick in members}


class Kind:
    """The type of a property, from what is written where it is declared."""

    def __init__(self, annotation: Any, name: str | None, default: Any, minimum: Any,
                 maximum: Any) -> None:
        self._name = name
        self._members: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        self._flags: Any = None
        self.type_string = self._read(annotation, (default, minimum, maximum))
        if self.type_string is None:
            self._hand_on(annotation, default)
            return
        if self.type_string in NARROW:
            self.type_string, low, high = NARROW[self.type_string]
            minimum = low if minimum is None else max(minimum, low)
            maximum = high if maximum is None else min(maximum, high)
        description: dict[str, Any] = {"type": self.type_string}
        if self._numbers:
            description["choices"] = self._numbers
        for key, limit, none in (("minimum", minimum, -math.inf), ("maximum", maximum, math.inf)):
            if limit is None or limit == none:
                continue
            if not math.isfinite(limit):
                raise ValueError(f"the {key} is a number, not {limit!r}")
            description[key] = limit
        try:
            info = PlantRpc.InterfaceInfo.new_from_json(
                json.dumps({"properties": {name or "value": {"name": "value", **description}}}))
        except GLib.Error as error:
            raise TypeError(error.message) from None
        self._info = info.lookup_property("value")
        self.gtype = self._info.create_param_spec().value_type
        self._limits = minimum, maximum
        self.default = None
        self.default = self._zero() if default is None else self.fit(default)

    def _read(self, annotation: Any, numbers: tuple[Any, ...]) -> str | None:
        """The type of the values as they travel; None for one that only GObject knows."""
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            return self._read_enumeration(annotation)
        if isinstance(annotation, GLib.VariantType):
            return str(annotation.dup_string())
        if isinstance(annotation, str):
            if not GLib.VariantType.string_is_valid(annotation):
                raise TypeError(f"there is no GVariant type “{annotation}”")
            return annotation
        if annotation is int:
            given = [number for number in numbers if number is not None]
            return next((kind for kind in "ix" if all(LIMITS[kind][0] <= number <= LIMITS[kind][1]
                                                      for number in given)), "t")
        if isinstance(annotation, GObject.GType) or hasattr(annotation, "__gtype__"):
            return STRINGS.get(getattr(annotation, "__gtype__", annotation))
        kind = type_string_of(annotation)
        return "s" if kind == "ms" else kind

    def _read_enumeration(self, cls: Any) -> str:
        """The choices: the values of members that have texts as such, or else their names."""
        is_flags = issubclass(cls, enum.Flag)
        self._flags = cls if is_flags else None
        for name, member in cls.__members__.items():
            nick = member.value if isinstance(member.value, str) else name
            self._members.setdefault(str(nick), member)
        self._numbers = {nick: int(member.value) for nick, member in self._members.items()} \
            if is_flags else _number_choices(self._members)
        if not self._numbers:
            raise TypeError(f"{cls.__name__} has no members")
        return "as" if is_flags else "s"

    def _hand_on(self, annotation: Any, default: Any) -> None:
        """Leave values of a type such as `Gio.PasswordSave` to PyGObject."""
        declared = GObject.Property(type=annotation, default=default)
        self.gtype, self.default, self._info = declared.type, declared.default, None
        self._arguments = declared.get_pspec_args()[3:-1]

    def _zero(self) -> Any:
        kind = self.type_string or "v"
        if self._flags is not None:
            return self._flags(0)
        if self._members:
            return next(iter(self._members.values()))
        if kind[0] == "a":
            return {} if kind[1] == "{" else b"" if kind == "ay" else []
        zero = ZERO.get(kind)
        minimum, maximum = self._limits
        if kind in LIMITS and minimum is not None and zero < minimum:
            zero = minimum
        if kind in LIMITS and maximum is not None and zero > maximum:
            zero = maximum
        return zero

    @property
    def is_plain(self) -> bool:
        """Whether GObject and Python have the same values, and these are as they travel."""
        return self._info is not None and not self._members and self.gtype != GObject.TYPE_VARIANT

    def arguments(self) -> tuple[Any, ...]:
        """What PyGObject makes a GParamSpec of, but for its name, texts and flags."""
        if self._info is None:
            return self._arguments  # type: ignore[no-any-return]
        default = self.to_gobject(self.default)
        if self.type_string not in LIMITS:
            return () if self.gtype == GObject.TYPE_STRV else (default,)
        low, high = LIMITS[self.type_string]
        minimum, maximum = self._limits
        return (low if minimum is None else max(minimum, low),
                high if maximum is None else min(maximum, high), default)

    def fit(self, value: Any) -> Any:
        """The plain value that stands for one that somebody sets, or a TypeError or ValueError."""
        if self._info is None:
            return value
        if value is None and self.default is not None and self.type_string not in ("s", "v"):
            raise TypeError(f"“{self._name}”: expected a value of type {self.type_string}, "
                            "got None")
        if isinstance(value, enum.Enum) and value in self._members.values():
            return value
        if self._members and self._flags is None and isinstance(value, (float, int, tuple)) \
                and not isinstance(value, bool):
            # The program gives the value of a member.  Only a peer may give the number of a choice.
            for member in self._members.values():
                if member.value == value:
                    return member
        return self._from_variant(fit(self._info, value))

    def _from_variant(self, variant: GLib.Variant) -> Any:
        value = from_variant(variant)
        if self._flags is not None:
            return self._flags(sum(self._numbers[nick] for nick in value))
        return self._members[value] if self._members else value

    def to_gobject(self, value: Any) -> Any:
        """A plain value as PyGObject takes it."""
        if self._info is None or (value is None and not self._members):
            return value
        if self._flags is not None:
            return sum(self._numbers[nick] for nick in fit(self._info, value).unpack())
        if self._members:
            fitted = self.fit(value)
            return next(self._numbers[nick] for nick, member in self._members.items()
                        if member is fitted)
        return fit(self._info, value) if self.gtype == GObject.TYPE_VARIANT else value

    def to_plain(self, value: Any) -> Any:
        """A value of PyGObject, such as a GLib.Variant, as plain Python."""
        if self._info is None:
            return value
        if self._flags is not None:
            return self._flags(int(value))
        if self._members:
            return next(self._members[nick] for nick, number in self._numbers.items()
                        if number == int(value))
        return from_variant(value) if isinstance(value, GLib.Variant) else value
