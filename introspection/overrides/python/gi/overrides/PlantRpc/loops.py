# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that runs in a thread: one of GLib, or one of asyncio, which then runs GLib's as well.

While an asyncio loop waits it also waits for what the thread-default main context waits for: all
its descriptors are in one epoll descriptor, of which asyncio is a reader, and its timeouts shorten
those of asyncio.  Nothing wakes a program that is idle.

This goes on until the loop stops, since it may run in another thread the next time.  Once an object
exists, each loop that starts in the thread of the object runs the main context by itself.
"""

import asyncio
import contextlib
import ctypes
import functools
import select
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from gi.repository import GLib

RETRY = 0.05  # seconds until another look at a context that another thread runs
TICK = 0.02  # seconds between two looks of an asyncio loop whose waiting is out of reach

_FOREVER = 2 ** 31 - 1  # the priority at which nothing is ready
_glib = ctypes.CDLL("libglib-2.0.so.0")
for _name in ("get_thread_default", "ref_thread_default"):
    getattr(_glib, f"g_main_context_{_name}").restype = ctypes.c_void_p
for _name in ("acquire", "release", "prepare", "query", "iteration", "unref"):
    getattr(_glib, f"g_main_context_{_name}").argtypes = [ctypes.c_void_p]


class _PollFD(ctypes.Structure):
    """GPollFD; its events have the numbers of epoll."""

    _fields_ = [("fd", ctypes.c_int), ("events", ctypes.c_ushort), ("revents", ctypes.c_ushort)]


class _Context:
    """The thread-default main context, as GLib lets other loops run it."""

    def __init__(self) -> None:
        self._pointer = _glib.g_main_context_ref_thread_default()
        weakref.finalize(self, _glib.g_main_context_unref, self._pointer)
        self._polled = (_PollFD * 16)()

    def acquire(self) -> bool:
        """Own it, unless another thread does: then nobody else runs it, and others wake it."""
        return bool(_glib.g_main_context_acquire(self._pointer))

    def release(self) -> None:
        """Own it no more."""
        _glib.g_main_context_release(self._pointer)

    def iterate(self) -> None:
        """Do what is to be done now."""
        _glib.g_main_context_iteration(self._pointer, False)

    def look(self) -> tuple[float | None, dict[int, int]]:
        """In how many seconds something is to be done, and what descriptors are waited for."""
        priority, timeout = ctypes.c_int(_FOREVER), ctypes.c_int(-1)
        if _glib.g_main_context_prepare(self._pointer, ctypes.byref(priority)):
            return 0.0, {}
        n_polled = self._query(timeout)
        if n_polled > len(self._polled):
            self._polled = (_PollFD * (2 * n_polled))()
            n_polled = self._query(timeout)
        descriptors: dict[int, int] = {}
        for each in self._polled[:n_polled]:
            descriptors[each.fd] = descriptors.get(each.fd, 0) | each.events
        return None if timeout.value < 0 else timeout.value / 1000, descriptors

    def _query(self, timeout: ctypes.c_int) -> int:
        return int(_glib.g_main_context_query(self._pointer, _FOREVER, ctypes.byref(timeout),
                                              self._polled, len(self._polled)))


class _Driver:
    """Has an asyncio loop of a selector run the main context of its thread."""

    def __init__(self, loop: Any, selector: Any) -> None:
        self._loop, self._select = weakref.ref(loop), selector.select
        self._context: _Context | None = None
        self._known: set[int] = set()
        # asyncio has no other place at which it tells that it is about to wait.
        selector.select = self.select

    @property
    def begun(self) -> bool:
        """Whether the loop runs the main context."""
        return self._context is not None

    def begin(self) -> None:
        """Have the loop run the main context of this thread from now on."""
        loop = self._loop()
        if loop is None or self.begun:
            return
        self._polled = select.epoll()
        loop.add_reader(self._polled.fileno(), self._iterate)
        self._context = _Context()

    def end(self) -> None:
        """Have the loop run it no more, and give back the descriptor."""
        if not self.begun:
            return
        loop, self._context = self._loop(), None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._polled.fileno())
        self._polled.close()
        self._known.clear()

    def select(self, timeout: float | None = None) -> Any:
        """Wait as the selector does, for the main context, too."""
        context = self._context
        if context is None:
            return self._select(timeout)
        if not context.acquire():
            return self._select(RETRY if timeout is None else min(timeout, RETRY))
        try:
            due, descriptors = context.look()
            if self._watch(descriptors):
                due = 0.0
            end = None if due is None else time.monotonic() + due
            shorter = due is not None and (timeout is None or due < timeout)
            events = self._select(due if shorter else timeout)
        finally:
            context.release()
        loop = self._loop()
        if end is not None and loop is not None and time.monotonic() >= end:
            loop.call_soon(self._iterate)
        return events

    def _iterate(self) -> None:
        # The loop may have stopped in between, and run in another thread now.
        if self._context is not None:
            self._context.iterate()

    def _watch(self, descriptors: dict[int, int]) -> bool:
        """Have descriptors in the epoll descriptor; whether one of them can only be tried."""
        always = False
        for gone in self._known - descriptors.keys():
            with contextlib.suppress(OSError):
                self._polled.unregister(gone)
        for descriptor, events in descriptors.items():
            # A number may be that of another descriptor by now, of which epoll does not know.
            try:
                self._polled.modify(descriptor, events)
            except FileNotFoundError:
                always = not self._register(descriptor, events) or always
            except OSError:
                always = True
        self._known = set(descriptors)
        return always

    def _register(self, descriptor: int, events: int) -> bool:
        try:
            self._polled.register(descriptor, events)
        except OSError:
            return False
        return True


class _Ticker:
    """Has an asyncio loop of another kind look after the main context every now and then."""

    def __init__(self, loop: Any) -> None:
        self._loop, self._next = weakref.ref(loop), None
        self._context: _Context | None = None

    @property
    def begun(self) -> bool:
        """Whether the loop looks after the main context."""
        return self._context is not None

    def begin(self) -> None:
        """Have the loop look after the main context of this thread from now on."""
        loop = self._loop()
        if loop is not None and not self.begun:
            self._context, self._next = _Context(), loop.call_soon(self._tick)

    def end(self) -> None:
        """Have the loop look after it no more."""
        if self._next is not None:
            self._next.cancel()
        self._context = self._next = None

    def _tick(self) -> None:
        if self._context is not None:
            self._context.iterate()
        loop = self._loop()
        if self.begun and loop is not None and not loop.is_closed():
            self._next = loop.call_later(TICK, self._tick)


class _Home(threading.local):
    """The main contexts to which what this thread has made belongs."""

    def __init__(self) -> None:
        self.contexts: set[int | None] = set()


_home = _Home()
_drivers: "weakref.WeakKeyDictionary[Any, Any]" = weakref.WeakKeyDictionary()
_watching = threading.RLock()


def attend() -> bool:
    """Whether an asyncio loop runs in this thread; until it stops it runs the main context."""
    loop = asyncio._get_running_loop()
    if loop is None:
        return False
    driver = _driver_of(loop)
    if driver is not None and not driver.begun:
        driver.begin()
        _settle()
    return True


def always_attend() -> None:
    """Have asyncio loops of this thread run its main context: the one that runs, and later ones."""
    _settle()
    attend()


def _settle() -> None:
    """Have asyncio look, whenever a loop starts, whether it is in this thread."""
    _home.contexts.add(_glib.g_main_context_get_thread_default())
    with _watching:
        base: Any = asyncio.BaseEventLoop
        if not hasattr(base.run_forever, "attends"):
            base.run_forever = _attending(base.run_forever)


def _attending(run: Any) -> Any:
    """What runs an asyncio loop, and with it the main context if that is this thread's to run."""
    @functools.wraps(run)
    def run_forever(loop: Any) -> Any:
        # asyncio refuses these.
        if loop.is_closed() or loop.is_running() or asyncio._get_running_loop() is not None:
            return run(loop)
        context = _glib.g_main_context_get_thread_default()
        driver = _driver_of(loop) if context in _home.contexts and _is_free(context) else None
        if driver is not None:
            driver.begin()
        try:
            return run(loop)
        finally:
            # Something may have had it begin while the loop ran.
            driver = _drivers.get(loop)
            if driver is not None:
                driver.end()
    run_forever.attends = True  # type: ignore[attr-defined]
    return run_forever


