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

    @PlantRpc.method_json
    def report(self, plants: str):
        return f"{plants} at {self.degrees:.1f} degrees"

    def drift(self):
        if self.degrees != self.target:
            self.degrees += max(-1, min(1, self.target - self.degrees))
            self.notify("temperature")
            if self.degrees == self.target:
                self.emit("reached", self.degrees)
        return True

greenhouse = Greenhouse()
GLib.timeout_add(100, greenhouse.drift)
url = (sys.argv + ["tcp://127.0.0.1:5570"])[1]
with PlantRpc.Server(object=greenhouse, url=url) as server:
    print(server.url, flush=True)
    server.serve_forever()
