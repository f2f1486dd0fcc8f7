# SPDX-License-Identifier: LGPL-2.1-or-later
"""The declaration of a property with all that clients are told of it."""

import copy
import functools
import inspect
import math
import re
import sys
import typing
from collections.abc import Callable
from typing import Any

from gi.repository import GObject, PlantRpc

from .kinds import Kind

BLOCKING = "__plant_rpc_blocking__"
READWRITE, WRITABLE = GObject.ParamFlags.READWRITE, GObject.ParamFlags.WRITABLE
CONSTRUCT = GObject.ParamFlags.CONSTRUCT | GObject.ParamFlags.CONSTRUCT_ONLY
_declared: set[str] = set()


class Property(GObject.Property):
    """A property of a device: `rotation = PlantRpc.property(type=int, maximum=359, unit="°")`.

    It decorates a getter, too, and its `setter` decorates what sets the value; without that,
    clients can only read it.  The type is one that `GObject.Property` takes, an `enum.Enum` or
    `enum.Flag`, an annotation such as `list[str]` or `tuple[int, int]`, or a GVariant type such as
    `"(ii)"`.  Without one it is that of the default, or what the getter is annotated to return.
    Getter and setter have plain values.  A change is notified if the value differs.

    `step` is by how much a widget changes a number at once.  A `read_only` property is set by the
    device, and not by clients.
    """

    __module__ = "gi.repository.PlantRpc"

    def __init__(self, getter: Any = None, setter: Any = None, type: Any = None,
                 default: Any = None, nick: str = "", blurb: str = "", flags: Any = READWRITE,
                 minimum: Any = None, maximum: Any = None, *, step: float | None = None,
                 unit: str | None = None, read_only: bool = False) -> None:
        if step is not None and not 0 < step < math.inf:
            raise ValueError(f"the step is a number above 0, not {step!r}")
        self.name, self.nick, self.blurb, self.__doc__ = None, nick, blurb, blurb
        self.default, self.minimum, self.maximum = default, minimum, maximum
        self.step, self.unit, self.read_only = step, unit, read_only
        self._annotation, self._exc = type, None
        self._flags = flags | GObject.ParamFlags.EXPLICIT_NOTIFY
        self._get: Any = None
        self._set: Any = None
        self.fget, self.fset = self._default_getter, self._default_setter
        if getter is not None:
            self.getter(getter)
        if setter is not None:
            self.setter(setter)

    def __set_name__(self, owner: Any, name: str) -> None:
        # GObject's own function takes no plain values.  One that the program defines is kept, and
        # sets the attributes itself.
        if inspect.isroutine(owner.__init__) and not inspect.isfunction(owner.__init__):
            owner.__init__ = _initializer(owner)

    def getter(self, fget: Callable[[Any], Any]) -> Any:
        """Decorate what reads the value."""
        if fget.__doc__:
            self.blurb = self.__doc__ = inspect.cleandoc(fget.__doc__)
        self.fget = self._get = fget
        if self._set is None:
            self.fset = self._readonly_setter
        return self

    def setter(self, fset: Callable[[Any, Any], None]) -> Any:
        """Decorate what sets the value; an exception refuses it."""
        self._set, self.fset = fset, self._take
        if not self.name and self._get is not None:
            self.name = getattr(self._get, "__name__", None)
        return self

    # -- as an attribute, with plain values

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        value = self.fget(instance)
        # PyGObject reads the attribute for GObject, and takes what it gets for GObject's own value.
        if sys._getframe(1).f_globals.get("__name__") == "gi._propertyhelper":
            return self._kind.to_gobject(value)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        if self.fset == self._readonly_setter:
            raise AttributeError(f"the property “{self.name}” cannot be set", name=self.name,
                                 obj=instance)
        self._change(instance, self._kind.fit(value))

    def _default_getter(self, instance: Any) -> Any:
        values, key = vars(instance), f"_property_helper_{self.name}"
        if key not in values and isinstance(self._kind.default, (list, dict)):
            # Each device has one of its own, to which it may add.
            values.setdefault(key, copy.deepcopy(self._kind.default))
        return values.get(key, self._kind.default)

    # PyGObject tells by these two whether it has the value itself; GObject calls them.

    def _default_setter(self, instance: Any, value: Any) -> None:
        self._change(instance, self._kind.to_plain(value))

    def _take(self, instance: Any, value: Any) -> None:
        self._change(instance, self._kind.to_plain(value))

    @functools.cached_property
    def _is_direct(self) -> bool:
        """Whether a peer may set it, and its values are to Python what they are on the wire."""
        return self._kind.is_plain and bool(self.flags & WRITABLE)

    def _change(self, instance: Any, value: Any) -> None:
        """Have the setter take a plain value that fits."""
        before = self._read_if_possible(instance)
        if self._set is None:
            setattr(instance, f"_property_helper_{self.name}", value)
            self._notify(instance, before)
            return
        # What the setter notifies, too, is notified once.
        with instance.freeze_notify():
            self._set(instance, value)
            self._notify(instance, before)

    def _notify(self, instance: Any, before: Any) -> None:
        after = self._read_if_possible(instance)
        if before is self or type(before) is not type(after) or before != after:
            instance.notify(self.name)

    def _read_if_possible(self, instance: Any) -> Any:
        """The value, or the declaration itself if it takes long to read or cannot be read."""
        if hasattr(self.fget, BLOCKING):
            return self
        try:
            return self.fget(instance)
        except Exception:
            return self

    # -- for GObject

    @functools.cached_property
    def _kind(self) -> Kind:
        """What the values are, which is known once the class is made."""
        annotation = self._annotation
        if annotation is None and self.default is not None:
            annotation = type(self.default)
        if annotation is None and self._get is not None:
            annotation = typing.get_type_hints(self._get).get("return")
        return Kind(annotation, self.name, self.default, self.minimum, self.maximum)

    @property
    def type(self) -> Any:
        """The GType of the values."""
        return self._kind.gtype

    @property
    def flags(self) -> Any:
        """The flags of the GParamSpec."""
        writable = not self.read_only and self.fset != self._readonly_setter
        return self._flags if writable else self._flags & ~WRITABLE

    def get_pspec_args(self) -> tuple[Any, ...]:
        """What PyGObject makes the GParamSpec of."""
        if re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", self.name) is None:
            raise ValueError(f"a property cannot be called “{self.name}”: its name in GObject "
                             "begins with a letter, and has letters, digits, “_” and “-” of ASCII")
        if not self.flags & READWRITE or (self.flags & CONSTRUCT and not self.flags & WRITABLE):
            raise ValueError(f"the property “{self.name}” cannot have the flags {self.flags!r}: "
                             "it is read or written, and written if it is set at construction")
        return (self.type, self.nick, self.blurb, *self._kind.arguments(), self.flags)

    def _declare(self, owner: Any, again: bool) -> None:
        """Tell the library what no GParamSpec of PyGObject can.

        `again` means that a class above has declared the property, too.  Its unit and its step end.
        """
        if self.unit is not None or again:
            PlantRpc.type_declare_unit(owner, self.name, self.unit or "")
        if self.step is not None or again:
            PlantRpc.type_declare_step(owner, self.name, self.step or 0)
        if self._kind.type_string is not None and self.type == GObject.TYPE_VARIANT \
                and self._kind.type_string != "v":
            PlantRpc.type_declare_variant_type(owner, self.name, self._kind.type_string)

    def _to_gobject(self, value: Any) -> Any:
        """A value of the getter as PyGObject takes it."""
        return self._kind.to_gobject(value)


