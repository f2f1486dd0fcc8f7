#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C and other signals while the library blocks or serves.

  interrupts.py PlantRpc-1.0.gir
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

from attributes import wait
from camera import DEADLINE, Device, program
from failures import throwing
from gi.overrides.PlantRpc import interrupt
from gi.repository import Gio, PlantRpc

# A registry that the test stops, so that it answers nobody.
REGISTRY = """
registry = PlantRpc.Registry(url="tcp://127.0.0.1:*")
registry.start()
print(registry.url, flush=True)
GLib.MainLoop().run()
"""
COMMON = """
client = PlantRpc.Client.new("tcp://127.0.0.1:9")
server = PlantRpc.Server(object=device, url="tcp://127.0.0.1:*")
server.start()
"""
# A write is under way, and the device answers no more.
FLUSH = """
import atexit, os, signal
device = Device()
atexit.register(device.process.kill)
camera = PlantRpc.discover(device.url)
device.process.send_signal(signal.SIGSTOP)
os.waitpid(device.process.pid, os.WUNTRACED)
camera.set_property("mode", "VIDEO")
"""
# No name server answers. Its thread must not see Python end.
NAMELESS = """
import os, threading

class Silent(Gio.Resolver):
    def do_lookup_by_name(self, name, cancellable):
        threading.Event().wait()

Gio.Resolver.set_default(Silent())
"""
# By the function: what is done before, and how it is called.
BLOCKING = {
    "Client.call_sync": ("", "client.call_sync('x', [], None, 60000)"),
    "Client.call_json_sync": ("", "client.call_json_sync('x', None, None, 60000)"),
    "Client.call_buffer_sync": ("", "client.call_buffer_sync('x', [], None, 60000)"),
    "Client.discover_sync": ("", "PlantRpc.Client.discover_sync('tcp://127.0.0.1:9', 60000)"),
    "Client.discover_device_sync": (
        "", "PlantRpc.Client.discover_device_sync(url, 'lamp', 60000, None)"),
    "Discovery.wait_client_sync": (
        "discovery = PlantRpc.Discovery.new('tcp://127.0.0.1:9')",
        "discovery.wait_client_sync(60000)"),
    "pair_sync": ("link = f'plantrpc+curve{url[3:]}/#' + '.'.join(["
                  "PlantRpc.Keypair.new().get_public_key(), 'A' * 43])",
                  "PlantRpc.pair_sync(link)"),
    "Client.flush_sync": (FLUSH, "camera.flush_sync()"),
    "Client.read_property_sync": ("", "client.read_property_sync('x')"),
    "Client.refresh_sync": ("", "client.refresh_sync()"),
    "Client.stop_server_sync": ("", "client.stop_server_sync(None)"),
    "Client.wait_ready_sync": ("", "client.wait_ready_sync(60000)"),
    "Client.write_property_sync": ("", "client.write_property_sync('x', 1)"),
    "Registry.start": (NAMELESS, "PlantRpc.Registry.new('tcp://camera:*').start()"),
    "Server.register_to_registry_sync": (
        "", "server.register_to_registry_sync('lamp', 'desk', url)"),
    "Server.start": (
        NAMELESS, "PlantRpc.Server(object=device, url='tcp://camera:*').start()"),
    "Server.unregister_sync": (
        "server.register_to_registry_sync('lamp', 'desk', url)", "server.unregister_sync()"),
}


