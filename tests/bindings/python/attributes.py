#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties of a device as attributes, with plain values both ways."""

import json
import math
import os
import signal
import socket
import threading
import unittest
from functools import partial
from typing import Any

from camera import DEADLINE, SAVE, SPLICE, Camera, Device
from case import WithDevice
from gi.overrides.PlantRpc import errors
from gi.repository import Gio, GLib, GObject, PlantRpc

OPTIONS: list[tuple[str, ...]] = [(), ("--self",)]
VALUES: dict[str, list[Any]] = {
    "mode": ["VIDEO", "", "a→b 🌱"], "rotation": [90, 358], "exposure": [0.25, 10, 3.0],
    "enabled": [True, False], "video_url": ["rtsp://camera/1"], "tags": [["one", ""], []],
    "config": [{"size": [640, 480], "deep": {"on": True, "off": None}}, [], [1, 2.5], 7, "text",
               1.5, None, (1 << 64) - 1, -1 << 63]}


def in_activate(function: Any) -> Any:
    """Have something done while an application is activated; what it returns."""
    outcome, app = [], Gio.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
    app.connect("activate", lambda app: outcome.append(function()))
    app.run()
    return outcome[0]


def in_loop(function: Any) -> Any:
    """Have something done within a main loop; what it returns or raises."""
    loop, outcome = GLib.MainLoop(), []

    def run() -> bool:
        try:
            outcome.append((function(), None))
        except Exception as error:
            outcome.append((None, error))
        loop.quit()
        return GLib.SOURCE_REMOVE
    GLib.idle_add(run)
    loop.run()
    (value, error), = outcome
    if error is not None:
        raise error
    return value


def wait(condition: Any) -> None:
    """Run the main loop until a condition holds."""
    loop, fine = GLib.MainLoop(), []

    def look() -> bool:
        if condition():
            fine.append(True)
            loop.quit()
        return GLib.SOURCE_CONTINUE
    ticker, end = GLib.timeout_add(5, look), GLib.timeout_add_seconds(DEADLINE, loop.quit)
    loop.run()
    GLib.source_remove(ticker)
    assert fine, f"not within {DEADLINE} s"
    GLib.source_remove(end)


