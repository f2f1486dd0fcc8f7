# SPDX-License-Identifier: LGPL-2.1-or-later
"""The properties that the library declares, as attributes."""

from typing import Any

from gi.repository import GObject

from .values import from_property


def add_attributes(cls: Any) -> None:
    """Give a class an attribute for each of its own GObject properties: `server.url`."""
    for spec in cls.list_properties():
        name = spec.name.replace("-", "_")
        if name not in vars(cls) and spec.owner_type == cls.__gtype__:
            setattr(cls, name, _attribute(spec))


def _attribute(spec: GObject.ParamSpec) -> property:
    def read(self: Any) -> Any:
        return from_property(spec, self.get_property(spec.name))

    def write(self: Any, value: Any) -> None:
        self.set_property(spec.name, value)

    writable = spec.flags & GObject.ParamFlags.WRITABLE \
        and not spec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
    return property(read, write if writable else None, None, spec.blurb)
