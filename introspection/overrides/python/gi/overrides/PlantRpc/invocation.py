# SPDX-License-Identifier: LGPL-2.1-or-later
"""One incoming call or write, answered with plain values."""

from typing import Any

from gi.repository import GLib, PlantRpc

from .values import from_marshal, from_variant, to_marshal, to_variant

_get_marshal = PlantRpc.Invocation.get_marshal
_return_marshal = PlantRpc.Invocation.return_marshal


class Invocation(PlantRpc.Invocation):
    """One incoming call or write; decorated methods see it where they ask for it."""

    __module__ = __package__ or ""

    def return_value(self, value: Any) -> None:
        """Answer with a value, plain or a variant; None is no value."""
        super().return_value(None if value is None else to_variant(value))

    def return_buffer(self, buffer: Any, info: Any = None) -> None:
        """Answer with bytes and a mapping that tells of them."""
        super().return_buffer(_to_bytes(buffer), None if info is None else to_variant(info))

    def __repr__(self) -> str:
        state = "answered" if self.get_answered() else "not answered"
        return f"<Invocation of {self.get_name()} by {self.get_sender()}, {state}>"


def given(invocation: PlantRpc.Invocation) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, by position and by name."""
    data = _get_marshal(invocation)
    if data:
        return from_marshal(data)  # type: ignore[no-any-return]
    return from_variant(invocation.get_args()) or [], from_variant(invocation.get_kwargs()) or {}


def return_plain(invocation: PlantRpc.Invocation, value: Any) -> bool:
    """Answer, if there is no answer yet; False for a value that is to be looked at by itself."""
    data = to_marshal(value)
    return data is not None and _return_marshal(invocation, data)


def _to_bytes(buffer: Any) -> GLib.Bytes:
    if isinstance(buffer, GLib.Bytes):
        return buffer
    if isinstance(buffer, bytes):
        return GLib.Bytes.new(buffer)
    try:
        view = memoryview(buffer)
    except TypeError:
        raise TypeError("a buffer method returns bytes, or a tuple of bytes and a dict, "
                        f"not {type(buffer).__name__}") from None
    return GLib.Bytes.new(view.tobytes())
