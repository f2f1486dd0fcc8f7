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


def ask(client: PlantRpc.Client, invocation: PlantRpc.Invocation) -> None:
    client.call("add", 5, None, 0)  # wrong
    client.call("add", None, {1: 2}, 0)  # wrong
    client.call("add", None, 5, 0)  # wrong
    client.call_sync("add", cancellable=5)  # wrong
    client.flush(None, 5)  # wrong
    client.lookup_method("add").begin(5)  # wrong
    client.lookup_method("add").begin(lambda result: None)  # wrong
    client.lookup_method("add").timeout = "long"  # wrong
    client.connect("notify::mode", 5)  # wrong
    invocation.return_buffer(5)  # wrong
    PlantRpc.Client("tcp://127.0.0.1:1")  # wrong
    PlantRpc.Client(url=5)  # wrong
    PlantRpc.Client(timeout="long")  # wrong
    PlantRpc.Client(receive_signals="no")  # wrong
    PlantRpc.Client(nothing=1)  # wrong
    PlantRpc.Registry(url=5)  # wrong
    PlantRpc.MAJOR_VERSION.upper()  # wrong
    PlantRpc.REGISTRY_URL + 1  # wrong
    client.__exit__()  # wrong


def fail(error: PlantRpc.CallError) -> None:
    error.message + 1  # wrong
    error.domain + 1  # wrong
    error.code.upper()  # wrong
    error.traceback.upper()  # wrong
    error.may_have_run.upper()  # wrong
    PlantRpc.RPCClient(None, 5)  # wrong
    PlantRpc.RPCClient(None, "tcp://127.0.0.1:1", "long")  # wrong
    PlantRpc.RPCServer(None, "tcp://*").allow_stop = "no"  # wrong
    PlantRpc.NoResult(5)  # wrong
    PlantRpc.NoResult("refused", 5)  # wrong
    PlantRpc.RPCSignal(int).connect(5)  # wrong
