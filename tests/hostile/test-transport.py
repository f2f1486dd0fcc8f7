#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Peers that violate the transport: by silence, parts of messages, other protocols, floods, and the
routing ids of other peers.

Whatever they do, the server must live, honest peers must be answered, and the connections of a peer
must be closed after it has left.
"""

import select
import socket
import struct

from variant import Variant, serialize
from victim import Case, call, main, native_call, read_json, wait_until
from zmtp import (COMMAND, DEADLINE, GREETING, GREETING_SIZE, LONG, MAX_FRAME, MORE, PUSH, Peer,
                  Stream, command, frame, message, metadata, open_socket, random_bytes, ready,
                  request_id)

MEBIBYTE = 1 << 20
FLOOD = 1000
SUBSCRIBE, CREDIT, CANCEL = 0x85, 0x86, 0x87
# the first of the routing ids that libzmq counts from if rand() was not seeded
FIRST_UNSEEDED = 0x6b8b4567

BEGINNINGS: dict[str, bytes] = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: camera\r\n\r\n" + b"X-Filler: x\r\n" * 20,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(100),
    "ZMTP 1": b"\x01\x00" + message(b"", b"\x84"),
    "ZMTP 1 with a name": b"\x06\x00hello" + b"\x01\x01" + b"\x02\x00\x84",
    "ZMTP 1 with a long size": b"\xff" + struct.pack(">Q", 1 << 62) + b"\x00" * 100,
    "ZMTP 2": b"\xff" + bytes(8) + b"\x7f\x01\x05" + b"\x00\x00" + message(b"", b"\x84"),
    "ZMTP 2 of a wrong type": b"\xff" + bytes(8) + b"\x7f\x01\xff" + b"\x00\x00",
    "ZMTP 4": GREETING[:10] + b"\x04" + GREETING[11:],
    "ZMTP 255": GREETING[:10] + b"\xff\xff" + GREETING[12:],
    "no signature": bytes(64), "only ones": b"\xff" * 64,
    "wrong end of the signature": GREETING[:9] + b"\x7e" + GREETING[10:],
    "random bytes": bytes(range(256)) * 4,
    **{f"mechanism {name!r}": GREETING[:12] + name.ljust(20, b"\0") + GREETING[32:]
       for name in (b"", b"PLAIN", b"CURVE", b"GSSAPI", b"null", b"NULLNULLNULLNULLNULL",
                    b"NULL\0NULL", b"\xff" * 20)},
    "as server": GREETING[:32] + b"\x01" + GREETING[33:],
    "filler": GREETING[:33] + b"\xff" * 31,
}

COMMANDS: dict[str, bytes] = {
    "PING": command(b"PING", b"\x00\x01context"),
    "PING without a context": command(b"PING", b"\0\0"),
    "PING cut": command(b"PING", b"\0"), "PING long": command(b"PING", b"\0\1" + b"x" * 1000),
    "PING of 65535": command(b"PING", b"\xff\xff"), "PONG": command(b"PONG", b"context"),
    "SUBSCRIBE": command(b"SUBSCRIBE", b"a"), "CANCEL": command(b"CANCEL", b"a"),
    "ERROR": command(b"ERROR", b"\x03bad"), "ERROR cut": command(b"ERROR", b"\xff"),
    "ERROR empty": command(b"ERROR"), "READY again": ready(b"DEALER", b"other"),
    "READY cut": command(b"READY", metadata(b"Identity", b"abc")[:-1]),
    "READY of a long name": command(b"READY", b"\xff" + b"x" * 100),
    "READY of a size beyond": command(b"READY", b"\x01x" + struct.pack(">I", 1 << 31) + b"y"),
    "READY of a type unknown": ready(b"CAMERA"), "READY without anything": command(b"READY"),
    "READY of 1000 properties": command(b"READY", metadata(b"Socket-Type", b"DEALER")
                                        + metadata(b"X-Filler", b"x" * 100) * 1000),
    "READY twice the type": command(b"READY", metadata(b"Socket-Type", b"DEALER")
                                    + metadata(b"Socket-Type", b"SUB")),
    "HELLO": command(b"HELLO", b"x" * 194), "INITIATE": command(b"INITIATE", b"x" * 300),
    "WELCOME": command(b"WELCOME"), "unknown": command(b"UNKNOWN", b"x" * 100),
    "no name": frame(b"", COMMAND), "a name beyond": frame(b"\xffx", COMMAND),
    "with more behind": frame(b"\x04PING\0\0", COMMAND | MORE),
    "reserved flags": bytes([0xf8, 1, 0]), "all flags": bytes([0xff, 1, 0]),
    "long and short": struct.pack(">BQ", LONG | COMMAND, 5) + b"\x04PING",
}

SIZES = (1 << 63, (1 << 64) - 1, (1 << 63) - 1, 1 << 62, 1 << 48, 1 << 32, MAX_FRAME + 1)


class Beginnings(Case):
    """Connections that never send a request."""

    def try_bytes(self, data: bytes) -> None:
        """Connect, send bytes, read what comes, and leave."""
        with Stream(open_socket(self.port)) as stream:
            try:
                stream.send(data)
                stream.wait_closed(0.02)
            except OSError:
                pass

    def test_silence(self) -> None:
        """A peer that falls silent: after connecting, within the greeting, after it, within READY,
        after it."""
        whole = GREETING + ready(b"DEALER") + message(request_id(1), b"", call("add", 1))
        held = []
        for size in range(0, len(whole), 3):
            stream = Stream(open_socket(self.port))
            stream.send(whole[:size])
            held.append(stream)
        self.victim.honest.check()
        for stream in held:
            stream.close()

    def test_other_protocols(self) -> None:
        """Greetings of other protocols, versions and security mechanisms."""
        for data in BEGINNINGS.values():
            for rest in (b"", ready(b"DEALER") + message(b"", b"\x84")):
                self.try_bytes(data + rest)
            self.victim.honest.check()

    def test_commands(self) -> None:
        """Commands instead of READY, after it, and in the middle of a message."""
        half = frame(request_id(1), MORE)
        for name, data in COMMANDS.items():
            self.try_bytes(GREETING + data + message(b"", b"\x84"))
            self.try_bytes(GREETING + ready(b"DEALER") + data + message(b"", b"\x84"))
            self.try_bytes(GREETING + ready(b"DEALER") + half + data + message(b"", b"\x84"))
            self.try_bytes(GREETING + ready(b"DEALER") + half + data * 100)
            with self.subTest(name):
                self.victim.honest.check()

    def test_random_bytes(self) -> None:
        """Random bytes instead of the greeting, of READY, and of a message."""
        for head in (b"", GREETING[:11], GREETING, GREETING + ready(b"DEALER")):
            for size in (1, 10, 100, 10000):
                self.try_bytes(head + random_bytes(size))
        self.victim.honest.check()

    def test_half_open(self) -> None:
        """Many connections that stop in the middle of their handshake."""
        held = [Stream(open_socket(self.port)) for _ in range(FLOOD)]
        for index, stream in enumerate(held):
            stream.send(GREETING[:index % GREETING_SIZE])
        self.victim.honest.check()
        for stream in held:
            stream.close()


class Frames(Case):
    """Messages that libzmq would never send."""

    def test_sizes(self) -> None:
        """A frame of an impossible size: the connection ends, and no memory is allocated."""
        for size in SIZES:
            for flags in (LONG, LONG | MORE, LONG | COMMAND):
                peer = self.peer()
                before = self.victim.memory()
                peer.send(struct.pack(">BQ", flags, size) + b"x" * 100)
                self.assertTrue(peer.wait_closed(), size)
                self.assertLess(self.victim.memory() - before, 64 * MEBIBYTE)
        self.victim.honest.check()

    def test_halves(self) -> None:
        """A message that is cut at any byte, after which the peer is silent or leaves."""
        frames = request_id(1), b"", call("add", 1)
        held = []
        for size in range(len(self.peer().message(*frames))):
            for stays in (True, False):
                peer = Peer(self.port)
                whole = peer.message(*frames)
                peer.send(whole[:size])
                if stays:
                    held.append((peer, whole[size:]))
                else:
                    peer.close()
        self.victim.honest.check()
        for peer, rest in held:
            peer.send(rest)
            self.assertEqual(read_json(peer.reply(1)[0])["result"], 1)
            peer.close()

    def test_byte_by_byte(self) -> None:
        """A request that arrives slowly is answered like any other."""
        peer = self.peer()
        for byte in peer.message(request_id(7), b"", call("add", 4)):
            peer.send(bytes([byte]))
        self.assertEqual(read_json(peer.reply(7)[0])["result"], 4)

    def test_frames_without_end(self) -> None:
        """Frames that all announce another one, up to the number sent here."""
        for size, count in ((0, 100000), (1, 100000), (1000, 20000)):
            peer = self.peer()
            try:
                for _ in range(count // 1000):
                    peer.send(b"".join(peer.frame(bytes(size), MORE) for _ in range(1000)))
                peer.send(peer.frame(b""))
            except OSError:
                pass  # the server may end the connection
            self.victim.honest.check()
            peer.close()
        self.victim.honest.check()

    def test_empty_messages(self) -> None:
        """Thousands of messages of one empty frame, of delimiters only, and of no frames."""
        peer = self.peer()
        for frames, count in (([b""], 10000), ([b"", b""], 10000), ([b"", b"", b""], 1000)):
            peer.send(b"".join(peer.message(*frames) for _ in range(count)))
            self.victim.honest.check()


class Names(Case):
    """Peers with the routing id of another peer."""

    def test_ids_of_the_socket(self) -> None:
        """A peer that claims the ids which libzmq assigns next does not end the server."""
        held = []
        for number in range(FIRST_UNSEEDED, FIRST_UNSEEDED + 400):
            held.append(Peer(self.port, identity=b"\0" + struct.pack(">I", number)))
        try:
            for _ in range(410):
                held.append(Peer(self.port))
        except OSError as error:
            self.fail(f"{error}: {self.victim.errors()}")
        for peer in held:
            peer.close()
        self.victim.honest.check()

    def test_the_same_twice(self) -> None:
        """The second peer with a routing id is refused or takes over; the first still gets its own
        replies."""
        for identity in (b"twin", b"x" * 255, b"\xff"):
            first = self.peer(identity=identity)
            self.assertEqual(read_json(first.ask(call("add", 1))[0])["result"], 1)
            second = self.peer(identity=identity)
            second.request(call("add", 50))
            number = first.request(call("add", 2))
            self.assertEqual(read_json(first.reply(number)[0])["result"], 2)
            second.close()
            first.close()
        self.victim.honest.check()

    def test_reply_of_one_that_left(self) -> None:
        """A later peer with the same routing id does not get the replies of the earlier one."""
        for _ in range(20):
            first = self.claim()
            first.request(call("block", 100))
            first.close()
            with self.claim() as second:
                with self.assertRaises(TimeoutError, msg="the reply to another"):
                    second.receive(0.2)

    def claim(self) -> Peer:
        """Return a peer with the same routing id, once the server accepts it."""
        patience = 0.05

        def attempt() -> Peer | None:
            nonlocal patience
            peer = Peer(self.port, identity=b"heir")
            try:
                peer.ask(call("add", 1), patience)
            except (TimeoutError, OSError):
                # While a message may be of one or the other, the server ends the connection of
                # both, and libzmq drops what comes while it knows the earlier one. A server on a
                # busy machine answers later, and takes longer to forget the earlier one.
                peer.close()
                select.select([], [], [], patience)
                patience = min(2 * patience, 2)
                return None
            return peer
        return wait_until(attempt, "a peer of that name")


class Orders(Case):
    """Messages in an order that no client sends."""

    def test_replies_and_pushes(self) -> None:
        """Replies and pushes from a client, to no request, to its own, and to one of another peer.
        """
        peer = self.peer()
        for kind in (*range(0x90, 0x95), *range(0xa0, 0xa3)):
            for body in (serialize("(yv)", (kind, Variant("i", 1))), bytes([kind]),
                         serialize("(ysav)", (kind, "captured", [])),
                         serialize("(ya{sv})", (kind, {}))):
                for number in (0, 1, PUSH, PUSH + 1):
                    peer.send_message(request_id(number), body)
                    peer.send_message(request_id(number), b"", body)
        for body in (b'{"success":true}', b'{"event":"EMIT_SIGNAL","signal":"pinged","args":[]}'):
            peer.send_message(b"", body)
        self.assertEqual(read_json(peer.ask(call("add", 3))[0])["result"], 3)
        self.victim.honest.check()

    def test_credit(self) -> None:
        """Credit before a subscription, above the limit, decreasing, and of the largest numbers."""
        peer = self.peer()
        numbers = (0, 1, 2, 1000, PUSH, PUSH | 5, (1 << 63) - 1, (1 << 64) - 1)
        for window in (0, 1, 100, (1 << 63), (1 << 64) - 1):
            for number in numbers:
                peer.send_message(b"", serialize("(yt)", (CREDIT, number)))
            peer.ask(serialize("(yt)", (SUBSCRIBE, window)))
            for number in (*numbers, *reversed(numbers)):
                peer.send_message(b"", serialize("(yt)", (CREDIT, number)))
                peer.ask(call("burst", 10))
            self.victim.honest.check()

    def test_cancel(self) -> None:
        """Cancel a call that does not exist, has ended, or belongs to another peer; and cancel
        twice."""
        first, second = self.peer(identity=b"first"), self.peer(identity=b"second")
        waiting = first.request(call("wait"))
        for number in (0, 1, waiting, 2, PUSH | waiting, (1 << 64) - 1):
            second.send_message(b"", serialize("(yt)", (CANCEL, number)))
            second.send_message(request_id(waiting), b"", serialize("(yt)", (CANCEL, number)))
        self.assertEqual(read_json(second.ask(call("add", 1))[0])["result"], 1)
        with self.assertRaises(TimeoutError):
            first.receive(0.1)
        for _ in range(3):
            first.send_message(b"", serialize("(yt)", (CANCEL, waiting)))
        self.assertFalse(read_json(first.reply(waiting)[0])["success"])
        self.assertEqual(read_json(first.ask(call("add", 2))[0])["result"], 2)

    def test_same_number(self) -> None:
        """A hundred requests with the same number get a hundred replies."""
        peer = self.peer()
        for _ in range(100):
            peer.send_message(request_id(1), b"", native_call("add", Variant("i", 1)))
        for _ in range(100):
            self.assertEqual(peer.receive()[0], request_id(1))


class Floods(Case):
    """Many peers, and peers that do not read."""

    def test_connections(self) -> None:
        """A thousand peers at once, each of which sends a request."""
        peers = [Peer(self.port) for _ in range(FLOOD)]
        numbers = [peer.request(call("add", index)) for index, peer in enumerate(peers)]
        for index, (peer, number) in enumerate(zip(peers, numbers)):
            self.assertEqual(read_json(peer.reply(number)[0])["result"], index)
        self.victim.honest.check()
        for peer in peers:
            peer.close()

    def test_coming_and_going(self) -> None:
        """A thousand peers one after the other, which leave in the middle of a request."""
        for index in range(FLOOD):
            peer = Peer(self.port)
            peer.request((call("add", 1), call("late", 20), b"\x84",
                          serialize("(yt)", (SUBSCRIBE, 1000)))[index % 4])
            if index % 8 < 4:
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            peer.close()
        self.victim.honest.check()

    def flood(self, peer: Peer, payload: bytes, count: int) -> None:
        """Send without reading, as much as the server reads."""
        peer.socket.settimeout(0.5)
        try:
            for _ in range(count):
                peer.send_message(request_id(1), b"", payload)
        except OSError:
            pass  # the server reads no more
        peer.socket.settimeout(DEADLINE)

    def without_reading(self, payload: bytes, count: int) -> None:
        """A peer that sends requests and never reads does not stop others."""
        peer = Peer(self.port, receive_buffer=4096)
        self.flood(peer, payload, count)
        self.victim.honest.check()
        peer.close()
        self.victim.honest.check()

    def test_never_reading(self) -> None:
        """Endless requests, small and large, whose replies are not read."""
        self.without_reading(call("echo", "x" * 1000), 20000)
        self.without_reading(call("get_bytes", MEBIBYTE), 1000)
        self.without_reading(b"\x84", 20000)

    def test_subscribed_and_never_reading(self) -> None:
        """Signals for a subscriber that does not read."""
        for window in (0, 1000, (1 << 64) - 1):
            peer = Peer(self.port, receive_buffer=4096)
            peer.request(serialize("(yt)", (SUBSCRIBE, window)))
            for _ in range(20):
                self.victim.honest.json.ask(call("burst", 100))
                self.victim.honest.check()
            peer.close()

    def test_slow_reading(self) -> None:
        """A reply that is read byte by byte arrives whole."""
        peer = self.peer(receive_buffer=4096)
        number = peer.request(call("get_bytes", MEBIBYTE))
        self.victim.honest.check()
        self.assertEqual(len(peer.reply(number)[1]), MEBIBYTE)


if __name__ == "__main__":
    main()
