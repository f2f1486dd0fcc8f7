# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of generation 1 or 2: it does what the reference does, and notes what servers do wrong.

`connect` takes the steps of the reference (address discovery, inventory, signals).  `get`, `set`,
`call`, `call_buffer` and `stop_server` are its operations with its time-outs; after a time-out the
client cannot be used again.  `execute` and `exchange` send what is given and hand back the frames.

`violations` collects what a server may not do: replies of a wrong number of frames, error replies
without both texts, tokens that are not JSON, and everything that ends the reference's reception of
signals for good (then `reception_ended` says why, and no later signal is received or acknowledged).
"""

import inspect
import socket
import threading
import time
from typing import Any, Callable

import zmq
from zmq.utils.monitor import recv_monitor_message

import wire
from device import Device, FakeCameraServer, coerce, fits

OPERATION_MS = 10000  # what the reference waits for properties
STOP_MS = 1000
SUBSCRIPTION_SECONDS = 0.02
Received = tuple[str, list[Any]]


class Unusable(Exception):
    """A time-out, or any use of a client after one."""


class NoResult:
    """The falsy result of a failed operation."""

    def __init__(self, error: str, traceback: str) -> None:
        self.error, self.traceback = error, traceback

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"NoResult({self.error!r})"


class Interface:
    """What the program that uses the client knows of the device: signatures and signals."""

    def __init__(self, device: type[Device] = FakeCameraServer) -> None:
        members = device.members()
        self.signals = device.signals()
        self.signatures = {n: inspect.signature(m) for n, m in members.items()
                           if hasattr(m, "offered")}

    def params(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Bind to the signature: names and omitted defaults become positional arguments."""
        if name not in self.signatures:
            return {"args": list(args), "kwargs": kwargs}
        bound = self.signatures[name].bind(None, *args, **kwargs)
        bound.apply_defaults()
        return {"args": list(bound.args[1:]), "kwargs": bound.kwargs}


class SignalReceiver(threading.Thread):
    """Receives signals on a thread of its own, as strictly as the reference."""

    def __init__(self, sock: zmq.Socket, interface: Interface,
                 handler: Callable[[str, list[Any]], None],
                 violation: Callable[[str], None]) -> None:
        super().__init__(name="signals", daemon=True)
        self._handler = handler
        self._socket, self._interface, self._violation = sock, interface, violation
        self._acknowledges = sock.type == zmq.REP
        self._stopping = threading.Event()
        self.changed = threading.Condition()
        self.signals: list[Received] = []
        self.ended = ""
        self.acknowledge = threading.Event()  # cleared by tests of servers: let them wait
        self.acknowledge.set()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._socket.poll(20):
                    self._take(self._socket.recv_multipart())
        except Exception as error:
            self.ended = f"{type(error).__name__}: {error}"
            self._violation(f"reception of signals ended for good: {self.ended}")
        with self.changed:
            self.changed.notify_all()
        # The socket stays: the reference's also goes on existing without anybody reading it.
        self._stopping.wait()
        self._socket.close(linger=0)

    def stop(self) -> None:
        """End the thread and close the socket."""
        self._stopping.set()
        self.acknowledge.set()
        self.join()

    def _take(self, frames: list[bytes]) -> None:
        if len(frames) != 1:
            raise ValueError(f"a signal of {len(frames)} frames")
        message, problems = wire.object_problems(frames[0], "signal")
        for problem in problems:
            self._violation(problem)
        if message is None:
            raise ValueError("not a JSON object")
        if message["event"] != "EMIT_SIGNAL":
            self._answer(False)
            return
        name, args, blocking = message["signal"], message["args"], self._blocking(message)
        if not blocking:
            self._answer(True)
        self._emit(name, args)
        if blocking:
            self._answer(True)

    def _blocking(self, message: dict[str, Any]) -> bool:
        """Generation 1 dies without the member; generation 2 does not look at it."""
        if self._acknowledges:
            return message["blocking"]
        if not isinstance(message.get("blocking"), bool):
            self._violation(f"a signal without the boolean 'blocking': {wire.shorten(message)}")
        return False

    def _answer(self, success: bool) -> None:
        if self._acknowledges:
            while not self.acknowledge.wait(0.1):
                pass
            self._socket.send(wire.dumps({"success": success}))

    def _emit(self, name: str, args: Any) -> None:
        types = self._interface.signals[name]
        if len(args) != len(types):
            raise ValueError(f"{name} with {len(args)} arguments instead of {len(types)}")
        for arg, kind in zip(args, types):
            coerce(arg, kind)
            if not fits(arg, kind):
                self._violation(f"{name}: {arg!r} is of a wrong type")
        self._handler(name, args)
        with self.changed:
            self.signals.append((name, args))
            self.changed.notify_all()


