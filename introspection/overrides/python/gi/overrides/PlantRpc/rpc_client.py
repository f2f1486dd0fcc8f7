# SPDX-License-Identifier: LGPL-2.1-or-later
"""RPCClient and NoResult of ported scripts: blocking calls, signals on a thread of their own."""

import abc
import inspect
import logging
import os
import weakref
from collections.abc import Callable
from typing import Any

from gi.repository import Gio, GLib, PlantRpc

from . import errors
from .rpc_signal import PORTED, RPCProperty, RPCSignal, members
from .rpc_thread import ContextThread, cancelled_after, made_in
from .rpc_values import to_json_variant
from .values import from_variant

logger = logging.getLogger(__name__)
STOP_MS = 2000  # how long stop_server() waits

# The server, or the way to it, has gone: the old module waited in vain.
GONE = (PlantRpc.Error.NOT_SENT, PlantRpc.Error.OUTCOME_UNKNOWN)


class NoResult:
    """The outcome of a call that failed; it is false."""

    __module__ = PORTED

    def __init__(self, error: str, traceback: str = "") -> None:
        self.error, self.traceback = error, traceback

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"NoResult({self.error!r})"


class RPCClient:
    """A client for ported scripts: a subclass of it and of an interface is the remote device.

    Calls and reads block, in whichever thread.  Signals arrive on a thread of the client's own, as
    they did, and no call waits for their handlers.  `context` is kept and not used.
    """

    __module__ = PORTED

    def __init__(self, context: Any, url: str, timeout: int = 1000) -> None:
        self.context, self.url = context, url
        own, receives = GLib.MainContext(), bool(members(type(self), RPCSignal))
        self._rpc_client: Any = made_in(own, PlantRpc.Client, url=url, timeout=max(timeout, 1),
                                        legacy=True, receive_signals=receives)
        self._rpc_finalizer = weakref.finalize(self, _close, self._rpc_client, os.getpid(),
                                           held := list[ContextThread]())
        # A client at the end of a process goes with its thread.
        self._rpc_finalizer.atexit = False
        self._rpc_client.connect("signal-received", _hearer(weakref.ref(self)))
        try:
            self._rpc_client.wait_ready_sync(timeout)
        except GLib.Error as error:
            self._rpc_finalizer()
            if error.matches(PlantRpc.Error.quark(), PlantRpc.Error.INVALID_URL):
                raise
            raise _timed_out(error) from None
        self.name: str = self._rpc_client.get_name()
        self.own_address: str = self._rpc_client.get_own_address()
        self.peer_address: str = self._rpc_client.get_peer_address()
        if receives:
            held.append(ContextThread("RPCSignalReceiver", own))

    @classmethod
    def register_interface(cls, interface: type) -> Callable[[type], type]:
        """Decorate a subclass of RPCClient and of an interface: its members are the device's."""
        def register(kind: type) -> type:
            if not (issubclass(kind, RPCClient) and issubclass(kind, interface)):
                raise RuntimeError(f"{kind.__name__} is to inherit from {interface.__name__} "
                                   "and from RPCClient")
            for klass in reversed(interface.__mro__[:-1]):
                for name, member in vars(klass).items():
                    _replace_member(kind, name, member)
            return abc.update_abstractmethods(kind)
        return register

    def execute(self, method_name: str, params: dict[str, Any]) -> tuple[bool, Any]:
        """Call a method: True and its result, or False and the error with its traceback.

        `params` has the positional arguments as `args` and the named ones as `kwargs`.  The result
        of a method that returns bytes is the buffer and what the device tells of it.
        """
        info = self._rpc_client.get_interface().lookup_method(method_name)
        sent = (method_name, to_json_variant(list(params.get("args", ()))),
                to_json_variant(dict(params.get("kwargs", {}))),
                PlantRpc.TIMEOUT_FROM_SERVER if info is None else info.get_timeout())
        try:
            if info is None or not info.get_buffer():
                return True, from_variant(self._rpc_client.call_sync(*sent))
            data, told = self._rpc_client.call_buffer_sync(*sent)
            return True, (memoryview(data.get_data() or b""), from_variant(told) or {})
        except errors.CallError as error:
            return False, _told(error)

    def stop_server(self) -> None:
        """Ask the server to end."""
        try:
            with cancelled_after(STOP_MS) as cancellable:
                self._rpc_client.stop_server_sync(cancellable)
        except GLib.Error as error:
            logger.warning("the server goes on: %s", errors.line(error.message))

    def _rpc_call(self, name: str, args: Any, kwargs: Any) -> Any:
        success, result = self.execute(name, {"args": args, "kwargs": kwargs})
        return result if success else NoResult(*result)

    def _rpc_get(self, name: str) -> Any:
        try:
            return from_variant(self._rpc_client.read_property_sync(name))
        except errors.CallError as error:
            logger.error("%s cannot be read: %s", name, errors.line(error.message))
            return NoResult(error.message, error.traceback or "")

    def _rpc_set(self, name: str, value: Any) -> None:
        try:
            self._rpc_client.write_property_sync(name, to_json_variant(value))
        except errors.CallError as error:
            logger.error("%s is not set to %r: %s", name, value, errors.line(error.message))

    def _rpc_hear(self, name: str, args: list[Any]) -> None:
        signal = getattr(self, name, None)
        if not isinstance(signal, RPCSignal):
            return
        try:
            signal.emit(*args)
        except Exception as error:
            logger.error("the signal %s: %s", name, errors.line(errors.describe(error)))
            logger.error("%s", errors.show(errors.trace(error).rstrip()))


def _hearer(owner: Any) -> Callable[..., None]:
    def hear(client: Any, name: str, args: GLib.Variant) -> None:
        itself = owner()
        if itself is not None:
            itself._rpc_hear(name, from_variant(args))
    return hear


def _close(client: Any, process: int, threads: list[ContextThread]) -> None:
    # In a forked process it belongs to the parent.
    if process != os.getpid():
        return
    client.close()
    for thread in threads:
        thread.end()


def _timed_out(error: errors.CallError) -> errors.CallError:
    return errors.CallTimeout(error.message, error.domain, error.code, error.traceback)


def _told(error: errors.CallError) -> tuple[str, str]:
    """What a failed call is told as; a TimeoutError where nobody has answered."""
    if isinstance(error, TimeoutError):
        raise error
    if any(error.matches(PlantRpc.Error.quark(), code) for code in GONE):
        raise _timed_out(error) from None
    if error.matches(PlantRpc.Error.quark(), PlantRpc.Error.CLOSED) \
            or error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK):
        raise error
    return error.message, error.traceback or ""


# -- the members of an interface

def _replace_member(kind: type, name: str, member: Any) -> None:
    if isinstance(member, property):
        setattr(kind, name, _remote_property(name, member))
    elif inspect.isfunction(member) and not name.startswith("_"):
        setattr(kind, name, _remote_method(name, member))


def _remote_property(name: str, declared: property) -> RPCProperty:
    def read(self: RPCClient) -> Any:
        return self._rpc_get(name)

    def write(self: RPCClient, value: Any) -> None:
        self._rpc_set(name, value)
    return RPCProperty(read, write, None, declared.__doc__)


def _remote_method(name: str, declared: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(declared)

    def call(self: RPCClient, *args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        return self._rpc_call(name, bound.args[1:], bound.kwargs)
    call.__name__, call.__doc__ = name, declared.__doc__
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call
