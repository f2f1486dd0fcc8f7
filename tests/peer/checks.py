# SPDX-License-Identifier: LGPL-2.1-or-later
"""One line for every check, and the sum at the end."""

import threading
import traceback
from contextlib import contextmanager
from typing import Callable, Iterable, Iterator


class Checks:
    """Prints `ok NAME` or `not ok NAME: why` and counts them.

    Checks named in `skip`, by their whole name or by what follows the running number, are not made.
    """

    def __init__(self, skip: Iterable[str] = ()) -> None:
        self._skip = set(skip)
        self._lock = threading.Lock()
        self.passed = self.failed = 0

    def skipped(self, name: str, title: str = "") -> bool:
        """Whether the caller asked to leave this check out; says so."""
        if name in self._skip or title in self._skip:
            self.leave_out(name, "as asked")
            return True
        return False

    def leave_out(self, name: str, reason: str) -> None:
        """Say that a check is not made, and why."""
        with self._lock:
            print(f"# skipped {name}: {reason}", flush=True)

    def result(self, name: str, problems: list[str]) -> bool:
        """One check: it holds if there are no problems."""
        with self._lock:
            if problems:
                self.failed += 1
                print(f"not ok {name}: {'; '.join(problems)}".replace("\n", "\\n"), flush=True)
            else:
                self.passed += 1
                print(f"ok {name}", flush=True)
        return not problems

    @contextmanager
    def check(self, name: str) -> Iterator[list[str]]:
        """A check whose problems are appended to the list; an exception is one, too."""
        problems: list[str] = []
        try:
            yield problems
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            problems.append(f"{type(error).__name__}: {error} ({place.name})")
        self.result(name, problems)

    def run(self, name: str, function: Callable[[list[str]], None]) -> None:
        """Make one check unless it is to be skipped."""
        if not self.skipped(name):
            with self.check(name) as problems:
                function(problems)

    def finish(self) -> int:
        """The last line, and the exit status."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def expect(problems: list[str], what: str, got: object, wanted: object) -> None:
    """Note a difference."""
    if got != wanted:
        problems.append(f"{what} is {got!r} instead of {wanted!r}")
