# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a server sends its signals, in both generations.

Every INIT_SIGNALS_HANDLING makes each later emission be sent once more, as in the reference.
A lock lets tests emit from threads of their own; the reference has none.
"""

import threading
from typing import Any

import zmq

import wire
from ledger import Ledger


class SignalSender:
    """Sends one copy for each initialisation; until the first, emissions are dropped."""

    def __init__(self, context: zmq.Context, ledger: Ledger, stopping: threading.Event) -> None:
        self._context, self._ledger, self._stopping = context, ledger, stopping
        self._lock = threading.Lock()
        self._socket: zmq.Socket | None = None
        self._copies = 0
        self.waiting_ack = False

    def emit(self, name: str, args: list[Any]) -> None:
        """Send one emission to whoever is there."""
        self._ledger.emitted(name)
        self.send([wire.dumps({"event": "EMIT_SIGNAL", "signal": name, "args": args,
                               "blocking": False})])

    def send(self, frames: list[bytes]) -> None:
        """Send these frames, once for every initialisation."""
        for _ in range(self._copies):
            with self._lock:
                self._ledger.sent()
                self._send_one(frames)

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close(linger=1000 if self._socket.type == zmq.PUB else 0)

    def _send_one(self, frames: list[bytes]) -> None:
        raise NotImplementedError


class Pusher(SignalSender):
    """Generation 1: a request to the client that initialised last, until it acknowledges."""

    def connect(self, address: str, port: int) -> None:
        """Send to this client from now on."""
        with self._lock:
            self.close()
            self._socket = self._context.socket(zmq.REQ)
            self._socket.connect(f"tcp://{address}:{port}")
            self._copies += 1

    def _send_one(self, frames: list[bytes]) -> None:
        self._socket.send_multipart(frames)
        self.waiting_ack = True
        while not self._socket.poll(100):
            if self._stopping.is_set():
                return
        answer = self._socket.recv_multipart()
        self.waiting_ack = False
        self._judge(answer)

    def _judge(self, answer: list[bytes]) -> None:
        self._ledger.sent(acknowledged=True)
        if len(answer) != 1:
            self._ledger.violation("an acknowledgement of more than one frame", answer)
        value, problems = wire.object_problems(answer[0], "acknowledgement")
        for problem in problems:
            self._ledger.violation(problem)
        if value is None:
            raise wire.WireError("unreadable acknowledgement")
        if value.get("success") is not True:
            self._ledger.violation("a signal acknowledged without success", answer)
        value["success"]  # its absence makes the emission fail


class Publisher(SignalSender):
    """Generation 2: published, without acknowledgement."""

    port = 0

    def bind(self, host: str) -> int:
        """Bind at the first initialisation; the port stays the same at later ones."""
        with self._lock:
            if self._socket is None:
                self._socket = self._context.socket(zmq.PUB)
                self._socket.bind(f"tcp://{host}:*")
                endpoint = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
                self.port = int(endpoint.rpartition(":")[2])
            self._copies += 1
            return self.port

    def _send_one(self, frames: list[bytes]) -> None:
        self._socket.send_multipart(frames)
