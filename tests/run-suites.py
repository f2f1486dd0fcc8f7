#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests of a build directory, or those whose suite or name is given, and counts them:
run-suites.py [--curve] BUILD [SUITE|TEST …]. With --curve they run over CURVE."""

import json
import os
import subprocess
import sys
from pathlib import Path

# The sanitizers do not see what leaks of GLib's own slices.
SANITIZER_OPTIONS = {
    "G_SLICE": "always-malloc",
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    # GLib unlocks some mutexes where the sanitizer has not seen that they were locked.
    "TSAN_OPTIONS": "suppressions={source}/tests/tsan.supp:report_mutex_bugs=0:history_size=4",
    "LSAN_OPTIONS": "suppressions={source}/tests/lsan.supp:print_suppressions=0",
}

SOURCE = Path(__file__).resolve().parent.parent
LINES_OF_A_FAILURE = 40

# The suites that are not about what is secured itself.
CURVE_SUITES = ("unit", "stress", "peer", "bindings")


def tests_of(build: Path) -> list[dict]:
    output = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True,
                            capture_output=True, text=True).stdout
    return json.loads(output)


def select(tests: list[dict], names: list[str]) -> list[str]:
    chosen = []
    for test in tests:
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if not names or test["name"] in names or suites & set(names):
            chosen.append(test["name"])
    return chosen


def run(build: Path, names: list[str], jobs: int, options: list[str] = ()) -> list[dict]:
    """Runs the tests named and returns meson's record of each."""
    environment = dict(os.environ)
    for name, value in SANITIZER_OPTIONS.items():
        environment.setdefault(name, value.format(source=SOURCE))
    # With PLANTRPC_TEST_LONG the tests have no time limit.
    patience = ["--timeout-multiplier", "0"] if "PLANTRPC_TEST_LONG" in os.environ else []
    subprocess.run(["meson", "test", "-C", str(build), "--no-rebuild", "--num-processes",
                    str(jobs), *patience, *options, *names], env=environment, check=False)
    log = build / "meson-logs" / "testlog.json"
    return [json.loads(line) for line in log.read_text().splitlines()]


def run_over_curve(build: Path, wanted: list[str]) -> list[dict]:
    """Runs the tests named, or those of the suites that can, with each TCP connection secured and
    no lane beside it."""
    tests = tests_of(build)
    # Programs that use GLib's framework take its options.
    in_c = {test["name"] for test in tests if test["protocol"] == "tap"}
    lines = (SOURCE / "tests" / "curve" / "skipped").read_text(encoding="utf-8").splitlines()
    can = set(select(tests, list(CURVE_SUITES))) - set(lines)
    names = [name for name in select(tests, wanted) if name in can]
    skipped = [f"-s {line}" for line in lines if line.startswith("/")]
    os.environ |= {"LD_PRELOAD": str(build.resolve() / "tests/curve/curve-preload.so"),
                   "PLANTRPC_LANE": "none"}
    records = []
    for chosen, options in (([name for name in names if name in in_c],
                             [f"--test-args={' '.join(skipped)}"]),
                            ([name for name in names if name not in in_c], [])):
        if chosen:
            records += run(build, chosen, 2, options)
    return records


def print_failure(record: dict) -> None:
    """What a test printed last, so that it stands beside the count and not among all tests."""
    for stream in ("stdout", "stderr"):
        lines = (record.get(stream) or "").splitlines()
        if len(lines) > LINES_OF_A_FAILURE:
            print(f"| … {len(lines) - LINES_OF_A_FAILURE} lines of {stream} before")
        for line in lines[-LINES_OF_A_FAILURE:]:
            print(f"| {line}")
    print(f"failed: {record['name']} ({record['result']})")


def main() -> int:
    curve = sys.argv[1] == "--curve"
    build, wanted = Path(sys.argv[1 + curve]), sys.argv[2 + curve:]
    names = select(tests_of(build), wanted)
    if not names:
        print(f"There is no test or suite named {' or '.join(wanted)}")
        return 2
    passed = failed = skipped = 0
    for record in run_over_curve(build, wanted) if curve else run(build, names, jobs=2):
        if record["result"] in ("OK", "EXPECTEDFAIL"):
            passed += 1
        elif record["result"] == "SKIP":
            skipped += 1
            print(f"skipped: {record['name']}")
        else:
            failed += 1
            print_failure(record)
    if skipped and os.environ.get("CI"):
        failed, skipped = failed + skipped, 0
    suffix = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{suffix}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
