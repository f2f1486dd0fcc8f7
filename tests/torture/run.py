#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lets each call of the library that can fail do so, one in each run of a conversation.

A conversation first runs once to find its calls. Then a few calls of each place in the code
fail, each in a run of its own (up to MAX_DEEP calls with --deep or $PLANTRPC_TEST_LONG). The run
must end by itself and in time, without a crash, a critical warning or a leak, and each operation
must have a result or an error.

Nobody sees a lane fail, as all goes on without it. So each call in the source of lanes must be
among those that are made to fail."""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

DEADLINE = 60  # seconds; a run that waits for something that never comes ends itself after 15
JOBS = 6  # runs at a time; most of a run is waiting
MAX_DEEP = 100  # calls of one place that are made to fail
SOURCE = Path(__file__).resolve().parents[2]


@dataclass
class Case:
    conversation: str
    place: int  # the address of the call in the library
    function: str
    number: int  # the number of the call at that place
    result: str = ""
    log: str = ""


class Torture:
    def __init__(self, program: Path, preload: Path, library: Path):
        self.program, self.preload, self.library = program, preload, library
        self.scratch = tempfile.TemporaryDirectory(prefix="torture-")
        self.folder = Path(self.scratch.name)

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {
            "LD_PRELOAD": str(self.preload),
            "G_DEBUG": "fatal-criticals",
            "G_SLICE": "always-malloc",
            "LC_ALL": "C.UTF-8",
            # The preloaded module must come before the sanitizer, whose functions it calls.
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=1",
        } | more

    def run(self, conversation: str, **more: str) -> tuple[int | None, str]:
        """Return the exit status, or None if it hangs, and the output."""
        process = subprocess.Popen([self.program, conversation], env=self.environment(**more),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors="replace")
        try:
            output, _ = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            return None, process.communicate()[0]
        return process.returncode, output

    def conversations(self) -> list[str]:
        return subprocess.run([self.program], check=True, capture_output=True,
                              text=True).stdout.split()

    def count(self, conversation: str) -> Counter:
        """Return how often each place called which function."""
        log = self.folder / conversation
        status, output = self.run(conversation, TORTURE_LOG=str(log))
        if status != 0:
            raise RuntimeError(f"{conversation} fails by itself ({status}):\n{output}")
        calls = Counter()
        for line in log.read_text().splitlines():
            place, function = line.split()
            calls[int(place, 16), function] += 1
        return calls

    def try_case(self, case: Case) -> Case:
        log = self.folder / f"{case.conversation}-{case.place:x}-{case.number}"
        status, case.log = self.run(case.conversation, TORTURE_LOG=str(log),
                                    TORTURE_FAIL=f"{case.place:x}:{case.number}")
        failed = log.exists() and "failed" in log.read_text()
        if status is None:
            case.result = "hangs"
        elif status < 0:
            case.result = f"ends by {signal.Signals(-status).name}"
        elif status > 0:
            case.result = f"ends with {status}"
        else:
            case.result = "good" if failed else "not reached"
        return case

    def locate(self, place: int) -> str:
        """Return the source line of the call, which is just before the return address."""
        output = subprocess.run(["addr2line", "-s", "-f", "-e", self.library, hex(place - 1)],
                                check=False, capture_output=True, text=True).stdout.split("\n")
        return " ".join(output[:2]).strip()

    def find_lines(self, places: list[int]) -> set[tuple[str, int]]:
        """Return the files and lines of the source in which the calls end; none without them."""
        output = subprocess.run(["addr2line", "-s", "-e", self.library,
                                 *(hex(place - 1) for place in places)],
                                check=False, capture_output=True, text=True).stdout
        return {(name, int(line)) for name, line in re.findall(r"^(\S+):(\d+)", output, re.M)}


def list_untried(torture: Torture, cases: list[Case]) -> list[str]:
    """Return the lines of lanes with a call that was not made to fail."""
    preload = (SOURCE / "tests/torture/preload.c").read_text()
    names = re.findall(r"^TORTURE \([^,]+, ([a-z0-9_]+?)(?:64)?,", preload, re.M)
    call = re.compile(r"(?<![>.\w])(?:" + "|".join(names) + r") \((?!.*\*/)")
    lines = torture.find_lines(sorted({case.place for case in cases}))
    untried = []
    for path in sorted(SOURCE.glob("plantrpc/*/plant-rpc-lane*.c")) if lines else []:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if call.search(line) and (path.name, number) not in lines:
                untried.append(f"{path.name}:{number}: {line.strip()}")
    return untried


def list_cases(torture: Torture, conversations: list[str], deep: bool) -> list[Case]:
    cases = []
    for conversation in conversations:
        calls = torture.count(conversation)
        print(f"{conversation}: {calls.total()} calls at {len(calls)} places", flush=True)
        for (place, function), n in sorted(calls.items()):
            numbers = range(1, min(n, MAX_DEEP) + 1) if deep else {1, min(n, 2), (n + 1) // 2, n}
            cases += [Case(conversation, place, function, number) for number in sorted(numbers)]
    return cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deep", action="store_true", help="let each call fail")
    parser.add_argument("--place", help="only calls of this function, or this line of the source")
    parser.add_argument("program", type=Path)
    parser.add_argument("preload", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("conversations", nargs="*", metavar="conversation")
    arguments = parser.parse_args()
    deep = arguments.deep or "PLANTRPC_TEST_LONG" in os.environ

    torture = Torture(arguments.program.resolve(), arguments.preload.resolve(),
                      arguments.library.resolve())
    cases = list_cases(torture, arguments.conversations or torture.conversations(), deep)
    if arguments.place:
        cases = [case for case in cases
                 if re.search(arguments.place, f"{case.function} {torture.locate(case.place)}")]
    with ThreadPoolExecutor(JOBS) as pool:
        cases = list(pool.map(torture.try_case, cases))
    bad = [case for case in cases if case.result not in ("good", "not reached")]
    for case in bad:
        print(f"\n{case.conversation}: call {case.number} of {case.function} in "
              f"{torture.locate(case.place)} fails: {case.result}\n{case.log[-3000:]}")
    untried = [] if arguments.place or arguments.conversations else list_untried(torture, cases)
    for line in untried:
        print(f"no conversation comes to {line}")
    results = Counter(case.result for case in cases)
    print(f"{len(cases)} runs: {', '.join(f'{n} {result}' for result, n in results.items())}")
    return 1 if bad or untried else 0


if __name__ == "__main__":
    sys.exit(main())
