#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients and servers that several threads use."""

import gc
import os
import threading
import unittest
from typing import Any

from camera import DEADLINE
from case import WithDevice
from gi.repository import Gio, GLib, GObject, PlantRpc

PATIENCE = DEADLINE * 1000


class Adder(GObject.Object):
    """A device in this process."""

    __gtype_name__ = "TestAdder"
    level = GObject.Property(type=float)

    @PlantRpc.method_json
    def add(self, a: int) -> int:
        """One more."""
        return a + 1


def in_thread(function: Any) -> threading.Thread:
    """A thread that runs a function."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


class Threads(WithDevice):
    def discover(self, url: str | None = None) -> Any:
        """A client, which the loop of another thread may find first."""
        client = PlantRpc.discover(url or self.device.url, timeout=PATIENCE)
        self.assertIsNotNone(client)
        return client

    def test_server_in_a_thread(self) -> None:
        server = PlantRpc.Server(object=Adder(), url="tcp://127.0.0.1:*")
        server.start()
        thread = in_thread(server.serve_forever)
        adder = self.discover(server.url)
        self.assertEqual([adder.add(n) for n in range(20)], list(range(1, 21)))
        adder.level = 2.5
        self.assertEqual(adder.level, 2.5)
        adder.close()
        server.stop()
        thread.join(DEADLINE)
        self.assertFalse(thread.is_alive())

    def test_loop_in_a_thread(self) -> None:
        loop = GLib.MainLoop()
        thread, told, heard = in_thread(loop.run), [], threading.Event()
        camera = self.discover()
        camera.connect("notify::rotation", lambda *_: (told.append(threading.current_thread()),
                                                       heard.set()))
        self.assertEqual([camera.add(n) for n in range(20)], list(range(2, 22)))
        camera.rotation = 90
        self.assertEqual(camera.rotation, 90)
        with self.assertRaises(PlantRpc.CallError):
            camera.rotation = 13
        self.assertTrue(heard.wait(DEADLINE))
        self.assertEqual(set(told), {thread})
        camera.close()
        GLib.idle_add(loop.quit)
        thread.join(DEADLINE)

    def run_beside(self, function: Any) -> Any:
        """Run the main loop until a thread has done something; what that returned."""
        loop, outcome = GLib.MainLoop(), []

        def work() -> None:
            try:
                outcome.append(function())
            finally:
                GLib.idle_add(loop.quit)
        frame = GLib.timeout_add(1, lambda: GLib.SOURCE_CONTINUE)
        in_thread(work)
        loop.run()
        GLib.source_remove(frame)
        return outcome[0]

    def test_worker_of_a_window(self) -> None:
        def fetch() -> list[int]:
            camera = self.discover()
            return [camera.add(n) for n in range(50)]
        self.assertEqual(self.run_beside(fetch), list(range(2, 52)))

    def test_client_of_the_window_in_a_worker(self) -> None:
        camera = self.discover()
        busy = GLib.timeout_add(1, lambda: bool(camera.add.begin(None, 1)))
        values = self.run_beside(lambda: [camera.rotation for _ in range(50)])
        GLib.source_remove(busy)
        self.assertEqual(values, [180] * 50 if values[0] else [0] * 50)

    def test_collector_in_a_worker(self) -> None:
        """The last reference of a client, which a cycle holds, is dropped in another thread, and
        the property that its handler hears of changes meanwhile. All are closed in the end."""
        loop, ended = GLib.MainLoop(), threading.Event()
        counts: list[int] = []
        heard: list[int] = []
        gc.disable()
        self.addCleanup(gc.enable)

        def open_window() -> bool:
            camera = self.discover()
            camera.connect("notify::rotation", lambda *_: heard.append(camera.props.rotation))
            camera.rotation = 90 * (len(counts) % 4)
            counts.append(len(os.listdir("/proc/self/fd")))
            if len(counts) < 100:
                return True
            GLib.timeout_add(20, end_if_closed)
            return False

        def end_if_closed() -> bool:
            if len(os.listdir("/proc/self/fd")) < counts[0] + 30:
                loop.quit()
                return False
            return True

        def compute() -> None:
            while not ended.is_set():
                gc.collect()
                ended.wait(0.005)
        thread = in_thread(compute)
        GLib.timeout_add(5, open_window)
        loop.run()
        ended.set()
        thread.join(DEADLINE)
        self.assertTrue(heard)

    def test_making_beside_callers(self) -> None:
        """Objects are made, changed and dropped while threads discover and forget clients."""
        ended, failures = threading.Event(), []

        def call() -> None:
            while not ended.is_set():
                try:
                    PlantRpc.discover(self.device.url, timeout=PATIENCE).add(1)
                except PlantRpc.CallError as error:
                    failures.append(error)
        threads = [in_thread(call) for _ in range(3)]
        for number in range(1, 1001):
            server = PlantRpc.Server(object=Adder(), url="tcp://127.0.0.1:*", name="adder")
            client = PlantRpc.Client(url="tcp://127.0.0.1:1", timeout=number)
            registry = PlantRpc.Registry(url="tcp://127.0.0.1:*")
            self.assertEqual((server.url, server.props.name, client.url, client.timeout),
                             ("tcp://127.0.0.1:*", "adder", "tcp://127.0.0.1:1", number))
            client.props.timeout = number + 1
            self.assertEqual((client.props.timeout, registry.props.url),
                             (number + 1, "tcp://127.0.0.1:*"))
        ended.set()
        for thread in threads:
            thread.join(DEADLINE)
            self.assertFalse(thread.is_alive())
        self.assertEqual(failures, [])

    def test_server_of_this_thread(self) -> None:
        # No thread has run this context, as one may have run the default one.
        context = GLib.MainContext.new()
        context.push_thread_default()
        self.addCleanup(context.pop_thread_default)
        with PlantRpc.Server(object=Adder(), url="tcp://127.0.0.1:*") as server:
            with self.assertRaises(PlantRpc.CallError) as told:
                PlantRpc.discover(server.url, timeout=PATIENCE)
        self.assert_would_block(told.exception)

    def assert_would_block(self, error: PlantRpc.CallError) -> None:
        """That a caller was told that it waits for itself."""
        self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK), error)

    def test_server_of_this_thread_in_a_registry(self) -> None:
        """Where the server is becomes known only while the thread blocks."""
        registry = PlantRpc.Registry(url="tcp://127.0.0.1:*")
        registry.start()
        self.addCleanup(registry.stop)
        context = GLib.MainContext.new()
        context.push_thread_default()
        server = PlantRpc.Server(object=Adder(), url="tcp://127.0.0.1:*")
        server.start()
        self.addCleanup(server.stop)
        server.register_to_registry_sync("Adder", "adder", registry.get_url(), True, None)
        context.pop_thread_default()
        with self.assertRaises(PlantRpc.CallError) as told:
            PlantRpc.discover(device="adder", registry=registry.get_url(), timeout=PATIENCE)
        self.assert_would_block(told.exception)
        client = PlantRpc.Client.new_for_device(Adder, registry.get_url(), "adder")
        with self.assertRaises(PlantRpc.CallError) as told:
            client.wait_ready_sync(PATIENCE)
        self.assert_would_block(told.exception)
        client.close()

    def test_loop_that_has_ended(self) -> None:
        """Nobody serves any more, although the loop has just run."""
        context = GLib.MainContext.new()
        context.push_thread_default()
        server = PlantRpc.Server(object=Adder(), url="tcp://127.0.0.1:*")
        server.start()
        self.addCleanup(server.stop)
        context.pop_thread_default()
        loop = GLib.MainLoop.new(context, False)
        source = GLib.timeout_source_new(1)
        source.set_callback(lambda *_: loop.quit())
        source.attach(context)
        loop.run()
        told: list[PlantRpc.CallError] = []

        def find() -> None:
            try:
                PlantRpc.discover(server.url, timeout=PATIENCE)
            except PlantRpc.CallError as error:
                told.append(error)
        in_thread(find).join(2 * DEADLINE)
        self.assertTrue(told)
        self.assert_would_block(told[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
