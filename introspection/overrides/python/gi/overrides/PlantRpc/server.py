# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server: decorated methods are offered, a raising setter refuses, Ctrl-C ends it."""

import functools
import warnings
import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from . import accessors, errors, handlers, loops, methods, properties
from .interrupt import on_interrupt

PACKAGE = __package__ or ""
Introspected = PlantRpc.Server


class Server(PlantRpc.Server):
    """Offers one object at one URL: its properties, its signals and its decorated methods.

    `Server(object=device, url="tcp://*")`; a subclass may be the device itself.  A property setter
    that raises refuses the write, and a getter that raises fails the read: the caller is told why.
    `with server:` starts it, and stops it at the end.
    """

    __module__ = PACKAGE
    _writer: weakref.ref[Any] | None = None
    _reader: weakref.ref[Any] | None = None
    _decides_reads = False
    _context: GLib.MainContext | None = None
    _handlers: dict[str, weakref.ref[Any]]

    def __init__(self, **kwargs: Any) -> None:
        device = kwargs.get("object")
        properties.declare(type(self if device is None else device))
        super().__init__(**kwargs)
        loops.always_attend()
        self._offer()
        for text in self._list_not_offered():
            warnings.warn(text, stacklevel=2)

    @classmethod
    def new(cls, object: GObject.Object | None, url: str) -> "Server":
        """Make a server that offers an object at a URL."""
        return cls(object=object, url=url)

    def _prepare(self) -> None:
        """Make what belongs to a server, which need not come from this constructor."""
        if self._context is None:
            self._context, self._handlers = GLib.MainContext.ref_thread_default(), {}

    def _list_not_offered(self) -> Iterator[str]:
        return _not_offered(self.get_object())

    def _offer(self) -> None:
        """Register what the class of the device declares and is not registered yet."""
        self._prepare()
        device = type(self.get_object())
        accessors.convert_getters(device)
        for name in properties.blocking_names(device):
            self.set_read_flags(name, PlantRpc.MethodFlags.BLOCKING)
        if self._writer is None or self._writer() is None:
            self._set_writer(None)
        if self._reader is None or self._reader() is None:
            self._set_reader(None)
        for attribute, declaration in methods.declarations(type(self.get_object())):
            handler = self._handlers.get(declaration.name)
            if handler is None or handler() is None:
                self._register(attribute, declaration)

    def _register(self, attribute: str, declaration: methods.Declaration) -> None:
        device = self.get_object()
        # The device is kept by its server; a server that is the device must not keep itself.
        if device is self:
            handler = handlers.running(weakref.ref(self), attribute, declaration, self._context)
        else:
            handler = handlers.running(lambda: device, attribute, declaration)
        self._offer_method(declaration.buffer, declaration.name, declaration.signature,
                           declaration.timeout, declaration.flags, handler)

    def _offer_method(self, buffer: bool, name: str, signature: str | None, timeout: int,
                      flags: PlantRpc.MethodFlags, handler: handlers.Handler, *data: Any) -> None:
        register = Introspected.register_method_buffer if buffer \
            else Introspected.register_method_json
        register(self, name, signature, timeout, flags, handler, *data)
        # Only the library holds it: that tells whether stopping has let go of it.
        self._prepare()
        self._handlers[name] = weakref.ref(handler)

    def start(self) -> bool:
        """Listen, and serve from now on while the main loop runs."""
        if not self.get_running():
            self._offer()
        return super().start()

    def serve_forever(self) -> bool:
        """Serve until the server is stopped; Ctrl-C stops it, without an exception."""
        self.start()
        with on_interrupt(self._context, self.stop), loops.driven(self._context, self.stop):
            return super().serve_forever()

    def register_method_json(self, name: str, signature: str | None, timeout: int,
                             flags: PlantRpc.MethodFlags, handler: handlers.Handler,
                             *data: Any) -> None:
        """Offer a method that is answered through its invocation; an exception answers it, too."""
        self._offer_method(False, name, signature, timeout, flags, handlers.answering(handler),
                           *data)

    def register_method_buffer(self, name: str, signature: str | None, timeout: int,
                               flags: PlantRpc.MethodFlags, handler: handlers.Handler,
                               *data: Any) -> None:
        """As `register_method_json`, of a method that returns bytes."""
        self._offer_method(True, name, signature, timeout, flags, handlers.answering(handler),
                           *data)

    def set_write_handler(self, handler: Callable[..., bool] | None, *data: Any) -> None:
        """Have a function decide about writes; what it accepts goes to the property's setter."""
        self._set_writer(None if handler is None else lambda *args: handler(*args, *data))

    def _set_writer(self, decide: Callable[..., bool] | None) -> None:
        writer = _writer(weakref.ref(self), decide)
        self._writer = weakref.ref(writer)
        super().set_write_handler(writer)

    def set_read_handler(self, handler: Callable[..., bool] | None, *data: Any) -> None:
        """Have a function decide how properties are read; what it accepts is read by the getter."""
        self._set_reader(None if handler is None else lambda *args: handler(*args, *data))

    def _set_reader(self, decide: Callable[..., bool] | None) -> None:
        self._decides_reads = decide is not None or _has_own(type(self), "do_read_property")
        reader = _reader(weakref.ref(self), decide)
        self._reader = weakref.ref(reader)
        super().set_read_handler(reader)

    def register_to_registry_sync(self, device_type: str, name: str | None = None,
                                  registry_url: str = PlantRpc.REGISTRY_URL,
                                  overwrite: bool = True, cancellable: Any = None) -> str:
        """Have a registry list the device, by default the one of this machine; its name there."""
        return super().register_to_registry_sync(device_type, name, registry_url, overwrite,
                                                 cancellable)

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        device, state = self.get_object(), "running" if self.get_running() else "not running"
        of = "" if device is self or device is None else f" of {type(device).__name__}"
        name = f" “{self.get_name()}”" if self.get_name() else ""
        return f"<{type(self).__name__}{of}{name} at {self.get_url()}, {state}>"


