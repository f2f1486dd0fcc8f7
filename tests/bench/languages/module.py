#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Speaks as the Plant Imager module does, by pyzmq and json: `module.py device|client …`."""

import sys
from typing import Any

import zmq
from work import LARGE, MODE, SMALL, check, measure

WAIT_MS = 60000


class Device:
    """Answers one request after the other."""

    def __init__(self, url: str) -> None:
        context = zmq.Context()
        self._socket, self._signals = context.socket(zmq.REP), context.socket(zmq.PUB)
        self._signals.set_hwm(0)
        port = self._socket.bind_to_random_port(url)
        self._signal_port = self._signals.bind_to_random_port(url)
        print(f"{url}:{port}", flush=True)
        self._mode = MODE
        self._small, self._large = b"\7" * SMALL, b"\7" * LARGE
        self._methods = {"add": lambda a, b: a + b, "echo": lambda value: value,
                         "burst": self._burst}
        self._buffers = {"small": lambda: (self._small, {}), "large": lambda: (self._large, {})}

    def _burst(self, count: int) -> None:
        for number in range(count):
            self._signals.send_json({"event": "EMIT_SIGNAL", "signal": "tick", "args": [number],
                                     "blocking": False})

    def serve(self) -> None:
        """Go on until the process is ended."""
        while True:
            if self._socket.poll(2000):
                self._answer(self._socket.recv_json())

    def _answer(self, request: dict[str, Any]) -> None:
        event = request["event"]
        if event == "METHOD_CALL":
            self._call(request["method"], request["params"])
        elif event == "PROPERTY_GET":
            self._socket.send_json({"success": True, "value": self._mode})
        elif event == "PROPERTY_SET":
            self._mode = request["value"]
            self._socket.send_json({"success": True})
        elif event == "INIT_SIGNALS_HANDLING":
            self._socket.send_json({"success": True, "signal_port": self._signal_port})
        elif event == "GET_INVENTORY":
            self._socket.send_json({
                "json_methods": dict.fromkeys(self._methods, WAIT_MS),
                "buffer_methods": dict.fromkeys(self._buffers, WAIT_MS),
                "signals": ["tick"], "properties": ["mode"], "name": ""})
        else:
            self._socket.send_json({"success": False, "error": f"no {event}", "traceback": ""})

    def _call(self, name: str, params: dict[str, Any]) -> None:
        args, kwargs = params["args"], params["kwargs"]
        try:
            if name in self._buffers:
                data, info = self._buffers[name](*args, **kwargs)
                self._socket.send_json(info, zmq.SNDMORE)
                self._socket.send(data)
                return
            result = self._methods[name](*args, **kwargs)
            self._socket.send_json({"success": True, "result": result})
        except Exception as error:
            self._socket.send_json({"success": False, "error": str(error), "traceback": ""})


class Client:
    """Asks one thing after the other."""

    def __init__(self, url: str) -> None:
        context = zmq.Context()
        self._socket, self._signals = context.socket(zmq.REQ), context.socket(zmq.SUB)
        self._signals.set_hwm(0)
        self._socket.connect(url)
        self._ask({"event": "GET_INVENTORY"})
        port = self._ask({"event": "INIT_SIGNALS_HANDLING"})["signal_port"]
        self._signals.subscribe(b"")
        self._signals.connect(f"{url.rpartition(':')[0]}:{port}")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self._socket.send_json(request)
        if not self._socket.poll(WAIT_MS):
            raise TimeoutError
        reply: dict[str, Any] = self._socket.recv_json()
        return reply

    def get(self) -> Any:
        return self._ask({"event": "PROPERTY_GET", "property": "mode"})["value"]

    def set(self, value: Any) -> None:
        check(self._ask({"event": "PROPERTY_SET", "property": "mode", "value": value})["success"])

    def call(self, name: str, *args: Any) -> Any:
        return self._ask({"event": "METHOD_CALL", "method": name,
                          "params": {"args": args, "kwargs": {}}})["result"]

    def buffer(self, name: str) -> Any:
        self._socket.send_json({"event": "METHOD_CALL", "method": name,
                                "params": {"args": [], "kwargs": {}}})
        if not self._socket.poll(WAIT_MS):
            raise TimeoutError
        self._socket.recv_json()
        return self._socket.recv()

    def burst(self, count: int) -> None:
        # A subscription takes effect a moment later, and nothing tells when.
        while not self._signals.poll(20):
            self.call("burst", 1)
        while self._signals.poll(20):
            self._signals.recv_json()
        self.call("burst", count)
        for number in range(count):
            check(self._signals.recv_json()["args"] == [number])


if __name__ == "__main__":
    if sys.argv[1] == "device":
        Device("tcp://127.0.0.1").serve()
    else:
        measure(Client(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
