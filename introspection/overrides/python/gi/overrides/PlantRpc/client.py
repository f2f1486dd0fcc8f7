# SPDX-License-Identifier: LGPL-2.1-or-later
"""The client: the members of a device are attributes, with plain values."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from gi.repository import GLib, GObject, PlantRpc

from . import errors, loops, template
from .members import RemoteProperty, define_method, define_property
from .remote import RemoteMethod
from .values import (arguments, fit, from_property, from_variant, named_arguments, to_property,
                     to_variant)

Introspected = PlantRpc.Client
_disconnect_all = GObject.signal_handlers_destroy
# The methods that were looked up, by the class and the name, with the interface of the device then.
# One counts while that is the same; none has a client.
_methods: dict[tuple[type, str], tuple[PlantRpc.InterfaceInfo, RemoteMethod]] = {}
UNTYPED = "PlantRpcUntyped"  # the GType of the members of a device that tells no types


class _PlainHandler:
    """Calls a handler with plain values.  It equals the handler, so that it is found by that."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        self.handler = handler

    def __call__(self, source: Any, *args: Any) -> Any:
        return self.handler(source, *(from_variant(arg) if isinstance(arg, GLib.Variant) else arg
                                      for arg in args))

    def __eq__(self, other: Any) -> bool:
        return bool(self.handler == (other.handler if isinstance(other, _PlainHandler) else other))

    def __hash__(self) -> int:
        return hash(self.handler)


