# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wrong requests, made from the library's own table of events and from the members of a server.

Each case is a name and a payload. A server must answer each of them once, or at most once if the
event has no reply.
"""

import json
import math
import subprocess
from typing import Any, Iterator

from variant import Raw, Variant, serialize, split
from victim import PRINT_WIRE

Case = tuple[str, bytes]
Event = dict[str, Any]

NAMES = ["", "-", "_", "a-b", "notify", "g-type-instance", "ref-count", "constructor",
         "remote-name", "notify::level", "level\n", "%s%n%64d", "../level", "Level", "LEVEL",
         "lével", "\u202eevil", "\x1b[2J", "\x7f\x85", "a" * 255, "a" * 256, "a" * 70000,
         *(f"{'a' * n}\u00e9{'b' * 30}" for n in (62, 63, 64, 79, 80, 253, 254, 255)),
         f"{'a' * 253}\U0001f33f", "\u00e9" * 200]

DEEP = (39, 40, 41, 100, 10000)

JSON: dict[str, bytes] = {
    "zero": b"0", "minus zero": b"-0", "minus one": b"-1", "one": b"1", "two": b"2",
    "beyond a port": b"65536", "32 bits": b"4294967296", "largest": b"9223372036854775807",
    "smallest": b"-9223372036854775808", "below 64 bits": b"-9223372036854775809",
    "beyond 64 bits": b"18446744073709551616", "4300 digits": b"9" * 4300,
    "fraction": b"0.5", "largest double": b"1.7976931348623157e308", "overflow": b"1e400",
    "minus overflow": b"-1e400", "underflow": b"1e-400", "NaN": b"NaN", "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity", "leading zero": b"01", "plus": b"+1", "point": b"1.",
    "true": b"true", "false": b"false", "null": b"null", "word": b"nul", "nothing": b"",
    "array": b"[]", "array of an array": b"[[]]", "array of all": b'[1,"a",null,{},[],1.5,true]',
    "65 elements": b"[" + b"1," * 64 + b"1]", "10000 elements": b"[" + b"1," * 9999 + b"1]",
    "object": b"{}", "object of one": b'{"a":1}', "twice in an object": b'{"a":1,"a":2}',
    "empty key": b'{"":1}', "object of objects": b'{"a":{"a":{"a":{}}}}',
    "1000 members": b"{" + b",".join(b'"%d":0' % n for n in range(1000)) + b"}",
    "invalid UTF-8": b'"\xff"', "overlong": b'"\xc0\x80"', "half a character": b'"\xc3"',
    "raw surrogate": b'"\xed\xa0\x80"', "unpaired surrogate": b'"\\ud800"', "NUL": b'"a\\u0000b"',
    "raw NUL": b'"a\0b"', "half an escape": b'"\\u12"', "unknown escape": b'"\\x"',
    "raw newline": b'"\n"', "open string": b'"', "open array": b"[", "open object": b"{",
    "open member": b'{"a":', "comma": b",", "two values": b"1 2",
    **{f"{depth} arrays": b"[" * depth + b"]" * depth for depth in DEEP},
    **{f"{depth} objects": b'{"a":' * depth + b"0" + b"}" * depth for depth in DEEP},
    **{f"name {json.dumps(name)[:40]}, {len(name)}": json.dumps(name, ensure_ascii=False).encode()
       for name in NAMES}}

INTEGERS = {"b": (8, False), "y": (8, False), "n": (16, True), "q": (16, False), "i": (32, True),
            "u": (32, False), "h": (32, True), "x": (64, True), "t": (64, False)}

NUMBERS = (0, 1, -1, 2, 255, 256, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, (1 << 64) - 1)


def events() -> list[Event]:
    """Return the library's table of events, one row for each."""
    output = subprocess.run([PRINT_WIRE], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


# -- JSON

def _paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in value:
        yield (*path, name)
        if isinstance(value[name], dict):
            yield from _paths(value[name], (*path, name))


def _write(value: Any, path: tuple[str, ...], written: bytes) -> bytes:
    """Return the JSON of a value in which one member is replaced by the text WRITTEN."""
    members = []
    for name, member in value.items():
        if path[:1] != (name,):
            members.append(json.dumps(name).encode() + b":" + json.dumps(member).encode())
        elif len(path) == 1:
            members.append(written)
        else:
            members.append(json.dumps(name).encode() + b":" + _write(member, path[1:], written))
    return b"{" + b",".join(member for member in members if member) + b"}"


def _member(value: Any, path: tuple[str, ...]) -> bytes:
    for name in path:
        value = value[name]
    return json.dumps(value).encode()


def json_members(event: Event) -> Iterator[Case]:
    """Each member missing, twice, with every wrong value, and under a wrong name."""
    example = json.loads(bytes.fromhex(event["json"]))
    for path in _paths(example):
        where = f"{event['name']} {'.'.join(path)}"
        key, right = json.dumps(path[-1]).encode() + b":", _member(example, path)
        yield f"{where} missing", _write(example, path, b"")
        yield f"{where} twice", _write(example, path, key + right + b"," + key + right)
        for name, wrong in JSON.items():
            yield f"{where} {name}", _write(example, path, key + wrong)
            yield f"{where} right, then {name}", _write(example, path,
                                                        key + right + b"," + key + wrong)
            if wrong.startswith(b'"'):
                yield f"{where} as {name}", _write(example, path, wrong + b":" + right)


def json_whole(event: Event) -> Iterator[Case]:
    """The whole text cut, changed, and with bytes in front of it or behind it."""
    payload = bytes.fromhex(event["json"])
    for size in range(len(payload)):
        yield f"{event['name']} cut to {size}", payload[:size]
        for byte in (0, 0x22, 0x5c, 0x7b, 0xff):
            yield (f"{event['name']} byte {size} is {byte:#x}",
                   payload[:size] + bytes([byte]) + payload[size + 1:])
    yield f"{event['name']} with a byte order mark", b"\xef\xbb\xbf" + payload
    for junk in (b" ", b"\0", b"x", b"{}", payload):
        yield f"{event['name']} before {junk[:9]!r}", payload + junk
        yield f"{event['name']} behind {junk[:9]!r}", junk + payload
    for name, wrong in JSON.items():
        yield f"{event['name']} beside {name}", payload[:-1] + b',"x":' + wrong + b"}"


def json_alone() -> Iterator[Case]:
    """JSON that is not an object, or not an event."""
    for name, wrong in JSON.items():
        yield f"{name} alone", wrong
        yield f"event {name}", b'{"event":' + wrong + b"}"


# -- GVariant

def _limits(kind: str) -> Iterator[int]:
    bits, signed = INTEGERS[kind]
    for number in NUMBERS:
        if -(1 << bits - 1) * signed <= number < 1 << bits - signed:
            yield number


def _deep(levels: int) -> Raw:
    return Raw(serialize("v", Variant("b", 1)) + b"\0v" * levels)


def variants() -> Iterator[tuple[str, Any]]:
    """Values of a variant, in normal form and not."""
    for kind in INTEGERS:
        for number in _limits(kind):
            yield f"{kind} {number}", Variant(kind, number)
    for number in (0.0, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf):
        yield f"d {number}", Variant("d", number)
    for name in NAMES:
        for kind in "sog":
            yield f"{kind} {name[:20]!r} {len(name)}", Variant(kind, name)
    for kind, value in (("ms", None), ("ms", "a"), ("mv", None), ("mmi", 1), ("as", []),
                        ("as", [""] * 1000), ("av", [Variant("s", "a")] * 65), ("a{sv}", {}),
                        ("a{sv}", {name: Variant("b", 1) for name in NAMES}), ("a{si}", {"a": 1}),
                        ("a{xx}", {1: 1}), ("()", ()), ("(ii)", (1, 2)),
                        ("(sv)", ("a", Variant("y", 1))),
                        ("{sv}", ("a", Variant("y", 1))), ("ay", bytes(1000)), ("ay", b"\xff\0"),
                        ("aay", [b"a", b""]), ("v", Variant("v", Variant("s", "a")))):
        yield f"{kind} {str(value)[:20]}", Variant(kind, value)
    yield "the same key twice", Variant("a{sv}", [("a", Variant("y", 1)), ("a", Variant("y", 2))])
    for levels in (1, 90, 94, 95, 96, 97, 100, 127, 128, 129, 1000, 30000):
        yield f"{levels} variants", _deep(levels)
        yield f"{levels} arrays", Variant("a" * min(levels, 250) + "s", [])
    for members in (64, 255, 1022, 1023, 5000):
        yield f"a tuple of {members}", Variant("(" + "y" * members + ")", (0,) * members)
    for data in (b"", b"\0", b"i", b"\0i", b"\1\0b", b"\2\0b", b"\0\0zz", b"\0(", b"\0)", b"\0a",
                 b"\0{vs}", b"\0a{vs}", b"\0ii", b"\0\0\0\0\0i", b"a\0s", b"\xff\0\0s",
                 b"a\0b\0\0s", b"\x80\x80\0as", b"\xff\0as", b"\0\0av", b"\1\1\0aav", b"\0" * 300,
                 b"v" * 300,
                 b"\0\0v" * 200):
        yield f"raw {data[:12]!r} {len(data)}", Raw(data)


def _wrong_values(kind: str) -> Iterator[tuple[str, Any]]:
    if kind in INTEGERS:
        for number in _limits(kind):
            yield str(number), number
    elif kind == "s":
        for name in NAMES:
            yield f"{name[:20]!r} {len(name)}", name
        for text in (b"\xff", b"a\0b", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"):
            yield str(text), text
    elif kind == "v":
        yield from variants()
    elif kind == "av":
        for name, value in variants():
            yield f"[{name}]", [value]
        yield "65 elements", [Variant("i", 1)] * 65
        yield "10000 elements", [Variant("i", 1)] * 10000
    elif kind == "a{sv}":
        for name, value in variants():
            yield f"of {name}", {"a": value}
        for key in (*NAMES, b"\xff", b"a\0b", b"\xc3"):
            yield f"{key[:20]!r} {len(key)} as a key", {key: Variant("i", 1)}
        yield "the same key twice", [("a", Variant("i", 1)), ("a", Variant("i", 2))]
    else:
        raise NotImplementedError(f"no wrong values of the type {kind} are known")
    for size in (0, 1, 3, 7, 8, 9, 255, 256, 65536):
        yield f"{size} zeros", Raw(bytes(size))
        yield f"{size} ones", Raw(b"\xff" * size)


def _right_values(kind: str) -> Any:
    return {"y": 1, "t": 1, "s": "level", "v": Variant("i", 7), "av": [], "a{sv}": {}}[kind]


def native_members(event: Event) -> Iterator[Case]:
    """Each element of the tuple with every wrong value of its type."""
    members = split(event["type"][1:-1])
    right = [event["kind"], *map(_right_values, members[1:])]
    for index, kind in enumerate(members[1:], 1):
        for name, value in _wrong_values(kind):
            values = tuple([*right[:index], value, *right[index + 1:]])
            yield f"{event['kind']:#x} {kind} {name}", serialize(event["type"], values)


def native_whole(event: Event) -> Iterator[Case]:
    """The whole payload cut, changed, longer; and another type under this kind."""
    payload, kind = bytes.fromhex(event["native"]), event["kind"]
    for size in range(1, len(payload) + 1):
        yield f"{kind:#x} cut to {size}", payload[:size]
        for change in (0x00, 0x01, 0x7f, 0x80, 0xff):
            if size < len(payload):
                yield (f"{kind:#x} byte {size} is {change:#x}",
                       payload[:size] + bytes([change]) + payload[size + 1:])
    for size in (*range(1, 18), 1000, 70000):
        yield f"{kind:#x} and {size} zeros", payload + bytes(size)
        yield f"{kind:#x} and {size} ones", payload + b"\xff" * size


def native_kinds(table: list[Event]) -> Iterator[Case]:
    """Every kind, also those of replies and pushes, with a body of every type."""
    types = {event["type"]: event["native"] for event in table if "type" in event}
    for kind in range(0x80, 0x100):
        for name, body in types.items():
            yield f"kind {kind:#x} of {name}", bytes([kind]) + bytes.fromhex(body)[1:]
        error = serialize("(ysss)", (kind, "remote", "a", "b"))
        yield f"kind {kind:#x} of (ysss)", error
        yield f"kind {kind:#x} of (ya{{sv}})", serialize("(ya{sv})", (kind, {"a": Variant("i", 1)}))


# -- the members that the server offers


def json_offered(interface: dict[str, Any]) -> Iterator[Case]:
    """Each property and each method with every wrong value."""
    for name, wrong in JSON.items():
        for member in interface["properties"]:
            yield (f"set {member} {name}", b'{"event":"PROPERTY_SET","property":"%s","value":%s}'
                   % (member.encode(), wrong))
        for method in interface["methods"]:
            head = b'{"event":"METHOD_CALL","method":"%s","params":{"args":' % method.encode()
            yield f"{method}({name})", head + b"[" + wrong + b'],"kwargs":{}}}'
            yield f"{method}(…, {name})", head + b"[1,2," + wrong + b'],"kwargs":{}}}'
            for parameter in parameters(interface["methods"][method]):
                yield (f"{method}({parameter}={name})", head
                       + b'[],"kwargs":{"%s":%s}}}' % (parameter.encode(), wrong))


def parameters(method: dict[str, Any]) -> list[str]:
    """Return the names of a method's parameters, and one that it does not have."""
    signature = method.get("signature", "").split("->")[0]
    return [part.split(":")[0].strip() for part in signature.split(", ") if ":" in part] + ["other"]


def native_offered(interface: dict[str, Any]) -> Iterator[Case]:
    """Each property and each method with every wrong value, on the native wire."""
    for name, value in variants():
        for member in interface["properties"]:
            yield (f"set {member} natively {name}", serialize("(ysv)", (0x83, member, value)))
        for method in interface["methods"]:
            yield (f"{method}({name}) natively",
                   serialize("(ysava{sv})", (0x81, method, [value], {})))
            for parameter in parameters(interface["methods"][method]):
                yield (f"{method}({parameter}={name}) natively",
                       serialize("(ysava{sv})", (0x81, method, [], {parameter: value})))
