#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The names of a device, exactly as they travel, and its choices by any name that they have."""

import os
import signal
import threading
import unittest
import warnings
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from attributes import wait
from camera import DEADLINE
from gi.repository import GLib, GObject, PlantRpc
from ported import serve, url_of

BUILD = Path(os.environ["BINDINGS_BUILD_DIR"]).parents[1]
INTERFACE = Path(__file__).resolve().parents[1] / "names.json"
FOLDED = {"ExposureTime": 10, "exposure_time": 20, "gain_1": 3.0, "gain1": 4.0}
CAPITAL = {"shutterTime": 30, "shutter_time": 40}
ALONE = {"X": 2.5, "ISO": 200, "videoURL": "v"}


class Names(unittest.TestCase):
    def setUp(self) -> None:
        self.process = Popen([BUILD / "plantrpc/tools/plantrpc", "serve", "--json", INTERFACE],
                             stdin=DEVNULL, stdout=PIPE, text=True)
        self.addCleanup(self.end)
        line = next(line for line in self.process.stdout if "tcp://" in line)
        url = next(word for word in line.replace('"', " ").split() if word.startswith("tcp://"))
        self.device = PlantRpc.discover(url)
        self.addCleanup(self.device.close)

    def end(self) -> None:
        """End the device, and hold that it ended by itself."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)
        self.process.stdout.close()

    def told(self, name: str) -> Any:
        """A value, by the name that travels."""
        return self.device.read_property_sync(name).unpack()

    def test_each_name_is_one_property(self) -> None:
        for name, value in {**FOLDED, **CAPITAL, **ALONE}.items():
            setattr(self.device, name, value)
        for name, value in {**FOLDED, **CAPITAL, **ALONE}.items():
            with self.subTest(name):
                self.assertEqual(getattr(self.device, name), value)
                self.assertEqual(self.told(name), value)
        self.assertNotEqual(self.device.name, "of the device")
        self.assertEqual(self.told("name"), "of the device")

    def test_each_name_is_notified(self) -> None:
        heard: set[str] = set()
        changed: dict[str, Any] = {}
        loop = GLib.MainLoop()
        values = {**FOLDED, **CAPITAL, **ALONE}
        for name in values:
            info = self.device.get_interface().lookup_property(name)
            self.device.connect(f"notify::{name}", lambda *args, name=name: heard.add(name))
            self.device.connect(info.get_change_signal(), lambda client, value, name=name:
                                changed.__setitem__(name, value))

        def write() -> None:
            for name, value in values.items():
                setattr(self.device, name, value)

        def look() -> bool:
            if heard == values.keys() and changed == values:
                loop.quit()
            return GLib.SOURCE_CONTINUE
        GLib.idle_add(write)
        ticker, end = GLib.timeout_add(5, look), GLib.timeout_add_seconds(DEADLINE, loop.quit)
        loop.run()
        GLib.source_remove(ticker)
        GLib.source_remove(end)
        self.assertEqual(heard, values.keys())
        self.assertEqual(changed, values)

    def test_names_of_the_client(self) -> None:
        for name, value in (("close", True), ("emit", 9)):
            with self.assertRaisesRegex(AttributeError, f"“remote_{name}”"):
                setattr(self.device, name, value)
            self.assertTrue(callable(getattr(self.device, name)))
            setattr(self.device, f"remote_{name}", value)
            self.assertEqual(getattr(self.device, f"remote_{name}"), value)
            self.assertEqual(self.told(name), value)
        self.device.toString = 8
        self.assertEqual(self.told("toString"), 8)

    def test_folded_names_have_change_signals_of_their_own(self) -> None:
        info = self.device.get_interface()
        names = [info.lookup_property(name).get_change_signal() for name in FOLDED]
        self.assertEqual(names, ["ExposureTimeChanged", "exposureTimeChanged", "gain_1Changed",
                                 "gain1Changed"])

    def test_signals_and_methods(self) -> None:
        for name in ("FrameReady", "frame_ready", "frame-ready"):
            self.device.connect(name, lambda *args: None)
        info = self.device.get_interface()
        self.assertEqual(info.lookup_signal("frame_ready").get_name(), "frame-ready")
        self.assertEqual(info.lookup_signal("FrameReady").get_name(), "frame-ready-2")
        for name in ("getImage", "get_image"):
            self.assertEqual(getattr(self.device, name).__name__, name)

    def test_choices(self) -> None:
        for name, written, expected in [
                ("mode", "VIDEO", "VIDEO"), ("mode", "moving", "VIDEO"), ("mode", 1, "VIDEO"),
                ("mode", -5, "off"), ("mode", "OFF", "off"), ("mode", 0, "STILL"),
                ("binning", "2x2", "2x2"), ("binning", "SEMI_AUTO", "semi-auto"),
                ("baud", "115200", "115200"), ("baud", 115200, "fast"), ("baud", 115201, "115200"),
                ("permissions", ["rw"], ["r", "w"]), ("permissions", 3, ["r", "w"]),
                ("permissions", {"r", "w"}, ["r", "w"]), ("permissions", "w", ["w"]),
                ("permissions", [1, "w"], ["r", "w"]), ("permissions", 0, []),
                ("errors", ["jam"], ["jam"]), ("errors", ["none", "jam"], ["jam"]),
                ("errors", "none", []), ("errors", 3, ["jam", "hot"]), ("errors", [], [])]:
            with self.subTest(name, written=written):
                setattr(self.device, name, written)
                self.assertEqual(getattr(self.device, name), expected)
                self.assertEqual(self.told(name), expected)
                setattr(self.device, name, getattr(self.device, name))
                self.assertEqual(self.told(name), expected)
        for name, value in [("mode", "rubbish"), ("mode", 7), ("permissions", 4),
                            ("errors", ["rubbish"])]:
            with self.subTest(name, value=value), self.assertRaises(ValueError):
                setattr(self.device, name, value)


def logged(function: Any) -> Any:
    """Decorate without the name of what is decorated."""
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)
    return wrapper


def offered(device: Any) -> tuple[list[str], list[str]]:
    """The methods that a server offers, and what it warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        server = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*")
    return sorted(server.dup_interface().list_methods()), [str(each.message) for each in caught]


