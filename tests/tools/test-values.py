#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values as the command line shows, sets and compares them: each digit, and by what they are."""

import json
import unittest
from pathlib import Path
from typing import Any

from harness import Case, Mock, PeerServer, run

INTERFACE: dict[str, Any] = {
    "properties": {
        "t": {"type": "d"}, "n": {"type": "i", "minimum": -100, "maximum": 100},
        "big": {"type": "x"}, "ubig": {"type": "t"}, "matrix": {"type": "ad"},
        "cfg": {"type": "a{sv}"}, "any": {}, "label": {"type": "s"}, "tags": {"type": "as"},
        "mode": {"type": "s", "choices": {"STILL": 0, "VIDEO": 1}},
        "flags": {"type": "as", "choices": {"a": 1, "b": 2, "c": 4}},
        "by": {"type": "y"}, "maybe": {"type": "ms"}, "pair": {"type": "(di)"},
    },
    "methods": {"echo": {"signature": "value: v"}},
}


class Values(Case):
    def setUp(self) -> None:
        self.mock = self.start(Mock("--reply", "echo=1764362401.1234567", interface=INTERFACE))

    def set(self, assignment: str) -> None:
        self.assertEqual(self.good("set", self.mock.url, assignment), "", assignment)

    def test_each_digit(self) -> None:
        for text in ("1764362401.1234567", "0.1", "0.30000000000000004", "90", "-0.5", "1e+300",
                     "5e-324", "1.7976931348623157e+308", "0",
                     "1.2345678901234568e+17"):
            self.set(f"t={text}")
            self.assertEqual(self.good("get", self.mock.url, "t"), f"{text}\n")
            self.assertEqual(self.json("get", self.mock.url, "t"), float(text))
            self.set(f"t={self.good('get', self.mock.url, 't').strip()}")
            self.assertEqual(self.json("get", self.mock.url, "t"), float(text))
        self.assertEqual(self.good("call", self.mock.url, "echo", "x"), "1764362401.1234567\n")

    def test_wide_integers(self) -> None:
        for name, text in (("big", "9007199254740993"), ("big", "-9223372036854775808"),
                           ("ubig", "18446744073709551615"), ("any", "9007199254740993")):
            self.set(f"{name}={text}")
            self.assertEqual(self.good("get", self.mock.url, name), f"{text}\n")
            self.good("wait", self.mock.url, f"{name}={text}", "-t", "20")
            self.bad(3, "wait", self.mock.url, f"{name}!={text}", "-t", "0.2")
            near = str(int(text) - 1 if int(text) > 0 else int(text) + 1)
            self.bad(3, "wait", self.mock.url, f"{name}={near}", "-t", "0.2")
            self.good("wait", self.mock.url, f"{name}!={near}", "-t", "20")
        self.good("wait", self.mock.url, "ubig>18446744073709551614", "-t", "20")

    def test_integers_beyond_64_bits(self) -> None:
        for text, less, more in (
                ("18446744073709551617", "18446744073709551616", "100000000000000000000"),
                ("-18446744073709551617", "-18446744073709551618", "-18446744073709551616"),
                ("1" + 400 * "0", "9" * 400, "1" + 399 * "0" + "1")):
            self.set(f"any={text}")
            self.assertEqual(self.good("get", self.mock.url, "any"), f"{text}\n")
            self.good("wait", self.mock.url, f"any={text}", f"any>{less}", f"any<{more}",
                      f"any>={less}", f"any!={more}", "-t", "20")
            for condition in (f"any<{less}", f"any>{more}", f"any={less}", f"any!={text}"):
                self.bad(3, "wait", self.mock.url, condition, "-t", "0.2")

    def test_results_that_json_lacks(self) -> None:
        for reply, strict in (("NaN", "null"), ("-Infinity", "null"),
                              ('[1,NaN,{"a":Infinity}]', '[1,null,{"a":null}]')):
            with Mock("--reply", f"echo={reply}", interface=INTERFACE) as mock:
                self.assertEqual(self.good("call", mock.url, "echo", "x"), f"{reply}\n")
                self.assertEqual(self.good("call", mock.url, "echo", "x", "--json"),
                                 f"{strict}\n")

    def test_what_is_printed_can_be_set(self) -> None:
        for text in ("NaN", "-Infinity", '[1,NaN,{"a":Infinity}]', "0.1", "1e+300"):
            self.set(f"any={text}")
            self.assertEqual(self.good("get", self.mock.url, "any"), f"{text}\n")

    def test_numbers_that_nobody_meant(self) -> None:
        for text in ("1e400", "-1e999", " 1e400"):
            self.bad(2, "set", self.mock.url, f"any={text}")

    def test_what_was_set_is_what_is_waited_for(self) -> None:
        for name, given, others in (
                ("matrix", "[1,2]", ("[1.0, 2]", "[ 1, 2.0 ]")),
                ("cfg", '{"a":1,"b":[2,null]}', ('{"b":[2.0,null],"a":1.0}',)),
                ("flags", "b,a", ("a,b", "b,a")), ("mode", "VIDEO", ("VIDEO",)),
                ("pair", "[1, 2]", ("[1.0,2]",)), ("maybe", '"x"', ('"x"',)),
                ("any", '{"k":{"z":1,"y":2}}', ('{"k":{"y":2,"z":1}}',)),
                ("any", "[1, 2.5]", ("[1.0,2.5]",)), ("by", "255", ("255",)),
                ("tags", '["a","b"]', ('["a", "b"]',)), ("label", "5", ("5",))):
            self.set(f"{name}={given}")
            for text in (given, *others):
                self.good("wait", self.mock.url, f"{name}={text}", "-t", "20")
            self.bad(3, "wait", self.mock.url, f"{name}!={others[-1]}", "-t", "0.2")
        for condition in ("matrix=[2,1]", "matrix=[1]", "flags=a", 'cfg={"a":1}', "mode=STILL",
                          'any=[1,"2.5"]', 'tags=["b","a"]', "label=5.0"):
            self.bad(3, "wait", self.mock.url, condition, "-t", "0.2")

    def test_texts_with_a_nul(self) -> None:
        self.set("label=before")
        for text in (r'"a\u0000b"', r'"\u0000"'):
            for name in ("label", "maybe", "tags"):
                given = f"[{text}]" if name == "tags" else text
                result = run("set", self.mock.url, f"{name}={given}")
                # Where a text is wanted, it needs no quotes, and is taken as it is.
                if result.returncode == 0:
                    self.assertEqual(self.good("get", self.mock.url, name), f"{given}\n")
                else:
                    self.assertIn("u0000", result.stderr)
                    self.assertEqual((result.returncode, result.stdout), (4, ""))


