# SPDX-License-Identifier: LGPL-2.1-or-later
"""The threads that run main contexts for ported scripts, which run none themselves."""

import atexit
import contextlib
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from gi.repository import Gio, GLib, GObject

LONGEST_END = 1.0  # seconds that the end of a process waits for all threads together

_running: "weakref.WeakSet[ContextThread]" = weakref.WeakSet()


class ContextThread(threading.Thread):
    """A thread that runs a main context from now on."""

    def __init__(self, name: str, context: GLib.MainContext) -> None:
        super().__init__(name=name, daemon=True)
        self._loop, self._context = GLib.MainLoop.new(context, False), context
        _running.add(self)
        with _without_signals():
            self.start()

    def run(self) -> None:
        # The context is not this thread's default, since a thread that calls may own it just now.
        self._loop.run()

    def end(self) -> None:
        """Have it end once it has done what is there by now."""
        source = GLib.Idle(priority=GLib.PRIORITY_DEFAULT_IDLE)
        source.set_callback(lambda *data: self._loop.quit())
        source.attach(self._context)


@contextlib.contextmanager
def _without_signals() -> Iterator[None]:
    """Have a thread that starts get no signals: they interrupt what the main thread waits for."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@atexit.register
def _end_all() -> None:
    """End the threads before Python does; a handler that never returns holds up nobody."""
    deadline = time.monotonic() + LONGEST_END
    threads = list(_running)
    for thread in threads:
        thread.end()
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(max(deadline - time.monotonic(), 0))


# They are the parent's.
os.register_at_fork(after_in_child=_running.clear)


def made_in(context: GLib.MainContext, cls: Any, **properties: Any) -> Any:
    """An object of a main context, which no asyncio loop of this thread is to run."""
    context.push_thread_default()
    try:
        return GObject.new(cls, **properties)
    finally:
        context.pop_thread_default()


@contextlib.contextmanager
def cancelled_after(timeout: int | None) -> Iterator[Gio.Cancellable | None]:
    """A cancellable that is cancelled after a time in ms, None for never."""
    if timeout is None:
        yield None
        return
    cancellable = Gio.Cancellable()
    timer = threading.Timer(timeout / 1000, cancellable.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield cancellable
    finally:
        timer.cancel()
