#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The devices and clients in C and in Vala that are generated of one file are the same.

  test-same.py INTERFACE PROGRAM...
"""

import json
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

INTERFACE, *PROGRAMS = sys.argv[1:]
WIDER = {"n": ("i", -32768, 32767), "q": ("u", None, 65535)}


def told(program: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What a program tells: what the device offers, what a client expects, and the values."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True,
                           timeout=60).stdout.splitlines()
    values = dict(line.split(" ", 1) for line in lines[2:])
    # Vala cannot keep these two names; on the wire they are the same.
    for name, other in (("ExposureTime", "exposure-time"), ("X", "x")):
        values[other] = values.pop(name, None) or values[other]
    interfaces = [json.loads(line) for line in lines[:2]]
    for interface in interfaces:
        for member in (*interface["properties"].values(), *interface["signals"].values()):
            for key in ("name", "property"):
                member.pop(key, None)
    return (*interfaces, values)


class Same(unittest.TestCase):
    maxDiff = None

    def test_as_in_the_file(self) -> None:
        given = json.loads(Path(INTERFACE).read_text())["properties"]
        for program in PROGRAMS:
            for interface in told(program)[:2]:
                self.assertEqual(set(interface["properties"]), set(given))
                for name, declared in given.items():
                    with self.subTest(program=program, name=name):
                        self.compare(interface["properties"][name], dict(declared))

    def compare(self, member: dict[str, Any], declared: dict[str, Any]) -> None:
        kind, low, high = WIDER.get(declared["type"], (declared["type"], None, None))
        self.assertEqual(member["type"], kind)
        for key, usual in (("minimum", low), ("maximum", high), ("choices", None),
                           ("step", None), ("unit", None), ("access", "readwrite")):
            self.assertEqual(member.get(key), declared.get(key, usual))
        # GObject has a place for no default of a list, and for one of each number and choice.
        if kind == "as" and "choices" not in declared:
            self.assertNotIn("default", member)
        elif declared.get("default") == {"a": 5e-324}:
            self.assertNotIn("default", member)  # GVariant's text of this cannot be read
        elif "default" in declared:
            self.assertEqual(member["default"], declared["default"])

    def test_alike(self) -> None:
        first = told(PROGRAMS[0])
        for program in PROGRAMS[1:]:
            for one, other in zip(first, told(program)):
                self.assertEqual(one, other)

    def test_values(self) -> None:
        for program in PROGRAMS:
            values = told(program)[2]
            for name, value in (("list", "['a', 'b\"%s']"), ("list-told", "['%d']"),
                                ("size", "(640, 480)"), ("size-told", "(1, 2)"),
                                ("meta-empty", "{}"), ("any", "'text'"),
                                ("parts", "['R', 'top']"), ("parts-told", "['G']"),
                                ("mode-told", "'B'"), ("mode-first", "'A'"), ("near", "5"),
                                ("below", "-7"), ("gain", "0.5"), ("exposure-time", "11")):
                self.assertEqual(values[name], value)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
