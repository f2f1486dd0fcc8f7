#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much memory one peer can make a server take, and how long it can make an honest peer wait.

Memory is compared with the bytes sent and with the limits. The wait is compared with a heavy
request measured in the same run, or with a time that only a blocked server exceeds. Processor time
is compared with the size of the message. So the bounds also hold on a machine with other work.
"""

import json
import os
import threading
import time
import unittest
from types import TracebackType

from variant import Raw, Variant, serialize
from victim import SECURED, SUBSCRIBE, Case, Victim, call, main, native_set, read_json, wait_until
from zmtp import MORE, PUSH, Peer, message, random_bytes, request_id

MEBIBYTE = 1 << 20
FACTOR = 8  # the memory that a message may cost, in multiples of its size
BASE = 48 * MEBIBYTE  # bytes that a busy process may take in addition
MAX_UNREAD = 256 * MEBIBYTE  # bytes of unread replies for one peer, as in the limits
MAX_TOTAL = 512 * MEBIBYTE  # bytes for all peers that do not read
# Seconds of processor time for each mebibyte, three times the expected value, since some machines
# are slower. For JSON that is skipped, and for values that are converted, stored, and sent to
# subscribers of both wires.
PASSED_OVER = 0.05 * 3
TAKEN = 0.15 * 3
PATIENCE = 5.0  # seconds that an honest peer may wait on a machine with other work
SUBSCRIBERS = 200
CHANGES = 6000
CHANGE_SIZE = 1000  # bytes, of which each subscriber gets a copy
TOPICS = 30000
ENDLESS = 640  # frames of a mebibyte in the message that does not end
CALLS = 10001

HEAVY = b'{"event":"x","a":[' + b'{"a":1},' * 1040000 + b"0]}"


class Watch:
    """An honest peer that asks all the time, and a thread that samples the server's memory."""

    def __init__(self, victim: Victim) -> None:
        self._victim, self._over = victim, threading.Event()
        self.before = self.peak = victim.memory()
        self.longest = 0.0
        self._failure: BaseException | None = None
        self._began = self._processor()
        self._peer = Peer(victim.port)
        self._threads = [threading.Thread(target=self._ask), threading.Thread(target=self._look)]

    def _processor(self) -> float:
        with open(f"/proc/{self._victim.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _ask(self) -> None:
        request = b'{"event":"PROPERTY_GET","property":"label"}'
        try:
            while not self._over.wait(0.02):
                begun = time.monotonic()
                assert read_json(self._peer.ask(request)[0])["success"]
                self.longest = max(self.longest, time.monotonic() - begun)
        except (OSError, AssertionError, ValueError) as error:
            self._failure = error

    def _look(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, self._victim.memory())

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._peer.close()
        self.processor = self._processor() - self._began
        if error is None and self._failure is not None:
            raise self._failure

    @property
    def taken(self) -> int:
        """Return the most bytes that the server took beyond those at the start."""
        return self.peak - self.before


class Budget(Case):
    """Each test makes one attack."""

    arguments = ("30000",)

    def given_back(self, watch: Watch) -> None:
        """Return whether the server has returned its memory."""
        try:
            wait_until(lambda: self.victim.memory() - watch.before < BASE, "memory given back", 20)
        except TimeoutError:
            pass
        left = self.victim.memory() - watch.before
        print(f"at most {watch.taken / MEBIBYTE:.0f} MiB, afterwards {left / MEBIBYTE:.0f} MiB, "
              f"longest wait {watch.longest:.2f} s, processor {watch.processor:.2f} s ... ", end="")
        self.assertLess(left, BASE)

    def heavy(self, payload: bytes, seconds: float = PASSED_OVER) -> None:
        """Send one request, whose cost must be limited by its size."""
        peer = self.known_peer()
        with Watch(self.victim) as watch:
            peer.ask(payload)
            # The value that was written is kept, so it must be replaced before memory is compared.
            for name, value in (("any", Variant("i", 1)), ("bytes", Variant("ay", b"\0"))):
                peer.ask(native_set(name, value))
            self.victim.honest.check()
        peer.close()
        self.given_back(watch)
        size = len(payload)
        self.assertLess(watch.taken, FACTOR * size + BASE)
        self.assertLess(watch.processor, seconds * size / MEBIBYTE + 0.5)

    def test_json_nobody_asked_for(self) -> None:
        """A member with a million objects, in a request with an unknown event."""
        self.heavy(HEAVY)

    def test_json_in_a_call(self) -> None:
        """A million objects as an argument."""
        self.heavy(b'{"event":"METHOD_CALL","method":"echo","params":{"args":[['
                   + b'{"a":1},' * 1000000 + b'0]],"kwargs":{}}}', TAKEN)

    def test_json_in_a_write(self) -> None:
        """A million objects as the value of a property."""
        self.heavy(b'{"event":"PROPERTY_SET","property":"any","value":['
                   + b'{"a":1},' * 1000000 + b"0]}", TAKEN)

    def test_json_names(self) -> None:
        """An object with a million members, none of them known."""
        self.heavy(b'{"event":"GET_INVENTORY",'
                   + b",".join(b'"%x":1' % n for n in range(700000)) + b"}")

    def test_json_numbers_and_text(self) -> None:
        """An array of numbers, and a string of escaped characters."""
        self.heavy(b'{"event":"x","a":[' + b"1," * 4000000 + b"1]}")
        self.heavy(b'{"event":"x","a":"' + b"\\u00e9" * 1300000 + b'"}')

    def test_native_bytes(self) -> None:
        """A byte array for a property of that type."""
        self.heavy(native_set("bytes", Variant("ay", bytes([1]) * (8 * MEBIBYTE) + b"\0")), TAKEN)

    def test_native_values(self) -> None:
        """A list of small values for a property that accepts any type, and for one that does not.
        """
        values = Variant("av", [Variant("i", 1)] * 1000000)
        self.heavy(native_set("any", values), TAKEN)
        self.heavy(native_set("level", values))

    def test_native_nothing(self) -> None:
        """18 MB of a GVariant that is not in normal form."""
        self.heavy(native_set("any", Raw(b"\0\0v" * 6000000)))
        self.heavy(serialize("(ysava{sv})", (0x81, "echo", [Raw(bytes(18000000))], {})))

    def test_heavy_requests_take_turns(self) -> None:
        """Thirty heavy requests of one peer delay another peer by about one, not by thirty."""
        peer = self.known_peer()
        with Watch(self.victim) as watch:
            peer.ask(HEAVY)
        one = watch.longest
        with Watch(self.victim) as watch:
            for number in [peer.request(HEAVY) for _ in range(30)]:
                peer.reply(number)
        print(f"one {one:.2f} s, ", end="")
        self.given_back(watch)
        self.assertLess(watch.longest, 4 * one + 1)

    def test_frames_without_end(self) -> None:
        """A message with frames of a mebibyte that never ends."""
        peer = self.peer()
        with Watch(self.victim) as watch:
            peer.socket.settimeout(2)
            try:
                for _ in range(ENDLESS):
                    peer.send(peer.frame(bytes(MEBIBYTE), MORE))
            except OSError:
                pass  # the server has ended the connection, or reads no more
        peer.close()
        self.given_back(watch)
        self.assertLess(watch.taken, MAX_UNREAD + 2 * BASE)
        self.assertLess(watch.longest, PATIENCE)

    @unittest.skipIf(SECURED, "a secured server has no port for topics")
    def test_topics(self) -> None:
        """A peer sends random topics to generation 2's port and then leaves."""
        peer = Peer(self.victim.honest.signal_port, b"SUB")
        with Watch(self.victim) as watch:
            try:
                for _ in range(TOPICS // 100):
                    peer.send(b"".join(message(b"\1" + random_bytes(100)) for _ in range(100)))
            except OSError:
                pass  # the server has ended the connection
            self.victim.honest.check()
            peer.close()
            self.victim.honest.check()
        self.given_back(watch)
        self.assertLess(watch.taken, FACTOR * TOPICS * 100 + BASE)
        self.assertLess(watch.longest, PATIENCE)

    def test_calls_under_way(self) -> None:
        """The waiting calls of one peer do not cause the calls of another to be refused."""
        peer, other = Peer(self.port), self.peer()
        late = call("late", 1)
        with Watch(self.victim) as watch:
            peer.send(b"".join(peer.message(request_id(1), b"", call("wait"))
                               for _ in range(CALLS)))
            peer.ask(call("add", 1))
            self.assertTrue(read_json(other.ask(late)[0])["success"])
            peer.close()
            for _ in range(10):
                reply = read_json(other.ask(late)[0])
                self.assertTrue(reply["success"], reply)
        self.given_back(watch)
        self.assertLess(watch.taken, CALLS * 4096 + BASE)
        self.assertLess(watch.longest, PATIENCE)

    def test_subscriptions_never_read(self) -> None:
        """Many subscribers grant a large window and read nothing."""
        peers = [Peer(self.port, receive_buffer=4096) for _ in range(SUBSCRIBERS)]
        for peer in peers:
            peer.ask(serialize("(yt)", (SUBSCRIBE, PUSH)))
        sender = self.peer()
        with Watch(self.victim) as watch:
            for turn in range(CHANGES // 100):
                values = [f"{turn} {index}".ljust(CHANGE_SIZE) for index in range(100)]
                for number in [sender.request(native_set("label", Variant("s", value)))
                               for value in values]:
                    sender.reply(number)
            for peer in peers:
                peer.close()
            self.victim.honest.check()
        self.given_back(watch)
        self.assertLess(watch.taken, MAX_TOTAL + BASE)

    def test_replies_never_read(self) -> None:
        """A peer asks for replies of a mebibyte and reads none."""
        peer = Peer(self.port, receive_buffer=4096)
        with Watch(self.victim) as watch:
            peer.send(b"".join(peer.message(request_id(1), b"", call("get_bytes", MEBIBYTE))
                               for _ in range(2000)))
            self.wait_processed(peer)
            peer.close()
            self.victim.honest.check()
        self.given_back(watch)
        self.assertLess(watch.taken, MAX_UNREAD + BASE + 64 * MEBIBYTE)
        self.assertLess(watch.longest, PATIENCE)

    def wait_processed(self, peer: Peer) -> None:
        """A peer writes a property and does not read the change, which all subscribers get."""
        other = self.peer()
        ask = {"event": "PROPERTY_GET", "property": "int"}
        peer.request(native_set("int", Variant("i", 77)))
        wait_until(lambda: read_json(other.ask(json.dumps(ask).encode())[0])["value"] == 77,
                   "all has been read")

    def test_blocking_calls(self) -> None:
        """The blocking calls of one peer leave threads for another."""
        peer, other = self.peer(), self.peer()
        with Watch(self.victim) as watch:
            for _ in range(100):
                peer.request(call("block", 30000))
            peer.ask(call("add", 1))
            begun = time.monotonic()
            self.assertEqual(read_json(other.ask(call("block", 1))[0])["result"], 1)
            waited = time.monotonic() - begun
        print(f"waited {waited:.2f} s ... ", end="")
        peer.close()
        self.assertLess(waited, 15)
        self.assertLess(watch.longest, PATIENCE)


if __name__ == "__main__":
    main()
