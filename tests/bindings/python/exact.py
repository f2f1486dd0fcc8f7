#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values are those that the device has, or errors: numbers at their limits, nothing where there is
to be a number, and devices that tell no types.

  exact.py --serve [--ported]
"""

import json
import math
import sys
import threading
import unittest
from pathlib import Path
from typing import Any
from unittest.mock import patch

import gi

gi.require_version("PlantRpc", "1.0")
from attributes import in_loop, wait  # noqa: E402
from camera import DEADLINE  # noqa: E402
from case import WithDevice  # noqa: E402
from gi.overrides.PlantRpc import values  # noqa: E402
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402

TESTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS / "peer"))

import device as peer_device  # noqa: E402
from client import Interface, PeerClient  # noqa: E402
from process import PeerServer  # noqa: E402

QUARK, ERROR, STATE = PlantRpc.Error.quark(), PlantRpc.Error, PlantRpc.PropertyState
NAN, INF = math.nan, math.inf
WIDE = (2 ** 53 + 1, -2 ** 63, 2 ** 64 - 1, 2 ** 64, -2 ** 63 - 1, 2 ** 70 + 1, -10 ** 30)
VALUES: tuple[Any, ...] = (90, 90.0, 0, -0.0, *WIDE, 1.5, 1e300, 5e-324, NAN, INF, -INF, True,
                           False, "text", "", "a\0b", "\0", 'quote" \\ \0 ü', None, [], {},
                           [1, 2.5, None, "a\0"], {"k": [2 ** 64, {"deep": NAN}]}, ["a", "b"])


def same(got: Any, wanted: Any) -> bool:
    """Equality, types and the sign of zero included; NaN is NaN."""
    return repr(got) == repr(wanted)


class Whole(unittest.TestCase):
    """What is turned over at once is what is turned over piece by piece."""

    def test_to_the_library(self) -> None:
        for value in (*VALUES, (), (1, ("a",)), list(range(300)), 2 ** 31, -2 ** 31, -2 ** 31 - 1,
                      {f"k{i}": i / 3 for i in range(300)}, [[[]], {}], "ü" * 300, "\ud800x",
                      [b"bytes"], {1: 2}, [{"a": {2: 3}}], [bytearray(b"x")], [memoryview(b"xy")],
                      [{1}], 1j, [..., 1], [GLib.Variant("y", 3)], range(3)):
            with self.subTest(value=value):
                self.assertEqual(self.told(value, True), self.told(value, False))

    def told(self, value: Any, whole: bool) -> Any:
        with patch.object(values, "PLAIN", values.PLAIN if whole else frozenset()):
            try:
                variant = values.to_variant(value)
                return variant.get_type_string(), variant.print_(True)
            except (TypeError, PlantRpc.CallError) as error:
                return type(error), str(error)

    def test_from_the_library(self) -> None:
        for text in ("@ay [1]", "@ay []", "@aay [[1],[]]", "[<@ay [1]>]", "{'a': @ay [1]}",
                     "(@ay [1], <()>)", "()", "[()]", "((),)", "{1: 'a'}", "{1.5: <true>}",
                     "[('a', 1)]", "@mmi just nothing", "@ami [1, nothing]", "byte 200",
                     "int16 -5", "uint32 4294967295", "uint64 18446744073709551615",
                     "int64 -9223372036854775808", "int64 -2147483648", "handle 3", "-0.0",
                     "@d nan", "[inf]", "objectpath '/a'", "signature 'i'", "<<'ü'>>",
                     "[{'a': <[<{'b': <@ay [1]>}>]>}]", "@a{sv} {}", "@av []", "@as []",
                     "@{ys} {0, '18446744073709551616'}", "[<@{ys} {1, 'a\\\\u0000'}>, <1>]"):
            variant = GLib.Variant.parse(None, text, None, None)
            with self.subTest(text):
                got = values.from_variant(variant)
                with patch.object(PlantRpc, "value_to_marshal", lambda variant: b""):
                    wanted = values.from_variant(variant)
                self.assertEqual((type(got), repr(got)), (type(wanted), repr(wanted)))


class Arm(GObject.Object):
    """A device with numbers of every kind."""

    gain = GObject.Property(type=GObject.TYPE_FLOAT, minimum=0.1, maximum=0.7, default=0.5)
    level = PlantRpc.property(type="y", default=0)
    ratio = GObject.Property(type=float, default=1.0)
    label = GObject.Property(type=str, default="")
    _config, _heat = None, 1.0

    @GObject.Property(type=GObject.TYPE_VARIANT)
    def config(self) -> Any:
        return self._config

    @GObject.Property(type=float, minimum=0, maximum=10)
    def heat(self) -> float:
        return self._heat

    @PlantRpc.method_json
    def move(self, x: float, y: float = 0.0) -> str:
        return f"{x!r} {y!r}"

    @PlantRpc.method_json
    def path(self, points: list[float]) -> str:
        return repr(points)

    @PlantRpc.method_json
    def gains(self, last: str) -> list[float]:
        return [1.5, json.loads(last)]

    @PlantRpc.method_json
    def size(self, n: int) -> int:
        return n

    @PlantRpc.method_json
    def become(self, text: str) -> None:
        self._config = json.loads(text)
        self.notify("config")

    @PlantRpc.method_json
    def warm(self, text: str) -> None:
        self._heat = float(text)
        self.notify("heat")


class Interfaces:
    progressChanged = PlantRpc.RPCSignal(int)
    sizeChanged = PlantRpc.RPCSignal(tuple[int, int])
    noteChanged = PlantRpc.RPCSignal(str | None)
    gainsChanged = PlantRpc.RPCSignal(list[float])


class Ported(Interfaces, PlantRpc.RPCServer):
    """A ported script, whose signals have types."""

    @PlantRpc.RPCServer.register_method_json
    def tell(self, name: str, args: str) -> str:
        try:
            getattr(self, name).emit(*json.loads(args))
        except (TypeError, ValueError, RuntimeError) as error:
            return type(error).__name__
        return "told"


class Served(WithDevice):
    program = Path(__file__)
    options = ("--serve",)

    def peer(self, generation: int, **signals: Any) -> PeerClient:
        """A connected client of the independent peer, which declares these signals."""
        interface = Interface(peer_device.Device)
        interface.signals = {name: (kind,) for name, kind in signals.items()}
        client = PeerClient(generation, self.device.url, DEADLINE * 1000, interface)
        self.addCleanup(client.close)
        return client.connect()


class Numbers(Served):
    def assert_refused(self, act: Any, *args: Any, text: str, **named: Any) -> None:
        with self.assertRaises((PlantRpc.CallError, TypeError), msg=args) as caught:
            act(*args, **named)
        self.assertIn(text, str(caught.exception))

    def test_nothing_is_no_number(self) -> None:
        arm = self.discover()
        self.assert_refused(arm.move, None, text="“x”: expected a number, got nothing")
        self.assert_refused(arm.move, 1.0, y=None, text="“y”: expected a number, got nothing")
        self.assert_refused(arm.path, [1.0, None], text="expected a number, got nothing")
        self.assert_refused(arm.size, None, text="expected an integer, got nothing")
        print("\nexpected complaint: What “gains” returned", file=sys.stderr, flush=True)
        self.assert_refused(arm.gains, "null", text="expected a number, got nothing")
        self.assertEqual(arm.move(NAN, -INF), "nan -inf")
        self.assertEqual(arm.path([INF, 2]), "[inf, 2.0]")
        self.assertTrue(same(arm.gains("NaN"), [1.5, NAN]))
        self.assertEqual(arm.size(-2 ** 53 - 1), -2 ** 53 - 1)

    def test_nothing_of_old_clients(self) -> None:
        for generation in (1, 2):
            client = self.peer(generation)
            for args in ((None,), (1.0, None), ("1",)):
                self.assertIn("expected a number", client.call("move", *args).error)
            self.assertEqual(client.call("move", NAN, -INF), "nan -inf")
            self.assertIn("expected a string, got", client.call("become", "a\0b").error)
            self.assertIn("expected an integer", client.call("size", 2 ** 64).error)
            self.assertEqual(client.call("move", 2 ** 64), "1.8446744073709552e+19 0.0")
            self.assertIn("a double holds", client.call("move", 2 ** 64 + 1).error)

    def test_single_precision(self) -> None:
        arm = self.discover()

        def follows() -> None:
            for value in (0.7, 0.1, 0.5, 0.3):
                arm.gain = value
                self.assertEqual(arm.gain, value)
            for value in (0.71, 0.09, NAN, INF, 1e39):
                with self.assertRaises(ValueError, msg=value):
                    arm.gain = value
        follows()
        in_loop(follows)
        self.assertEqual(arm.read_property_sync("gain").unpack(), 0.3)

    def test_bytes(self) -> None:
        arm = self.discover()

        def refused() -> None:
            for value in (1.9, "5", True, None, b"a", NAN, [5]):
                with self.assertRaises(TypeError, msg=value):
                    arm.level = value
            for value in (256, -1):
                with self.assertRaises(ValueError, msg=value):
                    arm.level = value
        arm.level = 255
        refused()
        in_loop(refused)
        self.assertEqual(arm.level, 255)

    def test_numbers_that_no_property_holds(self) -> None:
        arm = self.discover()
        for value in (INF, -INF, NAN):
            with self.assertRaises(ValueError):
                arm.ratio = value
        for text in ("a\0b", "\0"):
            with self.assertRaisesRegex(PlantRpc.CallValueError, "NUL"):
                arm.label = text
        self.assertEqual((arm.ratio, arm.label), (1.0, ""))

    def test_beyond_the_limits(self) -> None:
        arm = self.discover()
        heat = arm.lookup_property("heat")
        wait(lambda: heat.state == STATE.CURRENT)
        for text in ("1e39", "nan", "-0.1", "inf"):
            told: list[float] = []
            handler = arm.connect("notify::heat", lambda *args: told.append(arm.props.heat))
            arm.warm(text)
            wait(lambda: heat.get_error() is not None)
            self.assertTrue(heat.error.matches(QUARK, ERROR.PROTOCOL))
            self.assertIn("“heat” does not fit", heat.message)
            self.assertEqual((heat.state, arm.props.heat), (STATE.STALE, 1.0))
            with self.assertRaises(PlantRpc.CallError) as caught:
                in_loop(lambda: arm.heat)
            self.assertTrue(caught.exception.matches(QUARK, ERROR.PROTOCOL))
            # Who asks for it gets it.
            self.assertTrue(same(arm.heat, float(text)))
            arm.warm("1")
            wait(lambda: heat.state == STATE.CURRENT)
            self.assertEqual((heat.error, heat.message), (None, None))
            self.assertEqual(in_loop(lambda: arm.heat), 1.0)
            self.assertEqual(set(told) - {1.0}, set())
            arm.disconnect(handler)


class OldClients(Served):
    def hear(self, client: PeerClient, *texts: str) -> list[Any]:
        """What a client is told while the device gets these values."""
        before = len(client.signals)
        for text in (*texts, "[-1.0]"):
            self.assertIsNone(client.call("become", text))
        client.wait_signals(lambda got: got[before:] and got[-1] == ("configChanged", [[-1.0]]))
        self.assertEqual(client.reception_ended, "")
        return [args[0] for _, args in client.signals[before:-1]]

    def test_numbers_in_lists(self) -> None:
        for generation in (1, 2):
            with self.subTest(generation=generation):
                client = self.peer(generation, configChanged=list[float])
                told = self.hear(client, "[1.5, NaN]", "[Infinity, 3]", "[-1e308]")
                self.assertTrue(same(told, [[1.5, NAN], [INF, 3], [-1e308]]))

    def test_nothing(self) -> None:
        for generation in (1, 2):
            with self.subTest(generation=generation):
                client = self.peer(generation, configChanged=list[float])
                self.assertEqual(self.hear(client, "null", "[1.5, null]", "[2.0]", "[null]"),
                                 [[2.0]])
                client.call("become", "[null]")
                self.assertEqual(client.get("config"), [None])

    def test_nothing_in_objects(self) -> None:
        client = self.peer(2, configChanged=Any)
        value = {"a": None, "b": [{"c": None}, None]}
        self.assertEqual(self.hear(client, json.dumps(value), '[{"a": 1}, null]'), [value])


class OldClientsOfPortedServers(Served):
    options = ("--serve", "--ported")

    def test_signals_have_their_types(self) -> None:
        for generation in (1, 2):
            client = self.peer(generation, progressChanged=int, sizeChanged=tuple[int, int],
                               noteChanged=Any, gainsChanged=list[float])
            before = len(client.signals)
            for name, args, outcome in (
                    ("progressChanged", ["x"], "TypeError"),
                    ("progressChanged", [None], "TypeError"),
                    ("progressChanged", [3.0], "told"), ("progressChanged", [NAN], "TypeError"),
                    ("progressChanged", [2 ** 70], "told"), ("progressChanged", [], "RuntimeError"),
                    ("sizeChanged", [[1]], "TypeError"), ("sizeChanged", [["1", 2]], "told"),
                    ("sizeChanged", [None], "TypeError"),
                    ("gainsChanged", [[1, None]], "TypeError"),
                    ("gainsChanged", [[1, NAN]], "told"), ("noteChanged", [None], "told"),
                    ("noteChanged", ["a\0"], "CallValueError"), ("progressChanged", [4], "told")):
                self.assertEqual(client.call("tell", name, json.dumps(args)), outcome, (name, args))
            client.wait_signals(lambda got: ("progressChanged", [4]) in got[before:])
            self.assertTrue(same(client.signals[before:], [
                ("progressChanged", [3]), ("progressChanged", [2 ** 70]), ("sizeChanged", [[1, 2]]),
                ("gainsChanged", [[1.0, NAN]]), ("noteChanged", [None]), ("progressChanged", [4])]))
            self.assertEqual(client.reception_ended, "")


class Typed(GObject.Object):
    """What a program may take such a device for."""

    config = GObject.Property(type=int, minimum=0, maximum=100)


class Widget(GObject.Object):
    whole = GObject.Property(type=int)
    part = GObject.Property(type=float)
    text = GObject.Property(type=str)
    on = GObject.Property(type=bool, default=False)


class Untyped(unittest.TestCase):
    """Devices of Plant Imager, which tell no types."""

    def setUp(self) -> None:
        self.peers = [PeerServer(generation, device="probe", program=TESTS / "bindings/peer.py")
                      for generation in (1, 2)]
        for peer in self.peers:
            self.addCleanup(peer.close)
            self.addCleanup(peer.assert_clean)

    def connect(self, peer: PeerServer, template: Any = None) -> Any:
        client = PlantRpc.connect(template, peer.url) if template else PlantRpc.discover(peer.url)
        self.addCleanup(client.close)
        return client

    def test_whatever_comes(self) -> None:
        for peer in self.peers:
            probe, heard = self.connect(peer), []
            probe.connect("config-changed", lambda client, value: heard.append(value))
            known = probe.lookup_property("config")
            for value in VALUES:
                with self.subTest(generation=peer.generation, value=value):
                    peer.command("set", property="config", value=value)
                    wait(lambda: probe.config is None if value is None
                         else heard and same(heard[-1], value))
                    wait(lambda: known.state == STATE.CURRENT
                         and same(in_loop(lambda: probe.config), value))
                    self.assertTrue(same(probe.config, value))
                    self.assertTrue(same(probe.get_property("config"), value))
                    self.assertIsNone(known.error)

    def test_whatever_is_written(self) -> None:
        for peer in self.peers:
            probe = self.connect(peer)

            def write(value: Any) -> None:
                probe.config = value
            for value in (90, 90.0, 2 ** 53 + 1, 2 ** 64 - 1, NAN, INF, None, "x", [1, 2.0], {}):
                for act in (lambda: write(value), lambda: in_loop(lambda: write(value)),
                            lambda: probe.set_property("config", value)):
                    probe.config = "other"
                    act()
                    wait(lambda: same(peer.command("get", property="config")["value"], value))
            for value in ("a\0b", 2 ** 64, [{"k": "\0"}]):
                with self.assertRaises(PlantRpc.CallValueError):
                    write(value)

    def test_bindings(self) -> None:
        probe, widget = self.connect(self.peers[1]), Widget()
        for name in ("whole", "part", "text", "on"):
            probe.bind_property("config", widget, name, GObject.BindingFlags.SYNC_CREATE)
        for value, shown in ((90, (90, 90.0, "90", True)), (2.5, (2, 2.5, "2.5", True)),
                             (True, (1, 1.0, "true", True)), ("text", (0, 0.0, "text", True)),
                             (0.1, (0, 0.1, "0.1", True)), (0, (0, 0.0, "0", False)),
                             (2 ** 70, (2 ** 31 - 1, 2.0 ** 70, str(2 ** 70), True))):
            self.peers[1].command("set", property="config", value=value)
            wait(lambda: (widget.whole, widget.part, widget.text, widget.on) == shown)
        widget.bind_property("whole", probe, "config")
        widget.whole = 17
        wait(lambda: self.peers[1].command("get", property="config")["value"] == 17)

    def test_handlers_are_found(self) -> None:
        peer = self.peers[1]
        probe, heard, kept = self.connect(peer), [], []

        def hear(client: Any, value: Any, *data: Any) -> None:
            heard.append((value, *data))
        probe.connect("configChanged", lambda client, value: kept.append(value))
        probe.connect("config-changed", hear, "data")
        probe.connect_after("configChanged", self.ignore)
        peer.command("set", property="config", value=1)
        wait(lambda: kept and heard)
        probe.disconnect_by_func(hear)
        probe.disconnect_by_func(self.ignore)
        with self.assertRaises(TypeError):
            probe.disconnect_by_func(hear)
        peer.command("set", property="config", value=2)
        wait(lambda: kept[-1] == 2)
        self.assertEqual(heard, [(1, "data")])

    def ignore(self, *args: Any) -> None:
        """Stands for a handler that is a method."""

    def test_what_does_not_fit(self) -> None:
        for peer in self.peers:
            peer.command("set", property="config", value=5)
            client = self.connect(peer, Typed)
            known = client.lookup_property("config")
            wait(lambda: known.state == STATE.CURRENT)
            for value in (2.5, 101, "5", None, NAN, 2 ** 64, [5], "a\0"):
                with self.subTest(generation=peer.generation, value=value):
                    peer.command("set", property="config", value=value)
                    wait(lambda: known.error is not None)
                    self.assertTrue(known.error.matches(QUARK, ERROR.PROTOCOL), known.error)
                    self.assertEqual((known.state, client.props.config), (STATE.STALE, 5))
                    with self.assertRaises(PlantRpc.CallError) as caught:
                        in_loop(lambda: client.config)
                    self.assertTrue(caught.exception.matches(QUARK, ERROR.PROTOCOL))
                    if value != 101:
                        with self.assertRaises(PlantRpc.CallError):
                            print(client.config)
                    peer.command("set", property="config", value=5)
                    wait(lambda: known.state == STATE.CURRENT)
                    self.assertIsNone(known.error)
                    self.assertEqual((client.config, in_loop(lambda: client.config)), (5, 5))


def main() -> None:
    """Serve until standard input closes."""
    if "--ported" in sys.argv:
        server = Ported(None, "tcp://127.0.0.1")
        threading.Thread(target=lambda: (sys.stdin.read(), server.stop_server()),
                         daemon=True).start()
        print(f"{server.url}:{server.port}", flush=True)
        server.serve_forever()
        return
    server = PlantRpc.Server(object=Arm(), url="tcp://127.0.0.1:*")
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                      lambda *args: server.stop())
    # The library warns of a result that is not of the type declared.
    GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_CRITICAL)
    server.start()
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main() if "--serve" in sys.argv else unittest.main()
