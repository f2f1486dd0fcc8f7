#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device that comes back with other properties: no value that it had before looks valid."""

import json
import os
import signal
import tempfile
import unittest
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from camera import DEADLINE
from gi.repository import GLib, PlantRpc

TOOL = Path(os.environ["BINDINGS_BUILD_DIR"]).parents[1] / "plantrpc/tools/plantrpc"
BEFORE = {"kept": {"type": "i", "default": 1}, "typed": {"type": "i", "default": 2},
          "mode": {"type": "s", "choices": {"S": 0, "V": 1}, "default": "S"},
          "gone": {"type": "i", "default": 4}}
AFTER = {"kept": {"type": "i", "default": 5}, "typed": {"type": "s", "default": "text"},
         "mode": {"type": "s", "choices": {"S": 0, "W": 1}, "default": "W"}}


class Returned(unittest.TestCase):
    def serve(self, properties: dict[str, Any], url: str) -> tuple[Any, str]:
        """Serve a mock with these properties."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"properties": properties}, file)
            file.flush()
            process = Popen([TOOL, "serve", "--json", "--url", url, file.name], stdin=DEVNULL,
                            stdout=PIPE, text=True)
            told = json.loads(process.stdout.readline())
        self.addCleanup(self.end, process)
        return process, told["name"]

    def end(self, process: Any) -> None:
        """End a mock, if it has not ended yet."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)
        process.stdout.close()

    def unknown(self, client: Any) -> dict[str, str]:
        """What reading each attribute raises, by name; it is what its message tells."""
        told = {}
        for name in BEFORE:
            try:
                getattr(client, name)
            except PlantRpc.CallError as error:
                told[name] = str(error)
                self.assertIn(client.lookup_property(name).props.message, str(error))
                self.assertEqual(client.lookup_property(name).props.state,
                                 PlantRpc.PropertyState.STALE)
        return told

    def come_back(self) -> Any:
        """Connect a client, and have the device come back while the main loop runs."""
        process, url = self.serve(BEFORE, "tcp://127.0.0.1:*")
        client = PlantRpc.discover(url)
        self.addCleanup(client.close)
        self.assertEqual([getattr(client, name) for name in BEFORE], [1, 2, "S", 4])
        self.end(process)
        self.serve(AFTER, url)
        context = GLib.MainContext.default()
        end = GLib.timeout_add_seconds(DEADLINE, self.fail, "the device did not come back")
        while client.props.state != PlantRpc.State.MISMATCH:
            context.iteration(True)
        GLib.source_remove(end)
        return client

    def check(self, client: Any) -> None:
        """Hold that exactly what is not known raises."""
        told = self.unknown(client)
        self.assertEqual(told.keys(), {"typed", "mode", "gone"})
        self.assertIn("text", told["typed"])
        self.assertIn("W", told["mode"])
        self.assertEqual(client.kept, 5)

    def test_a_script(self) -> None:
        client = self.come_back()
        self.assertCountEqual(client.props.missing, ["gone", "typed"])
        self.check(client)

    def test_a_main_loop(self) -> None:
        client, failures = self.come_back(), []
        loop = GLib.MainLoop()

        def look() -> None:
            try:
                self.check(client)
            except BaseException as error:
                failures.append(error)
            loop.quit()
        GLib.idle_add(look)
        loop.run()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main()
