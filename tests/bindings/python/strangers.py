#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile devices: Python gets an exception, or the values that the device sent."""

import json
import pydoc
import socket
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

from camera import Camera, Device
from gi.repository import GLib, PlantRpc

PEER = Path(__file__).resolve().parents[2] / "peer"
sys.path.insert(0, str(PEER))

from stranger import HUGE, NASTY, name  # noqa: E402

CONNECT_MS = 20000


class Strangers(unittest.TestCase):
    """Each test talks to native strangers and to strangers of Plant Imager's wire."""

    def start(self, wire: str, kind: str) -> str:
        """Start a stranger of that kind and return its url."""
        device = Device(wire, kind, program=PEER / "stranger.py")
        self.addCleanup(device.close)
        return device.url

    def refused(self, url: str, timeout: int = CONNECT_MS) -> None:
        """Check that no function returns a client for that device."""
        for make in (lambda: PlantRpc.connect(None, url, timeout=timeout),
                     lambda: PlantRpc.connect(Camera, url, timeout=timeout),
                     lambda: PlantRpc.discover(url, timeout=timeout)):
            with self.assertRaises(PlantRpc.CallError) as caught:
                make()
            self.assertIn(url, str(caught.exception))

    def test_an_inventory_that_is_none(self) -> None:
        for wire in ("json", "native"):
            for kind in ("nonsense", "numbers"):
                with self.subTest(wire=wire, kind=kind):
                    self.refused(self.start(wire, kind), 500)

    def test_a_device_that_closes_at_once(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def close() -> None:
                try:
                    while True:
                        listener.accept()[0].close()
                except OSError:
                    pass
            thread = threading.Thread(target=close)
            thread.start()
            self.refused(f"tcp://127.0.0.1:{listener.getsockname()[1]}", 500)
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

    def test_texts(self) -> None:
        for wire in ("json", "native"):
            for kind, text in (("huge", HUGE), ("nasty", NASTY)):
                with self.subTest(wire=wire, kind=kind), \
                        PlantRpc.discover(self.start(wire, kind), timeout=CONNECT_MS) as client:
                    self.assertEqual((client.level, client.name), (text, text))
                    self.assertIn(PlantRpc.text_escape(text), repr(client))
                    for fail in (client.do_level, lambda: setattr(client, "level", "x")):
                        with self.assertRaises(PlantRpc.CallError) as caught:
                            fail()
                        self.assertEqual((caught.exception.message, caught.exception.traceback),
                                         (text, text))

    def test_what_python_shows_to_people(self) -> None:
        for wire in ("json", "native"):
            url = self.start(wire, "nasty")
            with self.subTest(wire=wire), PlantRpc.discover(url, timeout=CONNECT_MS) as client:
                level = client.lookup_property("level")
                client.set_property("level", "x")
                while level.refusal is None:
                    GLib.MainContext.default().iteration(True)
                self.assertEqual(level.refusal.message, NASTY)
                self.assertEqual(str(level.refusal), "\n\t".join(
                    map(PlantRpc.text_escape, NASTY.split("\n\t"))))

    def test_a_method_with_a_nasty_name(self) -> None:
        text = json.dumps({"methods": {NASTY: {"signature": ""}}})
        info = PlantRpc.InterfaceInfo.new_from_json(text).lookup_method(NASTY)
        method = PlantRpc.RemoteMethod(PlantRpc.Client(), info)
        for shown in (method.__name__, method.__doc__, repr(method),
                      pydoc.plain(pydoc.render_doc(method))):
            self.assertIn(PlantRpc.text_escape(NASTY), shown)
            self.assertNotIn("\x1b", shown)

    def test_names_that_no_gobject_can_have(self) -> None:
        with PlantRpc.discover(self.start("json", "odd"), timeout=CONNECT_MS) as client:
            self.assertEqual((getattr(client, "été"), getattr(client, "1st")), ("plain", "plain"))
            for one in ("été", "_x", "1st", "a b"):
                self.assertEqual(client.read_property_sync(one, None).unpack(), "plain")
                self.assertEqual(client.lookup_property(one).wire_name, one)
                with self.assertRaisesRegex(PlantRpc.CallError, "plain"):
                    client.write_property_sync(one, GLib.Variant("s", "x"), None)

    def test_many_members_with_long_names(self) -> None:
        for wire in ("json", "native"):
            client: Any = PlantRpc.discover(self.start(wire, "many"), timeout=CONNECT_MS)
            members = set(dir(client))
            for number in (0, 500, 999):
                one = name(number)
                self.assertLessEqual({one, f"do_{one}"[:255]}, members)
                self.assertEqual(getattr(client, one), "plain")
                with self.assertRaisesRegex(PlantRpc.CallError, "^plain$"):
                    getattr(client, f"do_{one}"[:255])()
                client.connect(f"on_{one}"[:255].replace("_", "-"), print)
            client.close()


if __name__ == "__main__":
    unittest.main()
