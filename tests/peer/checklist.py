# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PROTOCOL.md asks of any server that reference clients talk to, its section 12 above all.

Malformed requests must be answered, each by exactly one reply of one frame, and must leave the
server serving.  Subscribers of both generations get each signal once, and none of them holds up
the others.
"""

from typing import Any, Callable

import zmq

import wire
from checks import Checks, expect
from client import PeerClient
from process import DEADLINE
from recordings import Record
from replay import Player


def _call(method: str, args: str = "[]", kwargs: str = "{}") -> bytes:
    """A METHOD_CALL in text, so that anything can be put in it."""
    return (f'{{"event": "METHOD_CALL", "method": "{method}", '
            f'"params": {{"args": {args}, "kwargs": {kwargs}}}}}').encode()


def _request(event: str, **members: Any) -> bytes:
    return wire.dumps({"event": event, **members})


# Name, frames: an error reply is the only right answer.
ERRORS: list[tuple[str, list[bytes]]] = [
    ("not JSON", [b"hello"]),
    ("empty frame", [b""]),
    ("white space alone", [b"  \n "]),
    ("empty object", [b"{}"]),
    ("no event", [b'{"method": "echo"}']),
    ("event null", [b'{"event": null}']),
    ("event a number", [b'{"event": 5}']),
    ("event an object", [b'{"event": {"event": "GET_INVENTORY"}}']),
    ("unknown event", [_request("NO_SUCH_EVENT")]),
    ("event in lower case", [_request("get_inventory")]),
    ("EMIT_SIGNAL to a server", [_request("EMIT_SIGNAL", signal="modeChanged", args=["VIDEO"],
                                          blocking=False)]),
    ("array instead of object", [b'["GET_INVENTORY"]']),
    ("array of requests", [b'[{"event": "GET_INVENTORY"}]']),
    ("string instead of object", [b'"GET_INVENTORY"']),
    ("number instead of object", [b"1"]),
    ("null instead of object", [b"null"]),
    ("cut object", [b'{"event": "GET_INVENTORY"']),
    ("two objects", [b'{"event": "GET_INVENTORY"}{"event": "GET_INVENTORY"}']),
    ("single quotes", [b"{'event': 'GET_INVENTORY'}"]),
    ("comment", [b'{"event": "GET_INVENTORY"} // yes']),
    ("invalid UTF-8", [b'{"event": "GET_INVENTORY", "x": "\xff\xfe"}']),
    ("UTF-16", ['{"event": "GET_INVENTORY"}'.encode("utf-16")]),
    ("binary", [bytes(range(256))]),
    ("deep nesting of arrays", [b"[" * 100000]),
    ("deep nesting, closed", [_call("echo", "[" * 20000 + "]" * 20000)]),
    ("deep nesting of objects", [b'{"event":' * 50000]),
    ("unknown method", [_call("no_such_method")]),
    ("method of every object", [_call("__init__")]),
    ("method missing", [_request("METHOD_CALL", params={"args": [], "kwargs": {}})]),
    ("method a number", [_request("METHOD_CALL", method=1, params={"args": [], "kwargs": {}})]),
    ("params missing", [_request("METHOD_CALL", method="echo")]),
    ("params null", [_request("METHOD_CALL", method="echo", params=None)]),
    ("params an array", [_request("METHOD_CALL", method="echo", params=["x"])]),
    ("args not an array", [_request("METHOD_CALL", method="add",
                                    params={"args": 1, "kwargs": {}})]),
    ("kwargs not an object", [_request("METHOD_CALL", method="add",
                                       params={"args": [1, 2], "kwargs": 3})]),
    ("too many arguments", [_call("add", "[1, 2, 3]")]),
    ("argument missing", [_call("add", "[1]")]),
    ("argument unknown", [_call("add", "[1, 2]", '{"c": 3}')]),
    ("argument given twice", [_call("add", "[1, 2]", '{"a": 3}')]),
    ("failing method", [_call("fail")]),
    ("failing buffer method", [_call("get_image", '["nonsense"]')]),
    ("property missing in a get", [_request("PROPERTY_GET")]),
    ("property null in a get", [_request("PROPERTY_GET", property=None)]),
    ("property unknown in a get", [_request("PROPERTY_GET", property="no_such_property")]),
    ("property missing in a set", [_request("PROPERTY_SET", value=1)]),
    ("value missing in a set", [_request("PROPERTY_SET", property="rotation")]),
    ("set of a read-only property", [_request("PROPERTY_SET", property="progress", value=1)]),
    ("set that the device refuses", [_request("PROPERTY_SET", property="mode", value="NO")]),
]

# Name, frames: one whole reply, of either kind.
ANSWERS: list[tuple[str, list[bytes]]] = [
    ("extra frame", [_request("GET_INVENTORY"), b"more"]),
    ("extra empty frame", [_request("GET_INVENTORY"), b""]),
    ("empty frame first", [b"", _request("GET_INVENTORY")]),
    ("fifty frames", [_request("STOP_NOT")] + [b"x"] * 50),
    ("byte order mark", [b"\xef\xbb\xbf" + _request("GET_INVENTORY")]),
    ("900 levels", [_call("echo", "[" * 895 + "]" * 895)]),
    ("NaN", [_call("echo", "[NaN]")]),
    ("infinite numbers", [_call("echo", "[[Infinity, -Infinity, 1e999]]")]),
    ("integer beyond 64 bits", [_call("echo", "[1180591620717411303424]")]),
    ("integer of 4000 digits", [_call("echo", "[" + "7" * 4000 + "]")]),
    ("number of many digits", [_call("echo", "[0." + "1" * 5000 + "]")]),
    ("U+0000", [_call("echo", '["a\\u0000b"]')]),
    ("unpaired surrogate", [_call("echo", '["\\ud800"]')]),
    ("empty names", [_request("PROPERTY_GET", property="")]),
    ("long name", [_request("PROPERTY_GET", property="x" * 100000)]),
    ("set of an unknown property", [_request("PROPERTY_SET", property="no_such", value=1)]),
    ("set to null", [_request("PROPERTY_SET", property="rotation", value=None)]),
    ("set to NaN", [b'{"event": "PROPERTY_SET", "property": "rotation", "value": NaN}']),
    ("set back after NaN", [_request("PROPERTY_SET", property="rotation", value=0)]),
    ("set of a wrong type", [_request("PROPERTY_SET", property="video_url", value=[1])]),
    ("set back after a wrong type", [_request("PROPERTY_SET", property="video_url", value="")]),
    ("signals for a port that is text", [_request("INIT_SIGNALS_HANDLING", address="127.0.0.1",
                                                  port="x")]),
    ("signals for port 70000", [_request("INIT_SIGNALS_HANDLING", address="127.0.0.1",
                                         port=70000)]),
    ("signals for a negative port", [_request("INIT_SIGNALS_HANDLING", address="127.0.0.1",
                                              port=-1)]),
    ("signals for an address that is none", [_request("INIT_SIGNALS_HANDLING",
                                                      address="no; {address}", port=5000)]),
    ("signals for an address alone", [_request("INIT_SIGNALS_HANDLING", address="127.0.0.1")]),
    ("signals for nobody", [_request("INIT_SIGNALS_HANDLING", address="127.0.0.1", port=1)]),
]

# Name, request, result: these are no mistakes.
RESULTS: list[tuple[str, bytes, Any]] = [
    ("white space and order", b' {"params" : { "kwargs":{},\n"args":[ 2,3 ] },"method":"add",'
     b'\t"event":"METHOD_CALL"} ', 5),
    ("unknown members", _request("METHOD_CALL", method="add", timeout=5, x={"y": None},
                                 params={"args": [2, 3], "kwargs": {}, "z": []}), 5),
    ("a member given twice", b'{"event": "NO", "event": "METHOD_CALL", "method": "add", '
     b'"params": {"args": [2, 3], "kwargs": {}}}', 5),
    ("raw UTF-8", _call("echo", '["\u00e9\u6f22\U0001f600"]'), "\u00e9\u6f22\U0001f600"),
    ("escaped", _call("echo", '["\\u00e9\\ud83d\\ude00\\/\\b"]'), "\u00e9\U0001f600/\b"),
    ("kinds of numbers", _call("echo", "[[1, 1.0, -0.5, 1e3, 0]]"), [1, 1.0, -0.5, 1000.0, 0]),
    ("64 bits", _call("echo", "[[9223372036854775807, -9223372036854775808]]"),
     [9223372036854775807, -9223372036854775808]),
    ("named arguments", _call("add", "[]", '{"b": 1, "a": 2}'), 3),
    ("both kinds of arguments", _call("add", "[2]", '{"b": 1}'), 3),
    ("a megabyte", _call("echo", '["' + "x" * 1000000 + '"]'), "x" * 1000000),
]


class Checklist:
    """All checks of one server."""

    def __init__(self, checks: Checks, url: str, label: str, deadline: float = DEADLINE) -> None:
        self._checks, self._url, self._label = checks, url, label
        self._wait_ms = int(deadline * 1000)
        self._value = 1000

    def run(self) -> None:
        """Make all checks; the server goes on serving."""
        self.check_errors(*(name for name, _ in ERRORS))
        for name, frames in ANSWERS:
            self._check(f"{name} is answered", lambda p, f=frames: self._malformed(p, f, False))
        for name, request, result in RESULTS:
            self._check(f"{name} is understood",
                        lambda p, q=request, r=result: self._understood(p, q, r))
        methods: dict[str, Callable[[list[str]], None]] = {
            "default of a buffer method": self._buffer_default,
            "envelopes come back untouched": self._envelopes,
            "messages without a delimiter harm nobody": self._no_delimiter,
            "both generations at once, each signal once": self._both_generations,
            "repeated initialisation, each signal once": self._repeated_init,
            "two generation 1 clients": self._two_clients,
            "a generation 1 client that does not acknowledge holds up nobody": self._no_ack,
            "a generation 1 client that vanishes holds up nobody": self._vanishing,
            "FIND_PEER_ADDRESS without a connection holds up nobody": self._no_peer}
        for name, method in methods.items():
            self._check(name, method)

    def check_errors(self, *names: str) -> None:
        """Those of `ERRORS`."""
        for name, frames in ERRORS:
            if name in names:
                self._check(f"{name} is an error", lambda p, f=frames: self._malformed(p, f, True))

    def _check(self, name: str, function: Callable[[list[str]], None]) -> None:
        full = f"{self._label} {name}"
        if not self._checks.skipped(full, name):
            with self._checks.check(full) as problems:
                function(problems)
                self._still_serves(problems)

    def _ask(self, *frames: bytes) -> list[bytes] | None:
        """One request on a socket of its own; None without a reply."""
        player = Player(2, self._url)
        try:
            player.send(Record(0, "", "client->server", "REQ/REP", list(frames), [], ""))
            return player.receive(self._wait_ms)
        finally:
            player.close()

    def _still_serves(self, problems: list[str]) -> None:
        frames = self._ask(_request("GET_INVENTORY"))
        if frames is None:
            problems.append("afterwards the server does not serve")
        else:
            problems += [f"afterwards: {p}" for p in wire.inventory_problems(frames)]

    def _malformed(self, problems: list[str], frames: list[bytes], error: bool) -> None:
        reply = self._ask(*frames)
        if reply is None:
            problems.append("no reply")
            return
        value, _ = wire.object_problems(reply[0], "reply")
        if value is not None and "json_methods" in value and not error:
            problems += wire.inventory_problems(reply)
            return
        problems += wire.json_reply_problems(reply)
        if error and value is not None and value.get("success") is not False:
            problems.append(f"success instead of an error: {wire.shorten(reply)}")

    def _understood(self, problems: list[str], request: bytes, result: Any) -> None:
        reply = self._ask(request)
        if reply is None:
            problems.append("no reply")
            return
        problems += wire.json_reply_problems(reply)
        got = wire.loads(reply[0])
        if not wire.same(got.get("result"), result):
            problems.append(f"{wire.shorten(got)} instead of {wire.shorten(result)}")

    def _buffer_default(self, problems: list[str]) -> None:
        for args, kwargs, length in (("[]", "{}", 1 << 20), ("[]", '{"lores": true}', 4096)):
            reply = self._ask(_call("get_image", args, kwargs))
            if reply is None:
                problems.append("no reply")
                continue
            problems += wire.buffer_reply_problems(reply)
            expect(problems, "length of the buffer", len(reply[-1]), length)

    def _envelopes(self, problems: list[str]) -> None:
        """Requests from a DEALER, many under way: each reply carries the frames of its request."""
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.connect(self._url)
        waiting = {}
        for number in range(50):
            envelope = (b"\x00\xff%d" % number, b"second")
            waiting[envelope] = number
            dealer.send_multipart([*envelope, b"", _call("echo", f"[{number}]")])
        while waiting and dealer.poll(self._wait_ms):
            *envelope, delimiter, payload = dealer.recv_multipart()
            number = waiting.pop(tuple(envelope), None)
            expect(problems, "reply", (delimiter, wire.loads(payload).get("result")),
                   (b"", number))
        expect(problems, "unanswered", list(waiting.values()), [])
        context.destroy(linger=0)

    def _no_delimiter(self, problems: list[str]) -> None:
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.connect(self._url)
        for frames in ([b"x"], [b""], [_request("GET_INVENTORY")], [b"a", b"b"]):
            dealer.send_multipart(frames)
        dealer.send_multipart([b"", _request("GET_INVENTORY")])
        while dealer.poll(self._wait_ms):
            frames = dealer.recv_multipart()
            if frames[0] == b"" and len(frames) == 2 and b"json_methods" in frames[1]:
                break
        else:
            problems.append("the good request after them was not answered")
        context.destroy(linger=0)

    # -- signals

    def _client(self, generation: int) -> PeerClient:
        return PeerClient(generation, self._url, timeout=self._wait_ms).connect()

    def _set(self, problems: list[str], client: PeerClient) -> int:
        """Change the rotation to a value that it never had."""
        self._value += 1
        expect(problems, "the set", client.set("rotation", self._value), None)
        return self._value

    def _expect_each_once(self, problems: list[str], writer: PeerClient,
                          *clients: PeerClient) -> None:
        """Three changes bring every client exactly these three signals: the last is the barrier."""
        self._settle(problems, writer, *clients)
        before = [len(client.signals) for client in clients]
        values = [self._set(problems, writer) for _ in range(3)]
        wanted = [("rotationChanged", [value]) for value in values]
        for client, start in zip(clients, before):
            got = client.wait_signals(lambda s: wanted[-1] in s)[start:]
            expect(problems, f"signals of a generation {client.generation} client", got, wanted)

    def _settle(self, problems: list[str], writer: PeerClient, *clients: PeerClient) -> None:
        """Make changes until every client has got one: from then on each must come.

        What is published before a subscription has arrived is lost by right."""
        for _ in range(40):
            latest = ("rotationChanged", [self._set(problems, writer)])
            try:
                for client in clients:
                    client.wait_signals(lambda s: latest in s, deadline=self._wait_ms / 40000)
                return
            except TimeoutError:
                continue
        problems.append("no signals")

    def _noted(self, problems: list[str], *clients: PeerClient) -> None:
        for client in clients:
            client.close()
            problems += [f"generation {client.generation} client: {v}" for v in client.violations]

    def _both_generations(self, problems: list[str]) -> None:
        old, new = self._client(1), self._client(2)
        self._expect_each_once(problems, old, old, new)
        self._expect_each_once(problems, new, old, new)
        expect(problems, "echo", (old.call("echo", 1), new.call("echo", 2)), (1, 2))
        self._noted(problems, old, new)

    def _repeated_init(self, problems: list[str]) -> None:
        old, new = self._client(1), self._client(2)
        for client in (old, new):
            request = next(f[0] for f in client.requests_sent if b"INIT_SIGNALS" in f[0])
            problems += wire.json_reply_problems(client.exchange(request, self._wait_ms))
        self._expect_each_once(problems, new, old, new)
        self._noted(problems, old, new)

    def _two_clients(self, problems: list[str]) -> None:
        first, second = self._client(1), self._client(1)
        self._expect_each_once(problems, first, first, second)
        self._noted(problems, first, second)

    def _no_ack(self, problems: list[str]) -> None:
        silent, other, new = self._client(1), self._client(1), self._client(2)
        silent.receiver.acknowledge.clear()
        self._expect_each_once(problems, other, other, new)
        self._expect_each_once(problems, other, other, new)
        self._noted(problems, other, new, silent)

    def _vanishing(self, problems: list[str]) -> None:
        gone, new = self._client(1), self._client(2)
        self._expect_each_once(problems, new, gone, new)
        gone.close()
        self._expect_each_once(problems, new, new)
        back = self._client(1)
        self._expect_each_once(problems, back, back, new)
        self._noted(problems, back, new)

    def _no_peer(self, problems: list[str]) -> None:
        """Only asks; that the server serves others meanwhile is checked afterwards, as always."""
        reply = self._ask(_request("FIND_PEER_ADDRESS"))
        problems += ["no reply"] if reply is None else wire.json_reply_problems(reply)
