# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signals such as Ctrl-C while the library runs the main loop, or blocks.

Python's handlers run on the main thread, between two steps of Python: while the library blocks that
thread, a thread of this module hears of the signal.
"""

import _signal  # What `signal` wraps, without its enumerations, which cost more than a handler.
import asyncio
import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import Gio, GLib

# A handler of the program's own for one of these ends what blocks; one for another signal runs once
# the function has returned.
ENDING = tuple(map(int, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)))

Handler = Callable[[int, Any], Any]


class _Ending:
    """What ends a function that blocks when a signal comes for which Python runs a handler."""

    def __init__(self) -> None:
        self.cancellable, self.heard = _cancellable(), b""

    def tell(self, heard: bytes) -> None:
        """Hear of signals, on the thread of the watch."""
        if not _own_handlers(ENDING).keys().isdisjoint(heard):
            self.heard += heard
            self.cancellable.cancel()


class _Watch(threading.Thread):
    """Hears of signals while the main thread is in the library."""

    def __init__(self) -> None:
        super().__init__(name="plantrpc-interrupt", daemon=True)
        self.main = threading.get_ident()
        self._poll = select.poll()
        self._ending: _Ending | None = None  # kept as the one below is
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._lock = threading.Lock()
        self._tell: Callable[[bytes], Any] | None = None
        self._before, self._number = -1, self._writer.fileno()
        self._stale = True  # whether the socket may have what came for no function or a former one
        # What is cancelled with a descriptor of its own, until it is, since making both takes long.
        self._spare: Gio.Cancellable | None = None
        self._poll.register(self._reader, select.POLLIN)

    def run(self) -> None:
        while True:
            select.select([self._reader], [], [])
            # The main thread goes on when this has been told: a thread that is in the library when
            # Python ends makes the process crash.
            with self._lock:
                heard = self._hear()
                if heard and self._tell is not None:
                    self._tell(heard)

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

    def abandon(self) -> None:
        """Leave the socket to the parent process: signals of this one must not be written to it."""
        descriptor = _signal.set_wakeup_fd(-1)
        own = descriptor == self._number
        _signal.set_wakeup_fd(self._before if own else descriptor)

    def _begin(self, tell: Callable[[bytes], Any]) -> tuple[Any, ...]:
        """Watch for another function.  Signals that came before are not for that one."""
        outer = self._tell, self._before
        before = _signal.set_wakeup_fd(self._number, warn_on_full_buffer=False)
        with self._lock:
            # Within another function, the outer one keeps the program's own descriptor.
            if before != self._number:
                self._before = before
            if self._stale or before != -1:
                self._hear()
            self._tell, self._stale = tell, False
        return before, *outer

    def _end(self, before: int, tell: Callable[[bytes], Any] | None, outer_before: int) -> None:
        _signal.set_wakeup_fd(before)
        with self._lock:
            if self._before != -1:
                self._hear()
            self._tell, self._before = tell, outer_before

    @contextlib.contextmanager
    def telling(self, tell: Callable[[bytes], Any]) -> Iterator[None]:
        """Have the numbers of signals that come told on this thread."""
        outer = self._begin(tell)
        try:
            yield
        finally:
            self._end(*outer)
            self._stale = True

    def call(self, function: Callable[..., Any], *args: Any,
             cancellable: Gio.Cancellable | None = None) -> Any:
        """Call what blocks; a signal that came before is not for this call.

        The handlers run when it has ended: an exception out of one within PyGObject would be lost.
        """
        return self._call(_own_handlers(ENDING), function, args, cancellable)

    def _call(self, handlers: dict[int, Handler], function: Callable[..., Any],
              args: tuple[Any, ...], cancellable: Gio.Cancellable | None) -> Any:
        # This runs for each call, so it is written for speed.
        came: list[tuple[Any, ...]] = []
        own, self._spare = self._spare or _cancellable(), None

        def tell(heard: bytes) -> None:
            if not handlers.keys().isdisjoint(heard):
                own.cancel()

        def note(*details: Any) -> None:
            came.append(details)
        try:
            for number in handlers:
                _signal.signal(number, note)
            outer = self._begin(tell)
            try:
                if came:
                    own.cancel()
                if cancellable is None:
                    return function(*args, own)
                with _linked(cancellable, own):
                    return function(*args, own)
            finally:
                self._end(*outer)
        finally:
            for number, handler in handlers.items():
                _signal.signal(number, handler)
            if came or own.is_cancelled():
                self._stale = True
                own.release_fd()
            else:
                self._spare = own
            for details in came:
                _handle(handlers[details[0]], *details)


    def ask(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call what blocks, takes a cancellable last, and never raises.

        So the handlers may run as soon as it has ended, and nothing has to be put in their places.
        This runs for each call, so it is written for speed: only what a signal needs takes the
        lock.
        """
        ending, self._ending = self._ending or _Ending(), None
        outer, before = (self._tell, self._before), None
        try:
            before = _signal.set_wakeup_fd(self._number, warn_on_full_buffer=False)
            if before != self._number:
                self._before = before
            if before != -1 or self._poll.poll(0):
                with self._lock:
                    self._hear()
            self._tell = ending.tell
            told = function(*args, ending.cancellable)
        finally:
            if before is None:  # A handler has raised before it could be known.
                before = -1 if outer[0] is None else self._number
            _signal.set_wakeup_fd(before)
            self._tell = None
            if before != -1 or self._lock.locked():
                with self._lock:
                    if self._before != -1:
                        self._hear()
            self._tell, self._before = outer
            if ending.heard:
                ending.cancellable.release_fd()
            else:
                self._ending = ending
        if ending.heard:
            _raise_for_asyncio(ending.heard)
        return told


