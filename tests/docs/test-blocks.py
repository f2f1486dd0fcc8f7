#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every block of code in the README, in the pages and in the documentation of the library is
compiled or run; `blocks` says how."""
import contextlib
import functools
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import programs
from blocks import Block, read_blocks
from programs import SOURCE, SUFFIXES, Server

PAGES = SOURCE / "introspection" / "docs"
FIXTURES = Path(__file__).resolve().parent / "fixtures"
URL = "tcp://pi-cam-1:5000"  # of the device in sessions
SCRATCH = tempfile.TemporaryDirectory()
TOOLS = Path(os.environ.get("PLANTRPC_DOCS_BUILD", programs.BUILD / "tests" / "docs"))


@functools.cache
def read_messages() -> dict[str, str]:
    """What the library writes, by the names of print-messages."""
    result = programs.run([TOOLS / "print-messages"])
    parts = re.split(r"^== (.+)\n", result.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


@functools.cache
def find_tutorial_server(name: str) -> list[str | Path]:
    """The tutorial's server of that name, in C: what the other pages use."""
    block = next(block for block in read_blocks(PAGES / "tutorial.md", "tutorial.md")
                 if block.language == "c" and "server" in block.words
                 and block.values["name"] == name)
    path = Path(SCRATCH.name) / f"{name}.c"
    path.write_text(block.text)
    return programs.prepare("c", path)


