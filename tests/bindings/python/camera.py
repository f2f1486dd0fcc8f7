#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A camera as a lab writes it: one declaration for both sides, and the device that serves it.

  camera.py [--self] [--url URL] [--registry URL]

It prints its url, and serves until its standard input closes or it is interrupted; with --self the
device is its own server.
"""

import sys
import threading
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import Gio, GLib, GObject, PlantRpc  # noqa: E402

SAVE = Gio.PasswordSave
SPLICE = Gio.OutputStreamSpliceFlags
DEADLINE = 20


def declare(base: type, name: str) -> type:
    """Make a class of this base with what a camera has."""

    class Camera(base):
        __gtype_name__ = name

        mode = GObject.Property(type=str, default="STILL")
        rotation = GObject.Property(type=int, minimum=0, maximum=359)
        exposure = GObject.Property(type=float, minimum=0, maximum=10, default=0.5)
        enabled = GObject.Property(type=bool, default=False)
        config = GObject.Property(type=GObject.TYPE_VARIANT)
        tags = GObject.Property(type=GObject.TYPE_STRV)
        save = GObject.Property(type=SAVE, default=SAVE.NEVER)
        parts = GObject.Property(type=SPLICE, default=SPLICE.NONE)
        video_url = GObject.Property(type=str, default="")
        captured = GObject.Signal(arg_types=(str, int))

        @PlantRpc.method_buffer(timeout=None)
        def get_image(self, lores=False):
            """Take a picture."""

        @PlantRpc.method_json
        def add(self, a: int, b: int = 2) -> int:
            """Add two integers."""

        @PlantRpc.method_json(timeout=300)
        def late(self) -> None:
            """Answer later than callers wait."""
    return Camera


Camera = declare(GObject.Object, "TestCamera")


def behave(base: type, name: str) -> type:
    """Make the class of a device."""

    class Device(base):
        __gtype_name__ = name
        _rotation = 0

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.released = threading.Event()

        @GObject.Property(type=int, minimum=0, maximum=359)
        def rotation(self) -> int:
            """Where the camera looks; it does not look at 13, and only at even angles."""
            return self._rotation

        @rotation.setter
        def rotation(self, angle: int) -> None:
            if angle == 13:
                raise ValueError("13 brings bad luck")
            self._rotation = angle - angle % 2

        @GObject.Property(type=float)
        def temperature(self) -> float:
            """Declared without flags, so that GObject takes it for writable."""
            return 21.5

        def get_image(self, lores=False):
            self.emit("captured", "picture", 1)
            return memoryview(b"data" * (1 if lores else 1000)), {"lores": lores, "size": (4, 3)}

        def add(self, a: int, b: int = 2) -> int:
            return a + b

        def late(self) -> None:
            raise AssertionError("the declaration of the template is the one that counts")

        @PlantRpc.method_json(name="lateAnswer", timeout=300, blocking=True)
        def late_answer(self) -> str:
            assert self.released.wait(DEADLINE)
            return threading.current_thread().name

        @PlantRpc.method_json()
        def release(self) -> str:
            self.released.set()
            return threading.current_thread().name

        @PlantRpc.method_json
        def echo(self, value: Any) -> Any:
            return value

        @PlantRpc.method_json
        def gather(self, *args: Any, **kwargs: Any) -> Any:
            return [args, kwargs]

        @PlantRpc.method_json
        def named(self, first: str = "a", *, second: list[int] = (1, 2), third=None) -> Any:
            return [first, second, third]

        @PlantRpc.method_json(signature="value: (ii)")
        def typed(self, value: tuple[int, int]) -> int:
            return sum(value)

        @PlantRpc.method_json
        def crash(self) -> None:
            self.fall()

        def fall(self) -> None:
            raise LookupError("nothing to be found")

        @PlantRpc.method_json
        def strange(self) -> Any:
            return {1, 2}

        @PlantRpc.method_buffer
        def no_bytes(self) -> Any:
            return 5

        @PlantRpc.method_json
        def refuse(self) -> None:
            raise GLib.Error("not now", GLib.quark_to_string(PlantRpc.Error.quark()),
                             PlantRpc.Error.REFUSED)

        @PlantRpc.method_json
        def change(self, name: str, value: Any) -> None:
            self.set_property(name, value)

        async def coroutine(self) -> None:
            """Decorated below, by hand, as an application may."""

        PlantRpc.method_json(coroutine)
    return Device


class Device:
    """A camera in a process of its own; it ends when its standard input closes."""

    def __init__(self, *options: str, program: Path = Path(__file__)) -> None:
        self.process = Popen(["/usr/bin/python3", program, *options], stdin=PIPE, stdout=PIPE,
                             text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"no device: exit status {self.process.wait()}")

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def close(self) -> None:
        """End it, and hold that it ended by itself."""
        self.process.stdin.close()
        status = self.process.wait(DEADLINE)
        self.process.stdout.close()
        assert status == 0, f"the device ended with {status}"


def program(text: str) -> Popen[str]:
    """Start a Python program that has a template and a device at hand."""
    begin = (f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
             "from camera import *\n"
             "device = behave(Camera, 'TestDevice')()\n")
    return Popen(["/usr/bin/python3", "-c", begin + text], stdin=PIPE, stdout=PIPE, stderr=STDOUT,
                 text=True)


def main() -> None:
    """Serve."""
    url = sys.argv[sys.argv.index("--url") + 1] if "--url" in sys.argv else "tcp://127.0.0.1:*"
    if "--self" in sys.argv:
        server = behave(declare(PlantRpc.Server, "TestCameraBase"), "TestCameraServer")(url=url)
    else:
        server = PlantRpc.Server(object=behave(Camera, "TestCameraDevice")(), url=url)
    server.set_name("camera")
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                      lambda *args: server.stop())
    with server:
        if "--registry" in sys.argv:
            server.register_to_registry_sync("camera", "cam-1", sys.argv[-1])
        print(server.url, flush=True)
        server.serve_forever()
    assert not server.running


if __name__ == "__main__":
    main()
