#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A mock that is served from an interface file."""

import json
import os
import re
import select
import signal
import threading
import unittest

import zmq

from harness import Case, DEADLINE, INTERFACE, Mock, SOURCE, Stream, run

SHOWN = """\
URL  native

PROPERTIES
  NAME          TYPE         ACCESS       VALUE       DESCRIPTION
  mode          STILL|VIDEO  read, write  STILL
  rotation      int32 0…359  read, write  90 °        How the camera is mounted
  video_url     string       read, write  größe 植物
  level         double       read, write  0.5
  enabled       boolean      read, write  false
  tags          strings      read, write  ["a","b"]
  size          (ii)         read, write  [640,480]
  config        any          read, write  null
  progress      int32        read         0
  max_progress  int32        read         0

METHODS
  NAME       ARGUMENTS                 RETURNS  TIMEOUT
  add        a: i, b: i = 2            value    10 s
  greet      text: s, loud: b = false  value    10 s
  anything   any                       value    10 s
  scan                                 value    none
  get_image  lores: b = false          buffer   none

SIGNALS
  NAME      ARGUMENTS
  captured  (si)
  ping      ()
"""
WHOLE = SOURCE / "tests" / "data" / "interface" / "whole.json"


class Serving(Case):
    """The device of the harness, and some others."""

    def test_the_interface_is_that_of_the_file(self) -> None:
        mock = self.start(Mock())
        told = json.loads(self.good("info", "-i", mock.url))
        for kind, members in INTERFACE.items():
            self.assertLessEqual(set(members), set(told[kind]))
            for name, member in members.items():
                # A GParamSpec has no default for a list of strings.
                expected = {key: value for key, value in member.items()
                            if (key, member["type"]) != ("default", "as")} \
                    if kind == "properties" else member
                self.assertLessEqual(expected.items(), told[kind][name].items(), name)
        self.assertEqual(told["properties"]["mode"]["choices"], {"STILL": 0, "VIDEO": 1})

    def test_what_is_shown_of_it(self) -> None:
        mock = self.start(Mock())
        self.assertEqual(self.good("info", mock.url), SHOWN.replace("URL", mock.url))
        values = [line.split("  ") for line in SHOWN.splitlines()[4:14]]
        table = self.good("get", mock.url).splitlines()
        self.assertEqual(table[0], "NAME          VALUE")
        self.assertEqual([line.split("  ")[0] for line in table[1:]], [line[1] for line in values])
        self.assertEqual(table[3], "video_url     größe 植物")
        half = self.start(Mock(interface={"properties": {
            "low": {"type": "i", "minimum": -5}, "high": {"type": "d", "maximum": 2.5}},
            "signals": {"lowChanged": {"signature": "(i)"}, "any": {}}}))
        text = self.good("info", half.url)
        self.assertRegex(text, r"(?m)^  low +int32 -5… +read, write +0$")
        self.assertRegex(text, r"(?m)^  high +double …2\.5 +read, write +0$")
        self.assertTrue(text.endswith("\nSIGNALS\n  NAME  ARGUMENTS\n  any   (v)\n"), text)

    def test_what_is_served_can_be_served_again(self) -> None:
        first = self.start(Mock(interface=json.loads(WHOLE.read_text())))
        told = json.loads(self.good("info", "--interface", first.url))
        self.assertEqual(told["properties"]["rotation"]["name"], "angle")
        self.assertEqual(told["properties"]["rotation"]["maximum"], 359)
        second = self.start(Mock(interface=told))
        self.assertEqual(json.loads(self.good("info", "--interface", second.url)), told)

    def test_a_device_with_next_to_nothing(self) -> None:
        mock = self.start(Mock(interface={"methods": {"go": {"signature": ""}}}))
        self.assertEqual([line.split() for line in self.good("info", mock.url).splitlines()],
                         [[mock.url, "native"], [], ["METHODS"],
                          ["NAME", "ARGUMENTS", "RETURNS", "TIMEOUT"], ["go", "value", "10", "s"]])
        self.assertEqual(self.json("get", mock.url), {})
        ping = self.good("ping", mock.url, "-c", "2", "-i", "0.01")
        self.assertIn("2 requests, 2 replies, 0% lost", ping)
        empty = self.start(Mock(interface={}))
        self.assertEqual(self.good("info", empty.url), f"{empty.url}  native\n")

    def test_methods_that_declare_what_they_return(self) -> None:
        types = {"d": 0.0, "s": "", "as": [], "(ib)": [0, False], "a{sv}": {}, "ms": None,
                 "()": None, "v": None}
        methods = {f"m{i}": {"signature": f"a: i = 1 -> {kind}"} for i, kind in enumerate(types)}
        methods["shoot"] = {"signature": "-> a{sv}", "buffer": True}
        mock = self.start(Mock("--reply", "m0=5", interface={"methods": methods}))
        for name, expected in zip(methods, [5.0, *list(types.values())[1:]]):
            self.assertEqual(repr(self.json("call", mock.url, name, "a=2")), repr(expected))
        rows = [line.split() for line in self.good("info", mock.url).splitlines()[4:]]
        self.assertEqual(rows[0], ["m0", "a:", "i", "=", "1", "double", "10", "s"])
        self.assertEqual(rows[6][5], "nothing")
        self.assertEqual(rows[8], ["shoot", "buffer", "10", "s"])
        self.assertEqual(self.good("call", mock.url, "m6"), "")
        told = json.loads(self.good("info", "--interface", mock.url))
        self.assertEqual(told["methods"]["m0"]["signature"], "a: i = 1 -> d")

    def test_first_values(self) -> None:
        mock = self.start(Mock("--set", "mode=VIDEO", "--set", "progress=7", "--set", "tags=x"))
        self.assertEqual(self.json("get", mock.url), {
            "mode": "VIDEO", "rotation": 90, "video_url": "größe 植物", "level": 0.5,
            "enabled": False, "tags": ["x"], "size": [640, 480], "config": None, "progress": 7,
            "max_progress": 0})

    def test_values_are_remembered_and_checked(self) -> None:
        mock = self.start(Mock())
        for name, text, value in (("mode", "VIDEO", "VIDEO"), ("rotation", "359", 359),
                                  ("video_url", "a=b c", "a=b c"), ("level", "1e-3", 0.001),
                                  ("level", "-2", -2.0), ("enabled", "on", True),
                                  ("tags", "x,y", ["x", "y"]), ("tags", '["a,b"]', ["a,b"]),
                                  ("size", "[1, 2]", [1, 2]), ("config", '{"a": [null]}',
                                                               {"a": [None]}),
                                  ("video_url", '"quoted"', "quoted"), ("config", "text", "text")):
            self.good("set", mock.url, name, text)
            self.assertEqual(self.json("get", mock.url, name), value)
            event = mock.event()
            self.assertEqual((event["event"], event["name"], event["value"]), ("set", name, value))
        for name, text, status in (("mode", "BOTH", 4), ("rotation", "360", 4),
                                   ("rotation", "1.5", 2), ("enabled", "maybe", 2),
                                   ("level", "much", 2), ("size", "[1]", 4), ("progress", "1", 4),
                                   ("nothing", "1", 5)):
            self.bad(status, "set", mock.url, name, text)
        self.assertIn("shows what can be written", self.bad(4, "set", mock.url, "progress", "1"))

    def test_values_of_other_types(self) -> None:
        mock = self.start(Mock(interface={"properties": {
            "total": {"type": "t"}, "offset": {"type": "x"}, "natural": {"type": "u"},
            "byte": {"type": "y"}, "factor": {"type": "d"}, "enabled": {"type": "b"},
            "parts": {"type": "as", "choices": {"lens": 1, "lamp": 2, "arm": 4}},
            "label": {"type": "s"}, "words": {"type": "as"}, "any": {"type": "v"}}}))
        self.assertEqual(self.json("get", mock.url), {
            "total": 0, "offset": 0, "natural": 0, "byte": 0, "factor": 0.0, "enabled": False,
            "parts": [], "label": "", "words": [], "any": None})
        for name, text, value in (("total", "18446744073709551615", 18446744073709551615),
                                  ("offset", "-9223372036854775808", -9223372036854775808),
                                  ("natural", "4294967295", 4294967295), ("byte", "255", 255),
                                  ("factor", "9007199254740992", 9007199254740992.0),
                                  ("enabled", "ON", True), ("enabled", "False", False),
                                  ("parts", "lens,arm", ["lens", "arm"]), ("parts", "[]", [])):
            for line in (["set", mock.url, name, text], ["wait", mock.url, f"{name}={text}"]):
                self.good(*line)
            self.assertEqual(mock.event()["name"], name)
            self.assertEqual(self.json("get", mock.url, name), value)
        for line in ("set natural -1", "set natural 4294967296", "set offset 9223372036854775808",
                     "set total -1", "set byte 256", "set parts lens,foot", "set parts lens,1",
                     "set parts '[9]'"):
            mock.say(line)
        self.assertEqual(self.json("get", mock.url), {
            "total": 18446744073709551615, "offset": -9223372036854775808, "natural": 4294967295,
            "byte": 255, "factor": 9007199254740992.0, "enabled": False, "parts": [], "label": "",
            "words": [], "any": None})
        status, errors = mock.end(signal.SIGTERM)
        self.assertEqual((status, len(errors.splitlines())), (0, 8), errors)

    def test_defaults_and_limits(self) -> None:
        properties = {
            kind: {"type": kind, "default": value, "minimum": least, "maximum": most}
            for kind, value, least, most in (
                ("i", 5, -3, 9), ("u", 5, 3, 9), ("x", -5, -(1 << 62), 9), ("t", 5, 3, 1 << 62),
                ("y", 5, 3, 9), ("d", 0.5, -0.5, 1.5))}
        properties |= {"b": {"type": "b", "default": True}, "s": {"type": "s", "default": "x"},
                       "e": {"type": "s", "choices": {"a": 3, "b": 7}, "default": "b"},
                       "f": {"type": "as", "choices": {"a": 1, "b": 4}, "default": ["b"]},
                       "v": {"type": "(is)", "default": [5, "x"]}}
        mock = self.start(Mock(interface={"properties": properties}))
        told = json.loads(self.good("info", "--interface", mock.url))["properties"]
        for name, form in properties.items():
            self.assertLessEqual(form.items(), told[name].items())
        self.assertEqual(self.json("get", mock.url),
                         {name: form["default"] for name, form in properties.items()})

    def test_what_can_only_be_written(self) -> None:
        mock = self.start(Mock(interface={"properties": {
            "key": {"type": "s", "access": "write"}, "level": {"type": "i"}}}))
        self.assertRegex(self.good("info", mock.url), r"(?m)^  key +string +write$")
        self.assertEqual(self.json("get", mock.url), {"level": 0})
        self.good("set", mock.url, "key", "secret")
        self.assertEqual(mock.event()["value"], "secret")
        self.bad(4, "get", mock.url, "key")
        result = run("get", mock.url, "level", "key", "--json")
        self.assertEqual((result.returncode, json.loads(result.stdout)), (4, {"level": 0}))
        self.assertEqual(json.loads(result.stderr)["member"], "key")
        # A round trip reads what can be read.
        mock = self.start(Mock(interface={"properties": {
            "key": {"type": "s", "access": "write"}}}))
        for line in self.good("ping", mock.url, "-jc", "2", "-i", "0").splitlines():
            self.assertNotIn("error", json.loads(line))

    def test_numbers_where_a_comma_is_the_point(self) -> None:
        mock = self.start(Mock("--set", "level=0.25", LC_ALL="de_DE.UTF-8"))
        german = {"LC_ALL": "de_DE.UTF-8"}
        self.assertEqual(self.good("get", mock.url, "level", **german), "0.25\n")
        self.good("set", mock.url, "level", "1.5", **german)
        self.assertEqual(self.good("get", mock.url, "level", "--json", **german), "1.5\n")
        self.good("wait", mock.url, "level>1.25", "-t", "30.5", **german)
        for line in self.good("ping", mock.url, "-jc", "2", "-i", "0.01", **german).splitlines():
            json.loads(line)

    def test_lines(self) -> None:
        mock = self.start(Mock())
        with Stream("monitor", mock.url, "--json") as monitor:
            # Until it is connected it hears nothing.
            while not select.select([monitor.process.stdout], [], [], 0.1)[0]:
                mock.say("set max_progress 5")
                mock.say("set max_progress 6")
            self.assertEqual(monitor.event()["name"], "max_progress")
            mock.say("emit captured 'the plant' 3")
            self.assertEqual(monitor.until("signal"), {"event": "signal", "name": "captured",
                                                       "args": ["the plant", 3]})
            mock.say("emit ping")
            self.assertEqual(monitor.event(), {"event": "signal", "name": "ping", "args": []})
        for line in ("emit captured x", "emit captured x y", "emit captured x 1 2 3",
                     "emit nothing", "set mode NO", "set nothing 1", "set mode", "frobnicate",
                     "emit 'open", ""):
            mock.say(line)
        self.assertEqual(self.good("get", mock.url, "max_progress"), "6\n")
        status, errors = mock.end(signal.SIGTERM)
        self.assertEqual((status, len(errors.splitlines())), (0, 9), errors)

    def test_lines_of_any_bytes(self) -> None:
        mock = self.start(Mock())
        mock.process.stdin.write(b"set video_url good\r\nset video_url \xff\nset video_url a\0b\n"
                                 b"set video_url '\xc3'\n\r\n# \xc3\xbc\nfrob \x1b[31m\xc2\x9b\n"
                                 b"set max_progress 5")
        mock.process.stdin.close()
        # The last line has no line break.
        self.good("wait", mock.url, "max_progress=5", "-t", str(DEADLINE))
        self.assertEqual(self.good("get", mock.url, "video_url"), "good\n")
        mock.process.send_signal(signal.SIGTERM)
        self.assertEqual(mock.process.wait(DEADLINE), 0)
        errors = mock.process.stderr.read().decode().splitlines()
        self.assertEqual([error.endswith("is not UTF-8") for error in errors], [True] * 3 + [False])
        self.assertIn("frob \\u001b[31m\\u009b", errors[3])

    def test_what_stays_the_same_is_not_told(self) -> None:
        mock = self.start(Mock())
        with zmq.Context() as context, context.socket(zmq.REQ) as asking, \
                context.socket(zmq.SUB) as hearing:
            asking.linger, hearing.rcvtimeo = 0, DEADLINE * 1000
            asking.connect(mock.url)
            asking.send(b'{"event": "INIT_SIGNALS_HANDLING"}')
            self.assertTrue(asking.poll(DEADLINE * 1000))
            hearing.subscribe(b"")
            hearing.connect(f"tcp://127.0.0.1:{json.loads(asking.recv())['signal_port']}")
            while not hearing.poll(50):
                mock.say("emit ping")
            for line in ("set mode STILL", "set tags a,b", "set level 0.5", "set size '[640, 480]'",
                         "set video_url 'größe 植物'", "set config null", "emit captured x 1"):
                mock.say(line)
            while (message := json.loads(hearing.recv()))["signal"] == "ping":
                pass
            self.assertEqual(message["signal"], "captured")

    def test_methods(self) -> None:
        picture = self.folder() / "picture"
        picture.write_bytes(b"\x89PNG\0\xff")
        mock = self.start(Mock("--reply", "add=[5, null]", "--reply", f"get_image=@{picture}",
                               "--fail", "greet=not today", "--delay", "scan=600"))
        self.assertEqual(self.json("call", mock.url, "add", "1", "b=-2"), [5, None])
        self.assertEqual(mock.event(), {"event": "call", "name": "add", "args": [1, -2],
                                        "kwargs": {}})
        output = self.folder() / "out"
        self.good("call", mock.url, "get_image", "lores=yes", "-o", str(output))
        self.assertEqual(output.read_bytes(), picture.read_bytes())
        self.assertEqual(mock.event()["args"], [True])
        self.assertIn("not today", self.bad(4, "call", mock.url, "greet", "a", "loud=true"))
        self.late(6, "may have run", lambda _: ["call", mock.url, "scan"])
        self.assertEqual(self.good("call", mock.url, "anything", "1", "x", "y=2"), "")
        self.assertEqual([mock.event()["name"] for _ in range(2)], ["greet", "scan"])
        self.assertEqual(mock.event(), {"event": "call", "name": "anything", "args": [1, "x"],
                                        "kwargs": {"y": 2}})

    def test_for_people(self) -> None:
        file = self.folder() / "interface.json"
        file.write_text(json.dumps(INTERFACE))
        with Stream("serve", str(file), "--reply", "add=[1]") as serving:
            url = re.fullmatch(r"[\d:.]{12}  serves    (tcp://\S+)", serving.line())[1]
            for command, line in ((["call", url, "add", "1"], "call      add               1,2"),
                                  (["call", url, "anything", "x", "y=2"],
                                   'call      anything          "x" {"y":2}'),
                                  (["call", url, "scan"], "call      scan"),
                                  (["set", url, "tags", "a,b"],
                                   'set       tags              ["a","b"]')):
                self.good(*command)
                self.assertEqual(serving.line()[14:], line)

    def test_a_call_that_nobody_waits_for_any_more(self) -> None:
        mock = self.start(Mock("--delay", "scan=3"))
        self.late(6, "may have run", lambda _: ["call", mock.url, "scan"])
        self.assertEqual(self.good("call", mock.url, "scan"), "")
        self.assertEqual(mock.end(), (130, ""))

    def test_clients_stop_it_where_they_may(self) -> None:
        for options, status in (([], None), (["--allow-stop"], 0)):
            mock = self.start(Mock(*options))
            with zmq.Context() as context, context.socket(zmq.REQ) as socket:
                socket.linger = 0
                socket.connect(mock.url)
                socket.send(b'{"event": "STOP_SERVER"}')
                self.assertTrue(socket.poll(DEADLINE * 1000))
                self.assertEqual(json.loads(socket.recv())["success"], status == 0)
            if status is None:
                self.assertEqual(self.good("get", mock.url, "mode"), "STILL\n")
            else:
                self.assertEqual(mock.process.wait(DEADLINE), status)

    def test_arguments(self) -> None:
        mock = self.start(Mock())
        for texts, args in ((["one=1"], None), (["text=a=b"], ["a=b", False]),
                            (['"one=1"'], ["one=1", False]), (["12"], ["12", False]),
                            (["x", "loud=1"], ["x", True]), (["--", "-x"], ["-x", False]),
                            (["x", "perhaps"], None)):
            if args is None:
                self.bad(2, "call", mock.url, "greet", *texts)
                continue
            self.good("call", mock.url, "greet", *texts)
            self.assertEqual(mock.event()["args"], args)
        self.assertIn("argument “text” of “greet” is missing",
                      self.bad(4, "call", mock.url, "greet"))

    def test_memory(self) -> None:
        path = self.folder() / "values.json"
        with Mock("--remember", str(path)) as mock:
            self.good("set", mock.url, "mode=VIDEO", "tags=a,b")
            mock.say("set progress 9")
            self.good("wait", mock.url, "progress=9")
            self.assertEqual(mock.end()[0], 130)
        # Where it is kept in a repository, a change is a change of one line.
        self.assertEqual(path.read_text(), """{
  "mode": "VIDEO",
  "progress": 9,
  "tags": [
    "a",
    "b"
  ]
}
""")
        with Mock("--remember", str(path), "--set", "progress=1") as mock:
            self.assertEqual(self.json("get", mock.url, "mode", "tags", "progress"),
                             {"mode": "VIDEO", "tags": ["a", "b"], "progress": 1})
        path.write_text('{"gone": [1], "mode": "STILL"}')
        with Mock("--remember", str(path)) as mock:
            self.good("set", mock.url, "mode=VIDEO")
            self.assertEqual(mock.end()[0], 130)
        self.assertEqual(json.loads(path.read_text()), {"gone": [1], "mode": "VIDEO"})
        file = self.folder() / "interface.json"
        file.write_text(json.dumps(INTERFACE))
        path.write_text("[1]")
        self.assertIn("no JSON object", self.bad(1, "serve", str(file), "--remember", str(path)))
        path.write_text('{"rotation": 1000}')
        self.assertIn("rotation", self.bad(1, "serve", str(file), "--remember", str(path)))

    def test_memory_of_the_last_moment(self) -> None:
        """The file is saved when no input waits, so not while there is more to read."""
        path = self.folder() / "values.json"
        mock = self.start(Mock("--remember", str(path)))
        writer = threading.Thread(target=self.say_without_end, args=(mock,))
        writer.start()
        self.good("wait", mock.url, "progress=9")
        mock.process.send_signal(signal.SIGTERM)
        self.assertEqual(mock.process.wait(DEADLINE), 0)
        writer.join()
        self.assertEqual(json.loads(path.read_text()), {"progress": 9})

    @staticmethod
    def say_without_end(mock: Mock) -> None:
        try:
            while True:
                os.write(mock.process.stdin.fileno(), b"set progress 9\n" * 4096)
        except BrokenPipeError:
            pass

    def test_what_a_monitor_tells_people(self) -> None:
        url = f"ipc://{self.folder()}/socket"
        mock = self.start(Mock("--url", url))
        monitor = self.start(Stream("monitor", url))
        while not select.select([monitor.process.stdout], [], [], 0.1)[0]:
            mock.say("emit ping")
        self.assertEqual(monitor.line()[14:], "signal    ping")
        mock.say("emit captured 'the plant' 3")
        mock.say("set tags x,y")
        while (line := monitor.line()[14:]) == "signal    ping":
            pass
        self.assertEqual(line, 'signal    captured          "the plant" 3')
        self.assertEqual(monitor.line()[14:], 'property  tags              ["x","y"]')
        self.assertEqual(mock.end(signal.SIGTERM), (0, ""))
        self.assertRegex(monitor.line(), r"^[\d:.]{12}  state +disconnected: \S+")
        mock = self.start(Mock("--url", url, "--set", "tags=z"))
        lines = [monitor.line()[14:], monitor.line()[14:]]
        self.assertRegex(lines[0], r"^state +ready$|^property  tags +\[\"z\"\]$")
        self.assertEqual(len({line.split()[0] for line in lines}), 2)

    def test_a_count_of_events_that_come_at_once(self) -> None:
        mock = self.start(Mock())
        with Stream("monitor", mock.url, "--json", "-c", "3") as monitor:
            self.good("wait", mock.url)
            mock.say("emit ping")
            # When one signal has arrived the monitor is subscribed.
            while not select.select([monitor.process.stdout], [], [], 0.1)[0]:
                mock.say("emit ping")
            monitor.line()
            monitor.process.send_signal(signal.SIGSTOP)
            os.waitpid(monitor.process.pid, os.WUNTRACED)
            for _ in range(50):
                mock.say("emit ping")
            self.good("call", mock.url, "add", "1")
            while mock.event()["event"] != "call":
                pass
            monitor.process.send_signal(signal.SIGCONT)
            self.assertEqual(monitor.process.wait(DEADLINE), 0)
            self.assertEqual(len(monitor.process.stdout.read().splitlines()), 2)

    def test_a_device_that_comes_back_without_a_property(self) -> None:
        members = {name: {"type": "i", "default": 1} for name in ("kept", "gone")}
        mock = self.start(Mock("--url", "tcp://127.0.0.1:*", interface={"properties": members}))
        with Stream("monitor", mock.url, "--json", "--initial") as monitor:
            self.assertEqual({monitor.event()["name"] for _ in range(2)}, set(members))
            mock.end()
            self.assertEqual(monitor.until("state")["state"], "disconnected")
            members["kept"]["default"] = 2
            del members["gone"]
            self.start(Mock("--url", mock.url, interface={"properties": members}))
            told = {}
            while told.keys() != {"failed", "property"}:
                event = monitor.event()
                if event["event"] != "state":
                    told[event.pop("event")] = event
            self.assertEqual(told["property"], {"name": "kept", "value": 2})
            self.assertEqual(told["failed"]["name"], "gone")
            self.assertIn("gone", told["failed"]["message"])

    def test_mistakes(self) -> None:
        file = self.folder() / "interface.json"
        file.write_text(json.dumps(INTERFACE))
        for options in (["--set", "nothing=1"], ["--set", "rotation=x"], ["--set", "rotation=400"],
                        ["--reply", "add"], ["--reply", "nothing=1"], ["--reply", "add={"],
                        ["--reply", "get_image=7"], ["--delay", "add=long"],
                        ["--url", "nonsense://x"]):
            self.bad(2, "serve", str(file), *options)
        self.assertIn("expected @FILE, got “7”",
                      self.bad(2, "serve", str(file), "--reply", "get_image=7"))
        self.assertIn("No such file", self.bad(1, "serve", "/nonexistent.json"))
        file.write_text('{"properties": {"a": {"type": "?"}}}')
        self.assertIn("a", self.bad(2, "serve", str(file)))

    def test_it_goes_on_without_input(self) -> None:
        mock = self.start(Mock())
        mock.process.stdin.close()
        self.assertEqual(self.good("get", mock.url, "mode"), "STILL\n")
        mock.process.stdin = open("/dev/null", "wb")


if __name__ == "__main__":
    unittest.main()
