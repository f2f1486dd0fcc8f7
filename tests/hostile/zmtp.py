# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes ZMTP 3 by hand on a TCP socket, so that a peer can send what libzmq never sends.

The format is specified by https://rfc.zeromq.org/spec/23/ and, with PING and SUBSCRIBE, by spec 37.
At a port of which the key is known, a peer speaks CURVE.
"""

import os
import select
import socket
import struct
import time
from types import TracebackType

from curve import Curve, Pair

DEADLINE = 30.0  # seconds after which a message counts as missing
SIGNATURE = b"\xff" + bytes(7) + b"\x01\x7f\x03\x00"
GREETING = SIGNATURE + b"NULL".ljust(20, b"\0") + bytes(32)
CURVE_GREETING = SIGNATURE + b"CURVE".ljust(20, b"\0") + bytes(32)
GREETING_SIZE = 64
PUSH = 1 << 63  # set in the number of a push on the native wire
FIRST_REQUEST = 1 << 20  # above the numbers that tests choose themselves

MORE, LONG, COMMAND = 1, 2, 4
SEAL_SIZE = 33  # bytes by which CURVE makes each frame longer
MAX_FRAME = (64 << 20) + SEAL_SIZE  # bytes of the largest frame that may come in


class Gone(ConnectionError):
    """The other side has closed the connection."""


def frame(data: bytes, flags: int = 0) -> bytes:
    """Return a frame whose size has the right form."""
    if len(data) > 255:
        return struct.pack(">BQ", flags | LONG, len(data)) + data
    return bytes([flags, len(data)]) + data


def message(*frames: bytes) -> bytes:
    """The frames of one message."""
    return b"".join(frame(data, MORE) for data in frames[:-1]) + frame(frames[-1])


def command(name: bytes, data: bytes = b"") -> bytes:
    """A command frame."""
    return frame(bytes([len(name)]) + name + data, COMMAND)


def metadata(name: bytes, value: bytes) -> bytes:
    """One property of READY."""
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


def describe(kind: bytes, identity: bytes | None = None) -> bytes:
    """The properties of a socket of that type."""
    properties = metadata(b"Socket-Type", kind)
    if identity is not None:
        properties += metadata(b"Identity", identity)
    return properties


def ready(kind: bytes, identity: bytes | None = None) -> bytes:
    """The command READY of a socket of that type."""
    return command(b"READY", describe(kind, identity))


def request_id(number: int) -> bytes:
    """The frame by which a plantrpc client numbers its requests."""
    return struct.pack("<Q", number)


class Stream:
    """A socket that is read frame by frame."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._data = bytearray()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; bytes that were not read are lost."""
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes unchanged."""
        self.socket.sendall(data)

    def _more(self, end: float) -> None:
        if not select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError("nothing came")
        try:
            data = self.socket.recv(1 << 20)
        except OSError as error:
            raise Gone(str(error)) from error
        if not data:
            raise Gone("the connection was closed")
        self._data += data

    def read(self, size: int, end: float) -> bytes:
        """Read exactly that many bytes."""
        while len(self._data) < size:
            self._more(end)
        data = bytes(self._data[:size])
        del self._data[:size]
        return data

    def read_frame(self, end: float) -> tuple[int, bytes]:
        """Read the flags and the content of the next frame."""
        flags = self.read(1, end)[0]
        size = struct.unpack(">Q", self.read(8, end))[0] if flags & LONG else self.read(1, end)[0]
        return flags, self.read(size, end)

    def receive(self, timeout: float = DEADLINE) -> list[bytes]:
        """Read the frames of the next message. Commands are skipped."""
        end, frames = time.monotonic() + timeout, []
        while True:
            flags, data = self.read_frame(end)
            if flags & COMMAND:
                continue
            frames.append(data)
            if not flags & MORE:
                return frames

    def wait_closed(self, timeout: float = DEADLINE) -> bool:
        """Return whether the other side closes the connection; bytes before that are dropped."""
        end = time.monotonic() + timeout
        try:
            while True:
                self._data.clear()
                self._more(end)
        except Gone:
            return True
        except TimeoutError:
            return False


def open_socket(port: int, receive_buffer: int = 0) -> socket.socket:
    """A connection to a port on loopback."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(DEADLINE)
    connection.connect(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Peer(Stream):
    """A client that has finished its handshake."""

    # The key of the server at each secured port, and the pair with which peers connect there.
    secured: dict[int, tuple[bytes, Pair]] = {}

    def __init__(self, port: int, kind: bytes = b"DEALER", identity: bytes | None = None,
                 receive_buffer: int = 0, own: Pair | None = None) -> None:
        super().__init__(open_socket(port, receive_buffer))
        self._number = FIRST_REQUEST
        self.curve: Curve | None = None
        try:
            if port in self.secured:
                server, usual = self.secured[port]
                self._shake_hands_by_curve(Curve(server, own or usual), describe(kind, identity))
            else:
                self._shake_hands(ready(kind, identity))
        except BaseException:
            self.close()
            raise

    def _shake_hands(self, data: bytes) -> None:
        end = time.monotonic() + DEADLINE
        self.send(GREETING)
        self.read(GREETING_SIZE, end)
        self.send(data)
        self.read_frame(end)

    def _shake_hands_by_curve(self, curve: Curve, properties: bytes) -> None:
        end = time.monotonic() + DEADLINE
        self.send(CURVE_GREETING)
        self.read(GREETING_SIZE, end)
        self.send(frame(curve.hello(), COMMAND))
        curve.take_welcome(self.read_frame(end)[1])
        self.send(frame(curve.initiate(properties), COMMAND))
        curve.take_ready(self.read_frame(end)[1])
        self.curve = curve

    def frame(self, data: bytes, flags: int = 0) -> bytes:
        """Return the bytes of one frame, sealed where the connection is secured."""
        if self.curve is None:
            return frame(data, flags)
        command_bit = 2 if flags & COMMAND else 0
        return frame(self.curve.seal(data, flags & MORE | command_bit))

    def message(self, *frames: bytes) -> bytes:
        """Return the bytes of one message, sealed where the connection is secured."""
        return b"".join([*(self.frame(data, MORE) for data in frames[:-1]),
                         self.frame(frames[-1])])

    def read_frame(self, end: float) -> tuple[int, bytes]:
        """Read the flags and the content of the next frame, opened."""
        flags, data = super().read_frame(end)
        if self.curve is None:
            return flags, data
        flags, data = self.curve.open(data)
        return flags & MORE | (COMMAND if flags & 2 else 0), data

    def send_message(self, *frames: bytes) -> None:
        """Send one message."""
        self.send(self.message(*frames))

    def request(self, payload: bytes) -> int:
        """Send a request with the next number, and return the number."""
        self._number += 1
        self.send_message(request_id(self._number), b"", payload)
        return self._number

    def reply(self, number: int, timeout: float = DEADLINE) -> list[bytes]:
        """Read the frames behind the delimiter of the reply to a request; other messages are
        dropped."""
        end = time.monotonic() + timeout
        while True:
            frames = self.receive(end - time.monotonic())
            if frames[0] == request_id(number):
                return frames[2:]

    def ask(self, payload: bytes, timeout: float = DEADLINE) -> list[bytes]:
        """Send a request and return its reply."""
        return self.reply(self.request(payload), timeout)


class Acknowledger:
    """A listener like that of a generation 1 client, to which a server connects."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE)
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> Stream:
        """Return the connection of a server, before any handshake."""
        connection, _ = self._listener.accept()
        connection.settimeout(DEADLINE)
        return Stream(connection)

    def accept_server(self, kind: bytes = b"REP") -> Stream:
        """Return the connection of a server, after the handshake."""
        stream, end = self.accept(), time.monotonic() + DEADLINE
        stream.send(GREETING)
        stream.read(GREETING_SIZE, end)
        stream.send(ready(kind))
        stream.read_frame(end)
        return stream

    def close(self) -> None:
        """Refuse further connections."""
        self._listener.close()


def random_bytes(size: int) -> bytes:
    """Return random bytes."""
    return os.urandom(size)
