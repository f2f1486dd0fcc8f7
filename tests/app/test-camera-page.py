#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The small camera page in Python, with the simulated camera: test-camera-page.py DEMOS PROGRAMS"""

import importlib.util
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import gi

gi.require_version("Adw", "1")
gi.require_version("Gtk", "4.0")
gi.require_version("PlantRpc", "1.0")
from gi.repository import Adw, GLib, GObject, Gtk, PlantRpc

DEADLINE = 30
DEMOS, PROGRAMS = map(Path, sys.argv[1:3])


def load_page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("camera_page", DEMOS / "camera-page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wait(condition: Callable[[], Any]) -> None:
    """Run the main loop until the condition holds."""
    deadline = time.monotonic() + DEADLINE
    alarm = GLib.timeout_add(20, lambda: True)
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        GLib.MainContext.default().iteration(True)
    GLib.source_remove(alarm)


class Page(unittest.TestCase):
    def setUp(self) -> None:
        Adw.init()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        self.page = load_page().CameraPage(self.url)
        self.addCleanup(self.page.destroy)
        self.page.present()

    def start_device(self) -> None:
        self.device = subprocess.Popen([PROGRAMS / "scanner-camera", "--url", self.url],
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_device)
        self.assertEqual(self.device.stdout.readline().strip(), self.url)

    def end_device(self) -> None:
        self.device.kill()
        self.device.wait()
        self.device.stdout.close()

    def test_page(self) -> None:
        # The window is there before its camera is.
        wait(lambda: self.page.get_mapped())
        self.assertIn(self.url, self.page.get_title())
        self.start_device()
        wait(lambda: self.page.picture.get_paintable())
        rows, camera = self.page.rows, self.page.camera
        self.assertNotIn("Looking", self.page.get_title())

        PlantRpc.discover(self.url).mode = "VIDEO"
        wait(lambda: rows["mode"].get_selected() == 1)
        rows["mode"].set_selected(0)
        wait(lambda: camera.lookup_property("mode").get_state()
             == PlantRpc.PropertyState.CURRENT)
        self.assertEqual(rows["mode"].get_selected(), 0)

        rows["resolution"].set_text("(9000, 9000)")
        rows["resolution"].emit("activate")
        wait(lambda: camera.lookup_property("resolution").get_message())
        self.assertEqual(rows["resolution"].get_text(), "(640, 480)")
        rows["resolution"].set_text("(320, 240)")
        rows["resolution"].emit("activate")
        wait(lambda: self.page.picture.get_paintable().get_intrinsic_width() == 320)

        self.assertTrue(rows["mode"].get_sensitive())
        self.device.kill()
        wait(lambda: not rows["mode"].get_sensitive())

    def test_texts_of_a_camera(self) -> None:
        """They are no markup, and nothing in them turns or breaks the line."""
        class Told(GObject.Object):
            writable = GObject.Property(type=bool, default=True)
            message = GObject.Property(type=str, default="")

            def get_name(self) -> str:
                return "level"

        told = Told()
        row = self.page.make_row(told, Gtk.Label())
        told.message = "<b>&\x1b\n\u202e"
        self.assertEqual(row.get_subtitle(), r"<b>&\u001b\n\u202e")
        self.page.on_discovered(None, GLib.Error("\x1b<b>\u202e"))
        self.assertEqual(self.page.get_title(), r"\u001b<b>\u202e")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
