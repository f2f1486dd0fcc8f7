#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Arguments that may be left out: a method is called as Python alone would call it."""

import enum
import math
import sys
import unittest
from pathlib import Path
from typing import Any, Optional

import gi
from case import WithDevice

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402


class Speed(enum.IntEnum):
    SLOW = 1


class Camera(GObject.Object):
    """Each method returns what it is given, as a text that shows the types."""

    @PlantRpc.method_json
    def capture(self, settings: dict = None) -> str:
        return repr(settings)

    @PlantRpc.method_json
    def light(self, on: bool = None) -> str:
        return repr(on)

    @PlantRpc.method_json
    def pick(self, names: list[str] = None) -> str:
        return repr(names)

    @PlantRpc.method_json
    def go(self, speed: float = None, name: str = None, steps: int = None) -> str:
        return repr((speed, name, steps))

    @PlantRpc.method_json
    def crop(self, area: tuple[int, int, int, int] = None) -> str:
        return repr(area)

    @PlantRpc.method_json
    def unions(self, a: str | None = None, b: Optional[int] = 5, c: None | list[int] = None,
               d: int | str = None, e: Any = None, f=None) -> str:
        return repr((a, b, c, d, e, f))

    @PlantRpc.method_json
    def told(self, a: float = 1, b: float = math.inf, c: float = -0.0, d: list[int] = [1],
             e: dict = {"a": [1, 2.0, None]}, f: str = "ü\"'\n", g=b"x\0",
             h: tuple[int, int] = (1, 2), i: float = math.nan) -> str:
        return repr((a, b, c, d, e, f, g, h, i))

    @PlantRpc.method_json
    def a_tuple(self, names: list[str] = (), pair=(1, 2)) -> str:
        return repr((names, pair))

    @PlantRpc.method_json
    def an_enumeration(self, speed: int = Speed.SLOW) -> str:
        return repr(speed)

    @PlantRpc.method_json
    def a_boolean(self, steps: int = True, on: bool = 1) -> str:
        return repr((steps, on))

    @PlantRpc.method_json
    def too_large(self, steps: int = 2 ** 70, speed: float = 2 ** 63 + 1, zero: str = "a\0") -> str:
        return repr((steps, speed, zero))

    @PlantRpc.method_json
    def tiny(self, x: float = 5e-324, y: float = -1e-310) -> str:
        return repr((x, y))

    @PlantRpc.method_json
    def tiny_inside(self, parts: dict = {"a": 5e-324}) -> str:
        return repr(parts)

    @PlantRpc.method_json
    def small(self, x: float = 3e-308) -> str:
        return repr(x)

    @PlantRpc.method_json
    def wrong(self, area: tuple[int, int, int, int] = (1, 2), thing=object) -> str:
        return repr((area, thing))


CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("capture", ()), ("capture", (None,)), ("capture", ({"iso": 100},)), ("capture", ({},)),
    ("light", ()), ("light", (None,)), ("light", (True,)), ("light", (False,)),
    ("pick", ()), ("pick", (None,)), ("pick", ([],)), ("pick", (["a"],)),
    ("go", ()), ("go", (None, None)), ("go", (1.5,)), ("go", (1.5, "x", 7)),
    ("go", (None, "x")), ("crop", ()), ("crop", (None,)), ("crop", ((1, 2, 3, 4),)),
    ("unions", ()), ("unions", ("x", None, [1], 2, {"a": 1}, None)), ("told", ()),
    ("a_tuple", ()), ("an_enumeration", ()), ("a_boolean", ()), ("too_large", ()),
    ("wrong", ()), ("wrong", ([5],)), ("tiny", ()), ("tiny", (5e-324, 1e-310)),
    ("tiny_inside", ()), ("small", ()), ("small", (-5e-324,))]
# Where GVariant reads them, they are told.
TINY = {"tiny", "tiny_inside"}
UNTOLD = {"a_tuple", "an_enumeration", "a_boolean", "too_large", "wrong"}


class Optionals(WithDevice):
    program = Path(__file__)
    options = ("--serve",)

    def test_as_python_alone(self) -> None:
        alone = Camera()
        for make in (PlantRpc.discover, lambda url: PlantRpc.connect(Camera, url)):
            with make(self.device.url) as client:
                for name, args in CALLS:
                    with self.subTest(client=client, method=name, args=args):
                        expected = getattr(alone, name)(*args)
                        if name == "told":
                            # What is annotated as a float is one.
                            expected = expected.replace("(1,", "(1.0,", 1)
                        self.assertEqual(getattr(client, name)(*args), expected)

    def test_what_does_not_come_back_equal_is_no_default(self) -> None:
        with PlantRpc.discover(self.device.url) as client:
            info = client.get_interface()
            told = {name: info.lookup_method(name).get_signature() for name in info.list_methods()}
        self.assertEqual({name for name, signature in told.items() if signature is None} - TINY,
                         UNTOLD)
        self.assertEqual(told["small"], "x: d = 3e-308 -> s")
        self.assertEqual(told["go"], "speed: md = nothing, name: ms = nothing, "
                                     "steps: mx = nothing -> s")
        self.assertEqual(told["crop"], "area: m(xxxx) = nothing -> s")

    def test_wrong_types_are_refused(self) -> None:
        with PlantRpc.discover(self.device.url) as client:
            for name, value in [("light", "yes"), ("pick", "a"), ("crop", (1, 2)), ("go", "fast"),
                                ("capture", [1])]:
                with self.subTest(name), self.assertRaises(PlantRpc.CallError):
                    getattr(client, name)(value)


def main() -> None:
    """Serve."""
    server = PlantRpc.Server(object=Camera(), url="tcp://127.0.0.1:*")
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                      lambda *args: server.stop())
    with server:
        print(server.url, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main() if "--serve" in sys.argv else unittest.main()
