# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fake camera of the recordings, in plain Python, and a larger one for tests.

The recorded error texts are those of Python itself ("FakeCameraServer.add() missing 1 required
..."), so methods, properties and the class name are the recording's own and the texts come by
themselves.

`FakeCameraServer` is exactly the recorded device.  `ExtendedCamera` adds what tests need and the
recording lacks: `count` for at-most-once checks, one property per kind of value, signals with no
and with two arguments, and the results no well-behaved device has (NaN, integers beyond 64 bits,
...).

A write that comes over the wire goes through `write`, where a test can make a property refuse,
clamp, wait or silently keep its old value (`Behaviour`).
"""

import threading
from dataclasses import dataclass
from typing import Any, Callable, get_args, get_origin

Emitter = Callable[[str, list[Any]], None]


def coerce(value: Any, kind: Any) -> Any:
    """Convert to the declared type where the value does not fit, as the reference does."""
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin is tuple:
        kinds = get_args(kind)
        if not isinstance(value, (list, tuple)) or len(value) != len(kinds):
            raise TypeError(f"Failed to coerce {value!r} to {kind}")
        return tuple(coerce(item, item_kind) for item, item_kind in zip(value, kinds))
    if origin is list:
        return [coerce(item, get_args(kind)[0]) for item in coerce(value, list)]
    if isinstance(value, kind):
        return value
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Failed to coerce {value!r} to {kind}: {error}")


def fits(value: Any, kind: Any) -> bool:
    """Whether a value of the wire is of the declared type without any conversion."""
    if kind is Any:
        return True
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        return (isinstance(value, list) and len(value) == len(kinds)
                and all(map(fits, value, kinds)))
    if get_origin(kind) is list:
        return isinstance(value, list) and all(fits(item, get_args(kind)[0]) for item in value)
    if kind in (int, float):
        return isinstance(value, kind) and not isinstance(value, bool)
    return isinstance(value, kind)


class BoundSignal:
    """A signal of one device."""

    def __init__(self, device: "Device", name: str, types: tuple[Any, ...]) -> None:
        self._device, self._name, self._types = device, name, types

    def emit(self, *args: Any) -> None:
        """Emit, after converting the arguments; what does not convert is the caller's error."""
        if len(args) != len(self._types):
            raise RuntimeError(f"expected {len(self._types)} arguments, got {len(args)}")
        converted = [coerce(arg, kind) for arg, kind in zip(args, self._types)]
        self._device.emitter(self._name, converted)


class Signal:
    """Declares a signal and the types of its arguments on a device class."""

    def __init__(self, *types: Any) -> None:
        self.types = types
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, device: "Device | None", owner: type) -> Any:
        return self if device is None else BoundSignal(device, self.name, self.types)


def json_method(timeout: int | None = 10000) -> Callable[[Any], Any]:
    """Offer a method whose result is JSON; `timeout` in ms is what clients are told to wait."""
    def mark(function: Any) -> Any:
        function.offered = ("json_methods", timeout)
        return function
    return mark


def buffer_method(timeout: int | None = 10000) -> Callable[[Any], Any]:
    """Offer a method that returns bytes and their information."""
    def mark(function: Any) -> Any:
        function.offered = ("buffer_methods", timeout)
        return function
    return mark


@dataclass
class Behaviour:
    """What happens to a write that comes over the wire, before the device sees it."""

    refuse: str | None = None                   # error text of the refusal
    clamp: tuple[float, float] | None = None    # limits, numbers only
    delay: float = 0                            # ms before anything else happens
    keep: bool = False                          # answer success, keep the old value, emit nothing


class Device:
    """What every device has: an inventory, an emitter and behaviours."""

    def __init__(self) -> None:
        self.emitter: Emitter = lambda name, args: None
        self.executed: Callable[[str], int] = lambda token: 0
        self.behaviours: dict[str, Behaviour] = {}
        self.stopping = threading.Event()

    @classmethod
    def members(cls) -> dict[str, Any]:
        """All class members, base classes first, in the order of their declaration."""
        found: dict[str, Any] = {}
        for klass in reversed(cls.__mro__):
            found.update(vars(klass))
        return found

    @classmethod
    def signals(cls) -> dict[str, tuple[Any, ...]]:
        """The declared signals and their argument types."""
        return {n: m.types for n, m in cls.members().items() if isinstance(m, Signal)}

    @classmethod
    def inventory(cls) -> dict[str, Any]:
        """The reply to GET_INVENTORY."""
        methods: dict[str, dict[str, int | None]] = {"json_methods": {}, "buffer_methods": {}}
        for name, member in cls.members().items():
            if hasattr(member, "offered"):
                kind, timeout = member.offered
                methods[kind][name] = timeout
        properties = [n for n, m in cls.members().items() if isinstance(m, property)]
        return {**methods, "signals": list(cls.signals()), "properties": properties, "name": ""}

    def pause(self, seconds: float) -> None:
        """Let time pass, but not beyond the end of the server."""
        self.stopping.wait(seconds)

    def write(self, name: str, value: Any) -> None:
        """A write from the wire: behaviours first, then the property, or any attribute at all."""
        behaviour = self.behaviours.get(name, Behaviour())
        if behaviour.delay:
            self.pause(behaviour.delay / 1000)
        if behaviour.refuse is not None:
            raise ValueError(behaviour.refuse)
        if behaviour.keep:
            return
        if behaviour.clamp is not None:
            low, high = behaviour.clamp
            value = min(max(value, low), high)
        setattr(self, name, value)

    def _change(self, name: str, value: Any, signal: BoundSignal) -> None:
        """Store first and emit then: a failing emission leaves the new value behind."""
        if getattr(self, name) != value or type(getattr(self, name)) is not type(value):
            setattr(self, name, value)
            signal.emit(value)


