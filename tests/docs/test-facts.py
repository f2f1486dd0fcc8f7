#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tables of the pages against the library: errors, kinds of native messages, limits, names."""
import ast
import re
import sys
import unittest
from pathlib import Path

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import Gio, GLib, PlantRpc  # noqa: E402

SOURCE = Path(__file__).resolve().parents[2]
PAGES = SOURCE / "introspection" / "docs"
UNITS = {"MiB": 1024 * 1024, "KiB": 1024}


def read_rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    text = (PAGES / page).read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1]
    table = next(part.strip() for part in text.split("\n\n") if part.strip().startswith("|"))
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in table.splitlines()[2:]]


def read_defines(*paths: str) -> dict[str, int]:
    """The numbers that headers define."""
    found = {}
    for path in paths:
        for name, value in re.findall(r"#define (\w+) +(.+?)(?: */\*.*)?$",
                                      (SOURCE / "plantrpc" / path).read_text(), re.MULTILINE):
            value = re.sub(r"\((gsize|guint64|gint64)\)", "", value)
            if re.fullmatch(r"[\d *()<-]+", value):
                found[name] = eval(compile(ast.parse(value, mode="eval"), path, "eval"))
    return found


def to_number(text: str) -> int:
    number, _, unit = text.partition(" ")
    return int(number.replace(",", "")) * UNITS.get(unit, 1)


class Facts(unittest.TestCase):
    def test_errors(self) -> None:
        told = {name: answer == "yes" for name, _, answer in read_rows("errors.md",
                                                                       "## Code by code")}
        ours = {member.value_name.removeprefix("PLANT_RPC_ERROR_"):
                GLib.Error.new_literal(PlantRpc.Error.quark(), "", int(member))
                for member in PlantRpc.Error.__enum_values__.values()}
        others = {f"G_IO_ERROR_{code.value_name.removeprefix('G_IO_ERROR_')}":
                  GLib.Error.new_literal(Gio.io_error_quark(), "", code)
                  for code in (Gio.IOErrorEnum.TIMED_OUT, Gio.IOErrorEnum.CANCELLED,
                               Gio.IOErrorEnum.WOULD_BLOCK)}
        self.assertEqual(told, {name: PlantRpc.Error.may_have_run(error)
                                for name, error in (ours | others).items()})

    def test_native_kinds(self) -> None:
        header = (SOURCE / "plantrpc" / "wire" / "plant-rpc-message-private.h").read_text()
        kinds = re.findall(r"PLANT_RPC_KIND_\w+ += (0x\w\w), /\* (\(\S+\))", header)
        told = [(kind, type_) for kind, type_, *_ in read_rows("wire-native.md", "## Payloads")]
        self.assertEqual(told, kinds)

    def test_limits(self) -> None:
        """Each limit of the header is on the page, with its value, and no other is."""
        defined = read_defines("base/plant-rpc-limits-private.h")
        text = (PAGES / "limits.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.MULTILINE)
        self.assertEqual({f"PLANT_RPC_{name}": to_number(value) for name, value in rows}, defined)
        self.assertEqual(len(rows), len(defined))

    def test_counterparts(self) -> None:
        """What the pages call a name of the library in Python is one."""
        for page in PAGES.glob("*.md"):
            for name in re.findall(r"\bPlantRpc\.(\w+)", page.read_text(encoding="utf-8")):
                with self.subTest(page.name):
                    self.assertTrue(hasattr(PlantRpc, name) or name in ("methods", "clientClass"),
                                    name)


if __name__ == "__main__":
    sys.exit(unittest.main())
