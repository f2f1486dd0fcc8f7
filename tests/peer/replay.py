# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays the recorded requests to a server, frames verbatim, and compares what comes back.

Against the peer's own server (`strict`) everything is compared but ports and the wording of
tracebacks.  Against others: what PROTOCOL.md asks of them, see `recordings.OTHERS`; they may send
more members than recorded and offer more than the recorded device does.
"""

import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import zmq

import wire
from checks import Checks, expect
from client import SUBSCRIPTION_SECONDS
from process import DEADLINE, PeerServer
from recordings import FIXED_TEXTS, OTHERS, Record, Recording, Step, load

BARRIER = b'{"event": "PROPERTY_SET", "property": "rotation", "value": %d}'


@dataclass
class Outcome:
    """What one request brought: the reply, and signals, those before the reply first."""

    reply: list[bytes] | None
    signals: list[list[bytes]]
    signals_before: int


class Player:
    """A raw client: one REQ socket, and a receiver of signals as its generation has it."""

    def __init__(self, generation: int, url: str) -> None:
        self.generation, self.url = generation, url
        self._context = zmq.Context()
        self._req = self._open()
        self._receiver: zmq.Socket | None = None
        self.inits = 0

    def _open(self) -> zmq.Socket:
        req = self._context.socket(zmq.REQ)
        req.linger = 0
        req.connect(self.url)
        return req

    def close(self) -> None:
        """Close everything."""
        self._context.destroy(linger=0)

    def play(self, step: Step, signals: int, deadline: float = DEADLINE) -> Outcome:
        """Send the request; collect the reply and so many signals, acknowledging them."""
        self.send(step.record)
        ack = step.signals[0].reply if step.signals and step.signals[0].reply else None
        outcome = self._collect(signals, ack or [b'{"success": true}'], deadline)
        if outcome.reply is None:
            self._req.close()
            self._req = self._open()
        else:
            self._follow_up(step.record, outcome.reply[0])
        return outcome

    def send(self, record: Record) -> None:
        """Send a request and leave it at that."""
        self._req.send_multipart(self._request(record))

    def receive(self, wait: int) -> list[bytes] | None:
        """The reply, or None if it does not come within `wait` ms."""
        return self._req.recv_multipart() if self._req.poll(wait) else None

    def silent(self) -> bool:
        """Whether nothing has come since."""
        return not self._req.poll(100)

    def _request(self, record: Record) -> list[bytes]:
        """The recorded frames; the port of the signal receiver is our own."""
        if record.event != "INIT_SIGNALS_HANDLING" or b'"port": ' not in record.request[0]:
            return record.request
        self._receiver = self._context.socket(zmq.REP)
        self._receiver.bind("tcp://127.0.0.1:*")
        port = self._receiver.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").rpartition(b":")[2]
        return [re.sub(rb'"port": \d+', b'"port": ' + port, record.request[0])]

    def _follow_up(self, record: Record, frame: bytes) -> None:
        """What a client does after the reply: the TCP connection, the subscription."""
        reply, _ = wire.object_problems(frame, "reply")
        if reply is None or not reply.get("success"):
            return
        if record.event == "FIND_PEER_ADDRESS":
            host = wire.split_url(self.url)[1]
            socket.create_connection((host, reply["port"]), timeout=DEADLINE).close()
        if record.event == "INIT_SIGNALS_HANDLING":
            self.inits += 1
            if self.generation == 2 and self._receiver is None and "signal_port" in reply:
                self._subscribe(reply["signal_port"])

    def _subscribe(self, port: int) -> None:
        """Send the recorded subscription as it is: an XSUB socket does not make one of its own."""
        subscription = load(2).subscription
        self._receiver = self._context.socket(zmq.XSUB)
        monitor = self._receiver.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._receiver.connect(f"tcp://{wire.split_url(self.url)[1]}:{port}")
        if not monitor.poll(DEADLINE * 1000):
            raise TimeoutError("nobody listens at 'signal_port'")
        self._receiver.disable_monitor()
        monitor.close()
        self._receiver.send_multipart(subscription.request)
        threading.Event().wait(SUBSCRIPTION_SECONDS)

    def _collect(self, wanted: int, ack: list[bytes], deadline: float) -> Outcome:
        """Wait for the reply and the signals, whichever comes first."""
        poller, end = zmq.Poller(), time.monotonic() + deadline
        poller.register(self._req, zmq.POLLIN)
        if self._receiver is not None:
            poller.register(self._receiver, zmq.POLLIN)
        outcome = Outcome(None, [], 0)
        while outcome.reply is None or len(outcome.signals) < wanted:
            ready = dict(poller.poll(max(0, end - time.monotonic()) * 1000))
            if not ready:
                break
            if self._receiver in ready:
                outcome.signals.append(self._receiver.recv_multipart())
                outcome.signals_before += outcome.reply is None
                if self.generation == 1:
                    self._receiver.send_multipart(ack)
            elif self._req in ready:
                outcome.reply = self._req.recv_multipart()
        return outcome


def normalise(record: Record, reply: Any) -> Any:
    """Take out what varies from run to run."""
    if not isinstance(reply, dict):
        return reply
    varying = {"FIND_PEER_ADDRESS": "port", "INIT_SIGNALS_HANDLING": "signal_port"}
    member = varying.get(record.event, "")
    if record.event == "PROPERTY_GET" and record.message.get("property") == "port":
        member = "value"
    if wire.is_integer(reply.get(member)) and 0 < reply[member] < 65536:
        reply = {**reply, member: "a port"}
    if isinstance(reply.get("traceback"), str):
        reply = {**reply, "traceback": "empty" if not reply["traceback"] else "text"}
    return reply


def compare_reply(record: Record, frames: list[bytes] | None) -> list[str]:
    """Compare with the reference's own reply, exactly."""
    if record.reply is None or frames is None:
        wanted = "no reply" if record.reply is None else "a reply"
        return [] if record.reply is frames else [f"{wanted} expected, got {wire.shorten(frames)}"]
    if len(frames) != len(record.reply):
        return [f"{len(frames)} frames instead of {len(record.reply)}: {wire.shorten(frames)}"]
    got = normalise(record, wire.loads(frames[0]))
    wanted = normalise(record, wire.loads(record.reply[0]))
    problems = []
    if not wire.same(got, wanted):
        problems.append(f"{wire.shorten(got)} instead of {wire.shorten(wanted)}")
    if frames[1:] != record.reply[1:]:
        problems.append("the bytes of the buffer differ")
    return problems


