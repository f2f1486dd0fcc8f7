#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A hostile device: its messages have the form of a wire, and content that no good device sends.

  stranger.py json|native KIND

It prints its url, and serves until its standard input closes.  KIND is one of

  nasty      every text has characters that a terminal interprets or does not show
  huge       every text has 1 MB
  many       it has 1000 members of each kind, with names of 255 bytes
  long       it has 100 members, and the value of one has 1 MB
  nonsense   the inventory is an object whose members have the wrong types
  numbers    the inventory is a number
  broken     reads, writes and calls fail
  odd        its names are some that no GObject can have, and one is empty
  partly     it has two properties, and one of them cannot be read
  later      it has two properties, and the value of one is known only to who reads it
  silent     it answers no request
  deaf       it answers no read, write or call after it has sent its inventory
"""

import json
import os
import struct
import sys
import threading
from typing import Any

import zmq
from gi.repository import GLib

NASTY = ("a\x1b]0;t\x07\x1b[31m\x7f\x85\x9b2J\xad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a"
         "\u202e\u2066\u2069\ufeff\ufff9\U000e0041\r\n\tz")
HUGE = "x" * (1 << 20)
MANY = 1000
PUSH = 1 << 63

def name(number: int) -> str:
    """Return a name of the greatest length."""
    return f"member_{number}_".ljust(255, "x")

class Stranger:
    """What the device offers, and what it answers."""

    def __init__(self, kind: str) -> None:
        self.kind, self.n_answers = kind, 0
        self.text = {"nasty": NASTY, "huge": HUGE}.get(kind, "plain")
        n_names = {"many": MANY, "long": 100}.get(kind, 0)
        self.names = [name(number) for number in range(n_names)] or ["level"]
        if kind in ("partly", "later"):
            self.names = ["level", "weight"]
        if kind == "odd":
            self.names = ["été", "_x", "1st", "a b"]
        self.values = {one: self.text for one in self.names}
        if kind == "odd":
            self.values |= {"": self.text}
        if kind == "long":
            self.values[self.names[0]] = HUGE
        if kind == "nasty":
            self.values |= {f"odd{NASTY}": NASTY}

    def inventory(self, native: bool) -> Any:
        """Return the reply to GET_INVENTORY."""
        if self.kind == "numbers":
            return 5
        if self.kind == "nonsense":
            told = {"json_methods": [1, None], "buffer_methods": "x", "signals": {"a": 1},
                    "properties": 7, "name": []}
            return told | ({"plantrpc": {"version": "x", "instance": 1, "interface": [[]]}}
                           if native else {})
        methods = [f"do_{one}"[:255] for one in self.names]
        signals = [f"on_{one}"[:255] for one in self.names]
        told = {"json_methods": dict.fromkeys(methods, 2000), "buffer_methods": {},
                "signals": signals, "properties": list(self.values), "name": self.text}
        if not native:
            return told
        interface = {
            "methods": {one: {"signature": "", "timeout": 2000} for one in methods},
            "properties": {one: {"type": "s", "description": self.text, "unit": self.text,
                                 "default": "default" if self.kind == "later" else self.text}
                           for one in self.names},
            "signals": {one: {"signature": "(s)"} for one in signals}}
        return told | {"plantrpc": {"version": 1, "instance": "i", "interface": interface}}

    def is_deaf_to(self, event: Any) -> bool:
        """Whether it leaves requests unanswered, after its values were asked for once."""
        if self.kind != "deaf" or event == "GET_INVENTORY":
            return self.kind == "silent"
        self.n_answers += 1
        return self.n_answers > 1

    def read(self, asked: str) -> Any:
        """Return a value; an exception becomes the error of the reply."""
        if self.kind == "broken":
            raise ValueError(self.text)
        if self.kind == "partly" and asked == "weight":
            raise ValueError(NASTY)
        # A client that has heard nothing for a while asks for a property without a name.
        if asked not in self.values:
            raise ValueError(f"no property “{asked}”")
        return self.values[asked]

def answer_json(stranger: Stranger, request: dict[str, Any]) -> Any:
    """Return the reply to a JSON request."""
    event = request.get("event")
    if stranger.is_deaf_to(event):
        threading.Event().wait()
    if event == "GET_INVENTORY":
        return stranger.inventory(False)
    if event == "PROPERTY_GET":
        try:
            return {"success": True, "value": stranger.read(request["property"])}
        except ValueError as error:
            return {"success": False, "error": str(error), "traceback": str(error)}
    return {"success": False, "error": stranger.text, "traceback": stranger.text}

def serve_json(stranger: Stranger, context: zmq.Context) -> None:
    """Answer one request after the other, as devices of Plant Imager do."""
    socket = context.socket(zmq.REP)
    socket.bind("tcp://127.0.0.1:*")
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:
        socket.send(json.dumps(answer_json(stranger, json.loads(socket.recv()))).encode())

def pack(kind: str, *values: Any) -> bytes:
    """Return a native payload."""
    return GLib.Variant(kind, values).get_data_as_bytes().get_data()

def unpack(kind: str, payload: bytes) -> Any:
    """Return what a native payload holds."""
    return GLib.Variant.new_from_bytes(GLib.VariantType(kind), GLib.Bytes(payload),
                                       False).unpack()

def answer_native(stranger: Stranger, payload: bytes) -> list[bytes]:
    """Return the payloads of a reply, and of the push behind it if there is one."""
    if payload[0] in (0x84, 0x85):
        known = {} if stranger.kind == "broken" else {
            one: GLib.Variant("s", stranger.values[one]) for one in stranger.names
            if (stranger.kind, one) not in (("partly", "weight"), ("later", "weight"))}
        pushed = [pack("(ysav)", 0xA0, f"on_{stranger.names[0]}"[:255],
                       [GLib.Variant("s", stranger.text)])]
        return [pack("(ya{sv})", 0x94, known)] + (pushed if payload[0] == 0x85 else [])
    if payload[0] in (0x86, 0x87) or stranger.kind == "deaf":
        return []
    if payload[0] != 0x82:
        return [pack("(ysss)", 0x93, "remote", stranger.text, stranger.text)]
    try:
        text = stranger.read(unpack("(ys)", payload)[1])
        return [pack("(yv)", 0x90, GLib.Variant("s", text))]
    except ValueError as error:
        return [pack("(ysss)", 0x93, "remote", str(error), str(error))]

def serve_native(stranger: Stranger, context: zmq.Context) -> None:
    """Answer the requests of all clients."""
    socket = context.socket(zmq.ROUTER)
    socket.bind("tcp://127.0.0.1:*")
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:
        peer, number, *rest = socket.recv_multipart()
        payload = rest[-1] if rest else number
        if stranger.kind == "silent":
            continue
        if payload[:1] == b"{":
            head = [peer, *([number, b""] if len(rest) > 1 else [b""])]
            socket.send_multipart([*head, json.dumps(stranger.inventory(True)).encode()])
            continue
        replies = answer_native(stranger, payload)
        for reply in replies[:1]:
            socket.send_multipart([peer, number, b"", reply])
        for index, push in enumerate(replies[1:], 1):
            socket.send_multipart([peer, struct.pack("<Q", PUSH | index), push])

def watch_stdin() -> None:
    """End when the process that started this one ends."""
    while os.read(0, 4096):
        pass
    os._exit(0)

def main() -> None:
    """Run the program."""
    wire, kind = sys.argv[1:3]
    threading.Thread(target=watch_stdin, daemon=True).start()
    serve = serve_native if wire == "native" else serve_json
    serve(Stranger(kind), zmq.Context())

if __name__ == "__main__":
    main()
