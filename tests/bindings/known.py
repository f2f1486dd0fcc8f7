#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A secured registry, and devices whose keys are known or not, all in one program."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from gi.repository import Gio

from talk import GObject, PlantRpc, Record, Talk, ended, equal, fails, run, wait

URL = "tcp://127.0.0.1:*"
ROLE, UNKNOWN = PlantRpc.Role, PlantRpc.UnknownDevices
IO = Gio.IOErrorEnum
DOMAIN = "g-io-error-quark"
FOLDER = tempfile.mkdtemp()
os.environ["STATE_DIRECTORY"] = FOLDER
ME, OTHER = PlantRpc.Keypair.ensure("default"), PlantRpc.Keypair.new()
KEY = ME.get_public_key()


class Lamp(GObject.Object):
    """Something to offer."""

    __gtype_name__ = "TestKnownLamp"
    lit = GObject.Property(type=bool, default=False)


def offer(*keys: str) -> PlantRpc.Server:
    """A running server that lets some keys in."""
    authenticator = PlantRpc.Authenticator.new()
    for key in keys:
        authenticator.allow(key, ROLE.OPERATOR)
    server = PlantRpc.Server(object=Lamp(), url=URL, keypair=PlantRpc.Keypair.new(),
                             authenticator=authenticator)
    server.start()
    return server


def later(function: Any, *args: Any, **options: Any) -> Any:
    """What comes of `connect` or `discover`, which must not block for a server of this thread."""
    outcomes: list[tuple[Any, Any]] = []
    function.begin(lambda *outcome: outcomes.append(outcome), *args, timeout=20000, **options)
    wait(lambda: outcomes, "an outcome")
    client, error = outcomes[0]
    if error is not None:
        raise error
    return client


def known(talk: Talk) -> None:
    """What is remembered of devices."""
    url = f"tcp://127.0.0.1:5000#{OTHER.get_public_key()}"
    changed = f"tcp://127.0.0.1:5000#{KEY}"
    table = PlantRpc.KnownDevices.new()
    equal(table.get_path(), str(Path(FOLDER) / "keys" / "known_devices"))
    path = str(Path(FOLDER) / "others")
    table = PlantRpc.KnownDevices(path=path)
    equal((table.path, table.list_names()), (path, []))
    assert table.check("cam", "tcp://127.0.0.1:5000")
    fails(table.check, "cam", url, code=IO.NOT_FOUND, domain=DOMAIN)
    assert table.remember("cam", url)
    equal((table.list_names(), table.lookup("cam")), (["cam"], url))
    assert table.check("cam", url)
    fails(table.check, "cam", changed, code=IO.PERMISSION_DENIED, domain=DOMAIN)
    fails(table.remember, "cam", changed, code=IO.PERMISSION_DENIED, domain=DOMAIN)
    assert table.forget("cam")
    fails(table.forget, "cam", code=IO.NOT_FOUND, domain=DOMAIN)
    fails(table.lookup, "cam", code=IO.NOT_FOUND, domain=DOMAIN)


def secured_registry(talk: Talk) -> None:
    """A registry with keys: names have owners, and the key in its list is believed."""
    registry, server = PlantRpc.Registry.new(URL), offer(KEY)
    equal((registry.get_keypair(), registry.get_authenticator()), (None, None))
    fails(registry.release_name, "lamp", code=IO.NOT_INITIALIZED, domain=DOMAIN)
    assert registry.secure("lab")
    assert registry.keypair.equal(registry.get_keypair())
    assert registry.authenticator is registry.get_authenticator()
    registry.start()
    assert registry.url.endswith("#" + registry.keypair.get_public_key()), registry.url
    stranger = PlantRpc.RegistryClient.new(registry.url)
    wait(lambda: stranger.last_error, "refused")
    assert stranger.last_error.matches(Gio.io_error_quark(), IO.PERMISSION_DENIED)
    viewer = PlantRpc.Keypair.new()
    registry.authenticator.allow(viewer.get_public_key(), ROLE.VIEWER)
    registry.authenticator.allow(server.keypair.get_public_key(), ROLE.OPERATOR)
    stranger.set_keypair(viewer)
    assert stranger.get_keypair().equal(viewer) and stranger.keypair.equal(viewer)
    wait(lambda: stranger.state == PlantRpc.State.READY, "let in")
    equal(server.register_to_registry_sync("lamp", "lamp", registry.url, False, None), "lamp")
    thief = offer()
    registry.authenticator.allow(thief.keypair.get_public_key(), ROLE.OPERATOR)
    fails(thief.register_to_registry_sync, "lamp", "lamp", registry.url, True, None,
          code=PlantRpc.Error.REFUSED, message="another key")
    registry.authenticator.allow(KEY, ROLE.VIEWER)
    lamp = later(PlantRpc.connect, Lamp, device="lamp", registry=registry.url)
    equal((lamp.url, lamp.unknown_devices), (server.url, UNKNOWN.REFUSE))
    equal(PlantRpc.KnownDevices().lookup("lamp"), server.url)
    lamp.close()
    assert registry.release_name("LAMP")
    PlantRpc.KnownDevices().forget("lamp")
    registry.stop()


