#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pairs of keys, and who is allowed, from the command line."""

import base64
import json
import os
import unittest

import zmq
import zmq.auth
import zmq.utils.z85

from harness import Case, Terminal, after, plain, run


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
        key = base64.urlsafe_b64encode(zmq.utils.z85.decode(public)).decode().rstrip("=")
        self.assertEqual(made.splitlines(), [
            "default",
            f"  public key   {key}",
            f"  public file  {self.keys / 'default.key'}",
            f"  secret file  {secret_file}"])
        for shown in ("keys",), ("keys", "show"), ("keys", "show", "default"):
            self.assertEqual(self.good(*shown, **self.place), made)
        self.assertEqual(os.stat(secret_file).st_mode & 0o7777, 0o600)
        self.assertNotIn(secret.decode(), made)
        told = json.loads(self.good("keys", "--json", **self.place))
        self.assertEqual(told, {"name": "default", "publicKey": key,
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

    def public_key(self, name: str) -> str:
        """That of a pair, which is made if there is none."""
        run("keys", "make", name, **self.place)
        return json.loads(self.good("keys", "show", name, "--json", **self.place))["publicKey"]

    def listed(self, *name: str) -> list[dict[str, str]]:
        """The keys that are allowed."""
        return json.loads(self.good("keys", "list", *name, "--json", **self.place))

    def test_allow_and_revoke(self) -> None:
        key = self.public_key("laptop")
        own = self.public_key("default")
        told = self.good("keys", "allow", *after(key), **self.place)
        self.assertEqual(told.splitlines(), [
            f"The key {key} may connect to “default” with the role “operator”.",
            "At the client, the URL of the device ends with the server's public key:",
            f"  tcp://HOST:PORT#{own}"])
        self.assertEqual(self.listed(), [{"key": key, "role": "operator"}])
        self.good("keys", "allow", "--role", "viewer", "--label", "lab bench", *after(key),
                  **self.place)
        self.assertEqual(self.good("keys", "list", **self.place).splitlines(), [
            "KEY                                          ROLE    LABEL",
            f"{key}  viewer  lab bench"])
        # Another role does not take the label away.
        told = json.loads(self.good("keys", "allow", "-j", "-R", "administrator", *after(key),
                                    **self.place))
        self.assertEqual(told, {"name": "default", "publicKey": own, "key": key,
                                "role": "administrator", "label": "lab bench"})
        self.assertEqual(self.good("keys", "revoke", *after(key), **self.place), "")
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.bad(5, "keys", "revoke", *after(key), **self.place).splitlines(), [
            f"plantrpc: The key “{key}” is not allowed",
            "  “plantrpc keys list” shows the keys that are allowed."])
        shown = run("keys", "list", **self.place)
        self.assertEqual((shown.returncode, shown.stdout, shown.stderr),
                         (0, "", "plantrpc: no key is allowed\n"))

    def test_allow_at_another_server(self) -> None:
        key = self.public_key("laptop")
        self.public_key("default")
        self.public_key("pi cam")
        self.good("keys", "allow", *after(key), "pi cam", **self.place)
        self.assertEqual(self.listed("pi cam"), [{"key": key, "role": "operator"}])
        self.assertEqual(self.listed(), [])
        self.assertIn("“plantrpc keys list 'pi cam'” shows the keys",
                      self.bad(5, "keys", "revoke", self.public_key("x"), "pi cam", **self.place))

    def test_allow_fails(self) -> None:
        key = self.public_key("laptop")
        for status, told, arguments in (
                (2, "“xx” is no public key", ("allow", "xx", "laptop")),
                (2, "“xx” is no public key", ("revoke", "xx", "laptop")),
                (2, "is no name for a pair of keys", ("allow", *after(key), "../x")),
                (2, "--role: expected “viewer”, “operator” or “administrator”, got “none”",
                 ("allow", "--role", "none", *after(key), "laptop")),
                (2, "A label is one line", ("allow", "--label", "a\nb", *after(key), "laptop")),
                (2, "--role and --label belong to “allow”", ("show", "--role", "viewer")),
                (2, "--role and --label belong to “allow”",
                 ("revoke", "--label", "x", *after(key))),
                (5, "“plantrpc keys make” makes one.", ("list",)),
                (5, "“plantrpc keys make” makes one.", ("allow", *after(key))),
                (5, "“plantrpc keys make laptpo” makes one.", ("allow", *after(key), "laptpo")),
                (5, "“plantrpc keys make” makes one.", ("release", "cam")),
                (5, "“plantrpc keys make” makes one.", ("revoke", *after(key)))):
            self.assertIn(told, self.bad(status, "keys", *arguments, **self.place))
        self.assertFalse((self.keys / "default.key_secret").exists())
        self.assertFalse((self.keys / "laptpo.key_secret").exists())
        self.public_key("default")
        self.good("keys", "allow", *after(key), **self.place)
        (self.keys / "default.allowed").chmod(0o666)
        self.assertIn("default.allowed", self.bad(1, "keys", "list", **self.place))

    def test_narrow_terminal(self) -> None:
        key = self.public_key("laptop")
        self.public_key("default")
        self.good("keys", "allow", "--label", "x" * 60, *after(key), **self.place)
        status, text = Terminal("keys", "list", columns=40, **self.place).finish()
        self.assertEqual(status, 0)
        self.assertIn(key, plain(text))
        self.assertNotIn("x" * 9, plain(text))

    def test_usage(self) -> None:
        self.assertIn("“remember”, “forget”, “known” or “release”, got “burn”",
                      self.bad(2, "keys", "burn"))
        for arguments in (("show", "a", "b"), ("list", "a", "b"), ("allow", "a", "b", "c")):
            self.assertIn("too many arguments", self.bad(2, "keys", *arguments))
        for action in "allow", "revoke", "remember", "forget", "release":
            self.assertIn("arguments are missing", self.bad(2, "keys", action))

    def test_completion(self) -> None:
        self.good("keys", "make", **self.place)
        self.good("keys", "make", "camera", **self.place)

        def offered(line: str) -> list[str]:
            result = run("complete", "--", line, **self.place)
            return sorted(word.split("\t")[0] for word in result.stdout.splitlines())

        self.assertEqual(offered("plantrpc ke"), ["keys"])
        self.assertEqual(offered("plantrpc keys "), [
            "allow", "forget", "known", "list", "make", "release", "remember", "revoke", "show"])
        self.assertEqual(offered("plantrpc keys show "), ["camera", "default"])
        self.assertEqual(offered("plantrpc keys show c"), ["camera"])
        self.assertEqual(offered("plantrpc keys show camera "), [])
        self.assertEqual(offered("plantrpc keys list c"), ["camera"])
        self.assertEqual(offered("plantrpc keys allow KEY --role "),
                         ["administrator", "operator", "viewer"])
        self.assertEqual(offered("plantrpc keys allow "), [])
        self.assertEqual(offered("plantrpc keys allow KEY "), ["camera", "default"])
        self.assertEqual(offered("plantrpc keys revoke "), [])
        for name in "camera", "default":
            self.good("keys", "allow", *after(self.public_key("camera")), name, **self.place)
        self.assertEqual(offered("plantrpc keys revoke "), [self.public_key("camera")])
        self.assertEqual(offered("plantrpc keys revoke KEY d"), ["default"])


if __name__ == "__main__":
    unittest.main()
