# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server in a process of its own, and honest peers that it must serve whatever others do.

With PLANTRPC_SECURED in the environment the server is secured, and peers have a key that it allows.
"""

import base64
import json
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from types import TracebackType
from typing import Any, Callable

from curve import make_pair
from variant import Variant, serialize
from zmtp import DEADLINE, PUSH, Peer

BUILD = Path(os.environ.get("PLANTRPC_BUILD", Path(__file__).resolve().parents[2] / "_build"))
SERVER = BUILD / "tests" / "hostile" / "hostile-server"
PRINT_WIRE = BUILD / "tests" / "hostile" / "print-wire"
SECURED = "PLANTRPC_SECURED" in os.environ
DEFAULT_PATIENCE = "100"  # ms that a blocking call may take
WINDOW = 1 << 20  # bytes of the window that the honest subscriber grants
LARGE = 4096  # bytes of a push for which it gives credit at once

CALL, SET, SUBSCRIBE, CREDIT = 0x81, 0x83, 0x85, 0x86
VALUE, ERROR, CHANGED = 0x90, 0x93, 0xa1


def wait_until(condition: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """Wait, as long as it takes, until a condition holds; return its value."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {deadline:g} s: {what}")
        select.select([], [], [], 0.01)
    return value


def read_json(payload: bytes) -> Any:
    """Read JSON as the Python module does, which has words for NaN and the infinities."""
    return json.loads(payload.decode())


def call(method: str, *args: Any, **kwargs: Any) -> bytes:
    """Return a JSON request for a call."""
    return json.dumps({"event": "METHOD_CALL", "method": method,
                       "params": {"args": args, "kwargs": kwargs}}).encode()


def native_call(method: str, *args: Variant) -> bytes:
    """Return a native request for a call."""
    return serialize("(ysava{sv})", (CALL, method, list(args), {}))


def native_set(name: str, value: Variant) -> bytes:
    """Return a native request for a write."""
    return serialize("(ysv)", (SET, name, value))