def _stored(name: str, signal: str) -> property:
    """A property that takes any value and tells of its changes."""
    return property(lambda self: getattr(self, name),
                    lambda self, value: self._change(name, value, getattr(self, signal)))


def _one_of(name: str, signal: str, label: str, allowed: tuple[str, ...]) -> property:
    """A property that takes a few words only."""
    def write(self: Device, value: Any) -> None:
        if value not in allowed:
            raise ValueError(f"invalid {label}: {value}")
        self._change(name, value, getattr(self, signal))
    return property(lambda self: getattr(self, name), write)


class FakeCameraServer(Device):
    """The device of the recordings."""

    modeChanged = Signal(str)
    videoUrlChanged = Signal(str)
    rotationChanged = Signal(int)
    resolutionChanged = Signal(tuple[int, int])
    encodingChanged = Signal(str)
    configChanged = Signal(dict)
    progressChanged = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._mode, self._video_url, self._rotation = "STILL", "", 0
        self._resolution, self._encoding = (640, 480), "jpeg"
        self._config: dict[str, Any] = {}
        self._progress = 0

    mode = _one_of("_mode", "modeChanged", "mode", ("STILL", "VIDEO"))
    video_url = _stored("_video_url", "videoUrlChanged")
    rotation = _stored("_rotation", "rotationChanged")

    @property
    def resolution(self) -> Any:
        return self._resolution

    @resolution.setter
    def resolution(self, value: Any) -> None:
        w, h = value
        self._change("_resolution", (w, h), self.resolutionChanged)

    encoding = _one_of("_encoding", "encodingChanged", "encoding", ("jpeg", "png"))
    config = _stored("_config", "configChanged")

    @property
    def progress(self) -> int:
        return self._progress

    @json_method()
    def echo(self, message: Any) -> Any:
        return message

    @json_method()
    def add(self, a: Any, b: Any) -> Any:
        return a + b

    @json_method()
    def fail(self) -> None:
        raise ValueError("deliberate failure")

    @json_method(timeout=2000)
    def slow(self, seconds: float) -> float:
        self.pause(seconds)
        return seconds

    @buffer_method()
    def get_image(self, lores: bool = False) -> tuple[bytes, dict[str, Any]]:
        if not isinstance(lores, bool):
            raise TypeError(f"lores must be a bool, got {lores!r}")
        length = 4096 if lores else 1 << 20
        self._change("_progress", self._progress + 1, self.progressChanged)
        info = {"format": self._encoding, "rotation": self._rotation, "size": self._resolution,
                "lores": lores, "length": length}
        return pattern(length), info


def pattern(length: int) -> bytes:
    """The picture: byte i is i modulo 251."""
    return (bytes(range(251)) * (length // 251 + 1))[:length]


class ExtendedCamera(FakeCameraServer):
    """The camera with more kinds of values, and with the answers of misbehaving devices."""

    exposureChanged = Signal(float)
    enabledChanged = Signal(bool)
    tagsChanged = Signal(list[str])
    anythingChanged = Signal(Any)
    captured = Signal(str, int)
    ping = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._exposure, self._enabled, self._tags, self._anything = 0.25, False, ["plant"], None

    exposure = _stored("_exposure", "exposureChanged")
    enabled = _stored("_enabled", "enabledChanged")
    tags = _stored("_tags", "tagsChanged")
    anything = _stored("_anything", "anythingChanged")

    @json_method()
    def count(self, token: str, seconds: float = 0) -> int:
        """Note one execution of `token`, durably, before anything else; return their number."""
        executions = self.executed(token)
        self.pause(seconds)
        return executions

    @json_method(timeout=None)
    def patient(self, seconds: float) -> float:
        """As slow(), but clients are told to wait for ever."""
        self.pause(seconds)
        return seconds

    @json_method()
    def mixed(self, a: Any, b: Any = 2, *, c: Any = 3) -> list[Any]:
        return [a, b, c]

    @json_method()
    def burst(self, number: int) -> int:
        """Emit captured("burst", 0), captured("burst", 1), ... within one request."""
        for index in range(number):
            self.captured.emit("burst", index)
        return number

    @json_method()
    def nan_result(self) -> float:
        return float("nan")

    @json_method()
    def inf_result(self) -> list[float]:
        return [float("inf"), float("-inf")]

    @json_method()
    def big_int(self) -> int:
        return 1 << 70

    @json_method()
    def bad_result(self) -> Any:
        return {1, 2}

    @buffer_method()
    def get_bytes(self, length: int) -> tuple[bytes, dict[str, Any]]:
        return pattern(length), {"length": length}

    @buffer_method()
    def empty_buffer(self) -> tuple[bytes, dict[str, Any]]:
        return b"", {}

    @buffer_method()
    def buffer_info_error_key(self) -> tuple[bytes, dict[str, Any]]:
        return b"data", {"error": "this is not a failure"}


DEVICES: dict[str, type[Device]] = {"camera": FakeCameraServer, "extended": ExtendedCamera}
