#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The signatures of the type stubs: those of the library, and those of the overrides.

  signatures.py PlantRpc-1.0.gir
"""

import ast
import inspect
import sys
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import PlantRpc  # noqa: E402

HERE = Path(__file__).resolve().parent
STUB = HERE.parents[2] / "introspection/overrides/python/gi-stubs/repository/PlantRpc.pyi"
sys.path.insert(0, str(HERE.parent))

from coverage import CALLABLES, CORE, GLIB  # noqa: E402

PYTHON = {"utf8": "str", "filename": "str", "gboolean": "bool", "none": "None",
          "gdouble": "float", "gpointer": "Any", "GType": "GObject.GType", "gint": "int",
          "guint": "int", "guint16": "int", "guint64": "int", "gsize": "int", "GLib.Quark": "int",
          "Gio.AsyncReadyCallback": "Callable[..., None]", "MethodHandler": "Callable[..., None]",
          "ReadHandler": "Callable[..., bool]", "WriteHandler": "Callable[..., bool]"}
ALIASES = {"Gio.Cancellable | None": "_Cancel", "Callable[..., None] | None": "_Ready"}
# Properties of these types always have a value, and these have another type in Python.
PLAIN = ("int", "bool", "float", "list[str]", "State", "PropertyState", "Role", "UnknownDevices",
         "Wire", "Any", "GObject.Object")
PROPERTIES = {"Property.value": "Any"}
# What the overrides take that the library does not, in place of what it does.
WIDER = {
    ("Client", "type", "GObject.GType"): "Any",
    ("Client", "args", "GLib.Variant | None"): "_Args",
    ("Client", "kwargs", "GLib.Variant | None"): "_Kwargs",
    ("Client", "value", "GLib.Variant"): "Any",
    ("Invocation", "value", "GLib.Variant | None"): "Any",
    ("Invocation", "info", "GLib.Variant | None"): "Any",
    ("Invocation", "buffer", "GLib.Bytes"): "GLib.Bytes | _Bytes"}
# Those of which the overrides let more be left out; they are compared with the overrides.
OVERRIDDEN = {"call", "call_buffer", "call_sync", "call_buffer_sync", "register_to_registry_sync",
              "set_read_handler", "set_write_handler", "return_value", "return_buffer"}
STATIC = {"Client.new_for_device", "Client.new_for_type"}
OVERRIDES = ("Client", "Invocation", "NoResult", "Pending", "RPCClient", "RPCProperty", "RPCServer",
             "RPCSignal", "RemoteMethod", "Server")
# Here the stub says more than the code, which hands on what it is given.
UNSIGNED = {"Client.__init__", "Server.__init__", "Client.__exit__", "Server.__exit__",
            "Server.set_read_handler", "Server.set_write_handler"}
# What is left out where it may be: other than None, which the stubs do not tell.
TIMES = {"timeout": 10000}
METHOD = {**TIMES, "blocking": False, "invocation": False}
DEFAULTS: dict[str, dict[str, Any]] = {
    "Client.call": {"timeout": 0}, "Client.call_buffer": {"timeout": 0},
    "Client.call_sync": {"timeout": 0}, "Client.call_buffer_sync": {"timeout": 0},
    "NoResult.__init__": {"traceback": ""}, "RPCClient.__init__": {"timeout": 1000},
    "RPCProperty.__init__": {"auto_notify": False}, "RPCServer.__init__": {"alive_timeout": 60},
    "RPCServer.register_method_json": TIMES, "RPCServer.register_method_buffer": TIMES,
    "RPCServer.register_to_registry": {"overwrite": True},
    "RPCSignal.validate_args": {"coerce": False},
    "Server.register_to_registry_sync": {"registry_url": "tcp://127.0.0.1:5555",
                                         "overwrite": True},
    "method_buffer": METHOD, "method_json": METHOD}


def stubs() -> Iterator[tuple[str, ast.stmt]]:
    """Each statement of the stub with its place: `Client.close`, or `connect`."""
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                yield f"{node.name}.{name_of(member)}", member
        else:
            yield name_of(node), node


def name_of(node: ast.stmt) -> str:
    """What a statement defines."""
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    return getattr(node, "name", "")


def decorators(node: ast.FunctionDef) -> list[str]:
    return [ast.unparse(decorator) for decorator in node.decorator_list]


def item_of(element: ET.Element) -> str | None:
    """The type of the items of an array."""
    item = element.find(f"{CORE}array/{CORE}type")
    return None if item is None else item.get("name")


def lengths(element: ET.Element) -> list[ET.Element]:
    """The parameters of a function that tell how long an array is, which Python knows by itself."""
    found = element.findall(f"{CORE}parameters/{CORE}parameter")
    return [found[int(array.get("length", ""))] for array in element.iter(f"{CORE}array")
            if array.get("length") is not None]


def type_of(element: ET.Element) -> str:
    """The Python type of a parameter, a result or a property."""
    kind = element.find(f"{CORE}type")
    if kind is None:
        text = "bytes" if item_of(element) == "guint8" else "list[str]"
    else:
        name = kind.get("name", "")
        text = PYTHON.get(name, name)
    text += " | None" if element.get("nullable") else ""
    return ALIASES.get(text, text)


def parameters(owner: str, element: ET.Element) -> Iterator[tuple[str, str, bool]]:
    """Name, type and whether it may be left out: what is nullable and stands at the end."""
    found = [each for each in element.findall(f"{CORE}parameters/{CORE}parameter")
             if each not in lengths(element)]
    given = [each for each in found if each.get("direction") != "out"
             and each.get("name") not in ("user_data", "notify")]
    optional = len(given)
    while optional > 0 and given[optional - 1].get("nullable"):
        optional -= 1
    for number, each in enumerate(given):
        name, kind = each.get("name", ""), type_of(each)
        yield name, WIDER.get((owner, name, kind), kind), number >= optional
    if len(given) < len(found) and found[-1].get("direction") != "out":
        yield "*user_data", "Any", False


def described(owner: str, element: ET.Element) -> str:
    """The signature that the stub must have of a function of the library."""
    kind = element.tag.removeprefix(CORE)
    first = {"constructor": ["cls"], "method": ["self"]}.get(kind, [])
    arguments = [f"{name}: {kind}{'=...' if optional else ''}"
                 for name, kind, optional in parameters(owner, element)]
    result = element.find(f"{CORE}return-value")
    assert result is not None
    results = [result, *(each for each in element.findall(f"{CORE}parameters/{CORE}parameter")
                         if each.get("direction") == "out" and each not in lengths(element))]
    types = list(map(type_of, results))
    returned = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    if any(name == "callback" for name, _, _ in parameters(owner, element)):
        # What it returns without a callback, which can be awaited.
        returned = "Pending"
    before = {"constructor": "@classmethod ", "method": ""}.get(
        kind, "@staticmethod " if owner else "")
    return f"{before}({', '.join(first + arguments)}) -> {returned}"


def written(node: ast.FunctionDef) -> str:
    """The signature that the stub has."""
    before = "".join(f"@{name} " for name in decorators(node))
    returned = ast.unparse(node.returns) if node.returns else None
    return f"{before}({ast.unparse(node.args)}) -> {returned}"


class OfTheLibrary(unittest.TestCase):
    gir = Path()
    maxDiff = None

    def elements(self) -> Iterator[tuple[str, str, ET.Element]]:
        """Each member of the namespace with its owner and its kind."""
        namespace = ET.parse(self.gir).getroot().find(f"{CORE}namespace")
        assert namespace is not None
        for element in namespace:
            if element.tag == f"{CORE}function" and not element.get("moved-to"):
                yield "", "function", element
            elif element.tag != f"{CORE}function":
                for member in element:
                    yield (element.get("name", ""),
                           member.tag.removeprefix(CORE).removeprefix(GLIB), member)

    def test_functions(self) -> None:
        stub = {place: node for place, node in stubs() if isinstance(node, ast.FunctionDef)}
        n_compared = 0
        for owner, kind, element in self.elements():
            name = element.get("name", "")
            place = f"{owner}.{name}" if owner else name
            if kind not in CALLABLES or place not in stub:
                continue
            node = stub[place]
            expected = described(owner, element)
            got = written(node)
            if place in STATIC:
                expected = expected.replace("@classmethod (cls, ", "@staticmethod (")
            if name in OVERRIDDEN:
                expected, got = expected.replace("=...", ""), got.replace("=...", "")
            self.assertEqual(got, expected, place)
            n_compared += 1
        self.assertGreater(n_compared, 100)

    def test_properties(self) -> None:
        stub = dict(stubs())
        n_compared = 0
        for owner, kind, element in self.elements():
            if kind != "property":
                continue
            name = element.get("name", "").replace("-", "_")
            node = stub[f"{owner}.{name}"]
            expected = PROPERTIES.get(f"{owner}.{name}") or type_of(element)
            if expected not in PLAIN:
                expected += " | None"
            writable = element.get("writable") == "1" and not element.get("construct-only")
            if isinstance(node, ast.AnnAssign):
                self.assertEqual((ast.unparse(node.annotation), True), (expected, writable),
                                 f"{owner}.{name}")
            else:
                assert isinstance(node, ast.FunctionDef)
                told = f"@_builtins.property (self) -> {expected}"
                self.assertEqual((written(node), False), (told, writable), f"{owner}.{name}")
            n_compared += 1
        self.assertGreater(n_compared, 40)

    def test_members(self) -> None:
        """Members of enumerations are of their type, constants are what they are."""
        for place, node in stubs():
            if isinstance(node, ast.AnnAssign) and node.target and place.split(".")[-1].isupper():
                owner, _, name = place.rpartition(".")
                value = getattr(getattr(PlantRpc, owner) if owner else PlantRpc, name)
                self.assertEqual(ast.unparse(node.annotation), type(value).__name__, place)


class OfTheOverrides(unittest.TestCase):
    """Python's own functions, whose parameters can be looked at."""

    maxDiff = None

    def test_parameters(self) -> None:
        """Each has the name, the kind and the default that the code gives it."""
        n_compared = 0
        for place, node in stubs():
            owner, _, name = place.rpartition(".")
            if not isinstance(node, ast.FunctionDef) or place in UNSIGNED \
                    or owner and owner not in OVERRIDES:
                continue
            function = vars(getattr(PlantRpc, owner)).get(name) if owner else None
            if function is None or isinstance(function, property):
                continue
            plain = getattr(function, "__func__", function)
            real = list(inspect.signature(plain).parameters.values())
            if "rest" in (parameter.name for parameter in real):
                continue
            self.assertEqual(shapes(node), list(map(shape, real)), place)
            for parameter in real:
                self.check_type(place, node, parameter)
            self.assertEqual(
                (isinstance(function, staticmethod), isinstance(function, classmethod)),
                ("staticmethod" in decorators(node), "classmethod" in decorators(node)), place)
            n_compared += 1
        self.assertGreater(n_compared, 40)

    def check_type(self, place: str, node: ast.FunctionDef, real: inspect.Parameter) -> None:
        """A plain type is the same in both; what is any value in the code may be less."""
        if isinstance(real.annotation, type) and real.annotation in (int, str, bool, float) \
                or str(real.annotation) in ("int | None", "str | None"):
            told = next(each for each in ast.walk(node.args)
                        if isinstance(each, ast.arg) and each.arg == real.name)
            kind = real.annotation.__name__ if isinstance(real.annotation, type) \
                else str(real.annotation)
            self.assertEqual(told.annotation and ast.unparse(told.annotation), kind,
                             f"{place} {real.name}")

    def test_defaults(self) -> None:
        for place in {place for place, node in stubs() if isinstance(node, ast.FunctionDef)}:
            owner, _, name = place.rpartition(".")
            if owner not in OVERRIDES and owner:
                continue
            function = vars(getattr(PlantRpc, owner) if owner else PlantRpc).get(name)
            if owner == "" and place in DEFAULTS:
                function = getattr(PlantRpc, name)
            function = getattr(function, "__func__", function)
            if not inspect.isfunction(function):
                continue
            self.assertEqual(
                {parameter.name: parameter.default
                 for parameter in inspect.signature(function).parameters.values()
                 if parameter.default not in (parameter.empty, None)},
                DEFAULTS.get(place, {}), place)

    def test_results(self) -> None:
        """What a property or a function of the code returns is what the stub says."""
        n_compared = 0
        for place, node in stubs():
            owner, _, name = place.rpartition(".")
            if not isinstance(node, ast.FunctionDef) or owner not in OVERRIDES:
                continue
            function = vars(getattr(PlantRpc, owner)).get(name)
            function = function.fget if isinstance(function, property) else function
            real = getattr(getattr(function, "__func__", function), "__annotations__", {})
            if real.get("return") in (int, str, bool, float, None) and "return" in real:
                self.assertEqual(node.returns and ast.unparse(node.returns),
                                 getattr(real["return"], "__name__", "None"), place)
                n_compared += 1
        self.assertGreater(n_compared, 30)

    def test_overloads(self) -> None:
        """The forms of a function together have the parameters of the code, and no others."""
        found: dict[str, set[str]] = {}
        for place, node in stubs():
            if isinstance(node, ast.FunctionDef) and "overload" in decorators(node):
                found.setdefault(place, set()).update(name for name, _, _ in shapes(node))
        functions = {"_Connect.__call__": PlantRpc.connect,
                     "_Connect.begin": PlantRpc.connect.begin,
                     "_Discover.__call__": PlantRpc.discover,
                     "_Discover.begin": PlantRpc.discover.begin,
                     "method_buffer": PlantRpc.method_buffer, "method_json": PlantRpc.method_json}
        self.assertEqual(set(found), set(functions))
        for place, function in functions.items():
            real = inspect.signature(function).parameters
            self.assertEqual(found[place] - {"self"}, set(real), place)
            self.assertEqual({name: each.default for name, each in real.items()
                              if each.default not in (each.empty, None)},
                             METHOD if "method" in place else TIMES, place)


def shape(parameter: inspect.Parameter) -> tuple[str, Any, bool]:
    """Name, kind, and whether there is a default; what `*names` are called is all the same."""
    is_rest = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return ("" if is_rest else parameter.name, parameter.kind,
            parameter.default is not parameter.empty)


def shapes(node: ast.FunctionDef) -> list[tuple[str, Any, bool]]:
    """The same of each parameter that the stub has."""
    names: dict[str, Any] = {}
    exec(f"from __future__ import annotations\ndef stub({ast.unparse(node.args)}): ...", names)
    return list(map(shape, inspect.signature(names["stub"]).parameters.values()))


if __name__ == "__main__":
    OfTheLibrary.gir = Path(sys.argv.pop(1))
    unittest.main()
