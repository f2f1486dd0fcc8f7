#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Peers that abuse the signals of the older wires: they connect to the publisher of generation 2,
and they choose the address to which a server of generation 1 connects.
"""

import json
import struct
from typing import Any

from victim import Case, call, main, read_json
from zmtp import (COMMAND, GREETING, LONG, MORE, Acknowledger, Peer,
                  Stream, command, frame, message, open_socket, random_bytes, ready)

MANY_TOPICS = 20000
TOPIC_LIMIT = 4096  # bytes of a topic, its first byte included

ADDRESSES = ["", " ", ".", "0", "0.0.0.0", "::", "255.255.255.255", "127.255.255.255", "224.0.0.1",
             "239.255.255.250", "ff02::1", "ff05::2", "::ffff:0.0.0.0", "::ffff:224.0.0.1",
             "::ffff:127.0.0.1", "::1", "localhost", "example.invalid", "127.0.0.1;127.0.0.1",
             "127.0.0.1:80", "127.1", "0x7f000001", "2130706433", "127.0.0.1\0", "127.0.0.1 ",
             "127.0.0.1/8", "[::1]", "fe80::1%lo", "*", "lo", "tcp://127.0.0.1", "ipc:///tmp/x",
             "inproc://x", "%s%n", "\u00e9" * 100, "a" * 63 + "\u00e9" + "b" * 30, "1" * 70000,
             "127.0.0.1@127.0.0.1", "\u0661\u0662\u0667.0.0.1"]


class Generation1(Case):
    """Clients of generation 1, to which the server connects."""

    OWN_PORT = 12  # descriptors of two connections of the server to itself, which it keeps

    def subscribe(self, peer: Peer, **members: Any) -> Any:
        """Ask for signals as a generation 1 client does."""
        request = json.dumps({"event": "INIT_SIGNALS_HANDLING", **members}, ensure_ascii=False)
        return read_json(peer.ask(request.encode())[0])

    def listener(self) -> Acknowledger:
        """Return a listener to which the server has connected, with a subscription."""
        listener = Acknowledger()
        self.addCleanup(listener.close)
        told = self.subscribe(self.peer(), address="127.0.0.1", port=listener.port)
        self.assertTrue(told["success"], told)
        return listener

    def emit(self, count: int = 3) -> None:
        """Each subscriber gets its signals, and no peer delays another."""
        for _ in range(count):
            self.victim.honest.json.ask(call("burst", 10))
        self.victim.honest.check()

    def test_acknowledged(self) -> None:
        """A valid subscriber gets every signal, beside invalid ones."""
        silent = self.listener().accept()
        stream = self.listener().accept_server()
        self.victim.honest.json.ask(call("burst", 50))
        heard = 0
        while heard < 50:
            empty, payload = stream.receive()
            stream.send(message(b"", b'{"success":true}'))
            heard += read_json(payload)["signal"] == "captured"
            self.assertEqual(empty, b"")
        silent.close()
        stream.close()

    def test_addresses(self) -> None:
        """Addresses that are invalid, multicast, broadcast, or unused."""
        peer = self.peer()
        for address in ADDRESSES:
            for port in (9, 65535):
                told = self.subscribe(peer, address=address, port=port)
                self.assertTrue(told["success"] or told["error"], address)
            self.emit(1)
        for address in ("0.0.0.0", "::", "224.0.0.1", "localhost", "", "::ffff:0.0.0.0",
                        "::ffff:224.0.0.1"):
            told = self.subscribe(peer, address=address, port=9)
            self.assertFalse(told["success"], address)

    def test_own_ports(self) -> None:
        """A client names the server's own ports as its address."""
        peer = self.peer()
        found = read_json(peer.ask(b'{"event":"FIND_PEER_ADDRESS"}')[0])["port"]
        for port in (self.port, self.victim.honest.signal_port, found):
            for _ in range(20):
                with Peer(self.port) as other:
                    told = self.subscribe(other, address="127.0.0.1", port=port)
                    self.assertTrue(told["success"], told)
                self.emit(1)
        self.victim.allow(self.OWN_PORT)

    def test_closed_at_once(self) -> None:
        """Connections that are closed, or stop, at each step of the handshake."""
        whole = GREETING + ready(b"REP")
        held = []
        for size in range(0, len(whole) + 1, 7):
            for stays in (False, True):
                stream = self.listener().accept()
                stream.send(whole[:size])
                if stays:
                    held.append(stream)
                else:
                    stream.close()
            self.emit(1)
        for stream in held:
            stream.close()

    def test_other_protocols(self) -> None:
        """The address is not of a ZeroMQ socket, or not of a REP socket."""
        for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10, b"\x15\x03\x01\x00\x02\x02\x28",
                     bytes(100), GREETING[:12] + b"PLAIN".ljust(20, b"\0") + bytes(32),
                     GREETING + ready(b"SUB"), GREETING + ready(b"DEALER"), GREETING + ready(b""),
                     GREETING + command(b"ERROR", b"\x02no"),
                     b"\xff" + bytes(8) + b"\x7f\x01\x04\0\0", random_bytes(1000)):
            stream = self.listener().accept()
            try:
                stream.send(data)
                self.emit(1)
            except OSError:
                pass
            stream.close()
        self.emit()

    def test_never_acknowledged(self) -> None:
        """The server does not wait for an acknowledgement, and limits the signals that wait."""
        stream = self.listener().accept_server()
        before = self.victim.memory()
        for _ in range(20):
            self.emit(10)
        self.assertLess(self.victim.memory() - before, 200 << 20)
        stream.close()

    def test_acknowledged_without_end(self) -> None:
        """Acknowledgements of any form that answer no signal."""
        stream = self.listener().accept_server()
        for data in (message(b"", b'{"success":true}') * 10000, message(b"", b"") * 1000,
                     message(b"") * 1000, message(*[b"x"] * 20) * 100, message(b"", b"x" * 4096),
                     message(b"", b"[" * 4000), command(b"PING", b"\0\0a") * 100):
            stream.send(data)
            self.emit(1)
        stream.send(message(b"", b"x" * 4097))
        self.assertTrue(stream.wait_closed())
        self.emit(1)

    def test_sizes(self) -> None:
        """An acknowledgement of an impossible size."""
        for size in (1 << 63, (1 << 64) - 1, 1 << 31):
            stream = self.listener().accept_server()
            stream.send(struct.pack(">BQ", LONG, size))
            self.assertTrue(stream.wait_closed())
            stream.close()
            stream = self.listener().accept_server()
            stream.send(struct.pack(">BQ", LONG | COMMAND, size))
            stream.close()
        self.emit()

    def test_many(self) -> None:
        """Subscribers above the limit are refused, and all are dropped in the end."""
        listeners, refused = [], 0
        for _ in range(150):
            with Peer(self.port) as peer:
                listener = Acknowledger()
                self.addCleanup(listener.close)
                told = self.subscribe(peer, address="127.0.0.1", port=listener.port)
                refused += not told["success"]
                listeners.append(listener)
        self.assertGreater(refused, 0)
        self.emit()
        for listener in listeners:
            listener.close()

    def test_address_listeners(self) -> None:
        """Listeners for a peer's address to which no peer, or any peer, connects."""
        peer = self.peer()
        for index in range(100):
            port = read_json(peer.ask(b'{"event":"FIND_PEER_ADDRESS"}')[0])["port"]
            if index % 2:
                with Stream(open_socket(port)) as stream:
                    stream.send(b"GET / HTTP/1.0\r\n\r\n")
        self.victim.honest.check()


