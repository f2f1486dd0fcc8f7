# SPDX-License-Identifier: LGPL-2.1-or-later
"""RPCServer of ported scripts: a subclass of it and of an interface is the device."""

import inspect
import logging
import os
import queue
import re
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gi.repository import Gio, GLib, GObject, PlantRpc

from . import errors, rpc_errors
from .interrupt import waking
from .methods import (MARK, Declaration, bind, can_travel, declarations, method_buffer, method_json,
                      not_offered)
from .rpc_signal import PORTED, RPCProperty, RPCSignal, members
from .rpc_thread import ContextThread, cancelled_after, made_in
from .rpc_values import to_json_variant
from .server import Introspected, Server
from .values import from_variant

logger = logging.getLogger(__name__)

FLAGS = GObject.ParamFlags.READABLE | GObject.ParamFlags.EXPLICIT_NOTIFY
VALID = re.compile("[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")
LONGEST_WANTED = 240
_exported: dict[type, Any] = {}
_serving: "weakref.WeakSet[RPCServer]" = weakref.WeakSet()


class RPCServer:
    """A device for ported scripts: its properties, signals and decorated methods are offered.

    It listens once it is made, and answers within `serve_forever`, whose thread runs one method,
    getter or setter after the other.  Signals leave at once, from whichever thread.  `context` is
    kept and not used.  `allow_stop` set on the class lets clients end it.
    """

    __module__ = PORTED
    allow_stop = False
    _rpc_registered = False  # whether it has ever been

    def __init__(self, context: Any, url: str, alive_timeout: int = 60) -> None:
        self.context, self.url = context, url
        self.registry_addr = ""
        self._rpc_stopped = self._rpc_serving = False
        self._rpc_thread: threading.Thread | None = None
        self._rpc_ended = threading.Event()
        # What the thread of serve_forever() is to do.
        self._rpc_jobs: "queue.SimpleQueue[_Job]" = queue.SimpleQueue()
        self._rpc_context = GLib.MainContext()
        self._server = made_in(self._rpc_context, Server, object=_export(self), url=url,
                               legacy=True)
        self._server.set_alive_timeout(alive_timeout)
        self._server.set_allow_stop(self.allow_stop)
        for text in not_offered(type(self)):
            warnings.warn(text, stacklevel=2)
        _await_end(url)
        with rpc_errors.of_zmq():
            self._server.start()
        self._rpc_offer()
        # A registry is told when the program ends, too.
        weakref.finalize(self, _stop, self._server, os.getpid())
        #: The TCP port at which it listens.
        self.port: int = self._server.get_port()

    def _rpc_offer(self) -> None:
        """Have each request done by the thread of serve_forever()."""
        owner = weakref.ref(self)
        for attribute, declaration in declarations(type(self)):
            register = Introspected.register_method_buffer if declaration.buffer \
                else Introspected.register_method_json
            register(self._server, declaration.name, declaration.signature, declaration.timeout,
                     PlantRpc.MethodFlags.NONE, _handing(owner, _call, attribute, declaration))
        exported = self._server.get_object()
        Introspected.set_read_handler(
            self._server, _told_or(exported.told, _handing(owner, _read, exported.names)))
        Introspected.set_write_handler(self._server, _handing(owner, _write, exported.names))
        self._server.connect("notify::running", _noting_end(owner))

    @staticmethod
    def register_method_json(timeout: Any = 10000) -> Callable[[Any], Any]:
        """Offer a method that returns plain data; clients wait `timeout` ms, None for ever."""
        return _loosely(method_json, timeout)

    @staticmethod
    def register_method_buffer(timeout: Any = 10000) -> Callable[[Any], Any]:
        """Offer a method that returns bytes and a mapping that tells of them."""
        return _loosely(method_buffer, timeout)

    @property
    def alive_timeout(self) -> int:
        """The seconds of silence after which a registry forgets the device."""
        return self._server.get_alive_timeout()

    @alive_timeout.setter
    def alive_timeout(self, seconds: int) -> None:
        self._server.set_alive_timeout(seconds)

    @property
    def name(self) -> str:
        """The name that the registry accepted; empty where it is not registered."""
        return self._server.get_name() or ""

    @name.setter
    def name(self, name: str) -> None:
        self._server.set_name(name)

    @property
    def uuid(self) -> str | None:
        """The identifier that the registry gave; None before, and empty after that."""
        if self._server.get_registered():
            return self._server.get_uuid()
        return "" if self._rpc_registered else None

    @property
    def peer_addr(self) -> str | None:
        """The address of the client that connected last."""
        return self._server.get_peer_address()

    def register_to_registry(self, type_: str, name: str, registry_url: str,
                             overwrite: bool = True, timeout: int | None = None) -> str:
        """Have a registry list it as a device; the name that the registry accepted.

        It waits until there is a registry, for `timeout` ms at most, and raises TimeoutError then.
        """
        try:
            with cancelled_after(timeout) as cancellable:
                accepted = self._server.register_to_registry_sync(type_, name, registry_url,
                                                                  overwrite, cancellable)
        except errors.CallError as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                raise
            raise errors.CallTimeout(f"no registry has answered at {registry_url} within "
                                     f"{timeout} ms", error.domain, error.code) from None
        self.registry_addr, self._rpc_registered = registry_url, True
        return accepted

    def unregister_device(self) -> None:
        """Have the registry list it no more."""
        self._server.unregister_sync(None)
        self.registry_addr = ""

    def serve_forever(self) -> None:
        """Answer until it is stopped; Ctrl-C and sys.exit() in a method leave it as exceptions."""
        if self._rpc_stopped:
            raise RuntimeError("the server has been stopped; a new one is to be made")
        _refuse_child(self)
        self._rpc_serving, self._rpc_thread = True, threading.current_thread()
        self._rpc_ended.clear()
        _serving.add(self)
        thread = ContextThread("RPCServer", self._rpc_context)
        try:
            with waking(lambda: self._rpc_jobs.put(_nothing)):
                while not self._rpc_stopped:
                    self._rpc_jobs.get()(self)
        finally:
            # In a forked process there is nothing to end.
            if self in _serving:
                self._rpc_end(thread)
            self._rpc_serving = False

    def _rpc_end(self, thread: ContextThread) -> None:
        self._rpc_stopped = True
        # What has been answered is sent first.
        self._rpc_do_later(self._server.stop)
        thread.end()
        thread.join()
        # The requests that still wait get no answer any more.
        while not self._rpc_jobs.empty():
            self._rpc_jobs.get()
        self.registry_addr = ""
        _serving.discard(self)
        self._rpc_ended.set()

    def _rpc_do_later(self, function: Callable[[], Any]) -> None:
        """Have something done by the main context after all that is there by now."""
        def run(*data: Any) -> bool:
            function()
            return GLib.SOURCE_REMOVE
        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT_IDLE)
        source.set_callback(run)
        source.attach(self._rpc_context)

    def stop_server(self) -> None:
        """Stop it for good, from any thread; a request under way is answered first."""
        self._rpc_stopped = True
        if self._rpc_serving:
            self._rpc_jobs.put(_nothing)
        else:
            self._server.stop()
            self.registry_addr = ""


