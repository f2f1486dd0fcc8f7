#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A process that forks keeps its servers, and the child is told that they are not its own."""

import subprocess
import unittest
from typing import Any

from camera import DEADLINE
from gi.repository import PlantRpc

NATIVE = """
import os, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import GObject, PlantRpc
class Device(GObject.Object):
    @PlantRpc.method_json
    def split(self) -> bool: return os.fork() == 0
    @PlantRpc.method_json
    def echo(self, value: int) -> int: return value
server = PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*", allow_stop=True)
server.start()
url = server.get_url()
register = server.register_to_registry_sync
"""
PORTED = """
import os, gi
gi.require_version("PlantRpc", "1.0")
from gi.repository import PlantRpc
class Device(PlantRpc.RPCServer):
    allow_stop = True
    @PlantRpc.RPCServer.register_method_json
    def split(self): return os.fork() == 0
    @PlantRpc.RPCServer.register_method_json
    def echo(self, value): return value
server = Device(None, "tcp://127.0.0.1")
url = f"{server.url}:{server.port}"
register = server.register_to_registry
"""
USE = """
import signal
# One that hangs ends by itself.
signal.alarm(60)
os.register_at_fork(after_in_child=lambda: signal.alarm(60))
own = os.getpid()
def try_to(do, *args):
    try:
        print(do.__name__, do(*args), flush=True)
    except PlantRpc.CallError as error:
        told = error.matches(PlantRpc.Error.quark(), PlantRpc.Error.CLOSED)
        print(do.__name__, "closed" if told and "forked" in str(error) else error, flush=True)
def use_as_child():
    if os.getpid() != own:
        try_to(server.serve_forever)
        try_to(register, "bench", "child", "tcp://127.0.0.1:1")
        os._exit(0)
"""
BEFORE = USE + """
pid = os.fork()
use_as_child()
os.waitpid(pid, 0)
print(url, flush=True)
server.serve_forever()
"""
WITHIN = USE + """
print(url, flush=True)
try_to(server.serve_forever)
use_as_child()
os.wait()
"""


class Forks(unittest.TestCase):
    def start(self, program: str) -> Any:
        process = subprocess.Popen(["/usr/bin/python3", "-W", "ignore", "-c", program], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_before_it_serves(self) -> None:
        for server in (NATIVE, PORTED):
            with self.subTest(server=server):
                process = self.start(server + BEFORE)
                told = [process.stdout.readline() for _ in range(2)]
                self.assertEqual([line.split()[1:] for line in told], [["closed"]] * 2, told)
                client = PlantRpc.discover(process.stdout.readline().strip(),
                                           timeout=DEADLINE * 1000)
                self.assertEqual(client.echo(5), 5)
                client.stop_server_sync(None)
                self.assertEqual(process.wait(DEADLINE), 0)

    def test_within_a_method(self) -> None:
        for server in (NATIVE, PORTED):
            with self.subTest(server=server):
                process = self.start(server + WITHIN)
                client = PlantRpc.discover(process.stdout.readline().strip(),
                                           timeout=DEADLINE * 1000)
                self.assertFalse(client.split())
                told = [process.stdout.readline() for _ in range(3)]
                self.assertEqual([line.split()[1:] for line in told], [["closed"]] * 3, told)
                self.assertEqual(client.echo(5), 5)
                client.stop_server_sync(None)
                self.assertRegex(process.communicate(timeout=DEADLINE)[0],
                                 "^serve_forever (True|None)\n$")
                self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
