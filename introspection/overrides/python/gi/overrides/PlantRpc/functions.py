# SPDX-License-Identifier: LGPL-2.1-or-later
"""The introspected functions that fail, block or go on, as Python expects them.

Each that fails raises a `CallError`, Ctrl-C ends each that blocks, and what goes on can be awaited
where no callback is given.  They are found by what the typelib tells of them, so that none is left
out.
"""

from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from . import errors, loops
from .interrupt import interruptible
from .pending import Pending
from .values import from_buffer, from_variant

# The operations of a client that fail with what the device says, which may be a traceback.
TOLD = ("call", "call_buffer", "read_property", "write_property", "stop_server")

# These only wait or listen: whatever becomes of them, the device was asked to do nothing.
HARMLESS = ("discover", "discover_device", "wait_client", "wait_ready", "refresh", "start")

# What is plain where it is awaited.
PLAIN = {"call": from_variant, "call_buffer": from_buffer, "read_property": from_variant}

# What blocks, but has no cancellable of its own; it heeds that which the thread has pushed.
STARTS = ("start",)

_Function = type(PlantRpc.value_to_variant)


def introspected(owner: Any) -> Iterator[tuple[str, Any]]:
    """The functions of a class, with their names."""
    for name, member in list(vars(owner).items()):
        if isinstance(member, _Function):
            yield name, member


def cover(module: Any) -> None:
    """Put a function of Python in the place of each function of the library that fails."""
    for name in dir(module):
        item = getattr(module, name)
        if isinstance(item, _Function):
            if item.can_throw_gerror():
                setattr(module, name, _covered(name, item))
            elif hasattr(module, f"{name}_finish"):
                setattr(module, name, _named(_beginning(module, name, item), name, item))
        elif isinstance(item, type):
            _cover_class(item)


def _cover_class(owner: type) -> None:
    functions = dict(introspected(owner))
    for name, function in functions.items():
        if function.can_throw_gerror():
            _replace(owner, name, function)
        elif f"{name}_finish" in functions:
            begin = _named(_beginning(owner, name, function), name, function)
            setattr(owner, name, begin if function.is_method() else staticmethod(begin))
        elif function.is_constructor() and issubclass(owner, GObject.Object):
            setattr(owner, name, staticmethod(_named(_making(getattr(owner, name)), name,
                                                     function)))


def _replace(owner: type, name: str, function: Any) -> None:
    if function.is_constructor():
        # What is got from the class is bound to it.
        setattr(owner, name, staticmethod(_named(_failing(getattr(owner, name), name), name,
                                                 function)))
    elif function.is_method():
        setattr(owner, name, _covered(name, function))
    else:
        setattr(owner, name, staticmethod(_covered(name, function)))


def _covered(name: str, function: Any) -> Callable[..., Any]:
    if name.endswith("_sync"):
        covered = _blocking(function, name.removesuffix("_sync"))
    elif name in STARTS:
        covered = _starting(function, name)
    else:
        covered = _failing(function, name.removesuffix("_finish"))
    return _named(covered, name, function)


def _named(covered: Any, name: str, function: Any) -> Callable[..., Any]:
    covered.__name__, covered.__doc__ = name, function.__doc__
    return covered  # type: ignore[no-any-return]


def _is_of_object(function: Any) -> bool:
    """Whether a function is of a class whose objects belong to a main context."""
    owner = function.get_container()
    return owner is not None and bool(owner.get_g_type().is_a(GObject.TYPE_OBJECT))


def _makes(function: Any) -> bool:
    return _is_of_object(function) and not function.is_method()


def _attending(function: Any) -> Callable[[], Any]:
    if not _is_of_object(function):
        return lambda: None
    return loops.always_attend if _makes(function) else loops.attend


def _failing(function: Any, name: str) -> Callable[..., Any]:
    attend = _attending(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        attend()
        try:
            return function(*args, **kwargs)
        except GLib.Error as error:
            raise _explained(error, name, *args) from None
    return call


def _blocking(function: Any, name: str) -> Callable[..., Any]:
    most, makes = _n_in(function), _makes(function)

    def call(*args: Any, cancellable: Any = None, **kwargs: Any) -> Any:
        # All of them take a cancellable last.
        if len(args) == most:
            args, cancellable = args[:-1], args[-1]
        if makes:
            loops.always_attend()
        try:
            if kwargs or len(args) < most - 1:
                return interruptible(lambda own: function(*args, cancellable=own, **kwargs),
                                     cancellable=cancellable)
            return interruptible(function, *args, cancellable=cancellable)
        except GLib.Error as error:
            raise _explained(error, name, *args) from None
    return call


def _starting(function: Any, name: str) -> Callable[..., Any]:
    def start(*args: Any) -> Any:
        *given, cancellable = args
        if cancellable is None:
            return function(*given)
        cancellable.push_current()
        try:
            return function(*given)
        finally:
            cancellable.pop_current()

    def call(*args: Any) -> Any:
        loops.attend()
        try:
            return interruptible(start, *args)
        except GLib.Error as error:
            raise _explained(error, name, *args) from None
    return call


def _making(new: Any) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        loops.always_attend()
        return new(*args, **kwargs)
    return make


def _beginning(owner: Any, name: str, function: Any) -> Callable[..., Any]:
    at, plain = _n_in(function), PLAIN.get(name, lambda result: result)
    is_method, attend = function.is_method(), _attending(function)

    def begin(*args: Any, cancellable: Any = None, callback: Any = None, **kwargs: Any) -> Any:
        attend()
        if len(args) > at and args[at] is not None:
            return function(*args, **kwargs)
        args, cancellable = args[:at - 1], args[at - 1] if len(args) >= at else cancellable
        if callback is not None:
            return function(*args, cancellable=cancellable, callback=callback, **kwargs)
        pending = Pending()
        finish = getattr(owner, f"{name}_finish")

        def ended(source: Any, result: Any, *data: Any) -> None:
            given = (args[0], result) if is_method else (result,)
            pending._end(lambda: plain(finish(*given)))
        function(*args, cancellable=pending._link(cancellable), callback=ended, **kwargs)
        return pending
    begin.introspected = function  # type: ignore[attr-defined]
    return begin


def _n_in(function: Any) -> int:
    """How many arguments a function takes, with the cancellable; what follows that is returned."""
    names = [argument.get_name() for argument in function.get_arguments()]
    return names.index("cancellable") + 1 + function.is_method()  # type: ignore[no-any-return]


def _explained(error: GLib.Error, name: str, *args: Any) -> errors.CallError:
    """The exception for what a function could not do; `name` is without `_sync` or `_finish`."""
    traceback = args[0].get_last_traceback() if name in TOLD else None
    return errors.wrap(error, traceback, harmless=name in HARMLESS)
