#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a test, and let it fail also if a complaint appears on its standard error.

  complaints.py COMMAND [ARGUMENT...]

If a callback raises an exception, Python and GJS print it and go on, so no assertion notices it.
The same is true of warnings, such as the one about a coroutine that is never awaited.  The output
of the test and of the programs that it starts is passed on.  A test that expects a complaint first
prints `expected complaint: TEXT` on standard error.  Exactly one complaint that contains TEXT must
then follow.
"""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

EXPECTED = "expected complaint: "
# Seconds for which a process may hold standard error open after the test has ended.
PATIENCE = 20
COMPLAINT = re.compile("|".join((
    # Python, asyncio and logging.
    r"^Traceback \(most recent call last\):",
    r"^Exception (ignored|in thread|in callback|in default handler)\b",
    r"^(\w+\.)*\w+(Error|Exception|Interrupt)(:|$)",
    r"\b[A-Z]\w*Warning: ",
    r"\bwas never (awaited|retrieved|closed)\b",
    r"^Task was destroyed but it is pending",
    # GLib and GJS.
    r"-(CRITICAL|ERROR|WARNING) \*\*",
    r"\bJS (ERROR|WARNING)\b",
    r"\bUnhandled promise rejection\b",
    # libzmq, the C library and the sanitizers.
    r"^Assertion failed: ",
    r"^(free|malloc|realloc|corrupted|double free)\w*\b.*(\(\)|corruption|invalid)",
    r"\bERROR: \w+Sanitizer\b",
    r"\bruntime error: ")))
CHAINS = ("During handling of the above exception", "The above exception was the direct cause")
RAISED = re.compile(r"^(\w+\.)*\w+(:|$)")


def blocks(lines: list[str]) -> Iterator[str]:
    """Return the expected complaints, and each complaint with the lines that belong to it."""
    index = 0
    while index < len(lines):
        start, index = index, index + 1
        if lines[start].startswith(EXPECTED):
            yield lines[start]
            continue
        if not COMPLAINT.search(lines[start]):
            continue
        # A traceback follows the line that announces it, and ends with the exception.
        in_traceback = lines[start].startswith("Traceback")
        while index < len(lines):
            line = lines[index]
            if line.startswith("Traceback"):
                in_traceback = True
            elif in_traceback and RAISED.match(line):
                index += 1
                if not any(chain in text for text in lines[index:index + 2] for chain in CHAINS):
                    break
                index, in_traceback = index + 2, False
            elif line and not line.startswith((" ", "\t", "@")):
                break
            index += 1
        yield "\n".join(lines[start:index])


def unexpected(text: str) -> list[str]:
    """Return the faults of the output: complaints, and expected ones that are missing."""
    announced: list[str] = []
    found = []
    for block in blocks(text.splitlines()):
        if block.startswith(EXPECTED):
            announced.append(block.removeprefix(EXPECTED))
            continue
        known = next((words for words in announced if words in block), None)
        if known is None:
            found.append(block)
        else:
            announced.remove(known)
    return found + [f"a complaint did not come: {words}" for words in announced]


def pass_on(source: BinaryIO, taken: list[bytes]) -> None:
    """Read until no process has the pipe open for writing."""
    while data := os.read(source.fileno(), 65536):
        taken.append(data)
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()


def run(command: list[str]) -> int:
    """Return the exit status of the test, or a failure if it complained."""
    taken: list[bytes] = []
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    reader = threading.Thread(target=pass_on, args=(process.stderr, taken), daemon=True)
    reader.start()
    status = process.wait()
    reader.join(PATIENCE)
    if status != 0:
        return status if status > 0 else 128 - status
    if reader.is_alive():
        print("A program that the test has started still runs", file=sys.stderr)
        return 1
    found = unexpected(b"".join(taken).decode(errors="replace"))
    for block in found:
        print(f"\nUnexpected on standard error:\n{block}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
