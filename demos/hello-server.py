#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, GObject, PlantRpc

class Greenhouse(GObject.Object):
    target = GObject.Property(type=float, minimum=5, maximum=35, default=18)
    reached = GObject.Signal(arg_types=(float,))
    degrees = 18.0

    @GObject.Property(type=float)
    def temperature(self):
        return self.degrees

    def drift(self):
        if self.degrees != self.target:
            self.degrees += max(-1, min(1, self.target - self.degrees))
            self.notify("temperature")
            if self.degrees == self.target:
                self.emit("reached", self.degrees)
        return True

def report(invocation, *_):
    text = f"{invocation.get_args()[0]} at {greenhouse.degrees:.1f} degrees"
    invocation.return_value(GLib.Variant("s", text))

greenhouse = Greenhouse()
GLib.timeout_add(100, greenhouse.drift)
server = PlantRpc.Server.new(greenhouse, (sys.argv + ["tcp://127.0.0.1:5570"])[1])
server.register_method_json("report", "plants: s", 0, 0, report)
server.start()
print(server.get_url(), flush=True)
GLib.MainLoop().run()
