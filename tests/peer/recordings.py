# SPDX-License-Identifier: LGPL-2.1-or-later
"""The recorded exchanges, as steps that can be played.

A step is one request with its reply and the signals that it caused.  In generation 1 a signal was
recorded before the request that caused it, in generation 2 before or after, by accident.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import wire
from device import pattern

DATA = Path(__file__).resolve().parent.parent / "data" / "wire"

CAUSES = {"modeChanged": "mode", "videoUrlChanged": "video_url", "rotationChanged": "rotation",
          "resolutionChanged": "resolution", "encodingChanged": "encoding",
          "configChanged": "config", "progressChanged": "get_image"}


def decode_frame(frame: Any) -> bytes:
    """The bytes of one recorded frame."""
    if isinstance(frame, str):
        return frame.encode("utf-8")
    if "base64" in frame:
        return base64.b64decode(frame["base64"])
    data = pattern(frame["length"])
    if hashlib.sha256(data).hexdigest() != frame["sha256"]:
        raise ValueError("the pattern of the recording is not the one expected")
    return data


@dataclass
class Record:
    """One line of a recording."""

    index: int
    name: str
    direction: str
    socket: str
    request: list[bytes]
    reply: list[bytes] | None
    note: str

    @property
    def title(self) -> str:
        """The name, told apart from others of the same name."""
        return f"{self.index:03} {self.name}"

    @property
    def by_hand(self) -> bool:
        """Frames without spaces were not made by the reference."""
        return b'":"' in self.request[0] or b'":1' in self.request[0] or "by hand" in self.socket

    @property
    def from_server(self) -> bool:
        """Sent by the server on its own, to the client's signal receiver."""
        return self.direction == "server->client"

    @property
    def message(self) -> dict[str, Any]:
        """The request, read."""
        return wire.loads(self.request[0])

    @property
    def event(self) -> str:
        """The event of the request; empty where it has none, or is no request at all."""
        message, _ = wire.object_problems(self.request[0], "request")
        return "" if message is None else message.get("event", "")


@dataclass
class Step:
    """A request and the signals that it caused."""

    record: Record
    signals: list[Record] = field(default_factory=list)


@dataclass
class Recording:
    """`session` is one conversation that ends with STOP_SERVER; `alone` are requests that were each
    made to a server of their own; `subscription` is what the SUB socket sends."""

    generation: int
    session: list[Step]
    alone: list[Step]
    subscription: Record | None


def load_records(stem: str) -> list[Record]:
    """All lines of one recording."""
    records = []
    with open(DATA / f"{stem}.jsonl", encoding="utf-8") as lines:
        for index, line in enumerate(lines):
            raw = json.loads(line)
            reply = raw["reply_frames"]
            records.append(Record(
                index, raw["name"], raw["direction"], raw["socket"],
                [decode_frame(frame) for frame in raw["request_frames"]],
                None if reply is None else [decode_frame(frame) for frame in reply],
                raw.get("note", "")))
    return records


def _causes(record: Record, signal: Record) -> bool:
    """Whether this request is of the kind that makes the device emit the signal."""
    if record.from_server or record.socket != "REQ/REP":
        return False
    subject = record.message.get("property", record.message.get("method"))
    return (record.event in ("PROPERTY_SET", "METHOD_CALL")
            and subject == CAUSES[signal.message["signal"]])


def load(generation: int) -> Recording:
    """The recording of one generation, as steps."""
    records = load_records(f"gen{generation}")
    subscription = next((r for r in records if r.name.startswith("SUBSCRIBE")), None)
    emissions = [r for r in records if r.from_server and not r.by_hand]
    steps = [Step(r) for r in records if r not in emissions and r is not subscription]
    by_index = {step.record.index: step for step in steps}
    for signal in emissions:
        before, after = by_index.get(signal.index - 1), by_index.get(signal.index + 1)
        if (generation == 2 and before and not before.signals
                and _causes(before.record, signal)):
            before.signals.append(signal)
        elif after and _causes(after.record, signal):
            after.signals.append(signal)
        else:
            raise ValueError(f"nothing causes {signal.title}")
    stop = next(i for i, step in enumerate(steps) if step.record.event == "STOP_SERVER")
    return Recording(generation, steps[:stop + 1], steps[stop + 1:], subscription)


# What the recordings show of the reference and PROTOCOL.md does not ask of others, by name.
# "omit": not sent.  "answer": any whole reply will do.  "error": an error reply is wanted, and the
# server goes on.  "quiet": as recorded, but without the signal.  "listed": as recorded, if the
# inventory lists the method.
_CONVERTED = "types are the device's affair: another device may refuse a string for a number"
_GOES_ON = "an implementation answers with an error and goes on where the reference ends"
_OWN_DEVICE = "the method belongs to no device that others have to offer"
OTHERS: dict[str, tuple[str, str]] = {
    "PROPERTY_SET rotation, a string that converts to int": ("omit", _CONVERTED),
    "PROPERTY_GET rotation after the string was set": ("omit", _CONVERTED),
    "PROPERTY_SET rotation, a string that does not convert": ("omit", _CONVERTED),
    "PROPERTY_GET rotation after the failed set": ("omit", _CONVERTED),
    "PROPERTY_SET rotation back": ("quiet", "the rotation was never another"),
    "PROPERTY_SET attribute that does not exist":
        ("answer", "the reference creates the attribute, which is not needed"),
    "PROPERTY_GET attribute created by the previous set":
        ("answer", "the reference creates the attribute, which is not needed"),
    "PROPERTY_GET of an attribute that is no declared property ('port')":
        ("answer", "the reference reads any attribute, which is not needed"),
    "PROPERTY_GET of an attribute that cannot be serialised":
        ("error", "no declared property; " + _GOES_ON),
    "METHOD_CALL with a NaN result": ("listed", _OWN_DEVICE),
    "METHOD_CALL with infinite results": ("listed", _OWN_DEVICE),
    "METHOD_CALL with an integer result beyond 64 bits": ("listed", _OWN_DEVICE),
    "METHOD_CALL buffer method, empty buffer and empty info": ("listed", _OWN_DEVICE),
    "METHOD_CALL buffer method whose info has a member 'error'":
        ("omit", "others may not send information with a member 'error'"),
    "METHOD_CALL result that cannot be serialised": ("omit", _OWN_DEVICE),
    "METHOD_CALL without params": ("error", _GOES_ON),
    "PROPERTY_GET without property": ("error", _GOES_ON),
    "PROPERTY_SET without value": ("error", _GOES_ON),
    "INIT_SIGNALS_HANDLING of the other generation":
        ("answer", "a server may serve both generations"),
    "FIND_PEER_ADDRESS": ("answer", "a server may serve both generations"),
    "unknown event": ("error", _GOES_ON),
    "missing event": ("error", _GOES_ON),
}

# The only error texts that PROTOCOL.md gives.
FIXED_TEXTS = {"METHOD_CALL fail, the method raises", "METHOD_CALL unknown method"}