class PeerClient:
    """One client object of the reference."""

    def __init__(self, generation: int, url: str, timeout: int = 1000,
                 interface: Interface | None = None) -> None:
        self.generation, self.url, self.timeout = generation, url, timeout
        self.interface = interface or Interface()
        self.violations: list[str] = []
        self.inventory: dict[str, Any] = {}
        self.own_address = self.peer_address = self.name = ""
        self.handler: Callable[[str, list[Any]], None] = lambda name, args: None
        self.receiver: SignalReceiver | None = None
        self.requests_sent: list[list[bytes]] = []
        self._context = zmq.Context()
        self._req = self._context.socket(zmq.REQ)
        self._req.linger = 0
        self._req.connect(url)
        self._unusable = ""

    def __enter__(self) -> "PeerClient":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def close(self) -> None:
        """Vanish, as the end of a process does."""
        if self.receiver is not None:
            self.receiver.stop()
        self._req.close()
        self._context.term()

    # -- the steps of the reference

    def connect(self) -> "PeerClient":
        """Everything the reference does before it can be used."""
        if self.generation == 1:
            self.find_peer_address()
        self.get_inventory()
        if any(name in self.interface.signals for name in self.inventory.get("signals", ())):
            self.init_signals()
            self._settle()
        return self

    def find_peer_address(self) -> None:
        """Learn the own address from a TCP connection that carries nothing."""
        reply = self._json({"event": "FIND_PEER_ADDRESS"}, self.timeout)
        if not wire.is_integer(reply.get("port")):
            self._note(f"FIND_PEER_ADDRESS answered without a port: {reply!r}")
        host = wire.split_url(self.url)[1]
        with socket.create_connection((host, reply["port"]), timeout=10) as connection:
            self.own_address = connection.getsockname()[0]
            self.peer_address = connection.getpeername()[0]

    def get_inventory(self) -> dict[str, Any]:
        """Ask for the inventory, and hold it complete."""
        frames = self.exchange({"event": "GET_INVENTORY"}, self.timeout)
        for problem in wire.inventory_problems(frames):
            self._note(problem)
        self.inventory = wire.loads(frames[0])
        self.name = self.inventory["name"]
        return self.inventory

    def init_signals(self) -> None:
        """Have signals sent to a socket of this client."""
        if self.generation == 1:
            sock = self._context.socket(zmq.REP)
            sock.bind(f"tcp://{self.own_address}:*")
            port = int(sock.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
            self._json({"event": "INIT_SIGNALS_HANDLING", "address": self.own_address,
                        "port": port}, self.timeout)
        else:
            reply = self._json({"event": "INIT_SIGNALS_HANDLING"}, self.timeout)
            if not wire.is_integer(reply.get("signal_port")):
                self._note(f"'signal_port' is no integer: {reply!r}")
            sock = self._subscribe(reply["signal_port"])
        self.receiver = SignalReceiver(sock, self.interface, self.handler, self._note)
        self.receiver.start()

    def _subscribe(self, port: int) -> zmq.Socket:
        """Connect, and wait for the handshake."""
        sock = self._context.socket(zmq.SUB)
        sock.subscribe(b"")
        monitor = sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        sock.connect(f"tcp://{wire.split_url(self.url)[1]}:{port}")
        if monitor.poll(OPERATION_MS):
            recv_monitor_message(monitor)
        else:
            self._note("nobody listens at 'signal_port'")
        sock.disable_monitor()
        monitor.close()
        return sock

    def _settle(self) -> None:
        """Let the subscription arrive, so that tests lose nothing; the reference does not wait.

        Some round trips bring it to the server's socket, which looks for new subscriptions only
        every few million ticks of the processor's clock."""
        if self.generation == 2:
            for _ in range(4):
                self.get_inventory()
            threading.Event().wait(SUBSCRIPTION_SECONDS)

    # -- its operations

    def get(self, name: str) -> Any:
        """Read a property; NoResult for a failure."""
        try:
            reply = self._json({"event": "PROPERTY_GET", "property": name}, OPERATION_MS)
        except Unusable as error:
            return NoResult("Timeout reached", str(error))
        return reply["value"] if reply["success"] else self._no_result(reply)

    def set(self, name: str, value: Any) -> NoResult | None:
        """Write a property.  The reference only logs a refusal; here it is handed back."""
        reply = self._json({"event": "PROPERTY_SET", "property": name, "value": value},
                           OPERATION_MS)
        return None if reply["success"] else self._no_result(reply)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a JSON method of the interface."""
        params = self.interface.params(name, args, kwargs)
        if name not in self.inventory["json_methods"]:
            return self._call_unknown(name, params)
        frames = self.execute(name, params, self.inventory["json_methods"][name])
        for problem in wire.json_reply_problems(frames):
            self._note(f"{name}: {problem}")
        reply = wire.loads(frames[0])
        return reply["result"] if reply["success"] else self._no_result(reply)

    def call_buffer(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a buffer method; (bytes, information) or NoResult."""
        params = self.interface.params(name, args, kwargs)
        if name not in self.inventory["buffer_methods"]:
            return self._call_unknown(name, params)
        frames = self.execute(name, params, self.inventory["buffer_methods"][name])
        for problem in wire.buffer_reply_problems(frames):
            self._note(f"{name}: {problem}")
        info = wire.loads(frames[0])
        return self._no_result(info) if "error" in info else (frames[1], info)

    def stop_server(self) -> Any:
        """Ask the server to stop."""
        return self._json({"event": "STOP_SERVER"}, STOP_MS)

    def execute(self, name: str, params: dict[str, Any],
                wait: int | None = OPERATION_MS) -> list[bytes]:
        """Send a METHOD_CALL with these parameters as they are; the reply as it came."""
        return self.exchange({"event": "METHOD_CALL", "method": name, "params": params}, wait)

    def exchange(self, request: dict[str, Any] | bytes, wait: int | None) -> list[bytes]:
        """One request and its reply; `wait` in ms, for ever where null or negative."""
        if self._unusable:
            raise Unusable(self._unusable)
        frame = request if isinstance(request, bytes) else wire.dumps(request)
        self.requests_sent.append([frame])
        if not self._req.poll(1000, zmq.POLLOUT):
            raise self._give_up("could not be sent", frame)
        self._req.send(frame)
        if not self._req.poll(None if wait is None or wait < 0 else wait):
            raise self._give_up("not answered", frame)
        return self._req.recv_multipart()

    def _call_unknown(self, name: str, params: dict[str, Any]) -> NoResult:
        """The reference sends it all the same, and does not read the reply."""
        self._req.send(wire.dumps({"event": "METHOD_CALL", "method": name, "params": params}))
        self._unusable = f"{name} is not in the inventory"
        return NoResult(self._unusable, "")

    def _give_up(self, what: str, frame: bytes) -> Unusable:
        self._unusable = f"{what}: {wire.shorten(frame)}"
        return Unusable(self._unusable)

    def _json(self, request: dict[str, Any], wait: int | None) -> dict[str, Any]:
        frames = self.exchange(request, wait)
        for problem in wire.json_reply_problems(frames):
            self._note(f"{request['event']}: {problem}")
        return wire.loads(frames[0])

    def _no_result(self, reply: dict[str, Any]) -> NoResult:
        return NoResult(reply["error"], reply["traceback"])

    def _note(self, what: str) -> None:
        self.violations.append(what)

    # -- signals

    @property
    def signals(self) -> list[Received]:
        """All signals received so far, as (name, args)."""
        return list(self.receiver.signals) if self.receiver else []

    @property
    def reception_ended(self) -> str:
        """Why no more signals are received; empty while they are."""
        return self.receiver.ended if self.receiver else ""

    def wait_signals(self, condition: int | Callable[[list[Received]], Any],
                     deadline: float = 20) -> list[Received]:
        """Wait for a number of signals, or for a condition on their list."""
        receiver, end = self.receiver, time.monotonic() + deadline
        assert receiver is not None, "signals were not initialised"
        met = (lambda got: len(got) >= condition) if isinstance(condition, int) else condition
        with receiver.changed:
            while not met(receiver.signals):
                left = end - time.monotonic()
                if receiver.ended or left <= 0:
                    raise TimeoutError(f"signals so far: {wire.shorten(receiver.signals)} "
                                       f"{receiver.ended}")
                receiver.changed.wait(left)
            return list(receiver.signals)
