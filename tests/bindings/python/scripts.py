#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ported scripts rely on: threads, signals, forks, values, and attributes of the old module.

Each server of this library is also asked by the independent peers of both generations.
"""

import asyncio
import collections.abc
import contextlib
import errno
import json
import math
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import unittest
import warnings
from pathlib import Path
from typing import Any, Literal

import zmq
from attributes import wait
from camera import DEADLINE
from gi.repository import PlantRpc
from interrupts import sleeps
from ported import serve, url_of

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "peer"))

from client import Interface, PeerClient  # noqa: E402
from device import Device  # noqa: E402

NO_METHOD = "Method nope not implemented"
NUMBERS = (3, 2.5, None, True, "text", "7", [1, 2], {"k": 1}, 0, -1.0, 10 ** 15, 2 ** 63,
           [2 ** 64, {"n": -(10 ** 30)}], -2 ** 63 - 1, 1e300, 3.0 ** 50, 7 ** 500)


class Bench:
    """The interface of a device that the tests drive."""

    stepped = PlantRpc.RPCSignal(int)
    ticked = PlantRpc.RPCSignal(int)
    levelChanged = PlantRpc.RPCSignal(float)

    @PlantRpc.RPCProperty(notify=stepped)
    def value(self) -> Any:
        """Anything."""

    @value.setter
    def value(self, value: Any) -> None:
        pass

    @PlantRpc.RPCProperty
    def weight(self) -> float:
        """Weighing takes long."""

    @PlantRpc.RPCProperty
    def broken(self) -> float:
        """It can neither be read nor set."""

    @broken.setter
    def broken(self, value: float) -> None:
        pass

    @PlantRpc.RPCProperty
    def remark(self) -> str:
        """What the server has as a plain attribute."""

    def echo(self, value: Any) -> Any:
        """Return it."""

    def scan(self) -> str:
        """Step, and wait until that has been heard."""

    def wait(self) -> None:
        """Wait until the test lets it go on."""

    def show(self, values: Any) -> str:
        """Return what came."""

    def image(self) -> Any:
        """Some bytes."""

    def leave(self) -> None:
        """Leave serve_forever() by an exception."""

    def close(self) -> None:
        """Stop the server."""


class BenchServer(Bench, PlantRpc.RPCServer):
    remark = "plain"
    weigh_later = False
    _secret = 5

    def __init__(self, *args: Any) -> None:
        self._value: Any = 0
        self.n_weighed, self.heard, self.going_on = 0, threading.Semaphore(0), threading.Event()
        super().__init__(*args)

    @PlantRpc.RPCProperty(notify=Bench.stepped)
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = value

    @PlantRpc.RPCProperty
    def weight(self) -> float:
        self.n_weighed += 1
        if self.weigh_later:
            self.going_on.wait(DEADLINE)
        return 1.5

    @PlantRpc.RPCServer.register_method_json
    def echo(self, value: Any) -> Any:
        return value

    @PlantRpc.RPCServer.register_method_json(timeout=None)
    def scan(self) -> str:
        def tick() -> None:
            self.ticked.emit(1)
        threading.Thread(target=tick).start()
        for step in range(3):
            self.stepped.emit(step)
        heard = [self.heard.acquire(timeout=DEADLINE) for _ in range(4)]
        return "heard" if all(heard) else "not heard"

    @PlantRpc.RPCServer.register_method_json(timeout=None)
    def wait(self) -> None:
        self.stepped.emit(7)
        self.going_on.wait(DEADLINE)

    @PlantRpc.RPCServer.register_method_json
    def show(self, values: Any) -> str:
        return repr(values)

    @PlantRpc.RPCServer.register_method_json
    def settings(self) -> Any:
        return {100: 250.0, 1.5: None, True: (1, {None: 2}), "s": 2}

    @PlantRpc.RPCServer.register_method_buffer
    def image(self) -> Any:
        return memoryview(b"pixels"), {"size": (2, 3)}

    @PlantRpc.RPCServer.register_method_json
    def close(self) -> None:
        self.stop_server()

    @PlantRpc.RPCServer.register_method_json
    def leave(self) -> None:
        sys.exit(3)


class BrokenServer(BenchServer):
    @PlantRpc.RPCProperty
    def broken(self) -> float:
        raise OSError("no sensor")

    @broken.setter
    def broken(self, value: float) -> None:
        raise ValueError("read only today")


@PlantRpc.RPCClient.register_interface(Bench)
class BenchClient(Bench, PlantRpc.RPCClient):
    pass


class Served(unittest.TestCase):
    kind: type[BenchServer] = BenchServer

    def setUp(self) -> None:
        self.bench = self.kind(zmq.Context.instance(), "tcp://127.0.0.1")
        self.url = url_of(self.bench)
        self.thread = threading.Thread(target=serve, args=(self.bench,))
        self.thread.start()
        self.addCleanup(self.thread.join)
        self.addCleanup(self.bench.stop_server)

    def failing(self) -> Any:
        """What the server and the client log."""
        return self.assertLogs("gi.overrides.PlantRpc", "ERROR")

    def connect(self) -> BenchClient:
        return BenchClient(zmq.Context.instance(), self.url, DEADLINE * 1000)

    def peer(self, generation: int, handler: Any = lambda name, args: None) -> PeerClient:
        """A connected client of the independent peer."""
        interface = Interface(Device)
        interface.signals = {name: member.arg_types for name, member in vars(Bench).items()
                             if isinstance(member, PlantRpc.RPCSignal)}
        client = PeerClient(generation, self.url, DEADLINE * 1000, interface)
        client.handler = handler
        self.addCleanup(client.close)
        return client.connect()

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request as it is, and return the reply."""
        with zmq.Context.instance().socket(zmq.REQ) as asking:
            asking.linger = 0
            asking.connect(self.url)
            asking.send_json(request)
            self.assertTrue(asking.poll(DEADLINE * 1000))
            return json.loads(asking.recv())


