# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs in Python do alike: the values, the repetitions, the measuring."""

import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODE = "STILL"
SMALL, LARGE = 100 * 1024, 10 * 1024 * 1024
POSITION = {
    "name": "position", "x": 120.5, "y": -33.25, "z": 0.125, "pan": 90, "tilt": -45, "homed": True,
    "moving": False, "speed": 250.0, "steps": 123456, "limits": [0, 780], "label": "plant 7",
    "error": None,
}
NUMBERS = list(range(1000, 21000))
MILLION = list(range(1000, 1001000))
BURST = 20000

# How often each thing is done before it is timed, and then timed.
REPETITIONS = {
    "get": (200, 2000), "set": (200, 2000), "add": (200, 2000), "echo": (200, 2000),
    "numbers": (1, 7), "million": (0, 1), "small": (20, 200), "large": (1, 7), "signals": (1, 3),
}


def check(good: bool) -> None:
    """End the program where what came is not what was expected."""
    if not good:
        raise SystemExit("a wrong value came")


def is_pattern(data: Any, size: int) -> bool:
    """Whether a buffer has its size and its first and last byte."""
    return len(data) == size and data[0] == 7 and data[-1] == 7


def works(client: Any) -> dict[str, Callable[[], None]]:
    """What is timed, of a client that has `get()`, `set()`, `call()`, `buffer()` and `burst()`."""
    return {
        "get": lambda: check(client.get() == MODE),
        "set": lambda: client.set(MODE),
        "add": lambda: check(client.call("add", 2, 3) == 5),
        "echo": lambda: check(client.call("echo", POSITION) == POSITION),
        "numbers": lambda: check(client.call("echo", NUMBERS) == NUMBERS),
        "million": lambda: check(client.call("echo", MILLION) == MILLION),
        "small": lambda: check(is_pattern(client.buffer("small"), SMALL)),
        "large": lambda: check(is_pattern(client.buffer("large"), LARGE)),
        "signals": lambda: client.burst(BURST),
    }


def peak_kib() -> int:
    """The most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def cpu_seconds(process: str) -> float:
    """The time that all threads of a process have been on a core."""
    return sum(int(path.read_text().split()[0])
               for path in Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e9


def used_seconds(device: str) -> float:
    """The time that this process and the device have been on a core."""
    return cpu_seconds("self") + cpu_seconds(device)


def measure(client: Any, work: str, divisor: int, device: str) -> None:
    """Do it, and print what it took."""
    warm, count = REPETITIONS[work]
    do, times = works(client)[work], []
    for _ in range(warm // divisor):
        do()
    before, peak = used_seconds(device), peak_kib()
    for _ in range(max(count // divisor, 1)):
        start = time.perf_counter()
        do()
        times.append(time.perf_counter() - start)
    print(json.dumps({"median_us": statistics.median(times) * 1e6,
                      "cpu_us": (used_seconds(device) - before) / len(times) * 1e6,
                      "more_kib": peak_kib() - peak}))
