# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bytes of the wire: JSON as the reference writes and reads it, urls, the shape of replies.

Nothing here knows a socket.  Two readings of JSON are kept apart on purpose: `loads` accepts what
the reference accepts (repeated members), `blemishes` names what a strict parser would refuse.
"""

import json
import math
import re
from typing import Any, Callable

MAX_DEPTH = 900    # the reference is known to take this many levels
FATAL_DEPTH = 990  # and to die of this many

_URL = re.compile(r"([A-Za-z]+)://([A-Za-z0-9.]*)(?::([0-9]+))?")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class WireError(ValueError):
    """A frame that the reference cannot read."""


def split_url(url: str) -> tuple[str, str, int | None]:
    """Split as the reference does: the first character no name may have ends the host."""
    match = _URL.match(url)
    if match is None:
        raise WireError(f"not a url: {url!r}")
    scheme, host, port = match.groups()
    return scheme, host, int(port) if port else None


def dumps(value: Any) -> bytes:
    """Encode with the separators and escapes of the recordings, NaN and Infinity included."""
    return json.dumps(value).encode("ascii")


def loads(frame: bytes) -> Any:
    """Decode leniently, as the reference does."""
    try:
        text = frame.decode("utf-8")
        if text.startswith("\ufeff"):
            raise WireError("byte order mark")
        return json.loads(text)
    except WireError:
        raise
    except (ValueError, RecursionError) as error:
        raise WireError(f"{type(error).__name__}: {error}") from error


def blemishes(frame: bytes) -> list[str]:
    """What a reader stricter than the reference would stumble over."""
    found: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        found.extend(sorted({f"member {n!r} given twice" for n in names if names.count(n) > 1}))
        return dict(pairs)

    try:
        json.loads(frame.decode("utf-8"), object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        found.append(f"unreadable: {error}")
    return found


def depth(frame: bytes) -> int:
    """The levels of nesting, without recursion, so that no input can hurt."""
    level = deepest = 0
    for byte in _STRING.sub(b"", frame):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def same(left: Any, right: Any) -> bool:
    """Equality that keeps 1, 1.0 and true apart and holds NaN equal to itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return left == right


def is_integer(value: Any) -> bool:
    """An integer of the wire; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def shorten(frames: Any, limit: int = 300) -> str:
    """Frames or values for a message to a person."""
    text = repr(frames)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def object_problems(frame: bytes, what: str) -> tuple[dict[str, Any] | None, list[str]]:
    """Read one JSON object strictly; the object is None where it cannot be used at all."""
    try:
        value = loads(frame)
    except WireError as error:
        return None, [f"{what} is not JSON ({error}): {shorten(frame)}"]
    if not isinstance(value, dict):
        return None, [f"{what} is not an object: {shorten(frame)}"]
    return value, [f"{what}: {blemish}" for blemish in blemishes(frame)]


def error_problems(reply: dict[str, Any]) -> list[str]:
    """An error reply has success false and both texts: reference clients read them."""
    problems = []
    if reply.get("success") is not False:
        problems.append(f"'success' of an error reply is {reply.get('success')!r}")
    for member in ("error", "traceback"):
        if not isinstance(reply.get(member), str):
            problems.append(f"error reply without the string '{member}': {shorten(reply)}")
    return problems


def json_reply_problems(frames: list[bytes]) -> list[str]:
    """A reply of the events that answer with `success`: one frame, true, or a whole error reply."""
    problems = []
    if len(frames) != 1:
        problems.append(f"a JSON reply of {len(frames)} frames")
    reply, more = object_problems(frames[0], "reply")
    problems += more
    if reply is None:
        return problems
    if not isinstance(reply.get("success"), bool):
        problems.append(f"'success' is not a boolean: {shorten(reply)}")
    elif not reply["success"]:
        problems += error_problems(reply)
    return problems


def buffer_reply_problems(frames: list[bytes]) -> list[str]:
    """A buffer reply: information and bytes, or one frame with an error reply."""
    info, problems = object_problems(frames[0], "information of a buffer reply")
    if info is None:
        return problems
    if len(frames) == 1:
        return problems + error_problems(info)
    if len(frames) != 2:
        problems.append(f"a buffer reply of {len(frames)} frames")
    if "error" in info:
        problems.append("the information of a buffer has a member 'error', the mark of a failure")
    return problems


def _timeout_problems(member: str, methods: Any) -> list[str]:
    if not isinstance(methods, dict):
        return [f"'{member}' is not an object: {shorten(methods)}"]
    return [f"timeout of {name} is {value!r}" for name, value in methods.items()
            if value is not None and not (is_integer(value) and value != 0)]


def _names_problems(member: str, names: Any) -> list[str]:
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return []
    return [f"'{member}' is not an array of strings: {shorten(names)}"]


def inventory_problems(frames: list[bytes]) -> list[str]:
    """The reply to GET_INVENTORY: all five members, of the right types."""
    problems = [] if len(frames) == 1 else [f"an inventory of {len(frames)} frames"]
    inventory, more = object_problems(frames[0], "inventory")
    problems += more
    if inventory is None:
        return problems
    checks: dict[str, Callable[[str, Any], list[str]]] = {
        "json_methods": _timeout_problems, "buffer_methods": _timeout_problems,
        "signals": _names_problems, "properties": _names_problems,
        "name": lambda member, name: [] if isinstance(name, str) else [f"'name' is {name!r}"]}
    for member, check in checks.items():
        if member in inventory:
            problems += check(member, inventory[member])
        else:
            problems.append(f"inventory without '{member}'")
    return problems
