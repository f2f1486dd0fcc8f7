# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a type checker must take."""

from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402


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


def told(result: Any, error: Exception | None) -> None:
    print(result, error)


async def call(url: str) -> None:
    with PlantRpc.connect(Camera, url, timeout=500) as camera:
        camera.mode = "VIDEO"
        data, info = camera.get_image(lores=True)
        camera.get_image.begin(told, lores=True)
        await camera.add.begin(None, 1)
        camera.connect("notify::mode", print)
        camera.call_sync("add", (1,), {"b": 2}, timeout=PlantRpc.TIMEOUT_NONE).unpack()
    remote = PlantRpc.connect(Remote, device="cam-1", registry=PlantRpc.REGISTRY_URL)
    remote.turn()
    method: PlantRpc.RemoteMethod = PlantRpc.discover(url).lookup_method("add").with_timeout(None)
    try:
        method(1)
    except PlantRpc.CallError as error:
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
