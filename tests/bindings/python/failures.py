#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each function of the library that fails raises PlantRpc.CallError.

  failures.py PlantRpc-1.0.gir
"""

import pickle
import socket
import sys
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from attributes import wait  # noqa: E402
from camera import Device  # noqa: E402
from gi.repository import Gio, GLib, GObject, PlantRpc  # noqa: E402

CORE = "{http://www.gtk.org/introspection/core/1.0}"
NOWHERE = "tcp://127.0.0.1:9"
KEY = "A" * 43
CALLABLES = ("function", "method", "constructor")
TEXT = GLib.Variant("s", "x")
Client, Info = PlantRpc.Client, PlantRpc.InterfaceInfo
# No interface that can be described is refused by the first two, and the last needs random bytes.
SAFE = {"Client.new_for_interface", "Client.type_for_interface", "Keypair.new"}


def throwing(gir: Path) -> Iterator[tuple[str, str]]:
    """The functions of the library that fail, as `Class.name`, with what kind each is."""
    namespace = ET.parse(gir).getroot().find(f"{CORE}namespace")
    assert namespace is not None
    for owner in namespace:
        for element in [owner, *owner]:
            kind = element.tag.removeprefix(CORE)
            if element.get("throws") and kind in CALLABLES and not element.get("moved-to"):
                place = "" if element is owner else f"{owner.get('name')}."
                yield place + str(element.get("name")), kind


class Ambiguous(GObject.Object):
    """A template of which two members have one name for clients."""

    level = GObject.Property(type=float)
    height = GObject.Property(type=float)


PlantRpc.type_declare_wire_name(Ambiguous, "level", "height")


def taken() -> socket.socket:
    """A port where somebody listens."""
    return socket.create_server(("127.0.0.1", 0))


class Failures(unittest.TestCase):
    gir: Path

    def setUp(self) -> None:
        self.closed = Client.new(NOWHERE)
        self.closed.close()
        self.cancelled = Gio.Cancellable()
        self.cancelled.cancel()
        self.server = PlantRpc.Server(object=GObject.Object(), url="tcp://127.0.0.1:*")
        self.info = Info.new_from_json(
            '{"properties": {"level": {"type": "d"}}, "signals": {"moved": {"signature": "(d)"}}}')

    def raised(self, function: Callable[[], Any]) -> BaseException | None:
        """What a function raises."""
        try:
            function()
        except BaseException as error:
            return error
        return None

    def finished(self, owner: Any, name: str, *args: Any) -> Callable[[], Any]:
        """A function that ends what it has begun before."""
        results: list[Any] = []
        getattr(owner, name)(*args, lambda source, result: results.append(result))
        wait(lambda: results)
        return lambda: getattr(owner, f"{name}_finish")(results[0])

    def at_a_taken_port(self, kind: Any, **properties: Any) -> None:
        """Start what is to listen where somebody else does."""
        with taken() as listener:
            kind(url=f"tcp://127.0.0.1:{listener.getsockname()[1]}", **properties).start()

    def flush(self) -> None:
        """Give up waiting for a write."""
        with Device() as served, PlantRpc.discover(served.url) as camera:
            camera.set_property("mode", "VIDEO")
            camera.flush_sync(self.cancelled)

    def failing(self) -> dict[str, Callable[[], Any]]:
        """By the function, what makes it fail."""
        closed, server, gone = self.closed, self.server, self.cancelled
        signal = self.info.lookup_signal("moved")
        call, offer = ("x", None, None, 50), ("lamp", "desk", "nonsense", True)
        table, pair = PlantRpc.Authenticator(), PlantRpc.Keypair
        known = PlantRpc.KnownDevices(path="/dev/null/known_devices")
        discovery, registry = PlantRpc.Discovery.new("nonsense"), PlantRpc.Registry()
        return {
            "Authenticator.new_for_name": lambda: PlantRpc.Authenticator.new_for_name("../x"),
            "Authenticator.allow": lambda: table.allow("x", PlantRpc.Role.VIEWER),
            "Authenticator.revoke": lambda: table.revoke("x"),
            "Authenticator.find_url": lambda: table.find_url(),
            "Authenticator.invite": lambda: table.invite("x", PlantRpc.Role.VIEWER, 0),
            "KnownDevices.check": lambda: known.check("x", f"{NOWHERE}#{KEY}"),
            "KnownDevices.forget": lambda: known.forget("x"),
            "KnownDevices.list_names": lambda: PlantRpc.KnownDevices(path="/dev").list_names(),
            "KnownDevices.lookup": lambda: known.lookup("x"),
            "KnownDevices.remember": lambda: known.remember("x", NOWHERE),
            "Keypair.ensure": lambda: pair.ensure("../x"),
            "Keypair.find_path": lambda: pair.find_path("../x"),
            "Keypair.load": lambda: pair.load("/nonexistent"),
            "Keypair.load_public_key": lambda: pair.load_public_key("/nonexistent"),
            "Keypair.save": lambda: pair.new().save("/nonexistent/x.key_secret"),
            "Server.secure": lambda: server.secure("../x"),
            "Server.invite": lambda: server.invite(PlantRpc.Role.VIEWER, 0),
            "pair_finish": self.finished(PlantRpc, "pair", "x", None, None, None),
            "pair_sync": lambda: PlantRpc.pair_sync("x"),
            "Client.new_for_device": lambda: Client.new_for_device(
                GObject.TYPE_STRING, NOWHERE, "x"),
            "Client.new_for_type": lambda: Client.new_for_type(Ambiguous, NOWHERE),
            "Client.type_for_type": lambda: Client.type_for_type(Ambiguous),
            "Client.discover_finish": self.finished(Client, "discover", "nonsense", 50, None),
            "Client.discover_sync": lambda: Client.discover_sync(NOWHERE, 50),
            "Client.discover_device_finish": self.finished(
                Client, "discover_device", "nonsense", "x", 50, None),
            "Client.discover_device_sync": lambda: Client.discover_device_sync(
                "nonsense", "x", 50, None),
            "Client.call_finish": self.finished(closed, "call", *call, None),
            "Client.call_sync": lambda: closed.call_sync(*call),
            "Client.call_json_sync": lambda: closed.call_json_sync("x", None, None, 50),
            "Client.call_buffer_finish": self.finished(closed, "call_buffer", *call, None),
            "Client.call_buffer_sync": lambda: closed.call_buffer_sync("x"),
            "Client.flush_finish": self.finished(closed, "flush", gone),
            "Client.flush_sync": self.flush,
            "Client.read_property_finish": self.finished(closed, "read_property", "x", None),
            "Client.read_property_sync": lambda: closed.read_property_sync("x"),
            "Client.refresh_finish": self.finished(closed, "refresh", None),
            "Client.refresh_sync": lambda: closed.refresh_sync(),
            "Client.stop_server_finish": self.finished(closed, "stop_server", None),
            "Client.stop_server_sync": lambda: closed.stop_server_sync(None),
            "Client.wait_ready_finish": self.finished(closed, "wait_ready", 50, None),
            "Client.wait_ready_sync": lambda: closed.wait_ready_sync(timeout=50),
            "Client.write_property_finish": self.finished(
                closed, "write_property", "x", 1, None),
            "Client.write_property_sync": lambda: closed.write_property_sync("x", 1),
            "Client.accept_key": lambda: closed.accept_key(KEY),
            "Discovery.accept_key": lambda: discovery.accept_key(KEY),
            "Discovery.wait_client_finish": self.finished(discovery, "wait_client", 50, None),
            "Discovery.wait_client_sync": lambda: discovery.wait_client_sync(50),
            "InterfaceInfo.new_for_type": lambda: Info.new_for_type(Ambiguous),
            "InterfaceInfo.new_from_file": lambda: Info.new_from_file(
                Gio.File.new_for_path("/nonexistent")),
            "InterfaceInfo.new_from_json": lambda: Info.new_from_json("{"),
            "PropertyInfo.fit_value": lambda: self.info.lookup_property("level").fit_value(TEXT),
            "Registry.release_name": lambda: registry.release_name("x"),
            "Registry.secure": lambda: registry.secure("../x"),
            "Registry.start": lambda: self.at_a_taken_port(PlantRpc.Registry),
            "Server.start": lambda: self.at_a_taken_port(PlantRpc.Server),
            "Server.serve_forever": lambda: PlantRpc.Server(url="nonsense").serve_forever(),
            "Server.register_to_registry_finish": self.finished(
                server, "register_to_registry", *offer, None),
            "Server.register_to_registry_sync": lambda: server.register_to_registry_sync(*offer),
            "Server.unregister_finish": self.finished(server, "unregister", None),
            "Server.unregister_sync": lambda: server.unregister_sync(),
            "SignalInfo.validate_args": lambda: signal.validate_args(
                GLib.Variant("(s)", ("x",)), False),
            "value_from_json": lambda: PlantRpc.value_from_json("["),
            "value_to_json": lambda: PlantRpc.value_to_json(GLib.Variant("ay", b"x")),
            "value_from_variant": lambda: PlantRpc.value_from_variant(TEXT, GObject.TYPE_DOUBLE),
            "value_to_variant": lambda: PlantRpc.value_to_variant(
                GObject.Value(GObject.TYPE_OBJECT))}

    def test_each(self) -> None:
        failing = self.failing()
        self.assertEqual(set(failing) | SAFE, {name for name, _ in throwing(self.gir)})
        for name, function in failing.items():
            with self.subTest(name):
                error = self.raised(function)
                self.assertIsInstance(error, PlantRpc.CallError)
                timed_out = error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)
                self.assertEqual(isinstance(error, TimeoutError), timed_out)
                self.assertIsNone(error.traceback)

    def test_what_only_waits_did_not_run(self) -> None:
        """The device was asked to do nothing."""
        absent = Client.new(NOWHERE)
        absent.set_property_timeout(50)
        failing = {
            "connect": lambda: PlantRpc.connect(None, NOWHERE, timeout=50),
            "discover": lambda: PlantRpc.discover(NOWHERE, timeout=50),
            "discover_device": lambda: PlantRpc.discover(device="x", registry=NOWHERE, timeout=50),
            "discover_finish": self.finished(Client, "discover", NOWHERE, 50, None),
            "wait_ready_sync": lambda: absent.wait_ready_sync(50),
            "wait_ready_finish": self.finished(absent, "wait_ready", 50, None),
            "refresh_sync": lambda: absent.refresh_sync(),
            "refresh_finish": self.finished(absent, "refresh", self.cancelled)}
        for name, function in failing.items():
            with self.subTest(name):
                error = self.raised(function)
                self.assertEqual(error.domain, GLib.quark_to_string(Gio.io_error_quark()))
                self.assertFalse(error.may_have_run)
                self.assertFalse(pickle.loads(pickle.dumps(error)).may_have_run)

    def test_a_time_that_is_over(self) -> None:
        """Of the negative limits only that which means so is for ever."""
        client = Client.new(NOWHERE)
        for function in (lambda: PlantRpc.connect(None, NOWHERE, timeout=-5),
                         lambda: PlantRpc.discover(NOWHERE, timeout=-5),
                         lambda: PlantRpc.discover(device="x", registry=NOWHERE, timeout=-5),
                         lambda: client.wait_ready_sync(-5),
                         self.finished(client, "wait_ready", -5, None)):
            self.assertIsInstance(self.raised(function), PlantRpc.CallTimeout)
        with Device() as served, PlantRpc.discover(served.url, timeout=None) as camera:
            for function in (lambda: camera.add.with_timeout(-5)(1, 2),
                             lambda: camera.call_sync("add", [1, 2], None, -5),
                             self.finished(camera, "call", "add", [1, 2], None, -5, None)):
                error = self.raised(function)
                self.assertEqual((error.code, error.may_have_run),
                                 (PlantRpc.Error.NOT_SENT, False))
            self.assertEqual(camera.add.with_timeout(None)(1, 2), 3)

    def test_none_is_left_out(self) -> None:
        """Those that are not made to fail here are covered in the same way."""
        raw = type(GLib.Variant.new_string)
        for name, _ in throwing(self.gir):
            owner, _, function = name.rpartition(".")
            self.assertNotIsInstance(
                getattr(getattr(PlantRpc, owner) if owner else PlantRpc, function), raw, name)

    def test_attributes(self) -> None:
        """Reads and writes of a client that is closed, or whose device is not there."""
        for client in (self.closed, Client.new_for_interface(self.info, "nonsense")):
            client.close()
            for function in (lambda: client.lookup_method("x"), lambda: client.level,
                             lambda: setattr(client, "level", 1)):
                error = self.raised(function)
                self.assertIsInstance(error, (PlantRpc.CallError, AttributeError))

    def test_a_traceback_is_that_of_its_own_failure(self) -> None:
        """What fails here after a call that failed on the device has no traceback."""
        with Device() as served, PlantRpc.discover(served.url) as camera:
            self.assertIn("LookupError", self.raised(camera.crash).traceback)
            camera.close()
            for function in (camera.crash, lambda: camera.read_property_sync("level")):
                self.assertIsNone(self.raised(function).traceback)


if __name__ == "__main__":
    Failures.gir = Path(sys.argv.pop(1))
    unittest.main()
