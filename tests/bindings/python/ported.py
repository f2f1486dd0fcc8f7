#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A script for plantimager.commons.RPC, before and after its imports were changed.

Each side of it is run against each side of the other: the old ones with the independent peer.
"""

import contextlib
import difflib
import os
import subprocess
import threading
import unittest
import weakref
from pathlib import Path
from typing import Any

from attributes import wait
from camera import DEADLINE
from gi.repository import PlantRpc

HERE = Path(__file__).resolve().parent
EXPECTED = """\
mode STILL
heard of it True ['VIDEO'] VIDEO
still VIDEO
resolution [800, 600] True
turned {'angle': 90.5, 'speed': 1.0} {'angle': 1, 'speed': 0.5}
refused too far True True
image b'pixels' True 600
steps True [(0, 'exposing'), (1, 'exposing'), (2, 'exposing')]
too late
"""


def url_of(server: PlantRpc.RPCServer) -> str:
    """Where clients find a server."""
    has_port = server.url.count(":") == 2
    return server.url if has_port else f"{server.url}:{server.port}"


def start(script: str, generation: str, *arguments: str) -> subprocess.Popen[str]:
    """Start one side of the script."""
    path = os.pathsep.join([str(HERE / "seed"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(["/usr/bin/python3", HERE / script, *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env={**os.environ, "PYTHONPATH": path,
                                 "SEED_GENERATION": generation})


class Ported(unittest.TestCase):
    def scan(self, server_script: str, client_script: str, generation: str) -> None:
        with start(server_script, generation, "serve") as server:
            try:
                url = server.stdout.readline().strip()
                self.assertTrue(url.startswith("tcp://127.0.0.1:"), url)
                with start(client_script, generation, "scan", url) as client:
                    output, _ = client.communicate(timeout=DEADLINE)
            finally:
                server.terminate()
        self.assertEqual((output, client.returncode), (EXPECTED, 0))

    def test_each_with_each(self) -> None:
        for generation in ("1", "2"):
            for server in ("before.py", "after.py"):
                for client in ("before.py", "after.py"):
                    with self.subTest(server=server, client=client, generation=generation):
                        self.scan(server, client, generation)

    def test_no_more_than_imports_was_changed(self) -> None:
        before, after = ((HERE / name).read_text().replace(name, "").splitlines()
                         for name in ("before.py", "after.py"))
        changes = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
        self.assertEqual(sorted(line[0] for line in changes), ["+", "+", "+", "-"])
        for line in changes:
            self.assertRegex(line[2:], "^import |^from .* import |^gi.require_version")


class Lamp:
    """An interface, with everything that the old module lets one declare."""

    changed = PlantRpc.RPCSignal(bool)
    levelChanged = PlantRpc.RPCSignal(int)
    several = PlantRpc.RPCSignal(str, list[int], dict[str, float])
    step2Done = PlantRpc.RPCSignal()

    @PlantRpc.RPCProperty(notify=changed)
    def lit(self) -> bool:
        """Whether it is lit."""

    @PlantRpc.RPCProperty
    def serial_number(self) -> str:
        """Read-only."""

    def switch(self, on: bool = True) -> None:
        """Switch it."""

    def missing(self) -> None:
        """What the device lacks."""

    def _own(self) -> str:
        """What is no member of the device."""
        return "own"


class LampServer(Lamp, PlantRpc.RPCServer):
    def __init__(self, *args: Any) -> None:
        self._lit, self._level, self.threads = False, 0, set()
        super().__init__(*args)

    @PlantRpc.RPCProperty(notify=Lamp.changed)
    def lit(self) -> bool:
        return self._lit

    @PlantRpc.RPCProperty(notify=Lamp.levelChanged, auto_notify=True)
    def level(self) -> int:
        return self._level

    @level.setter
    def level(self, level: int) -> None:
        self._level = min(level, 10)

    @PlantRpc.RPCProperty
    def serial_number(self) -> str:
        return "L-1"

    # A client sends the default of its interface, and whatever it is given.
    @PlantRpc.RPCServer.register_method_json()
    def switch(self, on: bool = False) -> bool:
        self._lit = on
        self.threads.add(threading.current_thread())
        self.changed.emit(bool(on))
        self.several.emit("x", [1], {"a": 1.5})
        return on

    @PlantRpc.RPCServer.register_method_json
    def is_on(self) -> bool:
        return self._lit

    @PlantRpc.RPCServer.register_method_json(timeout=None)
    def burn(self) -> None:
        """It takes as long as it takes."""

    @PlantRpc.RPCServer.register_method_buffer(timeout=2000)
    def spectrum(self) -> Any:
        return b"abc"


@PlantRpc.RPCClient.register_interface(Lamp)
class LampClient(Lamp, PlantRpc.RPCClient):
    pass


def serve(server: PlantRpc.RPCServer) -> None:
    """Serve, unless the test has been faster."""
    with contextlib.suppress(RuntimeError):
        server.serve_forever()


class Names(unittest.TestCase):
    """The ported names as they are documented."""

    def setUp(self) -> None:
        self.lamp = LampServer(None, "tcp://127.0.0.1")
        self.thread = threading.Thread(target=serve, args=(self.lamp,))
        self.thread.start()
        self.addCleanup(self.thread.join)
        self.addCleanup(self.lamp.stop_server)

    def test_served_on_a_thread(self) -> None:
        client = LampClient(None, url_of(self.lamp), timeout=DEADLINE * 1000)
        self.assertEqual((client.own_address, client.peer_address, client.name),
                         ("127.0.0.1", "127.0.0.1", ""))
        heard, several = [], threading.Event()
        self.assertEqual((client.lit, client.serial_number), (False, "L-1"))

        def hear(*args: Any) -> None:
            # A handler may call, too, on the thread of the signals.
            heard.append((args, client.lit, threading.current_thread().name))
            several.set()
        client.several.connect(hear)
        client.several.connect(hear)
        self.assertEqual(client.switch("on"), "on")
        self.assertTrue(several.wait(DEADLINE))
        self.assertEqual(heard, [(("x", [1], {"a": 1.5}), "on", "RPCSignalReceiver")])
        self.assertEqual(self.lamp.threads, {self.thread})
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "ERROR"):
            client.serial_number = "L-2"
        self.assertEqual(client.serial_number, "L-1")
        self.assertIn("missing", client.missing().error)
        self.assertEqual(client._own(), "own")
        self.assertEqual(client.execute("spectrum", {}), (True, (b"abc", {})))
        with self.assertRaises(TypeError):
            client.execute("switch", {"args": [object()]})
        for params in ({"args": [False]}, {"kwargs": {"on": False}}):
            self.assertEqual(client.execute("switch", params), (True, False))
        self.assertEqual(client.execute("is_on", {}), (True, False))
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "WARNING"):
            client.stop_server()
        self.assertFalse(client.lit)
        self.assertEqual(self.lamp.peer_addr, "127.0.0.1")
        self.assertEqual(repr(client.changed), "<RPCSignal changed(bool)>")
        with self.assertRaisesRegex(RuntimeError, "changed has 1 arguments, not 2"):
            client.changed.validate_args(True, False)

    def test_logs_show_no_escape_sequences(self) -> None:
        class Repeating(LampServer):
            @PlantRpc.RPCServer.register_method_json
            def say(self, text: str) -> None:
                raise ValueError(text)

            @PlantRpc.RPCProperty
            def text(self) -> str:
                return ""

            @text.setter
            def text(self, text: str) -> None:
                raise ValueError(text)

        server = Repeating(None, "tcp://127.0.0.1")
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.stop_server)
        client = LampClient(None, url_of(server), timeout=DEADLINE * 1000)
        nasty, shown = "a\x1b]0;t\x07\n\x9bb", "a\\u001b]0;t\\u0007\\n\\u009bb"
        for number, ask in enumerate((
                lambda: client.execute("say", {"kwargs": {nasty: 1}}),
                lambda: client.execute("say", {"args": [nasty]}),
                lambda: client._rpc_set("text", nasty))):
            with self.subTest(number=number), self.assertLogs("gi.overrides.PlantRpc") as logs:
                told = ask()
            for text in logs.output:
                self.assertFalse(set("\x1b\x07\x9b") & set(text), text)
            self.assertIn(shown, logs.output[0])
            if number < 2:
                self.assertIn(nasty, told[1][0])

        def hear(*args: Any) -> None:
            raise ValueError(nasty)
        with self.assertLogs("gi.overrides.PlantRpc") as logs:
            client.changed.connect(hear)
            client._rpc_hear("changed", [True])
        self.assertIn(shown, logs.output[0])
        self.assertFalse(set("\x1b\x07\x9b") & set("".join(logs.output)))

    def test_a_native_client(self) -> None:
        url, told = url_of(self.lamp), []
        client = PlantRpc.discover(url)
        self.assertEqual((client.wire, client.level), (PlantRpc.Wire.NATIVE, 0))
        info = client.get_interface()
        self.assertEqual([info.lookup_method(name).get_timeout()
                          for name in ("burn", "spectrum", "is_on")],
                         [PlantRpc.TIMEOUT_NONE, 2000, 10000])
        self.assertEqual(info.lookup_signal("step2Done").get_name(), "step2-done")
        self.assertEqual(info.lookup_property("serial_number").get_name(), "serial-number")
        client.connect("notify::level", lambda *args: told.append(client.level))
        client.connect("level-changed", lambda client, level: told.append(level.unpack()))
        other = LampClient(None, url, DEADLINE * 1000)
        other.switch()
        with PlantRpc.connect(None, url) as plain:
            plain.level = 50
            self.assertEqual((plain.level, plain.lit), (10, True))
            with self.assertRaises(PlantRpc.CallError):
                plain.lit = False
        wait(lambda: told.count(10) == 2)
        # The value that the device had is told, too.
        self.assertLessEqual(set(told), {0, 10})
        client.close()

    def test_a_dropped_client_is_closed(self) -> None:
        client = LampClient(None, url_of(self.lamp), DEADLINE * 1000)
        gone, remote = weakref.ref(client), client._rpc_client
        del client
        self.assertIsNone(gone())
        wait(lambda: remote.get_state() == PlantRpc.State.CLOSED)

    def test_nobody_there(self) -> None:
        with self.assertRaises(TimeoutError):
            LampClient(None, "tcp://127.0.0.1:1", timeout=50)

    def test_registered(self) -> None:
        registry = PlantRpc.Registry(url="tcp://127.0.0.1:*")
        registry.start()
        lamp = LampServer(None, "tcp://127.0.0.1", 5)
        self.assertEqual(lamp.register_to_registry("lamp", "desk", registry.url), "desk")
        self.assertEqual(lamp.name, "desk")
        self.assertTrue(lamp.uuid)
        wait(lambda: registry.find_device("desk") is not None)
        self.assertEqual(registry.find_device("desk").url, url_of(lamp))
        lamp.unregister_device()
        wait(lambda: registry.find_device("desk") is None)
        lamp.stop_server()

    def test_stopped_before_it_serves(self) -> None:
        lamp = LampServer(None, "tcp://127.0.0.1")
        lamp.stop_server()
        with self.assertRaises(RuntimeError):
            lamp.serve_forever()

    def test_a_client_may_end_it_for_good(self) -> None:
        class Obliging(LampServer):
            allow_stop = True

        lamp = Obliging(None, "tcp://127.0.0.1")
        thread = threading.Thread(target=lamp.serve_forever)
        thread.start()
        LampClient(None, url_of(lamp), DEADLINE * 1000).stop_server()
        thread.join(DEADLINE)
        self.assertFalse(thread.is_alive())
        with self.assertRaises(RuntimeError):
            lamp.serve_forever()

    def test_wrong_bases(self) -> None:
        with self.assertRaises(RuntimeError):
            PlantRpc.RPCClient.register_interface(Lamp)(Lamp)

    def test_signals_by_themselves(self) -> None:
        signal, told = PlantRpc.RPCSignal(str, int), []
        signal.connect(told.append)
        with self.assertRaises(TypeError):
            signal.connect("no function")
        for wrong, kind in ((("x",), RuntimeError), (("x", "no number"), TypeError)):
            with self.assertRaises(kind):
                signal.emit(*wrong)
        hear = told.append
        signal = PlantRpc.RPCSignal(str)
        signal.connect(hear)
        signal.emit(5)
        signal.disconnect(hear)
        with self.assertRaises(ValueError):
            signal.disconnect(hear)
        self.assertEqual(told.pop(), "5")
        signal = PlantRpc.RPCSignal(str, int)
        signal.connect(lambda text, number: told.append(text))
        signal.emit("x", "7")
        signal.disconnect()
        signal.emit("y", 1)
        self.assertEqual(told, ["x"])
        self.assertEqual(signal.validate_args("a", 1), ("a", 1))
        self.assertEqual(signal.validate_args(5, "7", coerce=True), ("5", 7))
        for wrong, kind in ((("a",), RuntimeError), (("a", "b"), TypeError)):
            with self.assertRaises(kind):
                signal.validate_args(*wrong)
        with self.assertRaises(TypeError):
            signal.validate_args("a", "b", coerce=True)
        nested = PlantRpc.RPCSignal(list[int], dict[str, float], tuple[int, int], int | None)
        self.assertEqual(nested.validate_args(["1"], {"a": 1}, [1, "2"], None, coerce=True),
                         ([1], {"a": 1.0}, (1, 2), None))

        class Hearer:
            def hear(self, *args: Any) -> None:
                told.append(args)
        hearer = Hearer()
        signal.connect(weakref.WeakMethod(hearer.hear))
        signal.emit("z", 1)
        del hearer
        signal.emit("z", 2)
        self.assertEqual(told, ["x", ("z", 1)])

    def test_no_result(self) -> None:
        result = PlantRpc.NoResult("no", "where")
        self.assertFalse(result)
        self.assertEqual((result.error, result.traceback), ("no", "where"))


if __name__ == "__main__":
    unittest.main()
