# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run the command line as a person or a script does, and the devices that it talks to."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Callable

import zmq

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "peer"))

from process import PeerServer, wait_until  # noqa: E402
from stranger import NASTY  # noqa: E402

BUILD = Path(os.environ.get("PLANTRPC_BUILD", SOURCE / "_build")).resolve()
TOOL = BUILD / "plantrpc" / "tools" / "plantrpc"
STRANGER = HERE.parent / "peer" / "stranger.py"
CAMERA_SERVER = BUILD / "tests" / "devices" / "camera-server"
DEADLINE = 60  # seconds until what should come counts as not coming
# Exit statuses of a program that was told to end: its own, or that of the signal.
ENDINGS = (0, 130, -signal.SIGTERM)
NOBODY = "tcp://127.0.0.1:1"
KINDS = ("native", "generation1", "generation2")
ENVIRONMENT = {key: value for key, value in os.environ.items()
               if key not in ("NO_COLOR", "PLANTRPC_REGISTRY", "COLUMNS")}
ENVIRONMENT |= {"LC_ALL": "C.UTF-8", "G_DEBUG": "fatal-warnings", "TERM": "xterm-256color",
                "PLANTRPC_REGISTRY": NOBODY, "PATH": f"{TOOL.parent}:{os.environ['PATH']}"}

INTERFACE = {
    "methods": {
        "add": {"signature": "a: i, b: i = 2"},
        "greet": {"signature": "text: s, loud: b = false"},
        "anything": {},
        "scan": {"signature": "", "timeout": None},
        "get_image": {"signature": "lores: b = false", "buffer": True, "timeout": None},
    },
    "properties": {
        "mode": {"type": "s", "choices": {"STILL": 0, "VIDEO": 1}, "default": "STILL"},
        "rotation": {"type": "i", "minimum": 0, "maximum": 359, "unit": "°", "default": 90,
                     "description": "How the camera is mounted"},
        "video_url": {"type": "s", "default": "größe 植物"},
        "level": {"type": "d", "default": 0.5},
        "enabled": {"type": "b"},
        "tags": {"type": "as", "default": ["a", "b"]},
        "size": {"type": "(ii)", "default": [640, 480]},
        "config": {},
        "progress": {"type": "i", "access": "read"},
        "max_progress": {"type": "i", "access": "read"},
    },
    "signals": {"captured": {"signature": "(si)"}, "ping": {"signature": "()"}},
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command line, not on a terminal."""
    return subprocess.run([TOOL, *arguments], env={**ENVIRONMENT, **environment}, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)


class Stream:
    """A command that goes on, line by line."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen([TOOL, *arguments], env={**ENVIRONMENT, **environment},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self._rest = b""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *exc: Any) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            _, errors = self.process.communicate(timeout=DEADLINE)
            assert self.process.returncode in ENDINGS, errors.decode()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def line(self) -> str:
        """The next line of output."""
        end = time.monotonic() + DEADLINE
        while b"\n" not in self._rest:
            if not select.select([self.process.stdout], [], [], end - time.monotonic())[0]:
                raise TimeoutError("no line came")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise EOFError(f"it ended: {self.process.stderr.read().decode()}")
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()

    def event(self) -> dict[str, Any]:
        """The next line, of JSON, without its time."""
        event = json.loads(self.line())
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-][\d:]+)", event["time"])
        del event["time"]
        return event

    def until(self, wanted: str) -> dict[str, Any]:
        """The next event of that kind."""
        while (event := self.event())["event"] != wanted:
            pass
        return event

    def say(self, text: str) -> None:
        """A line for its standard input."""
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; exit status and what it had to complain of."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, errors.decode()


class Mock(Stream):
    """`plantrpc serve`, of an interface, telling what happens in JSON."""

    def __init__(self, *options: str, interface: dict[str, Any] = INTERFACE,
                 **environment: str) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(interface, file)
            file.flush()
            super().__init__("serve", "--json", *options, file.name, **environment)
            self.url: str = self.event()["name"]


class Registry(Stream):
    """`plantrpc registry`, at a port that the system picks."""

    def __init__(self, url: str = "tcp://127.0.0.1:*", *options: str, **environment: str) -> None:
        super().__init__("registry", "--json", *options, url, **environment)
        self.url: str = self.event()["name"]


