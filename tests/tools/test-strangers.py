#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile devices: each command ends, and says what is wrong."""

import json
import socket
import threading
import unicodedata
import unittest

from harness import Case, NASTY, Stranger, run

# As it is shown: in the escapes of JSON, for everything that a terminal interprets or hides.
ESCAPED = "".join(json.dumps(c)[1:-1] if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")
                  else c for c in NASTY).replace(r"\r", r"\u000d")
COMMANDS = (["info"], ["info", "--json"], ["info", "--interface"], ["get"], ["get", "level"],
            ["set", "level", "x"], ["call", "do_level"], ["ping", "-c", "1"],
            ["monitor", "-t", "1"])


class Strangers(Case):
    """Native strangers, and strangers of Plant Imager's wire."""

    def fails(self, url: str) -> None:
        """No command accepts that device; waiting for it ends with the timeout."""
        for command in COMMANDS:
            with self.subTest(command=command):
                error = self.bad(3, command[0], url, *command[1:])
                self.assertIn("handshake", error)
        self.assertIn("time is up", self.bad(3, "wait", url, "-t", "0.5"))

    def test_an_inventory_that_is_none(self) -> None:
        for wire in ("json", "native"):
            for kind in ("nonsense", "numbers"):
                with self.subTest(wire=wire, kind=kind):
                    self.fails(self.start(Stranger(wire, kind)).url)

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
            for command in COMMANDS:
                with self.subTest(command=command):
                    result = run(command[0], f"tcp://127.0.0.1:{listener.getsockname()[1]}",
                                 *command[1:], "-t", "1")
                    self.assertEqual((result.returncode, result.stdout), (3, ""), result.stderr)
                    self.assertIn("tcp://127.0.0.1", result.stderr)
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

    def test_texts_of_a_megabyte(self) -> None:
        text = "x" * (1 << 20)
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "huge"))
            self.assertEqual(self.good("get", device.url, "level"), f"{text}\n")
            self.assertEqual(self.json("info", device.url)["values"], {"level": text})
            for options in ([], ["--interface"]):
                self.assertIn("level", self.good("info", device.url, *options))
            for command in (["set", "level", "x"], ["call", "do_level"]):
                told = json.loads(self.bad(4, command[0], device.url, *command[1:], "--json"))
                self.assertEqual((told["error"], told["traceback"]), (text, text))
                self.assertIn(text, self.bad(4, command[0], device.url, *command[1:]))
            self.good("ping", device.url, "-c", "1")
            self.assertIn(text, run("monitor", device.url, "-i", "-c", "1").stdout)

    def test_many_members_with_long_names(self) -> None:
        """A device without the native wire is asked a thousand times, which takes its time."""
        patient = ("--timeout", "60")
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "many"))
            told = self.json("info", device.url, *patient)
            self.assertEqual([len(told["interface"][kind])
                              for kind in ("methods", "properties", "signals")], [1000] * 3)
            self.assertEqual(len(self.good("get", device.url, *patient).splitlines()), 1001)
            self.assertEqual({len(name) for name in self.json("get", device.url, *patient)}, {255})
            self.assertEqual(len(self.good("info", device.url, *patient).splitlines()), 3010)
            name = next(iter(told["values"]))
            self.assertEqual(self.good("get", device.url, name, *patient), "plain\n")

    def test_names_that_no_gobject_can_have(self) -> None:
        """They are served by their names; what has none is left out, and it says so."""
        device = self.start(Stranger("json", "odd"))
        result = run("info", device.url, "--json")
        self.assertEqual(json.loads(result.stdout)["values"],
                         dict.fromkeys(("été", "_x", "1st", "a b"), "plain"))
        self.assertEqual(result.stderr.count("left out"), 1)
        self.assertIn("the name is empty", result.stderr)
        for name in ("été", "_x", "1st", "a b"):
            result = run("get", device.url, name)
            self.assertEqual((result.returncode, result.stdout), (0, "plain\n"))

    def test_a_property_that_cannot_be_read(self) -> None:
        """The others are printed, and it says why."""
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "partly"))
            for names in ([], ["weight", "level"]):
                rows = {"level": "plain", "weight": f"cannot be read: {ESCAPED}"}
                with self.subTest(wire=wire, names=names):
                    result = run("get", device.url, *names)
                    self.assertEqual((result.returncode, result.stderr), (4, ""))
                    self.assertEqual(result.stdout.splitlines(), ["NAME    VALUE", *(
                        f"{name:6}  {rows[name]}" for name in names or rows)])
                    result = run("get", device.url, *names, "--json")
                    self.assertEqual((result.returncode, json.loads(result.stdout)),
                                     (4, {"level": "plain"}))
                    told = json.loads(result.stderr)
                    self.assertEqual((told["member"], told["error"], told["status"]),
                                     ("weight", NASTY, 4))
            self.assertIn("while reading", self.bad(4, "get", device.url, "weight"))
            self.assertIn("no such property", self.bad(5, "get", device.url, "level", "none"))
            told = self.json("info", device.url)
            self.assertEqual((told["values"], told["failures"]),
                             ({"level": "plain"}, {"weight": NASTY}))
            self.assertIn(f"cannot be read: {ESCAPED}", self.good("info", device.url))

    def test_values_that_are_known_later(self) -> None:
        """What a device does not tell at once, it is asked for."""
        device = self.start(Stranger("native", "later"))
        told = self.json("info", device.url)
        self.assertEqual((told["values"], told["failures"]),
                         ({"level": "plain", "weight": "plain"}, {}))
        self.assertRegex(self.good("info", device.url), r"weight .* plain")

    def test_a_device_that_answers_no_read_more(self) -> None:
        """Nothing is asked of it again, and what is known is printed."""
        for wire in ("json", "native"):
            # On a busy machine it may not have been reached in a short time.
            for seconds in ("1", "4", "16"):
                device = self.start(Stranger(wire, "deaf"))
                result = run("get", device.url, "level", "level", "-t", seconds)
                if result.stdout:
                    break
            self.assertEqual((result.returncode, result.stderr), (3, ""))
            self.assertRegex(result.stdout, r"\A.*\n(level  cannot be read: it did not answer "
                                            r"within [\d.]+ s\n){2}\Z")

    def test_a_column_is_not_repeated_in_each_row(self) -> None:
        """One long value must not make the table a thousand times as large."""
        device = self.start(Stranger("native", "long"))
        self.assertLess(len(self.good("info", device.url)), 5 << 20)


if __name__ == "__main__":
    unittest.main()
