#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio: its loop runs the main context, and what the library does is awaited.

  awaited.py PlantRpc-1.0.gir
"""

import asyncio
import contextlib
import itertools
import os
import selectors
import sys
import threading
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from attributes import in_loop
from camera import DEADLINE, Camera
from case import WithDevice, until
from failures import CORE, NOWHERE
from gi.overrides.PlantRpc import client, loops, server
from gi.repository import Gio, GLib, GObject, PlantRpc

NUMBERS = itertools.count()
ANY = "tcp://127.0.0.1:*"


def count_turns() -> list[int]:
    """What grows whenever the loop waits."""
    selector, turns = asyncio.get_running_loop()._selector, []
    select = selector.select
    selector.select = lambda *args: turns.append(1) or select(*args)
    return turns


class Mill(GObject.Object):
    """A device whose method ends when its caller gives up."""

    level = GObject.Property(type=float)

    def __init__(self) -> None:
        super().__init__()
        self.given_up: list[Any] = []
        self.asked: list[PlantRpc.Invocation] = []

    @PlantRpc.method_json
    async def slowly(self, number: int) -> int:
        await asyncio.sleep(0.01)
        return number + 1

    def keep(self, invocation: PlantRpc.Invocation) -> None:
        """Answer never."""
        self.asked.append(invocation)
        invocation.get_cancellable().connect(lambda *data: self.given_up.append("given up"))


def serve(mill: Mill) -> PlantRpc.Server:
    """Offer a mill."""
    server = PlantRpc.Server(object=mill, url=ANY)
    server.register_method_json("keep", "", 0, PlantRpc.MethodFlags.NONE, mill.keep)
    server.start()
    return server


class InLoop(WithDevice):
    def setUp(self) -> None:
        super().setUp()
        self.url = self.device.url

    def run_main(self, main: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine that is given a client."""
        async def with_client() -> Any:
            with await PlantRpc.connect.begin(None, Camera, self.url) as camera:
                return await main(camera)
        return asyncio.run(with_client())


