#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The registry and its clients, both as the reference has them, written from PROTOCOL.md alone.

  registry.py self
      The peer's registry reproduces tests/data/wire/registry.jsonl.  To be run first.
  registry.py --url URL registry
      A foreign registry, freshly started: the recording, and what PROTOCOL.md asks of every
      registry.
  registry.py device -- COMMAND ARG ...
      COMMAND, with {registry} in its arguments replaced, is a device server that registers as
      "cam" of the type "camera", with an alive timeout of 1 s, and ends when its standard input is
      closed.  It must survive everything that a registry of the reference does, and send nothing
      that such a registry does not survive.
  registry.py --url URL serve
      Serves until standard input is closed; prints the url.

The registry is as unforgiving as the reference: what ends that ends this.
"""

import argparse
import select
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import zmq

import wire
from checks import Checks, expect
from process import wait_until
from recordings import DATA, Record, decode_frame

DEADLINE = 20  # seconds


class Device:
    """One registration."""

    def __init__(self, kind: str, addr: str, name: str) -> None:
        self.kind, self.addr, self.name = kind, addr, name
        self.uuid = str(uuid.uuid1())
        self.expires = time.monotonic() + 20


class Registry:
    """The rules of a registry of the reference; one thread, one request at a time."""

    def __init__(self, url: str = "tcp://127.0.0.1:*") -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REP)
        self._socket.linger = 0
        self._socket.bind(url)
        self.url: str = self._socket.last_endpoint.decode()
        self.devices: dict[str, Device] = {}
        self.requests: list[dict[str, Any]] = []
        self.death = ""
        self.forget_next = False
        self._stopping = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """End the thread, and free the port."""
        self._stopping = True
        self._thread.join()
        self._socket.close()
        self._context.term()

    def count(self, event: str) -> int:
        """How many requests of that event there have been."""
        return sum(request["event"] == event for request in self.requests)

    def names(self) -> list[str]:
        """The names of the devices."""
        return [device.name for device in list(self.devices.values())]

    def _serve(self) -> None:
        while not self._stopping and not self.death:
            now = time.monotonic()
            for device in [d for d in self.devices.values() if d.expires <= now]:
                del self.devices[device.uuid]
            if not self._socket.poll(50):
                continue
            frames = self._socket.recv_multipart()
            try:
                if len(frames) != 1:
                    raise ValueError(f"{len(frames)} frames")
                reply = self._answer(wire.loads(frames[0]))
            except Exception as error:
                self.death = f"{type(error).__name__}: {error} in {wire.shorten(frames)}"
                return
            self._socket.send(wire.dumps(reply))

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        event, payload = request["event"], request["payload"]
        self.requests.append(request)
        if event == "REGISTER":
            device = self._register(payload["device_type"], payload["addr"], payload["name"],
                                    payload.get("overwrite", False))
            return {"event": "REGISTER_ACK", "payload": {"name": device.name, "uuid": device.uuid}}
        if event == "UNREGISTER":
            success = self.devices.pop(payload["uuid"], None) is not None
        elif event == "CHECK_ALIVE":
            device = self.devices.get(payload["uuid"])
            if self.forget_next and device is not None:
                self.forget_next = False
                del self.devices[device.uuid]
                device = None
            success = device is not None
            if device is not None:
                device.expires = time.monotonic() + payload.get("alive_timeout", 20) + 0.5
        else:
            return {"event": "UNSUPPORTED", "payload": {"req_event": event}}
        return {"event": "ACK", "payload": {"req_event": event, "success": success}}

    def _register(self, kind: str, addr: str, name: str, overwrite: bool) -> Device:
        gone = [d for d in self.devices.values() if d.addr == addr]
        if overwrite:
            gone += [d for d in self.devices.values() if d.name == name and d not in gone]
        for device in gone:
            del self.devices[device.uuid]
        taken, chosen, number = set(self.names()), name or f"{kind}-0", 0
        while chosen in taken:
            number += 1
            chosen = f"{name}-{number}"
        device = Device(kind, addr, chosen)
        self.devices[device.uuid] = device
        return device


class Player:
    """Requests as a device server sends them: a new connection for each."""

    def __init__(self, url: str) -> None:
        self._url, self._context = url, zmq.Context()

    def close(self) -> None:
        """Let go of the sockets."""
        self._context.term()

    def ask(self, *frames: bytes) -> list[bytes] | None:
        """The reply, or None if there is none."""
        socket = self._context.socket(zmq.REQ)
        socket.linger = 0
        try:
            socket.connect(self._url)
            socket.send_multipart(frames)
            return socket.recv_multipart() if socket.poll(DEADLINE * 1000) else None
        finally:
            socket.close()

    def event(self, event: str, **payload: Any) -> dict[str, Any]:
        """One whole request, and the one frame of its reply, read."""
        reply = self.ask(wire.dumps({"event": event, "payload": payload}))
        if reply is None or len(reply) != 1:
            raise ValueError(f"{event}: {reply!r}")
        return wire.loads(reply[0])


def load() -> list[Record]:
    """The recorded requests that are to be answered."""
    records = []
    for index, line in enumerate((DATA / "registry.jsonl").read_text().splitlines()):
        entry = wire.loads(line.encode())
        reply = entry["reply_frames"]
        records.append(Record(index, entry["name"], entry["direction"], entry["socket"],
                              [decode_frame(frame) for frame in entry["request_frames"]],
                              None if reply is None else [decode_frame(frame) for frame in reply],
                              entry.get("note", "")))
    return records


def replay(checks: Checks, url: str, what: str, strict: bool) -> None:
    """The recording against a registry: the uuids are its own, and are put into later requests."""
    player = Player(url)
    uuids: dict[str, str] = {}
    for record in load():
        # The last is what kills the reference; a name formed of nothing is not to be copied.
        if record.reply is None or (not strict and "second device" in record.name):
            continue
        with checks.check(f"{what} {record.title}") as problems:
            text = record.request[0].decode()
            for old, new in uuids.items():
                text = text.replace(old, new)
            frames = player.ask(text.encode())
            if frames is None:
                problems.append("no reply")
                continue
            expect(problems, "frames", len(frames), 1)
            got, wanted = wire.loads(frames[0]), wire.loads(record.reply[0])
            if wanted["event"] == "REGISTER_ACK":
                uuid.UUID(got["payload"]["uuid"])
                uuids[wanted["payload"]["uuid"]] = got["payload"]["uuid"]
                got["payload"]["uuid"] = wanted["payload"]["uuid"]
            expect(problems, "reply", got, wanted)
    player.close()


def certify_self(checks: Checks) -> None:
    """The peer's registry does as the recording has it, to its end."""
    registry = Registry()
    replay(checks, registry.url, "self", strict=True)
    with checks.check("self dies of what the reference dies of") as problems:
        player = Player(registry.url)
        threading.Thread(target=player.ask, args=(load()[-1].request[0],), daemon=True).start()
        wait_until(lambda: registry.death, "death of the registry")
        expect(problems, "cause", registry.death.startswith("KeyError"), True)
    registry.close()


