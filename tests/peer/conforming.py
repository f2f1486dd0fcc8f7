#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server as PROTOCOL.md asks of implementers, serving both generations at once.

It exists to certify the certifier: the checks of `checklist.py` must hold for it, or they ask too
much, and must fail for the servers of `server.py`, which do what the reference does.  The command
line is that of `server.py`, with `--generation both`.
"""

import socket
import sys
import threading
from typing import Any

import zmq

import wire
from ledger import Ledger
from server import Deaf, Ends, Request, Server, failure, find_listener, run
from signals import Publisher

ACK_MS = 300  # how long a generation 1 subscriber may take to acknowledge before it is dropped


class BothSenders(Publisher):
    """Publishes once, and pushes once to each generation 1 client, never waiting for ever."""

    def __init__(self, context: zmq.Context, ledger: Ledger, stopping: threading.Event) -> None:
        super().__init__(context, ledger, stopping)
        self._pushers: dict[tuple[str, int], zmq.Socket] = {}

    def connect(self, address: str, port: int) -> None:
        """Push to this client, once, however often it asks."""
        if (address, port) not in self._pushers:
            pusher = self._context.socket(zmq.REQ)
            pusher.linger = 0
            pusher.connect(f"tcp://{address}:{port}")
            self._pushers[address, port] = pusher

    def send(self, frames: list[bytes]) -> None:
        if self._socket is not None:
            self._socket.send_multipart(frames)
        for subscriber, pusher in list(self._pushers.items()):
            pusher.send_multipart(frames)
            if pusher.poll(ACK_MS):
                pusher.recv_multipart()
            else:
                self._pushers.pop(subscriber).close()

    def close(self) -> None:
        for pusher in self._pushers.values():
            pusher.close()
        super().close()


class ConformingServer(Server):
    """Answers every request once, and goes on."""

    generation = 12

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handlers["FIND_PEER_ADDRESS"] = self._find_peer

    def _make_sender(self) -> BothSenders:
        return BothSenders(self.context, self.ledger, self.device.stopping)

    def _take(self) -> bool:
        frames = self._rep.recv_multipart()
        try:
            _, reply = self._answer(self._read(frames))
        except (Deaf, Ends) as error:
            reply = [wire.dumps(failure(error))]
        blemishes = wire.blemishes(reply[0])
        if blemishes:
            reply = [wire.dumps({"success": False, "error": blemishes[0], "traceback": ""})]
        self._rep.send_multipart([self._with_traceback(reply[0]), *reply[1:]])
        return self.why != "STOP_SERVER"

    def _with_traceback(self, frame: bytes) -> bytes:
        """Reference clients read the member in every error reply."""
        reply = wire.loads(frame)
        if reply.get("success") is False:
            reply.setdefault("traceback", "")
        return wire.dumps(reply)

    def _get(self, request: Request) -> dict[str, Any]:
        if request["property"] not in self.device.inventory()["properties"]:
            return {"success": False, "error": "no such property", "traceback": ""}
        return super()._get(request)

    def _find_peer(self, request: Request) -> dict[str, Any]:
        listener = find_listener(self._host)
        listener.settimeout(self._peer_timeout)
        threading.Thread(target=self._await_peer, args=(listener,), daemon=True).start()
        return {"success": True, "port": listener.getsockname()[1]}

    def _await_peer(self, listener: socket.socket) -> None:
        with listener:
            try:
                listener.accept()[0].close()
            except TimeoutError:
                pass

    def _init_signals(self, request: Request) -> dict[str, Any]:
        if "address" in request:
            self.signals.connect(request["address"], request["port"])
        return {"success": True, "signal_port": self.signals.bind(self._host)}


if __name__ == "__main__":
    sys.exit(run({"both": ConformingServer}, __doc__))
