#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The probe as a device of the independent peer, which shares nothing with the library.

  peer.py --generation 1|2 --url URL --device probe [...]

Options are those of tests/peer/server.py.  Methods that a server with one thread and no later
answers cannot have are left out.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peer"))

from device import (DEVICES, Device, ExtendedCamera, Signal, buffer_method,  # noqa: E402
                    json_method, pattern)
from server import Server1, Server2, run  # noqa: E402

IMAGE_SIZE = 1 << 20
THUMBNAIL_SIZE = 4096
MODES = ("never", "for-session", "permanently")
PARTS = ("none", "close-source", "close-target")
FIRST: dict[str, Any] = {
    "flag": False, "count": 0, "natural": 0, "large": 0, "huge": 0, "level": 0.0, "angle": 0,
    "label": "", "mode": "never", "parts": [], "tags": [], "config": None, "video_url": "",
    "ShutterSpeed": 0.01, "progress": 0}


class Refused(ValueError):
    """What a device of this kind says when it does not want to."""


def integer(low: int, high: int) -> Any:
    """What an integer property takes."""
    def check(value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Refused(f"expected an integer from {low} to {high}, got {value!r}")
        return value
    return check


def of(*kinds: Any) -> Any:
    """What another property takes."""
    def check(value: Any) -> Any:
        if not isinstance(value, kinds):
            raise Refused(f"{value!r} is not of {kinds}")
        return value
    return check


def words(*allowed: str) -> Any:
    """What an enumeration takes, and each of a list of flags."""
    def check(value: Any) -> Any:
        if any(word not in allowed for word in ([value] if isinstance(value, str) else value)):
            raise Refused(f"{value!r} is none of {allowed}")
        return value
    return check


def check_count(value: Any) -> Any:
    """The odd ones."""
    if value == 14:
        raise Refused("no, on second thoughts")
    return 16 if value == 15 else integer(-1 << 31, (1 << 31) - 1)(value)


def check_label(value: Any) -> Any:
    """All but one."""
    if value == "forbidden":
        raise Refused("the label is forbidden")
    return of(str, type(None))(value)


def number(value: Any) -> Any:
    """A floating number; null stands for one that is none."""
    value = float("nan") if value is None else value
    return float(of(int, float)(value))


CHECKS: dict[str, Any] = {
    "flag": of(bool), "count": check_count, "natural": integer(0, (1 << 32) - 1),
    "large": integer(-1 << 63, (1 << 63) - 1), "huge": integer(0, (1 << 64) - 1),
    "level": number, "angle": integer(0, 359), "label": check_label, "mode": words(*MODES),
    "parts": words(*PARTS), "tags": of(list), "config": lambda value: value,
    "video_url": of(str, type(None)), "ShutterSpeed": number}


def stored(name: str, signal: str) -> property:
    """A property that checks what it is given and tells of its changes."""
    def write(self: Device, value: Any) -> None:
        self._change(f"_{name}", CHECKS[name](value), getattr(self, signal))
    return property(lambda self: getattr(self, f"_{name}"), write)


class Probe(ExtendedCamera):
    """Every kind of value, and the odd answers of the extended camera."""

    flagChanged = Signal(bool)
    countChanged = Signal(int)
    naturalChanged = Signal(int)
    largeChanged = Signal(int)
    hugeChanged = Signal(int)
    levelChanged = Signal(float)
    angleChanged = Signal(int)
    labelChanged = Signal(Any)
    modeChanged = Signal(str)
    partsChanged = Signal(list[str])
    tagsChanged = Signal(list[str])
    configChanged = Signal(Any)
    videoUrlChanged = Signal(Any)
    ShutterSpeedChanged = Signal(float)
    progressChanged = Signal(int)
    captured = Signal(str, int)
    ping = Signal()
    mixed = Signal(bool, int, int, int, float, str, list[str], Any, str, list[str])

    def __init__(self) -> None:
        super().__init__()
        for name, value in FIRST.items():
            setattr(self, f"_{name}", value)

    flag = stored("flag", "flagChanged")
    count = stored("count", "countChanged")
    natural = stored("natural", "naturalChanged")
    large = stored("large", "largeChanged")
    huge = stored("huge", "hugeChanged")
    level = stored("level", "levelChanged")
    angle = stored("angle", "angleChanged")
    label = stored("label", "labelChanged")
    mode = stored("mode", "modeChanged")
    parts = stored("parts", "partsChanged")
    tags = stored("tags", "tagsChanged")
    config = stored("config", "configChanged")
    video_url = stored("video_url", "videoUrlChanged")
    ShutterSpeed = stored("ShutterSpeed", "ShutterSpeedChanged")
    progress = property(lambda self: self._progress)

    @json_method(timeout=5000)
    def echo(self, value: Any) -> Any:
        return value

    @json_method()
    def add(self, a: int, b: int = 2) -> int:
        return a + b

    @json_method(timeout=5000)
    def nothing(self) -> None:
        return None

    @json_method(timeout=5000)
    def arguments(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"args": args, "kwargs": kwargs}

    @json_method(timeout=5000)
    def later(self, text: str) -> str:
        return text

    @json_method(timeout=None)
    def slow(self, delay: int) -> int:
        self.pause(delay / 1000)
        return delay

    @json_method(timeout=5000)
    def fail(self) -> None:
        raise FileNotFoundError("deliberate failure")

    @json_method(timeout=5000)
    def refuse(self) -> None:
        raise Refused("not now")

    @json_method(timeout=5000)
    def change(self, name: str, value: Any) -> None:
        """The device itself changes a property."""
        if name == "progress":
            self._change("_progress", value, self.progressChanged)
        elif name == "level":
            self.level = float(value)
        else:
            setattr(self, name, value)

    @json_method(timeout=5000)
    def shoot(self, number: int) -> int:
        for index in range(number):
            self.captured.emit("shot", index)
        self.ping.emit()
        return number

    @json_method(timeout=5000)
    def mix(self) -> None:
        self.mixed.emit(True, (1 << 32) - 1, -1 << 52, 1 << 52, -0.5, "a→b", ["x", ""],
                        ["y", 1.5], "for-session", ["close-source", "close-target"])

    @buffer_method(timeout=None)
    def get_image(self, lores: bool = False) -> tuple[bytes, dict[str, Any]]:
        return (pattern(THUMBNAIL_SIZE if lores else IMAGE_SIZE),
                {"format": "raw", "lores": lores})

    @buffer_method(timeout=None)
    def no_light(self) -> tuple[bytes, dict[str, Any]]:
        raise FileNotFoundError("deliberate failure")

    @buffer_method(timeout=None)
    def empty(self) -> tuple[bytes, dict[str, Any]]:
        return b"", {}


DEVICES["probe"] = Probe

if __name__ == "__main__":
    sys.exit(run({"1": Server1, "2": Server2}, __doc__))
