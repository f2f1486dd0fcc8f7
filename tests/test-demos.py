#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demos as a person meets them: the README's code, the scanner, and Plant Imager's clients."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Callable

SOURCE = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PLANTRPC_BUILD", SOURCE / "_build")).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "peer"))

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf

from client import Interface, NoResult, PeerClient
from device import Device, Signal, buffer_method, json_method
from process import wait_until

DEADLINE = 60
COMPILED = {"c": "", "vala": "-vala"}
LANGUAGES = ("c", "py", "js", "vala")
ENVIRONMENT = {
    **os.environ,
    "LC_ALL": "C.UTF-8",
    "G_DEBUG": "fatal-warnings",
    "LD_LIBRARY_PATH": str(BUILD / "plantrpc"),
    "GI_TYPELIB_PATH": str(BUILD / "introspection"),
    "PYTHONPATH": str(SOURCE / "introspection" / "overrides" / "python"),
    "GJS_PATH": str(SOURCE / "introspection" / "overrides" / "gjs"),
}


class Program:
    """A server of the demos: a process that prints its URL and serves until it is ended."""

    def __init__(self, *command: str | Path) -> None:
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def hello(role: str, language: str) -> Path:
    name = f"hello-{role}"
    if language in COMPILED:
        return BUILD / "demos" / (name + COMPILED[language])
    return SOURCE / "demos" / f"{name}.{language}"


def scanner(name: str, *options: str) -> Program:
    return Program(BUILD / "demos" / "scanner" / f"scanner-{name}", *options)


class Hello(unittest.TestCase):
    def test_readme_quotes_the_files(self) -> None:
        quoted = re.findall(r"^`(\S+)`\n\n```\w+\n(.*?)^```$", (SOURCE / "README.md").read_text(),
                            re.MULTILINE | re.DOTALL)
        clients = {f"demos/hello-client.{language}" for language in ("py", "js", "c")}
        self.assertEqual({name for name, _ in quoted}, {"demos/hello-server.py", *clients})
        for name, text in quoted:
            self.assertEqual(text, (SOURCE / name).read_text(), name)

    def test_every_client_with_every_server(self) -> None:
        languages = [name for name in LANGUAGES if hello("server", name).exists()]
        self.assertGreaterEqual(len(languages), 3)
        for server in languages:
            with Program(hello("server", server), "tcp://127.0.0.1:*") as program:
                temperature = 18
                for client in languages:
                    with self.subTest(server=server, client=client):
                        temperature = self.converse(program.url, client, temperature)

    def converse(self, url: str, client: str, temperature: int) -> int:
        """The client reads the temperature, has it changed, and watches until it is reached."""
        result = subprocess.run([hello("client", client), url], env=ENVIRONMENT, text=True,
                                capture_output=True, timeout=DEADLINE)
        target, step = (18, -1) if temperature > 20 else (23, 1)
        steps = [f"{degrees:.1f} degrees"
                 for degrees in range(temperature + step, target + step, step)]
        first, *told = result.stdout.splitlines()
        self.assertEqual(first, f"Tomatoes at {temperature:.1f} degrees")
        # Changes are merged where the machine is slow.
        self.assertEqual(told, [one for one in steps if one in told])
        self.assertTrue(told)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return target


