#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Registries from the command line: run, listed, watched, and asked for names."""

import datetime
import json
import signal
import subprocess
import unittest
from typing import Any

from harness import Case, HERE, Mock, NOBODY, Registry, Stream, run

PEER_REGISTRY = HERE.parent / "peer" / "registry.py"


class Registries(Case):
    """With one registry, and mocks that register there."""

    def setUp(self) -> None:
        self.registry = self.start(Registry())

    def mock(self, name: str, kind: str = "camera", **options: Any) -> Mock:
        """A device that is registered."""
        mock = self.start(Mock("--name", name, "--type", kind, "-r", self.registry.url, **options))
        self.assertEqual(mock.until("named")["name"], name)
        return mock

    def at(self, *arguments: str) -> list[str]:
        """Arguments for this registry."""
        return [*arguments, "--registry", self.registry.url]

    def test_list(self) -> None:
        result = self.good("list", self.registry.url, "--json")
        self.assertEqual(json.loads(result), [])
        second, first = self.mock("zoé"), self.mock("arm", "scanner")
        told = json.loads(self.good("list", self.registry.url, "--json"))
        self.assertEqual([(d["name"], d["type"], d["url"]) for d in told],
                         [("arm", "scanner", first.url), ("zoé", "camera", second.url)])
        self.assertEqual(set(told[0]), {"name", "type", "url", "uuid", "lastSeen"})
        lines = self.good("list", PLANTRPC_REGISTRY=self.registry.url).splitlines()
        self.assertRegex(lines[0], r"^NAME  TYPE     URL +LAST SEEN$")
        self.assertRegex(lines[1], rf"^arm   scanner  {first.url}  \d+ s ago$")
        only = self.good(*self.at("list", "--type", "camera")).splitlines()
        self.assertEqual([line.split()[0] for line in only], ["NAME", "zoé"])

    def test_what_a_list_tells(self) -> None:
        """Ages come from the registry, and time goes on while it answers."""
        ages = {"a": 0, "b": 60, "c": 110, "d": 120, "e": 3600, "f": 7170, "ö": 1e6}
        url = self.start_registry({"event": "DEVICES", "payload": {"serial": 1, "devices": [
            {"name": name, "device_type": f"type of {name}", "addr": f"tcp://127.0.0.1:{number}",
             "uuid": f"uuid of {name}", "age": age}
            for number, (name, age) in reversed(list(enumerate(ages.items(), 1)))]}})
        rows = self.good("list", url).splitlines()[1:]
        for number, (row, name, age) in enumerate(zip(rows, ages, (
                r"\d s", r"6\d s", r"11\d s", r"2 min", r"60 min", r"119 min", r"16666 min")), 1):
            self.assertRegex(row, rf"^{name} +type of {name}  tcp://127.0.0.1:{number}  {age} ago$")
        told = json.loads(self.good("list", url, "--json"))
        self.assertEqual([(device["name"], device["type"], device["url"], device["uuid"])
                          for device in told],
                         [(name, f"type of {name}", f"tcp://127.0.0.1:{number}",
                           f"uuid of {name}") for number, name in enumerate(ages, 1)])
        now = datetime.datetime.now(datetime.timezone.utc)
        for device, age in zip(told, ages.values()):
            seen = datetime.datetime.fromisoformat(device["lastSeen"].replace("Z", "+00:00"))
            self.assertAlmostEqual((now - seen).total_seconds(), age, delta=60)
        self.assertEqual([line.split()[0] for line in
                          self.good("list", url, "-T", "type of b").splitlines()], ["NAME", "b"])
        self.mock("cold", "-5")
        self.assertEqual([line.split()[0] for line in
                          self.good("list", self.registry.url, "-T", "-5").splitlines()],
                         ["NAME", "cold"])
        self.assertIn(f"no device is registered at “{url}”", run("list", url, "-T", "x").stderr)
        self.assertEqual(self.json("list", url, "-T", "x"), [])

    def test_empty(self) -> None:
        result = run("list", self.registry.url)
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertIn("no device is registered", result.stderr)

    def test_watch(self) -> None:
        there = self.mock("there")
        with Stream("watch", self.registry.url, "--json", "-c", "3") as watch:
            line = watch.line()
            self.assertEqual(line.count('"name"'), 1)
            first = json.loads(line)
            self.assertEqual((first["event"], first["name"], first["url"]),
                             ("added", "there", there.url))
            mock = self.mock("cam")
            self.assertEqual(watch.event()["name"], "cam")
            mock.end()
            last = watch.event()
            self.assertEqual((last["event"], last["name"]), ("removed", "cam"))
            self.assertEqual(watch.process.wait(60), 0)
        with Stream("watch", self.registry.url, "--type", "arm") as watch:
            self.mock("left", "arm")
            self.assertRegex(watch.line(), r"^[\d:.]+  added +left +arm  tcp://")
            self.assertEqual(watch.end(), (130, ""))

    def test_a_count_of_devices_that_come_at_once(self) -> None:
        for name in ("a", "b", "c"):
            self.mock(name)
        self.assertEqual(len(self.good("watch", self.registry.url, "-c", "2").splitlines()), 2)

    def test_watch_before_the_registry(self) -> None:
        url = self.registry.url
        self.assertEqual(self.registry.end(15), (0, ""))
        with Stream("watch", url, "--json") as watch, Registry(url) as registry:
            self.registry = registry
            self.mock("late")
            self.assertEqual(watch.event()["name"], "late")

    def test_the_registry_tells(self) -> None:
        mock = self.mock("cam")
        event = self.registry.event()
        self.assertEqual((event["event"], event["name"], event["url"]),
                         ("added", "cam", mock.url))
        mock.end()
        self.assertEqual(self.registry.event()["event"], "removed")
        self.assertEqual(self.registry.end()[0], 130)
        self.assertIn("tcp://", self.bad(1, "registry", "tcp://192.0.2.1:5555"))
        self.assertIn("scheme", self.bad(2, "registry", "nonsense://x"))

    def test_names(self) -> None:
        self.mock("cam")
        place = self.registry.url.removeprefix("tcp://")
        for name in ("cam", "camera"):
            for device in ([name, "-r", self.registry.url], [f"{name}@{self.registry.url}"],
                           [f"{name}@{place}"]):
                self.assertEqual(self.good("get", *device, "mode"), "STILL\n")
        self.assertEqual(self.good("get", "cam", "mode", PLANTRPC_REGISTRY=place), "STILL\n")
        self.assertTrue(self.good("info", f"cam@{place}").startswith("cam  tcp://"))
        error = self.bad(5, "get", f"nobody@{place}")
        self.assertIn("nobody@", error)
        self.assertIn("while resolving the name", error)
        self.assertIn("There are: cam.", error)
        told = json.loads(self.bad(5, "get", f"nobody@{place}", "--json"))
        self.assertEqual((told["device"], told["stage"]), (f"nobody@{place}", "resolving"))
        self.assertNotIn("url", told)

    def test_wait_for_a_name(self) -> None:
        with Stream(*self.at("wait", "cam", "mode=VIDEO")) as waiting:
            mock = self.mock("cam")
            self.assertIsNone(waiting.process.poll())
            mock.say("set mode VIDEO")
            self.assertEqual(waiting.process.wait(60), 0)
        self.late(3, "No “nobody” is registered", lambda _: self.at("wait", "nobody"))

    def test_nobody_there(self) -> None:
        for command in (["list"], ["get", "cam"]):
            error = self.bad(3, *command)
            self.assertIn(f"Nobody listens at “{NOBODY}”", error)
            self.assertIn("plantrpc registry", error)
        # The registry is what a list is of, and of a device it is no address.
        told = json.loads(self.bad(3, "list", "--json"))
        self.assertEqual((told["url"], told["stage"]), (NOBODY, "connecting"))
        told = json.loads(self.bad(3, "get", "cam", "--json"))
        self.assertEqual((told["device"], told["stage"]), ("cam", "resolving"))
        self.assertNotIn("url", told)

    def test_what_is_no_url_of_a_registry(self) -> None:
        remedy = "  A registry is a URL such as tcp://HOST:PORT, or HOST, or HOST:PORT."
        for url in ("nonsense://x", "tcp://x y:5", "tcp://127.0.0.1:99999"):
            for command, stage in ((["list", url], "connecting"), (["watch", url], "connecting"),
                                   (["get", "cam", "-r", url], "resolving"),
                                   (["wait", f"cam@{url}"], "resolving")):
                if command[0] != "wait":
                    self.assertEqual(self.bad(2, *command).splitlines()[-1], remedy, command)
                told = json.loads(self.bad(2, *command, "--json"))
                self.assertEqual((told["stage"], told["status"]), (stage, 2), command)

    def test_an_old_registry(self) -> None:
        old = subprocess.Popen(["/usr/bin/python3", PEER_REGISTRY, "--url", "tcp://127.0.0.1:*",
                                "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(old.wait)
        self.addCleanup(old.stdout.close)
        self.addCleanup(old.stdin.close)
        url = old.stdout.readline().strip()
        for command in (["list", url], ["get", f"cam@{url}"], ["wait", f"cam@{url}"],
                        ["watch", url]):
            self.assertIn("not of plantrpc", self.bad(3, *command))
        self.assertIn("Give the URL", self.bad(3, "get", f"cam@{url}"))

    def test_a_mock_without_its_registry(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            mock = self.start(Mock("--name", "cam", "-r", NOBODY))
            self.assertEqual(self.good("get", mock.url, "mode"), "STILL\n")
            self.assertEqual(mock.end(number)[1], "")


if __name__ == "__main__":
    unittest.main()
