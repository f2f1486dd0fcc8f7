# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is under way without blocking: its outcome comes to a callback, or is awaited, or both."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

from gi.repository import Gio, GObject

from . import loops

Callback = Callable[[Any, Exception | None], None]


class Pending:
    """An operation under way, such as a call: its outcome is awaited, or comes to a callback."""

    def __init__(self, callback: Callback | None = None) -> None:
        self.cancellable = Gio.Cancellable()
        self._callback, self._done = callback, False
        self._value: Any = None
        self._error: Exception | None = None
        self._unlink: Callable[[], Any] | None = None
        self._futures: list[asyncio.Future[None]] = []

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._done

    def cancel(self) -> None:
        """Wait no more; the device is told."""
        self.cancellable.cancel()

    def _link(self, cancellable: Gio.Cancellable | None) -> Gio.Cancellable:
        """What cancels the operation, also where a cancellable of the program does."""
        if cancellable is not None:
            number = cancellable.connect(lambda *data: self.cancel())
            # It is 0 if it was cancelled already.
            if number:
                self._unlink = lambda: GObject.signal_handler_disconnect(cancellable, number)
        return self.cancellable

    def _end(self, finish: Callable[[], Any]) -> None:
        """Take the outcome, which a function returns or raises."""
        try:
            value = finish()
        except Exception as error:
            # The frames of this package, which keep the client, tell the caller nothing.
            error.__context__ = None
            self._settle(None, error.with_traceback(None))
        else:
            self._settle(value, None)

    def _settle(self, value: Any, error: Exception | None) -> None:
        self._done, self._value, self._error = True, value, error
        if self._unlink is not None:
            self._unlink()
            self._unlink = None
        futures, self._futures = self._futures, []
        for future in futures:
            if not future.done():
                future.get_loop().call_soon_threadsafe(_wake, future)
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(value, error)

    def __await__(self) -> Generator[Any, None, Any]:
        yield from self._wait().__await__()
        if self._error is not None:
            raise self._error
        return self._value

    async def _wait(self) -> None:
        if self._done:
            return
        loops.attend()
        future = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future in self._futures:
                self._futures.remove(future)
            # Another task may await it as well.
            if not self._futures:
                self.cancel()
            raise


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
