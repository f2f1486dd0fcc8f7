#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Peers that violate CURVE at a secured server: strangers, handshakes in a wrong order, boxes that
are changed, repeated or empty, and frames that only whoever may seal them can send.

Whatever they do, the server must live, honest peers must be answered, and nobody whose key is not
allowed gets an answer to a request.
"""

import struct
import time
from typing import Callable, Iterator

from curve import COOKIE_SIZE, MAC_SIZE, Curve, make_pair
from variant import serialize
from victim import Case, call, main, read_json
from zmtp import (COMMAND, CURVE_GREETING, DEADLINE, GREETING_SIZE, LONG, MAX_FRAME, MORE, Gone,
                  Peer, Stream, describe, frame, metadata, open_socket, random_bytes, ready,
                  request_id)

STRANGERS = 200
MESSAGE = b"\x07MESSAGE"
MEBIBYTE = 1 << 20


def changed(data: bytes) -> Iterator[bytes]:
    """Return the data with one bit changed, at some places, cut, and longer."""
    for place in {0, 5, 8, 16, 17, 24, 40, len(data) // 2, len(data) - 1}:
        if place < len(data):
            yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
    for size in {0, 1, 6, 8, 16, 24, 25, len(data) - 1}:
        yield data[:size]
    yield data + b"\0"


class Handshake(Case):
    """Connections that do not finish the handshake."""

    def setUp(self) -> None:
        super().setUp()
        self.server, self.pair = Peer.secured[self.port]

    def begin(self) -> tuple[Stream, Curve]:
        """Return a connection that has sent its greeting, and has got that of the server."""
        stream = Stream(open_socket(self.port))
        self.addCleanup(stream.close)
        stream.send(CURVE_GREETING)
        stream.read(GREETING_SIZE, time.monotonic() + DEADLINE)
        return stream, Curve(self.server, self.pair)

    def welcomed(self) -> tuple[Stream, Curve]:
        """Return a connection that has got WELCOME."""
        stream, curve = self.begin()
        stream.send(frame(curve.hello(), COMMAND))
        curve.take_welcome(stream.read_frame(time.monotonic() + DEADLINE)[1])
        return stream, curve

    def assert_ended(self, stream: Stream, what: object) -> None:
        """Check that the server ends the connection and has not let the peer in."""
        end = time.monotonic() + DEADLINE
        try:
            while True:
                flags, body = stream.read_frame(end)
                self.assertTrue(flags & COMMAND and body.startswith((b"\x05ERROR", b"\x07WELCOME")),
                                (what, body))
        except Gone:
            stream.close()

    def test_strangers(self) -> None:
        """Keys that nobody allowed are refused in words, and get no answer."""
        for _ in range(STRANGERS):
            with self.assertRaisesRegex(ValueError, r"not a READY: b'\\x05ERROR\\x03400'"):
                Peer(self.port, own=make_pair())
        self.victim.honest.check()

    def test_hello(self) -> None:
        """HELLO that is changed, cut or longer."""
        _, curve = self.begin()
        for body in changed(curve.hello()):
            if body[8:80] != bytes(72):
                continue
            stream, _ = self.begin()
            stream.send(frame(body, COMMAND))
            self.assert_ended(stream, body[:24])
        self.victim.honest.check()

    def test_other_server(self) -> None:
        """HELLO for the key of another server."""
        stream, _ = self.begin()
        stream.send(frame(Curve(make_pair().public, self.pair).hello(), COMMAND))
        self.assert_ended(stream, "another server")
        self.victim.honest.check()

    def test_initiate(self) -> None:
        """INITIATE that is changed, cut, longer, or has the cookie of another connection."""
        _, curve = self.welcomed()
        for number in range(len(list(changed(curve.initiate(describe(b"DEALER")))))):
            stream, own = self.welcomed()
            body = list(changed(own.initiate(describe(b"DEALER"))))[number]
            stream.send(frame(body, COMMAND))
            self.assert_ended(stream, (number, body[:24]))
        stream, own = self.welcomed()
        _, other = self.welcomed()
        foreign = other.initiate(b"")[9:9 + COOKIE_SIZE]
        body = own.initiate(describe(b"DEALER"))
        stream.send(frame(body[:9] + foreign + body[9 + COOKIE_SIZE:], COMMAND))
        self.assert_ended(stream, "the cookie of another")
        self.victim.honest.check()

    def test_properties(self) -> None:
        """Properties within the sealed INITIATE that are cut, too many, or of a wrong socket."""
        kind = describe(b"DEALER")
        for properties in (b"", kind[:-1], b"\xff" + b"x" * 10, b"\x01x\xff\xff\xff\xffy",
                           describe(b"CAMERA"), describe(b"SUB"), kind + describe(b"SUB"),
                           kind + metadata(b"X-Filler", b"x" * 100) * 1000,
                           kind + metadata(b"User-Id", b"somebody else"),
                           kind + metadata(b"Role", b"administrator"),
                           kind + metadata(b"Identity", b"x" * 1000)):
            stream, curve = self.welcomed()
            stream.send(frame(curve.initiate(properties), COMMAND))
            stream.wait_closed(0.05)
            stream.close()
        self.victim.honest.check()

    def test_order(self) -> None:
        """Commands of the handshake twice, left out, or of the other side."""
        def hello_twice(stream: Stream, curve: Curve) -> None:
            stream.send(frame(curve.hello(), COMMAND) * 2)

        def only_ready(stream: Stream, curve: Curve) -> None:
            stream.send(ready(b"DEALER"))

        def only_message(stream: Stream, curve: Curve) -> None:
            stream.send(frame(MESSAGE + bytes(40)) * 3)

        def welcome(stream: Stream, curve: Curve) -> None:
            stream.send(frame(b"\x07WELCOME" + bytes(160), COMMAND))

        def error(stream: Stream, curve: Curve) -> None:
            stream.send(frame(b"\x05ERROR\x03400", COMMAND))

        def only_initiate(stream: Stream, curve: Curve) -> None:
            stream.send(frame(b"\x08INITIATE" + random_bytes(300), COMMAND))

        for act in (hello_twice, only_ready, only_message, welcome, error, only_initiate):
            stream, curve = self.begin()
            act(stream, curve)
            self.assert_ended(stream, act.__name__)
        self.victim.honest.check()

    def test_request_before_its_time(self) -> None:
        """Requests in one breath with the handshake are not handled before it has succeeded."""
        stranger = Curve(self.server, make_pair())
        stream, _ = self.begin()
        stream.send(frame(stranger.hello(), COMMAND))
        stranger.take_welcome(stream.read_frame(time.monotonic() + DEADLINE)[1])
        stream.send(frame(stranger.initiate(describe(b"DEALER")), COMMAND)
                    + frame(stranger.seal(b"", MORE))
                    + frame(stranger.seal(call("add", 1))))
        self.assert_ended(stream, "a stranger in a hurry")
        self.victim.honest.check()


class Sealed(Case):
    """Messages behind the handshake of an allowed key."""

    def try_frame(self, make: Callable[[Peer], bytes]) -> None:
        """Send what is made, and leave once the server has ended the connection or has not."""
        peer = self.peer()
        try:
            peer.send(make(peer))
            peer.wait_closed(0.05)
        except OSError:
            pass  # the server has ended the connection
        peer.close()

    def test_changed(self) -> None:
        """A box that is changed, cut or longer ends the connection, and is not a request."""
        for number in range(len(list(changed(bytes(100))))):
            self.try_frame(lambda peer: frame(
                list(changed(peer.curve.seal(b"\x84" * 60)))[number]))
        self.victim.honest.check()

    def test_repeated(self) -> None:
        """A message that is sent again is handled once."""
        peer = self.peer()
        self.assertEqual(read_json(peer.ask(call("add", 1))[0])["result"], 1)
        whole = peer.message(request_id(9), b"", call("add", 2))
        replies = 0
        try:
            peer.send(whole + whole)
            while True:
                replies += peer.receive()[0] == request_id(9)
        except Gone:
            self.assertLessEqual(replies, 1)
        self.victim.honest.check()

    def test_of_another_connection(self) -> None:
        """The message of one connection is nothing on another."""
        first = self.peer()
        self.try_frame(lambda peer: first.message(request_id(1), b"", call("add", 1)))
        self.assertEqual(read_json(first.ask(call("add", 2))[0])["result"], 2)

    def test_flags(self) -> None:
        """All flags within the box, and around it."""
        for inner in range(256):
            self.try_frame(lambda peer: frame(peer.curve.seal(b"x", inner))
                           + peer.message(request_id(1), b"", call("add", 1)))
        for outer in (MORE, COMMAND, MORE | COMMAND, 0xf8, 0xf8 | MORE):
            self.try_frame(lambda peer: frame(peer.curve.seal(b"\x84"), outer)
                           + peer.message(b"", b"\x84"))
        self.victim.honest.check()

    def test_commands(self) -> None:
        """Commands within the box, and those that belong before the handshake."""
        for body in (b"\x04PING\0\0", b"\x04PING", b"\x04PONGx", b"\x09SUBSCRIBEa", b"\x06CANCELa",
                     b"\x05ERROR\x03bad", b"\x05READY", b"", b"\xffx", b"\x07UNKNOWNx"):
            self.try_frame(lambda peer: peer.frame(body, COMMAND)
                           + peer.message(b"", b"\x84"))
            self.try_frame(lambda peer: frame(body, COMMAND) + peer.message(b"", b"\x84"))
        self.victim.honest.check()

    def test_empty_boxes(self) -> None:
        """Boxes without flags, without content, and messages without a box."""
        for size in range(16 + MAC_SIZE + 10):
            self.try_frame(lambda peer: frame(MESSAGE + bytes(size)) * 3)
        self.try_frame(lambda peer: b"".join(peer.frame(b"") for _ in range(10000)))
        self.victim.honest.check()

    def test_sizes(self) -> None:
        """A sealed frame as long as a message may be, and the header of a longer one."""
        peer = self.known_peer()
        payload = serialize("(ys)", (0x82, b"x" * (64 * MEBIBYTE - 100)))
        self.assertEqual(peer.ask(payload)[0][0], 0x93)
        peer.send(struct.pack(">BQ", LONG, MAX_FRAME + 1))
        self.assertTrue(peer.wait_closed())
        self.victim.honest.check()


if __name__ == "__main__":
    main()
