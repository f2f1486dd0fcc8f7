# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the server reads and writes the properties of a device: by their getters and setters.

Through GObject an exception of theirs would be lost, or stay behind and break what runs next.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from gi.repository import GLib, GObject, PlantRpc

from .invocation import return_plain
from .properties import Property
from .values import PLAIN, from_variant, to_property, to_variant

_INTEGERS = (GObject.TYPE_INT, GObject.TYPE_UINT, GObject.TYPE_LONG, GObject.TYPE_ULONG,
             GObject.TYPE_INT64, GObject.TYPE_UINT64)
_PLAIN = (*_INTEGERS, GObject.TYPE_DOUBLE, GObject.TYPE_FLOAT, GObject.TYPE_STRING)


class _Access(NamedTuple):
    """How a property of a class is read and written, looked up once."""

    spec: GObject.ParamSpec
    declared: Any
    converts: bool  # whether the getter has values that PyGObject would not take
    plain: frozenset[type]  # the types of what may travel as the getter returns it
    asked: bool  # whether the class has a function of its own that gets it
    stored: bool
    direct: bool  # whether the declaration is set at once, and to the very values that travel


def _plain_types(kind: GObject.GType) -> frozenset[type]:
    if kind == GObject.TYPE_BOOLEAN:
        return frozenset((bool,))
    if kind in _INTEGERS:
        return PLAIN - {bool}
    whole = kind == GObject.TYPE_STRV or kind in _PLAIN or kind.is_a(GObject.TYPE_VARIANT)
    return PLAIN if whole else frozenset()


@functools.lru_cache(maxsize=None)
def _access(owner: type, name: str) -> _Access:
    spec = owner.find_property(name)  # type: ignore[attr-defined]
    declared, kind = _declared(owner, spec.name), spec.value_type
    if declared is None:
        asked = "do_get_property" in vars(spec.owner_type.pytype or object)
        return _Access(spec, None, False, _plain_types(kind), asked, False, False)
    asked = not _is_of_pygobject(owner, "do_get_property")
    return _Access(spec, declared, isinstance(declared, Property), _plain_types(kind), asked,
                   _is_stored(declared), not asked and _is_direct(owner, spec, declared))


def _is_direct(owner: type, spec: GObject.ParamSpec, declared: Any) -> bool:
    if not _is_of_pygobject(owner, "do_set_property"):
        return False
    if isinstance(declared, Property):
        return bool(declared._is_direct)
    # A float of C has fewer digits than what travels.
    return _is_stored(declared) and not spec.flags & GObject.ParamFlags.EXPLICIT_NOTIFY \
        and spec.value_type in (*_INTEGERS, GObject.TYPE_BOOLEAN, GObject.TYPE_DOUBLE,
                                GObject.TYPE_STRING)


def _is_of_pygobject(owner: type, name: str) -> bool:
    """Whether a class has no function of its own that sets or gets properties."""
    return getattr(getattr(owner, name, None), "__module__", None) == GObject.Property.__module__


def _set_directly(device: GObject.Object, access: _Access, value: Any) -> Any:
    """Set a property at once; the value that it has then, handlers of `notify` may change it."""
    if access.converts:
        access.declared._change(device, value)
        return access.declared._read_if_possible(device)
    access.declared.fset(device, value)
    device.notify(access.spec.name)
    return access.declared.fget(device)


def read(device: GObject.Object, invocation: PlantRpc.Invocation, name: str) -> bool:
    """Answer with what the getter of Python returns; whether the library has to read it instead."""
    access = _access(type(device), name)
    if access.asked:
        value = device.do_get_property(access.spec)
    elif access.declared is not None:
        value = access.declared.__get__(device, type(device))
        if access.converts:
            value = access.declared._to_gobject(value)
    else:
        return True
    if type(value) not in access.plain or not return_plain(invocation, value):
        invocation.return_value(_fit(access.spec, value))
    return False


def _fit(spec: GObject.ParamSpec, value: Any) -> GLib.Variant:
    """What travels of a value; the library refuses a number or a text that does not fit."""
    kind = spec.value_type
    if kind == GObject.TYPE_BOOLEAN:
        # Pins are read as 0 and 1.
        is_bit = isinstance(value, int) and value in (0, 1)
        return to_variant(bool(value) if is_bit else value)
    if kind in _INTEGERS and isinstance(value, bool):
        return to_variant(int(value))
    if kind == GObject.TYPE_STRV and value is not None:
        return to_variant(value)
    if kind in _PLAIN or kind.is_a(GObject.TYPE_VARIANT):
        return to_variant(value)
    return PlantRpc.value_to_variant(GObject.Value(kind, value))


def write(device: GObject.Object, invocation: PlantRpc.Invocation, name: str,
          value: GLib.Variant, by_getter: bool) -> bool:
    """Have the setter of Python take a value; whether the library has to set it instead.

    `by_getter` tells that nobody but the getter decides what the writer is told then.
    """
    access = _access(type(device), name)
    spec, declared = access.spec, access.declared
    if access.direct:
        after = _set_directly(device, access, from_variant(value))
        is_told = by_getter and type(after) in access.plain and return_plain(invocation, after)
        if not is_told:
            invocation.return_value(None)
        return False
    if declared is None:
        if "do_set_property" not in vars(spec.owner_type.pytype or object):
            return True
    elif access.stored:
        return True
    elif declared.fset in (declared._default_setter, declared._readonly_setter):
        raise GLib.Error(f"the property “{name}” cannot be written",
                         GLib.quark_to_string(PlantRpc.Error.quark()),
                         PlantRpc.Error.NOT_WRITABLE)
    with device.freeze_notify():
        device.do_set_property(spec, to_property(spec, value))
        if not spec.flags & GObject.ParamFlags.EXPLICIT_NOTIFY:
            device.notify(spec.name)
    invocation.return_value(None)
    return False


def convert_getters(kind: type) -> None:
    """Have getters of a Python class return plain values where GObject wants a variant.

    PyGObject would take them for no value.
    """
    for klass in kind.__mro__:
        getter = vars(klass).get("do_get_property")
        if inspect.isfunction(getter) and not hasattr(getter, "__wrapped__"):
            klass.do_get_property = _converting(getter)  # type: ignore[attr-defined]


def _converting(getter: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(getter)
    def get(device: GObject.Object, spec: GObject.ParamSpec) -> Any:
        value = getter(device, spec)
        is_variant = value is not None and spec.value_type.is_a(GObject.TYPE_VARIANT)
        return to_variant(value) if is_variant else value
    return get


def _is_stored(declared: GObject.Property) -> bool:
    """Whether PyGObject keeps the value; with a getter alone a property is writable to GObject."""
    return declared.fset == declared._default_setter and declared.fget == declared._default_getter


def _declared(kind: type, name: str) -> Any:
    """The declaration of a property of a Python class, by its GObject name."""
    attribute = name.replace("-", "_")
    for klass in kind.__mro__:
        member = vars(klass).get(attribute)
        if isinstance(member, GObject.Property):
            return member
    return None
