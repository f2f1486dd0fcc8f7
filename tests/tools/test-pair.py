#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device invites, a desk pairs: the commands of both sides."""

import json
import os
import re
import stat
import subprocess
import unittest

from harness import Case, DEADLINE, ENVIRONMENT, Mock, TOOL, Terminal, plain, run, wait_until

LINK = r"plantrpc\+curve://127\.0\.0\.1:\d+/#[\w-]{43}\.[\w-]{43}"


class Pairing(Case):
    """Both sides keep their keys in folders of their own."""

    def setUp(self) -> None:
        self.here = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        self.there = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        self.mock = self.start(Mock("--secure", "cam", **self.there))

    def invite(self, *options: str) -> str:
        """What a script gets: the link alone."""
        told = run("invite", "cam", *options, **self.there)
        self.assertEqual((told.returncode, told.stderr.splitlines()[1:]), (0, []), told.stderr)
        self.assertIn("is reached from this computer only", told.stderr)
        self.assertRegex(told.stdout, rf"\A{LINK}\n\Z")
        return told.stdout.strip()

    def pair(self, link: str, *options: str, **environment: str) -> subprocess.CompletedProcess:
        """The link comes on standard input."""
        return subprocess.run([TOOL, "pair", *options], input=f"\n {link}\n", text=True,
                              env={**ENVIRONMENT, **(environment or self.here)},
                              capture_output=True, timeout=DEADLINE, check=False)

    def join(self, link: str, *options: str) -> None:
        """What a script gets: the URL alone."""
        told = self.pair(link, *options)
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        self.assertEqual(told.stdout, self.mock.url + "\n")

    def own_key(self) -> str:
        """The public key of the desk."""
        return json.loads(self.good("keys", "show", "--json", **self.here))["publicKey"]

    def listed(self) -> list[dict[str, str | int]]:
        """What the device lists."""
        return json.loads(self.good("keys", "list", "cam", "--json", **self.there))

    def refused(self, link: str, status: int, text: str) -> None:
        """The desk is told why, in a sentence of its own and without the secret."""
        told = self.pair(link)
        self.assertEqual(told.returncode, status, told.stderr)
        self.assertIn(text, told.stderr)
        self.assertNotRegex(told.stderr.split("\n")[0], "timed? ?out")
        if "." in link:
            self.assertNotIn(link.rsplit(".", 1)[1], told.stderr)

    def test_pairing(self) -> None:
        link = self.invite("--role", "viewer")
        self.join(link, "--name", "Eva's desk")
        joined = self.mock.until("joined")
        self.assertEqual(joined, {
            "event": "joined", "key": self.own_key(), "label": "Eva's desk", "role": "viewer",
            "address": "127.0.0.1", "remedy": f"plantrpc keys revoke {self.own_key()} cam"})
        self.assertEqual(self.listed(), [
            {"key": self.own_key(), "role": "viewer", "label": "Eva's desk"}])
        self.assertIn("“viewer”", self.good("info", self.mock.url, **self.here))
        kept = {file.name for folder in self.here.values() if folder
                for _, _, files in os.walk(folder) for file in map(type(self.folder()), files)}
        self.assertEqual(kept, {"default.key", "default.key_secret"})
        # Again, by the same and by somebody else.
        self.assertEqual(self.pair(link).returncode, 0)
        thief = {"XDG_DATA_HOME": str(self.folder()), "STATE_DIRECTORY": ""}
        told = self.pair(link, "--name", "thief", **thief)
        self.assertEqual(told.returncode, 4)
        self.assertIn("has been used by somebody else", told.stderr)
        late = self.mock.until("late")
        self.assertEqual((late["label"], late["reason"], late["address"]),
                         ("thief", "used", "127.0.0.1"))

    def test_waiting(self) -> None:
        link = self.invite("--role", "administrator", "--lifetime", "3000")
        [waiting] = self.listed()
        self.assertEqual((waiting["invited"], "role" in waiting), ("administrator", False))
        self.assertTrue(2900 < waiting["seconds"] <= 3000, waiting)
        self.assertRegex(self.good("keys", "list", "cam", **self.there),
                         r"[\w-]{43}  administrator  an invitation, for \d+ s still\n")
        offered = self.good("complete", "--", "plantrpc keys revoke ", **self.there)
        self.assertEqual(offered, f"{waiting['key']}\tan invitation\n")
        self.good("keys", "revoke", waiting["key"], "cam", **self.there)
        self.assertEqual(self.listed(), [])
        wait_until(lambda: self.pair(link).returncode == 4, "taken back", DEADLINE)
        self.refused(link, 4, "does not know this invitation")

    def test_secret_is_not_stored(self) -> None:
        secret = self.invite().rsplit(".", 1)[1]
        for folder, _, files in os.walk(self.there["XDG_DATA_HOME"]):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    self.assertNotIn(secret, file.read())

    def test_bad_links(self) -> None:
        link = self.invite()
        place, rest = link.split("/#")
        other = json.loads(self.good("keys", "make", "x", "-j", **self.here))["publicKey"]
        open_mock = self.start(Mock())
        port = open_mock.url.rsplit(":", 1)[1]
        self.refused("", 2, "This is no invitation")
        self.refused("https://example.org", 2, "At the device, “plantrpc invite” prints one.")
        self.refused(link[:-3], 2, "or not all of one")
        self.refused(f"plantrpc+curve://127.0.0.1:1/#{rest}", 3, "Nobody listens at")
        self.refused(f"{place}/#{other}.{rest.split('.')[1]}", 4, "has another key than")
        self.refused(f"plantrpc+curve://127.0.0.1:{port}/#{rest}", 4, "is not secured, although")
        self.join(link)

    def test_places_of_the_link(self) -> None:
        file = self.folder() / "link"
        for options in (lambda link: [link], lambda link: ["--file", str(file)]):
            link = self.invite()
            file.write_text(link + "\n", encoding="utf-8")
            self.assertEqual(run("pair", *options(link), **self.here).returncode, 0)
        self.assertIn("not by both", self.bad(2, "pair", "--file", str(file), "x", **self.here))
        self.assertIn("Cannot read", self.bad(1, "pair", "--file", "/nowhere", **self.here))
        self.assertIn("This is no invitation", self.bad(2, "pair", "-", **self.here))
        told = self.pair(self.invite(), "--json")
        self.assertEqual(json.loads(told.stdout), {"url": self.mock.url})

    def test_for_people(self) -> None:
        for qrencode in (False, True):
            programs = self.folder()
            (programs / "plantrpc").symlink_to(TOOL)
            if qrencode:
                program = programs / "qrencode"
                program.write_text("#!/bin/sh\nread link\necho \"[code of ${#link} bytes]\"\n",
                                   encoding="utf-8")
                program.chmod(program.stat().st_mode | stat.S_IXUSR)
            terminal = Terminal("invite", "cam", columns=60, **self.there,
                                PATH=f"{programs}:/bin" if qrencode else str(programs))
            self.addCleanup(terminal.finish)
            terminal.until("asks for it")
            text = plain(terminal.text)
            self.assertIn("“cam” with the role “operator”, once, within 600 s", text)
            link = re.search(LINK, text).group()
            self.assertEqual(f"[code of {len(link)} bytes]" in text, qrencode)
            self.assertEqual("where “qrencode” is installed" in text, not qrencode)
        desk = Terminal("pair", **self.here)
        self.addCleanup(desk.finish)
        desk.until("Link of the invitation:")
        desk.type(link + "\n")
        desk.until("plantrpc info 'tcp://")
        self.assertIn("From now on its URL is", plain(desk.text))

    def test_where_the_device_is(self) -> None:
        key = self.mock.url.split("#")[1]
        for url in ("tcp://pi-cam-1:5000", f"tcp://pi-cam-1:5000#{key}"):
            told = json.loads(self.good("invite", "cam", "--url", url, "-j", **self.there))
            self.assertEqual((told["name"], told["role"]), ("cam", "operator"))
            self.assertEqual(told["seconds"], 600)
            self.assertTrue(told["link"].startswith(f"plantrpc+curve://pi-cam-1:5000/#{key}."))
        self.assertIn("the key of “cam” is another one", self.bad(
            2, "invite", "cam", "--url", "tcp://h:1#x", **self.there))
        for url, text in (("ipc:///run/cam", "reached from this computer only"),
                          ("tcp://pi-cam-1", "names no port"), ("pi-cam-1", "no url")):
            self.assertIn(text, self.bad(2, "invite", "cam", "--url", url, **self.there))
        self.mock.end()
        told = self.bad(5, "invite", "cam", **self.there).splitlines()
        self.assertEqual(told, [
            "plantrpc: No server runs that has these keys, so its address is not known",
            "  Start the device, or tell where others reach it: --url tcp://HOST:PORT"])

    def test_killed_server(self) -> None:
        self.mock.process.kill()
        self.mock.process.wait()
        self.bad(5, "invite", "cam", **self.there)
        self.mock = self.start(Mock("--secure", "cam", **self.there))
        self.join(self.invite())

    def test_usage(self) -> None:
        self.assertIn("no pair of keys with the name “dog”", self.bad(5, "invite", "dog",
                                                                      **self.there))
        for options, text in ((["--role", "king"], "got “king”"), (["--lifetime", "5"], "10 to"),
                              (["--lifetime", "90000"], "86400"),
                              (["--lifetime", "-1"], "negative"), (["x"], "too many")):
            self.assertIn(text, self.bad(2, "invite", "cam", *options, **self.there))
        self.assertEqual(self.listed(), [])
        offered = self.good("complete", "--", "plantrpc invite ", **self.there)
        self.assertEqual(offered, "cam\t\n")


if __name__ == "__main__":
    unittest.main()