class Threads(Served):
    def test_signals_leave_while_a_method_runs(self) -> None:
        client = self.connect()
        for told in (client.stepped, client.ticked):
            told.connect(lambda number: self.bench.heard.release())
        self.assertEqual(client.scan(), "heard")

    def test_signals_reach_old_peers_while_a_method_runs(self) -> None:
        for generation in (1, 2):
            with self.subTest(generation=generation):
                client = self.peer(generation, lambda name, args: self.bench.heard.release())
                self.assertEqual(client.call("scan"), "heard")

    def test_signals_reach_a_native_client_while_a_method_runs(self) -> None:
        client, done = PlantRpc.discover(self.url), []
        client.connect("signal-received", lambda *args: self.bench.heard.release())
        client.scan.begin(lambda result, error: done.append(result))
        wait(lambda: done)
        self.assertEqual(done, ["heard"])
        client.close()

    def test_a_handler_that_takes_the_caller_s_lock(self) -> None:
        client, lock, heard = self.connect(), threading.Lock(), []

        def hear(number: int) -> None:
            with lock:
                heard.append(number)
        client.stepped.connect(hear)
        self.bench.going_on.set()
        with lock:
            self.assertIsNone(client.wait())
            self.assertEqual(heard, [])
        wait(lambda: heard == [7])

    def test_calls_while_a_handler_runs(self) -> None:
        client, other, hears, end = (self.connect(), self.connect(), threading.Event(),
                                     threading.Event())

        def hear(number: int) -> None:
            hears.set()
            end.wait(DEADLINE)
        client.stepped.connect(hear)
        self.bench.going_on.set()
        client.wait()
        self.assertTrue(hears.wait(DEADLINE))
        self.assertEqual([client.echo(1), client.value, other.echo(2)], [1, 0, 2])
        self.assertFalse(end.is_set())
        end.set()

    def test_a_time_out_while_a_handler_runs(self) -> None:
        class Impatient(BenchServer):
            @PlantRpc.RPCServer.register_method_json(timeout=50)
            def wait(self) -> None:
                self.stepped.emit(7)
                self.going_on.wait(DEADLINE)

        server, end = Impatient(None, "tcp://127.0.0.1"), threading.Event()
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        client = BenchClient(None, url_of(server), DEADLINE * 1000)
        client.stepped.connect(lambda number: end.wait(DEADLINE))
        with self.assertRaises(TimeoutError):
            client.wait()
        end.set()
        server.going_on.set()
        server.stop_server()
        thread.join()

    def test_one_at_a_time(self) -> None:
        first, second, done = self.connect(), self.connect(), []
        threads = [threading.Thread(target=lambda: done.append(first.wait())),
                   threading.Thread(target=lambda: done.append(second.echo(5)))]
        heard = threading.Event()
        first.stepped.connect(lambda number: heard.set())
        threads[0].start()
        self.assertTrue(heard.wait(DEADLINE))
        threads[1].start()
        self.assertEqual(done, [])
        self.bench.going_on.set()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(map(str, done)), ["5", "None"])

    def test_stopping_leaves_what_waits(self) -> None:
        first, second, told, heard = self.connect(), self.connect(), [], threading.Event()
        first.stepped.connect(lambda number: heard.set())
        threads = [threading.Thread(target=lambda: told.append(first.wait())),
                   threading.Thread(target=lambda: told.append(second.weight))]
        threads[0].start()
        self.assertTrue(heard.wait(DEADLINE))
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "ERROR"):
            threads[1].start()
            wait(lambda: not self.bench._rpc_jobs.empty())
            self.bench.stop_server()
            self.bench.going_on.set()
            second._rpc_client.set_property_timeout(100)
            for thread in threads:
                thread.join()
        self.assertEqual(sorted(type(one).__name__ for one in told), ["NoResult", "NoneType"])
        self.assertEqual(self.bench.n_weighed, 0)

    def test_another_server_takes_the_place(self) -> None:
        # No other program takes a port of this address meanwhile.
        first, heard = BenchServer(None, "tcp://127.0.0.2"), threading.Event()
        first.stop_server()
        again = BenchServer(None, url_of(first))
        thread = threading.Thread(target=serve, args=(again,))
        thread.start()
        client = BenchClient(None, url_of(first), DEADLINE * 1000)
        client.stepped.connect(lambda number: heard.set())
        calling = threading.Thread(target=client.wait)
        calling.start()
        self.assertTrue(heard.wait(DEADLINE))
        again.stop_server()
        threading.Timer(0.2, again.going_on.set).start()
        BenchServer(None, url_of(first)).stop_server()
        for one in (calling, thread):
            one.join()

    def test_a_method_stops_the_server(self) -> None:
        client = self.connect()
        self.assertIsNone(client.close())
        self.thread.join(DEADLINE)
        self.assertFalse(self.thread.is_alive())
        with self.assertRaises(RuntimeError):
            self.bench.serve_forever()

    def test_one_slow_getter_holds_up_no_native_client(self) -> None:
        self.bench.weigh_later = True
        client: Any = PlantRpc.discover(self.url)
        self.assertIn("weight", client.get_interface().list_properties())
        self.bench.going_on.set()
        self.assertEqual([client.echo(3), client.weight, client.value], [3, 1.5, 0])
        client.close()

    def test_no_asyncio_loop_runs_what_is_made_in_it(self) -> None:
        threads: list[str] = []

        async def use() -> None:
            client, heard = self.connect(), asyncio.Event()
            loop = asyncio.get_running_loop()

            def hear(number: int) -> None:
                threads.append(threading.current_thread().name)
                loop.call_soon_threadsafe(heard.set)
            client.stepped.connect(hear)
            self.bench.going_on.set()
            await loop.run_in_executor(None, client.wait)
            await asyncio.wait_for(heard.wait(), DEADLINE)
        asyncio.run(use())
        self.assertEqual(threads, ["RPCSignalReceiver"])

    def test_connecting_reads_nothing(self) -> None:
        client = self.connect()
        self.assertEqual((client.echo(1), self.bench.n_weighed), (1, 0))
        self.assertEqual((client.weight, self.bench.n_weighed), (1.5, 1))


