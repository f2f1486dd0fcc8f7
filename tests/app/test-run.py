#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The application as demos/run --app starts it: test-run.py DEMOS BUILD

Its registry is watched from here: both simulated devices come, and nothing is left when it has
ended.
"""

import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any, Callable

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, PlantRpc

DEADLINE = 60
DEMOS, BUILD = map(Path, sys.argv[1:3])


def wait(condition: Callable[[], Any]) -> Any:
    """Run the main loop until the condition holds, and return what it gave."""
    deadline = time.monotonic() + DEADLINE
    alarm = GLib.timeout_add(20, lambda: True)
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        GLib.MainContext.default().iteration(True)
    GLib.source_remove(alarm)
    return value


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        pids = [int(word) for word in children.read_text().split()]
    except FileNotFoundError:
        return []
    return pids + [other for child in pids for other in descendants(child)]


def find_registry(pid: int) -> str | None:
    """The URL that the application was told to keep a registry at."""
    for child in descendants(pid):
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode()
        except FileNotFoundError:
            continue
        if found := re.search(r"scanner-app\0--keep-registry\0([^\0]+)", words):
            return found[1]
    return None


class Run(unittest.TestCase):
    def test_devices_come_and_nothing_is_left(self) -> None:
        demo = subprocess.Popen([DEMOS / "run", "--app", "--built", BUILD])
        self.addCleanup(demo.wait)
        self.addCleanup(demo.terminate)
        url = wait(lambda: find_registry(demo.pid))
        registry = PlantRpc.RegistryClient.new(url)
        wait(lambda: registry.get_n_items() == 2)
        self.assertEqual({device.get_device_type() for device in registry},
                         {"camera", "controller"})
        registry.close()

        started = descendants(demo.pid)
        demo.send_signal(signal.SIGTERM)
        self.assertEqual(demo.wait(DEADLINE), 130)
        self.assertEqual([pid for pid in started if Path(f"/proc/{pid}/task").exists()], [])
        self.assertFalse(Path(url.removeprefix("ipc://")).exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
