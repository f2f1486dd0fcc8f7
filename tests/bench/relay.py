# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a relay costs a caller, and each viewer a relay. README.md tells more."""

import json
import subprocess

PLACES = {"device": "at the device", "relay": "through a relay", "two": "through two"}
ROWS = {"get_us": ("a get, µs", ".1f"),
        "get_cpu_us": ("processor time for a get, of all processes, µs", ".1f"),
        "cpu_us": ("processor time for each change and viewer, µs", ".2f"),
        "kib": ("memory for each viewer, KiB", ".1f")}


def run(builddir, smoke):
    """Prints a table, in whose brackets the device is 1."""
    numbers = (20, 3, 2) if smoke else (5000, 500, 100)
    command = [builddir / "tests/bench/bench-relay", *map(str, numbers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=900, check=True)
    figures = json.loads(done.stdout)
    print("| | " + " | ".join(PLACES.values()) + " |")
    print("|---|" + "--:|" * len(PLACES))
    for key, (title, form) in ROWS.items():
        one = max(figures["device"][key], 0.01)
        cells = [f"{figures[place][key]:{form}} ({figures[place][key] / one:.2f})"
                 for place in PLACES]
        print(f"| {title} | " + " | ".join(cells) + " |")
    return 0