class Values(Served):
    def test_values_stay_what_they_are(self) -> None:
        client, old = self.connect(), [self.peer(generation) for generation in (1, 2)]
        for value in NUMBERS:
            with self.subTest(value=value):
                client.value = value
                told = [client.value, client.echo(value), self.bench._value]
                told += [read for peer in old for read in (peer.get("value"),
                                                           peer.call("echo", value))]
                self.assertEqual([repr(one) for one in told], [repr(value)] * len(told))

    def test_numbers_that_json_lacks(self) -> None:
        client = self.connect()
        for value, token in ((math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")):
            with self.subTest(token=token):
                reply = self.ask({"event": "METHOD_CALL", "method": "echo",
                                  "params": {"args": [[value]], "kwargs": {}}})
                self.assertEqual(repr(reply["result"]), repr([value]))
                client.value = value
                self.assertEqual(repr([client.value, self.bench._value, client.echo(value)]),
                                 repr([value] * 3))
                heard: list[float] = []
                client.levelChanged.connect(heard.append)
                old = self.peer(2)
                self.bench.levelChanged.emit(value)
                wait(lambda: heard and old.signals)
                self.assertEqual((repr(heard), repr(old.signals[0][1])), (repr([value]),) * 2)
                client.levelChanged.disconnect()

    def test_keys_that_are_no_strings(self) -> None:
        client, told = self.connect(), {"100": 250.0, "1.5": None, "true": [1, {"null": 2}], "s": 2}
        self.assertEqual(client.execute("settings", {"args": [], "kwargs": {}}), (True, told))
        self.assertEqual(client.show({100: 250.0, None: ({1: 2},)}),
                         repr({"100": 250.0, "null": [{"1": 2}]}))
        with self.assertRaises(TypeError):
            client.show({(1, 2): 3})

    def test_buffers(self) -> None:
        client = self.connect()
        success, (buffer, info) = client.execute("image", {"args": [], "kwargs": {}})
        self.assertTrue(success)
        self.assertEqual((buffer.tobytes(), info, client.image()[0].nbytes),
                         (b"pixels", {"size": [2, 3]}, 6))

    def test_what_execute_returns(self) -> None:
        client = self.connect()
        self.assertEqual(client.execute("echo", {"args": [7]}), (True, 7))
        with self.failing():
            success, (error, traceback) = client.execute("echo", {"args": [], "kwargs": {"y": 1}})
        self.assertFalse(success)
        self.assertIn("y", error)
        self.assertIn("TypeError", traceback)
        success, (error, traceback) = client.execute("nope", {"args": [], "kwargs": {}})
        self.assertEqual((success, traceback), (False, ""))
        self.assertIn("nope", error)

    def test_unions(self) -> None:
        told = PlantRpc.RPCSignal(int | None, list[int | str], collections.abc.Sequence[float],
                                  Literal["a", "b"], tuple[int, ...], dict[int, float | None])
        self.assertEqual(
            told.validate_args("5", ("x", 2), {1}, "b", ["1", 2.0], {"3": None}, coerce=True),
            (5, ["x", 2], [1.0], "b", (1, 2), {3: None}))
        for at, wrong in ((0, "x"), (1, 5), (1, "text"), (2, 7), (3, "c"), (5, [1])):
            args: list[Any] = [None, [], [], "a", (), {}]
            told.validate_args(*args)
            args[at] = wrong
            with self.subTest(at=at, wrong=wrong), self.assertRaises(TypeError):
                told.validate_args(*args, coerce=True)
        union = PlantRpc.RPCSignal(float | str)
        self.assertEqual(union.validate_args([1], coerce=True), ("[1]",))

    def test_an_emission_that_does_not_fit(self) -> None:
        client, old, heard = self.connect(), self.peer(2), []
        client.stepped.connect(heard.append)
        with self.assertRaises(TypeError):
            self.bench.stepped.emit("x")
        with self.assertRaises(RuntimeError):
            self.bench.stepped.emit(1, 2)
        self.bench.stepped.emit("45")
        wait(lambda: heard and old.signals)
        self.assertEqual((heard, old.signals[0][1]), ([45], [45]))

    def test_plain_attributes_can_be_read(self) -> None:
        client, native = self.connect(), PlantRpc.connect(None, self.url)
        self.assertEqual(client.remark, "plain")
        self.assertEqual(native.read_property_sync("remark").unpack(), "plain")
        read = {name: self.ask({"event": "PROPERTY_GET", "property": name})
                for name in ("name", "url", "port", "n_weighed", "context", "echo", "_secret",
                             "_rpc_jobs", "__dict__", "nope", "x" * 1000)}
        self.assertEqual([read[name].get("value") for name in ("name", "url", "port", "n_weighed")],
                         ["", "tcp://127.0.0.1", self.bench.port, self.bench.n_weighed])
        for name in list(read)[4:]:
            with self.subTest(name=name):
                self.assertFalse(read[name]["success"])
        self.assertNotIn("remark", self.ask({"event": "GET_INVENTORY"})["properties"])
        self.assertEqual(client.echo(1), 1)
        native.close()

    def test_an_unknown_method(self) -> None:
        for params in ({}, {"params": {}}, {"params": {"args": [], "kwargs": {}}}):
            reply = self.ask({"event": "METHOD_CALL", "method": "nope", **params})
            self.assertEqual((reply["success"], reply["error"]), (False, NO_METHOD))


class Broken(Served):
    kind = BrokenServer

    def test_a_getter_that_raises(self) -> None:
        client, old = self.connect(), [self.peer(generation) for generation in (1, 2)]
        with self.failing():
            told = client.broken
        self.assertEqual((told.error, "OSError" in told.traceback), ("no sensor", True))
        self.assertEqual([peer.get("broken").error for peer in old], ["no sensor"] * 2)
        with self.failing() as logs:
            client.broken = 3
        self.assertIn("read only today", "".join(logs.output))
        self.assertEqual([client.echo(2), client.value, old[0].get("value")], [2, 0, 0])


class Attributes(unittest.TestCase):
    def test_at_every_time(self) -> None:
        context = zmq.Context.instance()
        registry = PlantRpc.Registry(url="tcp://127.0.0.1:*")
        registry.start()
        server = BenchServer(context, "tcp://127.0.0.1", 7)

        def attributes() -> tuple[Any, ...]:
            return (server.context, server.url, server.port, server.alive_timeout)
        always = attributes()
        self.assertEqual(always[:2] + always[3:], (context, "tcp://127.0.0.1", 7))
        self.assertIn(server.port, range(10000, 12000))
        self.assertEqual((server.name, server.uuid, server.registry_addr, server.peer_addr),
                         ("", None, "", None))
        server.register_to_registry("bench", "desk", registry.url, timeout=DEADLINE * 1000)
        self.assertEqual((server.name, server.registry_addr, len(server.uuid), attributes()),
                         ("desk", registry.url, 36, always))
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        client = BenchClient(context, url_of(server), DEADLINE * 1000)
        self.assertEqual((client.context, client.url, client.name),
                         (context, url_of(server), "desk"))
        self.assertEqual((server.peer_addr, attributes()), ("127.0.0.1", always))
        server.stop_server()
        thread.join()
        self.assertEqual((server.name, server.uuid, server.registry_addr, attributes()),
                         ("", "", "", always))
        server.alive_timeout = 9
        self.assertEqual(server.alive_timeout, 9)
        registry.stop()

    def test_a_port_of_one_s_own(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            url = f"tcp://127.0.0.1:{port}"
            with self.assertRaises(zmq.ZMQError) as caught:
                BenchServer(None, url)
            self.assertEqual(caught.exception.errno, zmq.EADDRINUSE)
            self.assertEqual(caught.exception.errno, errno.EADDRINUSE)
            self.assertIsInstance(caught.exception, PlantRpc.CallError)
        server = BenchServer(None, url)
        self.assertEqual((server.url, server.port), (url, port))
        server.stop_server()

    def test_no_registry(self) -> None:
        server = BenchServer(None, "tcp://127.0.0.1")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
            with self.assertRaises(TimeoutError):
                server.register_to_registry("bench", "desk", url, timeout=50)
        self.assertEqual((server.registry_addr, server.uuid), ("", None))
        server.stop_server()

    def test_documentation_of_a_property(self) -> None:
        def read(self: Any) -> int:
            """What the getter tells."""
            return 1
        plain, named = PlantRpc.RPCProperty(read), PlantRpc.RPCProperty(doc="The level.")(read)
        self.assertEqual((plain.__doc__, named.__doc__), ("What the getter tells.", "The level."))

        class Level(PlantRpc.RPCServer):
            level = PlantRpc.RPCProperty(read, doc="The level.")
            other = PlantRpc.RPCProperty(doc="No getter.")

        server = Level(None, "tcp://127.0.0.1")
        info = server._server.dup_interface().lookup_property("level")
        self.assertEqual((info.get_description(), Level.other.__doc__),
                         ("The level.", "No getter."))
        server.stop_server()


# A device of a process of its own: what the test writes after it serves.
DEVICE = """
import os, signal, sys, threading, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GObject, PlantRpc
class Bench(PlantRpc.RPCServer):
    allow_stop = True
    _value = 1
    @PlantRpc.RPCProperty
    def value(self): return self._value
    @value.setter
    def value(self, value): self._value = value
    @PlantRpc.RPCServer.register_method_json(timeout=500)
    def echo(self, value): return value
    @PlantRpc.RPCServer.register_method_json(timeout=60000)
    def die(self): os.kill(os.getpid(), signal.SIGKILL)
    @PlantRpc.RPCServer.register_method_json
    def leave(self): sys.exit(3)
server = Bench(None, "tcp://127.0.0.1")
"""
NATIVE = """
import signal, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GObject, PlantRpc
server = PlantRpc.Server(object=GObject.Object(), url="tcp://127.0.0.1:*")
stop = server.stop
"""
HANDLER = """
signal.signal(signal.{name}, lambda *args: (print("handler", flush=True), {stop}()))
"""
SERVE = """
print("serving", flush=True)
try:
    server.serve_forever()
    print("served")
except KeyboardInterrupt:
    print("interrupted")
"""


class Processes(unittest.TestCase):
    def start(self, text: str, url: bool = False) -> Any:
        text = text.replace('"serving"', 'f"{server.url}:{server.port}"') if url else text
        process = subprocess.Popen(["/usr/bin/python3", "-c", text], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = process.stdout.readline().strip()
        if url:
            self.assertTrue(line.startswith("tcp://"), line)
            return process, BenchClient(None, line, DEADLINE * 1000)
        self.assertEqual(line, "serving")
        return process

    def outcome(self, text: str, number: int) -> str:
        process = self.start(text)
        for _ in range(DEADLINE):
            self.assertTrue(sleeps(process.pid))
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=1)[0]
        return "nothing"

    def test_handlers_run_while_a_server_is_idle(self) -> None:
        for device, stop in ((DEVICE, "server.stop_server"), (NATIVE, "server.stop")):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(stop=stop, number=number):
                    text = device + HANDLER.format(name=number.name, stop=stop) + SERVE
                    self.assertEqual(self.outcome(text, number).split()[-2:],
                                     ["handler", "served"])

    def test_ctrl_c_is_an_exception(self) -> None:
        self.assertEqual(self.outcome(DEVICE + SERVE, signal.SIGINT), "interrupted\n")

    def test_a_handler_that_raises(self) -> None:
        handler = "signal.signal(signal.SIGTERM, lambda *args: sys.exit(5))\n"
        process = self.start(DEVICE + handler + SERVE)
        self.assertTrue(sleeps(process.pid))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE), 5)

    def test_sys_exit_in_a_method(self) -> None:
        process, client = self.start(DEVICE + SERVE, url=True)
        self.assertFalse(client.leave())
        self.assertEqual(process.wait(DEADLINE), 3)

    def test_a_server_that_has_gone(self) -> None:
        process, client = self.start(DEVICE + SERVE, url=True)
        self.assertEqual(client.echo(1), 1)
        with self.assertRaises(TimeoutError):
            client.execute("die", {"args": [], "kwargs": {}})
        with self.assertRaises(TimeoutError):
            client.echo(2)
        client._rpc_client.set_property_timeout(50)
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "ERROR"):
            self.assertIsInstance(client.value, PlantRpc.NoResult)
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "ERROR"):
            client.value = 3
        with self.assertLogs("gi.overrides.PlantRpc.rpc_client", "WARNING"):
            client.stop_server()

    def test_a_client_stops_it(self) -> None:
        process, client = self.start(DEVICE + SERVE, url=True)
        client.stop_server()
        self.assertEqual(process.communicate(timeout=DEADLINE)[0], "served\n")

    def test_forked_processes(self) -> None:
        # Python 3.12 and later warn when a process with several threads forks.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        process, client = self.start(DEVICE + SERVE, url=True)
        self.assertEqual(client.echo(0), 0)
        fork = multiprocessing.get_context("fork")
        told: Any = fork.SimpleQueue()

        def use() -> None:
            own = BenchClient(None, client.url, DEADLINE * 1000)
            told.put(own.echo(os.getppid()))
            own.value = 8

        def offer() -> None:
            server = BenchServer(None, "tcp://127.0.0.1")
            told.put(url_of(server))
            server.serve_forever()
        users = [fork.Process(target=use) for _ in range(2)]
        for user in users:
            user.start()
            user.join(DEADLINE)
        self.assertEqual([user.exitcode for user in users], [0, 0])
        self.assertEqual([told.get(), told.get(), client.value], [os.getpid()] * 2 + [8])
        server = fork.Process(target=offer)
        server.start()
        self.assertEqual(BenchClient(None, told.get(), DEADLINE * 1000).echo(5), 5)
        server.kill()
        server.join()


if __name__ == "__main__":
    unittest.main()
