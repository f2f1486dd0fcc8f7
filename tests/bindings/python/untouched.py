#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio: its loop runs the main context of objects that were made before it started."""

import asyncio
import contextlib
import itertools
import selectors
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from awaited import ANY, InLoop, count_turns, until
from camera import Camera
from gi.overrides.PlantRpc import loops
from gi.repository import GLib, GObject, PlantRpc

NUMBERS = itertools.count()


class Lamp(GObject.Object):
    """A device with a property alone."""

    mode = GObject.Property(type=str)


class Untouched(InLoop):
    """What was made before the loop of asyncio started, and is not used while it runs."""

    other: subprocess.Popen[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.other = subprocess.Popen(
            ["/usr/bin/python3", "-c", "import sys, gi; gi.require_version('PlantRpc', '1.0')\n"
             "from gi.repository import PlantRpc\n"
             "for line in sys.stdin:\n"
             "    with PlantRpc.discover(line.split()[0]) as client:\n"
             "        client.mode = line.split()[1]"], stdin=subprocess.PIPE, text=True)

    @classmethod
    def tearDownClass(cls) -> None:
        with cls.other:
            pass

    def setUp(self) -> None:
        super().setUp()
        self.heard: list[str] = []

    def listen(self, client: Any) -> Any:
        client.connect("notify::mode", lambda client, _: self.heard.append(
            client.get_cached_property("mode").unpack()))
        self.addCleanup(client.close)
        return client

    def change(self, url: str | None = None) -> str:
        """Have another process change the mode of a device."""
        mode = f"M{next(NUMBERS)}"
        print(url or self.url, mode, file=self.other.stdin, flush=True)
        return mode

    async def hear(self) -> None:
        mode = self.change()
        await until(lambda: mode in self.heard)

    def test_clients(self) -> None:
        for make in (lambda: PlantRpc.discover(self.url),
                     lambda: PlantRpc.connect(Camera, self.url),
                     lambda: PlantRpc.Client.new_for_type(Camera, self.url)):
            client = self.listen(make())
            asyncio.run(self.hear())
            client.close()

    def test_clients_that_are_not_connected_yet(self) -> None:
        for make in (lambda: PlantRpc.Client(url=self.url),
                     lambda: PlantRpc.Client.new(self.url)):
            client, ready = make(), []
            GObject.Object.connect(client, "notify::ready", lambda *args: ready.append(1))
            asyncio.run(until(lambda: ready))
            client.close()

    def test_discoveries(self) -> None:
        for make in (PlantRpc.Discovery.new, lambda url: PlantRpc.Discovery(url=url)):
            discovery, told = make(self.url), []
            GObject.Object.connect(discovery, "notify::client", lambda *args: told.append(1))
            asyncio.run(until(lambda: told))
            discovery.get_client().close()
        PlantRpc.discover.begin(lambda client, error: told.append(client), self.url)
        asyncio.run(until(lambda: len(told) == 2))
        told[1].close()

    def test_a_client_that_is_only_bound(self) -> None:
        """Nothing of the library has been called since the device was discovered."""
        client, lamp = PlantRpc.discover(self.url), Lamp()
        client.bind_property("mode", lamp, "mode", GObject.BindingFlags.SYNC_CREATE)

        async def main() -> None:
            mode = self.change()
            await until(lambda: lamp.mode == mode)
        asyncio.run(main())
        client.close()

    def test_a_server_and_a_registry(self) -> None:
        lamp, added = Lamp(), []
        registry = PlantRpc.Registry(url=ANY)
        registry.start()
        server = PlantRpc.Server(object=lamp, url=ANY)
        server.start()
        watcher = PlantRpc.RegistryClient.new(registry.url)
        watcher.connect("device-added", lambda _, each: added.append(each.get_name()))
        server.register_to_registry("lamp", "one", registry.url, True, None,
                                    lambda server, result: None)
        url = server.url

        async def main() -> None:
            await until(lambda: added == ["one"])
            mode = self.change(url)
            await until(lambda: lamp.mode == mode)
        asyncio.run(main())
        watcher.close()
        server.stop()
        registry.stop()

    def test_a_loop_that_runs_repeatedly(self) -> None:
        loop = asyncio.new_event_loop()
        self.listen(PlantRpc.discover(self.url))
        for _ in range(3):
            loop.run_until_complete(self.hear())
            self.assertFalse(loops._drivers[loop].begun, "it may run in another thread next")
        loop.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            loop.run_forever()

    def test_a_loop_within_a_loop(self) -> None:
        self.listen(PlantRpc.discover(self.url))

        async def main() -> None:
            loop, other = asyncio.get_running_loop(), asyncio.new_event_loop()
            for each in (loop, other):
                with self.assertRaises(RuntimeError):
                    each.run_forever()
            other.close()
            self.assertTrue(loops._drivers[loop].begun)
            await self.hear()
        asyncio.run(main())

    def test_a_loop_of_another_kind(self) -> None:
        class Other(selectors.SelectSelector):
            pass
        self.listen(PlantRpc.discover(self.url))
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(Other())) as runner:
            for _ in range(2):
                runner.run(self.hear())
            self.assertFalse(loops._drivers[runner.get_loop()].begun)

    def test_a_loop_that_glib_drives(self) -> None:
        """It runs the main context anyway."""
        try:
            from gi.events import GLibEventLoopPolicy
        except ImportError:
            self.skipTest("this PyGObject has no loop of its own")
        self.listen(PlantRpc.discover(self.url))

        async def main() -> None:
            await self.hear()
            self.assertNotIn(asyncio.get_running_loop(), loops._drivers)
        with contextlib.closing(GLibEventLoopPolicy().get_event_loop()) as loop:
            loop.run_until_complete(main())

    def test_a_test_case_of_asyncio(self) -> None:
        outer = self

        class Case(unittest.IsolatedAsyncioTestCase):
            def setUp(self) -> None:
                outer.listen(PlantRpc.discover(outer.url))

            async def test_one(self) -> None:
                await outer.hear()

            async def test_two(self) -> None:
                await outer.hear()
        result = unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(unittest.TestResult())
        self.assertEqual((result.testsRun, result.failures, result.errors), (2, [], []))

    def test_a_handler_that_raises(self) -> None:
        raised: list[Any] = []
        client = PlantRpc.discover(self.url)
        client.connect("notify::mode", lambda *args: 1 / 0)
        self.listen(client)
        hook, sys.excepthook = sys.excepthook, lambda kind, *details: raised.append(kind)
        try:
            asyncio.run(self.hear())
        finally:
            sys.excepthook = hook
        self.assertIn(ZeroDivisionError, raised)

    def test_waiting_leaves_the_processor_alone(self) -> None:
        self.listen(PlantRpc.discover(self.url))

        async def main() -> None:
            turns = count_turns()
            await asyncio.sleep(0.2)
            self.assertLess(len(turns), 50)
        asyncio.run(main())

    def in_thread(self, function: Callable[[], Any]) -> Any:
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(function).result()

    async def attends(self) -> bool:
        driver = loops._drivers.get(asyncio.get_running_loop())
        return driver is not None and driver.begun

    def test_a_thread_with_a_context_of_its_own(self) -> None:
        def own(within: bool) -> bool:
            context = GLib.MainContext()
            context.push_thread_default()
            client = PlantRpc.discover(self.url)
            client.connect("notify::mode", lambda client, _: self.heard.append(client.mode))
            # No loop runs the context that was pushed, so that this asks the device.
            client.mode = "VIDEO"
            self.assertEqual(client.mode, "VIDEO")
            self.assertFalse(loops.is_running(client))
            if within:
                asyncio.run(self.hear())
            else:
                context.pop_thread_default()
            attends = asyncio.run(self.attends())
            client.close()
            return attends
        self.assertTrue(self.in_thread(lambda: own(True)))
        self.assertFalse(self.in_thread(lambda: own(False)), "the context is not of this thread")

    def test_a_loop_in_another_thread(self) -> None:
        """It leaves the context to the thread that made the client, which is about to run it."""
        self.listen(PlantRpc.discover(self.url))
        self.assertFalse(self.in_thread(lambda: asyncio.run(self.attends())))
        loop = asyncio.new_event_loop()
        self.assertTrue(loop.run_until_complete(self.attends()))
        self.assertFalse(self.in_thread(lambda: loop.run_until_complete(self.attends())))
        self.assertTrue(loop.run_until_complete(self.attends()))
        loop.close()

    def test_what_any_thread_may_use(self) -> None:
        """It belongs to no context."""
        async def main() -> bool:
            PlantRpc.InterfaceInfo.new_from_json('{"properties": {"level": {"type": "d"}}}')
            return await self.attends()
        self.assertFalse(self.in_thread(lambda: asyncio.run(main())))

    def test_a_context_that_another_thread_runs(self) -> None:
        self.listen(PlantRpc.discover(self.url))
        main_loop = GLib.MainLoop()
        thread = threading.Thread(target=main_loop.run)
        thread.start()
        while not main_loop.is_running():
            pass
        self.assertFalse(asyncio.run(self.attends()))
        asyncio.run(self.hear())
        main_loop.quit()
        thread.join()
        self.assertTrue(asyncio.run(self.attends()))


if __name__ == "__main__":
    unittest.main()