class Methods(unittest.TestCase):
    """The names of decorated methods."""

    def test_a_wrapped_method_has_the_name_of_its_attribute(self) -> None:
        class Arm(GObject.Object):
            @PlantRpc.method_json
            @logged
            def home(self) -> str:
                return "home"

            @PlantRpc.method_json()
            @logged
            def stop(self) -> str:
                return "stop"

            turn = PlantRpc.method_json(lambda self: 5)
        self.assertEqual(offered(Arm()), (["home", "stop", "turn"], []))

        class Ported(PlantRpc.RPCServer):
            @PlantRpc.RPCServer.register_method_json
            @logged
            def home(self) -> str:
                return "home"

            @PlantRpc.RPCServer.register_method_json
            @logged
            def stop(self) -> str:
                return "stop"
        ported = Ported(None, "tcp://127.0.0.1")
        self.addCleanup(ported.stop_server)
        self.assertEqual(sorted(ported._server.dup_interface().list_methods()), ["home", "stop"])

    def test_duplicates_are_told(self) -> None:
        class Arm(GObject.Object):
            @PlantRpc.method_json(name="home")
            def fast(self) -> str:
                return "fast"

            @PlantRpc.method_json(name="home")
            def slow(self) -> str:
                return "slow"
        names, told = offered(Arm())
        self.assertEqual(names, ["home"])
        self.assertEqual(told, ["the method “slow” of Arm is not offered: the method “fast” has "
                                "its name, “home”"])

    def test_names_that_no_method_can_have(self) -> None:
        members = {name: PlantRpc.method_json(lambda self: 5)
                   for name in ("", "x" * 300, "\ud800", "größe", "a b", "_hidden", "x" * 255)}
        names, told = offered(type("Odd", (GObject.Object,), members)())
        self.assertEqual(names, sorted(["größe", "a b", "_hidden", "x" * 255]))
        self.assertEqual(len(told), 3)
        for name in ("", "x" * 300, "\ud800"):
            with self.assertRaises(ValueError):
                PlantRpc.method_json(lambda self: 5, name=name)


