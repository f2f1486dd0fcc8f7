#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The operations of operations.c in Python: without an argument the device, with its URL the
client."""

import sys

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc

N_ROUNDS = 5


def mark() -> None:
    GLib.random_double_range(0, 1)


class Device(GObject.Object):
    mode = GObject.Property(type=str, default="STILL")
    tick = GObject.Signal(arg_types=(int,))

    @PlantRpc.method_json(timeout=None)
    def add(self, a: int, b: int) -> int:
        return a + b

    @PlantRpc.method_json(timeout=None)
    def burst(self, n: int) -> None:
        GLib.idle_add(self.emit_ticks, n)

    def emit_ticks(self, n: int) -> bool:
        for i in range(n):
            self.emit("tick", i)
        return False

    @PlantRpc.method_json(timeout=None)
    def mark(self) -> None:
        mark()


def serve() -> None:
    with PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:0") as server:
        print(server.url, flush=True)
        server.serve_forever()


class Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self.device = PlantRpc.discover(url, timeout=None)
        self.n_heard = 0
        self.device.connect("tick", self.on_tick)

    def on_tick(self, device: GObject.Object, value: int) -> None:
        self.n_heard += 1

    def get(self, n: int) -> None:
        for _ in range(n):
            assert self.device.mode

    def set(self, n: int) -> None:
        for i in range(n):
            self.device.mode = "STILL" if i % 2 else "VIDEO"

    def add(self, n: int) -> None:
        for i in range(n):
            assert self.device.add(i, 1) == i + 1

    def hear(self, n: int) -> None:
        self.device.burst(n)
        self.n_heard = 0
        while self.n_heard < n:
            GLib.MainContext.default().iteration(True)

    def snapshot(self, n: int) -> None:
        for _ in range(n):
            with PlantRpc.discover(self.url, timeout=None):
                pass

    def mark_both(self) -> None:
        self.device.mark()
        mark()


def main(url: str) -> None:
    client = Client(url)
    for run, n in ((client.get, 50), (client.set, 50), (client.add, 50), (client.hear, 1000),
                   (client.snapshot, 4)):
        # The first round warms up.
        for _ in range(N_ROUNDS + 1):
            run(n)
            client.mark_both()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        serve()
