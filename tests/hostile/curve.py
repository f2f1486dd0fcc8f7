# SPDX-License-Identifier: LGPL-2.1-or-later
"""Speaks CURVE by hand as a client, so that a peer whose key is allowed can send what libzmq never
sends.

The format is specified by https://rfc.zeromq.org/spec/26/. The boxes are libsodium's, with which
libzmq is linked.
"""

import ctypes
import os
import struct
from typing import NamedTuple

_sodium = ctypes.CDLL("libsodium.so.23")
_sodium.crypto_box_easy_afternm.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulonglong, ctypes.c_char_p, ctypes.c_char_p]
_sodium.crypto_box_open_easy_afternm.argtypes = _sodium.crypto_box_easy_afternm.argtypes

KEY_SIZE = 32
MAC_SIZE = 16
COOKIE_SIZE = 96
MORE, COMMAND = 1, 2  # of the flags within a message


class Broken(ValueError):
    """What came cannot be opened."""


class Pair(NamedTuple):
    """A pair of keys."""

    public: bytes
    secret: bytes


def make_pair() -> Pair:
    """Return a new pair of keys."""
    public, secret = (ctypes.create_string_buffer(KEY_SIZE) for _ in range(2))
    _sodium.crypto_box_keypair(public, secret)
    return Pair(public.raw, secret.raw)


class Box:
    """What one pair of keys and the public key of another one seal and open."""

    def __init__(self, other: bytes, own: Pair) -> None:
        shared = ctypes.create_string_buffer(KEY_SIZE)
        if _sodium.crypto_box_beforenm(shared, other, own.secret) != 0:
            raise Broken("a weak key")
        self._shared = shared.raw

    def seal(self, data: bytes, nonce: bytes) -> bytes:
        """Return the sealed data, which is longer by MAC_SIZE."""
        sealed = ctypes.create_string_buffer(len(data) + MAC_SIZE)
        _sodium.crypto_box_easy_afternm(sealed, data, len(data), nonce, self._shared)
        return sealed.raw

    def open(self, sealed: bytes, nonce: bytes) -> bytes:
        """Return the data that was sealed."""
        data = ctypes.create_string_buffer(max(len(sealed) - MAC_SIZE, 0))
        if _sodium.crypto_box_open_easy_afternm(data, sealed, len(sealed), nonce,
                                                self._shared) != 0:
            raise Broken("a box that was sealed by another key, or changed")
        return data.raw


def number_nonce(name: bytes, number: int) -> bytes:
    """Return the nonce of a numbered box."""
    return name + struct.pack(">Q", number)


class Curve:
    """The client's end of one connection: makes its commands, and reads those of the server."""

    def __init__(self, server: bytes, own: Pair) -> None:
        self._server, self._own, self._transient = server, own, make_pair()
        self._first = Box(server, self._transient)
        self._session: Box | None = None
        self._session_key = self._cookie = b""
        self._number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    def hello(self) -> bytes:
        """Return the body of HELLO."""
        number = self._next()
        proof = self._first.seal(bytes(64), number_nonce(b"CurveZMQHELLO---", number))
        return (b"\x05HELLO\x01\x00" + bytes(72) + self._transient.public
                + struct.pack(">Q", number) + proof)

    def take_welcome(self, body: bytes) -> None:
        """Read WELCOME."""
        if not body.startswith(b"\x07WELCOME"):
            raise Broken(f"not a WELCOME: {body[:40]!r}")
        opened = self._first.open(body[24:], b"WELCOME-" + body[8:24])
        self._session_key, self._cookie = opened[:KEY_SIZE], opened[KEY_SIZE:]
        self._session = Box(self._session_key, self._transient)

    def initiate(self, properties: bytes) -> bytes:
        """Return the body of INITIATE, with the properties that READY has otherwise."""
        number, random = self._next(), os.urandom(16)
        vouch = Box(self._session_key, self._own).seal(
            self._transient.public + self._server, b"VOUCH---" + random)
        sealed = self._session.seal(self._own.public + random + vouch + properties,
                                    number_nonce(b"CurveZMQINITIATE", number))
        return b"\x08INITIATE" + self._cookie + struct.pack(">Q", number) + sealed

    def take_ready(self, body: bytes) -> None:
        """Read READY, which the server sends once the key is allowed."""
        if not body.startswith(b"\x05READY"):
            raise Broken(f"not a READY: {body[:40]!r}")
        self._session.open(body[14:], b"CurveZMQREADY---" + body[6:14])

    def seal(self, data: bytes, flags: int = 0) -> bytes:
        """Return the body of MESSAGE for one frame."""
        number = self._next()
        sealed = self._session.seal(bytes([flags]) + data,
                                    number_nonce(b"CurveZMQMESSAGEC", number))
        return b"\x07MESSAGE" + struct.pack(">Q", number) + sealed

    def open(self, body: bytes) -> tuple[int, bytes]:
        """Return the flags and the content of the frame in a MESSAGE."""
        if not body.startswith(b"\x07MESSAGE"):
            raise Broken(f"not a MESSAGE: {body[:40]!r}")
        opened = self._session.open(body[16:], b"CurveZMQMESSAGES" + body[8:16])
        return opened[0], opened[1:]
