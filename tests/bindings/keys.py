#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pairs of keys, and their files in exchange with pyzmq."""

import base64
import os
import tempfile
from pathlib import Path

import gi
import zmq.auth
import zmq.utils.z85

gi.require_version("PlantRpc", "1.0")
from gi.repository import Gio, PlantRpc  # noqa: E402

from talk import equal, fails  # noqa: E402

IO = Gio.IOErrorEnum
DOMAIN = "g-io-error-quark"


def show(key: bytes) -> str:
    """Writes a key of ZeroMQ, in Z85, as this library does."""
    return base64.urlsafe_b64encode(zmq.utils.z85.decode(key)).decode().rstrip("=")


def check_pairs() -> None:
    """A secret key is nowhere to be seen."""
    pair = PlantRpc.Keypair.new()
    key = pair.get_public_key()
    equal(len(key), 43)
    assert not key.startswith("-"), key
    assert pair.equal(pair) and not pair.equal(PlantRpc.Keypair())
    assert "secret" not in " ".join(dir(pair)), dir(pair)
    assert key not in repr(pair), repr(pair)


def check_keeping(folder: Path) -> None:
    """What is made once is there the next time."""
    os.environ["STATE_DIRECTORY"] = str(folder)
    path = PlantRpc.Keypair.find_path("größe")
    equal(path, str(folder / "keys" / "größe.key_secret"))
    pair = PlantRpc.Keypair.ensure("größe")
    for again in (PlantRpc.Keypair.ensure("größe"), PlantRpc.Keypair.load(path)):
        assert pair.equal(again)
    equal(PlantRpc.Keypair.load_public_key(path.removesuffix("_secret")), pair.get_public_key())
    fails(PlantRpc.Keypair.find_path, "../größe", code=IO.INVALID_FILENAME, domain=DOMAIN)
    fails(PlantRpc.Keypair.ensure, "", code=IO.INVALID_FILENAME, domain=DOMAIN)
    fails(pair.save, path, code=IO.EXISTS, domain=DOMAIN)
    fails(pair.save, "/nowhere/camera.key_secret", code=IO.NOT_FOUND, domain=DOMAIN)
    fails(PlantRpc.Keypair.load, "/nowhere", code=IO.NOT_FOUND, domain=DOMAIN)
    fails(PlantRpc.Keypair.load_public_key, "/nowhere", code=IO.NOT_FOUND, domain=DOMAIN)


def check_pyzmq_reads(folder: Path) -> None:
    """pyzmq finds both keys, and they are the two that belong together."""
    pair = PlantRpc.Keypair.new()
    pair.save(str(folder / "ours.key_secret"))
    public, secret = zmq.auth.load_certificate(folder / "ours.key_secret")
    equal(show(public), pair.get_public_key())
    equal(zmq.curve_public(secret), public)
    equal(zmq.auth.load_certificate(folder / "ours.key"), (public, None))
    equal(zmq.auth.load_certificates(folder), {public: True})


def check_pyzmq_writes(folder: Path) -> None:
    """It lets everybody read its secret file."""
    path, secret_path = zmq.auth.create_certificates(folder, "theirs", {"name": "a # \"camera"})
    public, secret = zmq.auth.load_certificate(secret_path)
    os.chmod(secret_path, 0o644)
    fails(PlantRpc.Keypair.load, secret_path, code=IO.PERMISSION_DENIED, domain=DOMAIN)
    os.chmod(secret_path, 0o600)
    pair = PlantRpc.Keypair.load(secret_path)
    equal(pair.get_public_key(), show(public))
    equal(PlantRpc.Keypair.load_public_key(path), show(public))
    again = folder / "again.key_secret"
    pair.save(str(again))
    equal(zmq.auth.load_certificate(again), (public, secret))


def check_curve(folder: Path) -> None:
    """Sockets of pyzmq talk with pairs of both."""
    context = zmq.Context()
    server, client = context.socket(zmq.REP), context.socket(zmq.REQ)
    server.curve_publickey, server.curve_secretkey = zmq.auth.load_certificate(
        folder / "ours.key_secret")
    server.curve_server = True
    client.curve_publickey, client.curve_secretkey = zmq.auth.load_certificate(
        folder / "theirs.key_secret")
    key = PlantRpc.Keypair.load_public_key(str(folder / "ours.key"))
    client.curve_serverkey = base64.urlsafe_b64decode(key + "=")
    port = server.bind_to_random_port("tcp://127.0.0.1")
    client.connect(f"tcp://127.0.0.1:{port}")
    client.send(b"question")
    assert server.poll(20000)
    equal(server.recv(), b"question")
    context.destroy(linger=0)


check_pairs()
for check in (check_keeping, check_pyzmq_reads):
    with tempfile.TemporaryDirectory() as scratch:
        check(Path(scratch))
with tempfile.TemporaryDirectory() as scratch:
    check_pyzmq_reads(Path(scratch))
    check_pyzmq_writes(Path(scratch))
    check_curve(Path(scratch))
