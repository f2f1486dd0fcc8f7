# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a type checker must not take: each line that ends in `wrong`."""

from gi.repository import GObject, PlantRpc


class Camera(GObject.Object):
    @PlantRpc.method_json("5000")  # wrong
    def add(self, a: int) -> int:
        return a

    @PlantRpc.method_json
    def turn(self, angle: int) -> int:
        return angle

    @PlantRpc.method_json(timeout="5000")  # wrong
    def late(self) -> None: ...


def use(camera: Camera, server: PlantRpc.Server) -> None:
    camera.turn("one")  # wrong
    PlantRpc.connect(Camera)  # wrong
    PlantRpc.connect(Camera, "tcp://127.0.0.1:1", timeout="long")  # wrong
    PlantRpc.connect(Camera, "tcp://127.0.0.1:1", device="cam-1")  # wrong
    PlantRpc.discover(5)  # wrong
    PlantRpc.nothing_of_the_kind()  # wrong
    server.url = "tcp://*"  # wrong
    server.serve_for_ever()  # wrong
    PlantRpc.Server(object=5, url="tcp://*")  # wrong
    PlantRpc.discover("tcp://127.0.0.1:1").wait_ready_sync("soon")  # wrong
    PlantRpc.State.REDY  # wrong
    PlantRpc.NoResult()  # wrong
