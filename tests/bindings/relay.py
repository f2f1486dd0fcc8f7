#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device, a relay before it and a client of the relay, all in one program."""

import sys

from talk import CONNECT_MS, GObject, PlantRpc, Record, Talk, ended, equal, failure, run, wait

URL = "tcp://127.0.0.1:*"
NOWHERE = "tcp://127.0.0.1:1"


class Lamp(GObject.Object):
    """Something to offer."""

    __gtype_name__ = "TestRelayedLamp"
    lit = GObject.Property(type=bool, default=False)

    @PlantRpc.method_json
    def flash(self, times: int) -> int:
        """What passes."""
        return times

    @PlantRpc.method_json
    def fail(self) -> None:
        """What passes too."""
        raise ValueError("broken")


def discover(server: PlantRpc.Server) -> PlantRpc.Client:
    """A client of the type that the relay tells."""
    result = ended(PlantRpc.Client.discover, server.get_url(), CONNECT_MS, None)
    return PlantRpc.Client.discover_finish(result)


def passing(talk: Talk) -> None:
    """Values, calls and errors pass, and a device that goes and comes is told."""
    lamp = Lamp()
    device = PlantRpc.Server(object=lamp, url=URL)
    device.start()
    url = device.url
    relay = PlantRpc.Relay.new(url, URL)
    ready = Record(relay, "notify::ready")
    relay.start()
    wait(relay.is_ready, "ready")
    assert ready and relay.ready and relay.get_property("ready")
    equal((relay.get_device_url(), relay.device_url, relay.get_last_error()), (url, url, None))
    assert isinstance(relay, PlantRpc.Server) and relay.get_client() is relay.client
    client = discover(relay)
    equal(client.call_finish(ended(client.call, "flash", (3,), None, 0, None)).unpack(), 3)
    failed = failure(lambda: client.call_finish(ended(client.call, "fail", (), None, 0, None)))
    equal(failed.message, "broken")
    lamp.lit = True
    wait(lambda: client.get_property("lit"), "the change")
    device.stop()
    wait(lambda: not relay.is_ready(), "gone")
    assert url in relay.last_error.message, relay.last_error
    lit = client.lookup_property("lit")
    wait(lambda: lit.state == PlantRpc.PropertyState.STALE, "stale")
    assert url in lit.error.message, lit.error
    failed = failure(lambda: client.call_finish(ended(client.call, "flash", (3,), None, 0, None)))
    assert failed.matches(PlantRpc.Error.quark(), PlantRpc.Error.NOT_SENT), failed
    device = PlantRpc.Server(object=lamp, url=url)
    device.start()
    wait(lambda: lit.state == PlantRpc.PropertyState.CURRENT, "current")
    client.close()
    relay.stop()
    device.stop()


def given(talk: Talk) -> None:
    """What is offered may be given, and the device may be one of a registry."""
    info = PlantRpc.InterfaceInfo.new_from_json('{"properties": {"lit": {"type": "b"}}}')
    relay = PlantRpc.Relay.new_for_interface(info, NOWHERE, URL)
    relay.start()
    assert relay.get_property("device-interface").equal(info)
    assert relay.device_interface.equal(info) and relay.client is not None
    client = discover(relay)
    assert client.get_interface().equal(info)
    client.close()
    relay.stop()
    keypair = PlantRpc.Keypair.new()
    own = PlantRpc.Relay(device_url=NOWHERE, url=URL, device_keypair=keypair)
    assert own.device_keypair.equal(keypair)
    listed = PlantRpc.Relay.new_for_device(NOWHERE, "lamp", URL)
    equal((listed.registry_url, listed.device, listed.get_device_url()), (NOWHERE, "lamp", None))
    wait(listed.get_last_error, "the reason")
    assert listed.get_client() is None and not listed.is_ready()


sys.exit(run(Talk("", "native"), [passing, given]) and 1)
