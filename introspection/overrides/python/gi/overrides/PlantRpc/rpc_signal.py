# SPDX-License-Identifier: LGPL-2.1-or-later
"""RPCSignal and RPCProperty of ported scripts: how an interface declares its members."""

import inspect
import types
import typing
import weakref
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

PORTED = "gi.repository.PlantRpc"
UNIONS = (typing.Union, types.UnionType)


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type, generic ones included."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return True
    if origin in UNIONS:
        return any(fits(value, one) for one in inner)
    if origin is typing.Literal:
        return value in inner
    if origin is None:
        return isinstance(value, kind if kind is not None else type(None))
    return isinstance(value, origin) and _items_fit(value, origin, inner)


def _items_fit(value: Any, origin: type, inner: tuple[Any, ...]) -> bool:
    if not inner:
        return True
    if _is_fixed(origin, inner):
        return len(value) == len(inner) and all(map(fits, value, inner))
    if issubclass(origin, Mapping):
        return all(fits(key, inner[0]) and fits(item, inner[1]) for key, item in value.items())
    if issubclass(origin, (Sequence, Set)):
        return all(fits(item, inner[0]) for item in value)
    return True


def _is_fixed(origin: type, inner: tuple[Any, ...]) -> bool:
    """Whether a type is that of tuples of one length."""
    return issubclass(origin, tuple) and inner[-1:] != (Ellipsis,)


def coerce(value: Any, kind: Any) -> Any:
    """Convert a value to a type where it is of another; TypeError where that cannot be."""
    if fits(value, kind):
        return value
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in UNIONS:
        return _coerce_to_any(value, inner)
    try:
        return _coerce_to_one(value, kind if origin is None else origin, inner)
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise TypeError(f"{value!r} is not of type {kind}: {error}") from None


def _coerce_to_any(value: Any, kinds: tuple[Any, ...]) -> Any:
    """Convert a value to the first type of a union that takes it."""
    for kind in kinds:
        try:
            return coerce(value, kind)
        except TypeError:
            continue
    raise TypeError(f"{value!r} is of none of the types {kinds}")


def _coerce_to_one(value: Any, kind: Any, inner: tuple[Any, ...]) -> Any:
    if not inner:
        return kind(value)
    if _is_fixed(kind, inner):
        items = list(value)
        if len(items) != len(inner):
            raise TypeError(f"{len(items)} instead of {len(inner)} items")
        return tuple(map(coerce, items, inner))
    make = kind if not inspect.isabstract(kind) else \
        dict if issubclass(kind, Mapping) else set if issubclass(kind, Set) else list
    if issubclass(kind, Mapping):
        return make({coerce(key, inner[0]): coerce(item, inner[1])
                     for key, item in value.items()})
    if isinstance(value, (str, bytes)) and not issubclass(kind, tuple):
        raise TypeError("a text is no list of values")
    return make(coerce(item, inner[0]) for item in value)


class RPCSignal:
    """A signal of an interface; each object has connections of its own."""

    __module__ = PORTED

    def __init__(self, *arg_types: Any) -> None:
        self.arg_types = arg_types
        self.connections: list[Any] = []
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> "RPCSignal":
        if instance is None:
            return self
        own = type(self)(*self.arg_types)
        own.name = self.name
        return vars(instance).setdefault(self.name, own)

    def connect(self, conn: Any) -> None:
        """Have something called with the arguments of each emission; once, if connected twice."""
        if not callable(conn):
            raise TypeError(f"{conn!r} cannot be called")
        if conn not in self.connections:
            self.connections.append(conn)

    def disconnect(self, conn: Any = None) -> None:
        """Have it called no more; without an argument, nothing at all."""
        if conn is None:
            self.connections.clear()
        elif conn in self.connections:
            self.connections.remove(conn)
        else:
            raise ValueError(f"{conn!r} is not connected")

    def emit(self, *args: Any) -> None:
        """Call what is connected, in order, with arguments of the types declared."""
        args = self.validate_args(*args, coerce=True)
        for conn in list(self.connections):
            function: Callable[..., Any] | None = conn() if isinstance(conn, weakref.ref) else conn
            if function is not None:
                function(*args)

    def validate_args(self, *args: Any, coerce: bool = False) -> tuple[Any, ...]:
        """The arguments, if they are of the types declared; converted to them where asked for."""
        if len(args) != len(self.arg_types):
            raise RuntimeError(f"{self.name} has {len(self.arg_types)} arguments, not {len(args)}")
        if coerce:
            return tuple(map(globals()["coerce"], args, self.arg_types))
        for value, kind in zip(args, self.arg_types):
            if not fits(value, kind):
                raise TypeError(f"{value!r} is not of type {kind}")
        return args

    def __repr__(self) -> str:
        kinds = ", ".join(getattr(kind, "__name__", str(kind)) for kind in self.arg_types)
        return f"<RPCSignal {self.name}({kinds})>"


class RPCProperty(property):
    """A property of an interface, with the signal that tells of its changes."""

    __module__ = PORTED

    def __init__(self, fget: Any = None, fset: Any = None, fdel: Any = None,
                 doc: str | None = None, notify: RPCSignal | None = None,
                 auto_notify: bool = False) -> None:
        super().__init__(fget, fset, fdel, doc)
        self._notifier, self._auto_notify, self._doc = notify, auto_notify, doc
        # Without a getter, that of this class would be told.
        self.__doc__ = doc if doc is not None else getattr(fget, "__doc__", None)

    def __call__(self, fget: Any) -> "RPCProperty":
        return self.getter(fget)

    def _with(self, fget: Any, fset: Any, fdel: Any) -> "RPCProperty":
        return type(self)(fget, fset, fdel, self._doc, self._notifier, self._auto_notify)

    def getter(self, fget: Any) -> "RPCProperty":
        """The same property with another getter."""
        return self._with(fget, self.fset, self.fdel)

    def setter(self, fset: Any) -> "RPCProperty":
        """The same property with another setter."""
        return self._with(self.fget, fset, self.fdel)

    def deleter(self, fdel: Any) -> "RPCProperty":
        """The same property with another deleter."""
        return self._with(self.fget, self.fset, fdel)

    def __set__(self, obj: Any, value: Any) -> None:
        if not self._auto_notify or self._notifier is None:
            super().__set__(obj, value)
            return
        old = self.fget(obj) if self.fget is not None else None
        super().__set__(obj, value)
        new = self.fget(obj) if self.fget is not None else value
        if old != new:
            getattr(obj, self._notifier.name).emit(new)


def members(owner: type, kind: type) -> dict[str, Any]:
    """The members of a class that are of a kind, base classes first, by name."""
    found: dict[str, Any] = {}
    for klass in reversed(owner.__mro__):
        found.update(vars(klass))
    return {name: member for name, member in found.items() if isinstance(member, kind)}
