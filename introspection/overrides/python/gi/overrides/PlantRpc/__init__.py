# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PlantRpc has more of in Python: attributes, decorators, plain values and exceptions."""

import sys
from typing import Any

from gi.repository import PlantRpc as _introspected

__all__: list[str] = []


def _replace(cls: type[Any]) -> None:
    """Have instances of an introspected class be of the one that overrides it."""
    cls.__info__.get_g_type().pytype = cls
    setattr(_introspected, cls.__name__, cls)
    _offer(cls)


def _offer(item: Any) -> None:
    setattr(sys.modules[__name__], item.__name__, item)
    __all__.append(item.__name__)


from .functions import cover  # noqa: E402

cover(_introspected)

from .attributes import add_attributes  # noqa: E402
from .errors import CallError, CallTimeout, CallValueError  # noqa: E402
from .invocation import Invocation  # noqa: E402
from .loops import attend_to  # noqa: E402

_replace(Invocation)

from .methods import method_buffer, method_json  # noqa: E402
from .properties import Property, blocking  # noqa: E402
from .server import Server  # noqa: E402

_replace(Server)

from .relay import Relay  # noqa: E402

_replace(Relay)

from .client import Client  # noqa: E402
from .pending import Pending  # noqa: E402
from .remote import RemoteMethod  # noqa: E402

_replace(Client)

from .connect import connect, discover, register_interface  # noqa: E402

for _class in (Server, _introspected.Device, _introspected.Discovery, _introspected.KnownDevices,
               _introspected.Property, _introspected.Registry, _introspected.RegistryClient,
               Relay):
    add_attributes(_class)
for _class in (_introspected.Discovery, _introspected.Registry, _introspected.RegistryClient):
    attend_to(_class)

from .rpc_client import NoResult, RPCClient  # noqa: E402
from .rpc_server import RPCServer  # noqa: E402
from .rpc_signal import RPCProperty, RPCSignal  # noqa: E402

for _item in (CallError, CallTimeout, CallValueError, NoResult, Pending, Property, RPCClient,
              RPCProperty, RPCServer, RPCSignal, RemoteMethod, blocking, connect, discover,
              method_buffer, method_json, register_interface):
    _offer(_item)

# What the module does not have itself, PyGObject looks for by a function of Python, which costs
# several times as much as most of what is found.
for _name in dir(_introspected):
    if not _name.startswith("_"):
        setattr(_introspected, _name, getattr(_introspected, _name))