class Client(PlantRpc.Client):
    """The remote object, seen locally.

    Its properties are attributes, its methods are called.  Where no main loop runs, a read asks the
    device, and a write waits for it and raises if it is refused; within a loop a read gives the
    last value known, and a refusal comes with the signal `write-failed`.
    """

    __module__ = __package__ or ""
    _keeps_attributes = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # PyGObject makes the classes of types made at runtime; only those of Python programs have
        # attributes of their own.
        if "__gtype__" not in vars(cls):
            cls._keeps_attributes = True
        super().__init_subclass__(**kwargs)

    @staticmethod
    def new_for_type(type: Any, url: str) -> Any:
        """Make a client that has the members of a template: a class, or its GType."""
        loops.always_attend()
        return GObject.new(template.client_type(type), url=url)

    @classmethod
    def new_for_interface(cls, info: PlantRpc.InterfaceInfo, url: str) -> Any:
        """Make a client that has the members of an interface."""
        loops.always_attend()
        return GObject.new(template.interface_type(info), url=url)

    @staticmethod
    def new_for_device(type: Any, registry_url: str, device: str) -> Any:
        """Make a client for a device that a registry lists; GObject.TYPE_NONE for no template."""
        loops.always_attend()
        client = Client() if type == GObject.TYPE_NONE else GObject.new(template.client_type(type))
        client.follow_device(registry_url, device)
        return client

    @staticmethod
    def type_for_interface(info: PlantRpc.InterfaceInfo) -> GObject.GType:
        """The type of the clients of an interface."""
        return template.interface_type(info)

    @staticmethod
    def type_for_type(type: Any) -> GObject.GType:
        """The type of the clients of a template: a class, or its GType."""
        return template.client_type(type)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        loops.always_attend()

    def __del__(self) -> None:
        # The collector takes handlers apart before it drops a client that belongs to their cycle,
        # and lets other threads run meanwhile, whose loop must not call what is left of them.
        if self.__grefcount__ == 1 and not sys.is_finalizing():
            _disconnect_all(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and not self._is_offered(name):
            raise AttributeError(f"{type(self).__name__} has no attribute “{name}”", name=name,
                                 obj=self)
        known = _methods.get((type(self), name))
        if known is not None and known[0] == Introspected.get_interface(self):
            return known[1]._for(self)
        spec = self._find(name)
        if spec is not None:
            if self._is_remote(spec):
                define_property(type(self), name)
            return self._read(spec)
        info = self._described_by(name)
        if info is None:
            raise self._no_member(name)
        if isinstance(info, PlantRpc.PropertyInfo):
            return from_variant(self._fetch(info.get_name()))
        method, live = RemoteMethod(self, info), self.get_interface()
        if live is not None:
            _methods[type(self), name] = live, method._for(None)
            define_method(type(self), name, live, method)
        return method

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if type(known) is RemoteProperty:
            known.__set__(self, value)
            return
        if hasattr(type(self), name) or name.startswith("_") and not self._is_offered(name):
            self._refuse_hidden(name)
            super().__setattr__(name, value)
            return
        spec = self._find(name)
        info = self._described_by(name) if spec is None else None
        if spec is not None:
            self._write(spec, value)
        elif isinstance(info, PlantRpc.PropertyInfo):
            self._send(info.get_name(), to_variant(value))
        elif info is not None:
            raise AttributeError(f"“{name}” is a method of the device", name=name, obj=self)
        elif self._keeps_attributes:
            super().__setattr__(name, value)
        else:
            raise self._no_member(name)

    def __dir__(self) -> list[str]:
        names = set(super().__dir__())
        names.update(spec.name.replace("-", "_") for spec in self.list_properties())
        for info in self._interfaces():
            names.update(info.list_methods())
            names.update(name.replace("-", "_") for name in info.list_properties())
        return sorted(names)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        kind = type(self).__name__ if self._keeps_attributes else "Client"
        declared = next((f" of {name}" for name, _ in template.declared(type(self)) if name), "")
        name = f" “{self.get_name()}”" if self.get_name() else ""
        url = self.get_url() or "a device not found yet"
        return PlantRpc.text_escape(
            f"<{kind}{declared}{name} at {url}, {self.get_state().value_nick}>")

    def connect(self, detailed_signal: str, handler: Callable[..., Any], *data: Any) -> int:
        """Have a signal call a function, by the name on the wire or that of GObject.

        `notify::video_url` is `notify::video-url`.
        """
        loops.attend()
        name = self._signal_name(detailed_signal)
        return super().connect(name, self._made_plain(name, handler), *data)

    def connect_after(self, detailed_signal: str, handler: Callable[..., Any], *data: Any) -> int:
        """As `connect`, after what the class itself does."""
        loops.attend()
        name = self._signal_name(detailed_signal)
        return super().connect_after(name, self._made_plain(name, handler), *data)

    def get_property(self, property_name: str) -> Any:
        """A property of the client.  The value is plain also if the device tells no types."""
        value = super().get_property(property_name)
        return from_variant(value) if self._is_untyped(property_name) else value

    def set_property(self, property_name: str, value: Any) -> None:
        """Set a property of the client, if the device tells no types to any plain value."""
        if self._is_untyped(property_name):
            value = to_variant(value)
        super().set_property(property_name, value)

    def lookup_method(self, name: str) -> RemoteMethod:
        """A method by its name, also one that an attribute of this class hides."""
        for info in self._interfaces():
            method = info.lookup_method(name)
            if method is not None:
                return RemoteMethod(self, method)
        raise self._no_member(name)

    # -- members

    def _find(self, name: str) -> GObject.ParamSpec | None:
        """The GObject property for a name: one of each client, or else of the device."""
        spec = self.find_property(name.replace("_", "-"))
        if spec is not None and not self._is_remote(spec):
            return spec
        # A name of the wire goes before the spelling of GObject, which may be of another property.
        remote = self.lookup_property(name)
        return spec if remote is None else self.find_property(remote.get_name())

    def _signal_name(self, name: str) -> str:
        """The name that GObject has for a signal, or for a notification.

        With an underscore a notification could be connected to, and would never come.
        """
        signal, _, detail = name.partition("::")
        if signal == "notify" and detail:
            spec = self._find(detail)
            return f"notify::{detail.replace('_', '-') if spec is None else spec.name}"
        if detail or GObject.signal_lookup(name, Client):
            return name
        found = (info.lookup_signal(name) for info in reversed(self._interfaces()))
        return next((info.get_name() for info in found if info is not None), name)

    def _is_untyped(self, name: str) -> bool:
        spec = self.find_property(name)
        return spec is not None and spec.value_type.name == UNTYPED

    def _made_plain(self, signal: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """What to connect to a signal.  The arguments of a device without types are variants."""
        signal_id = GObject.signal_lookup(signal.partition("::")[0], type(self))
        types = GObject.signal_query(signal_id).param_types if signal_id else ()
        untyped = any(kind.name == UNTYPED for kind in types)
        return _PlainHandler(handler) if untyped and callable(handler) else handler

    def _interfaces(self) -> list[PlantRpc.InterfaceInfo]:
        """What describes the device: itself once connected, and before that the template."""
        live = self.get_interface()
        known = [info for _, info in template.declared(type(self))]
        return known if live is None else [live, *known]

    def _described_by(self, name: str) -> Any:
        for info in self._interfaces():
            member = info.lookup_method(name) or info.lookup_property(name)
            if member is not None:
                return member
        return None

    def _is_offered(self, name: str) -> bool:
        """Whether a name with an underscore is of the device, and not of Python or this object.

        A subclass may set attributes of its own before GObject has made the object.
        """
        if name in vars(self) or name.startswith("__") and name.endswith("__"):
            return False
        try:
            return self._described_by(name) is not None
        except (RuntimeError, TypeError):
            return False

    def _refuse_hidden(self, name: str) -> None:
        """Refuse a value for a property of the device whose name is that of a method of clients."""
        if not callable(getattr(Client, name, None)):
            return
        info = next((info for info in (interface.lookup_property(name)
                                       for interface in self._interfaces()) if info), None)
        if info is None:
            return
        free = info.get_name().replace("-", "_")
        other = f'reached by write_property("{name}")' if hasattr(Client, free) else f"“{free}”"
        raise AttributeError(f"“{name}” is a member of the client; the property of the device is "
                             f"{other}", name=name, obj=self)

    def _no_member(self, name: str) -> AttributeError:
        if self._interfaces():
            text = f"the device has no member “{name}”"
        else:
            text = f"whether the device has a member “{name}” is known once it is connected"
        return AttributeError(text, name=name, obj=self)

    def _read(self, spec: GObject.ParamSpec) -> Any:
        remote = self._is_remote(spec)
        value = self._fetch(spec.name) if remote else None
        if value is not None:
            return from_property(spec, to_property(spec, value))
        # The device has not told the value yet.  GObject would show the default of the property.
        if remote and spec.flags & GObject.ParamFlags.READABLE \
                and self.get_state() == PlantRpc.State.READY:
            return None
        return from_property(spec, self.get_property(spec.name))

    def _fetch(self, name: str) -> GLib.Variant | None:
        """A value, asked for where no main loop runs that could tell of its changes."""
        if not loops.is_running(self):
            return Introspected.read_property_sync(self, name)
        known = self.lookup_property(name)
        error = known.get_error() if known is not None else None
        if error is not None:
            raise errors.wrap(error)
        return known.dup_value() if known is not None else None

    def _write(self, spec: GObject.ParamSpec, value: Any) -> None:
        if not self._is_remote(spec):
            self.set_property(spec.name, value)
            return
        info = self._describe(spec)
        fitted = to_variant(value) if info is None else fit(info, value)
        if not loops.is_running(self):
            # Of an old device each number is a fraction here, but it may want an integer.
            fraction = fitted.get_type_string() == "d"
            self._send(spec.name, to_variant(value) if fraction else fitted)
            return
        self.set_property(spec.name, to_property(spec, fitted))

    def _send(self, name: str, value: GLib.Variant) -> None:
        if loops.is_running(self):
            Introspected.write_property.introspected(self, name, value, None, None)
            return
        with errors.naming(name.replace("-", "_")):
            Introspected.write_property_sync(self, name, value)

    def _describe(self, spec: GObject.ParamSpec) -> PlantRpc.PropertyInfo | None:
        """What a property takes: as the template says, or else the device that was discovered."""
        found = (info.lookup_property(spec.name) for info in reversed(self._interfaces()))
        return next(filter(None, found), None)

    def _is_remote(self, spec: GObject.ParamSpec) -> bool:
        """Whether a property is the device's; one of that name may be of the client itself."""
        return not Client.__gtype__.is_a(spec.owner_type)

    # -- the introspected functions, with plain values

    def call(self, method: str, args: Any = None, kwargs: Any = None, timeout: int = 0,
             *rest: Any, **named: Any) -> Any:
        """Call a method of the device; the result is awaited, or had by `call_finish`."""
        return super().call(method, arguments(args), named_arguments(kwargs), timeout, *rest,
                            **named)

    def call_sync(self, method: str, args: Any = None, kwargs: Any = None, timeout: int = 0,
                  cancellable: Any = None) -> GLib.Variant:
        """Call a method of the device, and block."""
        return super().call_sync(method, arguments(args), named_arguments(kwargs), timeout,
                                 cancellable)

    def call_buffer(self, method: str, args: Any = None, kwargs: Any = None, timeout: int = 0,
                    *rest: Any, **named: Any) -> Any:
        """Call a method that returns bytes; those are awaited, or had by `call_buffer_finish`."""
        return super().call_buffer(method, arguments(args), named_arguments(kwargs), timeout,
                                   *rest, **named)

    def call_buffer_sync(self, method: str, args: Any = None, kwargs: Any = None,
                         timeout: int = 0, cancellable: Any = None) -> Any:
        """Call a method that returns bytes, and block."""
        return super().call_buffer_sync(method, arguments(args), named_arguments(kwargs), timeout,
                                        cancellable)

    def write_property(self, name: str, value: Any, *rest: Any, **named: Any) -> Any:
        """Write a property; what comes of it is awaited, or told by `write_property_finish`."""
        return super().write_property(name, to_variant(value), *rest, **named)

    def write_property_sync(self, name: str, value: Any, cancellable: Any = None) -> bool:
        """Write a property, and block until the device has taken or refused it."""
        return super().write_property_sync(name, to_variant(value), cancellable)
