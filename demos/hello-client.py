#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, PlantRpc

loop = GLib.MainLoop()
greenhouse = PlantRpc.Client.discover_sync((sys.argv + ["tcp://127.0.0.1:5570"])[1], 5000)

arguments = GLib.Variant("(s)", ("Tomatoes",))
print(greenhouse.call_sync("report", arguments, None, 0).unpack())

def show(*_):
    print(f"{greenhouse.props.temperature:.1f} degrees")

greenhouse.connect("notify::temperature", show)
greenhouse.connect("reached", lambda *_: loop.quit())
greenhouse.props.target = 18 if greenhouse.props.temperature > 20 else 23
loop.run()