def session_of(pid: int) -> list[str]:
    """The command names of all processes of the session that this process leads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, session = rest.split()[:4]
        if int(session) == pid and state != "Z":
            found.append(name)
    return found


class Scan(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, *options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([SOURCE / "demos" / "run", "--built", BUILD, *options],
                                   env=ENVIRONMENT, cwd=self.directory, text=True,
                                   start_new_session=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: session_of(process.pid) and os.killpg(process.pid, signal.SIGTERM))
        return process

    def assert_nothing_is_left(self, process: subprocess.Popen[str]) -> None:
        self.assertEqual(session_of(process.pid), [])

    def test_pictures(self) -> None:
        process = self.start("--views", "5", "--output", "pictures")
        output, _ = process.communicate(timeout=DEADLINE)
        self.assertEqual(process.returncode, 0, output)
        self.assert_nothing_is_left(process)

        pictures = self.directory / "pictures"
        self.assertEqual(sorted(os.listdir(pictures)),
                         ["contact-sheet.jpg", *(f"view-{i}.jpg" for i in range(1, 6))])
        self.assertIn(f"Pictures       {pictures}\n", output)
        self.assertIn(f"Contact sheet  {pictures / 'contact-sheet.jpg'}\n", output)
        self.assertIn("5 of 5\n", output)
        views = [GdkPixbuf.Pixbuf.new_from_file(str(pictures / f"view-{i}.jpg"))
                 for i in range(1, 6)]
        for view in views:
            self.assertEqual((view.get_width(), view.get_height()), (640, 480))
        self.assertEqual(len({view.get_pixels() for view in views}), 5)
        sheet = GdkPixbuf.Pixbuf.new_from_file(str(pictures / "contact-sheet.jpg"))
        self.assertGreater(sheet.get_width() * sheet.get_height(), 5 * 320 * 240)

    def test_fresh_directories(self) -> None:
        for name in ("plant-scan", "plant-scan-2"):
            process = self.start("--views", "1")
            output, _ = process.communicate(timeout=DEADLINE)
            self.assertEqual(process.returncode, 0, output)
            self.assertTrue((self.directory / name / "view-1.jpg").exists(), output)

    def test_help_and_mistakes(self) -> None:
        for options, status, text in ((["--help"], 0, "--views NUMBER"),
                                      (["--views"], 2, "--views needs a value"),
                                      (["--wide"], 2, "--wide is unknown"),
                                      (["--views", "0"], 1, "1 to 360")):
            process = self.start(*options)
            output, _ = process.communicate(timeout=DEADLINE)
            self.assertEqual(process.returncode, status, output)
            self.assertIn(text, output)
        self.assertEqual(os.listdir(self.directory), [])

    def interrupt(self, condition: Callable[[str], bool],
                  end: Callable[[int], None]) -> str:
        """Scans slowly, ends it once the condition holds for the output, and returns all of it."""
        process = self.start("--views", "360")
        lines = []
        while not condition("".join(lines)):
            lines.append(process.stdout.readline())
            self.assertNotEqual(lines[-1], "", "".join(lines))
        end(process.pid)
        output = "".join(lines) + process.stdout.read()
        self.assertEqual(process.wait(DEADLINE), 130, output)
        self.assert_nothing_is_left(process)
        return output

    def test_interrupted_while_starting(self) -> None:
        for _ in range(5):
            process = self.start("--views", "360")
            wait_until(lambda: len(session_of(process.pid)) > 1, "a process started")
            os.killpg(process.pid, signal.SIGINT)
            self.assertEqual(process.wait(DEADLINE), 130)
            self.assert_nothing_is_left(process)

    def test_interrupted_while_connecting(self) -> None:
        self.interrupt(lambda output: "Scanning" in output,
                       lambda pid: os.killpg(pid, signal.SIGINT))

    def test_interrupted_while_scanning(self) -> None:
        output = self.interrupt(lambda output: "4 of 360" in output,
                                lambda pid: os.killpg(pid, signal.SIGINT))
        self.assertRegex(output, r"Stopped: \d+ of 360 pictures are in ")

    def test_terminated(self) -> None:
        self.interrupt(lambda output: "2 of 360" in output,
                       lambda pid: os.kill(pid, signal.SIGTERM))

    def test_a_device_dies(self) -> None:
        for name in ("scanner-camera", "scanner-controller"):
            process = self.start("--views", "360")
            while "2 of 360" not in process.stdout.readline():
                pass
            self.kill_child(process.pid, name)
            output = process.stdout.read()
            self.assertEqual(process.wait(DEADLINE), 1, output)
            self.assert_nothing_is_left(process)

    def kill_child(self, session: int, name: str) -> None:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            pid, _, rest = stat.read_text().partition(" ")
            command, _, fields = rest[1:].rpartition(")")
            if int(fields.split()[3]) == session and name.startswith(command):
                os.kill(int(pid), signal.SIGKILL)
                return
        self.fail(f"no process {name}")


class CameraDevice(Device):
    """What a Plant Imager client knows of a camera."""

    modeChanged = Signal(str)
    videoUrlChanged = Signal(str)
    rotationChanged = Signal(int)
    resolutionChanged = Signal(tuple[int, int])
    encodingChanged = Signal(str)
    configChanged = Signal(dict)

    @buffer_method(timeout=None)
    def get_image(self, lores: bool = False) -> None:
        """Only the signature counts."""


class ControllerDevice(Device):
    """What a Plant Imager client knows of a controller, and how to abort this one."""

    progressChanged = Signal(int)
    maxProgressChanged = Signal(int)
    readyToScanChanged = Signal(bool)
    cameraNamesChanged = Signal(list[str])

    @json_method()
    def set_db_url(self, url: str) -> None:
        """Only the signature counts."""

    @json_method()
    def set_config(self, config: dict) -> None:
        """Only the signature counts."""

    @json_method()
    def set_dataset_name(self, name: str) -> None:
        """Only the signature counts."""

    @json_method()
    def set_api_token(self, token: str) -> None:
        """Only the signature counts."""

    @json_method(timeout=None)
    def run_scan(self) -> None:
        """Only the signature counts."""

    @json_method()
    def abort_scan(self) -> None:
        """Only the signature counts."""


CAMERA, CONTROLLER = Interface(CameraDevice), Interface(ControllerDevice)


def scan_config(n_points: int) -> dict:
    return {"ScanPath": {"class_name": "Circle", "kwargs": {"n_points": n_points}}}


class PlantImager(unittest.TestCase):
    """Independent clients of both generations drive the devices."""

    def connect(self, generation: int, url: str, interface: Interface) -> PeerClient:
        client = PeerClient(generation, url, DEADLINE * 1000, interface=interface)
        self.addCleanup(client.close)
        return client.connect()

    def assert_refused(self, result: object, reason: str) -> None:
        self.assertIsInstance(result, NoResult)
        self.assertIn(reason, result.error)

    def test_camera(self) -> None:
        for generation in (1, 2):
            with (self.subTest(generation=generation),
                  scanner("camera", "--rotation", "90") as camera):
                self.drive_camera(self.connect(generation, camera.url, CAMERA))

    def drive_camera(self, client: PeerClient) -> None:
        self.assertEqual(client.inventory["buffer_methods"], {"get_image": None})
        self.assertEqual(client.inventory["json_methods"], {})
        self.assertEqual(set(client.inventory["signals"]), set(CAMERA.signals))
        self.assertEqual({name: client.get(name) for name in client.inventory["properties"]},
                         {"mode": "STILL", "video_url": "", "rotation": 90, "encoding": "jpeg",
                          "resolution": [640, 480], "config": {}})

        changes = {"mode": "VIDEO", "encoding": "png", "resolution": [320, 200],
                   "config": {"pose": {"pan": 30}, "exposure": [1, 2.5, None]}}
        for name, value in changes.items():
            self.assertIsNone(client.set(name, value))
            self.assertEqual(client.get(name), value)
        self.assertEqual(client.wait_signals(4),
                         [(f"{name}Changed", [value]) for name, value in changes.items()])
        self.refuse_writes(client)
        self.take_pictures(client)
        self.assertEqual((client.violations, client.reception_ended), ([], ""))

    def refuse_writes(self, client: PeerClient) -> None:
        self.assert_refused(client.set("mode", "FILM"), "STILL, VIDEO")
        self.assert_refused(client.set("encoding", "tiff"), "jpeg, png")
        self.assert_refused(client.set("resolution", [0, 5]), "1 to 8192 pixels")
        self.assert_refused(client.set("resolution", [320]), "2 elements")
        self.assert_refused(client.set("config", {"pose": {"tilt": 100}}), "“tilt”")
        self.assert_refused(client.set("config", {"pose": []}), "“pose”")
        self.assert_refused(client.set("rotation", 0), "cannot be written")
        self.assert_refused(client.set("video_url", "x"), "cannot be written")

    def take_pictures(self, client: PeerClient) -> None:
        png, info = client.call_buffer("get_image")
        self.assertEqual(info, {"format": "png", "rotation": 90, "size": [200, 320],
                                "channel": "rgb"})
        self.assertEqual(decode(png), (200, 320))
        client.set("encoding", "jpeg")
        low, info = client.call_buffer("get_image", lores=True)
        self.assertEqual((info["format"], info["size"]), ("jpeg", [50, 80]))
        self.assertEqual(decode(low), (50, 80))
        client.set("config", {"pose": {"pan": 60}})
        self.assertNotEqual(client.call_buffer("get_image", True)[0], low)

    def test_controller(self) -> None:
        for generation in (1, 2):
            with (self.subTest(generation=generation),
                  scanner("camera", "--name", "left") as camera,
                  scanner("controller", "--camera", camera.url) as controller):
                self.drive_controller(self.connect(generation, controller.url, CONTROLLER),
                                      self.connect(generation, controller.url, CONTROLLER))

    def drive_controller(self, client: PeerClient, other: PeerClient) -> None:
        self.assertLessEqual({"set_db_url": 10000, "set_config": 10000, "set_dataset_name": 10000,
                              "set_api_token": 10000, "run_scan": None}.items(),
                             client.inventory["json_methods"].items())
        self.assertEqual(set(client.inventory["signals"]), set(CONTROLLER.signals))
        wait_until(lambda: client.get("camera_names") == ["left"], "the camera is there")
        self.assertIs(client.get("ready_to_scan"), False)
        self.assert_refused(client.call("run_scan"), "no config")
        self.assert_refused(client.call("set_config", scan_config(0)), "1 to 360")
        self.assert_refused(client.call("set_db_url", "here"), "here")
        for method, argument in (("set_db_url", "http://localhost:5000"), ("set_api_token", "abc"),
                                 ("set_dataset_name", "tomato"), ("set_config", scan_config(4))):
            self.assertIsNone(client.call(method, argument))
        self.assertIs(client.get("ready_to_scan"), True)

        self.assertIsNone(client.call("run_scan"))
        self.assertEqual((client.get("progress"), client.get("max_progress")), (4, 4))
        client.wait_signals(lambda got: ("progressChanged", [4]) in got)
        self.assertEqual([args[0] for name, args in client.signals if name == "progressChanged"],
                         [1, 2, 3, 4])
        self.abort(client, other)
        self.assertEqual(client.violations + other.violations, [])
        self.assertEqual((client.reception_ended, other.reception_ended), ("", ""))

    def abort(self, client: PeerClient, other: PeerClient) -> None:
        """While one client waits for its scan, another reads the progress and aborts it."""
        self.assertIsNone(client.call("set_config", scan_config(360)))
        results = []
        waiting = threading.Thread(target=lambda: results.append(client.call("run_scan")))
        waiting.start()
        wait_until(lambda: other.get("max_progress") == 360 and other.get("progress") >= 2,
                   "progress")
        self.assertIs(other.get("ready_to_scan"), False)
        self.assert_refused(other.call("run_scan"), "under way")
        self.assertIsNone(other.call("abort_scan"))
        waiting.join(DEADLINE)
        self.assert_refused(results[0], "aborted")
        self.assertIs(other.get("ready_to_scan"), True)
        self.assertLess(other.get("progress"), 360)


def decode(picture: bytes) -> tuple[int, int]:
    loader = GdkPixbuf.PixbufLoader()
    loader.write(picture)
    loader.close()
    return loader.get_pixbuf().get_width(), loader.get_pixbuf().get_height()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
