# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a peer server saw: counters, violations, and a journal that survives kill -9.

A *violation* is something the reference does not survive or PROTOCOL.md forbids a client to send.
A *remark* is something the reference survives but a careful client leaves out (a member given
twice).

The journal holds one JSON object a line, written at once and unbuffered, before the thing is done:
`{"count": TOKEN}` for an execution of `count`, `{"set": PROPERTY, "value": VALUE}` for a write.
A server started on an existing journal goes on counting from it.
"""

import json
import os
import threading
from collections import Counter, deque
from typing import Any

from wire import shorten

LOG_LENGTH = 20000  # entries and values kept; the counts themselves have no limit


def read_journal(path: str) -> tuple[Counter[str], dict[str, list[Any]]]:
    """Executions by token and written values by property, of all lives of a server."""
    executions: Counter[str] = Counter()
    sets: dict[str, list[Any]] = {}
    if not os.path.exists(path):
        return executions, sets
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if "count" in entry:
                executions[entry["count"]] += 1
            else:
                sets.setdefault(entry["set"], []).append(entry["value"])
    return executions, sets


class Ledger:
    """Counters of one server; safe to use from all of its threads."""

    def __init__(self, journal: str | None = None) -> None:
        self._lock = threading.Lock()
        self._journal: int | None = None
        self.clear()
        if journal is not None:
            self.executions, _ = read_journal(journal)
            self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def clear(self) -> None:
        """Forget everything but the journal."""
        with self._lock:
            self.requests: Counter[str] = Counter()
            self.set_counts: Counter[str] = Counter()
            self.set_values: dict[str, deque[Any]] = {}
            self.executions: Counter[str] = Counter()
            self.emissions: Counter[str] = Counter()
            self.messages = self.acknowledged = self.inits = self.logged = 0
            self.log: deque[list[Any]] = deque(maxlen=LOG_LENGTH)
            self.violations: list[str] = []
            self.remarks: list[str] = []

    def violation(self, what: str, frames: Any = None) -> None:
        """Something no client may do."""
        self.violations.append(what if frames is None else f"{what}: {shorten(frames)}")

    def remark(self, what: str) -> None:
        """Something a careful client does not do."""
        self.remarks.append(what)

    def request(self, request: dict[str, Any]) -> None:
        """Count one readable request."""
        event = request["event"]
        subject = request.get("property", request.get("method"))
        with self._lock:
            self.requests[str(event)] += 1
            self.log.append([event, subject])
            self.logged += 1
            if event == "INIT_SIGNALS_HANDLING":
                self.inits += 1

    def write(self, name: str, value: Any) -> None:
        """Count one PROPERTY_SET."""
        with self._lock:
            self.set_counts[name] += 1
            self.set_values.setdefault(name, deque(maxlen=LOG_LENGTH)).append(value)
            self._note({"set": name, "value": value})

    def executed(self, token: str) -> int:
        """Count one execution of `token`; return how many there have been."""
        with self._lock:
            self.executions[token] += 1
            self._note({"count": token})
            return self.executions[token]

    def emitted(self, signal: str) -> None:
        """Count one emission, however many messages it takes."""
        with self._lock:
            self.emissions[signal] += 1

    def sent(self, acknowledged: bool = False) -> None:
        """Count one signal message, or its acknowledgement."""
        with self._lock:
            if acknowledged:
                self.acknowledged += 1
            else:
                self.messages += 1

    def entries(self, since: int) -> tuple[list[list[Any]], int]:
        """The requests from number `since` on, and the number of the next one."""
        with self._lock:
            first = self.logged - len(self.log)
            return list(self.log)[max(0, since - first):], self.logged

    def summary(self) -> dict[str, Any]:
        """All counters as one object."""
        with self._lock:
            sets = {name: {"count": self.set_counts[name], "values": list(self.set_values[name])}
                    for name in self.set_counts}
            return {"requests": dict(self.requests), "sets": sets, "inits": self.inits,
                    "executions": dict(self.executions), "emissions": dict(self.emissions),
                    "messages": self.messages, "acknowledged": self.acknowledged}

    def _note(self, entry: dict[str, Any]) -> None:
        if self._journal is not None:
            os.write(self._journal, json.dumps(entry).encode() + b"\n")
