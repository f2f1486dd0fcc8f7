#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`plantrpc fault`: the effect of each fault on bytes, and on devices of each kind behind it."""

import contextlib
import errno
import json
import os
import re
import select
import signal
import socket
import struct
import threading
import time
import unittest
from typing import Any, Callable

import zmq

from harness import (Case, DEADLINE, KINDS, Mock, NOBODY, Registry, Stream, camera, run,
                     wait_until)

LONG = 30  # seconds; far longer than any wait here, which another event ends
SOON = 0.3  # seconds after which a message that must not come counts as absent
LATER = "2"  # seconds until a fault, before which a busy machine has come to wait for it


class Fault(Stream):
    """The proxy in front of a server. It prints what happens in JSON."""

    def __init__(self, target: str, *options: str) -> None:
        super().__init__("fault", "--json", *options, target)
        self.started = self.event()
        self.url: str = self.started["name"]

    def do(self, *commands: str) -> None:
        """Send commands, and wait until each has been done."""
        for command in commands:
            self.say(command)
            self.until(command.split()[0])


class Far:
    """A plain TCP server, which accepts connections one by one."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(DEADLINE)
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self) -> "Far":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.socket.close()

    def accept(self) -> socket.socket:
        """Return the next connection."""
        connection, _ = self.socket.accept()
        connection.settimeout(DEADLINE)
        return connection


def receive(connection: socket.socket, size: int) -> bytes:
    """Read exactly that many bytes."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError(f"{len(data)} of {size} bytes came")
        data += more
    return data


def is_quiet(connection: socket.socket) -> bool:
    """Check that neither bytes nor the end of the connection arrive."""
    return not select.select([connection], [], [], SOON)[0]