def _await_end(url: str) -> None:
    """Wait for a stopped server of this process that still ends a request at a url."""
    for server in list(_serving):
        if server._rpc_stopped and server.url == url \
                and server._rpc_thread is not threading.current_thread():
            server._rpc_ended.wait()


def _stop(server: Server, process: int) -> None:
    # In a forked process it belongs to the parent.
    if process == os.getpid():
        server.stop()


def _refuse_child(server: RPCServer) -> None:
    """Raise in a process forked from that of a running server, as the library does."""
    if server._server.get_running():
        server._server.start()


def _leave_to_parent() -> None:
    """Have serve_forever() end in a forked process, whose servers and requests are the parent's."""
    for server in list(_serving):
        server._rpc_jobs = queue.SimpleQueue()
        server._rpc_jobs.put(_refuse_child)
    _serving.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


# -- what a server does for its clients, one after the other

_Job = Callable[[RPCServer], None]


def _nothing(server: RPCServer) -> None:
    """Nothing, but Python runs the handlers of signals, and sees whether the server is stopped."""


def _handing(owner: Any, do: Callable[..., None], *details: Any) -> Callable[..., bool]:
    """What hands a request over to the thread of serve_forever()."""
    def hand(invocation: PlantRpc.Invocation, *data: Any) -> bool:
        server = owner()
        if server is not None:
            server._rpc_jobs.put(lambda server: _answered(do, server, invocation, details))
        return False
    return hand