class Generation2(Case):
    """Clients at the port for signals of generation 2."""

    def subscriber(self, kind: bytes = b"SUB", **options: Any) -> Peer:
        """A peer at that port, which connects again if it is refused, like any client."""
        try:
            peer = Peer(self.victim.honest.signal_port, kind, **options)
        except OSError:
            peer = Peer(self.victim.honest.signal_port, kind, **options)
        self.addCleanup(peer.close)
        return peer

    def send(self, peer: Peer, *parts: bytes) -> None:
        """Send as much as the server reads before it may end the connection."""
        try:
            for data in parts:
                peer.send(data)
        except OSError:
            pass

    def test_topics(self) -> None:
        """Topics of any size and content, cancelled twice, or cancelled without a subscription."""
        for topic in (b"", b"captured", b"{", b'{"event":"EMIT_SIGNAL","signal":"captured', b"\0",
                      b"\xff" * 100, b"captured\0", b"x" * (TOPIC_LIMIT - 1), b"x" * TOPIC_LIMIT):
            peer = self.subscriber()
            self.send(peer, *(message(first + topic)
                              for first in (b"\0", b"\1", b"\0", b"\0", b"\1", b"\1")))
            self.victim.honest.check()
            self.send(peer, *(message(first + topic) for first in (b"\2", b"", b"\xff")))
            self.victim.honest.check()

    def test_given_up_by_a_stranger(self) -> None:
        """A peer that cancels the topics of other peers does not stop their signals."""
        peer = self.subscriber()
        for topic in (b"", b"captured", b"levelChanged") * 3:
            self.send(peer, message(b"\0" + topic))
            self.victim.honest.check()

    def test_many_topics(self) -> None:
        """A peer subscribes to thousands of random topics and then leaves."""
        peer = self.subscriber()
        self.send(peer, *(b"".join(message(b"\1" + random_bytes(100)) for _ in range(100))
                          for _ in range(MANY_TOPICS // 100)))
        self.victim.honest.check()
        peer.close()
        self.victim.honest.check()

    def test_commands(self) -> None:
        """Subscriptions as ZMTP commands, and other commands."""
        for data in (command(b"SUBSCRIBE"), command(b"SUBSCRIBE", b"x" * 5000), command(b"CANCEL"),
                     command(b"CANCEL", b"unknown") * 1000, command(b"PING", b"\0\1a") * 1000,
                     command(b"UNKNOWN"), frame(b"", COMMAND), ready(b"SUB") * 3):
            self.send(self.subscriber(), data)
            self.victim.honest.check()

    def test_messages(self) -> None:
        """Messages from a subscriber: with many frames, with none, or with an impossible size."""
        for data in (message(*[b"\1"] * 20) * 100, frame(b"\1", MORE) * 1000, frame(b"") * 1000,
                     message(b"", b"", b"\x84"), message(b"\1a", b"\1b", b"\0a"),
                     message(b"\2data") * 1000, struct.pack(">BQ", LONG, (1 << 64) - 1),
                     struct.pack(">BQ", LONG, 1 << 20) + b"\1"):
            self.send(self.subscriber(), data)
            self.victim.honest.check()

    def test_other_kinds(self) -> None:
        """Peers with another socket type, and peers that never send theirs."""
        port = self.victim.honest.signal_port
        held = []
        for data in (b"", GREETING[:10], GREETING, GREETING + ready(b"DEALER"),
                     GREETING + ready(b"XSUB") + message(b"\1"), GREETING + ready(b"PUB"),
                     b"GET / HTTP/1.1\r\n\r\n", random_bytes(200)):
            stream = Stream(open_socket(port))
            stream.send(data)
            held.append(stream)
            self.victim.honest.check()
        for stream in held:
            stream.close()

    def test_never_reading(self) -> None:
        """A subscriber that does not read loses signals, and no other subscriber does."""
        peer = self.subscriber(receive_buffer=4096)
        peer.send_message(b"\1")
        for _ in range(100):
            self.victim.honest.json.ask(call("burst", 100))
            self.victim.honest.check()
        peer.close()

    def test_coming_and_going(self) -> None:
        """Subscribers that leave at once, while signals are sent."""
        for index in range(300):
            peer = Peer(self.victim.honest.signal_port, b"SUB")
            peer.send_message(b"\1")
            if index % 20 == 0:
                self.victim.honest.json.ask(call("burst", 10))
                self.victim.honest.check()
            peer.close()


if __name__ == "__main__":
    main()
