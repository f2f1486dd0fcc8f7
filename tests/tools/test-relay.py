#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`plantrpc relay`, before devices of each wire, before nobody, and before itself."""

import json
import socket
import tempfile
import unittest

from harness import Case, Mock, Stream, camera, run, wait_until, DEADLINE

SMALL = {"methods": {"home": {"signature": "", "role": "viewer"}},
         "properties": {"level": {"type": "i", "default": 3, "minimum": 0, "maximum": 9,
                                  "unit": "mm"}}}


class Relay(Stream):
    """A relay that tells what happens in JSON."""

    def __init__(self, device: str, *options: str, **environment: str) -> None:
        super().__init__("relay", "--json", device, *options, **environment)
        self.connects = self.event()
        self.serves = self.event()
        self.url: str = self.serves["name"]


def free_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{taken.getsockname()[1]}"


class Relaying(Case):
    """What clients of the relay see is what the device has."""

    def relay(self, device: str, *options: str, **environment: str) -> Relay:
        return self.start(Relay(device, *options, **environment))

    def test_each_wire(self) -> None:
        for kind in ("native", "generation1", "generation2"):
            with self.subTest(kind), camera(kind) as device:
                with Relay(device.url) as relay:
                    self.assertEqual(relay.connects, {"event": "connects", "name": device.url})
                    self.assertEqual(relay.event(), {"event": "ready", "name": device.url})
                    self.assertEqual(json.loads(self.good("get", "--json", relay.url, "mode")),
                                     "STILL")
                    self.good("set", relay.url, "rotation", "90")
                    self.assertEqual(self.good("get", relay.url, "rotation").strip(), "90")
                    self.good("set", relay.url, "rotation", "0")
                    self.assertNotIn("device-url", self.good("info", relay.url))
                    self.assertEqual(self.good("call", relay.url, "add", "1", "2").strip(), "3")

    def test_interface(self) -> None:
        mock = self.start(Mock(interface=SMALL))
        relay = self.relay(mock.url)
        relay.until("ready")
        self.assertEqual(json.loads(self.good("info", "--interface", relay.url)),
                         json.loads(self.good("info", "--interface", mock.url)))
        self.assertIn("9", self.bad(4, "set", relay.url, "level", "10"))

    def test_gone_and_back(self) -> None:
        url = free_url()
        relay = self.relay(url)
        waits = relay.event()
        self.assertEqual((waits["event"], waits["name"]), ("waits", url))
        self.assertIn("The relay waits for", self.bad(3, "get", relay.url, "level", "-t", "2"))
        with Mock("--url", url, interface=SMALL):
            self.assertEqual(relay.event(), {"event": "ready", "name": url})
            self.assertEqual(self.good("get", relay.url, "level").strip(), "3")
        gone = relay.event()
        self.assertEqual((gone["event"], gone["name"]), ("gone", url))
        self.assertIn(url, self.bad(3, "call", relay.url, "home"))
        with Mock("--url", url, "--set", "level=5", interface=SMALL):
            self.assertEqual(relay.event(), {"event": "ready", "name": url})
            self.assertEqual(self.good("get", relay.url, "level").strip(), "5")

    def test_itself(self) -> None:
        url = free_url()
        relay = self.relay(url, "--listen", url)
        refused = relay.until("refused")
        self.assertIn("circle", refused["reason"])
        self.assertIn("circle", self.bad(3, "get", url, "level", "-t", "2"))

    def test_chain(self) -> None:
        mock = self.start(Mock(interface=SMALL))
        near = self.relay(mock.url)
        far = self.relay(near.url)
        far.until("ready")
        self.good("set", far.url, "level", "7")
        self.assertEqual(self.good("get", mock.url, "level").strip(), "7")

    def test_secured(self) -> None:
        here = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        there = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        key = json.loads(self.good("keys", "make", "--json", **here))["publicKey"]
        with camera("generation2") as device:
            relay = self.relay(device.url, "--secure", "front", "--member-role",
                               "rotation=administrator", **there)
            relay.until("ready")
            self.bad(4, "get", relay.url, "mode", **here)
            self.assertIn(key, relay.until("refused")["remedy"])
            self.good("keys", "allow", key, "front", "--role", "operator", **there)
            wait_until(lambda: run("get", relay.url, "mode", **here).returncode == 0, "in",
                       DEADLINE)
            self.good("set", relay.url, "mode", "VIDEO", **here)
            self.assertIn("administrator", self.bad(4, "set", relay.url, "rotation", "90", **here))
            self.good("set", relay.url, "mode", "STILL", **here)

    def test_given_interface(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"properties": {"rotation": {"type": "i", "unit": "°"}}}, file)
            file.flush()
            with camera("generation2") as device, \
                    Relay(device.url, "--interface", file.name) as relay:
                relay.until("ready")
                self.assertIn("°", self.good("info", relay.url))
                self.bad(5, "get", relay.url, "mode")

    def test_mistakes(self) -> None:
        self.bad(2, "relay")
        self.bad(2, "relay", "tcp://:::")
        self.bad(2, "relay", free_url(), "--listen", "nonsense")
        self.assertIn("MEMBER=ROLE", self.bad(2, "relay", free_url(), "--member-role", "a=b"))
        self.bad(1, "relay", free_url(), "--interface", "/nonexistent.json")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.bad(1, "relay", free_url(), "--listen",
                     f"tcp://127.0.0.1:{taken.getsockname()[1]}")

    def test_ends(self) -> None:
        relay = self.relay(free_url())
        self.assertEqual(relay.end(), (130, ""))


if __name__ == "__main__":
    unittest.main()
