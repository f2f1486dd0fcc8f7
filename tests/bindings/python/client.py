#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversation with a probe by attributes and methods, with plain values.

  client.py URL native|1|2

As ../client.py, which does everything by the introspected functions.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calls import IO  # noqa: E402
from gi.repository import Gio, GObject  # noqa: E402
from probe import IMAGE_SIZE, SAVE, SPLICE, THUMBNAIL_SIZE, declare, pattern  # noqa: E402
from talk import CONNECT_MS, PlantRpc, Record, Talk, equal, failure, run, wait  # noqa: E402

BOTH = SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET
VALUES: dict[str, list[Any]] = {
    "flag": [True, False], "count": [(1 << 31) - 1, -1], "natural": [(1 << 32) - 1, 7],
    "large": [(1 << 53) - 1, 1 - (1 << 53)], "huge": [(1 << 53) - 1, 0],
    "level": [1e300, -0.5, 0.1], "angle": [359, 90], "label": ["plant", "", "a→b 🌱", None],
    "mode": [SAVE.PERMANENTLY, SAVE.FOR_SESSION], "parts": [BOTH, SPLICE.NONE],
    "tags": [["one", "", "zwei→"], [], ["x"]],
    "config": [{"size": [640, 480], "deep": {"on": True, "off": None}}, 5, [], 1.5, "text", None],
    "video_url": ["rtsp://camera/1"], "shutter": [0.5, 60.0]}


class Template(declare(GObject.Object, "TestPythonTemplateBase")):
    """What the client is typed by."""

    __gtype_name__ = "TestPythonTemplate"

    @PlantRpc.method_json
    def add(self, a: int, b: int = 2) -> int:
        """Add two integers."""

    @PlantRpc.method_buffer(timeout=None)
    def get_image(self, lores=False):
        """Take a picture."""


def connect(talk: Talk) -> Any:
    """A client of the template."""
    return PlantRpc.connect(Template, talk.url, timeout=CONNECT_MS)


def attributes(talk: Talk) -> None:
    """Each value is written and read back by an attribute, here and by another client."""
    with connect(talk) as client, connect(talk) as other:
        for name, values in VALUES.items():
            for value in values:
                setattr(client, name, value)
                equal(getattr(client, name), value, name)
                equal(getattr(other, name), value, name)
        for nick in ("for-session", "PERMANENTLY"):
            client.mode = nick
            equal(other.mode.value_nick, nick.lower())
        client.parts = ["close-source", "close-target"]
        equal(other.parts, BOTH)


def refusals(talk: Talk) -> None:
    """A refused write raises, with the reason."""
    with connect(talk) as client:
        client.label = "good"
        error = failure(setattr, client, "label", "forbidden")
        equal(error.message, "the label is forbidden")
        equal(client.label, "good")
        client.count = 13
        equal(failure(setattr, client, "count", 14).message, "no, on second thoughts")
        equal(client.count, 13)
        assert isinstance(failure(setattr, client, "angle", 360), PlantRpc.CallError)


def methods(talk: Talk) -> None:
    """Results, errors and bytes."""
    with connect(talk) as client:
        equal((client.add(2), client.add(2, 3), client.add(b=40, a=2)), (4, 5, 42))
        for values in VALUES.values():
            for value in values:
                if not isinstance(value, (SAVE, SPLICE)):
                    equal(client.echo(value), value)
        equal(client.nothing(), None)
        equal(client.arguments(1, "x", y="z"), {"args": [1, "x"], "kwargs": {"y": "z"}})
        equal(client.get_image(lores=True),
              (pattern(THUMBNAIL_SIZE), {"format": "raw", "lores": True}))
        equal(client.get_image()[0], pattern(IMAGE_SIZE))
        equal(client.empty()[0], b"")
        error = failure(client.fail)
        equal((type(error), str(error)), (PlantRpc.CallError, "deliberate failure"))
        if not talk.native:
            assert "deliberate failure" in error.traceback
            return
        broken = failure(client.break_down)
        equal((str(broken), broken.traceback), ("broke down", "first line\nsecond line"))


def later(talk: Talk) -> None:
    """With a callback, awaited, and given up."""
    with connect(talk) as client:
        told: list[Any] = []
        client.later.begin(lambda *outcome: told.append(outcome), "x")
        client.fail.begin(lambda *outcome: told.append(outcome))
        wait(lambda: len(told) == 2, "both outcomes")
        told.sort(key=lambda outcome: outcome[0] is None)
        equal((told[0], str(told[1][1])), (("x", None), "deliberate failure"))

        async def several() -> list[Any]:
            return await asyncio.gather(*(client.add.begin(None, number) for number in range(5)))
        equal(asyncio.run(several()), [2, 3, 4, 5, 6])
        error = failure(client.slow.with_timeout(50), 300)
        assert isinstance(error, TimeoutError), repr(error)
        assert error.matches(Gio.io_error_quark(), IO.TIMED_OUT) and error.may_have_run


def discovered(talk: Talk) -> None:
    """Without a template everything is there, too."""
    with PlantRpc.discover(talk.url, timeout=CONNECT_MS) as client:
        client.label, client.angle = "discovered", 45
        equal(client.label, "discovered")
        assert client.angle == 45 and client.add(1) == 3
        assert {"label", "add", "get_image"} <= set(dir(client))
        assert isinstance(failure_of_attribute(client), AttributeError)


def failure_of_attribute(client: Any) -> Exception | None:
    """The exception that an attribute raises which no device has."""
    try:
        client.no_such_thing
    except Exception as error:
        return error
    return None


def told(talk: Talk) -> None:
    """Changes and signals are heard."""
    client = talk.listener(Template)
    labels, shots = Record(client, "notify::label"), Record(client, "captured")
    client.change("label", "of the device")
    client.shoot(2)
    wait(lambda: labels and len(shots) >= 2, "changes and signals")
    equal(client.label, "of the device")
    equal(shots[0], ("shot", 0))


STEPS = [attributes, refusals, methods, later, discovered, told]

if __name__ == "__main__":
    sys.exit(1 if run(Talk(*sys.argv[1:3]), STEPS) else 0)
