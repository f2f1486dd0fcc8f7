#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the instructions of one operation, at the client and at the device, by valgrind, and
compares them with those of bounds.json: count.py [--update] LANGUAGE PROGRAM …

Unlike times, instructions are almost the same on a busy machine. What a process does while it waits
for its peer is counted, too, so it goes before others where it may, and the least of three counts
is taken where one is too high. Each operation is done some times to warm up and then in rounds of
many times, each between two marks, and the least of the rounds is divided by its number: a round in
which a language collects what is no longer used needs more, and which one that is differs. The
bounds hold for the system on which they were counted, since other versions of GLib and of the
languages need more or less. Elsewhere nothing is compared."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What g_random_double_range() calls, since valgrind does not see what is called through libffi.
MARK = "g_rand_double_range"
BOUNDS = Path(__file__).with_name("bounds.json")
TOLERANCE = 0.15
# How many signals come in one message depends on how fast the other process is.
TOLERANCES = {"signal": 0.75}
TIMEOUT_S = 400
MAX_COUNTS = 3
# As in the programs: the rounds of each operation, and how often it is done in one.
N_ROUNDS = 5
COUNTS = {"get": 50, "set": 50, "call": 50, "signal": 1000, "snapshot": 4}

# What JavaScript compiles while it runs depends on how fast other threads are, and meson has each
# allocation filled.
ENVIRONMENT = os.environ | {"GJS_DISABLE_JIT": "1", "MALLOC_PERTURB_": "0"}


def go_first() -> None:
    """Have this and what it runs go before others, if that is allowed."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError:
        pass


def valgrind(out: Path, program: list[str]) -> list[str]:
    return ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}",
            f"--dump-before={MARK}", *program]


def read_part(path: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{path} has no total")
    return int(found.group(1))


def read_round(out: Path, operation: int) -> int:
    """The least of the rounds of an operation. The first part of each is warming up."""
    first = operation * (N_ROUNDS + 1) + 2
    return min(read_part(out.with_name(f"{out.name}.{first + i}")) for i in range(N_ROUNDS))


def count(program: list[str]) -> dict[str, dict[str, int]]:
    """The instructions of one operation each at the client and the server."""
    with tempfile.TemporaryDirectory() as folder:
        outs = {role: Path(folder) / role for role in ("client", "server")}
        server = subprocess.Popen(valgrind(outs["server"], program), stdout=subprocess.PIPE,
                                  text=True, env=ENVIRONMENT)
        try:
            url = server.stdout.readline().strip()
            subprocess.run(valgrind(outs["client"], [*program, url]), check=True,
                           timeout=TIMEOUT_S, env=ENVIRONMENT)
        finally:
            server.terminate()
            server.wait(TIMEOUT_S)
        return {name: {role: read_round(out, index) // n for role, out in outs.items()}
                for index, (name, n) in enumerate(COUNTS.items())}


def describe_system() -> str:
    release = platform.freedesktop_os_release()
    return f"{release['ID']} {release.get('VERSION_ID', '')} {platform.machine()}"


def compare(counted: dict[str, dict[str, int]], bounds: dict[str, dict[str, int]]) -> int:
    """Prints all figures and returns how many are beyond their bound."""
    n_beyond = 0
    for name, roles in counted.items():
        for role, figure in roles.items():
            ratio = figure / bounds[name][role]
            beyond = ratio > 1 + TOLERANCES.get(name, TOLERANCE)
            n_beyond += beyond
            print(f"{name:8} {role}: {figure:9,} instructions, {ratio:.2f} times the bound"
                  f"{', which is too many' if beyond else ''}")
    return n_beyond


def take_least(first: dict[str, dict[str, int]],
               second: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {name: {role: min(figure, second[name][role]) for role, figure in roles.items()}
            for name, roles in first.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=["c", "python", "gjs"])
    parser.add_argument("program", nargs=argparse.REMAINDER)
    parser.add_argument("--update", action="store_true", help="make these figures the bounds")
    options = parser.parse_args()
    go_first()
    counted = count(options.program)
    bounds = json.loads(BOUNDS.read_text(encoding="utf-8")) if BOUNDS.exists() else {}
    if options.update:
        bounds |= {"system": describe_system(), options.language: counted}
        BOUNDS.write_text(json.dumps(bounds, indent=2) + "\n", encoding="utf-8")
    if bounds["system"] != describe_system():
        print(f"The bounds are those of {bounds['system']}, and this is {describe_system()}:",
              counted)
        return 0
    n_beyond = compare(counted, bounds[options.language])
    for _ in range(MAX_COUNTS - 1):
        if n_beyond:
            counted = take_least(counted, count(options.program))
            n_beyond = compare(counted, bounds[options.language])
    return 1 if n_beyond else 0


if __name__ == "__main__":
    sys.exit(main())
