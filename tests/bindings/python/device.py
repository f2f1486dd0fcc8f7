#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The probe, served with decorated methods and plain values.

  device.py [--self]

As ../device.py, which answers everything through its invocation; what only that can do is taken
from there.
"""

import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import device as introspected  # noqa: E402
from probe import IMAGE_SIZE, SAVE, SPLICE, THUMBNAIL_SIZE, declare, pattern  # noqa: E402
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402


class Behaviour(introspected.Behaviour):
    """What the probe does; mixed into each of its two classes."""

    def offer(self, server: PlantRpc.Server) -> None:
        """Register what is answered later, or with an error of one's own making."""
        self.server, self.unblocked, self.n_cancelled = server, threading.Event(), 0
        self.connect("notify::mode", lambda *args: self.emit("mode-changed", self.mode))
        none, ever = PlantRpc.MethodFlags.NONE, PlantRpc.TIMEOUT_NONE
        for name, signature, timeout, handler in (
                ("later", "text: s", 5000, self.later),
                ("slow", "delay: i", ever, self.slow),
                ("cancelled", "", 5000, self.cancelled),
                ("drop", "", 5000, lambda call: None),
                ("fail", "", 5000, self.fail),
                ("break_down", "", 5000, self.break_down),
                ("sender", "", 5000, self.sender)):
            server.register_method_json(name, signature, timeout, none, handler)
        server.register_method_buffer("no_light", "", ever, none, self.fail)
        server.set_write_handler(self.decide)
        server.set_read_handler(self.answer_read)

    @PlantRpc.method_json(timeout=5000)
    def echo(self, value: Any) -> Any:
        return value

    @PlantRpc.method_json
    def add(self, a: int, b: int = 2) -> int:
        return a + b

    @PlantRpc.method_json(timeout=5000)
    def nothing(self) -> Any:
        pass

    @PlantRpc.method_json(timeout=5000)
    def arguments(self, *args: Any, **kwargs: Any) -> Any:
        return {"args": args, "kwargs": kwargs}

    @PlantRpc.method_json(timeout=5000)
    def refuse(self) -> None:
        raise introspected.error(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED, "not now")

    @PlantRpc.method_json(timeout=5000)
    def crash(self) -> None:
        raise ValueError("deliberate crash")

    @PlantRpc.method_json(timeout=None, blocking=True)
    def block(self, text: str) -> str:
        assert self.unblocked.wait(20)
        self.unblocked.clear()
        return text

    @PlantRpc.method_json(timeout=5000)
    def unblock(self) -> None:
        self.unblocked.set()

    @PlantRpc.method_json(timeout=5000)
    def change(self, name: str, value: Any) -> None:
        if name in ("level", "progress"):
            setattr(self, f"_{name}", float(value) if name == "level" else value)
            self.notify(name)
        elif name == "mode":
            self.mode = SAVE.PERMANENTLY if value == "permanently" else SAVE.NEVER
        else:
            self.set_property(name, value)

    @PlantRpc.method_json(timeout=5000)
    def shoot(self, number: int) -> int:
        for index in range(number):
            self.emit("captured", "shot", index)
        self.emit("ping")
        return number

    @PlantRpc.method_json(timeout=20000)
    def flood(self, number: int) -> None:
        for index in range(number):
            self.emit("captured", "x" * (1 << 20), index)

    @PlantRpc.method_json(timeout=5000)
    def mix(self) -> None:
        self.emit("mixed", True, GLib.MAXUINT, -1 << 52, 1 << 52, -0.5, "a→b", ["x", ""],
                  GLib.Variant("(sd)", ("y", 1.5)), SAVE.FOR_SESSION,
                  SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET)

    @PlantRpc.method_json(timeout=5000)
    def let_stop(self, allowed: bool) -> None:
        self.server.allow_stop = allowed

    @PlantRpc.method_buffer(timeout=None)
    def get_image(self, lores=False):
        return (pattern(THUMBNAIL_SIZE if lores else IMAGE_SIZE),
                {"format": "raw", "lores": lores})

    @PlantRpc.method_buffer(timeout=None)
    def empty(self):
        return b""


class Probe(Behaviour, declare(GObject.Object, "TestPythonProbeObject")):
    """The device as an object of its own."""

    __gtype_name__ = "TestPythonProbe"
    secret = GObject.Property(type=str, default="")


class ProbeServer(Behaviour, declare(PlantRpc.Server, "TestPythonServerBase")):
    """The device that is its own server."""

    __gtype_name__ = "TestPythonServer"
    secret = GObject.Property(type=str, default="")


def main() -> None:
    """Serve until told to end."""
    if "--self" in sys.argv[1:]:
        device = server = ProbeServer(url=introspected.URL)
    else:
        device = Probe()
        server = PlantRpc.Server(object=device, url=introspected.URL)
    device.offer(server)
    introspected.serve(server)


if __name__ == "__main__":
    main()
