#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads and calls that fail, by whatever a device raises: each is answered, and nothing is in the
way of what comes next.

  reads.py --serve [--ported] [--exits]
"""

import asyncio
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from attributes import wait  # noqa: E402
from camera import DEADLINE  # noqa: E402
from case import WithDevice  # noqa: E402
from gi.repository import Gio, GLib, GObject, PlantRpc  # noqa: E402

ANY = "tcp://127.0.0.1:*"
State = PlantRpc.PropertyState


class Mute(Exception):
    """Its text cannot be had."""

    def __str__(self) -> str:
        return str(self.args[7])


class Silent(Exception):
    """Neither can this, nor its representation."""

    def __str__(self) -> str:
        raise SystemExit(3)

    __repr__ = __str__


REASONS: dict[str, tuple[BaseException, str]] = {
    "surrogate": (OSError("no file Plantes \udce9t\udce9"), "no file Plantes \\udce9t\\udce9"),
    "mute": (Mute(), "Mute, whose text cannot be told: IndexError"),
    "silent": (Silent(), "Silent, whose text cannot be told: SystemExit"),
    "nul": (ValueError("a\0b"), "a\\x00b"),
    "empty": (LookupError(), "LookupError"),
    "generator": (GeneratorExit("closed"), "closed"),
    "long": (RuntimeError("x" * (4 << 20)), "x" * (65536 - 3) + "…"),
    "own": (GLib.Error("no \ud800", GLib.quark_to_string(PlantRpc.Error.quark()),
                       PlantRpc.Error.REFUSED), "no \\ud800"),
    "foreign": (GLib.Error("not \0 there", "no-such-domain", 5), "not \\x00 there"),
    "odd": (GLib.Error(), "unknown error"),
}


class Probe(GObject.Object):
    """Some of its properties cannot be read."""

    broken = False
    reads = ticks = 0
    level = GObject.Property(type=float, default=3.5)
    unfit = GObject.Property(type=GObject.TYPE_VARIANT)

    def __init__(self) -> None:
        super().__init__()
        GLib.timeout_add(5, self.tick)

    def tick(self) -> bool:
        self.ticks += 1
        return GLib.SOURCE_CONTINUE

    @GObject.Property(type=float)
    def temperature(self) -> float:
        return 21.5

    @GObject.Property(type=float)
    def humidity(self) -> float:
        self.reads += 1
        if self.broken:
            raise OSError("the probe does not answer")
        return 60.0

    @GObject.Property(type=str)
    def serial(self) -> str:
        return "A17"

    @GObject.Property(type=int)
    def lacking(self) -> int:
        return self.nowhere  # type: ignore[attr-defined]

    @GObject.Property(type=str)
    def text(self) -> Any:
        return 5

    @GObject.Property(type=int)
    def whole(self) -> Any:
        return 2.5

    @GObject.Property(type=str)
    @PlantRpc.blocking
    def worker(self) -> str:
        return threading.current_thread().name

    @GObject.Property(type=str)
    def folder(self) -> str:
        return ""

    @folder.setter
    def folder(self, name: str) -> None:
        raise REASONS[name][0]

    @PlantRpc.method_json
    def plug(self, broken: bool) -> None:
        self.broken = broken
        self.notify("humidity")
        self.notify("temperature")

    @PlantRpc.method_json
    def move(self, x: float) -> str:
        return f"moved to {x}"

    @PlantRpc.method_json
    def count_reads(self) -> int:
        return self.reads

    @PlantRpc.method_json
    def count_ticks(self) -> int:
        return self.ticks

    @PlantRpc.method_json
    def fail(self, why: str) -> None:
        raise REASONS[why][0]

    @PlantRpc.method_json(blocking=True)
    def fail_elsewhere(self, why: str) -> None:
        if why == "exit":
            raise SystemExit("not from here")
        raise REASONS[why][0]

    @PlantRpc.method_json
    def interrupt(self) -> None:
        raise KeyboardInterrupt

    @PlantRpc.method_json
    def leave(self) -> None:
        sys.exit("leaving")


class Ported(PlantRpc.RPCServer):
    """The same for ported scripts."""

    @PlantRpc.RPCProperty()
    def mode(self) -> str:
        return "STILL"

    @PlantRpc.RPCProperty()
    def sensor(self) -> str:
        raise RuntimeError("sensor gone")

    @PlantRpc.RPCProperty()
    def strange(self) -> Any:
        return {1, 2}

    @PlantRpc.RPCServer.register_method_json
    def turn(self, degrees: Any) -> Any:
        return degrees

    @PlantRpc.RPCServer.register_method_json
    def fail(self, why: str) -> None:
        raise REASONS[why][0]


def expect(text: str) -> None:
    """Have a complaint pass that comes next."""
    # Behind what unittest tells of its progress.
    print(f"\nexpected complaint: {text}", file=sys.stderr, flush=True)


class Failing(WithDevice):
    """The snapshot of a client reads all properties, also those that cannot be read."""

    program = Path(__file__)
    options = ("--serve",)

    def assert_fails(self, act: Any, *args: Any, message: str) -> PlantRpc.CallError:
        with self.assertRaises(PlantRpc.CallError) as caught:
            act(*args)
        self.assertEqual(str(caught.exception), message)
        return caught.exception


class Reads(Failing):
    def test_the_others_go_on(self) -> None:
        probe = self.discover()
        self.assertEqual((probe.humidity, probe.temperature, probe.level), (60.0, 21.5, 3.5))
        before = probe.count_ticks()
        probe.plug(True)
        for _ in range(3):
            error = self.assert_fails(lambda: probe.humidity, message="the probe does not answer")
            self.assertIn("in humidity\n", error.traceback)
            self.assertIn("OSError: the probe does not answer", error.traceback)
            self.assertNotIn("overrides", error.traceback)
            self.assertEqual((probe.temperature, probe.serial, probe.level), (21.5, "A17", 3.5))
            self.assertEqual(probe.move(1.0), "moved to 1.0")
            probe.level = 4.5
            probe.level = 3.5
        for _ in range(1000):
            if probe.count_ticks() > before:
                break
        self.assertGreater(probe.count_ticks(), before)

    def test_what_a_property_tells(self) -> None:
        probe = self.discover()
        probe.plug(True)
        other = self.discover()
        humidity = other.lookup_property("humidity")
        self.assertEqual((humidity.state, humidity.message),
                         (State.UNSET, "the probe does not answer"))
        for error in (humidity.error, humidity.refusal):
            self.assertTrue(error.matches(PlantRpc.Error.quark(), PlantRpc.Error.REMOTE))
        for name in ("temperature", "serial", "level"):
            self.assertEqual(other.lookup_property(name).state, State.CURRENT, name)
        self.assertEqual((other.temperature, other.serial, other.level), (21.5, "A17", 3.5))
        other.plug(False)
        wait(lambda: humidity.state == State.CURRENT)
        self.assertEqual((humidity.message, humidity.error, other.humidity), (None, None, 60.0))

    def test_a_value_that_is_not_known_is_none(self) -> None:
        """Where a loop runs nothing is fetched, and a default is no value of the device."""
        release = threading.Event()

        class Slow(GObject.Object):
            @GObject.Property(type=float)
            @PlantRpc.blocking
            def humidity(self) -> float:
                release.wait(DEADLINE)
                return 60.0

        async def read() -> tuple[Any, Any]:
            client = await PlantRpc.discover.begin(None, server.url)
            before = client.humidity
            release.set()
            return before, await client.read_property("humidity")

        with PlantRpc.Server(object=Slow(), url=ANY) as server:
            self.assertEqual(asyncio.run(read()), (None, 60.0))

    def test_values_that_do_not_fit(self) -> None:
        probe = self.discover()
        for name, text in (("lacking", "nowhere"), ("text", "expected a string, got 5"),
                           ("whole", "expected an integer, got 2.5")):
            with self.assertRaises(PlantRpc.CallError, msg=name) as caught:
                getattr(probe, name)
            self.assertIn(text, f"{caught.exception} {caught.exception.traceback}")
            self.assertEqual(probe.lookup_property(name).state, State.UNSET)
        self.assertIsNone(probe.unfit)

    def test_a_change_is_sent_alone(self) -> None:
        probe, told = self.discover(), []
        for name in ("humidity", "temperature"):
            probe.lookup_property(name).connect("notify", lambda item, spec: told.append(
                (item.get_name(), spec.name, item.get_message())))
        probe.plug(True)
        before = probe.count_reads()
        self.assert_fails(lambda: probe.humidity, message="the probe does not answer")
        self.assertEqual(probe.count_reads(), before + 1)
        wait(lambda: ("humidity", "message", "the probe does not answer") in told)
        self.assertNotIn("value", [name for _, name, _ in told])

    def test_a_getter_that_blocks(self) -> None:
        probe = self.discover()
        wait(lambda: probe.lookup_property("worker").state == State.CURRENT)
        self.assertNotIn("MainThread", probe.worker)
        self.assertNotEqual(probe.worker, "")


class Answers(Failing):
    def test_whatever_is_raised(self) -> None:
        probe = self.discover()
        for why, (_, message) in REASONS.items():
            with self.subTest(why):
                for method in (probe.fail, probe.fail_elsewhere):
                    self.assert_fails(method, why, message=message)
                self.assert_fails(setattr, probe, "folder", why, message=message)
                self.assertEqual(probe.move(1.0), "moved to 1.0")
        error = self.assert_fails(probe.fail, "own", message="no \\ud800")
        self.assertTrue(error.matches(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED))

    def test_what_ends_a_program(self) -> None:
        probe = self.discover()
        self.assert_fails(probe.fail_elsewhere, "exit", message="not from here")
        expect("KeyboardInterrupt")
        self.assert_fails(probe.interrupt, message="KeyboardInterrupt")
        self.assertEqual(probe.move(1.0), "moved to 1.0")


class Exits(Failing):
    options = ("--serve", "--exits")

    def test_an_exit_passes_through_serve_forever(self) -> None:
        probe = self.discover()
        self.assert_fails(probe.leave, message="leaving")
        self.assertEqual(self.device.process.wait(DEADLINE), 0)


class PortedServers(Failing):
    options = ("--serve", "--ported")

    def test_ported_scripts(self) -> None:
        camera = self.discover()
        for _ in range(2):
            self.assertEqual(camera.mode, "STILL")
            error = self.assert_fails(lambda: camera.sensor, message="sensor gone")
            self.assertIn("in sensor\n", error.traceback)
            self.assertEqual([camera.turn(5), camera.turn(6)], [5, 6])
        for why, (_, message) in REASONS.items():
            with self.subTest(why):
                self.assert_fails(camera.fail, why, message=message)
        self.assertEqual(camera.turn(7), 7)


class Handlers(unittest.TestCase):
    """The handler of reads, and the virtual function, in the process of the client."""

    def setUp(self) -> None:
        self.asked: list[str] = []
        self.kept: list[PlantRpc.Invocation] = []

    def serve(self, server: PlantRpc.Server) -> Any:
        server.start()
        self.addCleanup(server.stop)
        client = PlantRpc.Client.new(server.url)
        self.addCleanup(client.close)
        wait(lambda: PlantRpc.State.is_ready(client.state))
        return client

    def read(self, client: Any, name: str) -> Any:
        ended: list[Gio.AsyncResult] = []
        client.read_property(name, None, lambda client, result: ended.append(result))
        wait(lambda: ended or (self.kept and self.kept.pop().return_value("later")))
        return client.read_property_finish(ended[0]).unpack()

    def decide(self, read: PlantRpc.Invocation, name: str) -> bool:
        self.asked.append(name)
        if name == "serial":
            read.return_value("B2")
        elif name == "temperature":
            raise GLib.Error("not today", GLib.quark_to_string(Gio.io_error_quark()),
                             Gio.IOErrorEnum.BUSY)
        elif name == "folder":
            self.kept.append(read)
        else:
            return True
        return False

    def check(self, client: Any) -> None:
        self.assertEqual(self.read(client, "serial"), "B2")
        self.assertEqual(self.read(client, "folder"), "later")
        self.assertEqual(self.read(client, "level"), 3.5)
        with self.assertRaisesRegex(PlantRpc.CallError, "not today"):
            self.read(client, "temperature")
        asked = [name for name in self.asked if name != "worker"]
        self.assertEqual(asked[-4:], ["serial", "folder", "level", "temperature"])

    def test_a_handler(self) -> None:
        server = PlantRpc.Server(object=Probe(), url=ANY)
        server.set_read_handler(self.decide)
        client = self.serve(server)
        self.check(client)
        server.set_read_handler(None)
        self.assertEqual(self.read(client, "serial"), "A17")

    def test_a_subclass(self) -> None:
        test = self

        class Own(PlantRpc.Server):
            __gtype_name__ = "TestReadsOwn"
            level = GObject.Property(type=float, default=3.5)
            serial = GObject.Property(type=str)
            folder = GObject.Property(type=str)
            temperature = GObject.Property(type=float)

            def do_read_property(self, read: PlantRpc.Invocation, name: str) -> bool:
                return test.decide(read, name)

        self.check(self.serve(Own(url=ANY)))


def main() -> None:
    """Serve."""
    server: Any
    if "--ported" in sys.argv:
        server = Ported(None, "tcp://127.0.0.1")
        threading.Thread(target=lambda: (sys.stdin.read(), server.stop_server()),
                         daemon=True).start()
    else:
        server = PlantRpc.Server(object=Probe(), url=ANY)
        GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                          lambda *args: server.stop())
        server.start()
    print(f"{server.url}:{server.port}" if "--ported" in sys.argv else server.url, flush=True)
    try:
        server.serve_forever()
    except SystemExit as error:
        sys.exit(0 if "--exits" in sys.argv and error.code == "leaving" else 1)
    sys.exit(1 if "--exits" in sys.argv else 0)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        main()
    unittest.main()
