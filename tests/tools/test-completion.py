#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Completion by tabulator: what the program offers, and what bash and zsh make of it."""

import shlex
import signal
import subprocess
import unittest
from typing import Callable

from harness import (Case, DEADLINE, ENVIRONMENT, Mock, NOBODY, Registry, SOURCE, run,
                     wait_until)

COMPLETIONS = SOURCE / "plantrpc" / "tools" / "completions"
BASH = f"""
source {shlex.quote(str(COMPLETIONS / "plantrpc.bash"))}
# As readline takes a line apart, with the usual COMP_WORDBREAKS.
COMP_LINE=$1 COMP_POINT=${{2:-${{#1}}}} COMP_WORDS=(plantrpc) COMP_CWORD=1
_plantrpc
for reply in "${{COMPREPLY[@]}}"; do printf '%s\\n' "$reply"; done
"""
ZSH = f"""
autoload -Uz compinit
compdef() {{ : }}
compadd() {{
  local name
  while (( $# )); do
    case $1 in
      -a) shift; for name in "${{(@P)1}}"; do print -r -- "$name"; done ;;
      -d|-S) shift ;;
    esac
    shift
  done
}}
_files() {{ print -r -- FILES }}
words=("${{(@z)1}}")
[[ $1 == *' ' ]] && words+=('')
CURRENT=${{#words}}
source {shlex.quote(str(COMPLETIONS / "_plantrpc"))}
"""