def _initializer(owner: Any) -> Callable[..., None]:
    """Make an `__init__` for a class that takes plain values for declared properties."""
    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            declared = getattr(type(self), name.replace("-", "_"), None)
            if isinstance(declared, Property):
                kwargs[name] = declared._to_gobject(declared._kind.fit(value))
        super(owner, self).__init__(*args, **kwargs)
    return initialize


# What programs call it.
Property.__name__ = Property.__qualname__ = "property"


def blocking(getter: Callable[..., Any]) -> Callable[..., Any]:
    """Have the getter of a property run on a worker thread, since it waits for the hardware.

    It stands below the declaration, right before the getter.
    """
    setattr(getter, BLOCKING, True)
    return getter


def blocking_names(kind: type[Any]) -> list[str]:
    """The GObject names of the properties of a class whose getters may block."""
    found: dict[str, Any] = {}
    for klass in reversed(kind.__mro__):
        found.update(vars(klass))
    return [member.name.replace("_", "-") for member in found.values()
            if isinstance(member, GObject.Property) and hasattr(member.fget, BLOCKING)]


def _is_read_only(declared: GObject.Property) -> bool:
    """Whether there is no setter; GObject takes a property with a getter alone for writable."""
    if declared.fset == declared._readonly_setter:
        return True
    return bool(declared.fset == declared._default_setter
                and declared.fget != declared._default_getter)


def declare(kind: Any) -> None:
    """Tell the library what the properties of a class of Python declare, once."""
    for klass in getattr(kind, "__mro__", ()):
        owner = vars(klass).get("__gtype__")
        if owner is None or owner.name in _declared:
            continue
        _declared.add(owner.name)
        for attribute, member in list(vars(klass).items()):
            if not isinstance(member, GObject.Property):
                continue
            PlantRpc.type_declare_read_only(owner, member.name, _is_read_only(member))
            if isinstance(member, Property):
                member._declare(owner, any(isinstance(vars(base).get(attribute), Property)
                                           for base in klass.__mro__[1:]))
