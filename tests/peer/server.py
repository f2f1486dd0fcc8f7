#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device server of generation 1 or 2 that does what the reference does, its quirks included.

  server.py --generation 1|2 --url URL [--device camera|extended] [--journal FILE]
            [--peer-timeout SECONDS] [--keep-control] [--until-stdin-closes]

URL `tcp://127.0.0.1` binds a free port from 10000 to 11999 (below the ephemeral ports, so a client
that reconnects while the server is down can never meet itself there), `tcp://127.0.0.1:0` one the
system picks, `tcp://127.0.0.1:PORT` that one, waiting for it up to five seconds.

When it listens it prints one JSON line: `url`, `port`, `control` (url of the control socket, see
control.py), `generation`, `pid`.  When it has ended it prints another: `ended`, `violations`; the
exit status is 0 without violations, 3 with any.  With --keep-control it goes on answering commands
after it has ended, until `quit`.

What the reference does not survive, this server does not survive either, and notes a violation:
unknown events and FIND_PEER_ADDRESS in generation 2 leave it deaf; unreadable requests end it
without a reply; requests that lack a member end it after an error reply.  In generation 1 it waits
without limit for acknowledgements.
"""

import argparse
import json
import os
import queue
import random
import select
import socket
import sys
import threading
import time
import traceback
from typing import Any, Callable

import zmq

import wire
from control import Control
from device import DEVICES, Device
from ledger import Ledger
from signals import Publisher, Pusher

Request = dict[str, Any]


class Deaf(Exception):
    """The server never answers this request nor any later one."""


class Ends(Exception):
    """The server leaves its loop without an answer."""


def failure(error: BaseException) -> dict[str, Any]:
    """The error reply for an exception just caught."""
    return {"success": False, "error": str(error), "traceback": traceback.format_exc()}


def bind(rep: zmq.Socket, url: str) -> str:
    """Bind as the reference does, and return the url clients connect to."""
    _, _, port = wire.split_url(url)
    if port is None:
        bound = rep.bind_to_random_port(url, min_port=10000, max_port=12000, max_tries=2000)
        return f"{url}:{bound}"
    deadline = time.monotonic() + 5
    while True:
        try:
            rep.bind(url)
            return rep.getsockopt_string(zmq.LAST_ENDPOINT)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                raise
            threading.Event().wait(0.01)


def find_listener(host: str) -> socket.socket:
    """A TCP listener on a random port from 49152 on; on loopback only where the server is there."""
    ports = list(range(49152, 65536))
    random.shuffle(ports)
    for port in ports:
        try:
            return socket.create_server(("127.0.0.1" if host == "127.0.0.1" else "", port))
        except OSError:
            continue
    raise OSError("no free port")


class Server:
    """What both generations share: the loop, the events, the jobs of the control socket."""

    generation = 0

    def __init__(self, url: str, device: Device, ledger: Ledger, peer_timeout: float = 20) -> None:
        self.device, self.ledger, self._peer_timeout = device, ledger, peer_timeout
        self.context = zmq.Context()
        self._rep = self.context.socket(zmq.REP)
        self._rep.linger = 1000
        self.url = bind(self._rep, url)
        self._host = wire.split_url(url)[1]
        self._wake = self.context.socket(zmq.PULL)
        self._wake.bind("inproc://wake")
        self._bell = self.context.socket(zmq.PUSH)
        self._bell.connect("inproc://wake")
        self._bell_lock = threading.Lock()
        self._afterwards: Callable[[], None] = lambda: None
        self.state, self.why = "serving", ""
        self.tampered: dict[str, list[list[bytes] | None]] = {}
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._jobs_queued = self._jobs_done = 0
        self._jobs_failed: list[str] = []
        self.signals: Any = self._make_sender()
        device.emitter, device.executed = self.signals.emit, ledger.executed
        # The reference finds these by attribute lookup, and the recordings read them.
        device.port = wire.split_url(self.url)[2]
        device._socket = self._rep
        self._handlers: dict[str, Callable[[Request], Any]] = {
            "GET_INVENTORY": lambda request: self.device.inventory(),
            "INIT_SIGNALS_HANDLING": self._init_signals, "METHOD_CALL": self._call,
            "PROPERTY_GET": self._get, "PROPERTY_SET": self._set, "STOP_SERVER": self._stop}

    def _make_sender(self) -> Any:
        raise NotImplementedError

    def _init_signals(self, request: Request) -> dict[str, Any]:
        raise NotImplementedError

    # -- what the control thread asks for

    def summary(self) -> dict[str, Any]:
        """The answer to the control command `state`."""
        jobs = {"queued": self._jobs_queued, "done": self._jobs_done,
                "failed": list(self._jobs_failed)}
        return {"state": self.state, "why": self.why, "generation": self.generation,
                "inits": self.ledger.inits, "waiting_ack": self.signals.waiting_ack, "jobs": jobs}

    def do(self, job: Callable[[], None], via: str) -> None:
        """Have something done by the serving thread, or at once by another."""
        if via not in ("server", "thread"):
            raise ValueError(f"via {via!r}")
        self._jobs_queued += 1
        if via == "thread":
            threading.Thread(target=self._run_job, args=(job,), daemon=True).start()
            return
        self._jobs.put(job)
        self._ring()

    def end(self, why: str) -> None:
        """Leave the loop as soon as may be."""
        if self.state != "ended":
            self.why = why
        self.device.stopping.set()
        self._ring()

    def _ring(self) -> None:
        with self._bell_lock:
            if not self._bell.closed:
                self._bell.send(b"")

    def _run_job(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            self._jobs_failed.append(f"{type(error).__name__}: {error}")
        self._jobs_done += 1

    # -- the loop

    def serve(self) -> None:
        """Handle one request after the other, until stopped, or until a request is fatal."""
        poller = zmq.Poller()
        poller.register(self._wake, zmq.POLLIN)
        poller.register(self._rep, zmq.POLLIN)
        while not self.device.stopping.is_set():
            ready = dict(poller.poll())
            if self._wake in ready:
                self._wake.recv()
                while not self._jobs.empty():
                    self._run_job(self._jobs.get())
            elif self._rep in ready and not self._take():
                break
            if self.state == "deaf" and self._rep in poller:
                poller.unregister(self._rep)
        self.state = "ended"
        with self._bell_lock:
            self._bell.close(linger=0)
        self._wake.close()
        self._rep.close()
        self.signals.close()

    def _take(self) -> bool:
        """Handle the request that has arrived; false when the loop is over."""
        frames = self._rep.recv_multipart()
        try:
            request = self._read(frames)
            goes_on, reply = self._answer(request)
            replacement = self.tampered.get(request["event"])
            if replacement:
                reply = replacement.pop(0)
            if reply is None:
                raise Deaf("tampered")
            self._rep.send_multipart(reply)
            afterwards, self._afterwards = self._afterwards, lambda: None
            afterwards()
            return goes_on
        except Deaf as error:
            self.state, self.why = "deaf", str(error)
            return True
        except Ends as error:
            self.why = str(error)
            return False

    def _read(self, frames: list[bytes]) -> Request:
        """The request, or the end of the server."""
        def fatal(what: str) -> Ends:
            self.ledger.violation(what, frames)
            return Ends(what)

        if len(frames) != 1:
            raise fatal(f"a request of {len(frames)} frames")
        levels = wire.depth(frames[0])
        if levels > wire.MAX_DEPTH:
            self.ledger.violation(f"a request of {levels} levels")
        if levels >= wire.FATAL_DEPTH:
            raise Ends("too deep")
        try:
            request = wire.loads(frames[0])
        except wire.WireError as error:
            raise fatal(f"an unreadable request ({error})") from error
        if not isinstance(request, dict) or "event" not in request:
            raise fatal("a request that is no object with an event")
        for blemish in wire.blemishes(frames[0]):
            self.ledger.remark(f"request: {blemish}")
        self.ledger.request(request)
        return request

    def _answer(self, request: Request) -> tuple[bool, list[bytes]]:
        """The reply, and whether the server goes on after it."""
        event = request["event"]
        handler = self._handlers.get(event) if isinstance(event, str) else None
        if handler is None:
            self.ledger.violation("an event the server does not know", event)
            raise Deaf(f"unknown event {event!r}")
        try:
            reply = handler(request)
            if isinstance(reply, dict):
                reply = [wire.dumps(reply)]
            return self.why != "STOP_SERVER", reply
        except (Deaf, Ends):
            raise
        except Exception as error:
            # Whatever a handler lets through ends the reference, after this reply.
            self.why = f"{type(error).__name__}: {error}"
            return False, [wire.dumps(failure(error))]

    # -- the events

    def _required(self, holder: Any, member: str, kind: type | tuple[type, ...]) -> Any:
        """A member that must be there, of the right type."""
        if not isinstance(holder, dict) or member not in holder:
            self.ledger.violation(f"a request without {member!r}", holder)
        elif not isinstance(holder[member], kind):
            self.ledger.violation(f"{member!r} is of a wrong type", holder)
        return holder[member]

    def _call(self, request: Request) -> Any:
        name = self._required(request, "method", str)
        params = self._required(request, "params", dict)
        args = self._required(params, "args", list)
        kwargs = self._required(params, "kwargs", dict)
        inventory = self.device.inventory()
        if name not in inventory["json_methods"] and name not in inventory["buffer_methods"]:
            return {"success": False, "error": f"Method {name} not implemented"}
        try:
            result = getattr(self.device, name)(*args, **kwargs)
        except Exception as error:
            return failure(error)
        if name in inventory["json_methods"]:
            return {"success": True, "result": result}
        data, info = result
        return [wire.dumps(info), data]

    def _get(self, request: Request) -> dict[str, Any]:
        name = self._required(request, "property", str)
        if name not in self.device.inventory()["properties"]:
            self.ledger.violation("PROPERTY_GET of a name that is not in the inventory", name)
        try:
            return {"success": True, "value": getattr(self.device, name)}
        except Exception as error:
            return failure(error)

    def _set(self, request: Request) -> dict[str, Any]:
        name = self._required(request, "property", str)
        value = self._required(request, "value", object)
        self.ledger.write(name, value)
        try:
            self.device.write(name, value)
            return {"success": True}
        except Exception as error:
            return failure(error)

    def _stop(self, request: Request) -> dict[str, Any]:
        self.why = "STOP_SERVER"
        return {"success": True}


class Server1(Server):
    """Generation 1: address discovery, signals pushed to the latest client."""

    generation = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handlers["FIND_PEER_ADDRESS"] = self._find_peer

    def _make_sender(self) -> Pusher:
        return Pusher(self.context, self.ledger, self.device.stopping)

    def _find_peer(self, request: Request) -> dict[str, Any]:
        listener = find_listener(self._host)
        self._afterwards = lambda: self._wait_for_peer(listener)
        return {"success": True, "port": listener.getsockname()[1]}

    def _wait_for_peer(self, listener: socket.socket) -> None:
        """Serve nobody until the TCP connection has come and gone."""
        deadline = time.monotonic() + self._peer_timeout
        readable: list[Any] = []
        while not readable:
            if self.device.stopping.is_set() or time.monotonic() > deadline:
                self.ledger.violation("no TCP connection after FIND_PEER_ADDRESS")
                raise Ends("no TCP connection")
            readable = select.select([listener], [], [], 0.1)[0]
        with listener, listener.accept()[0] as peer:
            peer.settimeout(1)
            try:
                if peer.recv(1):
                    self.ledger.violation("bytes on the FIND_PEER_ADDRESS connection")
            except TimeoutError:
                self.ledger.remark("the FIND_PEER_ADDRESS connection was not closed")

    def _init_signals(self, request: Request) -> dict[str, Any]:
        address = self._required(request, "address", str)
        port = self._required(request, "port", int)
        try:
            self.signals.connect(address, port)
        except zmq.ZMQError:
            self.ledger.violation("signals for an address nobody can connect to", request)
            raise
        return {"success": True}


class Server2(Server):
    """Generation 2: signals published."""

    generation = 2

    def _make_sender(self) -> Publisher:
        return Publisher(self.context, self.ledger, self.device.stopping)

    def _init_signals(self, request: Request) -> dict[str, Any]:
        return {"success": True, "signal_port": self.signals.bind(self._host)}


def watch_stdin() -> None:
    """End with whoever started this server, however that one ended."""
    while os.read(0, 4096):
        pass
    os._exit(4)


def run(kinds: dict[str, type[Server]], doc: str) -> int:
    """The program: serve with the kind of server that --generation names."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generation", choices=list(kinds), required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--device", choices=list(DEVICES), default="camera")
    parser.add_argument("--journal")
    parser.add_argument("--peer-timeout", type=float, default=20)
    parser.add_argument("--keep-control", action="store_true")
    parser.add_argument("--until-stdin-closes", action="store_true")
    options = parser.parse_args()
    ledger = Ledger(options.journal)
    server = kinds[options.generation](options.url, DEVICES[options.device](), ledger,
                                       options.peer_timeout)
    control = Control(server.context, server)
    control.start()
    if options.until_stdin_closes:
        threading.Thread(target=watch_stdin, daemon=True).start()
    print(json.dumps({"url": server.url, "port": server.device.port, "control": control.url,
                      "generation": server.generation, "pid": os.getpid()}), flush=True)
    server.serve()
    if options.keep_control:
        control.quit.wait()
    print(json.dumps({"ended": server.why, "violations": ledger.violations}), flush=True)
    server.context.term()
    return 3 if ledger.violations else 0


if __name__ == "__main__":
    sys.exit(run({"1": Server1, "2": Server2}, __doc__))