def unknown_devices(talk: Talk) -> None:
    """The program decides about a device that a registry without keys lists."""
    registry, server = PlantRpc.Registry.new(URL), offer(KEY)
    registry.start()
    server.register_to_registry_sync("lamp", "lamp", registry.url, False, None)
    key = server.keypair.get_public_key()
    fails(lambda: later(PlantRpc.connect, Lamp, device="lamp", registry=registry.url),
          code=IO.PERMISSION_DENIED, domain=DOMAIN, message="plantrpc keys remember lamp")
    client = PlantRpc.Client(unknown_devices=UNKNOWN.ASK)
    equal(client.get_unknown_devices(), UNKNOWN.ASK)
    asked = Record(client, "notify::unknown-key")
    client.follow_device(registry.url, "lamp")
    wait(lambda: asked, "asked")
    equal((client.unknown_key, client.dup_unknown_key()), (key, key))
    fails(client.accept_key, KEY, code=IO.NOT_FOUND, domain=DOMAIN)
    assert client.accept_key(key)
    wait(client.is_ready, "connected")
    client.close()
    PlantRpc.KnownDevices().forget("lamp")

    client.set_unknown_devices(UNKNOWN.REFUSE)
    discovery = PlantRpc.Discovery(device="lamp", registry_url=registry.url,
                                   unknown_devices=UNKNOWN.ASK, keypair=ME)
    assert discovery.keypair.equal(ME) and discovery.unknown_devices == UNKNOWN.ASK
    wait(lambda: discovery.unknown_key, "asked")
    equal(discovery.dup_unknown_key(), key)
    assert discovery.accept_key(key)
    wait(lambda: discovery.client, "discovered")
    discovery.close()
    PlantRpc.KnownDevices().forget("lamp")
    found = later(PlantRpc.discover, device="lamp", registry=registry.url,
                  unknown_devices=UNKNOWN.ACCEPT_NEW)
    equal(found.url, server.url)
    found.close()
    registry.stop()


def other_pair(talk: Talk) -> None:
    """A device that is allowed to another key than the user's."""
    server = offer(OTHER.get_public_key())
    fails(later, PlantRpc.discover, server.url, code=IO.PERMISSION_DENIED, domain=DOMAIN)
    for client in (later(PlantRpc.discover, server.url, keypair=OTHER),
                   later(PlantRpc.connect, Lamp, server.url, keypair=OTHER)):
        equal(client.role, ROLE.OPERATOR)
        client.close()
    discovery = PlantRpc.Discovery(url=server.url, keypair=OTHER)
    result = ended(discovery.wait_client, 10000, None)
    equal(discovery.wait_client_finish(result), discovery.wait_client_sync(10000, None))
    discovery.close()


def roles(talk: Talk) -> None:
    """A text is no role."""
    server, authenticator = offer(), PlantRpc.Authenticator.new()
    for call in (lambda: server.set_member_role("lit", "viewer"),
                 lambda: authenticator.allow(KEY, "viewer", None)):
        try:
            call()
        except TypeError:
            continue
        raise AssertionError("a text was taken for a role")


failed = run(Talk("", "native"), [known, secured_registry, unknown_devices, other_pair, roles])
shutil.rmtree(FOLDER)
sys.exit(failed and 1)