def _writer(server: Any, decide: Callable[..., bool] | None) -> Callable[..., bool]:
    """What decides about writes: the owner first, then the setter by not raising."""
    def handle(invocation: PlantRpc.Invocation, name: str, value: GLib.Variant,
               *data: Any) -> bool:
        owner = server()
        return _decide(owner, "do_write_property", decide, invocation, name, value) \
            and _take(accessors.write, owner, invocation, name, value, not owner._decides_reads)
    return handle


def _reader(server: Any, decide: Callable[..., bool] | None) -> Callable[..., bool]:
    """What answers reads: the owner if it does, or else the getter."""
    def handle(invocation: PlantRpc.Invocation, name: str, *data: Any) -> bool:
        return _decide(server(), "do_read_property", decide, invocation, name) \
            and _take(accessors.read, server(), invocation, name)
    return handle


def _decide(owner: Any, own: str, decide: Callable[..., bool] | None,
            invocation: PlantRpc.Invocation, *args: Any) -> bool:
    """Ask the owner, or its class; whether the property itself is to be asked yet."""
    if decide is None:
        if not _has_own(type(owner), own):
            return True
        decide = getattr(owner, own)
    accepted = errors.answering(invocation, functools.partial(decide, invocation, *args),
                                by_name=True)
    return bool(accepted) and not invocation.get_answered()


def _take(act: Callable[..., bool], owner: Any, invocation: PlantRpc.Invocation,
          *args: Any) -> bool:
    """Have a getter or a setter of Python do it; whether it is left to the library."""
    try:
        return act(owner.get_object(), invocation, *args)
    except BaseException as error:
        errors.answer(invocation, error)
        errors.pass_on(error)
    return False


@functools.lru_cache(maxsize=None)
def _has_own(kind: type, name: str) -> bool:
    """Whether a class has a method that the library does not have."""
    return any(name in vars(klass) for klass in kind.__mro__[:kind.__mro__.index(Introspected)]
               if klass is not Server)


def _not_offered(device: GObject.Object) -> Iterator[str]:
    """What to tell of the members whose values are Python objects: those cannot travel."""
    kind = type(device)
    yield from methods.not_offered(kind)
    for spec in device.list_properties():
        if spec.value_type == GObject.TYPE_PYOBJECT:
            yield (f"the property “{spec.name}” of {kind.__name__} is of type=object, and is not "
                   "offered: values that travel are of type=GObject.TYPE_VARIANT")
    owners = {klass.__gtype__ for klass in kind.__mro__ if "__gtype__" in vars(klass)}
    for owner in sorted(owners, key=lambda gtype: gtype.name):
        for number in GObject.signal_list_ids(owner):
            query = GObject.signal_query(number)
            if GObject.TYPE_PYOBJECT in query.param_types:
                yield (f"the signal “{query.signal_name}” of {kind.__name__} has an argument of "
                       "type object, and is not offered: values that travel are of type "
                       "GObject.TYPE_VARIANT")
