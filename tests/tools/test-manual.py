#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manual page is well formed, and tells of each command, option and exit status."""

import re
import subprocess
import unittest

from harness import Case, SOURCE

PAGE = SOURCE / "plantrpc" / "tools" / "plantrpc.1"


class Manual(Case):
    """Against what the program says of itself."""

    def setUp(self) -> None:
        self.text = PAGE.read_text().replace("\\-", "-")
        self.commands = re.findall(r"(?m)^  (\w+)  +\w.*$", self.good("--help"))

    def listed(self, command: str) -> list[str]:
        """The options that have a line of their own."""
        return re.findall(r"(?m)^  (?:-\w, )?(--[a-z-]+)", self.good(command, "--help"))

    def test_it_is_well_formed(self) -> None:
        result = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True,
                                text=True, check=False)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_commands_and_options(self) -> None:
        self.assertEqual(len(self.commands), 17)
        for command in self.commands:
            section = re.search(rf'(?s)\n\.TP\n\.BR {command}\b.*?(?=\n\.TP\n\.BR [a-z]|\n\.SH )',
                                self.text)
            self.assertIsNotNone(section, command)
            for option in self.listed(command):
                common = ("--accept-new", "--json", "--registry", "--timeout", "--verbose",
                          "--help", "--output")
                where = self.text if option in common else section.group()
                self.assertIn(option, where, f"{command} {option}")

    def test_exit_statuses(self) -> None:
        header = (SOURCE / "plantrpc" / "tools" / "tool.h").read_text()
        statuses = re.findall(r"TOOL_EXIT_\w+ += (\d+)", header)
        self.assertEqual(len(statuses), 8)
        section = self.text.split(".SH EXIT STATUS")[1].split(".SH ")[0]
        for status in statuses:
            self.assertIn(f"\n.B {status}\n", section)

    def test_no_option_is_told_that_is_not_there(self) -> None:
        there = {option for command in self.commands for option in self.listed(command)}
        told = set(re.findall(r"--[a-z][a-z-]+", self.text))
        self.assertEqual(told - there, {"--version"})


if __name__ == "__main__":
    unittest.main()