class Awaited(InLoop):
    gir: Path

    def test_every_asynchronous_function(self) -> None:
        """Without a callback each returns what can be awaited."""
        namespace = ET.parse(self.gir).getroot().find(f"{CORE}namespace")
        assert namespace is not None
        names = {f"{owner.get('name')}.{element.get('name')}" for owner in namespace
                 for element in owner}
        begun = [name for name in names if f"{name}_finish" in names]
        self.assertGreater(len(begun), 10)
        places = {"Client": client.Introspected, "Server": server.Introspected,
                  "Discovery": PlantRpc.Discovery}
        for name in begun:
            owner, _, function = name.partition(".")
            found = getattr(places[owner], function)
            self.assertTrue(hasattr(found, "introspected"), name)

    def test_values(self) -> None:
        async def main(camera: Any) -> None:
            self.assertTrue(await camera.wait_ready(1000))
            self.assertTrue(await camera.write_property("mode", "VIDEO"))
            self.assertEqual(await camera.read_property("mode"), "VIDEO")
            self.assertEqual(await camera.read_property("mode", None, None), "VIDEO")
            self.assertEqual(await camera.add.begin(None, 1), 3)
            self.assertEqual(await camera.call("add", [1], {"b": 5}), 6)
            self.assertEqual(await camera.call_buffer("get_image", [True], timeout=5000),
                             (b"data", {"lores": True, "size": [4, 3]}))
            self.assertEqual((await camera.get_image.begin(None, True))[0], b"data")
            self.assertTrue(await camera.refresh())
            self.assertTrue(await camera.flush())
            with self.assertRaises(PlantRpc.CallError) as caught:
                await camera.write_property("rotation", 13)
            self.assertIn("ValueError", caught.exception.traceback)
            with self.assertRaises(PlantRpc.CallError):
                await camera.stop_server()
            self.assertEqual(await asyncio.gather(*(camera.add.begin(None, each)
                                                    for each in range(5))), [2, 3, 4, 5, 6])
        self.run_main(main)

    def test_clients(self) -> None:
        async def main() -> None:
            for made in (await PlantRpc.discover.begin(None, self.url),
                         await PlantRpc.Client.discover(self.url, 5000),
                         await PlantRpc.connect.begin(None, None, self.url)):
                with made:
                    self.assertEqual(await made.add.begin(None, 1), 3)
            for late in (PlantRpc.connect.begin(None, Camera, NOWHERE, timeout=20),
                         PlantRpc.discover.begin(None, NOWHERE, timeout=20)):
                with self.assertRaises(TimeoutError) as caught:
                    await late
                self.assertIsInstance(caught.exception, PlantRpc.CallError)
            for arguments in ((None,), (None, self.url)):
                with self.assertRaises(TypeError):
                    PlantRpc.discover.begin(*arguments,
                                            device=None if len(arguments) == 1 else "x")
        asyncio.run(main())

    def test_a_registry(self) -> None:
        async def main() -> None:
            registry = PlantRpc.Registry(url=ANY)
            registry.start()
            added: list[str] = []
            registry.connect("device-added", lambda _, each: added.append(each.get_name()))
            server = serve(Mill())
            self.assertEqual(await server.register_to_registry("mill", "one", registry.url, True),
                             "one")
            await until(lambda: added == ["one"])
            watcher = PlantRpc.RegistryClient.new(registry.url)
            await until(lambda: watcher.find_device("one"))
            for client in (
                    await PlantRpc.connect.begin(None, None, device="one", registry=registry.url),
                    await PlantRpc.discover.begin(None, device="mill", registry=registry.url)):
                with client:
                    self.assertEqual(await client.slowly.begin(None, 1), 2)
            await server.unregister()
            await until(lambda: not list(watcher))
            watcher.close()
            server.stop()
            registry.stop()
        asyncio.run(main())

    def test_callbacks_as_before(self) -> None:
        async def main(camera: Any) -> None:
            told: list[Any] = []

            def ended(client: Any, result: Gio.AsyncResult, *data: Any) -> None:
                told.append((client.read_property_finish(result).unpack(), data))
            self.assertIsNone(camera.read_property("mode", None, ended, 7))
            self.assertIsNone(camera.read_property("mode", callback=ended))
            PlantRpc.connect.begin(lambda *outcome: told.append(outcome), Camera, self.url)
            await until(lambda: len(told) == 3)
            told[2][0].close()
            self.assertEqual(sorted(told[:2]), [("STILL", ()), ("STILL", (7,))])
        self.run_main(main)

    def test_misuse(self) -> None:
        async def main(camera: Any) -> None:
            for function in (camera.read_property, lambda: camera.wait_ready(1, 2, 3, 4)):
                with self.assertRaises(TypeError):
                    function()
        self.run_main(main)


