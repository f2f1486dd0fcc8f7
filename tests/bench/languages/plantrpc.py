#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device and a client of the library in Python: `plantrpc.py device|client …`."""

import sys
from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402
from work import LARGE, MODE, SMALL, check, measure  # noqa: E402


class Device(GObject.Object):
    """The device, as a lab writes it."""

    mode = PlantRpc.property(type=str, default=MODE)
    tick = GObject.Signal(arg_types=(int,))
    small_data, large_data = b"\7" * SMALL, b"\7" * LARGE

    @PlantRpc.method_json
    def add(self, a: int, b: int) -> int:
        return a + b

    @PlantRpc.method_json(timeout=60000)
    def echo(self, value: Any) -> Any:
        return value

    @PlantRpc.method_buffer
    def small(self) -> Any:
        return self.small_data, {}

    @PlantRpc.method_buffer
    def large(self) -> Any:
        return self.large_data, {}

    @PlantRpc.method_json
    def burst(self, count: int) -> None:
        for number in range(count):
            self.emit("tick", number)


def serve() -> None:
    """Go on until the process is ended."""
    server = PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*")
    server.start()
    print(server.get_url(), flush=True)
    server.serve_forever()


class Client:
    """Asks one thing after the other."""

    def __init__(self, url: str) -> None:
        self._client = PlantRpc.discover(url)
        self._loop, self._next, self._count = GLib.MainLoop(), 0, 0
        self._client.connect("tick", self._take)

    def get(self) -> Any:
        return self._client.mode

    def set(self, value: Any) -> None:
        self._client.mode = value

    def call(self, name: str, *args: Any) -> Any:
        return getattr(self._client, name)(*args)

    def buffer(self, name: str) -> Any:
        return getattr(self._client, name)()[0]

    def _take(self, client: Any, number: int) -> None:
        check(number == self._next)
        self._next += 1
        if self._next == self._count:
            self._loop.quit()

    def burst(self, count: int) -> None:
        self._next, self._count = 0, count
        self._client.burst.begin(None, count)
        self._loop.run()


if __name__ == "__main__":
    if sys.argv[1] == "device":
        serve()
    else:
        measure(Client(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
