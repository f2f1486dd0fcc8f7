#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the fuzz targets of a build with libFuzzer, two at a time, and prints the results.

Inputs that add coverage are collected in BUILD/fuzz/TARGET/corpus, inputs that fail in
BUILD/fuzz/TARGET/findings.  With --keep, inputs that add coverage are also merged into
tests/fuzz/corpus/TARGET, the smallest ones first, up to a total size."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
JOBS = 2

# Each new interface adds a GType and names that GLib never frees, so a process must not run for
# long. Real leaks of those targets are found when their corpus is replayed.
SLICE = 300  # seconds
NEVER_FREE = {"interface-info", "inventory"}
MAX_KEPT = 160 * 1024  # bytes of the corpus of one target
MAX_KEPT_FILE = 4096

ENGINE = ["-rss_limit_mb=2048", "-timeout=20", "-max_len=20000", "-print_final_stats=1"]
ENVIRONMENT = {
    "G_DEBUG": "fatal-warnings",
    "G_SLICE": "always-malloc",
    "ASAN_OPTIONS": "detect_leaks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "LSAN_OPTIONS": f"suppressions={SOURCE.parent}/lsan.supp:print_suppressions=0",
}


@dataclass
class Target:
    name: str
    program: Path
    folders: list[str]  # folders with inputs that are known already
    build: Path
    seconds: float = 0
    executions: int = 0
    edges: int = 0
    findings: set[str] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        return self.build / "fuzz" / self.name

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"


def find_targets(build: Path) -> list[Target]:
    output = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True,
                            capture_output=True, text=True).stdout
    targets = []
    for test in json.loads(output):
        if any(suite.endswith("fuzz") for suite in test["suite"]):
            program, *folders = test["cmd"]
            name = test["name"].removeprefix("fuzz-")
            targets.append(Target(name, Path(program), folders, build))
    return targets


def read_log(target: Target, log: str, status: int) -> None:
    executions = re.findall(r"stat::number_of_executed_units:\s*(\d+)", log)
    passed = re.findall(r"^#(\d+)\s.*cov: (\d+)", log, re.MULTILINE)
    if executions:
        target.executions += int(executions[-1])
    elif passed:
        target.executions += int(passed[-1][0])
    target.edges = max([target.edges] + [int(edges) for _, edges in passed])
    summaries = re.findall(r"^SUMMARY: .*", log, re.MULTILINE)
    if status != 0 and not summaries:
        summaries = [f"it ended with status {status}"]
    target.findings.update(summaries)


def seeds_of(target: Target) -> list[str]:
    """Return the folders and all folders below them, since libFuzzer does not search those."""
    seeds = []
    for folder in map(Path, target.folders):
        seeds += [str(path) for path in [folder, *folder.rglob("*")] if path.is_dir()]
    return seeds


def run_slice(target: Target, seconds: int) -> None:
    command = [str(target.program), *ENGINE, f"-max_total_time={seconds}",
               f"-artifact_prefix={target.folder}/findings/"]
    environment = ENVIRONMENT | os.environ
    if target.name in NEVER_FREE:
        environment["ASAN_OPTIONS"] = "detect_leaks=0"
    dictionary = SOURCE / "dictionaries" / f"{target.name}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    start = time.monotonic()
    process = subprocess.run([*command, str(target.corpus), *seeds_of(target)], check=False,
                             env=environment, capture_output=True)
    log = process.stdout.decode(errors="replace") + process.stderr.decode(errors="replace")
    (target.folder / "log").write_text(log)
    # If libFuzzer cannot even start, it is not started again.
    if "INFO: Seed" not in log:
        raise RuntimeError(f"{target.program} does not run:\n{log}")
    target.seconds += time.monotonic() - start
    read_log(target, log, process.returncode)


def run(target: Target, seconds: int) -> None:
    for folder in ("corpus", "findings"):
        (target.folder / folder).mkdir(parents=True, exist_ok=True)
    while target.seconds < seconds:
        run_slice(target, max(1, min(SLICE, round(seconds - target.seconds))))


def keep(target: Target) -> None:
    """Add inputs that reach more code to the corpus in the source, the smallest files first."""
    folder = SOURCE / "corpus" / target.name
    candidates = target.folder / "candidates"
    merged = target.folder / "merged"
    for path in (candidates, merged):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
    for path in target.corpus.iterdir():
        if path.stat().st_size <= MAX_KEPT_FILE:
            shutil.copy(path, candidates)
    subprocess.run([str(target.program), *ENGINE, "-merge=1", "-use_counters=0", str(merged),
                    *seeds_of(target), str(candidates)], check=True, env=ENVIRONMENT | os.environ,
                   capture_output=True)
    known = {path.read_bytes() for seed in seeds_of(target) for path in Path(seed).iterdir()
             if path.is_file()}
    size = sum(path.stat().st_size for path in folder.iterdir())
    for path in sorted(merged.iterdir(), key=lambda path: path.stat().st_size):
        size += path.stat().st_size
        if size > MAX_KEPT:
            break
        if path.read_bytes() not in known:
            shutil.copy(path, folder)


def print_table(targets: list[Target]) -> None:
    print(f"{'target':<16}{'seconds':>9}{'executions':>13}{'edges':>8}{'findings':>10}")
    for target in targets:
        print(f"{target.name:<16}{target.seconds:>9.0f}{target.executions:>13}{target.edges:>8}"
              f"{len(target.findings):>10}")
    for target in targets:
        for finding in sorted(target.findings):
            print(f"{target.name}: {finding}\n  {target.folder}/findings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="merge into the corpus of the source")
    parser.add_argument("build", type=Path)
    parser.add_argument("seconds", type=int, help="for each target")
    parser.add_argument("targets", nargs="*", metavar="target")
    arguments = parser.parse_args()

    found = {target.name: target for target in find_targets(arguments.build.resolve())}
    unknown = [name for name in arguments.targets if name not in found]
    if unknown:
        print(f"There is no target named {' or '.join(unknown)}, but {', '.join(sorted(found))}")
        return 2
    chosen = [found[name] for name in arguments.targets or sorted(found)]
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda target: run(target, arguments.seconds), chosen))
    if arguments.keep:
        for target in chosen:
            keep(target)
    print_table(chosen)
    return 1 if any(target.findings for target in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
