#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Methods of a device as Python methods: decorated on one side, called on the other."""

import asyncio
import inspect
import pickle
import pydoc
import subprocess
import sys
import threading
import traceback
import unittest
from pathlib import Path
from typing import Any

from attributes import in_loop, wait
from camera import Camera, Device
from case import WithDevice, until
from gi.repository import Gio, GLib, GObject, PlantRpc

HERE = Path(__file__).parent


class Calls(WithDevice):
    def setUp(self) -> None:
        super().setUp()
        self.camera: Any = PlantRpc.connect(Camera, self.device.url)
        self.addCleanup(self.camera.close)

    def failure(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        with self.assertRaises(PlantRpc.CallError) as caught:
            function(*args, **kwargs)
        return caught.exception

    def test_plain_values_both_ways(self) -> None:
        for value in (None, True, 5, -1 << 63, (1 << 64) - 1, 0.5, "a→b", [], [1, "x", None],
                      {"a": {"b": [1.5]}}, b"\x00\xff"):
            with self.subTest(value=value):
                self.assertEqual(self.camera.echo(value), value)
                self.assertIs(type(self.camera.echo(value)), type(value))
        for data in (bytearray(b"\x00\xff"), memoryview(b"\x00\xff")):
            self.assertEqual(self.camera.echo(data), b"\x00\xff")
        self.assertEqual(self.camera.echo((1, 2)), [1, 2])
        self.assertEqual(self.camera.echo(["a", {"\ud800": "\udc00"}]),
                         ["a", {"\ufffd": "\ufffd"}])
        for text in ("a\0b", {"a\0": 1}):
            with self.assertRaisesRegex(PlantRpc.CallValueError, "NUL character"):
                self.camera.echo([text])
        self.assertEqual(self.camera.echo(Gio.PasswordSave.FOR_SESSION), "for-session")

    def test_arguments_by_position_and_name(self) -> None:
        self.assertEqual((self.camera.add(2), self.camera.add(2, 3), self.camera.add(b=5, a=1)),
                         (4, 5, 6))
        self.assertEqual(self.camera.gather(1, "x", y=None), [[1, "x"], {"y": None}])
        self.assertEqual(self.camera.named(), ["a", [1, 2], None])
        self.assertEqual(self.camera.named("b", second=[3], third={"x": 1}),
                         ["b", [3], {"x": 1}])
        self.assertEqual(self.camera.typed((3, 4)), 7)
        for args in ((), (1, 2, 3), ("one",)):
            error = self.failure(self.camera.add, *args)
            self.assertEqual(error.code, PlantRpc.Error.INVALID_ARGUMENTS)
            self.assertFalse(error.may_have_run)

    def test_bytes_with_their_information(self) -> None:
        self.assertEqual(self.camera.get_image(lores=True),
                         (b"data", {"lores": True, "size": [4, 3]}))
        self.assertEqual(len(self.camera.get_image()[0]), 4000)

    def test_methods_have_signatures(self) -> None:
        for name, expected in (("add", "(a: int, b: int = 2) -> int"), ("late", "() -> None"),
                               ("get_image", "(lores: bool = False) -> "
                                             "tuple[bytes, dict[str, typing.Any]]")):
            method = getattr(self.camera, name)
            self.assertEqual(str(inspect.signature(method)), expected)
        self.assertIn("add(a: x, b: x = 2) -> x", pydoc.render_doc(self.camera.add))
        self.assertFalse(hasattr(self.camera.add, "nothing"))

    def test_signatures_of_all_kinds(self) -> None:
        device = GObject.Object()
        server = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*")
        kinds = {
            "a, b = 5, c:d=.5": "(a, b=5, c: float = 0.5)",
            "a: as = ['x,y', \"->\"], s: s = '=\\'' -> ms":
                "(a: list = ['x,y', '->'], s: str = \"='\") -> str | None",
            "size: (ii) = (1, 2), m: a{sv} = {} -> ay":
                "(size: tuple = (1, 2), m: dict = {}) -> bytes",
            "v = <5>, u: t = 18446744073709551615 -> (ss)":
                "(v=5, u: int = 18446744073709551615) -> tuple",
            "class: s": "(*args: Any, **kwargs: Any) -> Any",
            "a = 1, b": "(*args: Any, **kwargs: Any) -> Any",
            None: "(*args: Any, **kwargs: Any) -> Any"}
        for index, text in enumerate(kinds):
            server.register_method_json(f"m{index}", text, 1000, PlantRpc.MethodFlags.NONE,
                                        lambda invocation: invocation.return_value(None))
        self.assertTrue(server.start())
        self.addCleanup(server.stop)
        client = PlantRpc.Client(url=server.get_url())
        self.addCleanup(client.close)
        wait(lambda: client.get_state() == PlantRpc.State.READY)
        for index, expected in enumerate(kinds.values()):
            method = client.lookup_method(f"m{index}")
            self.assertEqual(str(inspect.signature(method)), expected)

    def test_an_exception_of_the_device(self) -> None:
        error = self.failure(self.camera.crash)
        self.assertEqual((str(error), error.code, error.domain),
                         ("nothing to be found", PlantRpc.Error.REMOTE, "PlantRpcError"))
        self.assertIsInstance(error, GLib.Error)
        self.assertTrue(error.may_have_run)
        self.assertIn('raise LookupError("nothing to be found")', error.traceback)
        self.assertNotIn("gi/overrides", error.traceback)
        shown = "".join(traceback.format_exception(error))
        for text in ("PlantRpc.CallError: nothing to be found", "On the device:", "self.fall()",
                     "LookupError"):
            self.assertIn(text, shown)
        self.assertNotIn("During handling", shown)
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.traceback), (str(error), error.traceback))
        self.assertIn("cannot travel", str(self.failure(self.camera.strange)))
        self.assertIn("returns bytes", str(self.failure(self.camera.no_bytes)))
        refused = self.failure(self.camera.refuse)
        self.assertEqual((refused.code, refused.may_have_run), (PlantRpc.Error.REFUSED, False))
        self.assertIn("asyncio", str(self.failure(self.camera.coroutine)))

    def test_a_time_out_is_one_of_python(self) -> None:
        error = self.failure(self.camera.lateAnswer)
        self.assertIsInstance(error, TimeoutError)
        self.assertIsInstance(error, PlantRpc.CallTimeout)
        self.assertRegex(str(error), "“lateAnswer” within 0.3 s")
        self.assertTrue(error.may_have_run)
        self.camera.release()
        self.assertEqual(self.camera.add(1), 3)
        method = self.camera.lateAnswer.with_timeout(None)
        self.assertIsNone(method.timeout)
        self.assertNotEqual(method(), self.camera.release())

    def test_the_declaration_of_the_template_counts(self) -> None:
        info = self.camera.get_interface()
        late, add = info.lookup_method("late"), info.lookup_method("add")
        self.assertEqual((late.get_timeout(), late.get_buffer()), (300, False))
        self.assertEqual(add.get_signature(), "a: x, b: x = 2 -> x")
        self.assertEqual(info.lookup_method("get_image").get_timeout(), PlantRpc.TIMEOUT_NONE)
        self.assertIsNone(info.lookup_method("late_answer"))
        self.assertEqual(info.lookup_method("lateAnswer").get_timeout(), 300)

    def test_what_a_template_has_and_a_device_lacks(self) -> None:
        class More(Camera):
            __gtype_name__ = f"TestMore{type(self).__name__}"

            @PlantRpc.method_json
            def unheard_of(self, a: int) -> None: ...
        with PlantRpc.connect(More, self.device.url) as camera:
            self.assertEqual(camera.missing, ["unheard_of"])
            self.assertEqual(self.failure(camera.unheard_of, 1).code,
                             PlantRpc.Error.UNKNOWN_METHOD)

    def test_with_a_callback(self) -> None:
        told: list[Any] = []
        pending = self.camera.add.begin(lambda *outcome: told.append(outcome), 1, b=1)
        self.assertFalse(pending.done)
        self.camera.crash.begin(lambda *outcome: told.append(outcome))
        self.camera.get_image.begin(lambda *outcome: told.append(outcome), lores=True)
        given_up = self.camera.lateAnswer.begin(lambda *outcome: told.append(outcome))
        wait(lambda: len(told) == 3)
        given_up.cancel()
        wait(lambda: len(told) == 4)
        self.assertTrue(pending.done and given_up.done)
        self.assertEqual([told[0], told[2]],
                         [(2, None), ((b"data", {"lores": True, "size": [4, 3]}), None)])
        self.assertEqual((told[1][0], str(told[1][1])), (None, "nothing to be found"))
        self.assertIn("self.fall()", told[1][1].traceback)
        self.assertTrue(told[3][1].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.camera.release()

    def test_awaited(self) -> None:
        async def one(number: int) -> int:
            return await self.camera.add.begin(None, number, 1)

        async def talk() -> list[int]:
            with self.assertRaisesRegex(PlantRpc.CallError, "nothing to be found"):
                await self.camera.crash.begin(None)
            with self.assertRaises(TimeoutError):
                await self.camera.lateAnswer.begin(None)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(self.camera.lateAnswer.begin(None)._wait(), 0.01)
            self.camera.release()
            done = self.camera.add.begin(None, 5, 5)
            self.assertEqual((await done, await done), (10, 10))
            return await asyncio.gather(*map(one, range(5)))
        self.assertEqual(asyncio.run(talk()), [1, 2, 3, 4, 5])

    def test_cancelled_where_it_is_awaited(self) -> None:
        """The device learns that the call was cancelled."""
        kept: list[PlantRpc.Invocation] = []
        told: list[Any] = []

        def keep(invocation: PlantRpc.Invocation, *data: Any) -> None:
            invocation.get_cancellable().connect(lambda *args: told.append("cancelled"))
            kept.append(invocation)
        server = PlantRpc.Server(object=GObject.Object(), url="tcp://127.0.0.1:*")
        server.register_method_json("keep", "", 0, PlantRpc.MethodFlags.NONE, keep)
        server.start()

        async def talk() -> None:
            client = PlantRpc.Client.new(server.url)
            while client.get_interface() is None:
                GLib.MainContext.default().iteration(False)
            pending = client.keep.begin(None)
            waiting = asyncio.ensure_future(pending._wait())
            await until(lambda: kept)
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            wait(lambda: told and pending.done)
            client.close()
        asyncio.run(talk())
        self.assertEqual(told, ["cancelled"])
        kept.clear()
        server.stop()

    def test_a_loop_that_has_ended_is_told_nothing(self) -> None:
        told: list[Any] = []
        pending = self.camera.lateAnswer.begin(lambda *outcome: told.append(outcome))

        async def give_up() -> None:
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(pending._wait(), 0.01)
        in_loop(lambda: asyncio.run(give_up()))
        wait(lambda: told)
        self.assertTrue(told[0][1].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.camera.release()

    def test_methods_by_name(self) -> None:
        self.assertEqual(self.camera.lookup_method("add")(1, 1), 2)
        self.assertEqual(self.camera.call_sync("add", (1,), {"b": 7}).unpack(), 8)
        self.assertEqual(self.camera.call_sync("add", [1, 2]).unpack(), 3)
        data, info = self.camera.call_buffer_sync("get_image", (True,))
        self.assertEqual((data.get_data(), info.unpack()["lores"]), (b"data", True))
        self.assertTrue(self.camera.write_property_sync("mode", "VIDEO"))
        self.assertEqual(self.camera.read_property_sync("mode").unpack(), "VIDEO")
        told: list[Any] = []
        def finish(name: str) -> Any:
            return lambda client, result: told.append(getattr(client, f"{name}_finish")(result))
        self.camera.call("add", (1,), None, timeout=0, cancellable=None, callback=finish("call"))
        self.camera.call_buffer("get_image", None, {"lores": True}, 0,
                                callback=finish("call_buffer"))
        self.camera.write_property("mode", "AUTO", callback=finish("write_property"))
        wait(lambda: len(told) == 3)
        self.assertEqual((told[0].unpack(), told[1][0].get_data(), told[2]),
                         (3, b"data", True))
        for wrong in ("text", {"a": 1}):
            with self.assertRaises(TypeError):
                self.camera.call_sync("add", wrong)
        with self.assertRaises(TypeError):
            self.camera.call_sync("add", None, [1])

    def test_signals(self) -> None:
        told: list[Any] = []
        self.camera.connect("captured", lambda camera, *args: told.append(args))
        self.camera.get_image()
        self.assertEqual(told, [])
        wait(lambda: told)
        self.assertEqual(told, [("picture", 1)])


class CallsOfAServer(Calls):
    options = ("--self",)


class Parameters(unittest.TestCase):
    def test_defaults_and_annotations(self) -> None:
        class Device(GObject.Object):
            @PlantRpc.method_json
            def run(self, a, b=True, c="x", d=5, e: Any = "x", f: Any = False, g: float = 1,
                    h: list[int] = [], i: dict = {"k": 1}, j=None) -> None: ...

        info = PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*").dup_interface()
        self.assertEqual(
            info.lookup_method("run").get_signature(),
            "a: v, b: b = true, c: s = 'x', d: v = <int64 5>, e: v = <'x'>, f: v = <false>, "
            "g: d = 1.0, h: ax = [], i: a{sv} = {'k': <int64 1>}, j: v = <@mv nothing> -> ()")


class Returns(unittest.TestCase):
    def test_annotations(self) -> None:
        annotations = {float: "d", int: "x", str: "s", bool: "b", None: "()", list[str]: "as",
                       tuple[int, float]: "(xd)", dict: "a{sv}", dict[str, Any]: "a{sv}",
                       str | None: "ms", Any: None, object: None, list: None, set[int]: None,
                       dict[int, str]: None, list[dict]: None, tuple[int, ...]: None,
                       int | str: None, str | list: None, dict | None: None}
        for annotation, expected in annotations.items():
            class Device(GObject.Object):
                @PlantRpc.method_json
                def run(self, a: int) -> annotation: ...  # type: ignore[valid-type]

                @PlantRpc.method_buffer
                def shoot(self) -> annotation: ...  # type: ignore[valid-type]

            info = PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*").dup_interface()
            arrow = f" -> {expected}" if expected else ""
            method = info.lookup_method("run")
            self.assertEqual(method.get_signature(), f"a: x{arrow}")
            self.assertEqual(method.get_return_type(), expected)
            self.assertIsNone(info.lookup_method("shoot").get_return_type())

    def test_results(self) -> None:
        class Template(GObject.Object):
            @PlantRpc.method_json
            def number(self) -> float: ...

            @PlantRpc.method_json
            def nothing(self) -> None: ...

            @PlantRpc.method_json
            def words(self) -> list[str]: ...

            @PlantRpc.method_json
            def wrong(self) -> float: ...

        class Arm(GObject.Object):
            @PlantRpc.method_json
            def number(self) -> float:
                return 5

            @PlantRpc.method_json
            def nothing(self) -> None:
                pass

            @PlantRpc.method_json(signature="")
            def words(self) -> Any:
                return ("a", "b")

            @PlantRpc.method_json(signature="")
            def wrong(self) -> str:
                return "far"

        told: dict[str, Any] = {}
        with PlantRpc.Server(object=Arm(), url="tcp://127.0.0.1:*") as server:
            client = PlantRpc.Client.new_for_type(Template, server.url)
            for name in ("number", "nothing", "words", "wrong"):
                client.lookup_method(name).begin(
                    lambda *outcome, name=name: told.update({name: outcome}))
            wait(lambda: len(told) == 4)
            self.assertEqual(repr(client.number), f"<remote method number() -> d of {client!r}>")
            client.close()
        self.assertEqual((repr(told["number"][0]), told["nothing"]), ("5.0", (None, None)))
        self.assertEqual(told["words"][0], ["a", "b"])
        error = told["wrong"][1]
        self.assertIn("“wrong” returned is not of type d: expected a number, got \"far\"",
                      str(error))
        self.assertTrue(error.matches(PlantRpc.Error.quark(), PlantRpc.Error.PROTOCOL))
        self.assertTrue(error.may_have_run)


class Decorators(unittest.TestCase):
    def test_forms(self) -> None:
        class Device(GObject.Object):
            @PlantRpc.method_json
            def bare(self, a, b: float, c=False, d="x", e=1, f=None, g=[1]): ...

            @PlantRpc.method_json()
            def called(self, a: list[str], b: "dict[str, int]", c: tuple[int, float], /): ...

            @PlantRpc.method_buffer(timeout=5, name="other", signature="a: i")
            def full(self, a): ...

            @PlantRpc.method_json
            def strange(self, a=object()): ...

            @PlantRpc.method_json
            def quotes(self, a='it\'s "x"', b: float = 0.1, *, c: int = 3): ...

            def hidden(self): ...

        class Overriding(Device):
            def bare(self): ...

        with PlantRpc.Server(object=Overriding(), url="tcp://127.0.0.1:*") as server:
            info = server.dup_interface()
            self.assertEqual(sorted(info.list_methods()),
                             ["bare", "called", "other", "quotes", "strange"])
            signature = {name: info.lookup_method(name).get_signature()
                         for name in info.list_methods()}
        self.assertEqual(signature["bare"], "a: v, b: d, c: b = false, d: s = 'x', "
                                            "e: v = <int64 1>, f: v = <@mv nothing>, "
                                            "g: v = <[<int64 1>]>")
        self.assertEqual(signature["called"], "a: as, b: a{sv}, c: (xd)")
        self.assertEqual(signature["quotes"], "a: s = \"it's \\\"x\\\"\", b: d = 0.1, c: x = 3")
        self.assertIsNone(signature["strange"])
        self.assertTrue(info.lookup_method("other").get_buffer())
        self.assertEqual(info.lookup_method("other").get_timeout(), 5)

    def test_misuse(self) -> None:
        with self.assertRaises(TypeError):
            PlantRpc.method_json(5000)
        with self.assertRaises(ValueError):
            PlantRpc.method_json(timeout=0)
        with self.assertRaisesRegex(ValueError, "“a”: expected a GVariant type, got “zz”"):
            PlantRpc.method_json(signature="a: zz")(print)
        with self.assertRaises(TypeError):
            PlantRpc.connect(Camera)
        with self.assertRaises(TypeError):
            PlantRpc.connect(int, "tcp://127.0.0.1:1")
        with self.assertRaises(TypeError):
            PlantRpc.discover()
        with self.assertRaises(TypeError):
            PlantRpc.register_interface(Camera)(int)

    def test_an_error_of_another_device_is_no_error_of_this_one(self) -> None:
        """The code of the handler's error must not tell the caller that nothing has run."""
        domain = GLib.quark_to_string(PlantRpc.Error.quark())

        class Device(GObject.Object):
            @PlantRpc.method_json
            def ask(self) -> None:
                raise PlantRpc.CallError("not there", domain, PlantRpc.Error.UNKNOWN_METHOD)

            @PlantRpc.method_json
            def refuse(self) -> None:
                raise GLib.Error("not here", domain, PlantRpc.Error.REFUSED)

        told: dict[str, Any] = {}
        with PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*") as server:
            client = PlantRpc.Client.new(server.url)
            wait(client.get_interface)
            for name in ("ask", "refuse"):
                client.lookup_method(name).begin(
                    lambda value, error, name=name: told.update({name: error}))
            wait(lambda: len(told) == 2)
            client.close()
        self.assertEqual([(error.message, error.code, error.may_have_run)
                          for error in (told["ask"], told["refuse"])],
                         [("not there", PlantRpc.Error.REMOTE, True),
                          ("not here", PlantRpc.Error.REFUSED, False)])

    def test_coroutines(self) -> None:
        """They run in the asyncio loop in which the client waits, here, too."""
        class Device(GObject.Object):
            @PlantRpc.method_json
            async def slowly(self, a: int) -> int:
                await asyncio.sleep(0.001)
                return a + 1

            @PlantRpc.method_json
            async def badly(self) -> None:
                raise ValueError("no luck")

            @PlantRpc.method_json
            def promised(self) -> Any:
                return asyncio.ensure_future(self.slowly(7))

        async def talk(url: str) -> int:
            client = PlantRpc.Client.new(url)
            while client.get_interface() is None:
                GLib.MainContext.default().iteration(False)
            with self.assertRaisesRegex(PlantRpc.CallError, "no luck"):
                await client.badly.begin(None)
            self.assertEqual(await client.promised.begin(None), 8)
            return await client.slowly.begin(None, 4)
        with PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*") as server:
            self.assertEqual(asyncio.run(talk(server.url)), 5)


class Invoked(unittest.TestCase):
    """Methods that ask for their invocation."""

    class Device(GObject.Object):
        def __init__(self) -> None:
            super().__init__()
            self.told: list[Any] = []
            self.goes_on = threading.Event()

        @PlantRpc.method_json(invocation=True)
        def who(self, invocation: PlantRpc.Invocation, a: int, *, b: str = "x") -> Any:
            return [invocation.get_name(), bool(invocation.get_sender()), a, b]

        @PlantRpc.method_buffer(invocation=True)
        def picture(self, invocation, size=2):
            return b"x" * size, {"name": invocation.get_name()}

        @PlantRpc.method_json(invocation=True)
        def answers(self, invocation):
            invocation.return_value("itself")
            return "dropped"

        @PlantRpc.method_json(timeout=None, blocking=True, invocation=True)
        def blocks(self, invocation):
            cancellable = invocation.get_cancellable()
            cancellable.connect(lambda *data: self.told.append("heard"))
            self.told.append("begun")
            while not cancellable.is_cancelled():
                self.goes_on.wait(0.001)
            self.told.append("seen")

        @PlantRpc.method_json(timeout=None, invocation=True)
        async def later(self, invocation):
            given_up = asyncio.get_running_loop().create_future()
            invocation.get_cancellable().connect(lambda *data: given_up.set_result(None))
            self.told.append("begun")
            await given_up
            self.told.append("seen")

    def test_declared(self) -> None:
        told = PlantRpc.Server(object=self.Device(), url="tcp://127.0.0.1:*").dup_interface()
        self.assertEqual([told.lookup_method(name).get_signature()
                          for name in ("who", "picture", "answers")],
                         ["a: x, b: s = 'x'", "size: v = <int64 2>", ""])
        with self.assertRaisesRegex(TypeError, "is to take the invocation first"):
            class Wrong(GObject.Object):
                @PlantRpc.method_json(invocation=True)
                def nothing(self, *, key): ...

    def serve(self) -> tuple[Any, Any]:
        """Serve a device here, with a client that is ready once the main loop has run."""
        device = self.Device()
        server = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*")
        server.start()
        client = PlantRpc.Client.new_for_type(self.Device, server.url)
        self.addCleanup(server.stop)
        self.addCleanup(client.close)
        return device, client

    def test_given(self) -> None:
        device, client = self.serve()
        told: list[Any] = []
        for method, arguments in ((client.who, {"a": 1, "b": "y"}), (client.picture, {"size": 3}),
                                  (client.answers, {})):
            method.begin(lambda *outcome: told.append(outcome), **arguments)
        wait(lambda: len(told) == 3)
        self.assertEqual(told, [(["who", True, 1, "y"], None),
                                ((b"xxx", {"name": "picture"}), None), ("itself", None)])

    def test_given_up_on_a_worker_thread(self) -> None:
        device, client = self.serve()
        pending = client.blocks.begin(None)
        wait(lambda: device.told)
        pending.cancel()
        wait(lambda: len(device.told) == 3)
        self.assertEqual(set(device.told), {"begun", "heard", "seen"})

    def test_given_up_by_who_leaves(self) -> None:
        device, client = self.serve()
        client.blocks.begin(None)
        wait(lambda: device.told)
        client.close()
        wait(lambda: "seen" in device.told)

    def test_given_up_in_a_coroutine(self) -> None:
        async def talk() -> None:
            device, client = self.serve()
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(client.later.begin(None), 0.1)
            await until(lambda: "seen" in device.told)
        asyncio.run(talk())


class Uncaught(unittest.TestCase):
    def test_python_prints_the_traceback_of_the_device(self) -> None:
        with Device() as device:
            program = (f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
                       "from camera import *\n"
                       f"PlantRpc.connect(Camera, {device.url!r}).crash()\n")
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("CallError: nothing to be found\n\nOn the device:\n", done.stderr)
        self.assertIn("    self.fall()\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
