#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each command that talks to a device, with devices of all generations."""

import functools
import json
import re
import signal
import unittest
from typing import Any, Callable

from harness import Case, KINDS, PeerServer, Stream, Terminal, camera, run, wait_until


def each(test: Callable[..., None]) -> Callable[[Case], None]:
    """A test that is run with a device of each kind, which nobody asks for its signals."""
    @functools.wraps(test)
    def repeated(self: Case) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), camera(kind) as device:
                test(self, kind, device)
                device.assert_clean()
                if kind != "native":
                    self.assertEqual(device.command("state")["inits"], 0)
    return repeated


def name_wire(kind: str) -> str:
    """What the command line calls it."""
    return kind if kind == "native" else "plant-imager"


class Devices(Case):
    """One test for all kinds: it is the same camera."""

    @each
    def test_info(self, kind: str, device: Any) -> None:
        text = self.good("info", device.url)
        wire = name_wire(kind)
        self.assertEqual(text.splitlines()[0].split(), [device.url, wire])
        self.assertRegex(text, r"(?m)^  mode +string +read, write +STILL$")
        self.assertRegex(text, r"(?m)^  get_image .* buffer +10 s$")
        self.assertRegex(text, r"(?m)^  slow .* value +2 s$")
        self.assertNotIn("modeChanged", text)
        told = self.json("info", device.url)
        self.assertEqual((told["url"], told["wire"]), (device.url, wire))
        self.assertEqual(told["values"]["encoding"], "jpeg")
        self.assertIn("modeChanged", told["interface"]["signals"])
        interface = self.good("info", "--interface", device.url)
        self.assertEqual(json.loads(interface), told["interface"])
        for name in told["interface"]["properties"]:
            self.assertRegex(interface, rf'(?m)^    "{name}": {{')

    @each
    def test_get(self, kind: str, device: Any) -> None:
        self.assertEqual(self.good("get", device.url, "mode"), "STILL\n")
        self.assertEqual(self.good("get", device.url, "mode", "-j"), '"STILL"\n')
        self.assertEqual(self.good("get", device.url, "video-url"), "\n")
        self.assertEqual(self.json("get", device.url, "rotation", "mode"),
                         {"rotation": 0, "mode": "STILL"})
        text = self.good("get", device.url, "mode", "rotation")
        self.assertEqual([line.split() for line in text.splitlines()],
                         [["NAME", "VALUE"], ["mode", "STILL"], ["rotation", "0"]])
        self.assertEqual(set(self.json("get", device.url)),
                         {"mode", "video_url", "rotation", "resolution", "encoding", "config",
                          "progress"})
        self.assertIn("no such property", self.bad(5, "get", device.url, "nothing"))

    @each
    def test_set(self, kind: str, device: Any) -> None:
        self.assertEqual(self.good("set", device.url, "mode", "VIDEO"), "")
        self.assertEqual(self.good("get", device.url, "mode"), "VIDEO\n")
        self.assertEqual(self.good("set", device.url, "rotation=-90", "video_url=a b=c"), "")
        self.assertEqual(self.json("get", device.url, "rotation", "video_url"),
                         {"rotation": -90, "video_url": "a b=c"})
        self.good("set", device.url, "rotation", "-7")
        self.assertEqual(self.json("get", device.url, "rotation"), -7)
        self.good("set", device.url, "resolution", "[2, 3]")
        self.assertEqual(self.json("get", device.url, "resolution"), [2, 3])
        self.assertEqual(self.json("set", device.url, "config", '{"a": [1, null]}'),
                         {"config": {"a": [1, None]}})
        self.bad(4, "set", device.url, "mode=BROKEN", "rotation=77")
        self.assertEqual(self.json("get", device.url, "rotation"), -7)
        error = self.bad(4, "set", device.url, "mode", "BROKEN")
        self.assertIn("BROKEN", error)
        self.assertIn(f"{device.url}: mode\n  while writing: ", error)
        self.assertEqual(self.good("get", device.url, "mode"), "VIDEO\n")

    @each
    def test_an_integer_stays_one(self, kind: str, device: Any) -> None:
        """A generation 1 or 2 camera would hand a float to its hardware otherwise."""
        self.good("set", device.url, "rotation", "90")
        told = self.good("call", device.url, "get_image", "lores=true", "-j", "-o",
                         str(self.folder() / "picture"))
        self.assertIn('"rotation":90,', told)
        self.assertEqual(self.good("call", device.url, "add", "a=3", "b=4", "-j"), "7\n")

    @each
    def test_call(self, kind: str, device: Any) -> None:
        self.assertEqual(self.good("call", device.url, "echo", "words of text"),
                         "words of text\n")
        self.assertEqual(self.json("call", device.url, "echo", '{"a": [1, "x"]}'),
                         {"a": [1, "x"]})
        self.assertEqual(self.good("call", device.url, "echo", "message=-5"), "-5\n")
        self.assertEqual(self.good("call", device.url, "add", "-5", "3"), "-2\n")
        self.assertEqual(self.good("call", device.url, "echo", "null"), "")
        error = self.bad(4, "call", device.url, "fail")
        self.assertIn("while calling: deliberate failure", error)
        self.assertEqual(self.bad(5, "call", device.url, "nothing").splitlines(), [
            f"plantrpc: {device.url}: nothing", "  there is no such method",
            f"  “plantrpc info {device.url}” shows what there is."])
        told = json.loads(self.bad(4, "call", device.url, "fail", "--json"))
        self.assertEqual((told["error"], told["member"], told["stage"], told["status"]),
                         ("deliberate failure", "fail", "calling", 4))
        if kind != "native":
            self.assertIn("Traceback", told["traceback"])
            self.assertIn("--verbose", error)
            self.assertIn("Traceback", self.bad(4, "call", device.url, "fail", "--verbose"))

    @each
    def test_buffer(self, kind: str, device: Any) -> None:
        path = self.folder() / "picture"
        text = self.good("call", device.url, "get_image", "-o", str(path))
        self.assertRegex(text, r"1\.0\sMiB")
        self.assertEqual(path.read_bytes()[:3], b"\0\1\2")
        self.assertEqual(path.stat().st_size, 1 << 20)
        told = self.json("call", device.url, "get_image", "lores=true", "-o", str(path))
        self.assertEqual((told["file"], told["size"], told["info"]["lores"]),
                         (str(path), 4096, True))
        self.assertEqual(path.stat().st_size, 4096)
        before = path.read_bytes()
        self.bad(4 if kind != "native" else 2, "call", device.url, "get_image", "lores=7",
                 "-o", str(path))
        self.assertEqual(path.read_bytes(), before)
        other = path.with_name("other")
        self.bad(4 if kind != "native" else 2, "call", device.url, "get_image", "lores=7",
                 "-o", str(other))
        self.assertFalse(other.exists())

    @each
    def test_monitor(self, kind: str, device: Any) -> None:
        with Stream("monitor", device.url, "--json", "--initial", "-c", "9") as monitor:
            first = {event["name"]: event["value"]
                     for event in (monitor.event() for _ in range(7))}
            self.assertEqual(first["mode"], "STILL")
            self.good("set", device.url, "mode", "VIDEO")
            self.assertEqual(monitor.event(),
                             {"event": "property", "name": "mode", "value": "VIDEO"})
            self.good("set", device.url, "encoding", "png")
            self.assertEqual(monitor.event()["name"], "encoding")
            monitor.process.wait(60)
            self.assertEqual(monitor.process.returncode, 0)
        with Stream("monitor", device.url, "rotationChanged", "-i") as monitor:
            self.assertRegex(monitor.line(), r"^\d\d:\d\d:\d\d\.\d{3}  property  rotation +0$")
            self.good("set", device.url, "mode=STILL", "rotation=8")
            self.assertRegex(monitor.line(), r"property  rotation +8$")
            status, errors = monitor.end()
            self.assertEqual(status, 130)
            self.assertEqual("--signals" in errors, kind != "native")

    @each
    def test_wait(self, kind: str, device: Any) -> None:
        self.assertEqual(self.good("wait", device.url), "")
        self.assertEqual(self.json("wait", device.url, "mode=STILL", "rotation<=0"),
                         {"device": device.url, "url": device.url})
        with Stream("wait", device.url, "mode!=STILL", "rotation>=5") as waiting:
            self.good("set", device.url, "rotation", "6")
            self.assertIsNone(waiting.process.poll())
            self.good("set", device.url, "mode", "VIDEO")
            self.assertEqual(waiting.process.wait(60), 0)
        # Strings are compared as strings. Other values can only be equal or unequal.
        self.good("wait", device.url, "mode<W", "mode<=VIDEO", "mode>U", "mode>=VIDEO")
        self.good("wait", device.url, "resolution=[640, 480]", "resolution!=[480, 640]")
        for condition in ("mode<VIDEO", "mode>VIDEO", "rotation<6", "rotation>6",
                          "resolution<[9, 9]", "resolution<=[9, 9]", "resolution>[1, 1]",
                          "resolution>=[1, 1]"):
            self.bad(3, "wait", device.url, condition, "-t", "0.3")
        error = self.late(3, "and it is", lambda _: ["wait", device.url, "rotation=7"])
        self.assertEqual(error.splitlines(), [
            f"plantrpc: {device.url}: rotation", "  time is up, and it is 6"])
        self.assertIn("no such property", self.bad(5, "wait", device.url, "nothing=1"))

    @each
    def test_ping(self, kind: str, device: Any) -> None:
        lines = self.good("ping", device.url, "-c", "3", "-i", "0.01").splitlines()
        self.assertEqual(lines[0], f"PING {device.url} ({name_wire(kind)})")
        for number, line in enumerate(lines[1:4], 1):
            self.assertRegex(line, rf"^reply from {device.url}: seq={number} time=\d+\.\d+ ms$")
        self.assertEqual(lines[-2], "3 requests, 3 replies, 0% lost")
        numbers = re.fullmatch(r"round trip min/avg/max/mdev = "
                               r"([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms", lines[-1])
        times = [float(re.search(r"time=(.*) ms", line)[1]) for line in lines[1:4]]
        mean = sum(times) / 3
        deviation = (sum(time * time for time in times) / 3 - mean * mean) ** 0.5
        for told, expected in zip(map(float, numbers.groups()),
                                  (min(times), mean, max(times), deviation)):
            self.assertAlmostEqual(told, expected, delta=0.1)
        with Stream("ping", device.url, "--json", "-i", "0.01") as ping:
            lines = [json.loads(ping.line()), json.loads(ping.line())]
            ping.process.send_signal(signal.SIGINT)
            while "sent" not in lines[-1]:
                lines.append(json.loads(ping.line()))
            *replies, last = lines
            self.assertEqual([reply["seq"] for reply in replies], list(range(1, len(lines))))
            self.assertEqual((last["sent"], last["received"]), (len(replies), len(replies)))
            times = [reply["time"] for reply in replies]
            mean = sum(times) / len(times)
            deviation = (sum(time * time for time in times) / len(times) - mean * mean) ** 0.5
            for name, expected in (("min", min(times)), ("avg", mean), ("max", max(times)),
                                   ("mdev", deviation)):
                self.assertAlmostEqual(last[name], expected, delta=0.1, msg=name)
            self.assertEqual(ping.process.wait(60), 130)

    def test_a_value_that_the_device_makes_another(self) -> None:
        for generation in ("1", "2"):
            with self.subTest(generation=generation), PeerServer(generation) as device:
                device.command("behave", property="rotation", clamp=[0, 10])
                result = run("set", device.url, "rotation=50")
                self.assertEqual((result.returncode, result.stdout, result.stderr),
                                 (0, "", "plantrpc: the device has made it rotation: 10\n"))
                self.assertEqual(self.good("set", device.url, "rotation", "9"), "")
                self.assertEqual(self.json("set", device.url, "rotation", "-3"), {"rotation": 0})
                self.assertEqual(self.good("get", device.url, "rotation"), "0\n")

    @each
    def test_names_that_the_device_does_not_have(self, kind: str, device: Any) -> None:
        advice = f"  “plantrpc info {device.url}” shows what there is."
        for command, text in ((["monitor", "mode", "nothing"], "property or signal"),
                              (["get", "mode", "nothing"], "property"),
                              (["set", "nothing=1"], "property"),
                              (["wait", "nothing=1"], "property")):
            self.assertEqual(self.bad(5, command[0], device.url, *command[1:]).splitlines()[-3:], [
                f"plantrpc: {device.url}: {command[-1].split('=')[0]}",
                f"  there is no such {text}", advice], command)

    def test_two_conditions_that_cannot_hold(self) -> None:
        """The first is told of."""
        with camera("native") as device:
            for first, second, status in (("nothing=1", "more=2", 5),
                                          ("nothing=1", "rotation=x", 5),
                                          ("rotation=x", "rotation=y", 2),
                                          ("rotation=x", "nothing=1", 2)):
                told = json.loads(self.bad(status, "wait", device.url, first, second, "--json"))
                self.assertEqual(told["member"], first.split("=")[0])

    @each
    def test_by_name(self, kind: str, device: Any) -> None:
        """A device at 127.0.0.1 is found as localhost, which is ::1 as well."""
        url = device.url.replace("127.0.0.1", "localhost")
        self.assertIn("mode", self.good("get", url))

    @each
    def test_interrupted_call(self, kind: str, device: Any) -> None:
        # It shows itself after a second; on a busy machine later.
        call = Terminal("call", device.url, "slow", "4", "-t", "60")
        call.until(r"slow +0:01 +\(Ctrl-C to stop\)")
        call.process.send_signal(signal.SIGINT)
        self.assertEqual(call.finish()[0], 130)

    @each
    def test_late_call(self, kind: str, device: Any) -> None:
        self.late(6, "may have run", lambda seconds: ["call", device.url, "slow", str(seconds + 1)])

    def test_a_device_that_comes_back(self) -> None:
        for kind in KINDS[1:]:
            with self.subTest(kind=kind), camera(kind) as device:
                with Stream("monitor", device.url, "--json", "-i", "--signals") as monitor:
                    for _ in range(7):
                        monitor.event()
                    device.kill()
                    self.assertEqual(monitor.until("state")["state"], "disconnected")
                    device.restart()
                    self.assertEqual(monitor.until("state")["state"], "ready")
                    self.good("set", device.url, "mode", "VIDEO")
                    self.assertEqual(monitor.until("property")["value"], "VIDEO")

    def test_signals_of_old_devices(self) -> None:
        for generation in ("1", "2"):
            with self.subTest(generation=generation), \
                    PeerServer(generation, device="extended") as device, \
                    Stream("monitor", device.url, "captured", "mode", "-jsi") as monitor:
                # It has subscribed by the time that it knows the present value.
                self.assertEqual(monitor.event()["name"], "mode")
                with Stream("wait", device.url, "tags=x") as waiting:
                    self.good("call", device.url, "burst", "2")
                    for number in range(2):
                        self.assertEqual(monitor.event(), {"event": "signal", "name": "captured",
                                                           "args": ["burst", number]})
                    self.good("set", device.url, "tags=x")
                    self.assertEqual(waiting.process.wait(60), 0)
                self.assertEqual(device.command("state")["inits"], 1)


if __name__ == "__main__":
    unittest.main()
