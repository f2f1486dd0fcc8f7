#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong: exit statuses, and errors that name device, address, stage and remedy."""

import json
import os
import select
import signal
import socket
import subprocess
import unittest
from pathlib import Path

from harness import (BUILD, Case, DEADLINE, ENVIRONMENT, INTERFACE, Mock, NOBODY, Stranger, Stream,
                     TOOL, camera, run)

SILENT = ("get", "set", "call", "info", "ping", "monitor")


class Errors(Case):
    """Nobody there, somebody deaf, somebody else."""

    def test_usage(self) -> None:
        for arguments in (["get"], ["list", "a", "b"], ["frobnicate"], ["get", "x", "--nonsense"],
                          ["get", "x", "-t", "soon"], ["get", "x", "-t", "-1"],
                          ["get", "x", "-t", "0"], ["get", "x", "-t", "nan"],
                          ["get", "x", "-t", "1000001"], ["get", "x", "-t", ""],
                          ["set", "x", "a", "b", "c"], ["wait", NOBODY, "condition"],
                          ["ping", NOBODY, "-c", "0"], ["help", "nothing"], ["call", NOBODY]):
            error = self.bad(2, *arguments)
            self.assertTrue(error.startswith("plantrpc: "), error)
        self.assertEqual(run().returncode, 2)
        self.assertIn("arguments are missing: plantrpc get DEVICE", self.bad(2, "get"))
        self.assertIn("too many arguments: plantrpc list", self.bad(2, "list", "a", "b"))
        for options in (["-c", "-2"], ["-i", "-0.1"], ["-i", "nan"], ["-i", "1000001"]):
            self.assertIn("--count and --interval are to be more than 0",
                          self.bad(2, "ping", NOBODY, *options))
        for options in (["-c", "1"], ["-i", "0"], ["-i", "1000000"]):
            self.bad(3, "ping", NOBODY, *options)
        for arguments, text in (
                (["set", "x", "a=1", "b"], "expected PROPERTY VALUE or PROPERTY=VALUE…, got “b”"),
                (["wait", "x", "=1"], "PROPERTY=VALUE, or with !=, <, <=, >, >=, got “=1”"),
                (["frobnicate"], "there is no command “frobnicate”; see “plantrpc --help”"),
                (["help", "nothing"], "there is no command “nothing”; see “plantrpc --help”"),
                (["get", "x", "-t", "soon"], "--timeout: expected seconds, or “none”, got “soon”"),
                (["get", "x", "-t", "-1"], "got “-1”"), (["get", "x", "-jt", "-1"], "got “-1”"),
                (["get", "x", "-information"], "Unknown option"),
                (["get", "x", "-t-1"], "got “-1”"), (["get", "x", "-jt-1"], "got “-1”"),
                (["get", "x", "--timeout", "-.5"], "got “-.5”")):
            self.assertIn(text, self.bad(2, *arguments))
        for url in ("tcp://127.0.0.1", "tcp://x y:5", "nonsense://x", "tcp://127.0.0.1:99999"):
            self.assertIn("tcp://HOST:PORT", self.bad(2, "get", url))
            self.assertIn("tcp://HOST:PORT", self.bad(2, "wait", url))

    def test_arguments_that_start_like_options(self) -> None:
        mock = self.start(Mock())
        for options in (["-o", "-1.raw"], ["-jo", "-2.raw"], ["--output", "-3.raw"],
                        ["--output=-4.raw"], ["-o-5.raw"], ["-jo-6.raw"], ["-jo", "--"],
                        ["-o", "-j"]):
            folder = self.folder()
            done = subprocess.run([TOOL, "call", mock.url, "get_image", *options], cwd=folder,
                                  env=ENVIRONMENT, capture_output=True, timeout=DEADLINE)
            name = options[-1].removeprefix("--output=").removeprefix("-o").removeprefix("-jo")
            self.assertEqual((done.returncode, done.stderr, os.listdir(folder)), (0, b"", [name]))
            self.assertEqual(mock.event()["name"], "get_image")
        for arguments, sent in ((["-1", "-0.5"], [-1, -0.5]), (["-.5", "-Inf"], ["-.5", "-Inf"]),
                                (["-j", "-2", "-t", "30", "-3"], [-2, -3]), (["-"], ["-"]),
                                (["-t30", "--", "-j", "--"], ["-j", "--"]),
                                (["--", "--", "-4"], ["--", -4])):
            self.good("call", mock.url, "anything", *arguments)
            self.assertEqual(mock.event()["args"], sent)
        self.good("set", mock.url, "video_url", "\x01-1")
        self.assertEqual(self.json("get", mock.url, "video_url"), "\x01-1")

    def test_bytes_that_are_not_utf_8(self) -> None:
        bad = os.fsdecode(b"a=\xff")
        for arguments in (["get", NOBODY, bad], ["set", NOBODY, "a", bad], ["set", NOBODY, bad],
                          ["call", NOBODY, "a", bad], ["wait", NOBODY, bad], ["ping", bad],
                          ["monitor", NOBODY, bad], ["list", bad], ["watch", bad],
                          ["get", NOBODY, "--", bad]):
            self.assertIn("the argument “a=\ufffd” is not UTF-8", self.bad(2, *arguments))
        path = self.folder() / os.fsdecode(b"\xff.raw")
        mock = self.start(Mock("--remember", os.fsdecode(bytes(path) + b".json")))
        self.assertRegex(self.good("call", mock.url, "get_image", "-o", str(path)),
                         "\ufffd.raw  0 bytes")
        self.assertEqual(path.read_bytes(), b"")

    def test_json_with_a_mistake(self) -> None:
        """It is not sent as text, which nobody meant."""
        mock = self.start(Mock())
        texts = ('{"n_points": 36,}', "[1, 2", '"abc', '"abc\\"', '{"a": 1}x', ' [1 2]', "{'a': 1}",
                 "[01]", '["\t"]', "{", "[" * 2000)
        for text in texts:
            for command in (["call", mock.url, "anything", text],
                            ["call", mock.url, "anything", f"text={text}"],
                            ["set", mock.url, "config", text],
                            ["wait", mock.url, f"config={text}", "-t", "30"]):
                self.assertRegex(self.bad(2, *command), "begins like JSON. (Not JSON|The)")
            self.bad(2, "serve", str(self.interface()), "--set", f"config={text}")
        # These do not begin as JSON, and where text is expected nothing else is meant.
        for text, value in (("tru", "tru"), ("36,", "36,"), ("", ""), ("01", "01"), ("a{", "a{"),
                            ('"abc"', "abc"), (" [1]", [1])):
            self.good("call", mock.url, "anything", text)
            self.assertEqual(mock.event()["args"], [value])
        for text in texts:
            self.good("set", mock.url, "video_url", text)
            self.assertEqual(self.json("get", mock.url, "video_url"), text)

    def interface(self) -> Path:
        """The interface of the mock, as a file."""
        path = self.folder() / "interface.json"
        path.write_text(json.dumps(INTERFACE))
        return path

    def test_help(self) -> None:
        overview = self.good("--help")
        self.assertEqual(overview, self.good("help"))
        for command in ("list", "watch", "info", "get", "set", "call", "monitor", "wait",
                        "registry", "serve", "ping"):
            self.assertRegex(overview, rf"(?m)^  {command} +\w")
            text = self.good(command, "--help")
            self.assertEqual(text, self.good("help", command))
            self.assertIn(f"plantrpc {command} [OPTION…]", text)
            self.assertIn("--json", text)
        self.assertRegex(self.good("--version"), r"^plantrpc \d+\.\d+\.\d+\n$")

    def test_dead_device(self) -> None:
        for command in SILENT:
            more = {"set": ["a", "b"], "call": ["a"]}.get(command, [])
            error = self.bad(3, command, NOBODY, *more)
            self.assertEqual(error.splitlines(), [
                f"plantrpc: {NOBODY}",
                f"  while connecting: Nobody listens at “{NOBODY}”",
                "  Check that it is switched on, and host and port; "
                f"“plantrpc wait {NOBODY}” waits for it."])
        told = json.loads(self.bad(3, "get", NOBODY, "--json"))
        self.assertEqual((told["stage"], told["device"], told["url"], told["status"]),
                         ("connecting", NOBODY, NOBODY, 3))
        self.assertTrue(told["error"] and told["remedy"])
        error = self.bad(3, "wait", NOBODY, "-t", "0.3")
        self.assertIn("while connecting: time is up", error)
        self.assertIn("\n  --timeout gives it more time.\n", error)

    def test_in_french(self) -> None:
        catalogs = BUILD / "po"
        french = {"LC_ALL": "fr_FR.UTF-8", "PLANT_RPC_LOCALEDIR": str(catalogs)}
        error = self.bad(3, "get", NOBODY, **french)
        self.assertIn("pendant la connexion\u00a0: Rien", error)
        self.assertIn("Utilisation", self.good("get", "--help", **french))
        self.assertIn("lire des propriétés", self.good("--help", **french))
        # What is for programs is the same everywhere.
        self.assertEqual(json.loads(self.bad(3, "get", NOBODY, "-j", **french))["stage"],
                         "connecting")

    def test_unknown_host(self) -> None:
        error = self.bad(3, "get", "tcp://nowhere.invalid:5000")
        self.assertIn("while resolving the name", error)
        self.assertIn("IP address", error)
        for address in ("[::1]", "127.0.0.1"):
            self.assertNotIn("resolving", self.bad(3, "get", f"tcp://{address}:1", "-t", "5"))

    def test_a_port_that_accepts_and_is_silent(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
            self.bad(3, "get", url, "-t", "0.5")

    def test_a_port_of_something_else(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
            command = subprocess.Popen([TOOL, "get", url], env=ENVIRONMENT, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            listener.accept()[0].close()
            _, error = command.communicate(timeout=DEADLINE)
        self.assertEqual(command.returncode, 3, error)
        self.assertIn("during the handshake", error)
        self.assertIn("some other service", error)

    def test_frozen_device(self) -> None:
        for kind in ("generation1", "generation2"):
            with self.subTest(kind=kind), camera(kind) as device:
                device.process.send_signal(signal.SIGSTOP)
                self.frozen(device.url)
                device.process.send_signal(signal.SIGCONT)
                device.assert_clean()
        mock = self.start(Mock())
        mock.process.send_signal(signal.SIGSTOP)
        self.frozen(mock.url)

    def frozen(self, url: str) -> None:
        """It takes connections and answers nothing."""
        for command in (["get", url], ["ping", url, "-c", "1"], ["call", url, "add"]):
            error = self.bad(3, *command, "-t", "0.5")
            self.assertIn("during the handshake", error)
            self.assertIn("has not answered yet", error)
            self.assertIn("--timeout", error)

    def test_a_device_that_freezes_later(self) -> None:
        mock = self.start(Mock())
        with Stream("ping", mock.url, "--json", "-i", "0.05", "-t", "1.5") as ping:
            ping.line()
            mock.process.send_signal(signal.SIGSTOP)
            while "error" not in (answer := json.loads(ping.line())):
                pass
            self.assertRegex(answer["error"], r"within \d+\.?\d* s")

    def test_a_request_that_ctrl_c_ends_is_not_lost(self) -> None:
        mock = self.start(Mock())
        with Stream("ping", mock.url, "--json", "-i", "0", "-t", "none") as ping:
            ping.line()
            mock.process.send_signal(signal.SIGSTOP)
            os.waitpid(mock.process.pid, os.WUNTRACED)
            # When it prints nothing more, the ping under way is waiting.
            while select.select([ping.process.stdout], [], [], 0.5)[0]:
                ping.line()
            ping.process.send_signal(signal.SIGINT)
            while "sent" not in (last := json.loads(ping.line())):
                pass
            self.assertEqual(ping.process.wait(DEADLINE), 130)
        self.assertGreaterEqual(last["received"], 1)
        self.assertEqual(last["sent"], last["received"])

    def test_a_getter_that_fails_has_answered(self) -> None:
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "broken"))
            self.assertIn("2 requests, 2 replies, 0% lost",
                          self.good("ping", device.url, "-c", "2", "-i", "0.01"))
            self.assertIn("while reading", self.bad(4, "get", device.url, "level"))

    def test_a_read_without_an_answer(self) -> None:
        """A call that cannot have changed anything ends as if the device could not be reached."""
        for wire in ("json", "native"):
            error = self.late(3, "while reading: it did not answer within",
                              lambda _: ["get", self.deaf(wire), "level"])
            self.assertNotIn("may have run", error)
            self.late(6, "may have run", lambda _: ["set", self.deaf(wire), "level", "x"])

    def deaf(self, wire: str) -> str:
        """The URL of a device that has not been asked yet."""
        return self.start(Stranger(wire, "deaf")).url

    def test_a_ping_that_nobody_answers(self) -> None:
        for wire in ("json", "native"):
            url = self.start(Stranger(wire, "deaf")).url
            result = run("ping", url, "-c", "2", "-i", "0", "-t", "2")
            lines = result.stdout.splitlines()
            self.assertEqual((result.returncode, result.stderr), (3, ""))
            silence = r"it did not answer within [\d.]+ s"
            for number in (1, 2):
                self.assertRegex(lines[number],
                                 rf"^no reply from {url}: seq={number} {silence}$")
            self.assertEqual(lines[3:], ["", f"--- {url} ping statistics ---",
                                         "2 requests, 0 replies, 100% lost"])
            url = self.start(Stranger(wire, "deaf")).url
            result = run("ping", url, "-c", "1", "-t", "1", "--json")
            lines = list(map(json.loads, result.stdout.splitlines()))
            self.assertRegex(lines[0].pop("error"), f"^{silence}$")
            self.assertEqual((result.returncode, lines), (3, [
                {"seq": 1},
                {"sent": 1, "received": 0, "min": 0, "avg": 0, "max": 0, "mdev": 0}]))

    def test_how_far_it_came_is_known_before_time_is_up(self) -> None:
        for wire in ("json", "native"):
            device = self.start(Stranger(wire, "silent"))
            self.late(3, "takes connections, but has not answered yet",
                      lambda _: ["get", device.url])

    def test_a_device_that_dies_in_a_call(self) -> None:
        mock = self.start(Mock("--delay", "scan=600"))
        with Stream("call", mock.url, "scan") as call:
            self.assertEqual(mock.event()["name"], "scan")
            mock.process.kill()
            mock.process.wait(DEADLINE)
            self.assertEqual(call.process.wait(DEADLINE), 6)
            error = call.process.stderr.read().decode()
        self.assertIn("was lost before the reply came", error)
        self.assertIn("may have run", error)

    def test_interrupt_cancels_on_the_device(self) -> None:
        mock = self.start(Mock("--delay", "scan=600"))
        call = Stream("call", mock.url, "scan")
        self.assertEqual(mock.event()["name"], "scan")
        self.assertEqual(call.end(), (130, ""))

    def test_interrupt_while_connecting(self) -> None:
        for command in ("get", "wait", "monitor"):
            # Each has its own port: what is accepted must not be left from the command before.
            with socket.create_server(("127.0.0.1", 0)) as listener:
                url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
                stream = Stream(command, url, "-t", "none")
                with listener.accept()[0]:
                    self.assertEqual(stream.end(), (130, ""), command)

    def test_nobody_reads(self) -> None:
        mock = self.start(Mock())
        stream = Stream("monitor", mock.url, "--json", "--initial")
        for _ in range(10):
            stream.line()
        stream.process.stdout.close()
        self.assertEqual(stream.process.wait(DEADLINE), -signal.SIGPIPE)
        self.assertEqual(stream.process.stderr.read(), b"")
        stream.process.stdin.close()
        stream.process.stderr.close()

    def test_full_disk(self) -> None:
        mock = self.start(Mock())
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([TOOL, "info", mock.url], env=ENVIRONMENT, stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=DEADLINE)
        self.assertEqual(result.returncode, 1)
        self.assertIn("standard output", result.stderr)

    def test_output_that_cannot_be_written(self) -> None:
        mock = self.start(Mock())
        self.assertIn("No such file", self.bad(1, "call", mock.url, "get_image", "-o",
                                               "/nonexistent/picture"))
        self.assertIn("--output", self.bad(2, "call", mock.url, "get_image", "--json"))
        # The method has not been called for that.
        self.good("call", mock.url, "anything")
        self.assertEqual(mock.event()["name"], "anything")
        self.assertEqual(self.good("call", mock.url, "get_image", "-o", os.devnull)[:9],
                         "/dev/null")
        self.assertTrue(os.path.exists(os.devnull) and not os.path.isfile(os.devnull))

    def test_buffer_to_a_pipe(self) -> None:
        picture = self.folder() / "picture"
        picture.write_bytes(bytes(range(256)) * 1000)
        mock = self.start(Mock("--reply", f"get_image=@{picture}"))
        for options in ([], ["-o", "-"]):
            result = subprocess.run([TOOL, "call", mock.url, "get_image", *options],
                                    env=ENVIRONMENT, capture_output=True, timeout=DEADLINE)
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            self.assertEqual(result.stdout, picture.read_bytes())

    def test_ipc(self) -> None:
        url = f"ipc://{self.folder()}/socket"
        self.assertIn("while connecting", self.bad(3, "get", url))
        self.start(Mock("--url", url))
        self.assertEqual(self.good("get", url, "mode"), "STILL\n")


if __name__ == "__main__":
    unittest.main()
