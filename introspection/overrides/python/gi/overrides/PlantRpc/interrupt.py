# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C while the library runs the main loop: Python would not hear of it."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import GLib

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
