# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decorators that offer methods, and the signature that clients are told."""

import functools
import inspect
import json
import math
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gi.repository import GLib, PlantRpc

from .values import from_variant, to_variant

MARK = "__plant_rpc_method__"
BASIC_TYPES = {bool: "b", int: "x", float: "d", str: "s"}
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
LONGEST_NAME = 255  # bytes
VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Declaration(NamedTuple):
    """What a decorator says of a method."""

    buffer: bool
    timeout: int
    blocking: bool
    invocation: bool
    name: str | None  # None: that of the attribute
    signature: str | None
    parameters: tuple[inspect.Parameter, ...]
    n_positional: int = 0

    @property
    def flags(self) -> PlantRpc.MethodFlags:
        """How its handler is run."""
        return PlantRpc.MethodFlags.BLOCKING if self.blocking else PlantRpc.MethodFlags.NONE


def method_json(function: Callable[..., Any] | None = None, *, timeout: int | None = 10000,
                blocking: bool = False, invocation: bool = False, name: str | None = None,
                signature: str | None = None) -> Any:
    """Offer a method that returns a value: plain data, of numbers, strings, lists and mappings.

    `timeout` is the time in ms that clients are told to wait, None for ever.  A `blocking` method
    runs on a worker thread.  With `invocation` the method gets the invocation as its first
    argument, which tells who calls, and whether the caller has given up.  `name` is the name that
    travels, by default that of the attribute.  `signature`, such as `"lores: b = false"`, is read
    from annotations and defaults where it is left out.
    """
    return _decorate(function, False, timeout, blocking, invocation, name, signature)


def method_buffer(function: Callable[..., Any] | None = None, *, timeout: int | None = 10000,
                  blocking: bool = False, invocation: bool = False, name: str | None = None,
                  signature: str | None = None) -> Any:
    """Offer a method that returns bytes and a mapping that tells of them.

    The arguments are those of `method_json`.
    """
    return _decorate(function, True, timeout, blocking, invocation, name, signature)


def _decorate(function: Any, buffer: bool, timeout: int | None, blocking: bool, invocation: bool,
              name: str | None, signature: str | None) -> Any:
    if function is not None and not callable(function):
        raise TypeError(f"a method is expected, not {function!r}; arguments are given by name")
    if timeout is not None and timeout <= 0:
        raise ValueError("a timeout is a time in ms, or None for ever")
    if name is not None and not can_travel(name):
        raise ValueError(f"no method can have the name {name!r:.80}")

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = tuple(inspect.signature(function).parameters.values())[1:]
        if invocation:
            if not parameters or parameters[0].kind not in POSITIONAL:
                raise TypeError(f"{function.__name__}() is to take the invocation first")
            parameters = parameters[1:]
        if signature is not None:
            _check(name or getattr(function, "__name__", repr(function)), signature)
            text: str | None = signature
        else:
            text = signature_of(parameters, _hints(function), buffer)
        setattr(function, MARK, Declaration(
            buffer, PlantRpc.TIMEOUT_NONE if timeout is None else timeout, blocking, invocation,
            name, text, parameters, sum(each.kind in POSITIONAL for each in parameters)))
        return function
    return mark if function is None else mark(function)


def _check(name: str, signature: str) -> None:
    description = json.dumps({"methods": {name: {"signature": signature}}})
    try:
        PlantRpc.InterfaceInfo.new_from_json(description)
    except GLib.Error as error:
        raise ValueError(error.message) from None


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except Exception:
        return {name: hint for name, hint in getattr(function, "__annotations__", {}).items()
                if not isinstance(hint, str)}


def signature_of(parameters: tuple[inspect.Parameter, ...], hints: dict[str, Any],
                 buffer: bool) -> str | None:
    """The signature that travels; None where Python alone can tell what fits."""
    texts = []
    for parameter in parameters:
        if parameter.kind in VARIABLE:
            return None
        kind = type_string_of(hints.get(parameter.name, Any))
        default = parameter.default
        if default is inspect.Parameter.empty:
            texts.append(f"{parameter.name}: {kind}")
            continue
        if kind == "v" and parameter.name not in hints:
            kind = "b" if isinstance(default, bool) else "s" if isinstance(default, str) else "v"
        if default is None and kind[0] not in "mv":
            kind = f"m{kind}"
        text = _default_text(kind, default)
        if text is None:
            return None
        texts.append(f"{parameter.name}: {kind} = {text}")
    returned = "v" if buffer else _return_type(hints.get("return", Any))
    if returned != "v":
        texts[-1:] = [" ".join([*texts[-1:], f"-> {returned}"])]
    return ", ".join(texts)


def _return_type(hint: Any) -> str:
    """The GVariant type for what is returned: `()` for None, `ms` for `str | None`."""
    if hint in (None, type(None)):
        return "()"
    kind = type_string_of(hint)
    return "v" if kind[0] == "m" and kind[1:] not in BASIC_TYPES.values() else kind


