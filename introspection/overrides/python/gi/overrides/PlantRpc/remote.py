# SPDX-License-Identifier: LGPL-2.1-or-later
"""A method of a device, as something to call: blocking, with a callback, or awaited."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

from gi.repository import Gio, GLib, PlantRpc

from . import signature
from .values import arguments, from_variant, named_arguments

Introspected = PlantRpc.Client
Callback = Callable[[Any, Exception | None], None]
LONGEST_PAUSE = 0.01  # seconds between two looks at the main context


def _describe(method: PlantRpc.MethodInfo) -> str:
    """A method as one writes it: `turn(degrees: i) -> d`."""
    name, declared, returned = (method.get_name(), method.get_signature(),
                                method.get_return_type())
    if declared is None:
        return f"{name}(…)"
    if returned is None:
        return f"{name}({declared})"
    # No type has an arrow in it, so the last arrow is the one before the type.
    return f"{name}({declared.rpartition('->')[0].rstrip()}) -> {returned}"


class RemoteMethod:
    """A method of a device: `camera.get_image(lores=True)` blocks until it has ended.

    `timeout` is how long callers wait, in ms; None for ever; unset, as long as the device says.
    """

    def __init__(self, client: Any, info: PlantRpc.MethodInfo) -> None:
        self._client, self._info, self._timeout = client, info, PlantRpc.TIMEOUT_FROM_SERVER
        self.__name__, self._buffer = info.get_name(), info.get_buffer()
        self.__doc__ = _describe(info)

    @property
    def timeout(self) -> int | None:
        """How long callers of this object wait in ms, None for ever, 0 as long as the device says.
        """
        return None if self._timeout == PlantRpc.TIMEOUT_NONE else self._timeout

    @timeout.setter
    def timeout(self, timeout: int | None) -> None:
        self._timeout = PlantRpc.TIMEOUT_NONE if timeout is None else timeout

    def with_timeout(self, timeout: int | None) -> "RemoteMethod":
        """The same method, for callers that wait as long as this."""
        method = RemoteMethod(self._client, self._info)
        method.timeout = timeout
        return method

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        begin = Introspected.call_buffer_sync if self._buffer else Introspected.call_sync
        return self._unpack(begin(self._client, self.__name__, arguments(args),
                                  named_arguments(kwargs), self._timeout))

    def begin(self, callback: Callback | None, /, *args: Any, **kwargs: Any) -> "Pending":
        """Call without blocking; `callback` is given the result and None, or None and the error.

        What is returned can be awaited and cancelled.
        """
        pending = Pending(callback)
        begin = Introspected.call_buffer if self._buffer else Introspected.call
        begin(self._client, self.__name__, arguments(args), named_arguments(kwargs), self._timeout,
              pending.cancellable, self._end, pending)
        return pending

    def _end(self, client: Any, result: Gio.AsyncResult, pending: "Pending") -> None:
        finish = Introspected.call_buffer_finish if self._buffer else Introspected.call_finish
        try:
            value = self._unpack(finish(client, result))
        except Exception as error:
            # The frames of this package, which keep the client, tell the caller nothing.
            error.__context__ = None
            pending._settle(None, error.with_traceback(None))
        else:
            pending._settle(value, None)

    def _unpack(self, result: Any) -> Any:
        if not self._buffer:
            return from_variant(result)
        data, info = result
        return data.get_data() or b"", from_variant(info) or {}

    def __getattr__(self, name: str) -> Any:
        # Read only when somebody asks: a method is looked up for each call.
        if name == "__signature__":
            return signature.read(self._info)
        raise AttributeError(f"a remote method has no attribute “{name}”", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<remote method {self.__doc__} of {self._client!r}>"


class Pending:
    """A call under way: its outcome comes to the callback, or is awaited, or both."""

    def __init__(self, callback: Callback | None) -> None:
        self.cancellable = Gio.Cancellable()
        self._callback, self._done = callback, False
        self._value: Any = None
        self._error: Exception | None = None
        self._futures: list[asyncio.Future[None]] = []

    @property
    def done(self) -> bool:
        """Whether the call has ended."""
        return self._done

    def cancel(self) -> None:
        """Wait no more; the device is told."""
        self.cancellable.cancel()

    def _settle(self, value: Any, error: Exception | None) -> None:
        """Take the outcome."""
        self._done, self._value, self._error = True, value, error
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
        """Wait in any asyncio loop; one that GLib does not drive looks after GLib meanwhile."""
        try:
            if GLib.main_depth() == 0:
                await self._iterate()
            elif not self._done:
                future = asyncio.get_running_loop().create_future()
                self._futures.append(future)
                await future
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def _iterate(self) -> None:
        context, pause = GLib.MainContext.ref_thread_default(), 0.0
        while not self._done:
            if context.iteration(False):
                pause = 0.0
            if not self._done:
                await asyncio.sleep(pause)
            pause = min(pause + 0.001, LONGEST_PAUSE)


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