def sleeps(pid: int) -> bool:
    """Wait until the main thread of a process sleeps, as it does while it blocks."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(") ")[2][0]
        if state in "SZ":
            return state == "S"
    return False


class Interrupted(unittest.TestCase):
    def interrupt(self, text: str, number: int = signal.SIGINT) -> tuple[str, int]:
        """What the program prints after “serving” and its exit status, once the signal came while
        it blocked."""
        while True:
            output, status, n_sent = self.interrupt_once(text, number)
            # A second signal may come while Python ends, where it has no handler any more.
            if status != -number or n_sent == 1:
                # How often a handler ran does not matter.
                return output.replace("own\nown\n", "own\n"), status

    def interrupt_once(self, text: str, number: int) -> tuple[str, int, int]:
        process = program(text)
        n_sent = 0
        self.assertEqual(process.stdout.readline(), "serving\n")
        for _ in range(DEADLINE):
            # It may have ended since the last signal.
            if sleeps(process.pid):
                process.send_signal(number)
                n_sent += 1
            try:
                output, _ = process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                continue  # it came before what blocks, and had its handler run
            return output, process.returncode, n_sent
        process.kill()
        raise AssertionError(process.communicate()[0])

    def test_ctrl_c_ends_serving_without_an_exception(self) -> None:
        text = ("server = PlantRpc.Server(object=device, url='tcp://127.0.0.1:*')\n"
                "GLib.idle_add(lambda: print('serving', flush=True))\n"
                "server.serve_forever()\n"
                "print('ended', server.running)\n")
        self.assertEqual(self.interrupt(text), ("ended False\n", 0))

    def test_ctrl_c_afterwards_is_python_s_again(self) -> None:
        text = ("server = PlantRpc.Server(object=device, url='tcp://127.0.0.1:*')\n"
                "GLib.idle_add(server.stop)\n"
                "server.serve_forever()\n"
                "import time\n"
                "try: print('serving', flush=True); time.sleep(20)\n"
                "except KeyboardInterrupt: print('interrupted')\n")
        self.assertEqual(self.interrupt(text), ("interrupted\n", 0))

    def test_ctrl_c_on_the_way_to_the_end_of_serving(self) -> None:
        text = ("import signal\n"
                "server = PlantRpc.Server(object=device, url='tcp://127.0.0.1:*')\n"
                "GLib.idle_add(lambda: (signal.raise_signal(signal.SIGINT), print('serving')))\n"
                "server.serve_forever()\n"
                "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n")
        self.assertEqual(program(text).communicate(timeout=DEADLINE)[0], "serving\nTrue\n")

    def test_other_signals_while_serving(self) -> None:
        """A handler runs at once; serving goes on unless it raises."""
        text = ("import signal\n"
                "server = PlantRpc.Server(object=device, url='tcp://127.0.0.1:*')\n"
                "signal.signal(signal.SIGUSR1, lambda *args: print('one', flush=True))\n"
                "signal.signal(signal.SIGTERM, lambda *args: sys.exit(3))\n"
                "GLib.idle_add(lambda: print('serving', flush=True))\n"
                "try: server.serve_forever()\n"
                "finally: print('ended', server.running)\n")
        process = program(text)
        self.assertEqual(process.stdout.readline(), "serving\n")
        # A handler cannot write while what it interrupts does.
        self.assertTrue(sleeps(process.pid))
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.stdout.readline(), "one\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate(timeout=DEADLINE)[0], "ended False\n")
        self.assertEqual(process.returncode, 3)

    def test_a_handler_of_the_program_s_own(self) -> None:
        text = ("import signal\n"
                "server = PlantRpc.Server(object=device, url='tcp://127.0.0.1:*')\n"
                "signal.signal(signal.SIGINT, lambda *args: (print('own'), server.stop()))\n"
                "GLib.idle_add(lambda: print('serving', flush=True))\n"
                "server.serve_forever()\n")
        self.assertEqual(self.interrupt(text), ("own\n", 0))

    def test_ctrl_c_ends_what_blocks(self) -> None:
        with Device() as served:
            for blocks in ("camera.lateAnswer.with_timeout(None)()",
                           "PlantRpc.connect(None, 'tcp://127.0.0.1:1', timeout=60000)",
                           "PlantRpc.discover('tcp://127.0.0.1:1', timeout=60000)"):
                text = (f"camera = PlantRpc.connect(Camera, {served.url!r})\n"
                        f"try: print('serving', flush=True); {blocks}\n"
                        "except KeyboardInterrupt as error:\n"
                        "    camera.release()\n"
                        "    import traceback\n"
                        "    text = ''.join(traceback.format_exception(error))\n"
                        "    print('interrupted', 'cancelled' in text)\n")
                with self.subTest(blocks=blocks):
                    self.assertEqual(self.interrupt(text), ("interrupted False\n", 0))


    def handled(self, prepare: str, number: int, blocks: str) -> tuple[str, int]:
        """What comes of a signal for which the program has a handler of its own."""
        text = (f"import asyncio, signal\n{prepare}\n"
                "client = PlantRpc.Client.new('tcp://127.0.0.1:9')\n"
                "def wait(): print('serving', flush=True); client.wait_ready_sync(60000)\n"
                f"try: {blocks}\n"
                "except PlantRpc.CallError as error:\n"
                "    print(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))\n"
                "except KeyboardInterrupt: print('interrupted')\n")
        return self.interrupt(text, number)

    def test_handlers_of_the_program_s_own_end_what_blocks(self) -> None:
        says = "signal.signal(signal.{}, lambda *args: print('own'))"
        ends = "signal.signal(signal.{}, lambda *args: sys.exit(3))"
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name)
            with self.subTest(name):
                self.assertEqual(self.handled(says.format(name), number, "wait()"),
                                 ("own\nTrue\n", 0))
                self.assertEqual(self.handled(ends.format(name), number, "wait()"), ("", 3))
        self.assertEqual(self.handled(
            says.format("SIGINT") + "\n" + ends.format("SIGTERM"), signal.SIGTERM, "wait()"),
            ("", 3))

    def test_ctrl_c_within_asyncio(self) -> None:
        text = "async def main(): wait()"
        self.assertEqual(self.handled(text, signal.SIGINT, "asyncio.run(main())"),
                         ("interrupted\n", 0))

    def test_a_cancellable_of_the_program_s_own(self) -> None:
        for cancel in (Gio.Cancellable.cancel,
                       lambda each: threading.Timer(0, each.cancel).start()):
            cancellable = Gio.Cancellable()
            client = PlantRpc.Client.new("tcp://127.0.0.1:9")
            cancel(cancellable)
            for function in (lambda: client.wait_ready_sync(-1, cancellable),
                             lambda: client.wait_ready_sync(-1, cancellable=cancellable),
                             lambda: client.wait_ready_sync(timeout=-1, cancellable=cancellable)):
                with self.assertRaises(PlantRpc.CallError) as caught:
                    function()
                self.assertEqual(caught.exception.code, Gio.IOErrorEnum.CANCELLED)


class Functions(unittest.TestCase):
    """Ctrl-C ends each function of the library that blocks."""

    gir: Path

    def test_each(self) -> None:
        """All at once, as each needs a process of its own."""
        names = {name for name, _ in throwing(self.gir) if name.endswith(("_sync", ".start"))}
        self.assertEqual(names, set(BLOCKING))
        started = {}
        registry = program(REGISTRY)
        url = registry.stdout.readline().strip()
        for name, (prepare, call) in BLOCKING.items():
            started[name] = program(f"url, registry_pid = {url!r}, {registry.pid}\n" + COMMON
                                    + prepare + "\nprint('serving', flush=True)\n"
                                    "sys.stdin.readline()\n"
                                    f"try: print('blocking', flush=True); {call}\n"
                                    "except KeyboardInterrupt: print('interrupted', flush=True)\n"
                                    "finally:\n"
                                    "    if 'Silent' in globals(): os._exit(0)\n")
        for process in started.values():
            self.assertEqual(process.stdout.readline(), "serving\n")
        registry.send_signal(signal.SIGSTOP)
        os.waitpid(registry.pid, os.WUNTRACED)
        for name, process in started.items():
            process.stdin.write("\n")
            process.stdin.flush()
        for name, process in started.items():
            self.assertEqual(process.stdout.readline(), "blocking\n", name)
            self.assertTrue(sleeps(process.pid), name)
            process.send_signal(signal.SIGINT)
        for name, process in started.items():
            with self.subTest(name):
                self.assertEqual(process.communicate(timeout=DEADLINE)[0], "interrupted\n")
        registry.kill()
        registry.communicate()


class Watch(unittest.TestCase):
    """Signals during a blocking call, in a program with its own descriptor for signals."""

    def setUp(self) -> None:
        self.reader, self.writer = socket.socketpair()
        self.writer.setblocking(False)
        self.reader.settimeout(DEADLINE)
        self.addCleanup(self.reader.close)
        self.addCleanup(self.writer.close)
        before = signal.set_wakeup_fd(self.writer.fileno())
        self.addCleanup(signal.set_wakeup_fd, before)
        handler = signal.signal(signal.SIGUSR1, lambda *args: None)
        self.addCleanup(signal.signal, signal.SIGUSR1, handler)

    def heard(self) -> list[int]:
        """Read once from the program's own descriptor and return the signals."""
        return list(self.reader.recv(64))

    def test_the_program_is_told(self) -> None:
        def block(cancellable: Gio.Cancellable) -> list[int]:
            signal.raise_signal(signal.SIGUSR1)
            return self.heard()
        self.assertEqual(interrupt.interruptible(block), [signal.SIGUSR1])
        self.assertEqual(interrupt.interruptible(
            lambda cancellable: interrupt.interruptible(block)), [signal.SIGUSR1])
        signal.raise_signal(signal.SIGUSR1)
        self.assertEqual(self.heard(), [signal.SIGUSR1])

    def test_its_descriptor_is_given_back(self) -> None:
        interrupt.interruptible(lambda cancellable: None)
        with self.assertRaises(ZeroDivisionError):
            interrupt.interruptible(lambda cancellable: 1 / 0)
        own = signal.set_wakeup_fd(self.writer.fileno())
        self.assertEqual(own, self.writer.fileno())

    def test_a_descriptor_that_takes_nothing(self) -> None:
        interrupt.interruptible(lambda cancellable: None)
        self.reader.close()

        def block(cancellable: Gio.Cancellable) -> None:
            signal.raise_signal(signal.SIGUSR1)
            signal.raise_signal(signal.SIGINT)
            wait(cancellable.is_cancelled)
        with self.assertRaises(KeyboardInterrupt):
            interrupt.interruptible(block)
        self.assertTrue(interrupt._watch.is_alive())

    def test_a_signal_from_before_is_not_for_the_call(self) -> None:
        watch = interrupt._Watch()
        watch._writer.send(bytes([signal.SIGINT]))

        def block(cancellable: Gio.Cancellable) -> bool:
            watch.start()
            signal.raise_signal(signal.SIGUSR1)
            while signal.SIGUSR1 not in self.heard():
                pass
            return cancellable.is_cancelled()
        self.assertFalse(watch.call(block))

    def test_a_signal_at_the_beginning_of_a_call_is_told(self) -> None:
        watch = interrupt._Watch()
        self.addCleanup(watch._reader.close)
        self.addCleanup(watch._writer.close)
        watch._writer.send(bytes([signal.SIGUSR1]))
        watch.call(lambda cancellable: None)
        self.reader.setblocking(False)
        self.assertEqual(self.heard(), [signal.SIGUSR1])

    def test_a_signal_at_the_end_of_a_call_is_told(self) -> None:
        """A signal that comes before the watching thread has run."""
        watch = interrupt._Watch()
        self.addCleanup(watch._reader.close)
        self.addCleanup(watch._writer.close)
        watch.call(lambda cancellable: signal.raise_signal(signal.SIGUSR1))
        self.assertEqual(self.heard(), [signal.SIGUSR1])


if __name__ == "__main__":
    Functions.gir = Path(sys.argv.pop(1))
    unittest.main()
