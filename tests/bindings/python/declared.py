#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties that a device in Python declares: what clients are told, and what they read and set.

  declared.py [--serve]
"""

import enum
import math
import sys
import unittest
from pathlib import Path
from typing import Any

import gi
from camera import SAVE, Device

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402


class Mode(enum.Enum):
    STILL = 0
    VIDEO = 1
    MOVING = 1


class Speed(enum.IntEnum):
    SLOW = 100
    FAST = 1600


class Color(enum.StrEnum):
    RED = "red"
    DARK = "dark-red"


class Bin(enum.StrEnum):
    ONE = "1"
    TWO = "2"
    FOUR = "4"
    ALL = "all"


class Gain(enum.Enum):
    HALF = 0.5
    X1 = 1.0
    X2 = 2.0
    HUGE = 1 << 40
    PAIR = (1, 2)


class Faults(enum.Flag):
    NONE = 0
    JAM = 1
    HOT = 2


class Access(enum.IntFlag):
    R = 1
    W = 2


class Camera(GObject.Object):
    mode = PlantRpc.property(type=Mode, default=Mode.VIDEO)
    speed = PlantRpc.property(type=Speed)
    color = PlantRpc.property(type=Color)
    bin = PlantRpc.property(type=Bin)
    amplified = PlantRpc.property(type=Gain)
    faults = PlantRpc.property(type=Faults, read_only=True)
    access = PlantRpc.property(default=Access.R)
    rotation = PlantRpc.property(type=int, maximum=359, minimum=0, step=90, unit="°",
                                 blurb="how it is turned")
    gain = PlantRpc.property(default=1.0, step=0.1)
    wide = PlantRpc.property(type=int, minimum=0, maximum=1 << 40)
    size = PlantRpc.property(type="(ii)", default=(640, 480))
    settings = PlantRpc.property(type=dict)
    tags = PlantRpc.property(type=list[str])
    points = PlantRpc.property(type="a(dd)")
    anything = PlantRpc.property()
    save = PlantRpc.property(type=SAVE, default=SAVE.NEVER)
    label = PlantRpc.property(type=str | None)
    _area, _pose, _depth, _unplugged = (1, 2), Mode.VIDEO, 2, False

    @PlantRpc.property
    def temperature(self) -> float:
        """How warm it is."""
        return 21

    @PlantRpc.property(type="(ii)", unit="px")
    def area(self):
        return self._area

    @area.setter
    def area(self, area):
        if area == (13, 13):
            raise ValueError("bad luck")
        assert type(area) is tuple
        self._area = area

    @PlantRpc.property(type=Mode)
    def pose(self):
        return self._sense(self._pose)

    @pose.setter
    def pose(self, pose):
        self._pose = pose

    @PlantRpc.property
    @PlantRpc.blocking
    def depth(self) -> float:
        """How far it sees, which takes a while to know."""
        return float(self._sense(self._depth))

    @depth.setter
    def depth(self, depth):
        self._depth = depth

    def _sense(self, value: Any) -> Any:
        if self._unplugged:
            raise OSError("unplugged")
        return value

    @PlantRpc.method_json
    def unplug(self, unplugged: bool) -> None:
        self._unplugged = unplugged

    @GObject.Property(type=float)
    def of_gobject(self):
        """Without flags."""
        return 3.5

    @PlantRpc.method_json
    def set_faults(self, faults: int) -> None:
        self.faults = Faults(faults)

    @PlantRpc.method_json(timeout=None)
    def slow(self) -> None:
        """For ever."""

    @PlantRpc.method_json(timeout=1234)
    def quick(self) -> None:
        """Not for long."""


class Zoomed(Camera):
    """What is declared again has no more of what was declared before."""

    rotation = PlantRpc.property(type=int, maximum=1000)
    gain = PlantRpc.property(default=2.0, unit="dB")


class Wrong(GObject.Object):
    """Each getter returns what is not of its type."""

    given: Any = None
    flag = PlantRpc.property(lambda self: self.given, type=bool)
    number = PlantRpc.property(lambda self: self.given, type=int)
    fraction = PlantRpc.property(lambda self: self.given, type=float)
    text = PlantRpc.property(lambda self: self.given, type=str)
    mode = PlantRpc.property(lambda self: self.given, type=Mode)
    tags = PlantRpc.property(lambda self: self.given, type=list[str])
    pair = PlantRpc.property(lambda self: self.given, type=tuple[int, int])
    plain_flag = GObject.Property(lambda self: self.given, type=bool, default=False)
    plain_number = GObject.Property(lambda self: self.given, type=int)
    plain_text = GObject.Property(lambda self: self.given, type=str)
    plain_tags = GObject.Property(lambda self: self.given, type=GObject.TYPE_STRV)

    @PlantRpc.method_json
    def give(self, given):
        self.given = given


# The type, choices, access, default, limits, step and unit.
TOLD: dict[str, tuple[Any, ...]] = {
    "mode": ("s", ["STILL", "VIDEO", "MOVING"], True, "VIDEO", None, None, 0, None),
    "speed": ("s", ["SLOW", "FAST"], True, "SLOW", None, None, 0, None),
    "color": ("s", ["red", "dark-red"], True, "red", None, None, 0, None),
    "faults": ("as", ["NONE", "JAM", "HOT"], False, [], None, None, 0, None),
    "access": ("as", ["R", "W"], True, ["R"], None, None, 0, None),
    "rotation": ("i", [], True, 0, 0, 359, 90, "°"),
    "gain": ("d", [], True, 1.0, None, None, 0.1, None),
    "wide": ("x", [], True, 0, 0, 1 << 40, 0, None),
    "size": ("(ii)", [], True, (640, 480), None, None, 0, None),
    "area": ("(ii)", [], True, None, None, None, 0, "px"),
    "tags": ("as", [], True, None, None, None, 0, None),
    "points": ("a(dd)", [], True, [], None, None, 0, None),
    "anything": ("v", [], True, None, None, None, 0, None),
    "save": ("s", ["never", "for-session", "permanently"], True, "never", None, None, 0, None),
    "temperature": ("d", [], False, 0.0, None, None, 0, None),
    "of_gobject": ("d", [], False, 0.0, None, None, 0, None)}
# What is written, what the device has then, and what a client reads.
WRITES = [
    ("mode", Mode.STILL, Mode.STILL, "STILL"), ("mode", "MOVING", Mode.VIDEO, "VIDEO"),
    ("mode", 0, Mode.STILL, "STILL"), ("speed", Speed.FAST, Speed.FAST, "FAST"),
    ("speed", 100, Speed.SLOW, "SLOW"), ("speed", "FAST", Speed.FAST, "FAST"),
    ("color", Color.DARK, Color.DARK, "dark-red"), ("color", "red", Color.RED, "red"),
    ("bin", 1, Bin.ONE, "1"), ("bin", 4, Bin.FOUR, "4"), ("bin", "2", Bin.TWO, "2"),
    ("bin", "all", Bin.ALL, "all"), ("amplified", 1, Gain.X1, "X1"),
    ("amplified", 2.0, Gain.X2, "X2"), ("amplified", "HALF", Gain.HALF, "HALF"),
    ("amplified", "HUGE", Gain.HUGE, "HUGE"), ("amplified", Gain.PAIR, Gain.PAIR, "PAIR"),
    ("access", Access.R | Access.W, Access.R | Access.W, ["R", "W"]),
    ("access", ["W"], Access.W, ["W"]), ("access", 0, Access(0), []),
    ("rotation", 90, 90, 90), ("gain", 2, 2.0, 2.0), ("wide", 1 << 39, 1 << 39, 1 << 39),
    ("size", (1, 2), (1, 2), (1, 2)), ("size", [3, 4], (3, 4), (3, 4)),
    ("settings", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
    ("tags", ["a"], ["a"], ["a"]), ("points", [(1, 2)], [(1.0, 2.0)], [(1.0, 2.0)]),
    ("anything", {"x": [1]}, {"x": [1]}, {"x": [1]}), ("anything", 5, 5, 5),
    ("label", "x", "x", "x"), ("label", None, None, None), ("area", (5, 6), (5, 6), (5, 6))]
# By no position: only by the value of a member, or by its nick.
REFUSED = [("bin", 0, ValueError), ("bin", 3, ValueError), ("color", 0, ValueError),
           ("color", 1, ValueError), ("amplified", 0, ValueError), ("amplified", 3, ValueError),
           ("amplified", 4, ValueError), ("amplified", True, TypeError),
           ("mode", "rubbish", ValueError), ("mode", 7, ValueError), ("access", 8, ValueError),
           ("rotation", 400, ValueError), ("rotation", "left", TypeError),
           ("size", (1, 2, 3), (TypeError, ValueError)), ("tags", 5, TypeError),
           ("points", "x", (TypeError, ValueError))]


class Locally(unittest.TestCase):
    """The device itself, without a server."""

    def test_values_are_plain(self) -> None:
        camera = Camera()
        self.assertEqual((camera.mode, camera.speed, camera.color, camera.faults, camera.size),
                         (Mode.VIDEO, Speed.SLOW, Color.RED, Faults.NONE, (640, 480)))
        for name, written, expected, _ in WRITES:
            with self.subTest(name, written=written):
                setattr(camera, name, written)
                self.assertEqual(getattr(camera, name), expected)
                self.assertIs(type(getattr(camera, name)), type(expected))
        for name, value, error in [*REFUSED, ("area", (13, 13), ValueError),
                                   ("temperature", 5.0, AttributeError)]:
            with self.subTest(name, value=value), self.assertRaises(error):
                setattr(camera, name, value)

    def test_a_member_is_set_by_its_value(self) -> None:
        camera = Camera()
        for value in (0.5, 1.0, 2, 1 << 40, (1, 2)):
            camera.amplified = value
            self.assertEqual(camera.amplified, Gain(value))

    def test_gobject_has_its_own_values(self) -> None:
        camera, other = Camera(), Camera()
        for name in ("mode", "size", "access", "settings", "tags", "wide"):
            camera.bind_property(name, other, name, GObject.BindingFlags.DEFAULT)
        camera.mode, camera.size, camera.access = "STILL", (7, 8), 3
        camera.settings, camera.tags, camera.wide = {"x": 1}, ["y"], 1 << 35
        self.assertEqual((other.mode, other.size, other.access, other.settings, other.tags,
                          other.wide), (Mode.STILL, (7, 8), Access(3), {"x": 1}, ["y"], 1 << 35))

    def test_equal_values_are_not_notified(self) -> None:
        camera, heard = Camera(), []
        camera.connect("notify", lambda camera, spec: heard.append(spec.name))
        for _ in range(3):
            camera.mode, camera.rotation, camera.area = Mode.STILL, 5, (9, 9)
            camera.set_property("rotation", 5)
        self.assertEqual(heard, ["mode", "rotation", "area"])
        camera.notify("rotation")
        self.assertEqual(heard[3:], ["rotation"])

    def test_each_device_has_its_default(self) -> None:
        class Listed(GObject.Object):
            points = PlantRpc.property(type=list[int], default=[1])
            nested = PlantRpc.property(type=dict, default={"a": [1]})
        one, other = Listed(), Listed()
        one.points.append(2)
        one.nested["a"].append(2)
        self.assertEqual((one.points, one.nested), ([1, 2], {"a": [1, 2]}))
        self.assertEqual((other.points, other.nested), ([1], {"a": [1]}))
        self.assertEqual((Listed().points, Listed().nested), ([1], {"a": [1]}))

    def test_values_at_construction(self) -> None:
        class Own(Camera):
            def __init__(self, mode: Mode) -> None:
                super().__init__(mode=mode, size=[1, 2])
        values = {"mode": Mode.STILL, "color": "red", "access": Access.W, "size": [7, 8],
                  "tags": ["x"], "settings": {"a": 1}, "rotation": 5, "pose": Mode.STILL,
                  "save": SAVE.PERMANENTLY, "amplified": 2.0, "bin": 4, "gain": 2}
        camera = Camera(**values)
        self.assertEqual((camera.mode, camera.color, camera.access, camera.size, camera.tags,
                          camera.settings, camera.rotation, camera.pose, camera.save,
                          camera.amplified, camera.bin, camera.gain),
                         (Mode.STILL, Color.RED, Access.W, (7, 8), ["x"], {"a": 1}, 5, Mode.STILL,
                          SAVE.PERMANENTLY, Gain.X2, Bin.FOUR, 2.0))
        self.assertEqual((Own(Mode.STILL).mode, Own(Mode.STILL).size), (Mode.STILL, (1, 2)))
        self.assertEqual(Zoomed(rotation=500).rotation, 500)
        for name, value, error in [*REFUSED, ("nothing", 5, TypeError)]:
            with self.subTest(name, value=value), self.assertRaises(error):
                Camera(**{name: value})

    def test_none_is_no_structure(self) -> None:
        camera = Camera()
        for name in ("size", "tags", "settings", "mode", "rotation", "points", "access"):
            with self.subTest(name), self.assertRaisesRegex(TypeError, name):
                setattr(camera, name, None)
        camera.anything = camera.label = None
        self.assertEqual((camera.anything, camera.label), (None, None))

    def test_declared_again(self) -> None:
        def told(device: Any, name: str) -> tuple[Any, ...]:
            info = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*").dup_interface()
            found = info.lookup_property(name)
            return found.get_unit(), found.get_step()
        self.assertEqual([told(device, name) for device in (Camera(), Zoomed())
                          for name in ("rotation", "gain")],
                         [("°", 90), (None, 0.1), (None, 0), ("dB", 0)])

    def test_mistakes(self) -> None:
        for options in ({"type": "no type"}, {"type": enum.Enum("Empty", {})},
                        {"type": int, "minimum": 5, "maximum": 3}, {"type": int, "default": "x"}):
            with self.subTest(options), self.assertRaises((TypeError, ValueError)):
                type("Wrong", (GObject.Object,), {"it": PlantRpc.property(**options)})
        for step in (0, math.nan, math.inf):
            with self.assertRaises(ValueError):
                PlantRpc.property(type=float, step=step)

    def test_what_gobject_would_not_survive(self) -> None:
        flags = GObject.ParamFlags
        for name, options, told in [
                ("_offset", {"type": int}, "_offset"), ("größe", {"type": int}, "größe"),
                ("it", {"type": float, "minimum": math.nan}, "minimum"),
                ("it", {"type": float, "maximum": math.nan}, "maximum"),
                ("it", {"type": int, "maximum": math.nan}, "maximum"),
                ("it", {"type": float, "minimum": math.inf}, "minimum"),
                ("it", {"type": float, "maximum": -math.inf}, "maximum"),
                ("it", {"type": float, "default": math.nan}, "it"),
                ("it", {"type": int, "flags": flags(0)}, "flags"),
                ("it", {"type": int, "read_only": True,
                        "flags": flags.READWRITE | flags.CONSTRUCT}, "flags")]:
            with self.subTest(name, **options), self.assertRaisesRegex(ValueError, told):
                type("Wrong", (GObject.Object,), {name: PlantRpc.property(**options)})


class Remotely(unittest.TestCase):
    def setUp(self) -> None:
        device = Device("--serve", program=Path(__file__))
        self.addCleanup(device.close)
        self.url = device.url

    def clients(self) -> Any:
        for make in (PlantRpc.discover, lambda url: PlantRpc.connect(Camera, url)):
            with make(self.url) as client:
                yield client

    def test_clients_are_told(self) -> None:
        for client in self.clients():
            info = client.get_interface()
            for name, expected in TOLD.items():
                told = info.lookup_property(name)
                values = [None if value is None else value.unpack() for value in (
                    told.get_default(), told.get_minimum(), told.get_maximum())]
                with self.subTest(name):
                    self.assertEqual((told.get_type_string(), told.get_choices(),
                                      told.get_writable(), *values, told.get_step(),
                                      told.get_unit()), expected)
            self.assertEqual(info.lookup_property("temperature").get_description(),
                             "How warm it is.")
            self.assertEqual(info.lookup_property("rotation").get_description(),
                             "how it is turned")

    def test_values_are_plain(self) -> None:
        for client in self.clients():
            for name, written, _, expected in WRITES:
                with self.subTest(name, written=written, client=client):
                    setattr(client, name, written)
                    self.assertEqual(getattr(client, name), expected)
            for name, value, error in REFUSED:
                with self.subTest(name, value=value), self.assertRaises(error):
                    setattr(client, name, value)
            with self.assertRaises(PlantRpc.CallError) as caught:
                client.area = (13, 13)
            self.assertIn("bad luck", str(caught.exception))
            for name in ("temperature", "of_gobject", "faults"):
                with self.subTest(name), self.assertRaises(Exception):
                    setattr(client, name, getattr(client, name))
            client.set_faults(3)
            self.assertEqual(client.faults, ["JAM", "HOT"])
            self.assertEqual((client.temperature, client.of_gobject), (21.0, 3.5))

    def test_a_getter_that_raises(self) -> None:
        for client in self.clients():
            client.pose, client.depth = Mode.VIDEO, 2
            self.assertEqual((client.pose, client.depth), ("VIDEO", 2.0))
            client.unplug(True)
            for name in ("pose", "depth"):
                with self.subTest(name), self.assertRaisesRegex(PlantRpc.CallError, "unplugged"):
                    client.read_property_sync(name)
            # A value can be set all the same.
            client.pose, client.depth = Mode.STILL, 3
            client.unplug(False)
            for name, expected in (("pose", "STILL"), ("depth", 3.0)):
                self.assertEqual(client.read_property_sync(name).unpack(), expected)

    def test_a_getter_that_returns_another_type(self) -> None:
        device = Device("--serve-wrong", program=Path(__file__))
        self.addCleanup(device.close)
        client = PlantRpc.discover(device.url)
        self.addCleanup(client.close)
        for name, wrong, right in [
                ("flag", ["off", 7, [], None, 0.5], [False, True]),
                ("number", ["5", 1.5, None, [1]], [5]),
                ("fraction", ["1", None, []], [1.5]), ("text", [5, True, ["x"]], ["x"]),
                ("mode", ["nope", 7, None, []], ["VIDEO"]), ("tags", ["abc", [1], 5], [["a"]]),
                ("pair", ["ab", [1], 5], [(1, 2)]), ("plain_flag", ["off", 7, []], [True]),
                ("plain_number", ["5", 1.5], [5]), ("plain_text", [5, ["x"]], ["x"]),
                ("plain_tags", ["abc", [1], 5], [["a"]])]:
            for value in wrong:
                client.give(value)
                with self.subTest(name, value=value), \
                        self.assertRaisesRegex(PlantRpc.CallError, f"“{name}”.*expected"):
                    client.read_property_sync(name)
            for value in right:
                client.give(list(value) if isinstance(value, tuple) else value)
                with self.subTest(name, value=value):
                    self.assertEqual(client.read_property_sync(name).unpack(), value)
        for bit in (0, 1):
            client.give(bit)
            self.assertIs(client.read_property_sync("flag").unpack(), bool(bit))

    def test_timeouts_are_those_of_the_device(self) -> None:
        for client in self.clients():
            self.assertEqual((client.slow.timeout, client.quick.timeout), (None, 1234))
            self.assertEqual(client.quick.with_timeout(5).timeout, 5)
            self.assertIsNone(client.quick.with_timeout(None).timeout)

    def test_equal_writes_send_no_change(self) -> None:
        client = PlantRpc.discover(self.url)
        self.addCleanup(client.close)
        heard: list[Any] = []
        client.connect("signal-received", lambda client, name, args: heard.append(
            (name, args.unpack())))
        for value in (5, 5, 6, 6, 7):
            client.write_property_sync("rotation", value)
        context = GLib.MainContext.default()
        while ("rotationChanged", [7]) not in heard:
            context.iteration(True)
        self.assertEqual(heard, [("rotationChanged", [value]) for value in (5, 6, 7)])


def main() -> None:
    """Serve."""
    device = Wrong() if "--serve-wrong" in sys.argv else Camera()
    server = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*")
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                      lambda *args: server.stop())
    with server:
        print(server.url, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main() if len(sys.argv) > 1 and sys.argv[1].startswith("--serve") else unittest.main()