MALFORMED = [b"", b"{", b"[]", b"7", b"{}", b'{"event":"CHECK_ALIVE"}', b"\xff\xfe",
             b'{"event":"REGISTER","payload":{}}', b'{"event":"CHECK_ALIVE","payload":null}',
             b'{"event":"UNREGISTER","payload":{"uuid":[]}}', b'{"payload":{}}',
             b'{"event":"REGISTER","payload":{"device_type":1,"addr":2,"name":3}}',
             b"[" * 60000]


def certify_registry(checks: Checks, url: str) -> None:
    """A foreign registry."""
    replay(checks, url, "registry", strict=False)
    player = Player(url)
    for request in MALFORMED:
        with checks.check(f"registry answers {wire.shorten(request, 60)}") as problems:
            reply, more = wire.object_problems(player.ask(request)[0], "reply")
            problems += more
            # A device of the reference takes anything but these for “register again”.
            expect(problems, "success", reply["payload"].get("success"), False)
    with checks.check("registry answers two frames") as problems:
        expect(problems, "frames", len(player.ask(b"{}", b"{}")), 1)
    with checks.check("registry names a nameless device after its type") as problems:
        for number, name in enumerate(("", None, "")):
            reply = player.event("REGISTER", device_type="nameless", name=name,
                                 addr=f"tcp://10.1.0.1:{number + 1}")
            expect(problems, "name", reply["payload"]["name"], f"nameless-{number}")
    with checks.check("registry forgets a silent device") as problems:
        reply = player.event("REGISTER", device_type="x", name="silent", addr="tcp://10.2.0.1:1")
        member = {"uuid": reply["payload"]["uuid"]}
        expect(problems, "alive", player.event("CHECK_ALIVE", alive_timeout=0,
                                               **member)["payload"]["success"], True)
        wait_until(lambda: player.event("REGISTER", device_type="x", name="silent",
                                        addr="tcp://10.2.0.2:1")["payload"]["name"] == "silent",
                   "its name is free")
    player.close()


def certify_device(checks: Checks, command: list[str]) -> None:
    """A foreign device server, before the peer's registry."""
    registry = Registry()
    url = registry.url
    process = subprocess.Popen([argument.replace("{registry}", url) for argument in command],
                               stdin=subprocess.PIPE)
    try:
        with checks.check("device registers, at an address with one port") as problems:
            wait_until(lambda: registry.names() == ["cam"], "registration")
            device = list(registry.devices.values())[0]
            expect(problems, "type", device.kind, "camera")
            expect(problems, "colons", device.addr.count(":"), 2)
            expect(problems, "wildcard", "*" in device.addr, False)
        with checks.check("device tells that it is alive"):
            wait_until(lambda: registry.count("CHECK_ALIVE") >= 8, "signs of life")
            assert registry.names() == ["cam"]
        with checks.check("device that was forgotten comes back, without overwriting") as problems:
            registry.forget_next = True
            wait_until(lambda: registry.count("REGISTER") == 2, "registration")
            again = [r for r in registry.requests if r["event"] == "REGISTER"][1]["payload"]
            expect(problems, "name", again["name"], "cam")
            expect(problems, "overwrite", again["overwrite"], False)
        with checks.check("device comes back when the registry does") as problems:
            problems += [registry.death] if registry.death else []
            registry.close()
            registry = Registry(url)
            wait_until(lambda: registry.names() == ["cam"], "registration")
        with checks.check("device withdraws when it ends") as problems:
            process.stdin.close()
            expect(problems, "exit status", process.wait(DEADLINE), 0)
            wait_until(lambda: registry.count("UNREGISTER") == 1, "withdrawal")
            expect(problems, "names", registry.names(), [])
            problems += [registry.death] if registry.death else []
    finally:
        process.kill()
        process.wait()
        registry.close()


def serve(url: str) -> None:
    """Until standard input is closed."""
    registry = Registry(url)
    print(registry.url, flush=True)
    while not select.select([sys.stdin], [], [], 0.1)[0] and not registry.death:
        pass
    registry.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("self", "registry", "device", "serve"))
    parser.add_argument("--url", default="tcp://127.0.0.1:*")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    checks = Checks([])
    if options.what == "serve":
        serve(options.url)
        return 0
    if options.what == "self":
        certify_self(checks)
    elif options.what == "registry":
        certify_registry(checks, options.url)
    else:
        certify_device(checks, [part for part in options.command if part != "--"])
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
