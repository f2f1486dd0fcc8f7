# SPDX-License-Identifier: LGPL-2.1-or-later
"""A method of a device, as something to call: blocking, with a callback, or awaited."""

from typing import Any

from gi.repository import Gio, PlantRpc

from . import signature
from .interrupt import ask
from .pending import Callback, Pending
from .values import from_buffer, from_outcome, from_variant, to_marshal, to_variant

Introspected = PlantRpc.Client
FROM_SERVER = PlantRpc.TIMEOUT_FROM_SERVER
_call = Introspected.call_marshal_sync


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

    `timeout` is how long callers wait, in ms; None for ever; until it is set, what the device says.
    """

    def __init__(self, client: Any, info: PlantRpc.MethodInfo) -> None:
        self._client, self._info, self._timeout = client, info, FROM_SERVER
        self._name, self._buffer = info.get_name(), info.get_buffer()
        # Python shows these two to people: in help(), for one.
        self.__name__ = PlantRpc.text_escape(self._name)
        self.__doc__ = PlantRpc.text_escape(_describe(info))

    def _for(self, client: Any) -> "RemoteMethod":
        """The same method of a client, faster than it can be made."""
        method = RemoteMethod.__new__(RemoteMethod)
        vars(method).update(vars(self), _client=client)
        return method

    @property
    def timeout(self) -> int | None:
        """How long callers wait in ms, as the device says unless it was set; None for ever."""
        timeout = self._timeout
        if timeout == PlantRpc.TIMEOUT_FROM_SERVER:
            timeout = self._info.get_timeout()
        return None if timeout == PlantRpc.TIMEOUT_NONE else timeout

    @timeout.setter
    def timeout(self, timeout: int | None) -> None:
        self._timeout = PlantRpc.TIMEOUT_NONE if timeout is None else timeout

    def with_timeout(self, timeout: int | None) -> "RemoteMethod":
        """The same method, for callers that wait as long as this."""
        method = RemoteMethod(self._client, self._info)
        method.timeout = timeout
        return method

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        data = None if self._buffer else to_marshal((args, kwargs))
        if data is not None:
            outcome = ask(_call, self._client, self._name, data, self._timeout)
            if outcome:
                return from_outcome(outcome)
        begin = Introspected.call_buffer_sync if self._buffer else Introspected.call_sync
        return self._unpack(begin(self._client, self._name, to_variant(list(args)),
                                  to_variant(kwargs) if kwargs else None, self._timeout))

    def begin(self, callback: Callback | None, /, *args: Any, **kwargs: Any) -> Pending:
        """Call without blocking; `callback` is given the result and None, or None and the error.

        What is returned can be awaited and cancelled.
        """
        pending = Pending(callback)
        begin = Introspected.call_buffer if self._buffer else Introspected.call
        begin(self._client, self._name, to_variant(list(args)),
              to_variant(kwargs) if kwargs else None, self._timeout, pending.cancellable,
              self._ended, pending)
        return pending

    def _ended(self, client: Any, result: Gio.AsyncResult, pending: Pending) -> None:
        finish = Introspected.call_buffer_finish if self._buffer else Introspected.call_finish
        pending._end(lambda: self._unpack(finish(client, result)))

    def _unpack(self, result: Any) -> Any:
        return from_buffer(result) if self._buffer else from_variant(result)

    def __getattr__(self, name: str) -> Any:
        # Read only when somebody asks: a method is looked up for each call.
        if name == "__signature__":
            return signature.read(self._info)
        raise AttributeError(f"a remote method has no attribute “{name}”", name=name, obj=self)

    def __repr__(self) -> str:
        return PlantRpc.text_escape(f"<remote method {self.__doc__} of {self._client!r}>")
