# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a type checker must take."""

from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import Gio, GLib, GObject, PlantRpc  # noqa: E402


class Camera(GObject.Object):
    mode = GObject.Property(type=str, default="STILL")

    @PlantRpc.method_buffer(timeout=None, blocking=True)
    def get_image(self, lores: bool = False) -> tuple[bytes, dict[str, Any]]:
        return b"", {}

    @PlantRpc.method_json
    def add(self, a: int, b: int = 2) -> int:
        return a + b


class MyCamera(Camera):
    def add(self, a: int, b: int = 2) -> int:
        return super().add(a, b=b)


@PlantRpc.register_interface(Camera)
class Remote(PlantRpc.Client):
    def turn(self) -> None:
        self.rotation += 1


def serve() -> None:
    with PlantRpc.Server(object=MyCamera(), url="tcp://*") as server:
        server.name = "camera"
        port: int = server.port
        print(port, server.url, server.get_uuid())
        server.serve_forever()


def ask(client: PlantRpc.Client, invocation: PlantRpc.Invocation) -> None:
    cancellable = Gio.Cancellable()
    for args, kwargs in (((1, "x"), {"b": None}), ([1], None), (None, None),
                         (GLib.Variant("av", []), GLib.Variant("a{sv}", {}))):
        client.call("add", args, kwargs, 0, cancellable, told_result, 1, 2)
        client.call_sync("add", args, kwargs, 0, None)
    client.flush()
    client.flush(None, None)
    client.write_property("mode", "STILL")
    invocation.return_buffer(b"", {"a": [1]})
    invocation.return_buffer(bytearray())
    invocation.return_buffer(memoryview(b""))
    invocation.return_buffer(GLib.Bytes())
    PlantRpc.Client(url="tcp://127.0.0.1:1", timeout=5, receive_signals=False).close()
    PlantRpc.Client(url=None)
    PlantRpc.Registry(url="tcp://*").start()


def told_result(*args: Any) -> None:
    print(args)


def told(result: Any, error: Exception | None) -> None:
    print(result, error)


async def call(url: str) -> None:
    with PlantRpc.connect(Camera, url, timeout=500) as camera:
        camera.mode = "VIDEO"
        data, info = camera.get_image(lores=True)
        camera.get_image.begin(told, lores=True)
        pending: PlantRpc.Pending = camera.add.begin(None, 1)
        await pending
        await camera.read_property("mode")
        await camera.write_property("mode", "VIDEO")
        await camera.call("add", [1])
        await camera.wait_ready(500)
        await PlantRpc.connect.begin(None, Camera, url, timeout=500)
        await PlantRpc.discover.begin(told, device="cam-1")
        await PlantRpc.Client.discover(url, 500)
        pending.cancel()
        camera.flush(pending.cancellable if pending.done else None)
        camera.connect("notify::mode", print)
        camera.call_sync("add", (1,), {"b": 2}, timeout=PlantRpc.TIMEOUT_NONE).unpack()
    remote = PlantRpc.connect(Remote, device="cam-1", registry=PlantRpc.REGISTRY_URL)
    remote.turn()
    method: PlantRpc.RemoteMethod = PlantRpc.discover(url).lookup_method("add").with_timeout(None)
    try:
        method(1)
        method.begin(told, 1, b=2).cancel()
        print(method.__name__.upper(), (method.timeout or 0) + 1)
        method.timeout = None
    except PlantRpc.CallError as error:
        print(error.message.upper(), error.domain.upper(), error.code + 1)
        if error.may_have_run and not isinstance(error, TimeoutError):
            print((error.traceback or "").upper(), error.code == PlantRpc.Error.REFUSED)
    except GLib.Error:
        raise


class Lamp:
    changed = PlantRpc.RPCSignal(bool)

    @PlantRpc.RPCProperty(notify=changed)
    def lit(self) -> bool:
        return True

    @PlantRpc.RPCServer.register_method_json(timeout=None)
    def switch(self, on: bool) -> None: ...


def convert(url: str) -> None:
    client = PlantRpc.RPCClient(None, url, 500)
    print(client.url.upper(), client.name.upper(), client.own_address.upper(),
          client.peer_address.upper())
    success, result = client.execute("switch", {"kwargs": {"on": True}})
    print(int(success), result)
    failed = PlantRpc.NoResult("refused", "Traceback")
    print(failed.error.upper(), failed.traceback.upper())
    print(Lamp.changed.name.upper(), len(Lamp.changed.arg_types), Lamp.changed.connections[:1])
    server = PlantRpc.RPCServer(None, url, alive_timeout=5)
    server.allow_stop = True
    print(server.url.upper(), server.port + 1, server.registry_addr.upper(), server.context,
          server.name.upper(), (server.uuid or "").upper(), server.alive_timeout + 1,
          server.register_to_registry("lamp", "desk", url, timeout=5).upper())
