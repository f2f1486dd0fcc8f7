#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, PlantRpc

greenhouse = PlantRpc.discover((sys.argv + ["tcp://127.0.0.1:5570"])[1])
print(greenhouse.report("Tomatoes"))

def show(*_):
    print(f"{greenhouse.temperature:.1f} degrees")

loop = GLib.MainLoop()
greenhouse.connect("notify::temperature", show)
greenhouse.connect("reached", lambda *_: loop.quit())
greenhouse.target = 18 if greenhouse.temperature > 20 else 23
loop.run()
