#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing leaks, and the last reference may go in the middle of a callback."""

import ctypes
import gc
import threading
import unittest
import weakref
from collections.abc import Callable
from typing import Any

from attributes import wait
from camera import DEADLINE, Camera, Device, behave, declare
from case import WithDevice
from gi.repository import GLib, GObject, PlantRpc
from servers import ANY, Talker

NOWHERE = "tcp://127.0.0.1:1"
LIMIT = 1 << 20


class Memory(ctypes.Structure):
    """What the C library knows of the memory in use."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]


LIBC = ctypes.CDLL("libc.so.6")
LIBC.mallinfo2.restype = Memory


def in_use() -> int:
    """The bytes allocated, once Python has let go of what it can."""
    gc.collect()
    memory = LIBC.mallinfo2()
    return memory.uordblks + memory.hblkhd


def settle() -> None:
    """Let everything happen that is due."""
    while GLib.MainContext.default().iteration(False):
        pass


class Leaks(unittest.TestCase):
    def assert_flat(self, function: Callable[[], None], number: int, warm_up: int) -> None:
        """Fail if doing something a number of times takes 1 MiB more than before.

        The sockets of what was dropped are closed by a thread of ZeroMQ's: the end is waited for.
        """
        def repeat(times: int) -> None:
            for index in range(times):
                function()
                if index % 50 == 0:
                    settle()
            settle()
        repeat(warm_up)
        wait_flat: list[int] = []

        def is_still() -> bool:
            wait_flat.append(in_use())
            return len(wait_flat) > 3 and wait_flat[-1] >= min(wait_flat[-4:-1]) - 4096
        wait(is_still)
        before = min(wait_flat)
        repeat(number)
        wait(lambda: in_use() < before + LIMIT)

    def test_clients_that_never_connect(self) -> None:
        told: list[Any] = []

        def once() -> None:
            client: Any = PlantRpc.Client.new_for_type(Camera.__gtype__, NOWHERE)
            client.connect("notify::mode", lambda *args: client)
            client.connect("notify::state", lambda *args: told.append(1))
            assert client.get_image and client.url
        self.assert_flat(once, 8500, 500)

    def test_clients_that_talk(self) -> None:
        told: list[Any] = []
        with Device() as device:
            def once() -> None:
                camera = PlantRpc.connect(Camera, device.url)
                camera.connect("notify::mode", lambda *args: told.append(1))
                camera.rotation = 4
                assert camera.rotation == 4 and camera.config is None
                assert camera.add(1) == 3 and camera.get_image(True)[0] == b"data"
                camera.add.begin(lambda *outcome: camera, 1)
                try:
                    camera.rotation = 13
                except PlantRpc.CallError as error:
                    assert error.traceback
            self.assert_flat(once, 1500, 150)

    def test_servers(self) -> None:
        kind, itself = behave(Camera, "TestLeak"), behave(
            declare(PlantRpc.Server, "TestLeakBase"), "TestLeakServer")

        def once() -> None:
            PlantRpc.Server(object=kind(), url=ANY)
            itself(url=ANY).start()
        self.assert_flat(once, 500, 100)

    def test_ported_clients(self) -> None:
        class Remote(PlantRpc.RPCClient):
            pass
        with Device() as device:
            def once() -> None:
                Remote(None, device.url, DEADLINE * 1000)
            self.assert_flat(once, 300, 50)


class Dropped(WithDevice):
    """Each holds the only reference in a list, and takes it out within a callback."""

    def hold(self) -> tuple[list[Any], Any]:
        held = [PlantRpc.connect(Camera, self.device.url)]
        return held, held[0].weak_ref()

    def assert_gone(self, gone: Any) -> None:
        def is_gone() -> bool:
            gc.collect()
            return gone() is None
        wait(is_gone)

    def test_client_in_a_signal_handler(self) -> None:
        held, gone = self.hold()
        held[0].connect("captured", lambda *args: held.clear())
        held[0].get_image()
        wait(lambda: not held)
        self.assert_gone(gone)

    def test_client_in_notify(self) -> None:
        for write in (lambda client: setattr(client, "mode", "VIDEO"),
                      lambda client: client.set_property("mode", "AUTO"),
                      lambda client: client.change("mode", "DEVICE")):
            held, gone = self.hold()
            held[0].connect("notify::mode", lambda *args: held.clear())
            write(held[0])
            wait(lambda: not held)
            self.assert_gone(gone)

    def test_client_in_the_callback_of_a_call(self) -> None:
        for method in ("add", "crash"):
            held, gone = self.hold()
            held[0].lookup_method(method).begin(lambda *outcome: held.clear(),
                                                *([1] if method == "add" else []))
            wait(lambda: not held)
            self.assert_gone(gone)

    def test_client_in_a_callback_while_others_wait(self) -> None:
        held, gone = self.hold()
        outcomes: list[Any] = []
        held[0].late.begin(lambda *outcome: outcomes.append(outcome))
        held[0].lateAnswer.begin(lambda *outcome: outcomes.append(outcome))

        def drop(*outcome: Any) -> None:
            held.pop().close()
        held[0].add.begin(drop, 1)
        wait(lambda: not held and len(outcomes) == 2)
        self.assertTrue(all(isinstance(error, PlantRpc.CallError) for _, error in outcomes))
        self.assert_gone(gone)

    def test_client_in_write_failed(self) -> None:
        held, gone = self.hold()
        held[0].connect("write-failed", lambda *args: held.clear())
        held[0].set_property("rotation", 13)
        wait(lambda: not held)
        self.assert_gone(gone)

    def test_client_while_it_connects(self) -> None:
        held = [PlantRpc.Client.new_for_type(Camera.__gtype__, self.device.url)]
        gone = held[0].weak_ref()
        held[0].connect("notify::state", lambda *args: held.clear())
        wait(lambda: not held)
        self.assert_gone(gone)


class Ends(GObject.Object):
    """A device whose server ends with a callback."""

    __gtype_name__ = "TestEnds"
    level = GObject.Property(type=int)
    done = GObject.Signal()

    def __init__(self, held: list[Any]) -> None:
        super().__init__()
        self._held, self._depth = held, 0

    @PlantRpc.method_json
    def end(self) -> str:
        self._held.clear()
        return "ended"

    @PlantRpc.method_json
    def crash_and_end(self) -> None:
        self._held.clear()
        raise ValueError("and gone")

    @GObject.Property(type=int)
    def depth(self) -> int:
        return self._depth

    @depth.setter
    def depth(self, value: int) -> None:
        self._held.clear()

    @PlantRpc.method_json
    def tell(self) -> None:
        self.emit("done")


class EndsItself(PlantRpc.Server):
    """A device that is its own server, held in a list that its callbacks empty."""

    __gtype_name__ = "TestEndsItself"
    held: list[Any] = []
    entered = threading.Event()
    level = GObject.Property(type=int)

    @PlantRpc.method_json
    def end(self) -> str:
        self.held.clear()
        return "ended"

    @PlantRpc.method_json(blocking=True)
    def end_on_a_thread(self) -> str:
        self.entered.set()
        while self.held:
            pass
        return "ended"


class DroppedServers(unittest.TestCase):
    def start(self, *, notify: str = "", emission: str = "") -> tuple[list[Any], Any, str]:
        held: list[Any] = []
        device = Ends(held)
        if notify:
            device.connect(f"notify::{notify}", lambda *args: held.clear())
        if emission:
            device.connect(emission, lambda *args: held.clear())
        held.append(PlantRpc.Server(object=device, url=ANY))
        held[0].start()
        return held, held[0].weak_ref(), held[0].url

    def end(self, expression: str, **options: str) -> None:
        held, gone, url = self.start(**options)
        with Talker(url) as talker:
            talker.ask(expression)
            self.assertEqual(held, [])
            gc.collect()
            self.assertIsNone(gone())

    def test_in_a_method(self) -> None:
        self.end("camera.end()")

    def test_in_a_method_that_fails(self) -> None:
        self.end("camera.crash_and_end()")

    def test_in_a_setter(self) -> None:
        self.end("setattr(camera, 'depth', 5)")

    def test_in_notify(self) -> None:
        self.end("setattr(camera, 'level', 5)", notify="level")

    def test_in_a_signal(self) -> None:
        self.end("camera.tell()", emission="done")

    def test_in_a_method_of_its_own(self) -> None:
        EndsItself.held.append(EndsItself(url=ANY))
        gone, url = EndsItself.held[0].weak_ref(), EndsItself.held[0]
        url.start()
        url = url.url
        with Talker(url) as talker:
            talker.ask("camera.end()")
        gc.collect()
        self.assertIsNone(gone())

    def test_on_a_worker_thread(self) -> None:
        """What a thread held of the server goes in the context that the server belongs to."""
        EndsItself.entered.clear()
        server: Any = EndsItself(url=ANY)
        server.start()
        EndsItself.held.append(server)
        ended_on: list[Any] = []
        gone, url = server.weak_ref(
            lambda: ended_on.append(threading.current_thread())), server.url
        with Talker(url) as talker:
            GLib.timeout_add(5, lambda: not EndsItself.entered.is_set()
                             or bool(EndsItself.held.clear()))
            del server
            talker.ask("camera.end_on_a_thread()")

            def is_gone() -> bool:
                gc.collect()
                return gone() is None
            wait(is_gone)
        self.assertEqual(set(ended_on), {threading.main_thread()})

    def test_a_dropped_server_goes_at_once(self) -> None:
        for make in (lambda: PlantRpc.Server(object=behave(Camera, "TestGone")(), url=ANY),
                     lambda: EndsItself(url=ANY)):
            server = make()
            server.start()
            gone, wrapper = server.weak_ref(), weakref.ref(server)
            del server
            gc.collect()
            self.assertIsNone(wrapper())
            self.assertIsNone(gone())


if __name__ == "__main__":
    unittest.main()