def _answered(do: Callable[..., None], server: RPCServer, invocation: PlantRpc.Invocation,
              details: tuple[Any, ...]) -> None:
    try:
        do(server, invocation, *details)
    except BaseException as error:
        # The library tells of a property that cannot be read, once.
        if do is not _read:
            logger.error("%s: %s", errors.line(invocation.get_name()),
                         errors.line(errors.describe(error)))
            logger.debug("%s", errors.show(errors.trace(error)))
        errors.answer(invocation, error)
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise


def _call(server: RPCServer, invocation: PlantRpc.Invocation, attribute: str,
          declaration: Declaration) -> None:
    args, kwargs = bind(declaration, from_variant(invocation.get_args()) or [],
                        from_variant(invocation.get_kwargs()) or {})
    result = getattr(server, attribute)(*args, **kwargs)
    if not declaration.buffer:
        invocation.return_value(to_json_variant(result))
        return
    buffer, info = result if isinstance(result, tuple) else (result, {})
    invocation.return_buffer(buffer, to_json_variant(info))


def _read(server: RPCServer, invocation: PlantRpc.Invocation, names: dict[str, str]) -> None:
    name = invocation.get_name()
    if name not in names and name.startswith("_"):
        raise AttributeError(f"“{name}” is not for others")
    invocation.return_value(to_json_variant(getattr(server, names.get(name, name))))


def _write(server: RPCServer, invocation: PlantRpc.Invocation, names: dict[str, str]) -> None:
    setattr(server, names[invocation.get_name()], from_variant(invocation.get_value()))
    invocation.return_value(None)


def _told_or(told: dict[str, GLib.Variant], hand: Callable[..., bool]) -> Callable[..., bool]:
    """What answers a read with the value that a signal has just told."""
    def read(invocation: PlantRpc.Invocation, name: str, *data: Any) -> bool:
        value = told.get(name)
        if value is None:
            return hand(invocation)
        invocation.return_value(value)
        return False
    return read


def _noting_end(owner: Any) -> Callable[..., None]:
    """What ends serve_forever() where a client has stopped the server."""
    def note(server: Server, *data: Any) -> None:
        device = owner()
        if device is not None and not server.get_running():
            device._rpc_stopped = True
            device._rpc_jobs.put(_nothing)
    return note


def _loosely(decorate: Callable[..., Any], timeout: Any) -> Any:
    """Decorate without types: the old module hands over whatever comes."""
    def mark(function: Any) -> Any:
        decorated = decorate(function) if function is timeout \
            else decorate(function, timeout=timeout)
        declaration = getattr(decorated, MARK)
        setattr(decorated, MARK, declaration._replace(signature=None))
        return decorated
    return mark(timeout) if callable(timeout) else mark


# -- the object that is offered in place of the device

def _export(device: RPCServer) -> GObject.Object:
    kind = _exported.get(type(device))
    if kind is None:
        kind = _exported[type(device)] = _exported_class(type(device))
    exported = kind()
    exported.owner = weakref.ref(device)
    for name, (member, changed) in kind.signals.items():
        getattr(device, name).connect(_emitter(weakref.ref(exported), member, changed))
    return exported


def _emitter(exported: Any, member: str, changed: str | None) -> Callable[..., None]:
    def emit(*args: Any) -> None:
        itself = exported()
        if itself is None:
            return
        variants = list(map(to_json_variant, args))
        itself.emit(member, *variants)
        if changed is not None:
            itself.tell(changed, variants[0] if len(variants) == 1 else None)
    return emit