def _is_free(context: int | None) -> bool:
    """Whether no other thread runs a context."""
    if not _glib.g_main_context_acquire(context):
        return False
    _glib.g_main_context_release(context)
    return True


def _driver_of(loop: Any) -> Any:
    if loop not in _drivers:
        _end_drivers()
        _drivers[loop] = _make_driver(loop)
    return _drivers[loop]


def _end_drivers() -> None:
    """Give back the descriptors of loops that are closed, which may be garbage for long."""
    for loop, driver in list(_drivers.items()):
        if loop.is_closed() and driver is not None:
            driver.end()


def _make_driver(loop: Any) -> Any:
    selector = getattr(loop, "_selector", None)
    if type(selector).__module__ == "selectors":
        return _Driver(loop, selector)
    # One that GLib runs, such as that of gi.events, needs nothing.
    return None if GLib.main_depth() > 0 else _Ticker(loop)


def attend_to(cls: Any) -> None:
    """Have asyncio loops run the main context once an object of a class is made or watched."""
    make, connect = cls.__init__, cls.connect

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        always_attend()
        make(self, *args, **kwargs)

    def connecting(self: Any, detailed_signal: str, handler: Any, *data: Any) -> int:
        attend()
        return int(connect(self, detailed_signal, handler, *data))
    cls.__init__, cls.connect = init, connecting


def driven(context: GLib.MainContext, stop: Callable[[], Any]) -> Any:
    """Have the asyncio loop of PyGObject's own policy run while the library runs its context.

    GLib.MainLoop and Gio.Application do the same.  Whoever stops that loop stops the library.
    """
    policy = asyncio.get_event_loop_policy() if "gi.events" in sys.modules else None
    if not hasattr(policy, "get_event_loop_for_context"):
        return contextlib.nullcontext()
    return policy.get_event_loop_for_context(context).running(stop)


def is_running(client: Any) -> bool:
    """Whether this thread runs the loop that tells of the changes of a client.

    An application that starts owns the default context, whose loop it is about to run.  An asyncio
    loop owns a context only while it waits.
    """
    return bool(client.is_context_owner()) or attend()
