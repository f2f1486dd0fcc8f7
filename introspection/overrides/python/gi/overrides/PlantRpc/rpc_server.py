# SPDX-License-Identifier: LGPL-2.1-or-later
"""RPCServer of ported scripts: a subclass of it and of an interface is the device."""

import inspect
import re
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from . import handlers
from .methods import MARK, can_travel, declarations, method_buffer, method_json, not_offered
from .rpc_signal import PORTED, RPCProperty, RPCSignal, members
from .server import Server
from .values import from_variant, to_variant

FLAGS = GObject.ParamFlags.READABLE | GObject.ParamFlags.EXPLICIT_NOTIFY
VALID = re.compile("[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")
LONGEST_WANTED = 240
_exported: dict[type, Any] = {}


class RPCServer:
    """A device for ported scripts: its properties, signals and decorated methods are offered.

    It listens once it is made, and answers within `serve_forever`, on the thread that runs it.
    `context` is not used.  `allow_stop` set on the class lets clients end it.
    """

    __module__ = PORTED
    allow_stop = False

    def __init__(self, context: Any, url: str, alive_timeout: int = 60) -> None:
        self._context, self._lock = GLib.MainContext(), threading.Lock()
        self._serving = self._stopped = False
        self._in_context(lambda: self._listen(url, alive_timeout))

    def _listen(self, url: str, alive_timeout: int) -> None:
        self._server = Server(object=_export(self), url=url)
        self._server.set_alive_timeout(alive_timeout)
        self._server.set_allow_stop(self.allow_stop)
        for text in not_offered(type(self)):
            warnings.warn(text, stacklevel=5)
        for attribute, declaration in declarations(type(self)):
            register = PlantRpc.Server.register_method_buffer if declaration.buffer \
                else PlantRpc.Server.register_method_json
            register(self._server, declaration.name, declaration.signature, declaration.timeout,
                     PlantRpc.MethodFlags.NONE,
                     handlers.running(weakref.ref(self), attribute, declaration))
        self._server.start()

    @staticmethod
    def register_method_json(timeout: Any = 10000) -> Callable[[Any], Any]:
        """Offer a method that returns plain data; clients wait `timeout` ms, None for ever."""
        return _loosely(method_json, timeout)

    @staticmethod
    def register_method_buffer(timeout: Any = 10000) -> Callable[[Any], Any]:
        """Offer a method that returns bytes and a mapping that tells of them."""
        return _loosely(method_buffer, timeout)

    @property
    def url(self) -> str:
        """Where it listens, with the port."""
        return self._server.get_url()

    @property
    def name(self) -> str:
        """The name that the registry accepted."""
        return self._server.get_name() or ""

    @property
    def uuid(self) -> str:
        """The identifier that the registry gave."""
        return self._server.get_uuid()

    @property
    def peer_addr(self) -> str | None:
        """The address of the client that connected last."""
        return self._server.get_peer_address()

    def register_to_registry(self, type_: str, name: str, registry_url: str,
                             overwrite: bool = True) -> str:
        """Have a registry list it as a device; the name that the registry accepted."""
        return self._server.register_to_registry_sync(type_, name, registry_url, overwrite)

    def unregister_device(self) -> None:
        """Have the registry list it no more."""
        self._server.unregister_sync(None)

    def serve_forever(self) -> None:
        """Answer until it is stopped or Ctrl-C is pressed."""
        with self._lock:
            if self._stopped:
                return
            self._serving = True
        self._server.serve_forever()
        with self._lock:
            self._stopped, self._serving = True, False

    def stop_server(self) -> None:
        """Stop it for good, from any thread."""
        with self._lock:
            self._stopped = True
            if not self._serving:
                self._in_context(self._server.stop)
                return
        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *data: self._server.stop())
        source.attach(self._context)

    def _in_context(self, function: Callable[[], None]) -> None:
        self._context.push_thread_default()
        try:
            function()
        finally:
            self._context.pop_thread_default()


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
        itself.emit(member, *map(to_variant, args))
        if changed is not None:
            itself.notify(changed)
    return emit


def _exported_class(device: type) -> Any:
    """A GObject class with the properties and signals that a device declares."""
    declared = _offered(device, RPCProperty)
    names = _gobject_names(declared, lambda name: name.replace("_", "-"))
    properties = {names[name]: (name, member) for name, member in declared.items()}
    changes = {_change_of(name, member): names[name] for name, member in declared.items()}
    emitted = _offered(device, RPCSignal)
    names = _gobject_names(emitted, _hyphens)
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

        def do_get_property(self, spec: GObject.ParamSpec) -> GLib.Variant:
            return to_variant(getattr(self.owner(), properties[spec.name][0]))

        def do_set_property(self, spec: GObject.ParamSpec, value: GLib.Variant) -> None:
            setattr(self.owner(), properties[spec.name][0], from_variant(value))

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
                      "can have that name", stacklevel=8)
        del found[name]
    return found


def _gobject_names(names: Iterable[str], fold: Callable[[str], str]) -> dict[str, str]:
    """The names in GObject, which has fewer letters and takes several names for the same."""
    found: dict[str, str] = {}
    for name in names:
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