def reset(connection: socket.socket) -> None:
    """Reset a connection, as a machine does that has forgotten it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Bytes(Case):
    """The faults of one plain TCP connection."""

    def pair(self, *options: str) -> tuple[Fault, socket.socket, socket.socket]:
        """Return the proxy, and both ends of a connection through it."""
        self.far = self.start(Far())
        fault = self.start(Fault(self.far.url, *options))
        near, far = self.connect(fault)
        return fault, near, far

    def connect(self, fault: Fault) -> tuple[socket.socket, socket.socket]:
        """Return both ends of another connection."""
        near = self.dial(fault)
        far = self.start(self.far.accept())
        fault.until("connected")
        return near, far

    def dial(self, fault: Fault) -> socket.socket:
        """Return its end at the client."""
        port = int(fault.url.rsplit(":", 1)[1])
        return self.start(socket.create_connection(("127.0.0.1", port), DEADLINE))

    def assert_reset(self, connection: socket.socket) -> None:
        """Check that the connection is reset."""
        with self.assertRaises(ConnectionResetError):
            while connection.recv(65536):
                pass

    def assert_ended(self, connection: socket.socket) -> None:
        """Check that the connection is closed in order."""
        self.assertEqual(connection.recv(1), b"")

    def assert_good(self, near: socket.socket, far: socket.socket) -> None:
        """Check that bytes pass in both directions."""
        near.sendall(b"ping")
        self.assertEqual(receive(far, 4), b"ping")
        far.sendall(b"pong")
        self.assertEqual(receive(near, 4), b"pong")

    def test_all_bytes_pass_both_ways(self) -> None:
        fault, near, far = self.pair()
        self.assertEqual(fault.started, {"event": "serves", "name": fault.url,
                                         "target": self.far.url})
        data = bytes(range(256)) * 20000
        for start, end in ((near, far), (far, near)):
            sender = threading.Thread(target=start.sendall, args=(data,))
            sender.start()
            self.assertEqual(receive(end, len(data)), data)
            sender.join()

    def test_the_end_passes_each_way(self) -> None:
        fault, near, far = self.pair()
        near.sendall(b"last")
        near.shutdown(socket.SHUT_WR)
        self.assertEqual(receive(far, 4), b"last")
        self.assert_ended(far)
        far.sendall(b"more")
        self.assertEqual(receive(near, 4), b"more")
        far.close()
        self.assert_ended(near)
        self.assertEqual(fault.until("ended"), {"event": "ended", "connection": 1})

    def test_a_reset_passes_each_way(self) -> None:
        fault, near, far = self.pair()
        reset(near)
        self.assert_reset(far)
        fault.until("ended")
        near, far = self.connect(fault)
        reset(far)
        self.assert_reset(near)

    def test_delay(self) -> None:
        fault, near, far = self.pair("--delay", "0.5")
        start = time.monotonic()
        near.sendall(b"a")
        near.sendall(b"b")
        self.assertEqual(receive(far, 2), b"ab")
        self.assertGreaterEqual(time.monotonic() - start, 0.5)
        fault.do("delay 0.2")
        start = time.monotonic()
        self.assert_good(near, far)
        self.assertGreaterEqual(time.monotonic() - start, 0.4)
        fault.say("delay 0")
        self.assertEqual(fault.until("delay"), {"event": "delay", "seconds": 0})
        self.assert_good(near, far)

    def test_a_delayed_line_is_not_narrow(self) -> None:
        _, near, far = self.pair("--delay", "0.5")
        data = bytes(4 * 1024 * 1024)
        sender = threading.Thread(target=near.sendall, args=(data,))
        start = time.monotonic()
        sender.start()
        self.assertEqual(len(receive(far, len(data))), len(data))
        sender.join()
        # In portions of a buffer of 64 KiB it would take 32 seconds.
        self.assertLess(time.monotonic() - start, 16)

    def test_rate(self) -> None:
        fault, near, far = self.pair("--rate", "64K")
        start = time.monotonic()
        far.sendall(bytes(64 * 1024))
        receive(near, 64 * 1024)
        self.assertGreaterEqual(time.monotonic() - start, 0.9)
        fault.do("rate 0")
        self.assert_good(near, far)

    def test_who_sends_feels_a_narrow_line(self) -> None:
        _, near, _ = self.pair("--rate", "1K")
        near.setblocking(False)
        size = 0
        while select.select([], [near], [], SOON)[1]:
            size += near.send(bytes(65536))
            self.assertLess(size, 16 * 1024 * 1024)

    def test_little_is_held_for_who_does_not_read(self) -> None:
        """Between ends that hold next to nothing themselves."""
        for swapped in (False, True):
            with Far() as server, Fault(server.url) as fault, socket.socket() as near:
                for end in (server.socket, near):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
                near.connect(("127.0.0.1", int(fault.url.rsplit(":", 1)[1])))
                with server.accept() as far:
                    start, size = far if swapped else near, 0
                    start.setblocking(False)
                    while select.select([], [start], [], SOON)[1]:
                        size += start.send(bytes(65536))
                        self.assertLess(size, 480 * 1024)

    def test_freeze_and_thaw(self) -> None:
        fault, near, far = self.pair()
        fault.do("freeze")
        near.sendall(b"up")
        far.sendall(b"down")
        self.assertTrue(is_quiet(near) and is_quiet(far))
        fault.do("thaw")
        self.assertEqual(receive(far, 2) + receive(near, 4), b"updown")
        self.assert_good(near, far)

    def test_freeze_one_way(self) -> None:
        fault, near, far = self.pair()
        for way, start, end in (("up", near, far), ("down", far, near)):
            fault.do(f"freeze {way}")
            start.sendall(b"1")
            end.sendall(b"2")
            self.assertEqual(receive(start, 1), b"2", way)
            self.assertTrue(is_quiet(end), way)
            fault.do(f"thaw {way}")
            self.assertEqual(receive(end, 1), b"1", way)

    def test_freeze_holds_for_connections_to_come_and_hides_an_end(self) -> None:
        fault, near, far = self.pair()
        fault.do("freeze")
        new = self.dial(fault)
        new_far = self.start(self.far.accept())
        new.sendall(b"new")
        near.close()
        self.assertTrue(is_quiet(new_far) and is_quiet(far))
        fault.do("thaw")
        self.assertEqual(receive(new_far, 3), b"new")
        self.assert_ended(far)

    def test_freeze_for_a_while(self) -> None:
        fault, near, far = self.pair()
        fault.say("freeze up 0.2")
        self.assertEqual(fault.until("freeze"), {"event": "freeze", "way": "up", "seconds": 0.2})
        near.sendall(b"x")
        self.assertEqual(fault.until("thaw"), {"event": "thaw", "way": "up"})
        self.assertEqual(receive(far, 1), b"x")

    def test_reset(self) -> None:
        fault, near, far = self.pair()
        fault.do("reset")
        self.assert_reset(near)
        self.assert_reset(far)
        fault.until("ended")
        self.assert_good(*self.connect(fault))

    def test_drop(self) -> None:
        fault, near, far = self.pair()
        fault.do("drop")
        self.assert_ended(near)
        self.assert_ended(far)
        self.assert_good(*self.connect(fault))

    def test_half_close(self) -> None:
        fault, near, far = self.pair()
        fault.do("half-close")
        self.assert_ended(near)
        near.sendall(b"up")
        self.assertEqual(receive(far, 2), b"up")
        far.sendall(b"swallowed")
        self.assertTrue(is_quiet(far))
        near, far = self.connect(fault)
        fault.do("half-close up")
        self.assert_ended(far)
        far.sendall(b"down")
        self.assertEqual(receive(near, 4), b"down")

    def test_forget(self) -> None:
        fault, near, far = self.pair()
        fault.do("forget")
        for start, end in ((near, far), (far, near)):
            start.sendall(bytes(1024 * 1024))
            self.assertTrue(is_quiet(end))
        near.close()
        self.assertTrue(is_quiet(far))
        near, far = self.connect(fault)
        self.assert_good(near, far)
        fault.do("forget")
        reset(near)
        self.assertTrue(is_quiet(far))

    def test_forget_one_way_for_a_while(self) -> None:
        fault, near, far = self.pair()
        fault.say(f"forget down {LATER}")
        fault.until("forget")
        far.sendall(b"swallowed")
        near.sendall(b"up")
        self.assertEqual(receive(far, 2), b"up")
        fault.until("reset")
        self.assert_reset(near)

    def test_refuse_and_accept(self) -> None:
        fault, near, far = self.pair()
        fault.do("accept", "refuse", "refuse")
        with self.assertRaises(ConnectionRefusedError):
            self.dial(fault)
        self.assert_good(near, far)
        fault.do("accept")
        self.assert_good(*self.connect(fault))
        fault.say("refuse 0.2")
        fault.until("accept")
        self.assert_good(*self.connect(fault))

    def test_kill(self) -> None:
        fault, near, far = self.pair()
        fault.do("kill")
        self.assert_reset(near)
        self.assert_reset(far)
        with self.assertRaises(ConnectionRefusedError):
            self.dial(fault)
        fault.do("accept")
        fault.say("kill 0.2")
        self.assertEqual(fault.until("kill"), {"event": "kill", "seconds": 0.2})
        fault.until("accept")
        self.assert_good(*self.connect(fault))

    def test_its_port_stays_its_own_while_it_refuses(self) -> None:
        fault, _, _ = self.pair()
        fault.do("refuse")
        port = int(fault.url.rsplit(":", 1)[1])
        with self.start(socket.socket()) as other, self.assertRaises(OSError) as raised:
            other.bind(("127.0.0.1", port))
        self.assertEqual(raised.exception.errno, errno.EADDRINUSE)

    def test_what_is_done_to_old_connections(self) -> None:
        for option, check in (("reset", self.assert_reset), ("drop", self.assert_ended),
                              ("half-close", self.assert_ended)):
            fault, near, _ = self.pair(f"--{option}-after", "0.2")
            check(near)
            self.assertEqual(fault.until(option)["connection"], 1)
        for option in ("freeze", "forget"):
            fault, near, far = self.pair(f"--{option}-after", LATER)
            self.assert_good(near, far)
            self.assertEqual(fault.until(option), {"event": option, "connection": 1})
            near.sendall(b"x")
            self.assertTrue(is_quiet(far), option)
            self.assert_good(*self.connect(fault))

    def test_what_is_held_goes_with_its_connection(self) -> None:
        fault, near, far = self.pair("--delay", "0.3")
        near.sendall(b"never")
        fault.do("reset")
        self.assert_reset(far)
        self.assert_good(*self.connect(fault))

    def test_each_connection_has_an_age_of_its_own(self) -> None:
        fault, first, _ = self.pair("--reset-after", LATER)
        self.assertTrue(is_quiet(first))
        self.connect(fault)
        events = [fault.event() for _ in range(4)]
        for number in (1, 2):
            resets, ends = ([events.index({"event": what, "connection": number})]
                            for what in ("reset", "ended"))
            self.assertLess(resets, ends)

    def test_one_half_closed_connection_leaves_the_others_alone(self) -> None:
        fault, first, _ = self.pair("--half-close-after", LATER)
        self.assertTrue(is_quiet(first))
        other, _ = self.connect(fault)
        self.assert_ended(other)
        # It is not closed before its own turn: that has been told when the next command is done.
        fault.say("rate 0")
        events = []
        while not events or events[-1]["event"] != "rate":
            events.append(fault.event())
        self.assertIn({"event": "half-close", "way": "down", "connection": 2}, events)

    def test_what_has_ended_leaves_nothing_open(self) -> None:
        fault, _, _ = self.pair()
        folder = f"/proc/{fault.process.pid}/fd"
        n_open = len(os.listdir(folder))
        for _ in range(4):
            near, far = self.connect(fault)
            near.close()
            self.assert_ended(far)
            far.close()
            fault.until("ended")
        wait_until(lambda: len(os.listdir(folder)) <= n_open, "all closed")

    def test_nobody_there(self) -> None:
        fault = self.start(Fault(NOBODY))
        # The reset may come while the socket still connects.
        with self.assertRaises(ConnectionResetError):
            self.dial(fault).recv(1)
        self.assertIn("refused", fault.until("failed")["error"])

    def test_by_chance(self) -> None:
        def events(*options: str) -> list[dict[str, Any]]:
            with Fault(self.far.url, *options, "--every", "0.01") as fault:
                self.seed = fault.until("seed")["name"]
                happened = (fault.event() for _ in range(LONG))
                # The end of a fault comes at any time, so it is left out.
                return [event for event in happened
                        if event["event"] not in ("thaw", "accept", "reset")]

        self.far = self.start(Far())
        first = events("--random")
        again = events("--seed", self.seed)
        shorter = min(len(first), len(again))
        self.assertGreater(shorter, 5)
        self.assertEqual(first[:shorter], again[:shorter])
        self.assertNotEqual(events("--random")[:5], first[:5])


class Devices(Case):
    """Devices of each kind behind the proxy."""

    def test_calls_and_signals_pass(self) -> None:
        for kind in KINDS:
            with self.subTest(kind=kind), camera(kind) as device, Fault(device.url) as fault:
                self.good("set", fault.url, "rotation", "45")
                self.assertEqual(self.json("get", device.url, "rotation"), 45)
                monitor = self.start(Stream("monitor", "--json", "--signals", "--initial",
                                            fault.url, "rotation"))
                self.assertEqual(monitor.event()["value"], 45)
                self.hear(monitor, device.url)

    def hear(self, monitor: Stream, url: str) -> None:
        """A publisher takes a moment to have subscribers, so changes go on until one arrives."""
        heard = threading.Event()

        def change() -> None:
            angle = 0
            while not heard.is_set():
                angle = (angle + 1) % 360
                run("set", url, "rotation", str(angle))

        changer = threading.Thread(target=change)
        changer.start()
        try:
            monitor.until("property")
        finally:
            heard.set()
            changer.join()

    def ask(self, url: str, request: Any, during: Callable[[], None]) -> dict[str, Any]:
        """Return the reply of a peer on Plant Imager's wires."""
        asking = zmq.Context.instance().socket(zmq.REQ)
        try:
            asking.setsockopt(zmq.LINGER, 0)
            asking.setsockopt(zmq.RCVTIMEO, DEADLINE * 1000)
            asking.connect(url)
            asking.send_json(request)
            during()
            return asking.recv_json()
        finally:
            asking.close()

    def test_the_port_of_signals_is_a_door_of_its_own(self) -> None:
        request = {"event": "INIT_SIGNALS_HANDLING"}
        with camera("generation2") as device, Fault(device.url) as fault:
            true = self.ask(device.url, request, lambda: None)
            told = self.ask(fault.url, request, lambda: None)
            self.assertNotEqual(true["signal_port"], told["signal_port"])
            self.assertEqual(set(true), set(told))
            self.assertEqual(self.ask(fault.url, request, lambda: None), told)

    def test_a_generation_1_device_connects_to_the_door(self) -> None:
        context = zmq.Context.instance()
        with camera("generation1") as device, Fault(device.url, "--calls-only") as fault, \
                context.socket(zmq.REP) as listener:
            port = listener.bind_to_random_port("tcp://127.0.0.1")
            self.ask(fault.url, {"event": "INIT_SIGNALS_HANDLING", "address": "127.0.0.1",
                                 "port": port}, lambda: None)
            fault.until("connected")
            # The second connection is from the device to the client, through the proxy.
            fault.until("connected")

    def test_signals_may_be_left_alone(self) -> None:
        context = zmq.Context.instance()
        with camera("generation2") as device, Fault(device.url, "--calls-only") as fault, \
                context.socket(zmq.SUB) as listener:
            port = self.ask(fault.url, {"event": "INIT_SIGNALS_HANDLING"},
                            lambda: None)["signal_port"]
            listener.setsockopt(zmq.SUBSCRIBE, b"")
            listener.setsockopt(zmq.RCVTIMEO, 100)
            listener.connect(f"tcp://127.0.0.1:{port}")
            fault.do("freeze")
            end = time.monotonic() + DEADLINE
            message = None
            angle = 0
            while message is None and time.monotonic() < end:
                angle = (angle + 1) % 360
                self.good("set", device.url, "rotation", str(angle))
                try:
                    message = json.loads(listener.recv())
                except zmq.Again:
                    continue
            self.assertEqual(message["signal"], "rotationChanged")
            # Its door does not refuse, either.
            fault.do("kill")
            with socket.create_connection(("127.0.0.1", port), DEADLINE) as connection:
                self.assertEqual(connection.recv(1), b"\xff")

    def answering(self, answer: Callable[[Any], Any]) -> str:
        """Return the URL of a proxy in front of a device that answers each request like that."""
        context = zmq.Context()
        device = context.socket(zmq.REP)
        device.linger = 0
        port = device.bind_to_random_port("tcp://127.0.0.1")

        def serve() -> None:
            with contextlib.suppress(zmq.ContextTerminated):
                while True:
                    device.send_json(answer(device.recv_json()))
            device.close()
        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(context.term)
        return self.start(Fault(f"tcp://127.0.0.1:{port}")).url

    def test_which_numbers_are_ports(self) -> None:
        replies = [({"success": True, "signal_port": 5}, "signal_port"),
                   ({"success": True, "port": 65535}, "port"),
                   ({"success": False, "signal_port": 5}, None), ({"signal_port": 5}, None),
                   ({"success": False, "port": 5}, None), ({"success": True, "port": 0}, None),
                   ({"success": True, "port": 65536}, None), ({"success": 1, "port": 5}, None),
                   ({"success": True, "port": -5}, None), ({"success": True, "port": "5"}, None)]
        url = self.answering(lambda number: replies[number][0])
        for number, (reply, name) in enumerate(replies):
            self.assert_moved(reply, self.ask(url, number, lambda: None), name)
        url = self.answering(lambda request: {"heard": request})
        init = {"event": "INIT_SIGNALS_HANDLING", "address": "127.0.0.1"}
        for request, name in ((init | {"port": 5}, "port"), (init | {"signal_port": 5}, None),
                              ({"event": init["event"], "port": 5}, None),
                              (init | {"event": "PING", "port": 5, "success": True}, None)):
            self.assert_moved(request, self.ask(url, request, lambda: None)["heard"], name)

    def assert_moved(self, message: Any, told: Any, name: str | None) -> None:
        """Check that of a message at most the member of that name has been replaced."""
        if name is not None:
            self.assertNotEqual(told.pop(name), message[name])
            message = {key: value for key, value in message.items() if key != name}
        self.assertEqual(told, message)

    def test_only_so_many_ports_have_doors(self) -> None:
        url = self.answering(lambda port: {"success": True, "port": port})
        told = [self.ask(url, 20000 + number, lambda: None)["port"] for number in range(66)]
        self.assertEqual([port == 20000 + number for number, port in enumerate(told)],
                         [False] * 64 + [True] * 2)
        self.assertEqual(self.ask(url, 20000, lambda: None)["port"], told[0])

    def test_long_and_strange_messages_stay_as_they_are(self) -> None:
        texts = ["x" * 255, "x" * 256, "x" * 100000, '{"success": true, "port": 1}', "{", ""]
        with camera("native") as device, Fault(device.url) as fault:
            for text in texts:
                request = {"event": "METHOD_CALL", "method": "echo",
                           "params": {"args": [text], "kwargs": {}}}
                self.assertEqual(self.ask(fault.url, request, lambda: None)["result"], text)

    def test_a_device_by_its_name(self) -> None:
        registry = self.start(Registry())
        mock = self.start(Mock("--name", "cam", "-r", registry.url))
        mock.until("named")
        fault = self.start(Fault("cam", "-r", registry.url))
        self.assertEqual(fault.started["target"], mock.url)
        self.assertEqual(self.good("get", fault.url, "mode"), "STILL\n")

    def test_a_registry(self) -> None:
        registry = self.start(Registry())
        fault = self.start(Fault(registry.url))
        mock = self.start(Mock("--name", "cam", "-r", fault.url))
        mock.until("named")
        self.assertEqual(len(self.json("list", fault.url)), 1)

    def test_a_socket_of_this_machine(self) -> None:
        url = f"ipc://{self.folder()}/socket"
        self.start(Mock("--url", url))
        fault = self.start(Fault(url))
        self.assertEqual(self.good("get", fault.url, "mode"), "STILL\n")

    def test_a_client_gets_over_it(self) -> None:
        mock = self.start(Mock())
        fault = self.start(Fault(mock.url))
        monitor = self.start(Stream("monitor", "--json", "--initial", fault.url, "mode"))
        self.assertEqual(monitor.event()["value"], "STILL")
        fault.do("refuse", "reset")
        self.assertEqual(monitor.event()["state"], "disconnected")
        mock.say("set mode VIDEO")
        fault.do("accept")
        events = [monitor.event(), monitor.event()]
        self.assertEqual({event["event"] for event in events}, {"state", "property"})


    def test_a_ping_goes_on_behind_what_is_lost(self) -> None:
        mock = self.start(Mock())
        fault = self.start(Fault(mock.url))
        ping = self.start(Stream("ping", "--json", "-i", "0.05", fault.url))
        lines = [json.loads(ping.line())]
        fault.do("refuse", "reset")
        while "error" not in lines[-1]:
            lines.append(json.loads(ping.line()))
        fault.do("accept")
        while "time" not in lines[-1]:
            lines.append(json.loads(ping.line()))
        self.assertEqual([line["seq"] for line in lines], list(range(1, len(lines) + 1)))
        ping.process.send_signal(signal.SIGINT)
        while "sent" not in (last := json.loads(ping.line())):
            lines.append(last)
        self.assertEqual(last["received"], sum("time" in line for line in lines))
        self.assertEqual(last["sent"], len(lines))