class Heard(InLoop):
    """What happens while asyncio runs."""

    def hears(self, client: Any) -> Coroutine[Any, Any, None]:
        """Hear of a change and of a signal that another client causes, and do nothing else."""
        heard: list[str] = []
        mode = f"M{next(NUMBERS)}"
        client.connect("notify::mode", lambda camera, _: heard.append(camera.mode))
        client.connect("captured", lambda camera, *args: heard.append(args[0]))

        async def hear() -> None:
            process = await asyncio.create_subprocess_exec(
                "/usr/bin/python3", "-c", "import sys, gi; gi.require_version('PlantRpc', '1.0')\n"
                "from gi.repository import PlantRpc\nc = PlantRpc.discover(sys.argv[1])\n"
                "c.change('mode', sys.argv[2]); c.get_image(True)", self.url, mode)
            self.assertEqual(await process.wait(), 0)
            await until(lambda: heard[-2:] == [mode, "picture"])
        return hear()

    def test_changes_and_signals(self) -> None:
        self.run_main(self.hears)

    def test_a_client_from_before(self) -> None:
        """It may outlive several loops."""
        client = PlantRpc.connect(Camera, self.url)
        kept: list[Any] = []

        async def main() -> None:
            kept.append(asyncio.get_running_loop())
            await self.hears(client)
        for _ in range(3):
            asyncio.run(main())
        # A loop that is closed holds no descriptor.
        self.assertEqual([loops._drivers[loop]._polled.closed for loop in kept], [True] * 3)
        client.close()

    def test_a_loop_of_another_kind(self) -> None:
        """Of this one the library does not know how it waits."""
        class Other(selectors.SelectSelector):
            pass

        async def main() -> None:
            with await PlantRpc.discover.begin(None, self.url) as camera:
                await self.hears(camera)
                self.assertIsInstance(loops._drivers[asyncio.get_running_loop()], loops._Ticker)
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(Other())) as runner:
            runner.run(main())

    def test_within_a_callback_of_glib(self) -> None:
        in_loop(lambda: self.run_main(self.hears))

    def test_a_loop_that_glib_drives(self) -> None:
        try:
            from gi.events import GLibEventLoopPolicy
        except ImportError:
            self.skipTest("this PyGObject has no loop of its own")

        async def main() -> None:
            with await PlantRpc.discover.begin(None, self.url) as camera:
                await self.hears(camera)
                self.assertIsNone(loops._drivers[asyncio.get_running_loop()])
        with contextlib.closing(GLibEventLoopPolicy().get_event_loop()) as loop:
            loop.run_until_complete(main())

    def test_attributes_do_not_block(self) -> None:
        async def main(camera: Any) -> None:
            failed: list[str] = []
            camera.connect("write-failed", lambda _, name, error: failed.append(name))
            absent = PlantRpc.Client.new_for_type(Camera, NOWHERE)
            self.assertEqual((absent.mode, absent.exposure), ("STILL", 0.5))
            camera.mode = "VIDEO"
            self.assertEqual(camera.mode, "VIDEO")
            camera.rotation = 13
            await until(lambda: failed == ["rotation"])
            absent.close()
        self.run_main(main)

    def test_other_sources(self) -> None:
        """Timeouts and descriptors of the program itself, more than there is room for at first."""
        async def main(camera: Any) -> None:
            told: list[Any] = []
            pipes = [os.pipe() for _ in range(20)]
            watches = [GLib.io_add_watch(GLib.IOChannel.unix_new(reader), GLib.PRIORITY_DEFAULT,
                                         GLib.IOCondition.IN, lambda *args: told.append(1))
                       for reader, _ in pipes]
            GLib.timeout_add(1, lambda: told.append("timeout"))
            await until(lambda: told)
            os.write(pipes[-1][1], b"x")
            await until(lambda: len(told) == 2)
            for watch in watches[:-1]:
                GLib.source_remove(watch)
            for pipe in pipes:
                os.close(pipe[0])
                os.close(pipe[1])
            self.assertEqual(await camera.add.begin(None, 1), 3)
            with open(__file__) as file:
                GLib.io_add_watch(GLib.IOChannel.unix_new(file.fileno()), GLib.PRIORITY_DEFAULT,
                                  GLib.IOCondition.IN, lambda *args: told.append("file"))
                await until(lambda: told[-1] == "file")
        self.run_main(main)

    def test_a_source_of_another_thread(self) -> None:
        """It wakes asyncio, which waits for nothing else."""
        async def main(camera: Any) -> None:
            done = asyncio.Event()
            threading.Timer(0.05, lambda: GLib.idle_add(lambda: done.set())).start()
            async with asyncio.timeout(DEADLINE):
                await done.wait()
        self.run_main(main)

    def test_a_context_that_another_thread_runs(self) -> None:
        owned, go = threading.Event(), threading.Event()

        def own() -> None:
            # asyncio owns it while it waits.
            while not GLib.MainContext.default().acquire():
                pass
            owned.set()
            go.wait(DEADLINE)
            GLib.MainContext.default().release()

        async def main() -> None:
            with await PlantRpc.discover.begin(None, self.url) as camera:
                thread = threading.Thread(target=own)
                thread.start()
                await until(owned.is_set)
                asyncio.get_running_loop().call_later(0.02, go.set)
                told: list[int] = []
                GLib.timeout_add(1, lambda: told.append(1))
                await until(lambda: told)
                thread.join()
                self.assertEqual(await camera.add.begin(None, 1), 3)
        asyncio.run(main())

    def test_waiting_leaves_the_processor_alone(self) -> None:
        async def main(camera: Any) -> None:
            turns = count_turns()
            with self.assertRaises(TimeoutError):
                await camera.lateAnswer.begin(None)
            self.assertLess(len(turns), 50)
            await camera.release.begin(None)
        self.run_main(main)


