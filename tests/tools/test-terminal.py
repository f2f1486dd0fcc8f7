#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is shown on a terminal: columns, colours, progress, and nothing that does harm there."""

import json
import os
import pty
import re
import select
import signal
import unicodedata
import unittest

from harness import (Case, DEADLINE, ENVIRONMENT, INTERFACE, Mock, NASTY, Registry, Stranger, TOOL,
                     Terminal, plain)

LONG = "x" * 200


def width(text: str) -> int:
    """How many columns a line takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class OnATerminal(Case):
    """Each command where somebody looks at it."""

    def shown(self, *arguments: str, columns: int = 80, **environment: str) -> str:
        """All that a command shows that succeeds."""
        status, text = Terminal(*arguments, columns=columns, **environment).finish()
        self.assertEqual(status, 0, text)
        return text

    def test_colours(self) -> None:
        mock = self.start(Mock())
        for command in (["info", mock.url], ["get", mock.url]):
            text = self.shown(*command)
            self.assertIn("\x1b[1m", text)
            self.assertIn("\x1b[36mmode\x1b[0m", text)
            for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
                dull = self.shown(*command, **environment)
                self.assertNotIn("\x1b", dull)
                self.assertEqual([line.rstrip() for line in dull.splitlines()],
                                 [line.rstrip() for line in plain(text).splitlines()])
            self.assertIn("\x1b", self.shown(*command, NO_COLOR=""))
            self.assertNotIn("\x1b", self.good(*command))
            self.assertNotIn("\x1b", self.shown(*command, "--json"))
        status, text = Terminal("get", mock.url, "nothing").finish()
        self.assertEqual(status, 5)
        self.assertRegex(text, r"plantrpc: \x1b\[31m[^\x1b]*nothing\x1b\[0m\n")

    def test_columns(self) -> None:
        interface = {"properties": {
            **INTERFACE["properties"],
            "rotation": {**INTERFACE["properties"]["rotation"], "description": LONG}}}
        mock = self.start(Mock("--set", f"config={LONG}", interface=interface))
        for columns in (60, 80, 120):
            lines = plain(self.shown("info", mock.url, columns=columns)).splitlines()
            self.assertLessEqual(max(map(width, lines)), columns)
            table = [line for line in lines if line.startswith("  ")]
            starts = [width(line[:line.index(word)]) for line, word in (
                (table[0], "ACCESS"), (next(x for x in table if "rotation" in x), "read"),
                (next(x for x in table if "video_url" in x), "read"))]
            self.assertEqual(len(set(starts)), 1, lines)
            self.assertTrue(any("…" in line for line in lines))
        piped = self.good("info", mock.url)
        self.assertIn(LONG, piped)
        self.assertGreater(max(map(width, piped.splitlines())), 400)

    def test_a_terminal_that_does_not_tell_its_width(self) -> None:
        mock = self.start(Mock(interface={"properties": {
            "a" * 39: {"type": "s", "default": "b" * 40}}}))
        shown = plain(self.shown("get", mock.url, columns=0))
        self.assertEqual(shown, plain(self.shown("get", mock.url, columns=80)))
        self.assertNotEqual(shown, plain(self.shown("get", mock.url, columns=81)))

    def test_columns_that_just_fit(self) -> None:
        mock = self.start(Mock(interface={"properties": {
            "a" * 12: {"type": "s", "default": "b" * 12}}}))
        for columns, shown in ((26, f"{'a' * 12}  {'b' * 12}\n"),
                               (25, f"{'a' * 10}…  {'b' * 12}\n"),
                               (24, f"{'a' * 10}…  {'b' * 10}…\n")):
            text = self.shown("get", mock.url, columns=columns, NO_COLOR="1")
            self.assertEqual(text.splitlines(keepends=True)[1], shown)

    def test_wide_letters(self) -> None:
        mock = self.start(Mock("--set", "video_url=植物植物植物"))
        text = plain(self.shown("info", mock.url))
        self.assertIn("植物植物植物", text)
        self.assertIn("植物", self.shown("get", mock.url, "video_url"))

    def assert_harmless(self, text: str) -> None:
        """Check that a text does not move the cursor, change the direction, or hide anything."""
        self.assertEqual(text.translate(dict.fromkeys(map(ord, "\n"))), "".join(
            c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp")))

    def ended(self, status: int, *arguments: str) -> str:
        """Return all that a command prints; it must end with this status."""
        got, text = Terminal(*arguments, columns=4000, NO_COLOR="1", LC_ALL="C.UTF-8").finish()
        self.assertEqual(got, status, text)
        self.assert_harmless(text.replace("\r\x1b[K", ""))
        return text

    def test_nothing_that_a_device_says_moves_the_cursor(self) -> None:
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "nasty"))
            for command in (["info"], ["info", "--interface"], ["get"], ["get", "level"],
                            ["monitor", "-i", "-c", "1"], ["wait", "level!=1"],
                            ["ping", "-c", "1"]):
                for options in ([], ["--json"]):
                    with self.subTest(wire=wire, command=command, options=options):
                        self.ended(0, command[0], device.url, *command[1:], *options)
            for command in (["set", "level", "x"], ["call", "do_level"],
                            ["get", f"odd{NASTY[1:]}"]):
                for options in ([], ["--verbose"], ["--json"]):
                    with self.subTest(wire=wire, command=command, options=options):
                        status = 5 if command[0] == "get" else 4
                        text = self.ended(status, command[0], device.url, *command[1:], *options)
                        self.assertIn("\\u009b", text)
            # If the output is not a terminal, the text is printed as the device sent it.
            self.assertEqual(self.good("get", device.url, "level"), NASTY.replace("\r", "") + "\n")
            self.assertEqual(self.json("get", device.url, "level"), NASTY)
            self.assertEqual(self.json("info", device.url)["name"], NASTY)

    def test_joiners_are_shown(self) -> None:
        family = "\U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e"
        mock = self.start(Mock("--set", f"video_url={family}"))
        for options in ([], ["--json"]):
            self.assertIn(family, self.shown("get", mock.url, "video_url", *options))

    def test_nothing_that_a_server_is_told_moves_the_cursor(self) -> None:
        for option in ([], ["--json"]):
            path = self.folder() / "interface.json"
            path.write_text(json.dumps(INTERFACE))
            place = f"ipc://{path.parent}/\x1b[31m"
            served = Terminal("serve", str(path), "--url", place, *option, NO_COLOR="1")
            self.addCleanup(served.process.wait)
            self.addCleanup(served.process.kill)
            served.until("serves")
            self.good("set", place, "video_url", NASTY)
            self.good("call", place, "greet", NASTY[1:])
            self.good("call", place, "anything", f"config={NASTY[1:]}")
            served.until('anything"?(.|\n)*config')
            self.assertIn("31m  native", self.shown("info", place, NO_COLOR="1"))
            self.assert_harmless(self.shown("info", place, NO_COLOR="1"))
            self.assert_harmless(self.shown("ping", place, "-c", "1", NO_COLOR="1"))
            served.process.terminate()
            status, text = served.finish()
            self.assertEqual(status, 0)
            self.assert_harmless(text)

    def test_nothing_that_a_registry_says_moves_the_cursor(self) -> None:
        refusing = self.start_registry({"event": "ACK", "payload": {
            "req_event": "LIST", "success": False, "error": NASTY}})
        listing = self.start_registry({"event": "DEVICES", "payload": {"serial": 1, "devices": [{
            "name": NASTY, "device_type": NASTY, "type": NASTY, "addr": "tcp://127.0.0.1:9",
            "uuid": "1", "age": 1}]}})
        for options in ([], ["--json"]):
            self.assertIn("\\u202e", self.ended(3, "list", refusing, *options))
            self.assertIn("\\u202e", self.ended(3, "get", f"nobody@{refusing}", *options))
            self.ended(0, "list", listing, *options)
            self.ended(5, "get", f"nobody@{listing}", *options)
            self.assertIn("added", self.ended(0, "watch", listing, "-c", "1", *options))
        self.assertEqual(self.good("complete", "-t", str(DEADLINE), "plantrpc get ",
                                   PLANTRPC_REGISTRY=listing), "")

    def test_nothing_of_an_interface_moves_the_cursor(self) -> None:
        """Names of methods, choices, units and results, and a value that another one has set."""
        mock = self.start(Mock("--reply", f"tell={json.dumps(NASTY)}", "--delay", f"go{NASTY}=600",
                               interface={
            "methods": {f"go{NASTY}": {"signature": ""}, "tell": {}},
            "properties": {
                "mode": {"type": "s", "choices": {f"A{NASTY}": 0, "B": 1}},
                "parts": {"type": "as", "choices": {f"A{NASTY}": 1, "B": 2}},
                "label": {"type": "s", "default": NASTY, "unit": NASTY, "description": NASTY}}}))
        for arguments, status in ((["info"], 0), (["get"], 0), (["call", "tell"], 0),
                                  (["set", "mode", "C"], 4), (["set", "mode", f"A{NASTY}"], 0),
                                  (["set", "parts", f"A{NASTY[:-3]}"], 4),
                                  (["wait", "label=x", "-t", "0.5"], 3),
                                  (["call", f"go{NASTY}", "1"], 4), (["call", NASTY], 5),
                                  (["monitor", NASTY], 5), (["get", f"-{NASTY}"], 2)):
            for options in ([], ["--json"], ["--verbose"]):
                with self.subTest(arguments=arguments, options=options):
                    self.ended(status, arguments[0], mock.url, *arguments[1:], *options)
        for line in ("set {} mode=", "set {} mode ", "call {} ", "get {} ", "call {} go"):
            offered = self.good("complete", "-t", str(DEADLINE),
                                f"plantrpc {line.format(mock.url)}")
            self.assert_harmless(offered.replace("\t", ""))
        call = Terminal("call", mock.url, f"go{NASTY}", columns=1000, NO_COLOR="1")
        call.until("Ctrl-C to stop")
        call.process.send_signal(signal.SIGINT)
        self.assert_harmless(call.finish()[1].replace("\r\x1b[K", "").replace("\r", "").replace(
            "\x1b[K", "").replace("^C", ""))

    def test_binary_is_not_for_a_terminal(self) -> None:
        mock = self.start(Mock())
        status, text = Terminal("call", mock.url, "get_image").finish()
        self.assertEqual(status, 2)
        self.assertIn("--output", text)
        self.shown("call", mock.url, "get_image", "-o", "-")
        self.assertEqual(mock.event()["name"], "get_image")

    def test_results(self) -> None:
        mock = self.start(Mock("--reply", 'add={"a": [1, 2]}'))
        self.assertEqual(self.shown("call", mock.url, "add", "1"),
                         '{\n  "a": [\n    1,\n    2\n  ]\n}\n')
        self.assertEqual(self.good("call", mock.url, "add", "1"), '{"a":[1,2]}\n')

    def test_a_registry(self) -> None:
        registry = Terminal("registry", "tcp://127.0.0.1:*", columns=120)
        self.addCleanup(registry.process.wait)
        self.addCleanup(registry.process.kill)
        registry.until(r"listens.*tcp://127\.0\.0\.1:\d+")
        url = re.search(r"tcp://127\.0\.0\.1:\d+", registry.text)[0]
        mock = self.start(Mock("--name", "cam", "-r", url))
        registry.until(r"\x1b\[32madded   \x1b\[0m  \x1b\[36mcam")
        mock.end()
        registry.until(r"\x1b\[31mremoved \x1b\[0m  \x1b\[36mcam")
        registry.process.terminate()
        self.assertEqual(registry.finish()[0], 0)

    def test_progress(self) -> None:
        mock = self.start(Mock("--delay", "scan=600", "--set", "max_progress=8"))
        call = Terminal("call", mock.url, "scan")
        call.until(r"scan  ░{24}  0/8  0:01  \(Ctrl-C to stop\)")
        mock.say("set progress 4")
        call.until(r"█{12}░{12}  4/8")
        call.process.send_signal(signal.SIGINT)
        status, text = call.finish()
        self.assertEqual(status, 130)
        self.assertTrue(text.rstrip("\n").endswith("\r\x1b[K"), text)

    def test_progress_is_one_line(self) -> None:
        """One column stays free: behind the last one some terminals begin another line."""
        mock = self.start(Mock("--delay", "scan=600", "--set", "max_progress=8"))
        for columns, wanted in ((20, r"\rscan  ░{12}…\x1b"), (60, r"\(Ctrl-C to stop\)\x1b"),
                                (59, r"\(Ctrl-C to sto…\x1b")):
            call = Terminal("call", mock.url, "scan", columns=columns)
            call.until(wanted)
            call.process.send_signal(signal.SIGINT)
            self.assertEqual(call.finish()[0], 130)

    def test_a_server_in_the_background_goes_on(self) -> None:
        """Reading from its terminal would stop it."""
        path = self.folder() / "interface.json"
        path.write_text(json.dumps(INTERFACE))
        script = 'set -m; "$0" serve --json "$1" & echo "number=$!."; wait'
        child, master = pty.fork()
        if child == 0:
            os.execvpe("bash", ["bash", "--norc", "-c", script, str(TOOL), str(path)], ENVIRONMENT)
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.close, master)
        text = ""
        while not (shown := re.search(r'(?s)(?=.*number=(\d+)\.).*"name":"(tcp:[^"]*)"', text)):
            self.assertTrue(select.select([master], [], [], DEADLINE)[0], text)
            text += os.read(master, 65536).decode()
        number, url = shown.groups()
        os.write(master, b"set progress 5\n")
        try:
            self.assertEqual(self.good("get", url, "progress", "-t", "5"), "0\n")
        finally:
            os.kill(int(number), signal.SIGKILL)

    def test_no_progress_of_what_is_short(self) -> None:
        mock = self.start(Mock("--delay", "scan=0.3"))
        self.assertEqual(self.shown("call", mock.url, "scan"), "")

    def test_events(self) -> None:
        registry = self.start(Registry())
        mock = self.start(Mock("--name", "cam", "-r", registry.url, "--set", f"config={LONG}"))
        mock.until("named")
        text = self.shown("watch", registry.url, "-c", "1")
        self.assertRegex(plain(text), r"^[\d:.]{12}  added     cam +mock  tcp://127.0.0.1:\d+\n$")
        self.assertIn("\x1b[32madded", text)
        lines = plain(self.shown("monitor", mock.url, "-i", "-c", "10", columns=60)).splitlines()
        self.assertEqual(len(lines), 10)
        self.assertLessEqual(max(map(width, lines)), 60)
        self.assertTrue(any(line.endswith("…") for line in lines))
        listed = plain(self.shown("list", registry.url)).splitlines()
        self.assertTrue(re.match(r"NAME  TYPE  URL", listed[0]))


if __name__ == "__main__":
    unittest.main()