class OldDevices(Case):
    """Devices that tell no types."""

    def test_what_comes_is_shown(self) -> None:
        for generation in ("1", "2"):
            device = self.start(PeerServer(generation, device="probe", program=Path(
                __file__).resolve().parents[1] / "bindings/peer.py"))
            for value, shown in ((90, "90"), (90.0, "90"), (2 ** 53 + 1, str(2 ** 53 + 1)),
                                 (2 ** 64 - 1, str(2 ** 64 - 1)), (2 ** 70 + 1, str(2 ** 70 + 1)),
                                 (1764362401.1234567, "1764362401.1234567"), ("text", "text"),
                                 ([1, 2.5, None], "[1,2.5,null]"), (True, "true"),
                                 ("a\0b", r'"a\u0000b"'))[:5 if generation == "1" else None]:
                with self.subTest(generation=generation, value=value):
                    device.command("set", property="config", value=value)
                    self.assertEqual(self.good("get", device.url, "config"), f"{shown}\n")
                    self.assertEqual(self.json("get", device.url, "config"), value)
                    self.good("wait", device.url, f"config={json.dumps(value)}", "-t", "20")
                    if not isinstance(value, str):
                        self.good("set", device.url, f"config={json.dumps(value)}")
                        self.assertEqual(device.command("get", property="config")["value"], value)
            self.assertIn("config", self.bad(3, "wait", device.url, "config=5", "-t", "0.2"))


if __name__ == "__main__":
    unittest.main()
