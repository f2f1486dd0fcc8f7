#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The life of a server and of a client: begun, ended, found by name, subclassed."""

import os
import socket
import subprocess
import tempfile
import threading
import unittest
import unittest.mock
import warnings
from typing import Any

from attributes import wait
from camera import DEADLINE, Camera, Device, behave, program
from gi.repository import Gio, GLib, GObject, PlantRpc

ANY = "tcp://127.0.0.1:*"


class Unconnected(unittest.TestCase):
    def test_a_client_that_is_not_ready_is_closed(self) -> None:
        made = []

        class Kept(PlantRpc.Client):
            def __init__(self, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                made.append(self)
        with self.assertRaises(PlantRpc.CallError):
            PlantRpc.connect(Kept, "tcp://127.0.0.1:1", timeout=50)
        self.assertEqual([client.state for client in made], [PlantRpc.State.CLOSED])


class Servers(unittest.TestCase):
    def test_python_objects_are_warned_of(self) -> None:
        class Holder(GObject.Object):
            __gtype_name__ = "TestHolder"
            kept = GObject.Property(type=object)
            number = GObject.Property(type=int)

            @GObject.Signal(arg_types=(int, object))
            def found(self, *args: Any) -> None:
                pass

            @GObject.Signal(arg_types=(GObject.TYPE_VARIANT,))
            def told(self, *args: Any) -> None:
                pass

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            server = PlantRpc.Server(object=Holder(), url=ANY)
            with server:
                interface = server.dup_interface()
        self.assertEqual((interface.list_properties(), interface.list_signals()),
                         (["number"], ["told", "number-changed"]))
        self.assertEqual(len(caught), 2, [str(warning.message) for warning in caught])
        for warning, name in zip(caught, ("property “kept”", "signal “found”")):
            text = str(warning.message)
            self.assertIn(f"the {name} of Holder", text)
            self.assertIn("GObject.TYPE_VARIANT", text)
            self.assertEqual(warning.filename, __file__)

    def test_a_setter_that_tells_of_changes_itself(self) -> None:
        class Quiet(GObject.Object):
            @GObject.Property(type=int, flags=GObject.ParamFlags.READWRITE
                              | GObject.ParamFlags.EXPLICIT_NOTIFY)
            def level(self) -> int:
                return 0

            @level.setter
            def level(self, value: int) -> None:
                if value > 5:
                    self.notify("level")

        device, told, done = Quiet(), [], []
        device.connect("notify::level", lambda *args: told.append("told"))
        with PlantRpc.Server(object=device, url=ANY) as server:
            client = PlantRpc.Client.new(server.url)
            for value in (5, 6):
                client.write_property("level", value, callback=lambda source, result: done.append(
                    source.write_property_finish(result)))
            wait(lambda: len(done) == 2)
            client.close()
        self.assertEqual((told, done), (["told"], [True, True]))

    def test_what_a_write_handler_has_answered_is_not_set(self) -> None:
        class Level(GObject.Object):
            taken: list[int] = []

            @GObject.Property(type=int)
            def level(self) -> int:
                return 0

            @level.setter
            def level(self, value: int) -> None:
                self.taken.append(value)

        def decide(invocation: PlantRpc.Invocation, name: str, value: GLib.Variant) -> bool:
            if value.unpack() == 7:
                invocation.return_failure("not seven", None)
            return value.unpack() != 7

        device, done = Level(), []

        def written(client: Any, result: Any) -> None:
            try:
                done.append(client.write_property_finish(result))
            except PlantRpc.CallError as error:
                done.append(str(error))
        with PlantRpc.Server(object=device, url=ANY) as server:
            server.set_write_handler(decide)
            client = PlantRpc.Client.new(server.url)
            for value in (7, 8):
                client.write_property("level", value, callback=written)
            wait(lambda: len(done) == 2)
            client.close()
        self.assertEqual((device.taken, done), ([8], ["not seven", True]))

    def test_what_a_writer_is_told_then(self) -> None:
        class Stored(GObject.Object):
            level = GObject.Property(type=int)

        class Own(Stored):
            def do_set_property(self, spec: GObject.ParamSpec, value: int) -> None:
                Stored.level.fset(self, value * 2)

        class Declared(GObject.Object):
            level = PlantRpc.property(type=int)

        class Doubled(Stored):
            def do_get_property(self, spec: GObject.ParamSpec) -> int:
                return Stored.level.fget(self) * 2

        class Quiet(GObject.Object):
            level = GObject.Property(type=int, flags=GObject.ParamFlags.READWRITE
                                     | GObject.ParamFlags.EXPLICIT_NOTIFY)

        class Float(GObject.Object):
            level = GObject.Property(type=GObject.TYPE_FLOAT)

        def correct(device: Any, spec: GObject.ParamSpec) -> None:
            if device.level > 8:
                device.level = 8

        class Corrected(Declared):
            def __init__(self) -> None:
                super().__init__()
                self.connect("notify::level", correct)

        class Clamped(GObject.Object):
            kept = 0

            @PlantRpc.property
            def level(self) -> int:
                return self.kept

            @level.setter
            def level(self, value: int) -> None:
                if value < 0:
                    raise ValueError("below the floor")
                self.kept = min(value, 5)

        class Failing(Clamped):
            @PlantRpc.property
            def level(self) -> int:
                if self.kept > 3:
                    raise OSError("no longer")
                return self.kept

            level = level.setter(lambda self, value: setattr(self, "kept", value))

        def decide(read: PlantRpc.Invocation, name: str) -> bool:
            read.return_value(11)
            return False

        for kind, handler, value, told, changes in (
                (Stored, None, 7, 7, 1), (Stored, None, 0, 0, 1), (Own, None, 7, 14, 1),
                (Declared, None, 7, 7, 1), (Declared, None, 0, 0, 0),
                (Declared, decide, 7, 11, 1), (Clamped, None, 9, 5, 1),
                (Clamped, None, -1, "below the floor", 0), (Failing, None, 2, 2, 1),
                (Failing, None, 4, "no longer", 1), (Doubled, None, 7, 14, 1),
                (Quiet, None, 7, 7, 0), (Corrected, None, 9, 8, 1),
                (Float, None, 0.1, 0.1, 1)):
            with self.subTest(kind=kind.__name__, value=value):
                device, notified = kind(), []
                device.connect("notify::level", lambda *args: notified.append("level"))
                server = PlantRpc.Server(object=device, url=ANY)
                server.set_read_handler(handler)
                with server:
                    self.assertEqual(self.write(server.url, value), told)
                self.assertEqual(len(notified), changes)
                if kind is Float:
                    self.assertEqual(device.level, 0.10000000149011612)

    def write(self, url: str, value: float) -> Any:
        """Write a level; what the client knows of it then, or the error."""
        client, results = PlantRpc.Client.new(url), []
        self.addCleanup(client.close)
        wait(client.is_ready)
        client.write_property("level", value,
                              callback=lambda source, result: results.append(result))
        wait(lambda: results)
        try:
            client.write_property_finish(results[0])
        except PlantRpc.CallError as error:
            return error.message
        error = client.lookup_property("level").get_error()
        return client.get_cached_property("level").unpack() if error is None else error.message

    def test_a_variant_is_set_as_it_came(self) -> None:
        told: list[str] = []

        class Keeper(GObject.Object):
            __gtype_name__ = "TestKeeper"

            @GObject.Property(type=GObject.TYPE_VARIANT)
            def config(self) -> Any:
                return None

            @config.setter
            def config(self, value: GLib.Variant) -> None:
                told.append(value.print_(True))
        texts = ["byte 0x05", "uint16 7", "[1, 2]", "('x', @as [])"]
        with PlantRpc.Server(object=Keeper(), url=ANY) as server:
            client = PlantRpc.Client.new(server.url)
            for text in texts:
                value = GLib.Variant.parse(None, text, None, None)
                client.write_property("config", value, callback=lambda *args: None)
            wait(lambda: len(told) == len(texts))
            client.close()
        self.assertEqual(told, texts)

    def test_with(self) -> None:
        with PlantRpc.Server(object=behave(Camera, "TestWith")(), url=ANY) as server:
            self.assertTrue(server.running)
            self.assertEqual(repr(server), f"<Server of Device at {server.url}, running>")
            server.name = "cam"
            self.assertEqual(repr(server), f"<Server of Device “cam” at {server.url}, running>")
        self.assertEqual(repr(server), f"<Server of Device “cam” at {server.url}, not running>")
        self.assertEqual((server.running, server.port), (False, 0))
        with self.assertRaises(AttributeError):
            server.running = True

    def test_started_again(self) -> None:
        server = PlantRpc.Server(object=behave(Camera, "TestAgain")(), url=ANY)
        for _ in range(2):
            with server:
                self.assertIn("get_image", server.dup_interface().list_methods())
                with Talker(server.url) as talker:
                    self.assertEqual(talker.ask("camera.add(3, 4)"), "7")
                    self.assertEqual(talker.ask("camera.echo('x')"), "x")
                    self.assertIn("bad luck", talker.ask("setattr(camera, 'rotation', 13)"))

    def test_a_port_that_is_taken(self) -> None:
        device = behave(Camera, "TestTaken")()
        with PlantRpc.Server(object=device, url=ANY) as server:
            with self.assertRaises(PlantRpc.CallError) as caught:
                PlantRpc.Server(object=device, url=server.url).start()
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                 Gio.IOErrorEnum.ADDRESS_IN_USE))

    def test_handlers_of_the_introspected_kind(self) -> None:
        """They get an invocation, answer with plain values, and an exception answers, too."""
        def fine(invocation: Any, *data: Any) -> None:
            shown = f"<Invocation of fine by {invocation.get_sender()}, "
            self.assertEqual(repr(invocation), f"{shown}not answered>")
            invocation.return_value({"args": invocation.get_args().unpack(), "data": data})
            self.assertEqual(repr(invocation), f"{shown}answered>")

        def bad(invocation: Any) -> None:
            raise ValueError("no luck")

        def picture(invocation: Any) -> None:
            invocation.return_buffer(bytearray(b"abc"), {"size": 3})

        def decide(invocation: Any, name: str, value: GLib.Variant) -> bool:
            if name == "mode" and value.unpack() == "OFF":
                raise ValueError("it stays on")
            return True

        server = PlantRpc.Server.new(behave(Camera, "TestRaw")(), ANY)
        server.set_write_handler(decide)
        server.register_method_json("fine", "a: v", 0, PlantRpc.MethodFlags.NONE, fine, 1, 2)
        server.register_method_json("bad", "", 0, PlantRpc.MethodFlags.NONE, bad)
        server.register_method_buffer("picture", "", 0, PlantRpc.MethodFlags.NONE, picture)
        with server, Talker(server.url) as talker:
            self.assertEqual(talker.ask("camera.fine(5)"), "{'args': [5], 'data': [1, 2]}")
            self.assertIn("raise ValueError(\"no luck\")", talker.ask("camera.bad()"))
            self.assertEqual(talker.ask("camera.picture()"), "(b'abc', {'size': 3})")
            self.assertIn("it stays on", talker.ask("setattr(camera, 'mode', 'OFF')"))
            self.assertIn("bad luck", talker.ask("setattr(camera, 'rotation', 13)"))
            self.assertEqual(talker.ask("setattr(camera, 'mode', 'ON')"), "None")
            self.assertEqual(talker.ask("(camera.mode, camera.rotation)"), "('ON', 0)")

    def test_properties_of_the_old_declaration(self) -> None:
        """A class that handles its properties itself refuses by raising, too."""
        class Old(GObject.Object):
            __gtype_name__ = "TestOld"
            __gproperties__ = {"level": (int, None, None, 0, 100, 0,
                                         GObject.ParamFlags.READWRITE)}
            level = 0

            def do_get_property(self, spec: Any) -> Any:
                return self.level

            def do_set_property(self, spec: Any, value: Any) -> None:
                if value == 7:
                    raise ValueError("not seven")
                self.level = value
        with PlantRpc.Server(object=Old(), url=ANY) as server, Talker(server.url) as talker:
            self.assertEqual(talker.ask("setattr(camera, 'level', 5)"), "None")
            self.assertIn("not seven", talker.ask("setattr(camera, 'level', 7)"))
            self.assertEqual(talker.ask("camera.level"), "5")

    def test_getters_and_methods_return_plain_values(self) -> None:
        class Plain(GObject.Object):
            __gtype_name__ = "TestPlain"
            about = {"sizes": [1, None]}

            @GObject.Property(type=GObject.TYPE_VARIANT)
            def config(self) -> Any:
                return self.about

            @PlantRpc.method_json
            def name_all(self, **names: Any) -> Any:
                return names

            @PlantRpc.method_buffer
            def no_bytes(self) -> Any:
                return "text"
        device = Plain()
        with PlantRpc.Server(object=device, url=ANY) as server, Talker(server.url) as talker:
            self.assertIs(device.config, device.about)
            self.assertEqual(talker.ask("camera.config"), str(device.about))
            device.about = None
            self.assertEqual(talker.ask("camera.config"), "None")
            self.assertEqual(talker.ask("camera.name_all(**{'class': 1})"), "{'class': 1}")
            self.assertIn("name_all() got multiple values", talker.ask("camera.name_all(self=1)"))
            self.assertIn("returns bytes, or a tuple of bytes and a dict, not str",
                          talker.ask("camera.no_bytes()"))

    def test_names_that_are_taken(self) -> None:
        """What a client has itself under a name is its own; the device's is there, too."""
        class Odd(GObject.Object):
            __gtype_name__ = "TestOdd"
            timeout = GObject.Property(type=int, default=7)
            url = GObject.Property(type=str, default="of the device")

            @PlantRpc.method_json
            def close(self) -> str:
                return "not closed"
        with PlantRpc.Server(object=Odd(), url=ANY) as server, Talker(server.url) as talker:
            for make in ("PlantRpc.discover(camera.url)", "PlantRpc.connect(None, camera.url)"):
                talker.ask(f"globals().update(odd={make})")
                self.assertEqual(talker.ask("setattr(odd, 'timeout', 500)"), "None")
                self.assertEqual(talker.ask("(odd.timeout, odd.remote_timeout)"), "(500, 7)")
                self.assertEqual(talker.ask("(odd.url == camera.url, odd.remote_url)"),
                                 "(True, 'of the device')")
                self.assertEqual(talker.ask("setattr(odd, 'remote_timeout', 8)"), "None")
                self.assertEqual(talker.ask("odd.remote_timeout"), "8")
                self.assertEqual(talker.ask("odd.lookup_method('close')()"), "not closed")
                self.assertEqual(talker.ask("(odd.close(), odd.state.value_nick)"),
                                 "(None, 'closed')")
                talker.ask("setattr(camera, 'remote_timeout', 7)")


