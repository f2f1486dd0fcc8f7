# SPDX-License-Identifier: LGPL-2.1-or-later
"""What every part of the conversation needs: waiting for a condition, and saying what is wrong."""

import math
import sys
import time
import traceback
from typing import Any, Callable

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402

DEADLINE = 20  # seconds until what should come counts as not coming
CONNECT_MS = 20000
TICK_MS = 20
Step = Callable[["Talk"], None]


class Talk:
    """One conversation with one device."""

    def __init__(self, url: str, wire: str) -> None:
        self.url = url
        self.wire = {"1": PlantRpc.Wire.GENERATION_1, "2": PlantRpc.Wire.GENERATION_2,
                     "native": PlantRpc.Wire.NATIVE}[wire]
        self.native = wire == "native"

    def client(self, template: Any) -> Any:
        """A ready client of a template: a class, or None for a plain client."""
        if template is None:
            client = PlantRpc.Client.new(self.url)
        else:
            client = PlantRpc.Client.new_for_type(template.__gtype__, self.url)
        assert client.wait_ready_sync(CONNECT_MS, None)
        return client

    def listener(self, template: Any) -> Any:
        """A client that has heard a signal: with generation 2 a subscription takes its time."""
        client = self.client(template)
        pings = Record(client, "signal-received::ping")

        def ask() -> bool:
            client.call_sync("shoot", GLib.Variant("(i)", (0,)), None, 0, None)
            return bool(pings)
        wait(ask, "the first signal")
        client.call_sync("nothing", None, None, 0, None)
        wait(lambda: not GLib.MainContext.default().iteration(False), "the last of them")
        pings.stop()
        return client


def same(got: Any, expected: Any) -> bool:
    """Equality, where NaN is equal to itself and -0.0 is not 0.0."""
    if isinstance(got, GLib.Variant):
        return isinstance(expected, GLib.Variant) and got.equal(expected)
    if isinstance(expected, float) and isinstance(got, float):
        if math.isnan(expected):
            return math.isnan(got)
        return got == expected and math.copysign(1, got) == math.copysign(1, expected)
    return type(got) is type(expected) and got == expected


def equal(got: Any, expected: Any, what: str = "") -> None:
    """Fail unless both are the same, of the same type."""
    assert same(got, expected), f"{what}: got {got!r}, expected {expected!r}"


def wait(condition: Callable[[], Any], what: str) -> None:
    """Run the main loop until a condition holds; it is asked again after a while in any case."""
    context, end = GLib.MainContext.default(), time.monotonic() + DEADLINE
    ticker = GLib.timeout_add(TICK_MS, lambda: GLib.SOURCE_CONTINUE)
    try:
        while not condition():
            assert time.monotonic() < end, f"not within {DEADLINE} s: {what}"
            context.iteration(True)
    finally:
        GLib.source_remove(ticker)


def ended(begin: Callable[..., None], *args: Any) -> Any:
    """Begin something asynchronous and run the main loop until it has ended; its GAsyncResult."""
    results: list[Any] = []
    begin(*args, lambda source, result: results.append(result))
    assert not results, "the callback came from inside"
    wait(lambda: results, begin.__name__)
    return results[0]


def failure(function: Callable[..., Any], *args: Any) -> GLib.Error:
    """The error that something fails with."""
    try:
        result = function(*args)
    except GLib.Error as error:
        return error
    raise AssertionError(f"{function.__name__} did not fail but gave {result!r}")


def fails(function: Callable[..., Any], *args: Any, code: Any, domain: str = "PlantRpcError",
          message: str = "") -> GLib.Error:
    """Fail unless something fails with this error."""
    error = failure(function, *args)
    assert error.domain == domain and error.code == code, repr(error)
    assert message in error.message, repr(error)
    return error


class Record(list):
    """What a signal brought, emission by emission."""

    def __init__(self, source: GObject.Object, signal: str) -> None:
        super().__init__()
        self._source = source
        self._handler = source.connect(signal, lambda source, *args: self.append(args))

    def stop(self) -> None:
        """Listen no more."""
        self._source.disconnect(self._handler)


def run(talk: Talk, steps: list[Step]) -> int:
    """Take each step; the number of those that failed."""
    failed = 0
    for step in steps:
        try:
            step(talk)
            print(f"ok - {step.__name__}", flush=True)
        except Exception:
            traceback.print_exc(file=sys.stdout)
            print(f"not ok - {step.__name__}", flush=True)
            failed += 1
    return failed