class Stranger:
    """A hostile device, which the test starts and stops."""

    def __init__(self, wire: str, kind: str) -> None:
        self.process = subprocess.Popen(["/usr/bin/python3", STRANGER, wire, kind], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url: str = self.process.stdout.readline().strip()

    def __enter__(self) -> "Stranger":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.process.communicate(timeout=DEADLINE)
        assert self.process.returncode == 0, self.process.returncode


class Camera:
    """The camera of the library's own tests, served natively."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([CAMERA_SERVER, "--until-stdin-closes"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def __enter__(self) -> "Camera":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()

    def assert_clean(self) -> None:
        """The library's own test looks after what a native client does."""


def camera(kind: str) -> Camera | PeerServer:
    """The same camera, of each kind of wire."""
    return Camera() if kind == "native" else PeerServer(kind.removeprefix("generation"))


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str, columns: int = 80, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen([TOOL, *arguments], env={**ENVIRONMENT, **environment},
                                        stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)
        self.text = ""

    def read(self) -> bool:
        """Take what there is; false when it was all."""
        if not select.select([self._master], [], [], DEADLINE)[0]:
            raise TimeoutError(f"nothing more came after {self.text!r}")
        try:
            data = os.read(self._master, 65536)
        except OSError:
            data = b""
        self.text += data.decode(errors="replace")
        return bool(data)

    def until(self, wanted: str) -> None:
        """Take what comes until something has come."""
        while not re.search(wanted, self.text):
            if not self.read():
                raise EOFError(f"{wanted!r} did not come: {self.text!r}")

    def type(self, text: str) -> None:
        """What a person types."""
        os.write(self._master, text.encode())

    def say(self, text: str) -> None:
        """A line that a person types."""
        os.write(self._master, text.encode() + b"\n")

    def finish(self) -> tuple[int, str]:
        """Exit status and all that was shown."""
        while self.read():
            pass
        os.close(self._master)
        return self.process.wait(DEADLINE), self.text.replace("\r\n", "\n")


def after(key: str) -> tuple[str, ...]:
    """A public key as an argument: one may begin with “-”."""
    return ("--", key) if key.startswith("-") else (key,)


def plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*[mK]", "", text)


class Case(unittest.TestCase):
    """What tests of the command line share."""

    maxDiff = None

    def start(self, thing: Any) -> Any:
        """Something that ends with the test."""
        return self.enterContext(thing)

    def enterContext(self, thing: Any) -> Any:  # noqa: N802, as of Python 3.11
        value = type(thing).__enter__(thing)
        self.addCleanup(type(thing).__exit__, thing, None, None, None)
        return value

    def folder(self) -> Path:
        """A folder that goes with the test."""
        return Path(self.start(tempfile.TemporaryDirectory()))

    def start_registry(self, answer: dict) -> str:
        """One that gives the same answer to whatever is asked; its URL."""
        context = zmq.Context()
        socket = context.socket(zmq.ROUTER)
        socket.linger = 0
        port = socket.bind_to_random_port("tcp://127.0.0.1")

        def run() -> None:
            with contextlib.suppress(zmq.ContextTerminated):
                while True:
                    *envelope, _ = socket.recv_multipart()
                    socket.send_multipart([*envelope, json.dumps(answer).encode()])
            socket.close()

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(context.term)
        return f"tcp://127.0.0.1:{port}"

    def good(self, *arguments: str, **environment: str) -> str:
        """What a command prints that must succeed without a word of complaint."""
        result = run(*arguments, **environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """The same, of JSON."""
        return json.loads(self.good(*arguments, "--json"))

    def bad(self, status: int, *arguments: str, **environment: str) -> str:
        """What a command complains of that must fail in this way, printing nothing."""
        result = run(*arguments, **environment)
        self.assertEqual((result.returncode, result.stdout), (status, ""),
                         (arguments, result.stderr))
        return result.stderr

    def late(self, status: int, told: str, command: Callable[[float], list[str]]) -> str:
        """What a command complains of for which a time is too short, which it has in seconds.

        On a busy machine it may not even reach the device in that time, and is given more.
        """
        for seconds in (0.5, 1, 2, 4, 8, 16, 32):
            result = run(*command(seconds), "-t", str(seconds))
            if told in result.stderr:
                break
        self.assertIn(told, result.stderr)
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        return result.stderr


__all__ = ["BUILD", "Case", "DEADLINE", "ENVIRONMENT", "HERE", "INTERFACE", "KINDS", "Mock",
           "NASTY", "NOBODY", "PeerServer", "Registry", "SOURCE", "Stranger", "Stream", "TOOL",
           "Terminal", "camera", "plain", "run", "wait_until"]