class Attributes(WithDevice):
    def connect(self, template: Any = Camera) -> Any:
        client = PlantRpc.connect(template, self.device.url)
        self.addCleanup(client.close)
        return client

    def assert_same(self, got: Any, expected: Any) -> None:
        self.assertEqual(got, expected)
        self.assertEqual(type(got), float if isinstance(expected, float) else type(expected))

    def test_every_value_both_ways(self) -> None:
        one, other = self.connect(), self.connect()
        for name, values in VALUES.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    setattr(one, name, value)
                    expected = float(value) if name == "exposure" else value
                    self.assert_same(getattr(other, name), expected)

    def test_nicks_and_values(self) -> None:
        camera = self.connect()
        for written in (SAVE.FOR_SESSION, "for-session", "FOR_SESSION", 1):
            camera.save = SAVE.NEVER
            camera.save = written
            self.assertIs(type(camera.save), type(SAVE.FOR_SESSION))
            self.assertEqual(camera.save, SAVE.FOR_SESSION)
        both = SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET
        for written, read in (("close-source", SPLICE.CLOSE_SOURCE), (both, both), ([], 0), (3, 3),
                              (["CLOSE_SOURCE", "close-target"], both)):
            camera.parts = written
            self.assertEqual(camera.parts, read)
        with self.assertRaisesRegex(ValueError, 'for-session, .*"often"'):
            camera.save = "often"
        with self.assertRaisesRegex(ValueError, 'close-source, .*"lid"'):
            camera.parts = ["lid"]

    def test_nicks_within_a_loop(self) -> None:
        camera = self.connect()
        both = SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET
        for name, written, read in (("save", "for-session", SAVE.FOR_SESSION),
                                    ("parts", ["close-source", "close-target"], both),
                                    ("parts", [], 0)):
            in_loop(partial(setattr, camera, name, written))
            self.assertEqual(getattr(camera, name), read)

    def test_a_wrong_type_never_leaves(self) -> None:
        camera = self.connect()
        for name, value in (("mode", 5), ("rotation", "90"), ("exposure", "1"), ("enabled", 1),
                            ("config", {1, 2}), ("config", {1: 2}), ("tags", "one"),
                            ("exposure", True)):
            with self.subTest(name=name, value=value), self.assertRaises(TypeError):
                setattr(camera, name, value)
        with self.assertRaises(PlantRpc.CallValueError):
            camera.config = 1 << 64
        self.assertEqual((camera.rotation, camera.enabled), (0, False))

    def test_a_refused_write_raises(self) -> None:
        camera = self.connect()
        camera.rotation = 91
        self.assertEqual(camera.rotation, 90)
        with self.assertRaises(PlantRpc.CallError) as caught:
            camera.rotation = 13
        self.assertEqual(str(caught.exception), "13 brings bad luck")
        self.assertIn("raise ValueError(\"13 brings bad luck\")", caught.exception.traceback)
        self.assertNotIn("gi/", caught.exception.traceback)
        self.assertEqual(camera.rotation, 90)
        with self.assertRaises(PlantRpc.CallError) as caught:
            camera.rotation = 360
        self.assertEqual(caught.exception.code, PlantRpc.Error.INVALID_VALUE)
        self.assertEqual(str(caught.exception),
                         "“rotation”: expected an integer from 0 to 359, got 360")
        plain = self.connect(None)
        with self.assertRaises(PlantRpc.CallError) as caught:
            plain.temperature = 25
        self.assertEqual(caught.exception.code, PlantRpc.Error.NOT_WRITABLE)
        self.assertEqual(plain.temperature, 21.5)

    def test_a_refusal_names_its_property_once(self) -> None:
        domain, refusal = GLib.quark_to_string(PlantRpc.Error.quark()), PlantRpc.Error
        for text, code, expected in (
                ("too high", refusal.INVALID_VALUE, "rotation: too high"),
                ("“rotation” is too high", refusal.INVALID_VALUE, "“rotation” is too high"),
                ("too high", refusal.REFUSED, "too high")):
            with self.assertRaises(PlantRpc.CallError) as caught, errors.naming("rotation"):
                raise errors.wrap(GLib.Error(text, domain, code))
            self.assertEqual((str(caught.exception), caught.exception.code), (expected, code))

    def test_a_refusal_within_a_loop_is_told(self) -> None:
        camera, told = self.connect(), []
        camera.connect("write-failed", lambda client, name, error: told.append((name, error)))
        in_loop(lambda: setattr(camera, "rotation", 13))
        wait(lambda: told)
        self.assertEqual((told[0][0], told[0][1].message), ("rotation", "13 brings bad luck"))
        wait(lambda: camera.rotation == 0)

    def test_out_of_range_within_a_loop(self) -> None:
        camera, raised = self.connect(), []

        def write() -> None:
            try:
                camera.rotation = 360
            except ValueError as error:
                raised.append(str(error))
        in_loop(write)
        self.assertEqual(raised, ["“rotation”: expected an integer from 0 to 359, got 360"])

    def test_an_accepted_write_is_notified(self) -> None:
        writer, camera, told = self.connect(), self.connect(), []
        camera.connect("notify::rotation", lambda *args: told.append(camera.rotation))
        camera.connect("notify::video-url", lambda *args: told.append(camera.video_url))
        camera.connect_after("notify::video_url", lambda *args: told.append(camera.video_url))
        camera.connect("notify::video_url", lambda *args: told.append(camera.video_url))
        writer.rotation = 181
        writer.video_url = "rtsp://elsewhere"
        wait(lambda: len(told) == 4)
        self.assertEqual(told, [180, *["rtsp://elsewhere"] * 3])

    def test_reads_are_fresh_without_a_loop_and_cached_within(self) -> None:
        writer, camera, told = self.connect(), self.connect(), []
        wait(lambda: True)
        camera.connect("notify::mode", lambda *args: told.append(camera.props.mode))
        writer.mode = "VIDEO"
        # Nothing has run the loop since: what is known is old, and asking tells.
        self.assertEqual((camera.props.mode, camera.mode), ("STILL", "VIDEO"))
        writer.mode = "AUTO"
        self.assertEqual(in_loop(lambda: (writer.mode, GLib.main_depth())), ("AUTO", 1))
        self.device.process.send_signal(19)
        try:
            self.assertEqual(in_loop(lambda: writer.mode), "AUTO")
            # An application owns its context before the first turn of its loop.
            self.assertEqual(in_activate(lambda: (writer.mode, GLib.main_depth())), ("AUTO", 0))
            in_loop(lambda: setattr(writer, "mode", "SENT"))
            self.assertEqual(in_loop(lambda: writer.mode), "SENT")
        finally:
            self.device.process.send_signal(18)
        wait(lambda: told and told[-1] == "SENT")

    def test_reads_of_an_application_that_starts_or_ends(self) -> None:
        """It is about to run its loop, or has run it: no read asks the device."""
        told: list[Any] = []

        class Application(Gio.Application):
            def read(self, where: str) -> None:
                client = PlantRpc.Client.new_for_type(Camera, "tcp://127.0.0.1:9")
                told.append((where, client.mode, client.exposure))
                client.close()

            def do_startup(self) -> None:
                Gio.Application.do_startup(self)
                self.read("startup")

            def do_activate(self) -> None:
                self.read("activate")

            def do_shutdown(self) -> None:
                self.read("shutdown")
                Gio.Application.do_shutdown(self)
        Application(flags=Gio.ApplicationFlags.NON_UNIQUE).run()
        self.assertEqual(told, [(each, "STILL", 0.5)
                                for each in ("startup", "activate", "shutdown")])

    def test_a_thread_with_a_context_of_its_own(self) -> None:
        """The thread owns the context, though no loop runs it."""
        read: list[str] = []

        def run() -> None:
            context = GLib.MainContext()
            context.push_thread_default()
            with PlantRpc.connect(Camera, self.device.url) as camera, \
                    PlantRpc.connect(Camera, self.device.url) as other:
                for mode in ("VIDEO", "STILL"):
                    other.mode = mode
                    read.append(camera.mode)
            context.pop_thread_default()
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        self.assertEqual(read, ["VIDEO", "STILL"])

    def test_a_time_limit_for_reads(self) -> None:
        camera = self.connect()
        notified: list[str] = []
        camera.connect("notify::property-timeout", lambda *_: notified.append("property-timeout"))
        camera.property_timeout = 50
        camera.property_timeout = 50
        self.assertEqual((camera.property_timeout, notified), (50, ["property-timeout"]))
        self.device.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.device.process.pid, os.WUNTRACED)
        try:
            for touch in (lambda: camera.mode, lambda: setattr(camera, "mode", "VIDEO")):
                with self.assertRaises(TimeoutError):
                    touch()
        finally:
            self.device.process.send_signal(signal.SIGCONT)
        camera.property_timeout = 10000
        self.assertEqual(camera.mode, "VIDEO")

    def test_told_at_once_while_the_device_is_away(self) -> None:
        """Otherwise these would wait for ever."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        camera = PlantRpc.Client.new_for_type(Camera, url)
        camera.property_timeout, camera.send_timeout = PlantRpc.TIMEOUT_NONE, 0
        for touch in (lambda: camera.mode, lambda: setattr(camera, "mode", "VIDEO"),
                      lambda: camera.add.with_timeout(None)(1)):
            with self.assertRaises(PlantRpc.CallError) as caught:
                touch()
            self.assertEqual(caught.exception.code, PlantRpc.Error.NOT_SENT)
        # The reads themselves notice that the device is back.
        with Device("--url", url):
            for _ in range(DEADLINE * 100):
                try:
                    mode = camera.mode
                    break
                except PlantRpc.CallError:
                    camera.send_timeout = 10
            self.assertEqual(mode, "STILL")
            camera.close()

    def test_bound_properties(self) -> None:
        class Scale(GObject.Object):
            value = GObject.Property(type=int)

        camera, scale = self.connect(), Scale()
        camera.bind_property("rotation", scale, "value", GObject.BindingFlags.BIDIRECTIONAL
                             | GObject.BindingFlags.SYNC_CREATE)
        scale.value = 44
        camera.flush_sync(None)
        self.assertEqual(self.connect().rotation, 44)
        scale.value = 13
        wait(lambda: scale.value == 44)

    def test_members_that_are_not_there(self) -> None:
        camera = self.connect()
        for client in (camera, self.connect(None), PlantRpc.discover(self.device.url)):
            with self.assertRaisesRegex(AttributeError, "no member “moed”"):
                client.moed
            with self.assertRaisesRegex(AttributeError, "no member “moed”"):
                client.moed = "VIDEO"
            with self.assertRaisesRegex(AttributeError, "is a method"):
                client.get_image = None
            self.assertFalse(hasattr(client, "_private"))
            client._private = 5
            self.assertEqual(client._private, 5)
            self.assertLessEqual({"mode", "video_url", "get_image", "add", "connect"},
                                 set(dir(client)))

    def test_clients_without_a_template(self) -> None:
        for client in (self.connect(None), PlantRpc.discover(self.device.url)):
            client.mode, client.save, client.config = "VIDEO", "permanently", {"a": [1, "x"]}
            self.assertEqual((client.mode, client.config), ("VIDEO", {"a": [1, "x"]}))
            self.assertIn(client.save, ("permanently", SAVE.PERMANENTLY))
            self.assertEqual(client.add(1), 3)
            self.assertEqual(in_loop(lambda: client.mode), "VIDEO")
            self.assertTrue(math.isclose(client.exposure, 0.5))

    def test_an_enumeration_that_only_the_device_knows(self) -> None:
        info = PlantRpc.InterfaceInfo.new_from_json(json.dumps({"properties": {
            "save": {"type": "s", "choices": {"never": 0, "for-session": 1, "permanently": 2}},
            "parts": {"type": "as", "choices": {"close-source": 1, "close-target": 2}}}}))
        with PlantRpc.Client.new_for_interface(info, self.device.url) as client:
            client.save, client.parts = "FOR_SESSION", ["close-source", "close-target"]
            self.assertEqual((client.save, client.parts),
                             ("for-session", ["close-source", "close-target"]))

    def test_before_it_is_connected(self) -> None:
        client = PlantRpc.Client(url="tcp://127.0.0.1:1")
        self.addCleanup(client.close)
        with self.assertRaisesRegex(AttributeError, "once it is connected"):
            client.mode
        self.assertEqual(client.url, "tcp://127.0.0.1:1")
        client.timeout = 50
        self.assertEqual(client.timeout, 50)

    def test_what_is_shown(self) -> None:
        url = self.device.url
        self.assertEqual(repr(self.connect()), f"<Client of Camera “camera” at {url}, ready>")
        self.assertEqual(repr(self.connect(None)), f"<Client “camera” at {url}, ready>")
        client = self.connect()
        self.assertEqual(repr(client.get_image),
                         f"<remote method get_image(lores: b = false) of {client!r}>")
        nowhere = PlantRpc.Client()
        self.assertEqual(repr(nowhere), "<Client at a device not found yet, disconnected>")
        nowhere.follow_device("tcp://127.0.0.1:1", "nobody")
        nowhere.close()
        self.assertEqual(repr(nowhere), "<Client at a device not found yet, closed>")
        remote = self.connect().lookup_property("rotation")
        self.assertEqual((remote.name, remote.value, remote.maximum), ("rotation", 0, 359.0))

    def test_with(self) -> None:
        with PlantRpc.connect(Camera, self.device.url) as camera:
            self.assertEqual(camera.state, PlantRpc.State.READY)
        self.assertEqual(camera.state, PlantRpc.State.CLOSED)


class AttributesOfAServer(Attributes):
    options = ("--self",)


if __name__ == "__main__":
    unittest.main()
