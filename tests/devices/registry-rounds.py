#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kill and restart registry, devices and watcher, in every order, at random moments.

  registry-rounds.py REGISTRY_NODE [SEED]

After each round the lists of registry and watcher must become those of the devices that run.
"""

import random
import select
import subprocess
import sys
import threading
import time
from itertools import permutations

ROUNDS = 20
DEADLINE = 30  # seconds until a list that should come right counts as wrong
DEVICES = ("one", "two", "three")


class Node:
    """A process, and its successors."""

    def __init__(self, program: str, role: str, url: str, name: str = "") -> None:
        self._command = [program, "--role", role, "--url", url, "--name", name or role]
        self.words: list[str] = []
        self.start()

    def start(self) -> None:
        """Returns once it has printed something."""
        while True:
            self.process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                            text=True)
            line = self.process.stdout.readline()
            if line:
                break
            # The port of a registry that was killed may take a moment to be free.
            self.process.wait()
        self.words = line.split()
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def move(self, url: str) -> None:
        """The successors are at this url."""
        self._command[4] = url
        self.words = []

    def _read(self, process: subprocess.Popen) -> None:
        for line in process.stdout:
            if process is self.process:
                self.words = line.split()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Politely."""
        self.process.stdin.close()
        return self.process.wait(DEADLINE)


def pause(chance: random.Random) -> None:
    """Up to a little more than an alive timeout."""
    select.select([], [], [], chance.uniform(0, 1.5))


def settle(registry: Node, watcher: Node, devices: dict[str, Node]) -> float:
    """How long it took until both lists were right."""
    begin = time.monotonic()
    wanted = sorted(device.words[0] for device in devices.values())
    while time.monotonic() < begin + DEADLINE:
        if sorted(registry.words) == wanted == sorted(watcher.words):
            return time.monotonic() - begin
        select.select([], [], [], 0.01)
    raise TimeoutError(f"wanted {wanted}, registry has {registry.words}, "
                       f"watcher has {watcher.words}")


def main() -> int:
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    print(f"# seed {seed}", flush=True)
    chance = random.Random(seed)
    registry = Node(program, "registry", "tcp://127.0.0.1:*")
    url = registry.words[0]
    registry.move(url)
    watcher = Node(program, "watcher", url)
    devices = {name: Node(program, "device", url, name) for name in DEVICES}
    nodes = {"registry": registry, "watcher": watcher, "device": devices["one"]}
    orders = list(permutations(nodes))
    status = 0
    print(f"1..{ROUNDS + 1}")
    for number in range(ROUNDS):
        order = orders[number % len(orders)]
        try:
            for who in order:
                nodes[who].kill()
                pause(chance)
                nodes[who].start()
                if who == "registry":
                    registry.words = [w for w in registry.words if "=" in w]
            print(f"ok {number + 1} {'-'.join(order)} # {settle(registry, watcher, devices):.2f} s",
                  flush=True)
        except TimeoutError as error:
            print(f"not ok {number + 1} {'-'.join(order)} # {error}", flush=True)
            status = 1
            break
    ended = [node.end() for node in (*devices.values(), watcher, registry)]
    print(f"{'not ' if any(ended) else ''}ok {ROUNDS + 1} all ended by themselves")
    return status or any(ended)


if __name__ == "__main__":
    sys.exit(main())
