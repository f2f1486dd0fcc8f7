# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the figures of the documentation: the tables of speed.md, and the chart speed.svg."""

import os
import platform
import re
import statistics
import subprocess
from html import escape
from textwrap import fill

BEGIN, END = "<!-- The figures begin. -->", "<!-- The figures end. -->"
OURS = "plantrpc"
NAMES = {"plantrpc": "plantrpc", "plantrpc-tcp": "plantrpc, lane of TCP",
         "plantrpc-plain": "plantrpc, no lane", "plantrpc-secured": "plantrpc, secured",
         "zmq-glib": "ZeroMQ in a main loop",
         "zmq-gvariant": "ZeroMQ with GVariant", "zmq-dealer": "ZeroMQ", "gdbus": "GDBus"}
COLUMNS = [("W1", "median_us", "get, µs"), ("W2", "median_us", "dictionary, µs"),
           ("W3", "rate", "24 MiB, MiB/s"), ("W3s", "rate", "100 KiB, a second"),
           ("W4", "rate", "signals a second"), ("W5", "rate", "the same to 50"),
           ("W6", "rate", "gets a second of 16"), ("W7", "startup_ms", "start, ms")]
LANGUAGES = ("Processor time of Python, JavaScript and C, the client named first. “module” "
             "speaks by pyzmq as the Plant Imager module does. In brackets are multiples of that "
             "on both sides.")
PANELS = [("W1", "Get a property"), ("W2", "Call with a dictionary of 13"),
          ("W4", "A signal"), ("W6", "Get a property, 16 clients at once")]

# Pixels of the chart.
WIDTH, LABEL, BAR, ROW, GAP = 360, 160, 130, 18, 36

STYLE = """
    .paper { fill: #ffffff }
    .ours { fill: #4d7a34 }
    .theirs { fill: #b9bfb5 }
    text { fill: #22261f }
    .name { font-weight: bold }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #1e201d }
      .ours { fill: #8fc46f }
      .theirs { fill: #555b50 }
      text { fill: #eceee9 }
    }
"""


def show(value):
    """A number with three digits that count."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.{0 if rounded >= 100 else 1 if rounded >= 10 else 2}f}"


def describe_machine(about):
    """What was measured where, in one sentence."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    versions = []
    for name, package in (("GLib", "glib-2.0"), ("libzmq", "libzmq")):
        done = subprocess.run(["pkg-config", "--modversion", package], stdout=subprocess.PIPE,
                              text=True, check=True)
        versions.append(f"{name} {done.stdout.strip()}")
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    processor = model.group(1) if model else platform.machine()
    return (f"Measured on {processor} with {os.cpu_count()} cores and {system}: "
            + ", ".join(versions + about) + ".")


class Page:
    """The figures of one run."""

    def __init__(self, options, results):
        self.options, self.results = options, results
        self.peers = [*options.peers, *options.rivals]

    def median(self, workload, peer, key):
        rows = self.results.get((workload, peer))
        return statistics.median(row[key] for row in rows) if rows else None

    def table(self):
        lines = ["| | " + " | ".join(heading for _, _, heading in COLUMNS) + " |",
                 "|---|" + "--:|" * len(COLUMNS)]
        for peer in self.peers:
            values = [self.median(workload, peer, key) for workload, key, _ in COLUMNS]
            cells = ["–" if value is None else show(value) for value in values]
            lines.append(f"| {NAMES.get(peer, peer)} | " + " | ".join(cells) + " |")
        return lines

    def panel(self, workload, title):
        """The lines of a panel, and its height."""
        known = {peer: value for peer in self.peers
                 if (value := self.median(workload, peer, "cpu_us")) is not None}
        lines = [f'<text class="name" y="14">{escape(title)}, µs</text>']
        for number, (peer, value) in enumerate(sorted(known.items(), key=lambda item: item[1])):
            y = 26 + number * ROW
            width = max(1, BAR * value / max(known.values()))
            kind = "ours" if peer.startswith(OURS) else "theirs"
            name = escape(NAMES.get(peer, peer))
            lines += [f'<text x="{LABEL - 6}" y="{y + 11}" text-anchor="end">{name}</text>',
                      f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{width:.1f}" '
                      f'height="{ROW - 4}"/>',
                      f'<text x="{LABEL + width + 5:.1f}" y="{y + 11}">{show(value)}</text>']
        return lines, 26 + len(known) * ROW

    def chart(self):
        panels = [self.panel(workload, title) for workload, title in PANELS]
        heights = [max(height for _, height in panels[row:row + 2]) for row in (0, 2)]
        width, height = 2 * WIDTH + GAP + 40, sum(heights) + GAP + 40
        lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                 f'width="{width}" height="{height}" role="img" font-family="sans-serif" '
                 'font-size="12">',
                 "<title>Processor time of client and server together</title>",
                 f"<style>{STYLE}</style>",
                 f'<rect class="paper" width="{width}" height="{height}"/>']
        for number, (content, _) in enumerate(panels):
            x = 20 + number % 2 * (WIDTH + GAP)
            y = 20 + number // 2 * (heights[0] + GAP)
            lines += [f'<g transform="translate({x} {y})">', *content, "</g>"]
        return "\n".join(lines + ["</svg>", ""])

    def write(self, folder, languages):
        """Replace the figures in a folder; LANGUAGES are the lines of another table."""
        text = (folder / "speed.md").read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        former, found, after = rest.partition(END)
        if not found:
            raise ValueError(f"{folder / 'speed.md'} has no place for figures")
        figures = [BEGIN, "", fill(describe_machine(self.options.about), 100), "",
                   *self.table(), "", fill(LANGUAGES, 100), "", *languages, "", END]
        (folder / "speed.md").write_text(before + "\n".join(figures) + after, encoding="utf-8")
        (folder / "speed.svg").write_text(self.chart(), encoding="utf-8")
