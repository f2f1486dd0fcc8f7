#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A device and a registry, in the language of the locale: prints their addresses."""

import locale
import sys

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc  # noqa: E402


class Greenhouse(GObject.Object):
    """What there is to get wrong."""

    target = GObject.Property(type=float, minimum=5, maximum=35, default=18)
    secret = GObject.Property(type=int, default=0, flags=GObject.ParamFlags.WRITABLE)
    size = GObject.Property(type=int, default=3, flags=GObject.ParamFlags.READABLE)


def forget(_invocation: PlantRpc.Invocation, *_: object) -> None:
    """A method that never answers."""


def mistake(invocation: PlantRpc.Invocation, *_: object) -> None:
    """A method that answers with the wrong kind of result."""
    invocation.return_value(GLib.Variant("s", "no buffer"))


locale.setlocale(locale.LC_ALL, "")
server = PlantRpc.Server.new(Greenhouse(), "tcp://127.0.0.1:*")
server.register_method_json("report", "plants: s", 0, 0, forget)
server.register_method_buffer("picture", None, 0, 0, mistake)
server.start()
registry = PlantRpc.Registry.new("tcp://127.0.0.1:*")
registry.start()
try:
    PlantRpc.InterfaceInfo.new_from_json("null")
except GLib.Error as error:
    print(error.message)
print(server.get_url())
print(registry.get_url(), flush=True)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP,
                  lambda *_: loop.quit())
loop.run()
