#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each kind of request, with each member wrong, made from the library's own table of requests.

Whatever is sent, the server must live, each request must have one reply of its own wire, and honest
peers must be answered as before. The requests are sent in batches. If a batch fails, its requests
are repeated one by one, at a new server, to find the one that causes the fault.
"""

import itertools
import struct
from typing import Any, Iterable, Iterator

import cases
from variant import Raw, Variant, serialize, text_of
from victim import Case, Victim, call, main, native_set, read_json
from zmtp import (DEADLINE, GREETING, LONG, MAX_FRAME, PUSH, Peer, Stream, message, open_socket,
                  ready, request_id)

BATCH = 200
NATIVE = range(0x81, 0xc0)
NATIVE_REPLIES = range(0x90, 0x95)
WITHOUT_REPLY = (0x86, 0x87)
MEBIBYTE = 1 << 20


def check_reply(payload: bytes, frames: list[bytes]) -> None:
    """Check that a reply is well formed, of the wire of its request, and names its error."""
    kind = payload[0] if payload else 0
    assert len(frames) in (1, 2), frames
    if kind in NATIVE:
        assert frames[0][0] in NATIVE_REPLIES, frames
        if frames[0][0] == 0x93:
            name, text, _ = text_of(frames[0])
            assert name and text, frames
        return
    reply = read_json(frames[0])
    if "success" not in reply:
        assert "json_methods" in reply or len(frames) == 2, reply
    elif not reply["success"]:
        for member in ("error", "traceback", "name"):
            assert isinstance(reply[member], str), reply
        assert reply["error"] and reply["name"], reply


def try_batch(port: int, batch: list[cases.Case]) -> None:
    """Send all requests, and check that each is answered once."""
    with Peer(port) as peer:
        sent = {peer.request(payload): (name, payload) for name, payload in batch}
        missing = {number for number, (_, payload) in sent.items()
                   if not payload or payload[0] not in WITHOUT_REPLY}
        answered: set[int] = set()
        last = 0
        while missing or not last:
            last = last or (0 if missing else peer.request(call("add", 1)))
            last, number, frames = receive_reply(peer, last)
            if frames is None:
                continue
            assert number not in answered, f"{sent[number][0]} was answered twice"
            check_reply(sent[number][1], frames)
            answered.add(number)
            missing.discard(number)


def receive_reply(peer: Peer, last: int) -> tuple[int, int, list[bytes] | None]:
    """Return the number of a reply and its frames; nothing for a push or the last reply."""
    number, *frames = peer.receive()
    value = struct.unpack("<Q", number)[0]
    if value & PUSH:
        return last, value, None
    return last, value, None if value == last else frames[1:]


class Fields(Case):
    """Requests with wrong members."""

    def send_all(self, wrong: Iterable[cases.Case]) -> None:
        """Send wrong requests in batches, and check the honest peers after each."""
        remaining, count = iter(wrong), 0
        while batch := list(itertools.islice(remaining, BATCH)):
            try:
                try_batch(self.port, batch)
                self.victim.honest.check()
            except (AssertionError, OSError, ValueError) as error:
                self.fail(f"{find_culprit(batch)} ({error!r})\n{self.victim.errors()}")
            count += len(batch)
        print(f"{count} requests ... ", end="")

    def of_events(self, member: str, make: Any) -> Iterator[cases.Case]:
        """Return the cases of all events that travel on a wire."""
        for event in cases.events():
            if member in event:
                yield from make(event)

    def interface(self) -> dict[str, Any]:
        """Return the members that the server offers, without the methods that answer only when
        cancelled."""
        told = self.victim.honest.ask(event="GET_INVENTORY", plantrpc=1)["plantrpc"]["interface"]
        del told["methods"]["wait"]
        return told

    def test_json_members(self) -> None:
        """Each member of each event missing, twice, and with every wrong value."""
        self.send_all(self.of_events("json", cases.json_members))

    def test_json_whole(self) -> None:
        """Each event cut, changed in one byte, and with bytes behind it; JSON that is not an event.
        """
        self.send_all(itertools.chain(self.of_events("json", cases.json_whole),
                                      cases.json_alone()))

    def test_native_members(self) -> None:
        """Each element of each kind with every wrong value, in normal form and not."""
        self.send_all(self.of_events("native", cases.native_members))

    def test_native_whole(self) -> None:
        """Each kind cut, changed in one byte, and longer; every other kind with every type."""
        self.send_all(itertools.chain(self.of_events("native", cases.native_whole),
                                      cases.native_kinds(cases.events())))

    def test_json_offered(self) -> None:
        """Each property and each method of the device with every wrong value."""
        self.send_all(cases.json_offered(self.interface()))

    def test_native_offered(self) -> None:
        """Each property and each method with every wrong value, on the native wire."""
        self.send_all(cases.native_offered(self.interface()))

    def test_every_event_has_been_tried(self) -> None:
        """The server knows each event of the table by the name or kind that is sent."""
        for event in cases.events():
            for member in ("json", "native"):
                if member not in event:
                    continue
                payload = bytes.fromhex(event[member])
                if payload[0] in WITHOUT_REPLY:
                    continue
                reply = self.peer().ask(payload)[0]
                self.assertNotIn(b"There is no", reply.replace(b"no property", b""), event)

    def test_huge(self) -> None:
        """Texts as long as a message may be, in each place, and longer ones."""
        size = 64 * MEBIBYTE - 100
        peer = self.known_peer()
        for make in (lambda: b'{"event":"' + b"x" * (size - 20) + b'"}',
                     lambda: b'{"event":"PROPERTY_GET","property":"' + b"x" * 7000000 + b'"}',
                     lambda: b'{"x":' + b"[" * (7 * MEBIBYTE),
                     lambda: native_set("label", Variant("s", b"x" * (size - 20))),
                     lambda: native_set("level", Variant("ay", bytes(size - 20))),
                     lambda: serialize("(ys)", (0x82, b"x" * size)),
                     lambda: native_set("any", Raw(b"\0" + b"v" * size)),
                     lambda: b"\x81" + bytes(size)):
            payload = make()
            check_reply(payload, peer.ask(payload))
            self.victim.honest.check()
        peer.send(struct.pack(">BQ", LONG, MAX_FRAME + 1))
        self.assertTrue(peer.wait_closed())


class Envelopes(Case):
    """The frames in front of a payload and behind it."""

    PAYLOADS = (b'{"event":"GET_INVENTORY"}', b"\x84", b"", b"\xff")

    def exchange(self, *frames: bytes) -> list[bytes]:
        """Send a message, then a valid request; return the replies that came before its reply."""
        peer = self.known_peer()
        peer.send_message(*frames)
        peer.send_message(b"the last", b"", call("add", 1))
        replies = []
        while (reply := peer.receive())[0] != b"the last":
            replies.append(reply)
        peer.close()
        return replies

    def test_frames(self) -> None:
        """0 to 20 frames in front of the delimiter, none or several behind it."""
        for payload in self.PAYLOADS:
            for count in range(21):
                envelope = [bytes([n + 1]) * 3 for n in range(count)]
                for behind in ([], [payload], [payload, b"a"], [payload, b""], [payload] * 20):
                    replies = self.exchange(*envelope, b"", *behind)
                    self.assertLessEqual(len(replies), 1)
                    for reply in replies:
                        self.assertEqual(reply[:count + 1], [*envelope, b""])
                    if count <= 13:
                        self.assertEqual(len(replies), 1, (count, behind))
            self.victim.honest.check()

    def test_no_delimiter(self) -> None:
        """Without a delimiter the server cannot know where to send a reply."""
        for payload in self.PAYLOADS:
            for count in (0, 1, 5, 20):
                frames = [b"x"] * count + [payload or b"y"]
                self.assertEqual(self.exchange(*frames), [])
        self.victim.honest.check()

    def test_sizes(self) -> None:
        """Request ids and envelopes of any size."""
        for size in (1, 7, 8, 9, 100, 254, 255, 256, 257, 500, 501, 65536, MEBIBYTE):
            for count in (1, 2, 6):
                replies = self.exchange(*[b"x" * size] * count, b"", b"\x84")
                self.assertEqual(len(replies), 1, (size, count))
        for number in (0, 1, 1 << 32, (1 << 63) - 1, PUSH, PUSH + 1, (1 << 64) - 1):
            replies = self.exchange(request_id(number), b"", b"\x84")
            self.assertEqual([reply[0] for reply in replies], [request_id(number)])
        self.victim.honest.check()

    def test_identities(self) -> None:
        """Routing ids of any size and content, including that of another peer."""
        for identity in (b"", b"\0", b"\0\0\0\0\0", b"\0abcd", b"x", b"x" * 254, b"x" * 255,
                         b"x" * 256, b"x" * 65536, bytes(range(256))[:200]):
            with Peer(self.port, identity=identity) as peer:
                may_fail = identity[:1] == b"\0" or len(identity) > 255
                try:
                    peer.ask(call("add", 1), 0.2 if may_fail else DEADLINE)
                except OSError:
                    self.assertTrue(may_fail, identity[:9])
        for kind in (b"", b"ROUTER", b"REQ", b"REP", b"SUB", b"XPUB", b"PAIR", b"X" * 255):
            self.hurry(ready(kind) + message(b"", b"\x84"))
        self.victim.honest.check()

    def hurry(self, data: bytes) -> None:
        """Send the message together with the greeting, and leave without waiting."""
        with Stream(open_socket(self.port)) as stream:
            stream.send(GREETING + data)


def find_culprit(batch: list[cases.Case]) -> str:
    """Find the request of a batch that causes the fault, by trying each at a new server."""
    victim = Victim()
    try:
        for name, payload in batch:
            try:
                try_batch(victim.port, [(name, payload)])
                victim.honest.check()
            except (AssertionError, OSError, ValueError) as error:
                return f"“{name}”, {payload[:200]!r}: {error!r}\n{victim.errors()}"
        return f"none alone of “{batch[0][0]}” to “{batch[-1][0]}”"
    finally:
        victim.stop()


if __name__ == "__main__":
    main()
