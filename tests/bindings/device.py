#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The probe, served from Python.

  device.py [--self]

With --self the device is a subclass of PlantRpc.Server, without it a GObject of its own.  It prints
its url as one JSON line and ends when its standard input closes, or when a client stops it.
"""

import json
import marshal
import sys
import threading
import traceback
from typing import Any

from probe import IMAGE_SIZE, SAVE, SPLICE, THUMBNAIL_SIZE, declare, pattern
from gi.repository import Gio, GLib, GObject, PlantRpc

URL = "tcp://127.0.0.1:*"
BLOCKING = PlantRpc.MethodFlags.BLOCKING
NONE = PlantRpc.MethodFlags.NONE
Invocation = PlantRpc.Invocation


def error(domain: Any, code: int, message: str) -> GLib.Error:
    """An error of a domain that PyGObject knows by its quark."""
    return GLib.Error(message, GLib.quark_to_string(domain), code)


def after(delay: int, function: Any, *args: Any) -> None:
    """Have something done by the main loop, once."""
    def run() -> bool:
        function(*args)
        return GLib.SOURCE_REMOVE
    GLib.timeout_add(delay, run)


def answering(handler: Any) -> Any:
    """Answer with a failure where an exception comes out of a handler.

    PyGObject would print it and keep it, with the invocation in its traceback, so that the caller
    waited in vain.
    """
    def handle(call: Invocation, *args: Any) -> None:
        try:
            handler(call)
        except GLib.Error:
            raise
        except Exception as problem:
            call.return_failure(str(problem), traceback.format_exc())
    return handle


class Behaviour:
    """What the probe does; mixed into each of its two classes."""

    server: PlantRpc.Server

    def offer(self, server: PlantRpc.Server) -> None:
        """Register everything with the server that offers this device."""
        self.server, self.unblocked = server, threading.Event()
        self.n_cancelled = 0
        self.connect("notify::mode", lambda *args: self.emit("mode-changed", self.mode))
        for name, signature, timeout, flags, handler in (
                ("echo", "value: v", 5000, NONE, self.echo),
                ("add", "a: i, b: i = 2", PlantRpc.TIMEOUT_FROM_SERVER, NONE, self.add),
                ("nothing", "", 5000, NONE, lambda call: call.return_value(None)),
                ("arguments", None, 5000, NONE, self.arguments),
                ("later", "text: s", 5000, NONE, self.later),
                ("slow", "delay: i", PlantRpc.TIMEOUT_NONE, NONE, self.slow),
                ("cancelled", "", 5000, NONE, self.cancelled),
                ("drop", "", 5000, NONE, lambda call: None),
                ("fail", "", 5000, NONE, self.fail),
                ("refuse", "", 5000, NONE, self.refuse),
                ("break_down", "", 5000, NONE, self.break_down),
                ("crash", "", 5000, NONE, self.crash),
                ("block", "text: s", PlantRpc.TIMEOUT_NONE, BLOCKING, self.block),
                ("unblock", "", 5000, NONE, self.unblock),
                ("change", "name: s, value: v", 5000, NONE, self.change),
                ("shoot", "number: i", 5000, NONE, self.shoot),
                ("flood", "number: i", 20000, NONE, self.flood),
                ("mix", "", 5000, NONE, self.mix),
                ("sender", "", 5000, NONE, self.sender),
                ("let_stop", "allowed: b", 5000, NONE, self.let_stop)):
            server.register_method_json(name, signature, timeout, flags, answering(handler))
        for name, signature, handler in (("get_image", "lores: b = false", self.get_image),
                                         ("no_light", "", self.fail),
                                         ("empty", "", self.empty)):
            server.register_method_buffer(name, signature, PlantRpc.TIMEOUT_NONE, NONE,
                                          answering(handler))

    def decide(self, write: Invocation, name: str, value: GLib.Variant) -> bool:
        """Refuse one label; take two counts later, one of them not; make a third another."""
        assert write.get_name() == name and write.get_value().equal(value)
        assert not write.get_answered() and write.get_args().n_children() == 0
        if name == "label" and value.unpack() == "forbidden":
            raise error(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED, "the label is forbidden")
        if name != "count":
            return True
        count = value.unpack()
        if count == 13:
            after(1, write.accept)
        elif count == 14:
            after(1, write.return_gerror,
                  error(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED, "no, on second thoughts"))
        elif count == 15:
            self.count = 16
            write.return_value(None)
        return count not in (13, 14, 15)

    def answer_read(self, read: Invocation, name: str) -> bool:
        """Fail for one label, and tell another one later."""
        assert read.get_name() == name and read.get_value() is None and not read.get_answered()
        if name != "label" or self.label not in ("unreadable", "late"):
            return True
        if self.label == "unreadable":
            raise error(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED, "the label is hidden")
        after(1, read.accept)
        return False

    def echo(self, call: Invocation) -> None:
        call.return_value(call.get_args().get_child_value(0).get_variant())
        assert call.get_answered()

    def add(self, call: Invocation) -> None:
        args, kwargs = marshal.loads(call.get_marshal())
        assert json.loads(call.get_json()) == args
        assert not call.return_json("[") and not call.get_answered()
        assert not call.return_buffer_json(b"x", "[]") and not call.get_answered()
        assert not call.return_marshal(marshal.dumps(b"bytes", 2)) and not call.get_answered()
        assert call.return_marshal(marshal.dumps(sum(args), 2)) and kwargs == {}
        assert call.return_marshal(marshal.dumps("late", 2)), "the second is dropped"
        assert call.return_json('"late"') and call.return_buffer_json(b"late", None), "so are these"

    def arguments(self, call: Invocation) -> None:
        call.return_value(GLib.Variant("a{sv}", {"args": call.get_args(),
                                                 "kwargs": call.get_kwargs()}))

    def later(self, call: Invocation) -> None:
        after(1, call.return_value, call.get_args().get_child_value(0).get_variant())

    def slow(self, call: Invocation) -> None:
        """Answer after a while, unless nobody waits any more."""
        delay = call.get_args()[0]

        def cancelled(*args: Any) -> None:
            self.n_cancelled += 1
        call.get_cancellable().connect(cancelled)
        after(delay, call.return_value, GLib.Variant("i", delay))

    def cancelled(self, call: Invocation) -> None:
        call.return_value(GLib.Variant("i", self.n_cancelled))

    def fail(self, call: Invocation) -> None:
        raise error(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND, "deliberate failure")

    def refuse(self, call: Invocation) -> None:
        call.return_gerror(error(PlantRpc.Error.quark(), PlantRpc.Error.REFUSED, "not now"))

    def break_down(self, call: Invocation) -> None:
        call.return_failure("broke down", "first line\nsecond line")

    def crash(self, call: Invocation) -> None:
        """What is no GLib.Error becomes a failure, see answering()."""
        raise ValueError("deliberate crash")

    def block(self, call: Invocation) -> None:
        """Runs on a worker thread, where waiting harms nobody."""
        assert self.unblocked.wait(20)
        self.unblocked.clear()
        call.return_value(call.get_args().get_child_value(0).get_variant())

    def unblock(self, call: Invocation) -> None:
        self.unblocked.set()
        call.return_value(None)

    def change(self, call: Invocation) -> None:
        """The device itself changes a property."""
        name, value = call.get_args()
        if name == "level":
            self._level = float(value)
            self.notify(name)
        elif name == "progress":
            self._progress = value
            self.notify(name)
        elif name == "mode":
            self.mode = SAVE.PERMANENTLY if value == "permanently" else SAVE.NEVER
        else:
            self.set_property(name, value)
        call.return_value(None)

    def shoot(self, call: Invocation) -> None:
        number = call.get_args()[0]
        for index in range(number):
            self.emit("captured", "shot", index)
        self.emit("ping")
        call.return_value(GLib.Variant("i", number))

    def flood(self, call: Invocation) -> None:
        """More than anybody queues for a client that does not look."""
        for index in range(call.get_args()[0]):
            self.emit("captured", "x" * (1 << 20), index)
        call.return_value(None)

    def mix(self, call: Invocation) -> None:
        self.emit("mixed", True, GLib.MAXUINT, -1 << 52, 1 << 52, -0.5, "a→b", ["x", ""],
                  GLib.Variant("(sd)", ("y", 1.5)), SAVE.FOR_SESSION,
                  SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET)
        call.return_value(None)

    def sender(self, call: Invocation) -> None:
        assert self.server.get_peer_address() == call.get_sender()
        call.return_value(GLib.Variant("s", call.get_sender()))

    def let_stop(self, call: Invocation) -> None:
        self.server.set_allow_stop(call.get_args()[0])
        assert self.server.get_allow_stop() == call.get_args()[0]
        call.return_value(None)

    def get_image(self, call: Invocation) -> None:
        lores = call.get_args()[0]
        data = pattern(THUMBNAIL_SIZE if lores else IMAGE_SIZE)
        call.return_buffer(GLib.Bytes.new(data),
                           GLib.Variant("a{sv}", {"format": GLib.Variant("s", "raw"),
                                                  "lores": GLib.Variant("b", lores)}))

    def empty(self, call: Invocation) -> None:
        call.return_buffer(GLib.Bytes.new(b""), None)


class Probe(Behaviour, declare(GObject.Object, "TestProbeObject")):
    """The device as an object of its own."""

    __gtype_name__ = "TestProbeDevice"
    secret = GObject.Property(type=str, default="")


class ProbeServer(Behaviour, declare(PlantRpc.Server, "TestProbeServerBase")):
    """The device that is its own server."""

    __gtype_name__ = "TestProbeServer"
    secret = GObject.Property(type=str, default="")

    def do_write_property(self, write: Invocation, name: str, value: GLib.Variant) -> bool:
        return self.decide(write, name, value)

    def do_read_property(self, read: Invocation, name: str) -> bool:
        return self.answer_read(read, name)


def make(itself: bool) -> PlantRpc.Server:
    """The server, with everything registered, not started."""
    if itself:
        server = ProbeServer(url=URL)
        server.offer(server)
        return server
    device = Probe()
    server = PlantRpc.Server.new(device, URL)
    server.set_write_handler(device.decide)
    server.set_read_handler(device.answer_read)
    server.set_read_flags("label", NONE)
    device.offer(server)
    return server


def check_idle(server: PlantRpc.Server) -> None:
    """What a server tells before it runs."""
    server.hide_member("secret")
    server.set_name("probe")
    interface = server.dup_interface()
    assert server.get_url() == URL and server.get_port() == 0 and not server.get_running()
    assert server.get_name() == "probe" and server.get_peer_address() is None
    assert "video-url" in interface.list_properties()
    assert interface.lookup_property("secret") is None
    assert interface.lookup_method("get_image").get_buffer()


def serve(server: PlantRpc.Server) -> None:
    """Serve until told to end."""
    check_idle(server)
    ended = []
    server.connect("notify::running", lambda *args: server.get_running() or ended.append(True))
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                      lambda *args: server.stop())
    server.start()
    assert server.get_running() and server.get_uuid()
    assert server.get_url() == f"tcp://127.0.0.1:{server.get_port()}"
    print(json.dumps({"url": server.get_url()}), flush=True)
    server.serve_forever()
    assert ended and not server.get_running() and server.get_port() == 0


def main() -> None:
    """Make the server, and serve."""
    server = make("--self" in sys.argv[1:])
    assert (server.get_object() == server) == isinstance(server, ProbeServer)
    serve(server)


if __name__ == "__main__":
    main()
