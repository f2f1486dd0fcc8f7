#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""complaints.py must let a test fail if a complaint appears, and only then."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

RUNNER = Path(__file__).resolve().with_name("complaints.py")
SECONDS = 60
# The loop ends when the callback has failed.
GLIB = """
from gi.repository import GLib, GObject
loop = GLib.MainLoop()
def broken(*args):
    loop.quit()
    raise ValueError("from a callback")
"""
BROKEN = {
    "a callback of the main loop": GLIB + "GLib.idle_add(broken); loop.run()",
    "a handler of a signal": GLIB + """
class Device(GObject.Object):
    done = GObject.Signal()
device = Device()
device.connect("done", broken)
device.emit("done")
""",
    "a finalizer": "class A:\n def __del__(self): raise ValueError('from a finalizer')\nA()",
    "a thread": """
import threading
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
""",
    "a coroutine that nobody awaits": "async def run(): pass\nrun()",
    "a task that nobody asks": """
import asyncio, gc
async def fail(): raise ValueError("from a task")
async def run():
    asyncio.get_running_loop().create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
asyncio.run(run())
""",
    "a process that is started": "import subprocess, sys\n"
                                 "subprocess.run([sys.executable, '-c', '1 / 0'])",
    "a warning of GLib": "from gi.repository import GLib\nGLib.log_default_handler("
                         "'Lab', GLib.LogLevelFlags.LEVEL_CRITICAL, 'went wrong', None)",
}
BROKEN_GJS = {
    "a callback of the main loop": """
const loop = new GLib.MainLoop(null, false);
GLib.idle_add(0, () => { loop.quit(); throw new Error('from a callback'); });
loop.run();
""",
    "a promise": "Promise.reject(new Error('from a promise'));",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """The runner, each time with a short test."""
    environment = {name: value for name, value in os.environ.items() if name != "G_DEBUG"}
    return subprocess.run([RUNNER, *command], env=environment, capture_output=True, text=True,
                          timeout=SECONDS)


class Complaints(unittest.TestCase):
    def python(self, program: str) -> subprocess.CompletedProcess[str]:
        return run(sys.executable, "-c", program)

    def test_a_good_test_passes(self) -> None:
        result = self.python("import sys\nprint('out')\nprint('test_x ... ok', file=sys.stderr)")
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "out\n", "test_x ... ok\n"))

    def test_a_status_is_passed_on(self) -> None:
        self.assertEqual(self.python("raise SystemExit(77)").returncode, 77)
        self.assertEqual(self.python("import os; os.kill(os.getpid(), 9)").returncode, 128 + 9)

    def test_python(self) -> None:
        for what, program in BROKEN.items():
            with self.subTest(what):
                result = self.python(program)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("Unexpected on standard error:\n", result.stderr)

    def test_gjs(self) -> None:
        gjs = shutil.which("gjs")
        if gjs is None:
            self.skipTest("there is no GJS")
        for what, program in BROKEN_GJS.items():
            with self.subTest(what):
                result = run(gjs, "-c", f"const {{GLib}} = imports.gi;\n{program}")
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("Unexpected on standard error:\n", result.stderr)

    def announce(self, *texts: str) -> subprocess.CompletedProcess[str]:
        """A callback that fails, as these texts tell."""
        lines = "".join(f"print('expected complaint: {text}', file=sys.stderr, flush=True)\n"
                        for text in texts)
        return self.python(f"import sys\n{lines}{BROKEN['a callback of the main loop']}")

    def test_a_complaint_that_is_expected(self) -> None:
        self.assertEqual(self.announce("ValueError: from a callback").returncode, 0)
        for texts, wrong in ((["something else"], "did not come: something else"),
                             (["ValueError", "ValueError"], "did not come: ValueError")):
            result = self.announce(*texts)
            self.assertEqual(result.returncode, 1)
            self.assertIn(wrong, result.stderr)

    def test_an_exception_because_of_another_is_one_complaint(self) -> None:
        program = BROKEN["a callback of the main loop"].replace(
            'raise ValueError("from a callback")',
            "\n    try: {}['key']\n"
            "    except KeyError as error: raise ValueError('why') from error")
        result = self.python(f"import sys\nprint('expected complaint: KeyError', "
                             f"file=sys.stderr, flush=True)\n{program}")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_what_is_announced_is_once(self) -> None:
        program = BROKEN["a callback of the main loop"].replace("loop.run()", """
GLib.idle_add(broken)
import sys
print('expected complaint: ValueError', file=sys.stderr, flush=True)
loop.run()
loop.get_context().iteration(False)
""")
        result = self.python(program)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("Unexpected"), 1, result.stderr)


if __name__ == "__main__":
    unittest.main()
