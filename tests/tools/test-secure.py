#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A secured mock, and the commands of clients whose keys it allows or not."""

import json
import re
import time
import unittest
from pathlib import Path

from harness import Case, DEADLINE, Mock, Stream, Terminal, after, plain, run, wait_until

INTERFACE = {
    "methods": {"home": {"signature": ""}, "halt": {"signature": "", "role": "viewer"},
                "calibrate": {"signature": "", "role": "administrator"}},
    "properties": {"level": {"type": "i", "default": 3},
                   "limit": {"type": "i", "role": "administrator", "default": 9}},
}
SHOWN = """\
URL  native
This client has the role “operator”.

PROPERTIES
  NAME   TYPE   ACCESS       ROLE           VALUE  DESCRIPTION
  level  int32  read, write                 3
  limit  int32  read, write  administrator  9

METHODS
  NAME       ARGUMENTS  RETURNS  TIMEOUT  ROLE
  home                  value    10 s
  halt                  value    10 s     viewer
  calibrate             value    10 s     administrator
"""


class Secured(Case):
    """The server and its client keep their keys in folders of their own."""

    def setUp(self) -> None:
        self.here = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        self.there = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        self.key = json.loads(self.good("keys", "make", "--json", **self.here))["publicKey"]
        self.shown = " ".join(after(self.key))
        self.mock = self.start(Mock("--secure", "cam", interface=INTERFACE, **self.there))
        self.url = self.mock.url
        self.plain_url = self.url.split("#")[0]

    def allow(self, role: str = "operator") -> None:
        """It takes a moment until the server has seen it."""
        self.good("keys", "allow", "--role", role, *after(self.key), "cam", **self.there)
        wait_until(lambda: self.role() == role, role, DEADLINE)

    def role(self) -> str | None:
        """What the client is, if it is let in."""
        told = run("info", "--json", self.url, **self.here)
        return json.loads(told.stdout)["role"] if told.returncode == 0 else None

    def refused(self, *arguments: str) -> list[str]:
        """What a command complains of, at once."""
        begun = time.monotonic()
        text = self.bad(4, *arguments, "-t", str(DEADLINE), **self.here)
        self.assertLess(time.monotonic() - begun, DEADLINE / 2)
        return text.splitlines()

    def test_url(self) -> None:
        shown = json.loads(self.good("keys", "show", "cam", "-j", **self.there))
        self.assertEqual(self.url, f"{self.plain_url}#{shown['publicKey']}")

    def test_unknown_key(self) -> None:
        remedy = (f"At the device, “plantrpc keys allow {self.shown} NAME” lets this client in; "
                  "NAME is that of the device's pair of keys.")
        for command in (("info",), ("get",), ("set", "level", "4"), ("call", "home"),
                        ("monitor",), ("ping",), ("wait",), ("wait", "level=3")):
            self.assertEqual(self.refused(command[0], self.url, *command[1:]), [
                f"plantrpc: {self.url}",
                f"  during the handshake: “{self.plain_url}” does not know this client; ask its "
                f"owner to allow the key {self.key}",
                f"  {remedy}"])
        told = json.loads(self.refused("get", self.url, "--json")[0])
        self.assertEqual((told["status"], told["stage"], told["remedy"]), (4, "handshake", remedy))

    def test_without_key(self) -> None:
        for command in "info", "wait":
            self.assertEqual(self.refused(command, self.plain_url), [
                f"plantrpc: {self.plain_url}",
                f"  during the handshake: “{self.plain_url}” is secured: its key belongs at the "
                "end of the address, after a “#”",
                f"  At the device, “plantrpc keys allow {self.shown} NAME” lets this client in, "
                "and prints the key; NAME is that of the device's pair of keys."])

    def test_other_keys(self) -> None:
        other = json.loads(self.good("keys", "make", "x", "-j", **self.here))["publicKey"]
        open_mock = self.start(Mock())
        for url, told in ((self.plain_url, "has another key than"),
                          (open_mock.url, "is not secured, although its key")):
            lines = self.refused("info", f"{url}#{other}")
            self.assertIn(told, lines[1])
            self.assertEqual(
                lines[2:], ["  If the device was set up anew, ask those who run it for its URL."])

    def test_own_key_that_others_can_read(self) -> None:
        told = json.loads(self.good("keys", "-j", **self.here))
        Path(told["secretFile"]).chmod(0o644)
        lines = self.refused("info", self.url)
        self.assertIn("chmod 600", lines[1])
        self.assertEqual(len(lines), 2)

    def test_viewer(self) -> None:
        self.allow("viewer")
        self.assertEqual(self.good("get", self.url, "level", **self.here), "3\n")
        for command, stage, name, needed in (
                (("set", "level", "4"), "writing", "level", "operator"),
                (("call", "home"), "calling", "home", "operator")):
            self.assertEqual(self.refused(command[0], self.url, *command[1:]), [
                f"plantrpc: {self.url}: {name}",
                f"  while {stage}: “{name}” asks for the role “{needed}”, and the key of this "
                "client has the role “viewer”",
                f"  At the device, “plantrpc keys allow --role ROLE {self.shown} NAME” gives this "
                "client another role; NAME is that of the device's pair of keys."])
        self.good("call", self.url, "halt", **self.here)
        self.assertIn("“viewer”", self.good("info", self.url, **self.here))

    def test_operator(self) -> None:
        self.allow()
        self.assertEqual(self.good("info", self.url, **self.here), SHOWN.replace("URL", self.url))
        told = json.loads(self.good("info", self.url, "--json", **self.here))
        self.assertEqual(told["role"], "operator")
        self.assertEqual(told["interface"]["properties"]["limit"]["role"], "administrator")
        self.assertNotIn("role", told["interface"]["properties"]["level"])
        self.good("set", self.url, "level", "4", **self.here)
        self.good("wait", self.url, "level=4", **self.here)
        self.assertIn("“administrator”", self.refused("set", self.url, "limit=1")[1])
        self.assertIn("“administrator”", self.refused("call", self.url, "calibrate")[1])
        self.allow("administrator")
        self.good("set", self.url, "limit=1", **self.here)

    def test_revoked(self) -> None:
        self.allow()
        monitor = self.start(Stream("monitor", "--initial", "--json", self.url, **self.here))
        monitor.until("property")
        self.good("keys", "revoke", *after(self.key), "cam", **self.there)
        # The end of the connection comes first, and then the reason.
        for _ in range(2):
            self.assertEqual(monitor.until("state")["state"], "disconnected")
        self.assertIn("does not know this client", self.refused("info", self.url)[1])

    def test_unsecured_url(self) -> None:
        mock = self.start(Mock("--secure", "cam", "--unsecured-url", "tcp://127.0.0.1:*",
                               interface=INTERFACE, **self.there))
        url = mock.event()["name"]
        self.assertNotIn("#", url)
        self.assertIn("“operator”", self.good("info", url, **self.here))
        self.good("set", url, "level", "4", **self.here)
        self.assertIn("“administrator”", self.refused("set", url, "limit=1")[1])
        with open(self.folder() / "i.json", "w", encoding="utf-8") as file:
            json.dump(INTERFACE, file)
        self.assertIn("--secure", self.bad(2, "serve", "--unsecured-url", url, file.name,
                                           **self.there))

    def test_refusals_are_told(self) -> None:
        expected = {"event": "refused", "key": self.key, "address": "127.0.0.1",
                    "remedy": f"plantrpc keys allow {self.shown} cam"}
        for _ in range(2):
            self.refused("info", self.url)
        self.assertEqual(self.mock.event(), expected)
        self.allow()
        self.good("keys", "revoke", *after(self.key), "cam", **self.there)
        wait_until(lambda: self.role() is None, "the refusal", DEADLINE)
        # The first refusal may come before the change is told, and then counts as told.
        self.refused("info", self.url)
        # The second of the two refusals was not told, and this one is.
        self.assertEqual(self.mock.until("refused"), expected)
        self.good("keys", "allow", *after(self.key), "cam", **self.there)
        wait_until(lambda: self.role() == "operator", "the role", DEADLINE)
        self.good("set", self.url, "level", "5", **self.here)
        self.assertEqual(self.mock.event()["event"], "set")

    def test_refusals_for_people(self) -> None:
        with open(self.folder() / "i.json", "w", encoding="utf-8") as file:
            json.dump(INTERFACE, file)
        terminal = Terminal("serve", "--secure", "default", file.name, columns=40, **self.there)
        self.addCleanup(terminal.finish)
        self.addCleanup(terminal.process.terminate)
        terminal.until(r"tcp://\S+#\S+")
        self.refused("info", re.search(r"tcp://\S+#[\w-]+", plain(terminal.text)).group())
        terminal.until(r"keys allow")
        terminal.until(re.escape(self.key))
        self.assertRegex(plain(terminal.text),
                         rf"refused +127\.0\.0\.1 +plantrpc keys allow {self.shown}\r\n")

    def test_names(self) -> None:
        with open(self.folder() / "i.json", "w", encoding="utf-8") as file:
            json.dump(INTERFACE, file)
        self.assertIn("is no name for a pair of keys",
                      self.bad(2, "serve", "--secure", "../x", file.name, **self.there))
        offered = self.good("complete", "--", "plantrpc serve --secure ", **self.there)
        self.assertEqual(offered, "cam\t\n")

    def test_open_to_others(self) -> None:
        for url, told in (("tcp://*:*", True), ("tcp://0.0.0.0:*", True), ("tcp://[::]:*", True),
                          ("tcp://127.0.0.2:*", False), ("tcp://[::1]:*", False),
                          ("tcp://localhost:*", False), (f"ipc://{self.folder()}/s", False)):
            mock = Mock("--url", url)
            with mock:
                status, errors = mock.end()
            self.assertEqual(status, 130, url)
            self.assertEqual(errors, f"plantrpc: whoever reaches “{mock.url}” may control the "
                             "device; --secure NAME lets in only those whose keys are allowed\n"
                             if told else "", url)
        mock = Mock("--url", "tcp://*:*", "--secure", "cam", **self.there)
        with mock:
            self.assertEqual(mock.end()[1], "")


if __name__ == "__main__":
    unittest.main()
