#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The independent peer's clients of both generations before a device program of one language.

  old-clients.py DEVICE

DEVICE is `c`, `python`, `gjs` or `vala`, with `+self` behind it if the device is its own server.
"""

import math
import sys
from typing import Any

from converse import HERE, Device
from peer import Probe

sys.path.insert(0, str(HERE.parent / "peer"))

from client import Interface, NoResult, PeerClient  # noqa: E402
from device import pattern  # noqa: E402

VALUES: dict[str, list[Any]] = {
    "flag": [True, False], "count": [(1 << 31) - 1, -1 << 31], "natural": [(1 << 32) - 1, 0],
    "large": [(1 << 53) - 1, -(1 << 53) + 1], "huge": [(1 << 53) - 1, 0],
    "level": [1e300, -0.5, 3.0, -0.0], "angle": [359, 0], "label": ["a→b 🌱", ""],
    "mode": ["permanently", "for-session"],
    "parts": [["close-source", "close-target"], [], ["close-target"]],
    "tags": [["one", "", "zwei→"], []],
    "config": [{"size": [640, 480], "deep": {"on": True, "off": None}}, 5, [], 1.5, "text", None],
    "video_url": ["rtsp://camera/1", ""], "ShutterSpeed": [0.5, 0.001]}
# GJS has no integers beyond 53 bits.
EXACT: dict[str, list[Any]] = {"large": [(1 << 63) - 1, -1 << 63], "huge": [(1 << 64) - 1]}
CHANGES = {"video_url": "videoUrlChanged"}


def same(got: Any, expected: Any) -> bool:
    """Equality of JSON values, types and the sign of zero included."""
    if isinstance(expected, float) and isinstance(got, float):
        return got == expected and math.copysign(1, got) == math.copysign(1, expected)
    return type(got) is type(expected) and got == expected


def refused(result: Any, text: str) -> None:
    """Fail unless something was refused, for this reason."""
    assert isinstance(result, NoResult), result
    assert text in result.error, result.error


def values(client: PeerClient) -> None:
    """Each value is taken, told by the change signal, and read back.

    No signal tells of None: a client whose type does not take it would hear nothing more.
    """
    for name, cases in VALUES.items():
        cases = cases + EXACT.get(name, [])
        change = CHANGES.get(name, f"{name}Changed")
        for value in cases:
            if same(client.get(name), value):
                continue
            heard = len(client.signals)
            answer = client.set(name, value)
            assert answer is None, (name, value, answer)
            assert same(client.get(name), value), (name, value, client.get(name))
            if value is not None:
                client.wait_signals(lambda got: (change, [value]) in got[heard:])


def refusals(client: PeerClient) -> None:
    """What is refused keeps its value and gives its reason."""
    assert client.set("label", "good") is None
    refused(client.set("label", "forbidden"), "the label is forbidden")
    assert client.get("label") == "good"
    refused(client.set("progress", 5), "progress")
    refused(client.set("angle", 360), "359")
    refused(client.set("flag", "yes"), "boolean")
    refused(client.set("mode", "sometimes"), "permanently")
    for written, stands in ((13, 13), (15, 16)):
        assert client.set("count", written) is None
        assert client.get("count") == stands
    refused(client.set("count", 14), "second thoughts")
    assert "secret" not in client.inventory["properties"]
    refused(client.get("secret"), "secret")


def calls(client: PeerClient) -> None:
    """Methods of every kind."""
    for cases in VALUES.values():
        for value in cases:
            assert same(client.call("echo", value), value), value
    assert client.call("add", 2, 3) == 5 and client.call("add", a=4) == 6
    assert client.call("nothing") is None
    assert client.call("later", "x") == "x"
    refused(client.call("fail"), "deliberate failure")
    refused(client.call("refuse"), "not now")
    data, info = client.call_buffer("get_image")
    assert data == pattern(1 << 20) and info == {"format": "raw", "lores": False}
    data, info = client.call_buffer("get_image", lores=True)
    assert data == pattern(4096) and info["lores"] is True
    assert client.call_buffer("empty") == (b"", {})
    refused(client.call_buffer("no_light"), "deliberate failure")
    assert client.inventory["json_methods"]["slow"] is None
    assert client.inventory["json_methods"]["add"] == 10000
    assert client.inventory["json_methods"]["echo"] == 5000
    assert client.inventory["name"] == "probe"


def signals(client: PeerClient) -> None:
    """Signals with their arguments, in order, each once."""
    client.call("shoot", 100)
    client.call("mix")
    heard = client.wait_signals(lambda got: got and got[-1][0] == "mixed")
    shots = [args for name, args in heard if name == "captured"]
    assert shots == [["shot", index] for index in range(100)], shots
    assert heard[-1][1] == [True, (1 << 32) - 1, -1 << 52, 1 << 52, -0.5, "a→b", ["x", ""],
                            ["y", 1.5], "for-session", ["close-source", "close-target"]]
    assert heard[-2] == ("ping", [])


def no_number(client: PeerClient) -> None:
    """NaN travels as the word that Python reads."""
    client.call("change", "level", "nan")
    assert math.isnan(client.get("level"))
    client.call("change", "level", 2.5)
    heard = client.wait_signals(lambda got: ("levelChanged", [2.5]) in got)
    assert ("levelChanged", ["nan"]) in [(name, [str(arg) for arg in args]) for name, args in heard]


def main() -> int:
    """Both generations, one after the other, before one device."""
    with Device(sys.argv[1]) as device:
        for generation in (1, 2):
            with PeerClient(generation, device.url, 5000, Interface(Probe)) as client:
                client.connect()
                values(client)
                refusals(client)
                calls(client)
                signals(client)
                no_number(client)
                assert not client.violations, client.violations
                assert not client.reception_ended, client.reception_ended
            print(f"ok - generation {generation}", flush=True)
        device.assert_clean()
    return 0


if __name__ == "__main__":
    sys.exit(main())
