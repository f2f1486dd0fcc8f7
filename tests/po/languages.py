#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors speak the language of the user, whatever the programming language; peers never notice."""

import contextlib
import gettext
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Iterator

import zmq

HERE = Path(__file__).resolve().parent
CATALOGS = os.environ["PLANT_RPC_LOCALEDIR"]
PROGRAMS = {"C": [os.environ["COMPLAIN_C"]], "Python": [str(HERE / "complain.py")],
            "JavaScript": ["gjs", "-m", str(HERE / "complain.js")]}
ENGLISH = ["expected an object, got null",
           "“camera”: no url, such as tcp://192.168.1.5:5000 or ipc:///run/camera"]
REPLY_TIMEOUT = 10000  # ms
REQUESTS = {
    "device": [
        "{", "[]", '{"event": 3}', "[" * 100, '{"event": "NONE"}',
        {"event": "METHOD_CALL", "method": "none", "params": {"args": [], "kwargs": {}}},
        {"event": "METHOD_CALL", "method": "report", "params": {"args": [], "kwargs": {}}},
        {"event": "METHOD_CALL", "method": "report", "params": {"args": [1, 2], "kwargs": {}}},
        {"event": "METHOD_CALL", "method": "report", "params": {"args": [[]], "kwargs": {}}},
        {"event": "METHOD_CALL", "method": "report", "params": {"args": ["a"], "kwargs": {}}},
        {"event": "METHOD_CALL", "method": "picture", "params": {"args": [], "kwargs": {}}},
        {"event": "PROPERTY_GET", "property": "none"},
        {"event": "PROPERTY_GET", "property": "secret"},
        {"event": "PROPERTY_SET", "property": "size", "value": 4},
        {"event": "PROPERTY_SET", "property": "target", "value": "warm"},
        {"event": "PROPERTY_SET", "property": "target", "value": None},
        {"event": "PROPERTY_SET", "property": "target", "value": 40.5},
        {"event": "INIT_SIGNALS_HANDLING", "address": "nowhere", "port": 5},
        {"event": "STOP_SERVER"},
    ],
    "registry": [
        "{", "[]", {"event": "REGISTER"}, {"event": "CHECK_ALIVE", "payload": {"uuid": 3}},
        {"event": "REGISTER", "payload": {"device_type": "lamp", "addr": 7, "name": "desk",
                                          "overwrite": False}},
    ],
}


def environment(locale: str) -> dict[str, str]:
    """That of this test, with another locale and nothing that overrides it."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("LANGUAGE", "LANG") and not name.startswith("LC_")}
    return {**kept, "LC_ALL": locale}


def complaints(language: str, locale: str) -> list[str]:
    """What the program in a programming language prints in a locale."""
    result = subprocess.run(PROGRAMS[language], env=environment(locale), timeout=60,
                            capture_output=True, check=True)
    return result.stdout.decode("utf-8").splitlines()


@contextlib.contextmanager
def serving(locale: str) -> Iterator[dict[str, str]]:
    """The addresses of a device and a registry, and a message of their own language."""
    with subprocess.Popen([str(HERE / "serve.py")], stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE, env=environment(locale)) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(3)]
            yield dict(zip(("own", "device", "registry"), lines))
        finally:
            process.kill()


def ask(url: str, request: Any) -> Any:
    """The reply to one message in JSON."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, REPLY_TIMEOUT)
        socket.connect(url)
        socket.send(request.encode() if isinstance(request, str) else json.dumps(request).encode())
        return json.loads(socket.recv_multipart()[0])


def replies(addresses: dict[str, str]) -> list[tuple[str, Any]]:
    """Each request, and what is said to it."""
    return [(f"{who}: {request}", ask(addresses[who], request))
            for who, requests in REQUESTS.items() for request in requests]


def texts(value: Any) -> Iterator[str]:
    """All strings within a reply, but those that are other ones each time."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in ("uuid", "instance"):
                yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)
    elif isinstance(value, str):
        yield value


class Errors(unittest.TestCase):
    def test_not_translated(self) -> None:
        for language in PROGRAMS:
            with self.subTest(language):
                self.assertEqual(complaints(language, "C.UTF-8"), ENGLISH)

    def test_french(self) -> None:
        for language in PROGRAMS:
            with self.subTest(language):
                first, second = complaints(language, "fr_FR.UTF-8")
                self.assertEqual(first, "un objet est attendu, mais null a été reçu")
                self.assertTrue(second.startswith("«\u00a0camera\u00a0»\u00a0: "), second)

    def test_german(self) -> None:
        catalog = gettext.translation("plantrpc-1", CATALOGS, ["de"])
        for language in PROGRAMS:
            with self.subTest(language):
                first, second = complaints(language, "de_DE.UTF-8")
                self.assertEqual(first, catalog.gettext(ENGLISH[0]))
                self.assertTrue(second.startswith("„camera“: "), second)

    def test_utf8_in_any_encoding(self) -> None:
        self.assertEqual(complaints("C", "fr_FR.ISO-8859-1"), complaints("C", "fr_FR.UTF-8"))


class Peers(unittest.TestCase):
    def test_replies_are_in_no_language(self) -> None:
        with serving("C.UTF-8") as addresses:
            plain = replies(addresses)
        with serving("fr_FR.UTF-8") as addresses:
            self.assertNotEqual(addresses["own"], ENGLISH[0])
            french = replies(addresses)
        for (request, expected), (_, reply) in zip(plain, french):
            with self.subTest(request):
                self.assertTrue(list(texts(expected)), expected)
                self.assertEqual(list(texts(reply)), list(texts(expected)))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
