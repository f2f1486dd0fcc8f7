# SPDX-License-Identifier: LGPL-2.1-or-later
"""The names of Plant Imager's RPC module, over the independent peer: what old scripts import.

SEED_GENERATION, 1 or 2, is the wire that it speaks.
"""

import inspect
import os
import sys
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[5] / "peer"))

from client import Interface, NoResult, PeerClient, Unusable  # noqa: E402
from device import Device, Signal, buffer_method, coerce, json_method  # noqa: E402
from ledger import Ledger  # noqa: E402
from server import Server1, Server2  # noqa: E402

__all__ = ["NoResult", "RPCClient", "RPCProperty", "RPCServer", "RPCSignal"]

GENERATION = int(os.environ.get("SEED_GENERATION", "2"))


class RPCSignal:
    """A signal of an interface."""

    def __init__(self, *arg_types: Any) -> None:
        self.arg_types, self.connections = arg_types, []

    def connect(self, conn: Callable[..., None]) -> None:
        self.connections.append(conn)

    def emit(self, *args: Any) -> None:
        for conn in self.connections:
            conn(*args)


class RPCProperty(property):
    """A property of an interface."""

    def __init__(self, fget: Any = None, fset: Any = None, fdel: Any = None, doc: Any = None,
                 notify: RPCSignal | None = None, auto_notify: bool = False) -> None:
        super().__init__(fget, fset, fdel, doc)
        self._notifier, self._auto_notify = notify, auto_notify

    def __call__(self, fget: Any) -> "RPCProperty":
        return type(self)(fget, self.fset, self.fdel, None, self._notifier, self._auto_notify)

    def setter(self, fset: Any) -> "RPCProperty":
        return type(self)(self.fget, fset, self.fdel, None, self._notifier, self._auto_notify)

    def __set__(self, obj: Any, value: Any) -> None:
        old = self.fget(obj)
        super().__set__(obj, value)
        if self._auto_notify and self._notifier is not None and self.fget(obj) != old:
            self._notifier.emit(self.fget(obj))


def members(owner: type, kind: type) -> dict[str, Any]:
    """The members of a class that are of a kind."""
    return {name: member for klass in reversed(owner.__mro__)
            for name, member in vars(klass).items() if isinstance(member, kind)}


class RPCClient:
    """A client: a subclass inherits from the interface, too."""

    def __init__(self, context: Any, url: str, timeout: int = 1000) -> None:
        interface = Interface(Device)
        interface.signals = {name: signal.arg_types
                             for name, signal in members(type(self), RPCSignal).items()}
        interface.signatures = {
            name: inspect.signature(method)
            for name, method in self.interface_methods.items()}
        self._peer = PeerClient(GENERATION, url, timeout, interface)
        self._peer.handler = self._hear
        self._peer.connect()

    def _hear(self, name: str, args: list[Any]) -> None:
        signal = getattr(self, name)
        signal.emit(*map(coerce, args, signal.arg_types))

    @classmethod
    def register_interface(cls, interface: type) -> Callable[[type], type]:
        def register(kind: type) -> type:
            kind.interface_methods = {
                name: method for name, method in members(interface, object).items()
                if inspect.isfunction(method) and not name.startswith("_")}
            for name in kind.interface_methods:
                setattr(kind, name, _method(name))
            for name in members(interface, property):
                setattr(kind, name, _property(name))
            kind.__abstractmethods__ = frozenset()
            return kind
        return register


def _method(name: str) -> Any:
    def call(self: RPCClient, *args: Any, **kwargs: Any) -> Any:
        buffer = name in self._peer.inventory["buffer_methods"]
        try:
            if not buffer:
                return self._peer.call(name, *args, **kwargs)
            data, info = self._peer.call_buffer(name, *args, **kwargs)
            return memoryview(data), info
        except Unusable as error:
            raise TimeoutError(str(error)) from error
    return call


def _property(name: str) -> property:
    return property(lambda self: self._peer.get(name),
                    lambda self, value: self._peer.set(name, value) and None)


class RPCServer:
    """A device: a subclass inherits from the interface, too."""

    register_method_json = staticmethod(json_method)
    register_method_buffer = staticmethod(buffer_method)

    def __init__(self, context: Any, url: str, alive_timeout: int = 60) -> None:
        kind = type(self)
        signals = members(kind, RPCSignal)
        device = type(kind.__name__, (Device,), {
            **{name: Signal(*signal.arg_types) for name, signal in signals.items()},
            **{name: self._exported(name) for name in members(kind, property)},
            **{name: self._offered(method) for name, method in members(kind, object).items()
               if hasattr(method, "offered")}})()
        self._peer = (Server1 if GENERATION == 1 else Server2)(url, device, Ledger())
        self.url, self.port = url, int(self._peer.url.rpartition(":")[2])
        for name, signal in signals.items():
            signal.connect(getattr(device, name).emit)

    def _exported(self, name: str) -> property:
        return property(lambda device: getattr(self, name),
                        lambda device, value: setattr(self, name, value))

    def _offered(self, method: Any) -> Any:
        def call(device: Device, *args: Any, **kwargs: Any) -> Any:
            return method(self, *args, **kwargs)
        call.offered = method.offered
        return call

    def serve_forever(self) -> None:
        self._peer.serve()
