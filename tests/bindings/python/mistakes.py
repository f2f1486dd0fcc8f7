#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is wrong in a program is told word by word, before anything travels."""

import unittest
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from camera import Camera
from gi.overrides.PlantRpc import invocation
from gi.repository import GLib, GObject, PlantRpc

URL = "tcp://127.0.0.1:1"
TEMPLATE = "a template is a class of GObject.Object, not "
TRAVELS = "values that travel are of type"


class Odd:
    def __repr__(self) -> str:
        return "ODD" * 100


def nested(depth: int) -> list[Any]:
    """A list in lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class Mistakes(unittest.TestCase):
    maxDiff = None

    def told(self, kind: type[Exception], text: str, function: Callable[..., Any],
             *args: Any, **kwargs: Any) -> None:
        """Check that a function raises exactly this."""
        with self.subTest(text=text):
            with self.assertRaises(kind) as caught:
                function(*args, **kwargs)
            self.assertEqual((type(caught.exception), str(caught.exception)), (kind, text))

    def test_templates(self) -> None:
        either = "either a url or a device is to be named"
        for arguments in ({}, {"url": URL, "device": "x"}):
            self.told(TypeError, either, PlantRpc.connect, None, **arguments)
        self.told(TypeError, either, PlantRpc.discover)
        self.told(TypeError, either, PlantRpc.discover, URL, device="x")
        for template in (5, int, "Camera"):
            self.told(TypeError, f"{TEMPLATE}{template!r}", PlantRpc.connect, template, URL)
            self.told(TypeError, f"{TEMPLATE}{template!r}", PlantRpc.register_interface, template)
        self.told(TypeError, "Odd is no subclass of PlantRpc.Client",
                  PlantRpc.register_interface(Camera), Odd)

    def test_arguments(self) -> None:
        client = PlantRpc.Client.new_for_type(Camera, URL)
        self.addCleanup(client.close)
        for args in ("text", b"bytes", {"a": 1}):
            self.told(TypeError, f"positional arguments are a list or a tuple, not {args!r}",
                      client.call_sync, "add", args)
        for kwargs in ([1], "text", 5):
            self.told(TypeError, f"named arguments are a mapping, not {kwargs!r}",
                      client.call_sync, "add", None, kwargs)
        other = GLib.Variant("as", [])
        told = "not a GVariant of type as"
        for call in (client.call, client.call_sync, client.call_buffer, client.call_buffer_sync):
            self.told(TypeError, f"positional arguments are a list or a tuple, {told}",
                      call, "add", other)
            self.told(TypeError, f"named arguments are a mapping, {told}", call, "add", None, other)
        shown = ("ODD" * 100)[:80]
        for value, kind, text in (
                (Odd(), TypeError, f"a value of type Odd cannot travel: {shown}"),
                ({1: 2}, TypeError, "the names in a mapping are strings, not int: 1"),
                (1 << 64, PlantRpc.CallValueError,
                 f"an integer of more than 64 bits cannot travel: {1 << 64}"),
                (-(1 << 63) - 1, PlantRpc.CallValueError,
                 f"an integer of more than 64 bits cannot travel: {-(1 << 63) - 1}"),
                (10 ** 5000, PlantRpc.CallValueError,
                 "an integer of more than 64 bits cannot travel: about 2**16610"),
                (Fraction(10 ** 400), PlantRpc.CallValueError,
                 "a number beyond the range of a float cannot travel"),
                (nested(100000), PlantRpc.CallValueError,
                 "a value that is nested so deeply cannot travel"),
                (1j, TypeError, "a number of type complex cannot travel: 1j")):
            self.told(kind, text, client.call_sync, "add", [[value]])
            self.told(kind, text, client.call_sync, "add", None, {"a": value})
            self.told(kind, text, setattr, client, "config", {"a": value})

    def test_properties(self) -> None:
        client = PlantRpc.Client.new_for_type(Camera, URL)
        self.addCleanup(client.close)
        for name, value, text in (("mode", 5, "a string, got 5"),
                                  ("rotation", 1.5, "an integer, got 1.5"),
                                  ("rotation", True, "an integer, got true"),
                                  ("rotation", None, "an integer, got nothing"),
                                  ("exposure", "1", 'a number, got "1"'),
                                  ("exposure", False, "a number, got false"),
                                  ("enabled", 1, "a boolean, got 1"),
                                  ("video_url", b"x", "a string, got [120]"),
                                  ("tags", "text", 'an array, got "text"'),
                                  ("tags", 5, "an array, got 5"),
                                  ("tags", None, "an array, got nothing")):
            self.told(TypeError, f"“{name}”: expected {text}", setattr, client, name, value)
        self.told(TypeError, "“tags”: element 1: expected a string, got 1",
                  setattr, client, "tags", ["a", 1])
        self.told(PlantRpc.CallValueError,
                  '“save”: expected one of never, for-session, permanently, got "often"',
                  setattr, client, "save", "often")
        self.told(PlantRpc.CallValueError,
                  '“parts”: expected one of none, close-source, close-target, got "lid"',
                  setattr, client, "parts", ["close-source", "lid"])
        self.told(AttributeError, "“add” is a method of the device", setattr, client, "add", 5)
        self.told(AttributeError, "the device has no member “moed”", getattr, client, "moed")
        self.told(AttributeError, "the device has no member “moed”", setattr, client, "moed", 5)
        self.told(AttributeError, f"{type(client).__name__} has no attribute “_own”",
                  getattr, client, "_own")
        self.told(AttributeError, "a remote method has no attribute “timeuot”",
                  getattr, client.add, "timeuot")
        plain = PlantRpc.Client(url=URL)
        self.addCleanup(plain.close)
        self.told(AttributeError,
                  "whether the device has a member “mode” is known once it is connected",
                  getattr, plain, "mode")

    def test_methods(self) -> None:
        for decorate in (PlantRpc.method_json, PlantRpc.method_buffer):
            for wrong in (5000, "a: i"):
                self.told(TypeError, f"a method is expected, not {wrong!r}; arguments are given "
                          "by name", decorate, wrong)
            for timeout in (0, -1):
                self.told(ValueError, "a timeout is a time in ms, or None for ever",
                          decorate, timeout=timeout)
            decorate(timeout=1)

    def test_members_that_are_not_offered(self) -> None:
        class Device(GObject.Object):
            thing = GObject.Property(type=object)
            seen = GObject.Signal(arg_types=(object,))
            turned = GObject.Signal(arg_types=(int,))

        with self.assertWarns(UserWarning) as caught:
            PlantRpc.Server(object=Device(), url="tcp://127.0.0.1:*")
        self.assertEqual([str(warning.message) for warning in caught.warnings], [
            "the property “thing” of Device is of type=object, and is not offered: "
            f"{TRAVELS}=GObject.TYPE_VARIANT",
            "the signal “seen” of Device has an argument of type object, and is not offered: "
            f"{TRAVELS} GObject.TYPE_VARIANT"])

    def test_old_declarations(self) -> None:
        changed = PlantRpc.RPCSignal(int)
        self.told(TypeError, "5 cannot be called", changed.connect, 5)
        self.told(ValueError, f"{print!r} is not connected", changed.disconnect, print)

        class Interface:
            pass

        self.told(RuntimeError, "Odd is to inherit from Interface and from RPCClient",
                  PlantRpc.RPCClient.register_interface(Interface), Odd)

    def test_errors_that_a_program_makes(self) -> None:
        error = PlantRpc.CallError()
        self.assertEqual((str(error), repr(error)),
                         ("unknown error", "CallError('unknown error', 'pygi-error', 0)"))
        self.assertEqual((error.traceback, error.may_have_run), (None, False))
        self.assertFalse(hasattr(error, "__notes__"))
        error = PlantRpc.CallTimeout("late", "some-domain", 5, "there\n")
        self.assertEqual((str(error), repr(error)),
                         ("late", "CallTimeout('late', 'some-domain', 5)"))
        self.assertEqual((error.traceback, error.__notes__),
                         ("there\n", ["\nOn the device:\n\nthere"]))

    def test_bytes(self) -> None:
        for value in (5, "text", None, {}):
            self.told(TypeError, "a buffer method returns bytes, or a tuple of bytes and a dict, "
                      f"not {type(value).__name__}", invocation._to_bytes, value)


if __name__ == "__main__":
    unittest.main()
