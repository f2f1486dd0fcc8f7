# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures Python, JavaScript and C beside a peer that speaks as the Plant Imager module does."""

import json
import os
import signal
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from work import REPETITIONS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SMOKE_DIVISOR = 1000
PROGRAMS = {
    "module": ["/usr/bin/python3", HERE / "module.py"],
    "python": ["/usr/bin/python3", HERE / "plantrpc.py"],
    "gjs": ["gjs", "-m", HERE / "plantrpc.js"],
}
IN_C = "tests/bench/bench-languages"
FLOOR = "module-module"
# Who asks whom.
PAIRS = [FLOOR, "python-python", "python-c", "c-python", "python-module", "module-python",
         "gjs-gjs", "gjs-c", "c-gjs", "gjs-module", "module-gjs", "c-c"]
HEADINGS = {"median_us": ", µs", "cpu_us": " CPU µs", "more_kib": " KiB"}
WORKS = list(REPETITIONS)
# What the smoke run leaves out, since it takes long.
SMOKED = [work for work in WORKS if work not in ("numbers", "million", "large")]
# What the documentation shows.
SHOWN = ["get", "set", "add", "echo", "numbers", "small", "large", "signals"]
SHOWN_PAIRS = [FLOOR, "python-python", "python-c", "c-python", "python-module", "module-python",
               "gjs-gjs", "gjs-c", "c-gjs"]
SMOKED_PAIRS = [FLOOR, "python-c", "c-python", "gjs-gjs"]

# A publisher drops what a client does not take at once, and the module's tells nobody.
LOSSY = ("python-module", "gjs-module")


def is_measured(work: str, pair: str) -> bool:
    """Whether a pair can do something."""
    return work != "signals" or pair not in LOSSY


def environment(builddir: Path) -> dict[str, str]:
    """Where the library of a build and its overrides are found."""
    overrides = ROOT / "introspection/overrides"
    return os.environ | {
        "GI_TYPELIB_PATH": str(builddir / "introspection"),
        "LD_LIBRARY_PATH": str(builddir / "plantrpc"),
        "PYTHONPATH": str(overrides / "python"), "GJS_PATH": str(overrides / "gjs"),
        "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1",
    }


def command(options: Any, language: str, *args: str) -> list[str]:
    """How a program is run."""
    program = [str(part) for part in PROGRAMS.get(language, [options.builddir / IN_C])]
    return [*([] if options.cpus == "all" else ["taskset", "-c", options.cpus]), *program, *args]


@contextmanager
def device(options: Any, language: str) -> Iterator[tuple[str, str]]:
    """Have a device run; its url and its process."""
    process = subprocess.Popen(command(options, language, "device"), stdout=subprocess.PIPE,
                               text=True, env=environment(options.builddir))
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), str(process.pid)
    finally:
        process.kill()
        process.communicate()


def run_one(options: Any, pair: str, work: str) -> dict[str, float]:
    """Let a client do one thing."""
    client, _, server = pair.partition("-")
    divisor = SMOKE_DIVISOR if options.smoke else 1
    with device(options, server) as (url, process):
        done = subprocess.run(command(options, client, "client", url, work, str(divisor),
                                      process),
                              stdout=subprocess.PIPE, timeout=100, check=True,
                              env=environment(options.builddir))
    result: dict[str, float] = json.loads(done.stdout)
    return result


def choose(options: Any, works: list[str]) -> list[str]:
    """What is to be done of some works; the pairs are chosen, too."""
    options.pairs = options.pairs or (SMOKED_PAIRS if options.smoke else PAIRS)
    return [work for work in works if (work in options.works if options.works
                                       else not options.smoke or work in SMOKED)]


def measure(options: Any, works: list[str]) -> tuple[dict[tuple[str, str], Any], int]:
    """Each pair in turn, so that whatever else the machine does hits all alike."""
    # As a terminal leaves it, also where this runs in the background: that costs Python something.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    results, failures = defaultdict(list), 0
    for _ in range(options.repetitions):
        for work in works:
            for pair in options.pairs:
                if not is_measured(work, pair):
                    continue
                try:
                    results[work, pair].append(run_one(options, pair, work))
                except (subprocess.SubprocessError, ValueError) as error:
                    print(f"failed: {error}", file=sys.stderr)
                    failures += 1
    return results, failures


def print_cell(results: Any, work: str, pair: str, key: str) -> str:
    """The median, and how many times that of the independent peer with its like it is."""
    rows, floor = results.get((work, pair)), results.get((work, FLOOR))
    if not rows:
        return "–"
    value = statistics.median(row[key] for row in rows)
    text = f"{value:,.0f}"
    if pair == FLOOR or not floor:
        return text
    least = statistics.median(row[key] for row in floor)
    return f"{text} ({value / least:.2f})" if least > 0 else text


def table(results: Any, pairs: list[str], works: list[str], headings: dict[str, str],
          ) -> Iterator[str]:
    """The lines of a table of what was measured."""
    yield "| | " + " | ".join(pairs) + " |"
    yield "|---|" + "--:|" * len(pairs)
    for work in works:
        for key, heading in headings.items():
            yield f"| {work}{heading} | " + " | ".join(print_cell(results, work, pair, key)
                                                     for pair in pairs) + " |"


def main(options: Any) -> int:
    """Measure, and print a table."""
    works = choose(options, WORKS)
    results, failures = measure(options, works)
    print(f"Medians of {options.repetitions} runs over tcp, CPU {options.cpus}, client first: one "
          f"of each thing, and what its client grew by; in brackets times {FLOOR}.\n")
    print("\n".join(table(results, options.pairs, works, HEADINGS)))
    return 1 if failures else 0
