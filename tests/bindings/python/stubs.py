#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The type stubs: complete, true, and of use to a type checker.

  stubs.py PlantRpc-1.0.gir
"""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GObject, PlantRpc  # noqa: E402

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
STUB = SOURCE / "introspection/overrides/python/gi-stubs/repository/PlantRpc.pyi"
sys.path.insert(0, str(HERE.parent))

from coverage import public_names  # noqa: E402

# Python counts references by itself; what a C structure holds for subclasses is not to be used.
LEFT_OUT = {"ref", "unref"}


def read_stub() -> dict[str, set[str]]:
    """The members of each class of the stub, and under "" what stands outside of any."""
    found: dict[str, set[str]] = {"": set()}
    for node in ast.parse(STUB.read_text()).body:
        if getattr(node, "name", "").startswith("_"):
            continue  # the type of a function that has another one, as `connect.begin`
        found[""] |= names_of(node)
        if isinstance(node, ast.ClassDef):
            found[node.name] = set().union(*map(names_of, node.body))
            signals = re.search("Signals: (.*)\\.", ast.get_docstring(node) or "")
            found[node.name] |= set(signals[1].split(", ")) if signals else set()
    return found


def names_of(node: ast.stmt) -> set[str]:
    """What a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return {node.name}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


class Complete(unittest.TestCase):
    gir = Path()
    maxDiff = None

    def test_every_name_of_the_library(self) -> None:
        stub, missing = read_stub(), []
        for name, kind in public_names(self.gir):
            container, _, last = name.rpartition(".")
            if kind == "virtual-method":
                last = f"do_{last}"
            elif kind == "property":
                last = last.replace("-", "_")
            if last not in stub.get(container, ()) and last not in LEFT_OUT:
                missing.append(f"{kind} {name}")
        self.assertEqual(missing, [])

    def test_every_name_of_the_overrides(self) -> None:
        from gi.overrides import PlantRpc as overrides
        stub = read_stub()
        for name in overrides.__all__:
            self.assertIn(name, stub[""])
            item = getattr(overrides, name)
            if isinstance(item, type):
                public = {member for member in vars(item) if not member.startswith("_")}
                if name == "RPCProperty":
                    public -= set(vars(property))
                self.assertLessEqual(public, stub[name], name)

    def test_every_name_of_the_stub_is_there(self) -> None:
        given = {"CallError": {"message", "domain", "code", "traceback", "may_have_run"},
                 "Pending": {"cancellable"}, "NoResult": {"error", "traceback"},
                 "RPCSignal": {"arg_types", "connections", "name"},
                 "RPCClient": {"context", "url", "name", "own_address", "peer_address"},
                 "RPCServer": {"context", "url", "port", "registry_addr"}}
        for owner, names in read_stub().items():
            item = getattr(PlantRpc, owner) if owner else PlantRpc
            for name in names - given.get(owner, set()):
                others = {spec.name for spec in item.list_properties()} \
                    | set(GObject.signal_list_names(item)) \
                    if owner and issubclass(item, GObject.Object) else set()
                if "-" not in name and name.replace("_", "-") not in others:
                    self.assertTrue(hasattr(item, name), f"{owner}.{name}")


class Checked(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)
        shutil.copytree(HERE / "stubs" / "gi", self.path / "gi")
        shutil.copy(STUB, self.path / "gi" / "repository")

    def mypy(self, *programs: Path) -> str:
        done = subprocess.run(
            ["/usr/bin/mypy", "--strict-equality", "--check-untyped-defs", "--no-error-summary",
             "--python-version", "3.11", "--cache-dir", str(self.path / "cache"), *programs],
            capture_output=True, text=True, env={"MYPYPATH": str(self.path), "PATH": "/usr/bin"})
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_what_is_right(self) -> None:
        demos = SOURCE / "demos"
        for program in (STUB, HERE / "stubs" / "right.py", demos / "hello-client.py",
                        demos / "hello-server.py"):
            with self.subTest(program=program.name):
                self.assertEqual(self.mypy(program), "")

    def test_what_is_wrong(self) -> None:
        program = HERE / "stubs" / "wrong.py"
        wrong = [number for number, line in enumerate(program.read_text().splitlines(), 1)
                 if line.endswith("# wrong")]
        found = re.findall(r"^\S+:(\d+): error", self.mypy(program), re.MULTILINE)
        self.assertEqual(sorted(set(map(int, found))), wrong)


if __name__ == "__main__":
    Complete.gir = Path(sys.argv.pop(1))
    unittest.main()