class Completion(Case):
    """With a camera at a registry."""

    def setUp(self) -> None:
        self.registry = self.start(Registry())
        self.mock = self.start(Mock("--name", "pi-cam-1", "--type", "camera", "-r",
                                    self.registry.url))
        self.mock.until("named")
        self.place = self.registry.url.removeprefix("tcp://")

    def complete(self, line: str) -> str:
        """What the program prints, however long a busy machine takes."""
        return self.good("complete", "-t", str(DEADLINE), "--", line,
                         PLANTRPC_REGISTRY=self.registry.url)

    def offered(self, line: str) -> list[str]:
        """The candidates of the program itself, without what they are."""
        text = self.complete(line)
        return [candidate.split("\t")[0] for candidate in text.splitlines()]

    def shell(self, *command: str) -> list[str]:
        """The lines that a shell prints."""
        result = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE,
                                env={**ENVIRONMENT, "PLANTRPC_REGISTRY": self.registry.url})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout.splitlines()

    def bash(self, line: str, *point: str) -> list[str]:
        """What bash offers."""
        return self.shell("bash", "--norc", "-c", BASH, "bash", line, *point)

    def zsh(self, line: str) -> list[str]:
        """What zsh offers."""
        return self.shell("zsh", "-f", "-c", ZSH, "zsh", line)

    def comes(self, expected: list[str], shell: Callable[..., list[str]], *line: str) -> None:
        """The shell offers this, perhaps not at once: the program gives up soon at a prompt."""
        wait_until(lambda: shell(*line) == expected, f"{expected} for {line}", DEADLINE)

    def test_commands(self) -> None:
        self.assertEqual(self.offered("plantrpc mo"), ["monitor"])
        self.assertEqual(len(self.offered("plantrpc ")), 19)
        self.assertEqual(self.offered("plantrpc help se"), ["set", "serve"])
        self.assertNotIn("complete", self.offered("plantrpc "))
        self.assertIn("\tread properties\n", self.complete("plantrpc get"))

    def test_options(self) -> None:
        self.assertEqual(self.offered("plantrpc fault --r"),
                         ["--rate", "--reset-after", "--random", "--registry"])
        self.assertEqual(self.offered("plantrpc call --o"), ["--output"])
        self.assertEqual(self.offered("plantrpc serve --re"), ["--remember", "--reply",
                                                                "--registry"])
        self.assertEqual(self.offered("plantrpc relay --me"), ["--member-role"])
        self.assertEqual(self.offered("plantrpc call --output "), [])
        self.assertEqual(self.offered("plantrpc list --type "), ["camera"])

    def test_devices(self) -> None:
        for line in ("plantrpc get ", "plantrpc get pi", "plantrpc get --json p",
                     "plantrpc call -t 3 p", "plantrpc call -t3 p",
                     "plantrpc call -j --output=x p", "plantrpc call -jt3 p",
                     f"plantrpc set -r {self.registry.url} ", "plantrpc monitor '"):
            self.assertEqual(self.offered(line), ["pi-cam-1"], line)
        self.assertEqual(self.offered("plantrpc   get  pi-cam-1 \t rota"), ["rotation"])
        self.assertEqual(self.offered(f"plantrpc get pi@{self.place}"), [])
        self.assertEqual(self.offered(f"plantrpc get @{self.place}"), [])
        self.assertEqual(self.offered(f"plantrpc get pi-cam-1@{self.place}"),
                         [f"pi-cam-1@{self.place}"])
        self.assertEqual(self.offered("plantrpc get x"), [])

    def test_members(self) -> None:
        for device in ("pi-cam-1", self.mock.url, f"pi-cam-1@{self.place}"):
            self.assertEqual(self.offered(f"plantrpc get {device} m"), ["mode", "max_progress"])
        self.assertEqual(self.offered("plantrpc get pi-cam-1 mode r"), ["rotation"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 m"), ["mode"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 mode "), ["STILL", "VIDEO"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 mode=V"), ["mode=VIDEO"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 enabled="),
                         ["enabled=true", "enabled=false"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 enabled t"), ["true"])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 rotation=3 mode=S"), ["mode=STILL"])
        self.assertEqual(self.offered("plantrpc wait pi-cam-1 mod"), ["mode="])
        self.assertEqual(self.offered("plantrpc wait pi-cam-1 mode=S"), ["mode=STILL"])
        # One can wait for what only the device changes, but not set it.
        self.assertEqual(self.offered("plantrpc wait pi-cam-1 mode=STILL pro"), ["progress="])
        self.assertEqual(self.offered("plantrpc set pi-cam-1 mode=STILL pro"), [])
        self.assertEqual(self.offered("plantrpc call pi-cam-1 g"), ["greet", "get_image"])
        self.assertEqual(self.offered("plantrpc call pi-cam-1 greet "), ["text=", "loud="])
        self.assertEqual(self.offered("plantrpc call pi-cam-1 greet loud="),
                         ["loud=true", "loud=false"])
        self.assertEqual(self.offered("plantrpc monitor pi-cam-1 p"), ["progress", "ping"])
        self.assertIn("mode\t", self.complete(f"plantrpc get {self.mock.url} mo"))
        self.assertIn("How the camera is mounted",
                      self.complete(f"plantrpc get {self.mock.url} rot"))

    def test_members_that_are_not_there(self) -> None:
        """They are complained of at most; the shells leave that out."""
        for line in ("call pi-cam-1 none ", "set pi-cam-1 none ", "wait pi-cam-1 none=",
                     "get none m", "set none mode ", "call none g", "call none greet ",
                     "monitor none p"):
            result = run("complete", "--", f"plantrpc {line}",
                         PLANTRPC_REGISTRY=self.registry.url)
            self.assertEqual((result.returncode, result.stdout), (0, ""), (line, result.stderr))

    def test_silence(self) -> None:
        """Nobody waits at a prompt, and nobody wants to read errors there."""
        self.assertEqual(self.bash(f"plantrpc get {NOBODY} m"), [])
        self.mock.process.send_signal(signal.SIGSTOP)
        self.assertEqual(self.bash("plantrpc get pi-cam-1 m"), [])
        self.registry.process.send_signal(signal.SIGSTOP)
        self.assertEqual(self.bash("plantrpc get pi"), [])

    def test_bash(self) -> None:
        self.comes(["monitor"], self.bash, "plantrpc mon")
        self.comes(["monitor"], self.bash, "plantrpc monitor", "14")
        self.comes(["pi-cam-1"], self.bash, "plantrpc get ")
        self.comes(["mode"], self.bash, f"plantrpc get {self.mock.url} mo")
        self.comes(["loud="], self.bash, "plantrpc call pi-cam-1 greet l")

    def test_bash_replaces_behind_its_word_breaks(self) -> None:
        self.comes(["VIDEO"], self.bash, "plantrpc set pi-cam-1 mode=V")
        self.comes(["STILL", "VIDEO"], self.bash, "plantrpc set pi-cam-1 mode=")
        host, port = self.place.split(":")
        self.comes([port], self.bash, f"plantrpc get pi-cam-1@{host}:{port}")

    def test_bash_loads_it(self) -> None:
        script = f"source {COMPLETIONS / 'plantrpc.bash'}; complete -p plantrpc"
        self.assertEqual(self.shell("bash", "--norc", "-c", script),
                         ["complete -o bashdefault -o default -F _plantrpc plantrpc"])

    def test_zsh(self) -> None:
        self.comes(["monitor"], self.zsh, "plantrpc mon")
        self.comes(["pi-cam-1"], self.zsh, "plantrpc get ")
        self.comes(["mode"], self.zsh, f"plantrpc get {self.mock.url} mo")
        self.comes(["mode=VIDEO"], self.zsh, "plantrpc set pi-cam-1 mode=V")
        self.comes(["text=", "loud="], self.zsh, "plantrpc call pi-cam-1 greet ")
        self.comes(["FILES"], self.zsh, "plantrpc serve ")


if __name__ == "__main__":
    unittest.main()
