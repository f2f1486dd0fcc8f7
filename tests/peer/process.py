# SPDX-License-Identifier: LGPL-2.1-or-later
"""Start a peer server as a process of its own, command it, kill it, and hold it clean afterwards.

    with PeerServer(generation=1) as peer:
        ... run a foreign client against peer.url ...
        peer.assert_clean()

`kill` and `restart` keep url and journal, so a client sees one server go and another come at the
same address, of another generation if so wished.  The process ends with the one that started it.
"""

import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

import zmq

import wire

SERVER = Path(__file__).with_name("server.py")
DEADLINE = 20.0  # seconds until a condition that should come counts as not coming


def wait_until(condition: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """Wait for a condition without a wish for how long it takes; its value is returned."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {deadline:g} s: {what}")
        select.select([], [], [], 0.005)
    return value


class Violations(AssertionError):
    """The server has seen what a client may not do."""


class PeerServer:
    """One server process, and its successors at the same url."""

    def __init__(self, generation: int | str, url: str = "tcp://127.0.0.1", device: str = "camera",
                 journal: str | None = None, peer_timeout: float = 20,
                 program: Path = SERVER) -> None:
        self.generation, self._program = generation, program
        self._device, self._journal, self._peer_timeout = device, journal, peer_timeout
        self._context = zmq.Context()
        self._start(url)

    def __enter__(self) -> "PeerServer":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def _start(self, url: str) -> None:
        command = [sys.executable, str(self._program), "--generation", str(self.generation),
                   "--url", url, "--device", self._device, "--keep-control",
                   "--until-stdin-closes", "--peer-timeout", str(self._peer_timeout)]
        if self._journal is not None:
            command += ["--journal", self._journal]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: exit status {self.process.wait()}")
        self.ready: dict[str, Any] = json.loads(line)
        self.url: str = self.ready["url"]
        self.port: int = self.ready["port"]
        self.control_url: str = self.ready["control"]

    def command(self, command: str, **members: Any) -> dict[str, Any]:
        """Send one command to the control socket; a refusal is a ValueError."""
        socket = self._context.socket(zmq.REQ)
        try:
            socket.linger = 0
            socket.connect(self.control_url)
            socket.send(wire.dumps({"command": command, **members}))
            if not socket.poll(DEADLINE * 1000):
                raise TimeoutError(f"no answer to the command {command}")
            reply = wire.loads(socket.recv())
        finally:
            socket.close()
        if not reply.pop("ok"):
            raise ValueError(reply["error"])
        return reply

    def wait_state(self, *states: str) -> dict[str, Any]:
        """Wait until the server is in one of these states."""
        return wait_until(lambda: (now := self.command("state"))["state"] in states and now,
                          f"server {' or '.join(states)}")

    def wait_jobs(self) -> None:
        """Wait until everything commanded has been done; a job that failed is an error."""
        state = wait_until(lambda: (now := self.command("state"))["jobs"]["done"]
                           == now["jobs"]["queued"] and now, "commands done")
        if state["jobs"]["failed"]:
            raise RuntimeError(f"failed: {state['jobs']['failed']}")

    def violations(self) -> list[str]:
        """What clients have done wrong so far."""
        return self.command("violations")["violations"]

    def assert_clean(self) -> None:
        """Raise unless every client has kept to what the reference survives."""
        found = self.violations()
        if found:
            raise Violations("; ".join(found))

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._reap()

    def restart(self, generation: int | str | None = None) -> None:
        """Start a successor at the same url, once the former one is gone."""
        self.generation = generation or self.generation
        self._start(self.url)

    def close(self) -> None:
        """End the process, politely if it listens."""
        if self.process.poll() is None:
            try:
                self.command("quit")
                self.process.wait(DEADLINE)
            except (TimeoutError, subprocess.TimeoutExpired):
                self.process.kill()
        self._reap()
        self._context.term()

    def _reap(self) -> None:
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
