#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A registry, a device that registers with it and a list of its devices, all in one program."""

import sys
from typing import Any

from gi.repository import Gio

from talk import GLib, GObject, PlantRpc, Record, Talk, ended, equal, fails, run, wait

URL = "tcp://127.0.0.1:*"


class Lamp(GObject.Object):
    """Something to offer."""

    __gtype_name__ = "TestLamp"
    lit = GObject.Property(type=bool, default=False)


def offer(name: str = "") -> PlantRpc.Server:
    """A running server."""
    server = PlantRpc.Server.new(Lamp(), URL)
    server.set_name(name)
    server.start()
    return server


def start() -> PlantRpc.Registry:
    """A running registry."""
    registry = PlantRpc.Registry.new(URL)
    equal((registry.get_running(), registry.get_port()), (False, 0))
    registry.start()
    assert registry.get_running() and registry.get_property("running")
    equal(registry.get_url(), f"tcp://127.0.0.1:{registry.get_port()}")
    equal(registry.get_property("url"), registry.get_url())
    equal(registry.get_property("port"), registry.get_port())
    return registry


def names(devices: Any) -> list[str]:
    """The names of the devices in a list."""
    return [device.get_name() for device in devices]


def check(device: PlantRpc.Device, server: PlantRpc.Server) -> None:
    """What a registry tells of a device."""
    equal((device.get_name(), device.get_device_type(), device.get_url()),
          ("desk", "lamp", server.get_url()))
    equal((device.get_property("name"), device.get_property("device-type"),
           device.get_property("url")), ("desk", "lamp", server.get_url()))
    assert device.get_uuid() and device.get_property("uuid") == device.get_uuid()
    assert device.get_alive() and device.get_property("alive")
    age = GLib.DateTime.new_now_local().difference(device.get_last_seen())
    assert 0 <= age < 60 * GLib.USEC_PER_SEC, age
    assert device.get_property("last-seen") is not None


def registering(talk: Talk) -> None:
    """A server registers, is listed, and withdraws."""
    registry, server = start(), offer()
    added, removed = Record(registry, "device-added"), Record(registry, "device-removed")
    result = ended(server.register_to_registry, "lamp", "desk", registry.get_url(), False, None)
    equal(server.register_to_registry_finish(result), "desk")
    assert server.get_registered() and server.get_property("registered")
    equal(server.get_property("name"), "desk")
    wait(lambda: added, "device-added")
    check(added[0][0], server)
    equal(registry.find_device("desk"), added[0][0])
    assert registry.find_device("chair") is None

    other = offer()
    equal(other.register_to_registry_sync("lamp", "desk", registry.get_url(), False, None),
          "desk-1")
    wait(lambda: names(registry) == ["desk", "desk-1"], "both listed")
    assert other.unregister_sync(None)
    assert server.unregister_finish(ended(server.unregister, None))
    wait(lambda: len(removed) == 2 and not list(registry), "both removed")
    assert not server.get_registered() and not added[0][0].get_alive()
    registry.stop()
    assert not registry.get_running()


def watching(talk: Talk) -> None:
    """A list of devices elsewhere follows the registry."""
    registry = start()
    client = PlantRpc.RegistryClient.new(registry.get_url())
    changes = Record(client, "items-changed")
    wait(lambda: client.get_state() == PlantRpc.State.READY, "ready")
    wait(lambda: client.get_property("state") == PlantRpc.State.READY, "ready")
    equal((client.get_url(), client.get_property("url")), (registry.get_url(),) * 2)
    assert client.get_last_error() is None and client.get_property("last-error") is None
    server = offer()
    server.register_to_registry_sync("lamp", "desk", registry.get_url(), True, None)
    wait(lambda: changes and names(client) == ["desk"], "listed")
    check(client.find_device("desk"), server)
    assert client.find_device("chair") is None
    server.stop()
    wait(lambda: not list(client), "gone with its server")
    client.close()
    wait(lambda: client.get_state() == PlantRpc.State.CLOSED, "closed")


def following(talk: Talk) -> None:
    """A client finds its device by name, wherever that comes back."""
    registry = start()
    typed = PlantRpc.Client.new_for_device(Lamp.__gtype__, registry.get_url(), "desk")
    plain = PlantRpc.Client()
    plain.follow_device(registry.get_url(), "lamp")
    equal(plain.get_state(), PlantRpc.State.DISCONNECTED)
    for _ in range(2):
        server = offer()
        server.register_to_registry_sync("lamp", "desk", registry.get_url(), True, None)
        wait(lambda: all(client.get_state() == PlantRpc.State.READY for client in (typed, plain)),
             "both there")
        equal(typed.get_name(), "desk")
        result = ended(PlantRpc.Client.discover_device, registry.get_url(), "desk", 10000, None)
        found = PlantRpc.Client.discover_device_finish(result)
        equal((found.get_state(), found.get_url()), (PlantRpc.State.READY, server.get_url()))
        found.close()
        fails(PlantRpc.Client.discover_device_sync, registry.get_url(), "chair", 20, None,
              domain="g-io-error-quark", code=Gio.IOErrorEnum.TIMED_OUT)
        typed.set_property("lit", True)
        wait(lambda: server.get_object().lit, "lit")
        server.stop()
        wait(lambda: all(client.get_state() != PlantRpc.State.READY for client in (typed, plain)),
             "gone")


def settings(talk: Talk) -> None:
    """What a server keeps for its registration, and for itself."""
    server = offer("lamp")
    server.set_alive_timeout(5)
    equal((server.get_alive_timeout(), server.get_property("alive-timeout")), (5, 5))
    server.set_exit_without_registry(True)
    assert server.get_exit_without_registry() and server.get_property("exit-without-registry")
    server.set_max_peer_calls(5)
    equal((server.get_max_peer_calls(), server.get_property("max-peer-calls")), (5, 5))
    server.set_max_unread(1 << 40)
    equal((server.get_max_unread(), server.get_property("max-unread")), (1 << 40, 1 << 40))
    assert not server.get_property("allow-stop") and server.get_property("running")
    assert not server.get_property("legacy")
    equal(server.get_property("port"), server.get_port())
    equal((server.get_property("url"), server.get_property("uuid")),
          (server.get_url(), server.get_uuid()))
    equal(server.get_property("object"), server.get_object())
    assert server.get_property("peer-address") is None
    fails(server.register_to_registry_sync, "lamp", "desk", "no url", False, None,
          code=PlantRpc.Error.INVALID_URL)
    equal(PlantRpc.REGISTRY_URL, "tcp://127.0.0.1:5555")
    version = (PlantRpc.MAJOR_VERSION, PlantRpc.MINOR_VERSION, PlantRpc.MICRO_VERSION)
    assert version >= (1, 0, 0)


if __name__ == "__main__":
    sys.exit(run(Talk("", "native"), [registering, watching, following, settings]))