def type_string_of(hint: Any) -> str:
    """The GVariant type for an annotation; any value for what has no type there.

    `str | None` is `ms`.
    """
    if isinstance(hint, type) and hint in BASIC_TYPES:
        return BASIC_TYPES[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        some = [type_string_of(item) for item in inner if item is not type(None)]
        return f"m{some[0]}" if len(some) == 1 and some[0] != "v" else "v"
    if origin is list and inner and inner[0] in BASIC_TYPES:
        return "a" + BASIC_TYPES[inner[0]]
    if origin is tuple and inner and all(item in BASIC_TYPES for item in inner):
        return f"({''.join(BASIC_TYPES[item] for item in inner)})"
    if hint is dict or (origin is dict and inner[0] is str):
        return "a{sv}"
    return "v"


def _default_text(kind: str, default: Any) -> str | None:
    """A default as a signature has it; None for one that a caller would not get back as it is."""
    if default is None:
        return "<@mv nothing>" if kind == "v" else "nothing"
    inner = kind.removeprefix("m")
    try:
        variant = to_variant(default)
        # No property has the value NaN, but an argument may.
        if inner != "v" and variant.get_type_string() != inner:
            variant = _value_of(inner).fit_value(variant)
    except (TypeError, OverflowError, ValueError, GLib.Error):
        return None
    told = from_variant(variant)
    if inner == "d" and type(default) is int:
        told = int(told) if math.isfinite(told) else told
    if not _is_same(told, default):
        return None
    if inner == "d" and math.isfinite(default):
        text = repr(float(default))
    else:
        text = f"<{variant.print_(True)}>" if inner == "v" else variant.print_(inner == "a{sv}")
    return text if _can_be_read(inner, text) else None


def _can_be_read(kind: str, text: str) -> bool:
    """Whether GVariant reads the text of a value: it takes some tiny numbers for too big."""
    try:
        GLib.Variant.parse(GLib.VariantType(kind), text, None, None)
    except GLib.Error:
        return False
    return True


@functools.lru_cache
def _value_of(kind: str) -> PlantRpc.PropertyInfo:
    """What fits values to a type."""
    description = json.dumps({"properties": {"value": {"type": kind}}})
    return PlantRpc.InterfaceInfo.new_from_json(description).lookup_property("value")


def _is_same(value: Any, other: Any) -> bool:
    """Whether two values are the same to Python, in their type and in what they hold."""
    if type(value) is not type(other):
        return False
    if isinstance(value, (list, tuple)):
        return len(value) == len(other) and all(map(_is_same, value, other))
    if isinstance(value, dict):
        return value.keys() == other.keys() and all(
            _is_same(item, other[name]) for name, item in value.items())
    return repr(value) == repr(other) if isinstance(value, float) else bool(value == other)


def can_travel(name: str) -> bool:
    """Whether a method can have that name."""
    try:
        return 0 < len(name.encode()) <= LONGEST_NAME
    except UnicodeEncodeError:
        return False


def _found(owner: type) -> Iterator[tuple[str, Declaration]]:
    """The decorated methods of a class, those of the nearest class first."""
    found: list[tuple[int, str, Declaration]] = []
    for attribute in dir(owner):
        for distance, klass in enumerate(owner.__mro__):
            declaration = getattr(vars(klass).get(attribute), MARK, None)
            if declaration is not None:
                found.append((distance, attribute, declaration))
                break
    for _, attribute, declaration in sorted(found, key=lambda one: one[:2]):
        yield attribute, declaration._replace(name=declaration.name or attribute)


def declarations(owner: type) -> Iterator[tuple[str, Declaration]]:
    """The offered methods of a class, with the attribute that each is; the nearest one counts.

    A method that overrides an offered one is offered as that one was.
    """
    offered = set()
    for attribute, declaration in _found(owner):
        if can_travel(declaration.name) and declaration.name not in offered:
            offered.add(declaration.name)
            yield attribute, declaration


def not_offered(owner: type) -> Iterator[str]:
    """What to tell of the decorated methods that are not offered."""
    offered: dict[str, str] = {}
    for attribute, declaration in _found(owner):
        if not can_travel(declaration.name):
            yield (f"the method {attribute!r:.80} of {owner.__name__} is not offered: no method "
                   "can have that name")
        elif offered.setdefault(declaration.name, attribute) != attribute:
            yield (f"the method “{attribute}” of {owner.__name__} is not offered: the method "
                   f"“{offered[declaration.name]}” has its name, “{declaration.name}”")


def bind(declaration: Declaration, args: list[Any],
         kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What the function itself is called with: the library lists all arguments by position."""
    if declaration.signature is None:
        return args, kwargs
    n_positional = declaration.n_positional
    if len(args) <= n_positional:
        return args, kwargs
    named = declaration.parameters[n_positional:]
    return args[:n_positional], {
        **kwargs, **{parameter.name: value
                     for parameter, value in zip(named, args[n_positional:])}}
