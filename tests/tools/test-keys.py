#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pairs of keys from the command line."""

import json
import os
import unittest

import zmq
import zmq.auth

from harness import Case, run


class Keys(Case):
    """With a folder of its own for what is kept."""

    def setUp(self) -> None:
        self.data = self.folder()
        self.keys = self.data / "plantrpc" / "keys"
        self.place = {"XDG_DATA_HOME": str(self.data), "STATE_DIRECTORY": ""}

    def test_make_and_show(self) -> None:
        made = self.good("keys", "make", **self.place)
        secret_file = self.keys / "default.key_secret"
        public, secret = zmq.auth.load_certificate(secret_file)
        self.assertEqual(zmq.curve_public(secret), public)
        self.assertEqual(made.splitlines(), [
            "default",
            f"  public key   {public.decode()}",
            f"  public file  {self.keys / 'default.key'}",
            f"  secret file  {secret_file}"])
        for shown in ("keys",), ("keys", "show"), ("keys", "show", "default"):
            self.assertEqual(self.good(*shown, **self.place), made)
        self.assertEqual(os.stat(secret_file).st_mode & 0o7777, 0o600)
        self.assertNotIn(secret.decode(), made)
        told = json.loads(self.good("keys", "--json", **self.place))
        self.assertEqual(told, {"name": "default", "publicKey": public.decode(),
                                "publicFile": str(self.keys / "default.key"),
                                "secretFile": str(secret_file)})
        self.assertEqual(list(told), ["name", "publicKey", "publicFile", "secretFile"])

    def test_names(self) -> None:
        made = json.loads(self.good("keys", "make", "pi cäm", "--json", **self.place))
        self.assertEqual(made["name"], "pi cäm")
        self.assertEqual(made["publicFile"], str(self.keys / "pi cäm.key"))
        self.assertEqual(self.bad(5, "keys", **self.place).splitlines(), [
            "plantrpc: There is no pair of keys with the name “default”",
            "  “plantrpc keys make” makes one."])
        self.assertIn("pi cäm\n", self.good("keys", "show", "pi cäm", **self.place))
        for name in ("", "../x", ".x", "x" * 129):
            self.assertIn("is no name for a pair of keys",
                          self.bad(2, "keys", "make", name, **self.place))
        self.assertIn("\\u001b[31mx", self.bad(2, "keys", "show", "\x1b[31mx", **self.place))

    def test_none(self) -> None:
        told = json.loads(self.bad(5, "keys", "show", "it's mine", "--json", **self.place))
        self.assertEqual(told["status"], 5)
        self.assertEqual(told["remedy"], "“plantrpc keys make 'it'\\''s mine'” makes one.")
        self.assertFalse(self.keys.exists())

    def test_twice(self) -> None:
        made = self.good("keys", "make", **self.place)
        self.assertEqual(self.bad(1, "keys", "make", **self.place).splitlines(), [
            "plantrpc: There is a pair of keys with the name “default” already",
            "  “plantrpc keys show” shows it."])
        self.assertEqual(self.good("keys", **self.place), made)

    def test_others_have_access(self) -> None:
        self.good("keys", "make", **self.place)
        secret_file = self.keys / "default.key_secret"
        secret_file.chmod(0o640)
        complaint = self.bad(1, "keys", **self.place)
        self.assertIn(f"“{secret_file}” (mode 0640)", complaint)
        self.assertIn(f"chmod 600 '{secret_file}'", complaint)

    def test_a_service(self) -> None:
        state = self.folder()
        told = json.loads(self.good("keys", "make", "--json",
                                    STATE_DIRECTORY=f"{state}:{self.data}"))
        self.assertEqual(told["secretFile"], str(state / "keys" / "default.key_secret"))

    def test_usage(self) -> None:
        self.assertIn("expected “show” or “make”, got “burn”", self.bad(2, "keys", "burn"))
        self.assertIn("too many arguments", self.bad(2, "keys", "show", "a", "b"))

    def test_completion(self) -> None:
        self.good("keys", "make", **self.place)
        self.good("keys", "make", "camera", **self.place)

        def offered(line: str) -> list[str]:
            result = run("complete", "--", line, **self.place)
            return sorted(word.split("\t")[0] for word in result.stdout.splitlines())

        self.assertEqual(offered("plantrpc ke"), ["keys"])
        self.assertEqual(offered("plantrpc keys "), ["make", "show"])
        self.assertEqual(offered("plantrpc keys show "), ["camera", "default"])
        self.assertEqual(offered("plantrpc keys show c"), ["camera"])
        self.assertEqual(offered("plantrpc keys show camera "), [])


if __name__ == "__main__":
    unittest.main()
