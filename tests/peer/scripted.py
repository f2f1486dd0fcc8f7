# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fake server that plays the recorded replies while the peer's client performs the operations.

The frames the client sends are compared with the recorded ones: byte for byte where the reference's
own client made them, as JSON where they were made by hand.  What the client makes of the replies is
compared with what is in them, and its acknowledgements of signals with the recorded ones.
"""

import queue
import re
import socket
import threading
from typing import Any

import zmq

import wire
from checks import Checks, expect
from client import NoResult, PeerClient, Unusable
from process import DEADLINE
from recordings import Record, Recording, Step, load


class ScriptedServer(threading.Thread):
    """Plays one step after the other; the problems of each are put in a queue."""

    def __init__(self, recording: Recording, steps: list[Step]) -> None:
        super().__init__(name="scripted", daemon=True)
        self._recording, self._steps = recording, steps
        self._context = zmq.Context()
        self._rep = self._context.socket(zmq.REP)
        self._rep.linger = 1000
        self._rep.bind("tcp://127.0.0.1:*")
        self.url: str = self._rep.getsockopt_string(zmq.LAST_ENDPOINT)
        self._signals: zmq.Socket | None = None
        self._listener: socket.socket | None = None
        self._stopping = threading.Event()
        self.problems: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self.events: list[str] = []  # "handler", or the title of the signal just acknowledged

    def run(self) -> None:
        for step in self._steps:
            problems: list[str] = []
            try:
                self._play(step, problems)
            except Exception as error:
                problems.append(f"scripted server: {type(error).__name__}: {error}")
            self.problems.put(problems)
            if self._stopping.is_set():
                break
        self._stopping.wait()
        self._rep.close()
        if self._signals is not None:
            self._signals.close(linger=0)
        self._context.term()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self.join()

    def _play(self, step: Step, problems: list[str]) -> None:
        record = step.record
        if record.from_server:
            self._send_signal(record, problems)
            return
        frames = self._receive(self._rep)
        problems += compare_request(record, frames)
        opens = record.event == "INIT_SIGNALS_HANDLING" and not record.by_hand
        if opens:
            self._open_signals(frames)
        for signal in step.signals:
            self._send_signal(signal, problems)
        if record.reply is None:
            return
        self._rep.send_multipart(self._reply(record))
        if record.event == "FIND_PEER_ADDRESS":
            self._expect_peer(problems)
        if opens and self._recording.generation == 2:
            wanted = self._recording.subscription.request
            expect(problems, "subscription", self._receive(self._signals), wanted)

    def _receive(self, sock: zmq.Socket) -> list[bytes]:
        for _ in range(int(DEADLINE * 20)):
            if sock.poll(50):
                return sock.recv_multipart()
            if self._stopping.is_set():
                break
        raise TimeoutError("nothing came from the client")

    def _reply(self, record: Record) -> list[bytes]:
        """The recorded frames; ports are those of this server."""
        port: int | None = None
        if record.event == "FIND_PEER_ADDRESS":
            self._listener = socket.create_server(("127.0.0.1", 0))
            port = self._listener.getsockname()[1]
        elif b"signal_port" in record.reply[0] and not record.by_hand:
            endpoint = self._signals.getsockopt_string(zmq.LAST_ENDPOINT)
            port = int(endpoint.rpartition(":")[2])
        if port is None:
            return record.reply
        return [re.sub(rb'port": \d+', b'port": %d' % port, record.reply[0])]

    def _expect_peer(self, problems: list[str]) -> None:
        """The TCP connection comes, carries nothing, and is closed."""
        self._listener.settimeout(DEADLINE)
        with self._listener, self._listener.accept()[0] as peer:
            peer.settimeout(DEADLINE)
            if peer.recv(1):
                problems.append("the client sent bytes on the TCP connection")

    def _open_signals(self, frames: list[bytes]) -> None:
        if self._recording.generation == 2:
            self._signals = self._context.socket(zmq.XPUB)
            self._signals.bind("tcp://127.0.0.1:*")
            return
        request = wire.loads(frames[0])
        self._signals = self._context.socket(zmq.REQ)
        self._signals.connect(f"tcp://{request['address']}:{request['port']}")

    def _send_signal(self, record: Record, problems: list[str]) -> None:
        """Send a recorded signal; in generation 1, compare its acknowledgement."""
        self._signals.send_multipart(record.request)
        if record.reply is not None:
            expect(problems, "acknowledgement", self._receive(self._signals), record.reply)
            self.events.append(record.title)


def compare_request(record: Record, frames: list[bytes]) -> list[str]:
    """What the client sent, against what the reference's client sent."""
    wanted = record.request
    if record.event == "INIT_SIGNALS_HANDLING":
        frames, wanted = [[re.sub(rb'port": ?\d+', b'port": 0', frame) for frame in some]
                          for some in (frames, wanted)]
    if not record.by_hand:
        return [] if frames == wanted else [f"sent {frames} instead of {wanted}"]
    if len(frames) == 1 and wire.same(wire.loads(frames[0]), wire.loads(wanted[0])):
        return []
    return [f"sent {frames} instead of {wanted}"]


