#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A secured server and its clients, all in one program."""

import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from gi.repository import Gio

from talk import GLib, GObject, PlantRpc, Record, Talk, ended, equal, failure, fails, run, wait

URL = "tcp://127.0.0.1:*"
ROLE = PlantRpc.Role
REFUSED = PlantRpc.Error.REFUSED
IO = Gio.IOErrorEnum
DOMAIN = "g-io-error-quark"
ME, OTHER = PlantRpc.Keypair.new(), PlantRpc.Keypair.new()
KEY = ME.get_public_key()


class Lamp(GObject.Object):
    """Something to offer."""

    __gtype_name__ = "TestSafeLamp"
    lit = GObject.Property(type=bool, default=False)

    @PlantRpc.method_json
    def flash(self, times: int) -> int:
        """What operators do."""
        return times

    @PlantRpc.method_json
    def fail(self) -> None:
        """It has a traceback."""
        raise ValueError("broken")


def offer(role: ROLE = ROLE.NONE) -> PlantRpc.Server:
    """A running server that is secured, and at which this program has a role."""
    keypair, authenticator = PlantRpc.Keypair.new(), PlantRpc.Authenticator.new()
    if role != ROLE.NONE:
        assert authenticator.allow(KEY, role, "Eva")
    server = PlantRpc.Server(object=Lamp(), url=URL, keypair=keypair, authenticator=authenticator)
    assert server.get_keypair().equal(keypair) and server.keypair.equal(keypair)
    assert server.get_authenticator() is authenticator is server.authenticator
    server.start()
    assert server.url.endswith("#" + keypair.get_public_key()), server.url
    return server


def connect(server: PlantRpc.Server) -> PlantRpc.Client:
    """A client that is ready."""
    client = PlantRpc.Client(url=server.url, keypair=ME)
    assert client.get_keypair().equal(ME) and client.keypair.equal(ME)
    equal((client.get_role(), client.role), (ROLE.NONE, ROLE.NONE))
    wait(client.is_ready, "ready")
    return client


def call(client: PlantRpc.Client, method: str, *args: Any) -> Any:
    """What a method returns."""
    return client.call_finish(ended(client.call, method, args, None, 0, None)).unpack()


def light(client: PlantRpc.Client) -> bool:
    """Writes a property."""
    value = GLib.Variant("b", True)
    return client.write_property_finish(ended(client.write_property, "lit", value, None))


def wait_refused(client: PlantRpc.Client, text: str) -> None:
    """The client is told why it has no connection."""
    wait(lambda: client.last_error and client.last_error.matches(Gio.io_error_quark(),
                                                                 IO.PERMISSION_DENIED), text)
    assert text in client.last_error.message, client.last_error


def table(talk: Talk) -> None:
    """Who is allowed."""
    authenticator = PlantRpc.Authenticator()
    changes = Record(authenticator, "changed")
    equal((authenticator.get_role(KEY), authenticator.list_keys()), (ROLE.NONE, []))
    assert authenticator.allow(KEY, ROLE.VIEWER, "Eva")
    equal((authenticator.get_role(KEY), authenticator.dup_label(KEY)), (ROLE.VIEWER, "Eva"))
    assert authenticator.allow(KEY, ROLE.ADMINISTRATOR)
    equal((authenticator.list_keys(), authenticator.dup_label(KEY)), ([KEY], None))
    assert authenticator.revoke(KEY)
    equal(authenticator.get_role(KEY), ROLE.NONE)
    equal(list(changes), [(KEY,)] * 3)
    fails(authenticator.revoke, KEY, code=IO.NOT_FOUND, domain=DOMAIN)
    fails(authenticator.allow, "me", ROLE.VIEWER, code=IO.INVALID_ARGUMENT, domain=DOMAIN)
    fails(authenticator.allow, KEY, ROLE.VIEWER, "a\nb", code=IO.INVALID_ARGUMENT, domain=DOMAIN)


def operating(talk: Talk) -> None:
    """An operator does all but see tracebacks and stop the server."""
    server = offer(ROLE.OPERATOR)
    server.set_allow_stop(True)
    client = connect(server)
    equal((client.get_role(), client.role), (ROLE.OPERATOR, ROLE.OPERATOR))
    equal(call(client, "flash", 3), 3)
    assert light(client) and server.get_object().lit
    failed = failure(call, client, "fail")
    equal((failed.message, failed.traceback), ("broken", None))
    equal(client.get_last_traceback(), None)
    stopped = ended(client.stop_server, None)
    fails(client.stop_server_finish, stopped, code=REFUSED, message="“administrator”")