class Page(unittest.TestCase):
    """The blocks of one page."""
    path: Path
    name: str

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.commands: dict[tuple[str, str], list[str | Path]] = {}
        self.outputs: dict[str, list[tuple[str, str]]] = {}
        self.projects: dict[str, list[Block]] = {}

    def test_blocks(self) -> None:
        blocks = read_blocks(self.path, self.name)
        for block in blocks:
            for project in block.projects:
                self.projects.setdefault(project, []).append(block)
        for block in sorted(blocks, key=lambda block: "server" not in block.words):
            with self.subTest(str(block)):
                self.check(block)

    def check(self, block: Block) -> None:
        if "as" in block.values:
            (self.directory / block.values["as"]).write_text(block.text)
        if "file" in block.values and "project" not in block.values:
            self.check_file(block)
        elif "project" in block.values:
            for project in block.projects:
                self.check_project(project)
        elif "message" in block.values:
            self.check_message(block)
        elif "output" in block.values:
            self.check_output(block)
        elif "session" in block.words:
            self.check_session(block)
        elif block.words & {"program", "server", "client", "compile"}:
            self.check_program(block)
        elif "tests" in block.words:
            self.check_tests(block)
        elif block.language == "json":
            self.check_json(block)
        elif block.language == "sh":
            self.check_shell(block)
        else:
            self.fail("nothing is known about this block")

    def check_file(self, block: Block) -> None:
        self.assertEqual(block.text, (SOURCE / block.values["file"]).read_text())

    def check_message(self, block: Block) -> None:
        """JSON may be written more widely here."""
        message = read_messages()[block.values["message"]]
        if block.language == "json":
            self.assertEqual(json.loads(block.text), json.loads(message))
        else:
            self.assertEqual(block.text, message)

    def check_json(self, block: Block) -> None:
        value = json.loads(block.text)
        if set(value) <= {"methods", "properties", "signals"}:
            path = self.directory / "interface.json"
            path.write_text(block.text)
            result = programs.run([TOOLS / "check-interface", path])
            self.assertEqual(result.returncode, 0, result.stderr)

    def check_shell(self, block: Block) -> None:
        path = self.directory / "block.sh"
        path.write_text(block.text)
        self.assertEqual(programs.run(["bash", "-n", path]).stderr, "")
        for line in block.text.replace("\\\n", " ").splitlines():
            words = [word for word in shlex.split(line, comments=True)
                     if not re.match(r"\w+=", word)]
            if words:
                self.check_command(words)

    def need_tool(self) -> None:
        if not (programs.BUILD / "plantrpc" / "tools" / "plantrpc").exists():
            self.skipTest("this build has no command line")

    def check_command(self, words: list[str]) -> None:
        """The program is there; one of this project's takes the subcommand and the options."""
        if words[0] == "plantrpc":
            self.need_tool()
        path = programs.environment()["PATH"]
        program = shutil.which(words[0], path=path)
        self.assertTrue(program or os.access(SOURCE / words[0], os.X_OK),
                        f"there is no program {words[0]}")
        if program is None or not program.startswith(str(programs.BUILD)):
            return
        subcommand = words[1:2] if words[0] == "plantrpc" else []
        shown = programs.run([program, *subcommand, "--help"])
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word.split("=")[0], shown.stdout)

    # -- programs

    def write(self, block: Block) -> Path:
        text = block.text
        if "within" in block.values:
            fixture = (FIXTURES / block.values["within"]).read_text()
            lines = fixture.splitlines(keepends=True)
            index = next(i for i, line in enumerate(lines) if "@block@" in line)
            indent = re.match(r"\s*", lines[index])[0]
            lines[index:index + 1] = [indent + line if line.strip() else line
                                      for line in block.text.splitlines(keepends=True)]
            text = "".join(lines)
        path = self.directory / f"block-{block.line}{SUFFIXES[block.language]}"
        path.write_text(text)
        return path

    def check_program(self, block: Block) -> None:
        command = programs.prepare(block.language, self.write(block))
        name = block.values.get("name", "")
        if "compile" in block.words:
            return
        if "server" in block.words:
            self.commands[name, block.language] = command
            with Server(command):
                return
        servers = [word for word in block.values.get("servers", "").split(",") if word]
        self.assertEqual(bool(servers), "client" in block.words, "a client has servers")
        for language in self.list_languages(servers):
            self.run_program(block, command, servers, language)

    def check_tests(self, block: Block) -> None:
        if "plantrpc" in block.text:
            self.need_tool()
        path = self.write(block)
        module = path.rename(path.with_stem(path.stem.replace("-", "_"))).stem
        result = programs.run(["/usr/bin/python3", "-m", "unittest", "-v", module], self.directory)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"\nRan [1-9]")

    def list_languages(self, servers: list[str]) -> list[str]:
        """Those in which the page has the servers: a client runs with each."""
        return [language for name, language in self.commands if name in servers[:1]] or ["c"]

    def run_program(self, block: Block, command: list[str | Path], servers: list[str],
                    language: str) -> None:
        with contextlib.ExitStack() as stack:
            urls = [stack.enter_context(Server(self.find_server(server, language))).url
                    for server in servers]
            result = programs.run([*command, *urls], self.directory)
        pair = f"{block.language} with {language}"
        self.assertEqual((result.returncode, result.stderr), (0, ""), pair + result.stdout)
        self.outputs.setdefault(block.values.get("name", ""), []).append((pair, result.stdout))

    def find_server(self, name: str, language: str) -> list[str | Path]:
        return self.commands.get((name, language)) or find_tutorial_server(name)

    def check_output(self, block: Block) -> None:
        """Every program of that name so far has printed this; … stands for anything in a line."""
        pattern = "".join(".*" if part == "…" else re.escape(part)
                          for part in re.split("(…)", block.text))
        outputs = self.outputs.get(block.values["output"], [])
        self.assertTrue(outputs, "no such program has run")
        for pair, output in outputs:
            self.assertRegex(output, f"^{pattern}$", pair)

    def check_session(self, block: Block) -> None:
        """The commands after $ print what follows them; the URL in them is the server's."""
        self.need_tool()
        script = "".join(
            f"status=$?; printf '\\036'; (exit $status); {line[2:]}\n"
            for line in block.text.splitlines() if line.startswith("$ "))
        expected = re.split(r"^\$ .*\n", block.text, flags=re.MULTILINE)[1:]
        with Server(find_tutorial_server(block.values["servers"])) as server:
            result = programs.run(["bash", "-c", "exec 2>&1\n" + script.replace(URL, server.url)],
                                  self.directory)
            stdout = result.stdout.replace(server.url, URL).replace("\u00a0", " ")
        printed = stdout.split("\036")[1:]
        self.assertEqual(printed, expected)

    # -- projects

    def check_project(self, name: str) -> None:
        """Builds it, and runs its programs, when the first of its files is come upon."""
        files = self.projects.pop(name, [])
        directory = self.directory / f"project-{name}"
        for block in files:
            path = directory / block.values["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        if any("subproject" in block.words for block in files):
            self.configure_subproject(directory)
        elif files:
            self.build_project(name, directory, files)

    def configure_subproject(self, directory: Path) -> None:
        (directory / "subprojects").mkdir()
        (directory / "subprojects" / "plantrpc").symlink_to(SOURCE)
        result = programs.run(["meson", "setup", "--force-fallback-for=plantrpc-1", "_build"],
                              directory)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("Subproject plantrpc finished", result.stdout)

    def build_project(self, name: str, directory: Path, files: list[Block]) -> None:
        in_vala = any(block.language == "vala" for block in files)
        if in_vala:
            programs.need_vala()
        for command in (["meson", "setup", "_build"], ["ninja", "-C", "_build"]):
            result = programs.run(command, directory)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertFalse("warning:" in result.stdout and not in_vala, result.stdout)
        for block in files:
            program = directory / "_build" / Path(block.values["file"]).stem
            if "server" in block.words:
                self.commands[name, block.language] = [program]
        for block in files:
            program = directory / "_build" / Path(block.values["file"]).stem
            if "client" in block.words:
                servers = block.values.get("servers", name).split(",")
                self.run_program(block, [program], servers, "c")


def load_tests(loader: unittest.TestLoader, *_: object) -> unittest.TestSuite:
    """A test case for each page."""
    suite = unittest.TestSuite()
    sources = [path for path in sorted((SOURCE / "plantrpc").rglob("*.[ch]"))
               if " ```" in path.read_text()]
    for path in [SOURCE / "README.md", *sorted(PAGES.glob("*.md")), *sources]:
        case = type(f"Test[{path.stem}]", (Page,), {"path": path, "name": path.name})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    sys.exit(unittest.main())
