# SPDX-License-Identifier: LGPL-2.1-or-later
"""How clients come to be: connected to a device, discovered, or declared as a class."""

from collections.abc import Callable, Iterable
from typing import Any

from gi.repository import Gio, PlantRpc

from .client import Client
from .pending import Callback, Pending
from .template import client_class, is_template

CONNECT_MS = 10000


def _ms(timeout: int | None) -> int:
    """A time limit as the library takes it; None is for ever."""
    return PlantRpc.TIMEOUT_NONE if timeout is None else timeout


def _trust(keypair: Any, unknown_devices: Any) -> dict[str, Any]:
    """What is said about keys, as properties of a client or of a discovery."""
    given = {"keypair": keypair, "unknown_devices": unknown_devices}
    return {name: value for name, value in given.items() if value is not None}


def _new_client(template: type | None, **properties: Any) -> Any:
    if template is None:
        return Client(**properties)
    if not is_template(template):
        raise TypeError(f"a template is a class of GObject.Object, not {template!r}")
    if issubclass(template, Client):
        return template(**properties)
    return client_class(template)(**properties)


def connect(template: type | None, url: str | None = None, *, device: str | None = None,
            registry: str | None = None, timeout: int | None = CONNECT_MS, keypair: Any = None,
            unknown_devices: Any = None) -> Any:
    """Connect to a device and block until it is ready, for at most `timeout` ms; None: for ever.

    `template` is a class that declares properties, signals and methods, a subclass of `Client`, or
    None for a client that learns from the device.  The device is at `url`, or it is the one of that
    name or type in the registry, by default the one of this machine.  A secured device knows this
    program by `keypair`, or by that of the user.
    """
    client = _place(template, url, device, registry, _trust(keypair, unknown_devices))
    try:
        client.wait_ready_sync(_ms(timeout))
    except BaseException:
        client.close()
        raise
    return client


def _connect_later(callback: Callback | None, template: type | None, url: str | None = None, *,
                   device: str | None = None, registry: str | None = None,
                   timeout: int | None = CONNECT_MS, keypair: Any = None,
                   unknown_devices: Any = None) -> Pending:
    """As `connect`, without blocking: `await PlantRpc.connect.begin(None, Camera, url)`.

    `callback` is given the client and None, or None and the error.
    """
    trust = _trust(keypair, unknown_devices)
    client, pending = _place(template, url, device, registry, trust), Pending(callback)

    def finish(result: Gio.AsyncResult) -> Any:
        try:
            client.wait_ready_finish(result)
        except BaseException:
            client.close()
            raise
        return client
    client.wait_ready(_ms(timeout), pending.cancellable,
                      lambda client, result: pending._end(lambda: finish(result)))
    return pending


connect.begin = _connect_later  # type: ignore[attr-defined]


def _place(template: type | None, url: str | None, device: str | None,
           registry: str | None, trust: dict[str, Any]) -> Any:
    if (url is None) == (device is None):
        raise TypeError("either a url or a device is to be named")
    if device is None:
        return _new_client(template, url=url, **trust)
    client = _new_client(template, **trust)
    client.follow_device(registry or PlantRpc.REGISTRY_URL, device)
    return client


def _make_discovery(url: str | None, device: str | None, registry: str | None,
                    trust: dict[str, Any]) -> Any:
    if device is None:
        return PlantRpc.Discovery(url=url, **trust)
    return PlantRpc.Discovery(device=device, registry_url=registry or PlantRpc.REGISTRY_URL,
                              **trust)


def discover(url: str | None = None, *, device: str | None = None, registry: str | None = None,
             timeout: int | None = CONNECT_MS, keypair: Any = None,
             unknown_devices: Any = None) -> Any:
    """Connect to a device and give a client with the members that the device tells of."""
    if (url is None) == (device is None):
        raise TypeError("either a url or a device is to be named")
    trust = _trust(keypair, unknown_devices)
    if trust:
        return _make_discovery(url, device, registry, trust).wait_client_sync(_ms(timeout))
    if device is None:
        return Client.discover_sync(url, _ms(timeout))
    return Client.discover_device_sync(registry or PlantRpc.REGISTRY_URL, device, _ms(timeout))


def _discover_later(callback: Callback | None, url: str | None = None, *,
                    device: str | None = None, registry: str | None = None,
                    timeout: int | None = CONNECT_MS, keypair: Any = None,
                    unknown_devices: Any = None) -> Pending:
    """As `discover`, without blocking: `await PlantRpc.discover.begin(None, url)`."""
    if (url is None) == (device is None):
        raise TypeError("either a url or a device is to be named")
    pending = Pending(callback)
    trust = _trust(keypair, unknown_devices)
    if trust:
        _make_discovery(url, device, registry, trust).wait_client(
            _ms(timeout), pending.cancellable, lambda discovery, result: pending._end(
                lambda: discovery.wait_client_finish(result)))
    elif device is None:
        Client.discover(url, _ms(timeout), pending.cancellable, lambda _, result: pending._end(
            lambda: Client.discover_finish(result)))
    else:
        Client.discover_device(
            registry or PlantRpc.REGISTRY_URL, device, _ms(timeout), pending.cancellable,
            lambda _, result: pending._end(lambda: Client.discover_device_finish(result)))
    return pending


discover.begin = _discover_later  # type: ignore[attr-defined]


def register_interface(template: type) -> Callable[[type], type]:
    """Decorate a subclass of `Client`: its instances have what the template declares."""
    if not is_template(template):
        raise TypeError(f"a template is a class of GObject.Object, not {template!r}")

    def derive(cls: type) -> type:
        if not issubclass(cls, Client):
            raise TypeError(f"{cls.__name__} is no subclass of PlantRpc.Client")
        bases = tuple(base for base in cls.__bases__ if base is not template)
        bases = tuple(client_class(template) if base is Client else base for base in bases)
        left_out = ("__gtype__", "do_get_property", "do_set_property")
        members = {name: value for name, value in vars(cls).items() if name not in left_out}
        members["__gtype_name__"] = f"{cls.__gtype__.name}-of-{template.__gtype__.name}"
        derived = type(cls)(cls.__name__, bases, members)
        _move_super(members.values(), cls, derived)
        return derived
    return derive


def _move_super(members: Iterable[Any], old: type, new: type) -> None:
    """Have `super()` in the functions of a class mean the one that takes its place."""
    for member in members:
        if isinstance(member, property):
            _move_super((member.fget, member.fset, member.fdel), old, new)
        function = getattr(member, "__func__", member)
        for cell in getattr(function, "__closure__", None) or ():
            if cell.cell_contents is old:
                cell.cell_contents = new
