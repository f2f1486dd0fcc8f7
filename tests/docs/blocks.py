# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fenced blocks of a page, with what is to be done about each.

A comment of HTML, which readers do not see, stands before a block: `<!-- test: WORD KEY=VALUE -->`.

  program                  complete; it is run, and has to end well
  server                   complete; it prints its URL and serves until it is ended
  client                   complete; it is run with the URLs of its servers
  session                  commands after $ and what they print, with a server
  compile                  complete; it is compiled
  tests                    complete; its tests are run by Python's unittest
  within=FIXTURE           stands in tests/docs/fixtures/FIXTURE, where that has a line @block@;
                           may be added to each of the above
  name=NAME                what others call it; a client is run with each server of that name on
                           its page, or with the tutorial's in C
  servers=NAME,NAME        those of a client
  as=PATH                  is kept under that name beside the later programs of the page, which
                           use it; may be added to each of the above
  output=NAME              what the program of that name in the same section of the page prints
  message=NAME             what print-messages prints under that name
  project=NAME file=PATH   a file of a project of meson's, or of several (NAME,NAME), which is
                           built; with “server” or “client” its program is run as others are, with
                           “subproject” it is configured with this tree as a subproject
  file=PATH                what that file of the tree has

Without a comment JSON has to be JSON, and an interface if it looks like one; each line of a shell
has to name a program that is there, with options that it has if it is of this project.  `PATH`
alone on the line before a block is the same as file=PATH.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\s*$")
DIRECTIVE = re.compile(r"^\s*<!-- test: (?P<words>.*?) -->\s*$")
DOCUMENTATION = re.compile(r"^ *\* ?(?P<text>.*)$")
NAMED_FILE = re.compile(r"^`(?P<path>[\w./-]+\.\w+)`$")


@dataclass
class Block:
    """One of them, and where it is."""
    page: str
    line: int
    language: str
    text: str
    words: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def projects(self) -> list[str]:
        """Those that it is a file of."""
        return [name for name in self.values.get("project", "").split(",") if name]

    def __str__(self) -> str:
        return f"{self.page}:{self.line} ({self.language or 'no language'})"


def read_directive(lines: list[str], index: int) -> tuple[set[str], dict[str, str]]:
    """What stands before the fence in line INDEX."""
    while index > 0 and not lines[index - 1].strip():
        index -= 1
    previous = lines[index - 1] if index > 0 else ""
    named = NAMED_FILE.match(previous)
    if named:
        return set(), {"file": named["path"]}
    found = DIRECTIVE.match(previous)
    words = found["words"].split() if found else []
    return ({word for word in words if "=" not in word},
            dict(word.split("=", 1) for word in words if "=" in word))


def read_lines(path: Path) -> list[str]:
    """Those of a page; of a source in C the documentation, with what is not left empty."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".md":
        return lines
    found = [DOCUMENTATION.match(line) for line in lines]
    return [match["text"] if match else "" for match in found]


def read_blocks(path: Path, name: str) -> list[Block]:
    """All blocks of a page, or of the documentation in a source."""
    lines = read_lines(path)
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        fence = FENCE.match(lines[index])
        if not fence:
            index += 1
            continue
        end = next((i for i in range(index + 1, len(lines))
                    if lines[i].strip() == "```"), None)
        if end is None:
            raise ValueError(f"{name}:{index + 1}: the block has no end")
        indent = len(fence["indent"])
        text = "".join(line[indent:] + "\n" for line in lines[index + 1:end])
        words, values = read_directive(lines, index)
        blocks.append(Block(name, index + 1, fence["language"], text, words, values))
        index = end + 1
    return blocks
