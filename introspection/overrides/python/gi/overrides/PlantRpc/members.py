# SPDX-License-Identifier: LGPL-2.1-or-later
"""The members of a device as those of the class of its clients, once they have been looked up.

What Python finds in the class costs a fraction of what `__getattr__` does, which is called when all
else has failed.
"""

import asyncio
from typing import Any

from gi.repository import PlantRpc

from . import errors
from .interrupt import ask
from .remote import RemoteMethod
from .values import PLAIN, from_outcome, to_marshal

_get_interface = PlantRpc.Client.get_interface
_read = PlantRpc.Client.read_marshal_sync
_write = PlantRpc.Client.write_marshal_sync
_DONE = to_marshal((None,))  # what the library tells of a write that has succeeded


class RemoteProperty(property):
    """A property of a device; where the library cannot do all at once, the client does it."""


class _Method:
    """A method of a device, while the interface of that is the one in which it was found."""

    def __init__(self, live: PlantRpc.InterfaceInfo, method: RemoteMethod) -> None:
        self._live, self._method = live, method._for(None)

    def __get__(self, client: Any, owner: Any = None) -> RemoteMethod:
        if client is None or self._live != _get_interface(client):
            raise AttributeError(self._method.__name__)  # The client looks for it again.
        return self._method._for(client)


def _class_of_device(kind: type) -> type | None:
    """The class of which only clients of one type are, which a program may have derived from."""
    return next((klass for klass in kind.__mro__ if "__gtype__" in vars(klass)
                 and vars(klass)["__gtype__"].name.startswith("PlantRpcRuntime")), None)


def define_method(kind: type, name: str, live: PlantRpc.InterfaceInfo,
                  method: RemoteMethod) -> None:
    """Have a class find a method by a name."""
    owner = _class_of_device(kind)
    if owner is not None:
        setattr(owner, name, _Method(live, method))


def define_property(kind: type, name: str) -> None:
    """Have a class find a property by a name."""
    owner = _class_of_device(kind)
    if owner is None:
        return

    def read(client: Any) -> Any:
        # In an asyncio loop the value that was told last counts.
        if asyncio._get_running_loop() is None:
            outcome = ask(_read, client, name)
            if outcome:
                return from_outcome(outcome)
        return client._read(client._find(name))

    def write(client: Any, value: Any) -> None:
        if type(value) in PLAIN and asyncio._get_running_loop() is None:
            data = to_marshal(value)
            outcome = ask(_write, client, name, data) if data else data
            if outcome:
                if outcome != _DONE:
                    with errors.naming(client._find(name).name.replace("-", "_")):
                        from_outcome(outcome)
                return
        client._write(client._find(name), value)
    setattr(owner, name, RemoteProperty(read, write))
