#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A secured registry, and devices whose keys are known or not, from the command line."""

import json
import re
import unittest
from pathlib import Path

from harness import Case, DEADLINE, Mock, Registry, Terminal, after, plain, run, wait_until


class Known(Case):
    """The registry, the device and its client keep their keys in folders of their own."""

    def setUp(self) -> None:
        self.here, self.device, self.central = (
            {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""} for _ in range(3))
        self.key = self.make("default", self.here)
        self.make("cam", self.device)
        self.good("keys", "allow", *after(self.key), "cam", **self.device)

    def make(self, name: str, place: dict[str, str]) -> str:
        """The public key of a pair."""
        return json.loads(self.good("keys", "make", name, "--json", **place))["publicKey"]

    def serve(self, registry: str, name: str = "cam", pair: str = "cam") -> Mock:
        """A secured mock, which registers."""
        return self.start(Mock("--secure", pair, "--name", name, "--registry", registry,
                               **self.device))

    def known(self) -> list[dict[str, str]]:
        return json.loads(self.good("keys", "known", "--json", **self.here))

    def test_file(self) -> None:
        url = f"tcp://127.0.0.1:5000#{self.key}"
        shown = run("keys", "known", **self.here)
        self.assertEqual((shown.returncode, shown.stdout, shown.stderr),
                         (0, "", "plantrpc: no device is known\n"))
        self.good("keys", "remember", "pi cam", url, **self.here)
        self.assertEqual(self.known(), [{"name": "pi cam", "url": url}])
        self.assertEqual(self.good("keys", "known", **self.here).splitlines(), [
            "NAME    URL", f"pi cam  {url}"])
        file = Path(self.here["XDG_DATA_HOME"]) / "plantrpc/keys/known_devices"
        self.assertEqual(file.stat().st_mode & 0o7777, 0o600)
        self.assertRegex(file.read_text(), rf"^pi%20cam tcp://127\.0\.0\.1:5000 {self.key} "
                                           r"\d{4}-\d\d-\d\d\n$")
        offered = run("complete", "--", "plantrpc keys forget ", **self.here).stdout
        self.assertEqual(offered.split("\t")[0], "pi cam")
        self.good("keys", "forget", "pi cam", **self.here)
        self.assertIn("No device “pi cam” is known",
                      self.bad(5, "keys", "forget", "pi cam", **self.here))
        self.assertIn("has no key",
                      self.bad(2, "keys", "remember", "x", "tcp://127.0.0.1:5000", **self.here))
        self.bad(2, "keys", "remember", "x", "rubbish", **self.here)

    def test_plain_registry(self) -> None:
        registry = self.start(Registry())
        mock = self.serve(registry.url)
        registry.until("added")
        place = {**self.here, "PLANTRPC_REGISTRY": registry.url}
        told = self.bad(4, "get", "cam", **place)
        command = re.search(r"plantrpc (keys remember cam \S+)", told)
        assert command is not None, told
        self.assertEqual(command[1], f"keys remember cam {mock.url}")
        self.assertEqual(json.loads(self.bad(4, "get", "cam", "-j", **place))["status"], 4)
        self.assertIn("plantrpc keys remember", self.bad(4, "wait", "cam", **place))
        self.assertEqual(self.known(), [])
        self.good("get", "cam", "--accept-new", **place)
        self.assertEqual(self.known(), [{"name": "cam", "url": mock.url}])
        self.good("get", "cam", **place)
        # The device is set up anew, or somebody poses as it.
        mock.end()
        registry.until("removed")
        self.make("other", self.device)
        self.good("keys", "allow", *after(self.key), "other", **self.device)
        other = self.serve(registry.url, pair="other")
        registry.until("added")
        for options in (), ("--accept-new",):
            self.assertIn("plantrpc keys forget cam", self.bad(4, "get", "cam", *options, **place))
        self.good("keys", "forget", "cam", **self.here)
        self.good("get", "cam", "--accept-new", **place)
        self.assertEqual(self.known(), [{"name": "cam", "url": other.url}])

    def test_terminal(self) -> None:
        registry = self.start(Registry())
        mock = self.serve(registry.url)
        registry.until("added")
        place = {**self.here, "PLANTRPC_REGISTRY": registry.url}
        for answer, status in ("n", 4), ("", 4), ("y", 0):
            terminal = Terminal("get", "cam", columns=200, **place)
            terminal.until(r"\[y/N\] ")
            self.assertIn(mock.url.split("#")[1], plain(terminal.text))
            terminal.say(answer)
            self.assertEqual(terminal.finish()[0], status)
        self.assertEqual(self.known(), [{"name": "cam", "url": mock.url}])

    def test_secured_registry(self) -> None:
        device_key = json.loads(self.good("keys", "show", "cam", "-j", **self.device))["publicKey"]
        registry = self.start(Registry("tcp://127.0.0.1:*", "--secure", "lab", **self.central))
        place = {**self.here, "PLANTRPC_REGISTRY": registry.url}
        for command in ("list",), ("get", "cam"), ("watch",):
            told = self.bad(4, *command, **place)
            self.assertIn(f"plantrpc keys allow {' '.join(after(self.key))} NAME", told)
        refused = registry.until("refused")
        self.assertEqual((refused["key"], refused["remedy"]), (
            self.key, f"plantrpc keys allow {' '.join(after(self.key))} lab"))
        self.assertIn("is secured", self.bad(4, "list", registry.url.split("#")[0], **self.here))
        self.good("keys", "allow", *after(device_key), "lab", **self.central)
        self.good("keys", "allow", "--role", "viewer", *after(self.key), "lab", **self.central)
        wait_until(lambda: run("list", **place).returncode == 0, "the list", DEADLINE)
        mock = self.serve(registry.url)
        registry.until("added")
        # The registry has proved who it is, so it vouches for the key.
        self.good("get", "cam", **place)
        self.assertEqual(self.known(), [{"name": "cam", "url": mock.url}])
        self.assertEqual(json.loads(self.good("list", "-j", **place))[0]["url"], mock.url)
        names = Path(self.central["XDG_DATA_HOME"]) / "plantrpc/keys/lab.names"
        self.assertEqual(names.read_text(), f"{device_key} cam\n")
        self.good("keys", "release", "cam", "lab", **self.central)
        self.assertEqual(names.read_text(), "")
        self.assertIn("belongs to no key",
                      self.bad(5, "keys", "release", "cam", "lab", **self.central))


if __name__ == "__main__":
    unittest.main()
