# SPDX-License-Identifier: LGPL-2.1-or-later
"""What plantrpc costs with many properties, clients, servers and calls. README.md tells more."""

import json
import subprocess

KINDS = {"plain": "by name", "typed": "typed after a GType", "discovered": "discovered"}
FIRST = {"first_us": "µs", "first_cpu_us": "CPU µs", "first_bytes": "bytes"}
NEXT = {"next_us": "µs", "next_cpu_us": "CPU µs", "next_bytes": "bytes"}


class Growth:
    """Runs the commands of bench-growth, all in one run."""

    def __init__(self, builddir, smoke):
        self.program = builddir / "tests/bench/bench-growth"
        self.smoke = smoke

    def scale(self, number, least=2):
        return max(least, number // 50) if self.smoke else number

    def measure(self, *arguments):
        command = [self.program, *[str(argument) for argument in arguments]]
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=900, check=True)
        return json.loads(done.stdout)

    def print_properties(self):
        """What each property adds: a device with many less a device with one."""
        many = self.scale(1000)
        n_clients = 3 if self.smoke else 10
        print(f"| a property of {many:,} | " + " | ".join(
            [f"first client, {unit}" for unit in FIRST.values()] +
            [f"each further one, {unit}" for unit in NEXT.values()]) + " |")
        print("|---|" + "--:|" * (len(FIRST) + len(NEXT)))
        for kind, title in KINDS.items():
            one = self.measure("open", kind, 1, n_clients)
            all_of_them = self.measure("open", kind, many, n_clients)
            figures = [(all_of_them[key] - one[key]) / (many - 1) for key in [*FIRST, *NEXT]]
            print(f"| {title} | " + " | ".join(f"{figure:,.1f}" for figure in figures) + " |")
        print()

    def print_connections(self):
        n_clients = self.scale(500)
        bare = self.measure("connections", "router", n_clients)["kib"]
        ours = self.measure("connections", "server", n_clients)["kib"]
        print(f"| KiB a connection, of {n_clients} | |\n|---|--:|")
        print(f"| a bare ROUTER of libzmq | {bare:.1f} |")
        print(f"| a server | {ours:.1f} ({ours / max(bare, 0.1):.2f}) |\n")

    def print_servers(self):
        n_servers = self.scale(500)
        one = self.measure("servers", 1)
        many = self.measure("servers", n_servers)
        print(f"| servers in one process | 1 | {n_servers} |\n|---|--:|--:|")
        print(f"| threads | {one['threads']} | {many['threads']} |")
        print(f"| KiB a server | | {many['kib']:.1f} |\n")
        return many["threads"] == one["threads"]

    def print_gets(self):
        n_calls = self.scale(10000)
        alone = self.measure("gets", 0, 1, n_calls)["us"]
        print("| a get, µs | |\n|---|--:|")
        print(f"| alone | {alone:.1f} |")
        for title, idle, properties in [("beside {idle} idle clients", self.scale(990), 1),
                                        ("with {properties} properties", 0, self.scale(1000))]:
            got = self.measure("gets", idle, properties, n_calls)["us"]
            title = title.format(idle=idle, properties=properties)
            print(f"| {title} | {got:.1f} ({got / alone:.2f}) |")
        print()

    def print_calls(self):
        n_calls = self.scale(1000000)
        grown = self.measure("calls", n_calls)
        print(f"| grown in the last nine tenths of {n_calls:,} calls, KiB | |\n|---|--:|")
        print(f"| client | {grown['client_kib']} |")
        print(f"| server | {grown['server_kib']} |\n")

    def print_limit(self):
        n_clients = self.scale(5000)
        told = self.measure("limit", n_clients)
        print(f"{told['served']:,} clients are served. The next one is told: {told['refusal']}")
        return self.smoke or "full" in told["refusal"]

    def run(self):
        """Prints all tables. Returns whether what is no matter of time is as it should be."""
        self.print_properties()
        self.print_connections()
        self.print_gets()
        self.print_calls()
        good = self.print_servers()
        return self.print_limit() and good
