#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sources spell the same things in the same way, and keep to the columns of .editorconfig."""

import re
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
FOLDERS = ["demos", "introspection", "plantrpc", "tests"]
COLUMNS = int(re.search(r"^max_line_length = (\d+)$", (SOURCE / ".editorconfig").read_text(),
                        re.MULTILINE)[1])

# What C must not contain, and what is written instead. Text in quotes may be C for somebody else.
C_SPELLINGS = [
    (r"^[^\"]*\bg_auto(ptr|slist|list|queue)?\(", "g_autoptr (Type)"),
    (r"/\*.*\((not owned|borrowed)\)", "(unowned)"),
    (r"^\s*/\* -- ", "/* ---- section */"),
    (r"^free_\w+ \(", "thing_free ()"),
]


def find(*suffixes: str) -> list[Path]:
    return [path for folder in FOLDERS for suffix in suffixes
            for path in sorted((SOURCE / folder).rglob(f"*{suffix}"))]


class Dialect(unittest.TestCase):
    def complain(self, complaints: list[str]) -> None:
        self.assertFalse(complaints, "\n" + "\n".join(complaints))

    def test_columns(self) -> None:
        paths = find(".c", ".h", ".py", ".js", ".vala")
        self.assertGreater(len(paths), 400)
        self.complain([f"{path.relative_to(SOURCE)}:{number}: {len(line)} columns, not {COLUMNS}"
                       for path in paths
                       for number, line in enumerate(path.read_text().split("\n"), 1)
                       if len(line) > COLUMNS])

    def test_spellings(self) -> None:
        self.complain([f"{path.relative_to(SOURCE)}:{number}: write “{spelling}”"
                       for path in find(".c", ".h")
                       for number, line in enumerate(path.read_text().split("\n"), 1)
                       for pattern, spelling in C_SPELLINGS if re.search(pattern, line)])

    def test_log_messages(self) -> None:
        """A message of the library may hold texts of peers; see plant-rpc-log-private.h."""
        paths = [path for path in find(".c")
                 if path.parts[len(SOURCE.parts)] == "plantrpc" and path.parent.name != "tools"]
        self.assertGreater(len(paths), 100)
        self.complain([f"{path.relative_to(SOURCE)}:{number}: write “plant_rpc_{level} ()”"
                       for path in paths
                       for number, line in enumerate(path.read_text().split("\n"), 1)
                       for level in re.findall(r"\bg_(debug|info|message|warning) ?\(", line)])


if __name__ == "__main__":
    unittest.main()