ODD = ("_hidden", "größe", "1abc", "a b", "a__b", "notify", "type", "name", "connect", "gain1",
       "gain_1", "ExposureTime", "exposure_time", "frameReady", "名前", "x" * 255)
NEVER = ("", "x" * 256, "\ud800")


class Ported(unittest.TestCase):
    """A ported device is served by the names that it has, whatever GObject can have."""

    def make(self, **members: Any) -> Any:
        device = type("Gerät", (PlantRpc.RPCServer,), members)(None, "tcp://127.0.0.1")
        self.addCleanup(device.stop_server)
        return device

    def discover(self, device: Any) -> Any:
        threading.Thread(target=serve, args=(device,)).start()
        client = PlantRpc.discover(url_of(device), timeout=DEADLINE * 1000)
        self.addCleanup(client.close)
        return client

    def test_all_together(self) -> None:
        names, members = [name for name in ODD if len(name) < 240], {}
        for name in names:
            changed = members[f"{name}Changed"] = PlantRpc.RPCSignal(int)
            members[name] = PlantRpc.RPCProperty(lambda self: 5, notify=changed)
            members[f"{name}Signal"] = PlantRpc.RPCSignal(int)
        info = self.make(**members)._server.dup_interface()
        for name in names:
            with self.subTest(name):
                self.assertEqual(info.lookup_property(name).get_wire_name(), name)
                for signal in (f"{name}Signal", f"{name}Changed"):
                    self.assertEqual(info.lookup_signal(signal).get_wire_name(), signal)
        self.assertEqual(len(set(info.list_properties())), len(names))
        # None is added for the changes of a property that has one.
        self.assertEqual(len(info.list_signals()), 2 * len(names))

    def test_a_change_is_told_once(self) -> None:
        names = [name for name in (*ODD, "__x", "type_", "Value", "value", "lit")
                 if len(name) < 240]
        members: dict[str, Any] = {}
        for name in names:
            changed = PlantRpc.RPCSignal(int)
            members["changed" if name == "lit" else f"{name}Changed"] = changed
            members[name] = PlantRpc.RPCProperty(lambda self: 5, notify=changed)
        device = self.make(**members)
        client, heard = self.discover(device), []
        client.connect("signal-received", lambda client, name, args: heard.append(name))
        told = [member._notifier for member in members.values()
                if isinstance(member, PlantRpc.RPCProperty)]
        for changed in told:
            changed.__get__(device).emit(6)
        wait(lambda: len(heard) >= len(names))
        self.assertEqual(heard, [changed.name for changed in told])

    def test_underscores(self) -> None:
        def read(self: Any) -> Any:
            return self.values.get("_x", 5)

        def write(self: Any, value: Any) -> None:
            self.values["_x"] = value
        members = {"_x": PlantRpc.RPCProperty(read, write), "values": {}, "_secret": 7}
        client = self.discover(self.make(**members))
        self.assertEqual(client._x, 5)
        client._x = 6
        self.assertEqual((client._x, client.read_property_sync("_x").unpack()), (6, 6))
        with self.assertRaises(PlantRpc.CallError):
            client.read_property_sync("_secret")
        for name in ("_secret", "__x__"):
            self.assertFalse(hasattr(client, name))
        client._own = 8
        self.assertEqual(vars(client)["_own"], 8)

    def test_each_alone(self) -> None:
        for name in ODD:
            for member in (PlantRpc.RPCProperty(lambda self: 5), PlantRpc.RPCSignal(int)):
                with self.subTest(name, member=member):
                    info = self.make(**{name: member})._server.dup_interface()
                    found = info.lookup_property(name) or info.lookup_signal(name)
                    self.assertEqual(found.get_wire_name(), name)

    def test_names_that_cannot_travel(self) -> None:
        for name in NEVER:
            for member in (PlantRpc.RPCProperty(lambda self: 5), PlantRpc.RPCSignal(int),
                           PlantRpc.RPCServer.register_method_json(lambda self: 5)):
                with self.subTest(name, member=member), self.assertWarns(UserWarning):
                    self.make(**{name: member})


if __name__ == "__main__":
    unittest.main()
