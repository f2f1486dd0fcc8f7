# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serialises GVariants by hand, so that any part of a message can be wrong.

https://docs.gtk.org/glib/gvariant-specification.html
"""

import struct
from dataclasses import dataclass
from typing import Any

_FORMATS = {"b": "B", "y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "h": "i", "x": "q",
            "t": "Q", "d": "d"}


@dataclass(frozen=True)
class Raw:
    """Bytes instead of a value, valid or not."""
    data: bytes


@dataclass(frozen=True)
class Variant:
    """The child of a variant."""
    type: str
    value: Any


def split(types: str) -> list[str]:
    """Return the complete types that a type string consists of."""
    found = []
    while types:
        size = _measure(types)
        found.append(types[:size])
        types = types[size:]
    return found


def _measure(types: str) -> int:
    if types[0] in "am":
        return 1 + _measure(types[1:])
    if types[0] not in "({":
        return 1
    end = 1
    while types[end] not in ")}":
        end += _measure(types[end:])
    return end + 1


def _members(kind: str) -> list[str]:
    return split(kind[1:-1])


def _alignment(kind: str) -> int:
    if kind[0] in "am":
        return _alignment(kind[1:])
    if kind[0] in "({":
        return max((_alignment(member) for member in _members(kind)), default=1)
    if kind == "v":
        return 8
    return struct.calcsize(_FORMATS[kind]) if kind in _FORMATS else 1


def _fixed_size(kind: str) -> int:
    """Return the size of every value of a type, or 0 if the sizes differ."""
    if kind in _FORMATS:
        return struct.calcsize(_FORMATS[kind])
    if kind[0] not in "({":
        return 0
    size = 0
    for member in _members(kind):
        if not _fixed_size(member):
            return 0
        size = _pad(size, _alignment(member)) + _fixed_size(member)
    return _pad(size, _alignment(kind)) or 1


def _pad(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _with_offsets(body: bytes, offsets: list[int]) -> bytes:
    for size, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q")):
        if len(body) + size * len(offsets) < 1 << 8 * size:
            return body + b"".join(struct.pack("<" + code, offset) for offset in offsets)
    raise OverflowError


def _array(kind: str, values: list[Any]) -> bytes:
    body, offsets = bytearray(), []
    for value in values:
        body += bytes(_pad(len(body), _alignment(kind)) - len(body)) + serialize(kind, value)
        offsets.append(len(body))
    return bytes(body) if _fixed_size(kind) else _with_offsets(bytes(body), offsets)


def _tuple(kind: str, values: tuple[Any, ...]) -> bytes:
    body, offsets, members = bytearray(), [], _members(kind)
    for member, value in zip(members, values):
        body += bytes(_pad(len(body), _alignment(member)) - len(body)) + serialize(member, value)
        if not _fixed_size(member):
            offsets.append(len(body))
    if _fixed_size(kind):
        return bytes(body) + bytes(max(0, _fixed_size(kind) - len(body)))
    if not _fixed_size(members[-1]):
        offsets.pop()
    return _with_offsets(bytes(body), offsets[::-1])


def serialize(kind: str, value: Any) -> bytes:
    """Serialise a value of a type, little-endian. A string may be given as bytes."""
    if isinstance(value, Raw):
        return value.data
    if kind in _FORMATS:
        return struct.pack("<" + _FORMATS[kind], value)
    if kind in "sog":
        return (value.encode() if isinstance(value, str) else value) + b"\0"
    if kind == "v":
        return serialize(value.type, value.value) + b"\0" + value.type.encode()
    if kind[0] == "a":
        return _array(kind[1:], list(value.items()) if isinstance(value, dict) else value)
    if kind[0] == "m":
        just = b"" if value is None else serialize(kind[1:], value)
        return just if value is None or _fixed_size(kind[1:]) else just + b"\0"
    return _tuple(kind, value)


def text_of(payload: bytes) -> tuple[str, str, str]:
    """Return the name, the message and the traceback of an error `(ysss)`."""
    name, message, traceback = payload[1:].split(b"\0")[:3]
    return name.decode(), message.decode(), traceback.decode()
