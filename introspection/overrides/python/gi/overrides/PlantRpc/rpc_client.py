# SPDX-License-Identifier: LGPL-2.1-or-later
"""RPCClient and NoResult of ported scripts: blocking calls, signals on a thread of their own."""

import abc
import atexit
import concurrent.futures
import inspect
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

from gi.repository import GLib, PlantRpc

from . import errors
from .rpc_signal import PORTED, RPCProperty, RPCSignal
from .values import from_variant, to_variant

logger = logging.getLogger(__name__)
LONGEST_END = 1.0  # seconds that the end of a process waits for the thread


class NoResult:
    """The outcome of a call that failed; it is false."""

    __module__ = PORTED

    def __init__(self, error: str, traceback: str = "") -> None:
        self.error, self.traceback = error, traceback

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"NoResult({self.error!r})"


class Worker(threading.Thread):
    """The thread on which all ported clients of a process live."""

    _one: "Worker | None" = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        super().__init__(name="plantrpc", daemon=True)
        self.context = GLib.MainContext()
        self._loop = GLib.MainLoop.new(self.context, False)
        self._ready = threading.Event()

    @classmethod
    def get(cls) -> "Worker":
        """The one of this process, running."""
        with cls._lock:
            if cls._one is None:
                cls._one = worker = cls()
                worker.start()
                worker._ready.wait()
                atexit.register(worker.end)
            return cls._one

    def run(self) -> None:
        self.context.push_thread_default()
        self._ready.set()
        self._loop.run()
        self.context.pop_thread_default()

    def end(self) -> None:
        """End the thread, before Python does; a handler that never returns holds up nobody."""
        self.post(self._loop.quit)
        if threading.current_thread() is not self:
            self.join(LONGEST_END)

    def post(self, function: Callable[..., Any], *args: Any) -> None:
        """Have something done on the thread."""
        def run(*data: Any) -> bool:
            function(*args)
            return GLib.SOURCE_REMOVE
        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT)
        source.set_callback(run)
        source.attach(self.context)

    def wait(self, begin: Callable[..., None], *args: Any) -> Any:
        """Begin something on the thread, which gets a future for its outcome; wait for that."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        if threading.current_thread() is not self:
            self.post(_guarded, begin, future, *args)
            return future.result()
        begin(future, *args)
        while not future.done():
            self.context.iteration(True)
        return future.result()


def _guarded(begin: Callable[..., None], future: Any, *args: Any) -> None:
    try:
        begin(future, *args)
    except Exception as error:
        future.set_exception(error)


def _settle(future: Any, finish: Callable[[], Any]) -> None:
    try:
        future.set_result(finish())
    except Exception as error:
        future.set_exception(error)


class RPCClient:
    """A client for ported scripts: a subclass of it and of an interface is the remote device.

    Calls and reads block; signals arrive on a thread of their own, as they did.  `context` is
    not used.
    """

    __module__ = PORTED

    def __init__(self, context: Any, url: str, timeout: int = 1000) -> None:
        self.url = url
        self._worker = Worker.get()
        held: list[Any] = []
        self._held = held
        self._finalizer = weakref.finalize(self, _close, self._worker, held)
        # A client at the end of a process goes with its thread.
        self._finalizer.atexit = False
        self._worker.wait(_connect, held, url, timeout, weakref.ref(self))
        client = held[0]
        self.name: str = client.get_name()
        self.own_address: str = client.get_own_address()
        self.peer_address: str = client.get_peer_address()

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

    def execute(self, method_name: str, params: dict[str, Any]) -> tuple[Any, bytes | None]:
        """Call a method; the result and None, or the information and the bytes.

        `params` has the positional arguments as `args` and the named ones as `kwargs`.
        """
        return self._worker.wait(_call, self._held[0], method_name, params.get("args", ()),
                                 params.get("kwargs", {}))

    def stop_server(self) -> None:
        """Ask the server to end."""
        try:
            self._worker.wait(_stop_server, self._held[0])
        except GLib.Error as error:
            logger.warning("the server goes on: %s", error)

    def _call(self, name: str, args: Any, kwargs: Any) -> Any:
        try:
            result, buffer = self.execute(name, {"args": args, "kwargs": kwargs})
        except TimeoutError:
            raise
        except errors.CallError as error:
            return NoResult(error.message, error.traceback or "")
        return result if buffer is None else (buffer, result)

    def _get(self, name: str) -> Any:
        try:
            return self._worker.wait(_read, self._held[0], name)
        except errors.CallError as error:
            return NoResult(error.message, error.traceback or "")

    def _set(self, name: str, value: Any) -> None:
        try:
            self._worker.wait(_write, self._held[0], name, value)
        except errors.CallError as error:
            logger.error("%s is not set to %r: %s", name, value, error)

    def _hear(self, name: str, args: list[Any]) -> None:
        signal = getattr(self, name, None)
        if not isinstance(signal, RPCSignal):
            return
        try:
            signal.emit(*signal.validate_args(*args, coerce=True))
        except Exception:
            logger.exception("the signal %s", name)


# -- what happens on the worker thread

def _connect(future: Any, held: list[Any], url: str, timeout: int, owner: Any) -> None:
    client = PlantRpc.Client.new(url)
    held.append(client)

    def heard(client: Any, name: str, args: GLib.Variant) -> None:
        itself = owner()
        if itself is not None:
            itself._hear(name, from_variant(args))
    client.connect("signal-received", heard)
    client.wait_ready(timeout, None, lambda client, result: _settle(
        future, lambda: client.wait_ready_finish(result)))


def _close(worker: Worker, held: list[Any]) -> None:
    def close() -> None:
        for client in held:
            client.close()
        held.clear()
    worker.post(close)


def _call(future: Any, client: Any, name: str, args: Any, kwargs: Any) -> None:
    info = client.get_interface()
    method = info.lookup_method(name) if info is not None else None
    sent = (name, to_variant(list(args)), to_variant(dict(kwargs)),
            PlantRpc.TIMEOUT_FROM_SERVER, None)

    def called(client: Any, result: Any) -> None:
        _settle(future, lambda: (from_variant(client.call_finish(result)), None))

    def called_buffer(client: Any, result: Any) -> None:
        def finish() -> Any:
            data, info = client.call_buffer_finish(result)
            return from_variant(info) or {}, data.get_data() or b""
        _settle(future, finish)
    if method is not None and method.get_buffer():
        client.call_buffer(*sent, called_buffer)
    else:
        client.call(*sent, called)


def _read(future: Any, client: Any, name: str) -> None:
    client.read_property(name, None, lambda client, result: _settle(
        future, lambda: from_variant(client.read_property_finish(result))))


def _write(future: Any, client: Any, name: str, value: Any) -> None:
    client.write_property(name, value, None, lambda client, result: _settle(
        future, lambda: client.write_property_finish(result)))


def _stop_server(future: Any, client: Any) -> None:
    client.stop_server(None, lambda client, result: _settle(
        future, lambda: client.stop_server_finish(result)))


# -- the members of an interface

def _replace_member(kind: type, name: str, member: Any) -> None:
    if isinstance(member, property):
        setattr(kind, name, _remote_property(name, member))
    elif inspect.isfunction(member) and not name.startswith("_"):
        setattr(kind, name, _remote_method(name, member))


def _remote_property(name: str, declared: property) -> RPCProperty:
    def read(self: RPCClient) -> Any:
        return self._get(name)

    def write(self: RPCClient, value: Any) -> None:
        self._set(name, value)
    return RPCProperty(read, write, None, declared.__doc__)


def _remote_method(name: str, declared: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(declared)

    def call(self: RPCClient, *args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        return self._call(name, bound.args[1:], bound.kwargs)
    call.__name__, call.__doc__ = name, declared.__doc__
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call