def perform(client: PeerClient, record: Record) -> Any:
    """The operation of the client that makes the recorded request."""
    request = record.message
    if record.event == "FIND_PEER_ADDRESS" and client.generation == 1:
        return client.find_peer_address()
    if record.event == "GET_INVENTORY":
        return client.get_inventory()
    if record.event == "INIT_SIGNALS_HANDLING" and not record.by_hand:
        return client.init_signals()
    if record.event == "STOP_SERVER":
        return client.stop_server()
    if not record.by_hand and record.event == "PROPERTY_GET":
        return client.get(request["property"])
    if not record.by_hand and record.event == "PROPERTY_SET":
        return client.set(request["property"], request["value"])
    if record.event == "METHOD_CALL" and not record.by_hand:
        return _perform_call(client, record.name, request)
    return client.exchange(request, int(DEADLINE * 1000) if record.reply else 100)


def _perform_call(client: PeerClient, name: str, request: dict[str, Any]) -> Any:
    """Calls as the recording program made them: through the signature, or past it."""
    method, params = request["method"], request["params"]
    if "through the proxy method" in name:
        return client.call("add", b=5, a=-7)
    if name.endswith("get_image()"):
        return client.call_buffer("get_image")
    if name.endswith("get_image(lores=True)"):
        return client.call_buffer("get_image", lores=True)
    if name.endswith("echo nested"):
        return client.call("echo", {**params["args"][0], "tuple": (1, 2)})
    if params["kwargs"] or name.endswith("missing argument"):
        return client.execute(method, params)
    if method in client.inventory["buffer_methods"]:
        return client.call_buffer(method, *params["args"])
    return client.call(method, *params["args"])


def compare_outcome(client: PeerClient, record: Record, outcome: Any) -> list[str]:
    """What the client made of the reply, against what is in it."""
    problems: list[str] = []
    reply = wire.loads(record.reply[0])
    if isinstance(outcome, list) and record.by_hand or _past_signature(record):
        expect(problems, "frames", outcome, record.reply)
    elif isinstance(outcome, NoResult):
        expect(problems, "error", outcome.error, reply.get("error"))
        expect(problems, "traceback", outcome.traceback, reply.get("traceback"))
    elif len(record.reply) == 2:
        expect(problems, "information", outcome[1], reply)
        problems += [] if outcome[0] == record.reply[1] else ["the bytes of the buffer differ"]
    elif record.event == "FIND_PEER_ADDRESS":
        expect(problems, "addresses", (client.own_address, client.peer_address),
               ("127.0.0.1", "127.0.0.1"))
    elif record.event in ("GET_INVENTORY", "STOP_SERVER"):
        problems += [] if wire.same(outcome, reply) else [f"{outcome!r} instead of {reply!r}"]
    else:
        wanted = reply.get("value", reply.get("result"))
        problems += [] if wire.same(outcome, wanted) else [f"{outcome!r} instead of {wanted!r}"]
        expect(problems, "success", reply["success"], True)
    return problems


def _past_signature(record: Record) -> bool:
    return record.event == "METHOD_CALL" and (
        bool(record.message.get("params", {}).get("kwargs")) or "missing arg" in record.name)


class ClientReplay:
    """The peer's client performs what was recorded, against the scripted server."""

    def __init__(self, checks: Checks, recording: Recording, steps: list[Step]) -> None:
        self._checks, self._generation = checks, recording.generation
        self._steps = steps
        self._server = ScriptedServer(recording, steps)
        self._server.start()
        self._client = PeerClient(self._generation, self._server.url, int(DEADLINE * 1000))
        self._client.handler = lambda name, args: self._server.events.append("handler")
        self._signals = 0

    def play(self) -> None:
        """All steps, one line each; at the end the client may have noted nothing."""
        for step in self._steps:
            name = f"gen{self._generation} client {step.record.title}"
            with self._checks.check(name) as problems:
                self._step(step, problems)
        self._server.stop()
        if len(self._steps) > 1:
            self._checks.result(f"gen{self._generation} client noted nothing",
                                self._client.violations)
        self._client.close()

    def _step(self, step: Step, problems: list[str]) -> None:
        record = step.record
        signals = [record] if record.from_server and record.event == "EMIT_SIGNAL" else step.signals
        if record.reply is None:
            self._without_reply(record, problems)
        elif not record.from_server:
            problems += compare_outcome(self._client, record, perform(self._client, record))
        problems += self._server.problems.get(timeout=DEADLINE)
        for signal in signals:
            self._signals += 1
            received = self._client.wait_signals(self._signals)[self._signals - 1:]
            message = signal.message
            expect(problems, "signals", received, [(message["signal"], message["args"])])
        if "blocking true" in record.name:
            self._handled_first(record, problems)

    def _handled_first(self, record: Record, problems: list[str]) -> None:
        """With `blocking` the acknowledgement comes after the handlers."""
        before = self._server.events[:self._server.events.index(record.title)]
        expect(problems, "handler calls before the acknowledgement", before.count("handler"),
               len(before) - before.count("handler") + 1)

    def _without_reply(self, record: Record, problems: list[str]) -> None:
        """The reference answers nothing: the client times out, and is not usable afterwards."""
        for attempt in range(2):
            try:
                problems.append(f"answered: {perform(self._client, record)!r}")
            except Unusable:
                expect(problems, "requests sent", len(self._client.requests_sent), 1)


def replay_client(checks: Checks, generation: int) -> None:
    """The recording against the peer's own client."""
    recording = load(generation)
    ClientReplay(checks, recording, recording.session).play()
    for step in recording.alone:
        ClientReplay(checks, load(generation), [step]).play()
