# SPDX-License-Identifier: LGPL-2.1-or-later
"""Classes that clients are typed by: what they declare, and the class that they make."""

from collections.abc import Iterator
from typing import Any

from gi.repository import GObject, PlantRpc

from .methods import declarations
from .properties import declare

Introspected = PlantRpc.Client

# By the name of the GType: of a template, the type of its clients; of that, what it declares.
_client_types: dict[str, GObject.GType] = {}
_declared: dict[str, tuple[str, PlantRpc.InterfaceInfo]] = {}


def is_template(owner: Any) -> bool:
    """Whether something is a class that clients can be typed by."""
    return isinstance(owner, type) and hasattr(owner, "__gtype__")


def client_type(template: Any) -> GObject.GType:
    """The type of the clients of a template: a class, or its GType."""
    gtype = getattr(template, "__gtype__", template)
    runtime = _client_types.get(gtype.name)
    if runtime is not None:
        return runtime
    declare(gtype.pytype)
    for _, declaration in declarations(gtype.pytype or object):
        PlantRpc.type_declare_method(gtype, declaration.name, declaration.signature,
                                     declaration.buffer, declaration.timeout)
    runtime = Introspected.type_for_type(gtype)
    _declared[runtime.name] = (getattr(gtype.pytype, "__name__", gtype.name),
                               PlantRpc.InterfaceInfo.new_for_type(gtype))
    _client_types[gtype.name] = runtime
    return runtime


def interface_type(info: PlantRpc.InterfaceInfo) -> GObject.GType:
    """The type of the clients of an interface."""
    runtime = Introspected.type_for_interface(info)
    _declared.setdefault(runtime.name, ("", info))
    return runtime


def client_class(template: type) -> type:
    """The class of the clients of a template."""
    runtime = client_type(template)
    # PyGObject makes the class with the first instance.
    return runtime.pytype or type(GObject.new(runtime))


def declared(kind: type) -> Iterator[tuple[str, PlantRpc.InterfaceInfo]]:
    """What the templates of a class of clients are called and declare, the nearest first."""
    for klass in kind.__mro__:
        gtype = vars(klass).get("__gtype__")
        if gtype is not None and gtype.name in _declared:
            yield _declared[gtype.name]