class Watchdog(unittest.TestCase):
    """The service manager is told that the process is alive."""

    def test_a_blocking_method_delays_no_beat(self) -> None:
        begun, go_on = threading.Event(), threading.Event()

        class Scanner(GObject.Object):
            @PlantRpc.method_json(blocking=True)
            def scan(self) -> bool:
                begun.set()
                return go_on.wait(DEADLINE)
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.setblocking(False)
        told: list[bytes] = []

        def hear(*args: Any) -> bool:
            told.append(manager.recv(64))
            return GLib.SOURCE_CONTINUE
        with tempfile.TemporaryDirectory() as directory, unittest.mock.patch.dict(
                os.environ, NOTIFY_SOCKET=f"{directory}/notify", WATCHDOG_USEC="20000"):
            manager.bind(f"{directory}/notify")
            watch = GLib.io_add_watch(GLib.IOChannel.unix_new(manager.fileno()),
                                      GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, hear)
            with PlantRpc.Server(object=Scanner(), url=ANY) as server:
                client, scanned = PlantRpc.Client.new_for_type(Scanner, server.url), []
                client.scan.begin(lambda *outcome: scanned.append(outcome))
                wait(begun.is_set)
                told.clear()
                wait(lambda: told.count(b"WATCHDOG=1") >= 5)
                self.assertEqual(scanned, [])
                go_on.set()
                wait(lambda: scanned == [(True, None)])
                client.close()
            wait(lambda: told[-1] == b"STOPPING=1")
            GLib.source_remove(watch)