class GivenUp(unittest.TestCase):
    """Who waits no more has the device told."""

    def run_main(self, main: Callable[[Any, Mill], Coroutine[Any, Any, Any]]) -> None:
        async def both() -> None:
            mill = Mill()
            with serve(mill) as server, await PlantRpc.discover.begin(None, server.url) as client:
                await main(client, mill)
                mill.asked.clear()
        asyncio.run(both())

    def test_a_time_limit(self) -> None:
        async def main(client: Any, mill: Mill) -> None:
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(client.keep.begin(None), 0.05)
            await until(lambda: mill.given_up)
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.call("keep")
            await until(lambda: len(mill.given_up) == 2)
        self.run_main(main)

    def test_a_task(self) -> None:
        async def main(client: Any, mill: Mill) -> None:
            pending = client.keep.begin(None)
            one, two = (asyncio.ensure_future(pending) for _ in range(2))
            await until(lambda: mill.asked)
            one.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await one
            await asyncio.sleep(0)
            self.assertFalse(pending.cancellable.is_cancelled(), "another task awaits it, too")
            two.cancel()
            await until(lambda: mill.given_up)
        self.run_main(main)

    def test_a_cancellable_of_the_program_s_own(self) -> None:
        async def main(client: Any, mill: Mill) -> None:
            cancellable = Gio.Cancellable()
            pending = client.call("keep", None, None, 0, cancellable)
            await until(lambda: mill.asked)
            cancellable.cancel()
            with self.assertRaises(PlantRpc.CallError):
                await pending
            await until(lambda: mill.given_up)
            with self.assertRaises(PlantRpc.CallError):
                await client.call("keep", cancellable=cancellable)
            other = Gio.Cancellable()
            await client.read_property("level", other)
            other.cancel()
        self.run_main(main)

    def test_a_loop_that_ends_at_once(self) -> None:
        """The device is told before the loop has ended, not by the end of the client."""
        mill = Mill()
        server = serve(mill)
        client = PlantRpc.Client.new(server.url)
        context = GLib.MainContext.default()
        while not client.is_ready():
            context.iteration(True)

        async def main() -> None:
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(client.call("keep"), 0.05)
        asyncio.run(main())
        while not mill.given_up:
            context.iteration(True)
        client.close()
        server.stop()


class Driven(InLoop):
    """With PyGObject's own integration of asyncio, GLib runs the loop of asyncio."""

    def setUp(self) -> None:
        super().setUp()
        try:
            from gi.events import GLibEventLoopPolicy
        except ImportError:
            self.skipTest("this PyGObject has no loop of its own")
        policy = GLibEventLoopPolicy()
        asyncio.set_event_loop_policy(policy)
        self.addCleanup(asyncio.set_event_loop_policy, None)
        self.loop = policy.get_event_loop()
        self.addCleanup(self.loop.close)

    async def converse(self) -> None:
        """Await what succeeds, what fails, what takes too long, and a change."""
        with await PlantRpc.connect.begin(None, Camera, self.url) as camera:
            self.assertEqual(await asyncio.gather(camera.add.begin(None, 1),
                                                  camera.call("add", [2])), [3, 4])
            with self.assertRaises(PlantRpc.CallError):
                await camera.call("nothing")
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await camera.lateAnswer.begin(None)
            await camera.release.begin(None)
            heard: list[Any] = []
            mode = f"M{next(NUMBERS)}"
            camera.connect("notify::mode", lambda *data: heard.append(camera.mode))
            self.assertTrue(await camera.write_property("mode", mode))
            await until(lambda: heard == [mode])

    def converse_until(self, end: Callable[[], Any]) -> "asyncio.Task[None]":
        """Converse in a task, and then end what runs it."""
        async def converse() -> None:
            try:
                await self.converse()
            finally:
                end()
        return self.loop.create_task(converse())

    def test_the_loop_itself(self) -> None:
        self.loop.run_until_complete(self.converse())

    def test_a_main_loop(self) -> None:
        main_loop = GLib.MainLoop()
        task = self.converse_until(main_loop.quit)
        main_loop.run()
        task.result()

    def test_an_application(self) -> None:
        application = Gio.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
        application.connect("activate", lambda application: application.hold())
        task = self.converse_until(application.quit)
        application.run()
        task.result()

    def test_a_server(self) -> None:
        """It runs coroutines, those of its device as well, while it serves."""
        server = PlantRpc.Server(object=Mill(), url=ANY)
        server.start()

        async def grind() -> None:
            with await PlantRpc.discover.begin(None, server.url) as client:
                self.assertEqual(await client.slowly.begin(None, 1), 2)
            await self.converse()
        task = self.loop.create_task(grind())
        task.add_done_callback(lambda task: server.stop())
        server.serve_forever()
        task.result()
        self.assertFalse(self.loop.is_running())


if __name__ == "__main__":
    Awaited.gir = Path(sys.argv.pop(1))
    unittest.main()
