# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C while the library runs the main loop, or blocks: Python would not hear of it."""

import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import Gio, GLib

try:
    from gi._ossighelper import wakeup_on_signal
except ImportError:
    # It is no public part of PyGObject; without it a handler of the program's own waits for
    # whatever else wakes the loop.
    wakeup_on_signal = contextlib.nullcontext


def _signal_source(number: int) -> GLib.Source:
    """A source for a signal; GLib 2.80 keeps these functions in a namespace of their own."""
    if hasattr(GLib, "unix_signal_source_new"):
        return GLib.unix_signal_source_new(number)
    from gi.repository import GLibUnix
    return GLibUnix.signal_source_new(number)


@contextlib.contextmanager
def on_interrupt(context: GLib.MainContext, function: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C call a function from the main context, unless the program has its own handler."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() \
            or before is not signal.default_int_handler:
        with wakeup_on_signal():
            yield
        return

    def interrupted(*data: Any) -> bool:
        function()
        return GLib.SOURCE_CONTINUE
    source = _signal_source(signal.SIGINT)
    source.set_callback(interrupted)
    source.attach(context)
    try:
        yield
    finally:
        source.destroy()
        # With the source, GLib lets go of the signal and leaves the default of the system behind,
        # which ends the process.
        del source
        signal.signal(signal.SIGINT, before)


class _Watch(threading.Thread):
    """Hears of signals while the main thread blocks, and has it give up on Ctrl-C."""

    def __init__(self) -> None:
        super().__init__(name="plantrpc-interrupt", daemon=True)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._lock = threading.Lock()
        self._cancellable: Gio.Cancellable | None = None
        self._before = -1

    def run(self) -> None:
        while True:
            select.select([self._reader], [], [])
            with self._lock:
                cancellable, heard = self._cancellable, self._hear()
            if signal.SIGINT in heard and cancellable is not None:
                cancellable.cancel()

    def _hear(self) -> bytes:
        """Read the signals that have come, and pass them on to the program's own descriptor."""
        try:
            heard = self._reader.recv(64)
        except BlockingIOError:
            return b""
        if self._before != -1:
            # The descriptor may be full or closed, which only the program can handle.
            with contextlib.suppress(OSError):
                os.write(self._before, heard)
        return heard

    def _set(self, cancellable: Gio.Cancellable | None, before: int) -> None:
        """Watch for another call. Signals that came before are not for that call."""
        with self._lock:
            if before != -1:
                self._before = before
            self._hear()
            self._cancellable, self._before = cancellable, before

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call what blocks; a signal that came before is not for this call.

        The handler runs when it has ended: an exception out of it within PyGObject would be lost.
        """
        cancellable, came = Gio.Cancellable(), []
        handler, outer = signal.getsignal(signal.SIGINT), (self._cancellable, self._before)
        before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        try:
            # Within another call, the outer call keeps the program's own descriptor.
            self._set(cancellable, outer[1] if before == self._writer.fileno() else before)
            signal.signal(signal.SIGINT, lambda *details: came.append(details))
            return function(*args, cancellable)
        finally:
            signal.set_wakeup_fd(before)
            self._set(*outer)
            signal.signal(signal.SIGINT, handler)
            if came:
                self._handle(handler, came[0])

    @staticmethod
    def _handle(handler: Any, details: Any) -> None:
        try:
            handler(*details)
        except BaseException as error:
            # That the call was cancelled in its favour is nothing to print.
            error.__suppress_context__ = True
            raise


_watch: _Watch | None = None


def interruptible(function: Callable[..., Any], *args: Any) -> Any:
    """Call what blocks and takes a cancellable last; Ctrl-C ends it, and Python's handler runs."""
    global _watch
    if threading.current_thread() is not threading.main_thread() \
            or not callable(signal.getsignal(signal.SIGINT)):
        return function(*args, None)
    if _watch is None:
        _watch = _Watch()
        _watch.start()
    return _watch.call(function, *args)