class Talker:
    """A client in a process of its own, asked while the main loop runs here."""

    def __init__(self, url: str) -> None:
        self.process = program(
            f"import traceback\ncamera = PlantRpc.connect(None, {url!r})\n"
            "for line in sys.stdin:\n"
            "    try: answer = str(eval(line))\n"
            "    except Exception: answer = traceback.format_exc()\n"
            "    print(answer + '\\0', end='', flush=True)\n")

    def __enter__(self) -> "Talker":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.process.stdin.close()
        wait(lambda: self.process.poll() is not None)
        self.process.stdout.close()

    def ask(self, expression: str) -> str:
        """What an expression in `camera` gives, or the traceback of its exception."""
        heard: list[bytes] = []
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()

        def read(*args: Any) -> bool:
            heard.append(self.process.stdout.buffer.read1())
            return GLib.SOURCE_CONTINUE
        watch = GLib.io_add_watch(GLib.IOChannel.unix_new(self.process.stdout.fileno()),
                                  GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, read)
        wait(lambda: b"".join(heard).endswith(b"\0"))
        GLib.source_remove(watch)
        return b"".join(heard).decode()[:-1]


class Registered(unittest.TestCase):
    def test_found_by_name_and_by_type(self) -> None:
        registry = subprocess.Popen(
            ["/usr/bin/python3", "-c",
             "import gi; gi.require_version('PlantRpc', '1.0')\n"
             "from gi.repository import GLib, PlantRpc\n"
             "registry = PlantRpc.Registry(url='tcp://127.0.0.1:*')\n"
             "registry.start(); print(registry.url, flush=True); GLib.MainLoop().run()\n"],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(registry.stdout.close)
        self.addCleanup(registry.wait)
        self.addCleanup(registry.kill)
        url = registry.stdout.readline().strip()
        with Device("--registry", url) as device:
            for name in ("cam-1", "camera"):
                with PlantRpc.connect(Camera, device=name, registry=url) as camera:
                    self.assertEqual((camera.url, camera.name), (device.url, "cam-1"))
                    self.assertEqual(camera.add(1), 3)
                with PlantRpc.discover(device=name, registry=url) as camera:
                    self.assertEqual((camera.url, camera.mode), (device.url, "STILL"))
            found = [PlantRpc.connect(Camera, device="cam-1", registry=url),
                     PlantRpc.discover(device="cam-1", registry=url)]
        # Both follow the name to where the device is next.
        with Device("--registry", url) as device:
            for camera in found:
                wait(lambda camera=camera: camera.url == device.url)
                self.assertEqual(camera.add(1), 3)
                camera.close()
        with PlantRpc.Server(object=behave(Camera, "TestUnlisted")(), url=ANY) as server:
            with self.assertRaises(PlantRpc.CallError) as caught:
                server.register_to_registry_sync("camera", "cam-2", "no url")
            self.assertEqual(caught.exception.code, PlantRpc.Error.INVALID_URL)
        with self.assertRaises(TimeoutError):
            PlantRpc.connect(Camera, device="another", registry=url, timeout=50)
        with self.assertRaises(TimeoutError):
            PlantRpc.discover(device="another", registry=url, timeout=50)
        with self.assertRaises(TypeError):
            PlantRpc.connect(Camera, device.url, device="another")


class Clients(unittest.TestCase):
    def test_nobody_there(self) -> None:
        for attempt in (lambda: PlantRpc.connect(Camera, "tcp://127.0.0.1:1", timeout=50),
                        lambda: PlantRpc.discover("tcp://127.0.0.1:1", timeout=50)):
            with self.assertRaises(TimeoutError) as caught:
                attempt()
            self.assertIsInstance(caught.exception, PlantRpc.CallError)
            self.assertIn("tcp://127.0.0.1:1", str(caught.exception))

    def test_a_class_of_clients(self) -> None:
        @PlantRpc.register_interface(Camera)
        class Remote(PlantRpc.Client):
            """A camera with something more."""

            def __init__(self, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                self.turns = 0

            def turn(self, angle: int) -> int:
                self.rotation += angle
                self.turns += 1
                return self.rotation

            @classmethod
            def make(cls, url: str) -> Any:
                return PlantRpc.connect(cls, url)

            @property
            def half(self) -> float:
                return self.rotation / 2

        class Further(Remote):
            def turn(self, angle: int) -> int:
                return super().turn(2 * angle)

        with Device() as device:
            self.use(Remote, Further, device.url)
        self.assertEqual((Remote.__name__, Remote.__doc__),
                         ("Remote", "A camera with something more."))

    def use(self, remote: Any, further: Any, url: str) -> None:
        """What instances of both classes do."""
        with remote.make(url) as camera:
            self.assertEqual((camera.turn(4), camera.turn(4), camera.turns), (4, 8, 2))
            self.assertEqual((camera.half, camera.add(1)), (4.0, 3))
            self.assertEqual(repr(camera),
                             f"<Remote of Camera “camera” at {url}, ready>")
            camera.note = "an attribute of its own"
            self.assertEqual(camera.note, "an attribute of its own")
        with PlantRpc.connect(further, url) as camera:
            self.assertEqual(camera.turn(1), 10)


if __name__ == "__main__":
    unittest.main()