def _exported_class(device: type) -> Any:
    """A GObject class with the properties and signals that a device declares."""
    declared = _offered(device, RPCProperty)
    names = _gobject_names(declared, lambda name: name.replace("_", "-"))
    properties = {names[name]: (name, member) for name, member in declared.items()}
    changes = {_change_of(name, member): names[name] for name, member in declared.items()}
    emitted = _offered(device, RPCSignal)
    # By such a name GObject's side knows it, and adds no signal of the usual name.
    tied = {name: f"{changes[name]}-changed" for name, member in emitted.items()
            if name in changes and len(member.arg_types) == 1}
    names = _gobject_names(emitted, _hyphens, tied)
    signals = {name: (names[name], changes.get(name), len(member.arg_types))
               for name, member in emitted.items()}

    class Exported(GObject.Object):
        __module__ = PORTED
        __gtype_name__ = f"PlantRpcPorted-{len(_exported)}-{_plain(device.__name__)}"
        __gproperties__ = {gname: _spec(gname, member)
                           for gname, (_, member) in properties.items()}
        __gsignals__ = {gname: (GObject.SignalFlags.RUN_LAST, None,
                                (GObject.TYPE_VARIANT,) * n_args)
                        for gname, _, n_args in signals.values()}
        owner: Any = None
        names = {gname: name for gname, (name, _) in properties.items()}

        def __init__(self) -> None:
            super().__init__()
            # The values that signals have just told: no getter runs for them.
            self.told: dict[str, GLib.Variant] = {}

        def tell(self, gname: str, value: GLib.Variant | None) -> None:
            if value is not None:
                self.told[gname] = value
            self.notify(gname)
            if value is not None:
                self.owner()._rpc_do_later(lambda: self.forget(gname, value))

        def forget(self, gname: str, value: GLib.Variant) -> None:
            if self.told.get(gname) is value:
                del self.told[gname]

    Exported.signals = {name: (gname, changed)  # type: ignore[attr-defined]
                        for name, (gname, changed, _) in signals.items()}
    for gname, (name, _) in properties.items():
        PlantRpc.type_declare_wire_name(Exported.__gtype__, gname, name)
    for name, (gname, _, _) in signals.items():
        PlantRpc.type_declare_wire_name(Exported.__gtype__, gname, name)
    return Exported


def _offered(device: type, kind: type) -> dict[str, Any]:
    """The members of a device whose names can travel; the others are warned of."""
    found = members(device, kind)
    for name in [name for name in found if not can_travel(name)]:
        warnings.warn(f"{name!r:.80} of {device.__name__} is not offered: no property or signal "
                      "can have that name", stacklevel=7)
        del found[name]
    return found


def _gobject_names(names: Iterable[str], fold: Callable[[str], str],
                   given: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The names in GObject, which has fewer letters and takes several names for the same."""
    found = dict(given)
    for name in names:
        if name in found:
            continue
        wanted = fold(name)
        if wanted == "notify":
            wanted = "remote-notify"
        elif not VALID.fullmatch(wanted) or len(wanted) > LONGEST_WANTED:
            wanted = f"member-{_plain(wanted)[:LONGEST_WANTED].strip('-')}".rstrip("-")
        number, unique = 2, wanted
        while unique in found.values():
            number, unique = number + 1, f"{wanted}-{number}"
        found[name] = unique
    return found


def _change_of(name: str, member: RPCProperty) -> str:
    """The signal that tells of the changes of a property: the one declared, or of the usual name.
    """
    return member._notifier.name if member._notifier is not None else f"{_camel(name)}Changed"


def _plain(name: str) -> str:
    return re.sub("[^A-Za-z0-9]+", "-", name)


def _spec(name: str, member: RPCProperty) -> tuple[Any, ...]:
    flags = FLAGS | GObject.ParamFlags.WRITABLE if member.fset is not None else FLAGS
    doc = inspect.cleandoc(member.__doc__ or "")
    return GObject.TYPE_VARIANT, name, doc, None, flags


def _hyphens(name: str) -> str:
    """modeChanged is mode-changed to GObject."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