def viewing(talk: Talk) -> None:
    """A viewer sees the property, and that it cannot be written."""
    server = offer(ROLE.VIEWER)
    client = connect(server)
    lit = client.lookup_property("lit")
    equal((client.role, lit.writable), (ROLE.VIEWER, False))
    fails(call, client, "flash", 3, code=REFUSED, message="“operator”")
    fails(light, client, code=REFUSED, message="“viewer”")
    server.get_object().lit = True
    wait(lambda: lit.value, "lit")
    server.authenticator.allow(KEY, ROLE.ADMINISTRATOR)
    wait(lambda: client.role == ROLE.ADMINISTRATOR and lit.writable, "another role")
    failed = failure(call, client, "fail")
    assert "def fail" in failed.traceback or "ValueError" in failed.traceback, failed.traceback


def member_roles(talk: Talk) -> None:
    """A method that viewers may call, and a property that operators may not write."""
    server = offer(ROLE.VIEWER)
    server.set_member_role("flash", ROLE.VIEWER)
    server.set_member_role("lit", ROLE.ADMINISTRATOR)
    client = connect(server)
    equal(call(client, "flash", 2), 2)
    interface = client.get_interface()
    equal(interface.lookup_method("flash").get_role(), ROLE.VIEWER)
    equal(interface.lookup_method("fail").get_role(), ROLE.OPERATOR)
    equal(interface.lookup_property("lit").get_role(), ROLE.ADMINISTRATOR)


def strangers(talk: Talk) -> None:
    """Who is not known gets in once he is, and out again when he is revoked."""
    server = offer()
    refusals = Record(server.authenticator, "refused")
    client = PlantRpc.Client(url=server.url, keypair=OTHER)
    wait_refused(client, OTHER.get_public_key())
    wait(lambda: refusals, "refused")
    equal(refusals[0], (OTHER.get_public_key(), "127.0.0.1"))
    client.set_keypair(ME)
    server.authenticator.allow(KEY, ROLE.OPERATOR)
    client.try_again()
    wait(client.is_ready, "let in")
    server.authenticator.revoke(KEY)
    wait_refused(client, KEY)
    assert not client.is_ready()


def other_keys(talk: Talk) -> None:
    """The key of the server is the one that was given, or else nothing is sent."""
    server, plain = offer(ROLE.OPERATOR), PlantRpc.Server(object=Lamp(), url=URL)
    plain.start()
    wrong = PlantRpc.Client(url=f"tcp://127.0.0.1:{server.port}#{OTHER.get_public_key()}",
                            keypair=ME)
    wait_refused(wrong, "has another key")
    lacking = PlantRpc.Client.new(f"tcp://127.0.0.1:{server.port}")
    wait_refused(lacking, "is secured")
    equal(lacking.keypair, None)
    bare = PlantRpc.Client(url=f"{plain.url}#{OTHER.get_public_key()}", keypair=ME)
    wait_refused(bare, "is not secured")
    equal(server.authenticator.get_role(OTHER.get_public_key()), ROLE.NONE)


def without_keys(talk: Talk) -> None:
    """A second URL lets in everybody, with the role that is set."""
    server = PlantRpc.Server(object=Lamp(), url=URL, keypair=PlantRpc.Keypair.new(),
                             unsecured_url=URL, unsecured_role=ROLE.ADMINISTRATOR)
    equal((server.get_unsecured_url(), server.get_unsecured_role()), (URL, ROLE.ADMINISTRATOR))
    server.set_unsecured_role(ROLE.VIEWER)
    server.start()
    assert server.unsecured_url != URL and "#" not in server.unsecured_url
    visitor = PlantRpc.Client.new(server.unsecured_url)
    wait(visitor.is_ready, "let in")
    equal(visitor.role, ROLE.VIEWER)
    fails(light, visitor, code=PlantRpc.Error.REFUSED)
    visitor.close()
    server.stop()
    equal(server.unsecured_url, URL)
    server.set_unsecured_url(None)