def write_key(key: bytes) -> str:
    """Return a public key as plantrpc writes it."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def read_key(text: str) -> bytes:
    """Read a public key as plantrpc writes it."""
    return base64.urlsafe_b64decode(text + "=")


class Honest:
    """A peer on each wire. Their requests must be answered correctly, and they must get each
    change. A secured server sends changes on the native wire alone."""

    def __init__(self, port: int) -> None:
        self.json, self.native = Peer(port), Peer(port)
        self._last, self._turn = 0, 0
        self.subscriber: Peer | None = None
        if not SECURED:
            told = self.ask(event="INIT_SIGNALS_HANDLING")
            self.signal_port: int = told["signal_port"]
            self.subscriber = Peer(self.signal_port, b"SUB")
            self.subscriber.send_message(b"\1")
        self.native.ask(serialize("(yt)", (SUBSCRIBE, WINDOW)))

    def close(self) -> None:
        """Close the connections."""
        for peer in (self.json, self.native, self.subscriber):
            if peer is not None:
                peer.close()

    def ask(self, timeout: float = DEADLINE, **members: Any) -> Any:
        """Send a JSON request and return its reply."""
        frames = self.json.ask(json.dumps(members).encode(), timeout)
        assert len(frames) == 1, frames
        return read_json(frames[0])

    def check(self) -> None:
        """Use each of the three peers for its purpose."""
        self._turn = self._turn % 99 + 1
        turn = self._turn
        reply = read_json(self.json.ask(call("add", turn, b=2))[0])
        assert reply == {"success": True, "result": turn + 2}, reply
        # The device must not have the value yet, so that all subscribers get a change.
        for value in (0, turn):
            reply = self.ask(event="PROPERTY_SET", property="level", value=value)
            assert reply == {"success": True}, reply
            reply = self.ask(event="PROPERTY_GET", property="level")
            assert reply == {"success": True, "value": value}, reply
        self._check_native(turn)
        self._check_signals(turn)

    def _check_native(self, turn: int) -> None:
        number = self.native.request(native_call("add", Variant("i", turn), Variant("i", 3)))
        expected = serialize("(yv)", (VALUE, Variant("x", turn + 3)))
        changed = serialize("(ysv)", (CHANGED, "level", Variant("i", turn)))
        replied = heard = False
        while not (replied and heard):
            frames = self.native.receive()
            told = struct.unpack("<Q", frames[0])[0]
            if not told & PUSH:
                assert (told, frames[1:]) == (number, [b"", expected]), frames
                replied = True
                continue
            assert told & ~PUSH == self._last + 1, f"{told & ~PUSH} follows {self._last}"
            self._last += 1
            heard = heard or frames[1] == changed
            if len(frames[1]) > LARGE or self._last % 64 == 0:
                self._credit()
        self._credit()

    def _credit(self) -> None:
        self.native.send_message(b"", serialize("(yt)", (CREDIT, self._last)))

    def _check_signals(self, turn: int) -> None:
        while self.subscriber is not None:
            frames = self.subscriber.receive()
            assert len(frames) == 1, frames
            signal_ = read_json(frames[0])
            if (signal_["signal"], signal_["args"]) == ("levelChanged", [turn]):
                return


class Victim:
    """The server process. As a context manager it checks that the server is alive and clean at the
    end."""

    def __init__(self, *arguments: str) -> None:
        self._errors = tempfile.TemporaryFile()
        if SECURED:
            pair = make_pair()
            arguments = (*(arguments or (DEFAULT_PATIENCE,)), write_key(pair.public))
        self._process = subprocess.Popen(
            [SERVER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, env={**os.environ, "G_DEBUG": "fatal-criticals"})
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: {self.errors()}")
        told = json.loads(line)
        self.pid, self.port, self.url = self._process.pid, told["port"], told["url"]
        if SECURED:
            Peer.secured[self.port] = read_key(self.url.partition("#")[2]), pair
        self.honest = Honest(self.port)
        self.honest.check()
        self._descriptors = self.count_descriptors()

    def __enter__(self) -> "Victim":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            if error is None and self.is_alive():
                self.wait_descriptors()
                self.honest.check()
        finally:
            status = self.stop()
            complaints = self.errors()
            self._errors.close()
        if status != 0 or complaints:
            raise AssertionError(f"the server ended with {status}:\n{complaints}") from error

    def errors(self) -> str:
        """Return what the server has printed on standard error."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-8000:]

    def is_alive(self) -> bool:
        """Return whether the process is running."""
        return self._process.poll() is None

    def stop(self) -> int:
        """End it as a service manager does, and return the exit status."""
        self.honest.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        return status

    def memory(self) -> int:
        """Return the bytes of resident memory."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) * 1024
        raise ProcessLookupError(self.pid)

    def count_descriptors(self) -> int:
        """Return the number of open descriptors."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def allow(self, descriptors: int) -> None:
        """Allow that many more descriptors at the end."""
        self._descriptors += descriptors

    def wait_descriptors(self) -> None:
        """Wait until it has released everything of the peers that have left."""
        wait_until(lambda: self.count_descriptors() <= self._descriptors,
                   f"{self.count_descriptors()} descriptors became {self._descriptors}")


class Case(unittest.TestCase):
    """Attacks on one server, beside honest peers."""

    arguments: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.victim = self.enterContext(Victim(*self.arguments))
        self.port = self.victim.port

    def peer(self, **options: Any) -> Peer:
        """Return a raw peer that is closed at the end of the test."""
        peer = Peer(self.port, **options)
        self.addCleanup(peer.close)
        return peer

    def known_peer(self) -> Peer:
        """Return one that has sent a request. Before, it may not send much to a secured server."""
        peer = self.peer()
        peer.ask(call("add", 1))
        return peer


def main() -> None:
    """Run the tests of the module."""
    sys.stdout.reconfigure(line_buffering=True)
    unittest.main(verbosity=2)
