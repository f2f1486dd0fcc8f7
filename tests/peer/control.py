# SPDX-License-Identifier: LGPL-2.1-or-later
"""The control socket of a peer server: a ZeroMQ REP of its own, on its own thread.

It answers while the server is busy, blocked or has ended.  Every command is one frame with a JSON
object whose member `command` is one of those below; the reply is one frame with a JSON object that
has `ok` (boolean), and `error` (string) where `ok` is false.

  state     -> `state` ("serving", "deaf" after an event the reference does not survive, "ended"),
               `why`, `generation`, `inits`, `waiting_ack` (a generation 1 signal is unacknowledged,
               so the server serves nobody), `jobs` {queued, done, failed: [texts]}
  counters  -> `requests` by event, `sets` {property: {count, values}}, `executions` by token,
               `emissions` by signal, `messages` (copies sent), `acknowledged`, `inits`
  violations-> `violations`, `remarks`: arrays of strings
  log       {since: 0} -> `entries` [[event, property or method or null], ...], `next`
  reset     forgets counters, log, violations and remarks (the journal file stays)
  get       {property} -> `value`, as the device has it, without a request
  set       {property, value, silent: false, via: "server"}: the device itself changes, with its
               signal unless `silent`; behaviours do not apply
  emit      {signal, args: [], times: 1, via: "server"}
  emit_raw  {frames: [...], via: "server"}: any frames to every subscriber, to test what clients
               make of broken signals
  behave    {property, refuse: TEXT, clamp: [LOW, HIGH], delay: MS, keep: true}: what happens to
               writes over the wire from now on; members left out: nothing special
  tamper    {event, frames: [...] or null, times: 1}: the next `times` replies to that event are
               these frames instead (the request is carried out); null: no reply, the server is deaf
  quit      the process ends

`via` "server": done by the serving thread between two requests, as a device does that lives in the
server's loop.  "thread": done at once by a thread of its own, even while a method runs.  Both are
answered before they are done: `state` tells of `jobs`.  Frames are strings, or {"base64": ...}.
"""

import base64
import threading
from typing import TYPE_CHECKING, Any

import zmq

import wire
from device import Behaviour

if TYPE_CHECKING:
    from server import Server


def to_frame(frame: Any) -> bytes:
    """A frame as the recordings and the control commands write it."""
    return frame.encode() if isinstance(frame, str) else base64.b64decode(frame["base64"])


class Control(threading.Thread):
    """Serves the commands; `quit` is set when the process may end."""

    def __init__(self, context: zmq.Context, server: "Server") -> None:
        super().__init__(name="control", daemon=True)
        self._server = server
        self._socket = context.socket(zmq.REP)
        self._socket.linger = 1000
        self._socket.bind("tcp://127.0.0.1:*")
        self.url: str = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.quit = threading.Event()
        self._leaving = False

    def run(self) -> None:
        while not self._leaving:
            try:
                reply = {"ok": True, **self._obey(wire.loads(self._socket.recv()))}
            except zmq.ContextTerminated:
                self._socket.close()
                return
            except Exception as error:
                reply = {"ok": False, "error": f"{type(error).__name__}: {error}"}
            self._socket.send(wire.dumps(reply))
        # The socket's linger now carries the last answer out.
        self._socket.close()
        self._server.end("quit")
        self.quit.set()

    def _obey(self, message: dict[str, Any]) -> dict[str, Any]:
        command = message.pop("command")
        return getattr(self, f"_command_{command}")(**message) or {}

    def _command_state(self) -> dict[str, Any]:
        return self._server.summary()

    def _command_counters(self) -> dict[str, Any]:
        return self._server.ledger.summary()

    def _command_violations(self) -> dict[str, Any]:
        ledger = self._server.ledger
        return {"violations": list(ledger.violations), "remarks": list(ledger.remarks)}

    def _command_log(self, since: int = 0) -> dict[str, Any]:
        entries, following = self._server.ledger.entries(since)
        return {"entries": entries, "next": following}

    def _command_reset(self) -> None:
        self._server.ledger.clear()

    def _command_get(self, property: str) -> dict[str, Any]:
        return {"value": getattr(self._server.device, property)}

    def _command_set(self, property: str, value: Any, silent: bool = False,
                     via: str = "server") -> None:
        device = self._server.device
        if silent:
            setattr(device, f"_{property}", value)
        else:
            self._server.do(lambda: setattr(device, property, value), via)

    def _command_emit(self, signal: str, args: list[Any] | None = None, times: int = 1,
                      via: str = "server") -> None:
        bound = getattr(self._server.device, signal)

        def emit() -> None:
            for _ in range(times):
                bound.emit(*(args or []))
        self._server.do(emit, via)

    def _command_emit_raw(self, frames: list[Any], via: str = "server") -> None:
        raw = [to_frame(frame) for frame in frames]
        self._server.do(lambda: self._server.signals.send(raw), via)

    def _command_behave(self, property: str, **members: Any) -> None:
        self._server.device.behaviours[property] = Behaviour(**members)

    def _command_tamper(self, event: str, frames: list[Any] | None, times: int = 1) -> None:
        raw = None if frames is None else [to_frame(frame) for frame in frames]
        self._server.tampered.setdefault(event, []).extend([raw] * times)

    def _command_quit(self) -> None:
        self._leaving = True