class Command(Case):
    """The command line and standard input."""

    def test_bad_options(self) -> None:
        for options in (("--delay", "-1"), ("--delay", "x"), ("--rate", "12Q"), ("--rate", ""),
                        ("--reset-after", "soon"), ("--seed", "-3"), ("--seed", "x"),
                        ("--random", "--every", "0")):
            self.assertIn(options[0] if options[0] != "--random" else "--every",
                          self.bad(2, "fault", NOBODY, *options))
        self.bad(2, "fault")
        self.bad(2, "fault", "udp://127.0.0.1:5")

    def test_bad_commands_are_told(self) -> None:
        with Fault(NOBODY) as fault:
            for line in ("melt", "freeze sideways", "reset 3", "rate", "delay", "thaw up 1",
                         "refuse up", "'"):
                fault.say(line)
            fault.say("reset")
            self.assertEqual(fault.event(), {"event": "reset"})
            status, errors = fault.end()
        self.assertEqual(status, 130)
        self.assertEqual(len(errors.splitlines()), 8)

    def test_for_people(self) -> None:
        with Stream("fault", NOBODY) as stream:
            self.assertRegex(stream.line(), r"serves .*tcp://127\.0\.0\.1:\d+ +→ " + NOBODY)
            stream.say("freeze down 2")
            self.assertRegex(stream.line(), r"freeze +down 2\.000 s$")
            stream.say("rate 1K")
            self.assertRegex(stream.line(), r"rate +1024 B/s$")
            stream.say("delay 0")
            self.assertRegex(stream.line(), r"delay +0\.000 s$")

    def test_connections_for_people(self) -> None:
        far = self.start(Far())
        with Stream("fault", "--half-close-after", "0", far.url) as stream:
            port = int(re.search(r"tcp://127\.0\.0\.1:(\d+)", stream.line())[1])
            near = self.start(socket.create_connection(("127.0.0.1", port), DEADLINE))
            end = self.start(far.accept())
            self.assertEqual(stream.line()[14:], "connected  #1")
            self.assertEqual(stream.line()[14:], "half-close  #1 down")
            near.close()
            end.close()
            self.assertEqual(stream.line()[14:], "ended     #1")
        with Stream("fault", NOBODY) as stream:
            port = int(re.search(r"tcp://127\.0\.0\.1:(\d+)", stream.line())[1])
            with contextlib.suppress(ConnectionResetError):
                socket.create_connection(("127.0.0.1", port), DEADLINE).close()
            self.assertRegex(stream.line()[14:], r"^failed    #1 +\S.*refused$")

    def test_it_ends_in_time(self) -> None:
        self.assertIn("serves", self.good("fault", NOBODY, "--timeout", "0.1"))


if __name__ == "__main__":
    unittest.main()