def _at_least(got: Any, wanted: dict[str, Any]) -> list[str]:
    """All recorded members, alike; more are welcome."""
    problems = []
    for member, value in wanted.items():
        if member not in got:
            problems.append(f"no member {member!r}: {wire.shorten(got)}")
        elif not wire.same(got[member], value):
            problems.append(f"{member!r} is {wire.shorten(got[member])} "
                            f"instead of {wire.shorten(value)}")
    return problems


def _offers(got: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """An inventory that lists at least what the recorded device has."""
    problems = []
    for member in ("json_methods", "buffer_methods"):
        problems += _at_least(got[member], wanted[member])
    for member in ("signals", "properties"):
        missing = set(wanted[member]) - set(got[member])
        problems += [f"{member} without {name}" for name in sorted(missing)]
    return problems


def judge_reply(record: Record, frames: list[bytes] | None) -> list[str]:
    """Hold the reply of another implementation to PROTOCOL.md and to the recorded device."""
    if frames is None:
        return ["no reply"]
    wanted = wire.loads(record.reply[0]) if record.reply else None
    if record.event == "GET_INVENTORY":
        problems = wire.inventory_problems(frames)
        return problems or _offers(wire.loads(frames[0]), wanted)
    if record.reply and len(record.reply) == 2:
        problems = wire.buffer_reply_problems(frames)
        if not problems and len(frames) == 2:
            problems = _at_least(wire.loads(frames[0]), wanted)
            problems += [] if frames[1] == record.reply[1] else ["the bytes of the buffer differ"]
        return problems or ([] if len(frames) == 2 else [f"failed: {wire.shorten(frames)}"])
    problems = wire.json_reply_problems(frames)
    if problems or wanted is None:
        return problems
    if not wanted["success"]:
        text = {"error": wanted["error"]} if record.name in FIXED_TEXTS else {}
        wanted = {"success": False, **text}
    return _at_least(normalise(record, wire.loads(frames[0])), normalise(record, wanted))


def judge_rule(rule: str, frames: list[bytes] | None) -> list[str]:
    """Hold the reply to a request of `OTHERS`."""
    if frames is None:
        return ["no reply"]
    problems = wire.json_reply_problems(frames)
    if rule == "error" and not problems and wire.loads(frames[0])["success"]:
        problems.append(f"success instead of an error: {wire.shorten(frames)}")
    return problems


def compare_signals(step: Step, outcome: Outcome, early: bool) -> list[str]:
    """The signals a request caused; `early`: all of them before the reply."""
    problems = []
    for wanted, frames in zip(step.signals, outcome.signals):
        if len(frames) != 1 or not wire.same(wire.loads(frames[0]), wanted.message):
            problems.append(f"signal {wire.shorten(frames)} instead of {wanted.request}")
        problems += [f"signal: {blemish}" for blemish in wire.blemishes(frames[0])]
    if len(outcome.signals) != len(step.signals):
        problems.append(f"{len(outcome.signals)} signals instead of {len(step.signals)}: "
                        f"{wire.shorten(outcome.signals)}")
    if early and outcome.signals_before != len(step.signals):
        problems.append("a signal came after the reply")
    return problems


class ServerReplay:
    """All recorded requests of one generation against one server."""

    def __init__(self, checks: Checks, generation: int, url: str, strict: bool,
                 label: str = "") -> None:
        self._checks, self._strict = checks, strict
        self._label = label or f"gen{generation} server"
        self._recording: Recording = load(generation)
        self.player = Player(generation, url)
        self._listed: set[str] = set()

    def close(self) -> None:
        """Close the sockets."""
        self.player.close()

    def session(self) -> None:
        """The conversation, STOP_SERVER at the very end excepted."""
        for step in self._recording.session[:-1]:
            self.step(step)
        self._nothing_more()

    def stop(self) -> None:
        """The last request of the conversation."""
        self.step(self._recording.session[-1])

    def alone(self) -> list[Step]:
        """The requests that were each made to a server of their own."""
        return self._recording.alone

    def step(self, step: Step) -> None:
        """One request and the signals it caused: one line."""
        record = step.record
        name = f"{self._label} {record.title}"
        rule, reason = ("", "") if self._strict else OTHERS.get(record.name, ("", ""))
        if record.event == "FIND_PEER_ADDRESS" and self.player.generation == 1:
            rule = ""
        if record.from_server:
            self._checks.leave_out(name, "sent to clients, not to servers")
        elif rule == "omit" or rule == "listed" and record.message["method"] not in self._listed:
            self._checks.leave_out(name, reason)
        elif not self._checks.skipped(name, record.name):
            self._make(step, name, rule)

    def _make(self, step: Step, name: str, rule: str) -> None:
        record = step.record
        if rule == "quiet":
            step = Step(record)
        expects_reply = record.reply is not None or not self._strict
        with self._checks.check(name) as problems:
            if not expects_reply:
                self.player.send(record)
                return
            outcome = self.player.play(step, len(step.signals))
            if self._strict:
                problems += compare_reply(record, outcome.reply)
            elif rule in ("answer", "error"):
                problems += judge_rule(rule, outcome.reply)
            else:
                problems += judge_reply(record, outcome.reply)
            if record.event == "GET_INVENTORY" and not problems:
                inventory = wire.loads(outcome.reply[0])
                self._listed = {*inventory["json_methods"], *inventory["buffer_methods"]}
            early = self._strict and self.player.generation == 1
            problems += compare_signals(step, outcome, early)

    def _nothing_more(self) -> None:
        """A last emission comes next and alone: nothing was emitted beyond what was recorded.

        The reference sends it once for each initialisation, others once."""
        copies = self.player.inits if self._strict else 1
        name = f"{self._label} signals in all"
        if self._checks.skipped(name):
            return
        with self._checks.check(name) as problems:
            for value in (181, 182):
                record = Record(0, "barrier", "client->server", "REQ/REP", [BARRIER % value],
                                [b'{"success": true}'], "")
                outcome = self.player.play(Step(record), copies)
                got = [wire.loads(frames[0]) for frames in outcome.signals]
                wanted = {"event": "EMIT_SIGNAL", "signal": "rotationChanged", "args": [value],
                          "blocking": False}
                expect(problems, "signals", got, [wanted] * copies)


def replay_self(checks: Checks, generation: int) -> None:
    """The recording against the peer's own server."""
    with PeerServer(generation) as peer:
        replay = ServerReplay(checks, generation, peer.url, strict=True)
        replay.session()
        replay.stop()
        with checks.check(f"gen{generation} server stops serving") as problems:
            expect(problems, "reason", peer.wait_state("ended")["why"], "STOP_SERVER")
        replay.close()
    for step in replay.alone():
        with PeerServer(generation, device="extended") as peer:
            replay = ServerReplay(checks, generation, peer.url, strict=True)
            replay.step(step)
            _check_fate(checks, step.record, peer, replay)
            replay.close()


def _check_fate(checks: Checks, record: Record, peer: PeerServer, replay: ServerReplay) -> None:
    """What becomes of the server after a request, according to the note in the recording."""
    fate = "deaf" if "never replies" in record.note else "serving"
    fate = "ended" if "stops serving" in record.note else fate
    with checks.check(f"gen{peer.generation} server {record.title}: then {fate}") as problems:
        peer.wait_state(fate)
        if record.reply is None and not replay.player.silent():
            problems.append("a reply was sent")
        blamed = fate != "serving" and "serialised" not in record.name
        expect(problems, "violation noted", bool(peer.violations()), blamed
               or "cannot be serialised" in record.name and record.event == "PROPERTY_GET")