def by_name(talk: Talk) -> None:
    """What a name stands for is kept in files, which both sides make."""
    folder = tempfile.mkdtemp()
    os.environ["STATE_DIRECTORY"] = folder
    server = PlantRpc.Server.new(Lamp(), URL)
    fails(server.secure, "../lamp", code=IO.INVALID_FILENAME, domain=DOMAIN)
    assert server.keypair is None and server.authenticator is None
    assert server.secure("lamp")
    assert server.keypair.equal(PlantRpc.Keypair.ensure("lamp"))
    server.start()
    equal(PlantRpc.Authenticator.new_for_name("lamp").find_url(), server.url)
    client = PlantRpc.Client.new(server.url)
    own = PlantRpc.Keypair.ensure("default").get_public_key()
    wait_refused(client, own)
    PlantRpc.Authenticator.new_for_name("lamp").allow(own, ROLE.VIEWER, "this program")
    equal((Path(folder) / "keys" / "lamp.allowed").read_text(), f"{own} viewer this program\n")
    wait(lambda: server.authenticator.get_role(own) == ROLE.VIEWER, "the file is read")
    client.try_again()
    wait(client.is_ready, "let in")
    equal(client.keypair.get_public_key(), own)
    client.close()
    server.stop()
    server.set_keypair(None)
    server.set_authenticator(None)
    server.start()
    assert "#" not in server.url
    shutil.rmtree(folder)


def invitations(talk: Talk) -> None:
    """A link lets one client in, once, and the owner of the device sees whom."""
    server = offer()
    authenticator = server.authenticator
    joined = Record(authenticator, "joined")
    refused = Record(authenticator, "invitation-refused")
    link = server.invite(ROLE.OPERATOR, 0)
    assert PlantRpc.is_invitation(link) and not PlantRpc.is_invitation(server.url)
    [waiting] = authenticator.list_invitations()
    known, role, left = authenticator.get_invitation(waiting)
    assert known and role == ROLE.OPERATOR and 0 < left <= 600, left
    equal(PlantRpc.pair_finish(ended(PlantRpc.pair, link, ME, "Eva's desk", None)), server.url)
    wait(lambda: joined, "joined")
    equal(list(joined), [(KEY, "Eva's desk", ROLE.OPERATOR, "127.0.0.1")])
    equal((authenticator.list_invitations(), authenticator.get_role(KEY)), ([], ROLE.OPERATOR))
    equal(call(connect(server), "flash", 3), 3)
    late = ended(PlantRpc.pair, link, OTHER, "thief", None)
    fails(PlantRpc.pair_finish, late, code=IO.PERMISSION_DENIED, domain=DOMAIN,
          message="has been used by somebody else")
    wait(lambda: refused, "refused")
    equal(list(refused), [(OTHER.get_public_key(), "thief", "used", "127.0.0.1")])
    link = authenticator.invite(server.url, ROLE.VIEWER, 60)
    [waiting] = authenticator.list_invitations()
    assert authenticator.revoke(waiting)
    equal(tuple(authenticator.get_invitation(waiting)), (False, ROLE.NONE, 0))
    back = ended(PlantRpc.pair, link, OTHER, None, None)
    fails(PlantRpc.pair_finish, back, code=IO.PERMISSION_DENIED, domain=DOMAIN,
          message="does not know this invitation")
    fails(PlantRpc.pair_sync, "tcp://h:1", code=IO.INVALID_ARGUMENT, domain=DOMAIN)
    fails(PlantRpc.pair_sync, link.replace(str(server.port), "1"), ME, "Eva", None,
          code=IO.CONNECTION_REFUSED, domain=DOMAIN)
    fails(server.invite, ROLE.VIEWER, 5, code=IO.INVALID_ARGUMENT, domain=DOMAIN)
    fails(authenticator.find_url, code=IO.NOT_FOUND, domain=DOMAIN)
    server.stop()
    fails(server.invite, ROLE.VIEWER, 60, code=PlantRpc.Error.CLOSED)


def invited_meanwhile(talk: Talk) -> None:
    """The client blocks, or awaits, and the server is elsewhere."""
    server = offer()
    links = [server.invite(ROLE.VIEWER, 0) for _ in range(2)]
    results: list[str] = []

    def join() -> None:
        results.append(PlantRpc.pair_sync(links[0], ME))
    thread = threading.Thread(target=join)
    thread.start()
    wait(lambda: results, "joined")
    thread.join()
    pending = PlantRpc.pair(links[1], OTHER)
    wait(lambda: pending.done, "awaited")
    equal(results, [server.url])
    equal(server.authenticator.get_role(OTHER.get_public_key()), ROLE.VIEWER)


sys.exit(run(Talk("", "native"), [table, operating, viewing, member_roles, strangers, other_keys,
                                  without_keys, by_name, invitations, invited_meanwhile]) and 1)