def _cancellable() -> Gio.Cancellable:
    made = Gio.Cancellable()
    made.get_fd()
    return made


def _own_handlers(numbers: Any) -> dict[int, Handler]:
    """The handlers that Python runs, by the number of the signal."""
    return {int(number): handler for number in numbers
            if callable(handler := _signal.getsignal(number))}


def _handle(handler: Handler, number: int, frame: Any) -> None:
    try:
        handler(number, frame)
        _raise_for_asyncio(bytes([number]))
    except BaseException as error:
        # That the call was cancelled in its favour is nothing to print.
        error.__suppress_context__ = True
        raise


def _raise_for_asyncio(heard: bytes) -> None:
    """End what runs in an asyncio loop: its main task hears of Ctrl-C only when it next awaits."""
    if signal.SIGINT in heard and asyncio._get_running_loop() is not None:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _linked(cancellable: Gio.Cancellable | None, own: Gio.Cancellable) -> Iterator[None]:
    """Have a cancellable of the program cancel another one, too."""
    if cancellable is None:
        yield
        return
    number = cancellable.connect(lambda *data: own.cancel())
    try:
        yield
    finally:
        # 0 tells that it was cancelled already.
        if number:
            cancellable.disconnect(number)


_watch: _Watch | None = None


def _forget_watch() -> None:
    """Have a forked process make a watch of its own: the thread is the parent's."""
    global _watch
    if _watch is not None:
        _watch.abandon()
        _watch = None


os.register_at_fork(after_in_child=_forget_watch)


def _get_watch() -> _Watch:
    global _watch
    if _watch is None:
        _watch = _Watch()
        # Python crashes if a handler has it end while a thread starts.  Nor is a signal to come to
        # that thread.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            _watch.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _watch


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def interruptible(function: Callable[..., Any], *args: Any,
                  cancellable: Gio.Cancellable | None = None) -> Any:
    """Call what blocks and takes a cancellable last; Ctrl-C ends it, and Python's handler runs."""
    handlers = _own_handlers(ENDING) if _is_main_thread() else None
    if not handlers:
        return function(*args, cancellable)
    return (_watch or _get_watch())._call(handlers, function, args, cancellable)


def ask(function: Callable[..., Any], *args: Any) -> Any:
    """As `interruptible`, of a function that tells errors by what it returns and never raises."""
    watch = _watch
    if watch is None and _is_main_thread():
        watch = _get_watch()
    if watch is None or threading.get_ident() != watch.main:
        return function(*args, None)
    return watch.ask(function, args)


@contextlib.contextmanager
def on_interrupt(context: GLib.MainContext, stop: Callable[[], Any]) -> Iterator[None]:
    """Have handlers of signals run while the library runs a main loop.

    Ctrl-C stops it, unless the program has its own handler; so does an exception out of a handler,
    which is raised in the end.
    """
    raised: list[BaseException] = []

    def take(error: BaseException) -> None:
        raised.append(error)
        _run_in(context, stop)
    if not _is_main_thread():
        with _leaving(take):
            yield
        if raised:
            raise raised[0]
        return

    def guarded(handler: Handler) -> Handler:
        def handle(number: int, frame: Any) -> None:
            try:
                if handler is signal.default_int_handler:
                    _run_in(context, stop)
                else:
                    handler(number, frame)
            except BaseException as error:
                take(error)
        return handle
    handlers = _own_handlers(signal.valid_signals())
    guards = {number: guarded(handler) for number, handler in handlers.items()}
    for number, guard in guards.items():
        _signal.signal(number, guard)
    try:
        with _get_watch().telling(lambda heard: _run_in(context, _pass)), _leaving(take):
            yield
    finally:
        for number, guard in guards.items():
            # A handler may have set another one.
            if _signal.getsignal(number) is guard:
                _signal.signal(number, handlers[number])
        if raised:
            raise raised[0]


class _Runs(threading.local):
    """The main loops that the library runs in this thread."""

    def __init__(self) -> None:
        self.takers: list[Callable[[BaseException], None]] = []


_runs = _Runs()


@contextlib.contextmanager
def _leaving(take: Callable[[BaseException], None]) -> Iterator[None]:
    _runs.takers.append(take)
    try:
        yield
    finally:
        _runs.takers.pop()


def leave(error: BaseException) -> bool:
    """Have the main loop that the library runs in this thread end with an exception."""
    if not _runs.takers:
        return False
    _runs.takers[-1](error)
    return True


@contextlib.contextmanager
def waking(wake: Callable[[], Any]) -> Iterator[None]:
    """Have a function called on another thread when a signal has come.

    What waits on the main thread then goes on, and Python runs the handler.
    """
    if not _is_main_thread():
        yield
        return
    with _get_watch().telling(lambda heard: wake()):
        yield


def _run_in(context: GLib.MainContext, function: Callable[[], Any]) -> None:
    """Have something done by a main loop; before it, Python runs the handlers of signals."""
    def run(*data: Any) -> bool:
        function()
        return GLib.SOURCE_REMOVE
    source = GLib.Idle(priority=GLib.PRIORITY_HIGH)
    source.set_callback(run)
    source.attach(context)


def _pass() -> None:
    """Nothing, but it is done by Python."""
