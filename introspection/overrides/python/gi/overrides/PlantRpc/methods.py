# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decorators that offer methods, and the signature that clients are told."""

import inspect
import json
import math
import typing
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gi.repository import GLib, PlantRpc

from .values import to_variant

MARK = "__plant_rpc_method__"
BASIC_TYPES = {bool: "b", int: "x", float: "d", str: "s"}
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Declaration(NamedTuple):
    """What a decorator says of a method."""

    buffer: bool
    timeout: int
    blocking: bool
    invocation: bool
    name: str
    signature: str | None
    parameters: tuple[inspect.Parameter, ...]

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
    travels.  `signature`, such as `"lores: b = false"`, is read from annotations and defaults
    where it is left out.
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

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = tuple(inspect.signature(function).parameters.values())[1:]
        if invocation:
            if not parameters or parameters[0].kind not in POSITIONAL:
                raise TypeError(f"{function.__name__}() is to take the invocation first")
            parameters = parameters[1:]
        if signature is not None:
            _check(name or function.__name__, signature)
            text: str | None = signature
        else:
            text = signature_of(parameters, _hints(function), buffer)
        setattr(function, MARK, Declaration(
            buffer, PlantRpc.TIMEOUT_NONE if timeout is None else timeout, blocking, invocation,
            name or function.__name__, text, parameters))
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
        kind = _type_string(hints.get(parameter.name, Any))
        default = parameter.default
        if default is inspect.Parameter.empty:
            texts.append(f"{parameter.name}: {kind}")
            continue
        if kind == "v" and parameter.name not in hints:
            kind = "b" if isinstance(default, bool) else "s" if isinstance(default, str) else "v"
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
    inner = typing.get_args(hint)
    if len(inner) == 2 and inner[1] is type(None) and inner[0] in BASIC_TYPES:
        return f"m{BASIC_TYPES[inner[0]]}"
    return _type_string(hint)


def _type_string(hint: Any) -> str:
    """The GVariant type for an annotation; any value for what has no type there."""
    if isinstance(hint, type) and hint in BASIC_TYPES:
        return BASIC_TYPES[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and inner and inner[0] in BASIC_TYPES:
        return "a" + BASIC_TYPES[inner[0]]
    if origin is tuple and inner and all(item in BASIC_TYPES for item in inner):
        return f"({''.join(BASIC_TYPES[item] for item in inner)})"
    if hint is dict or (origin is dict and inner[0] is str):
        return "a{sv}"
    return "v"


def _default_text(kind: str, default: Any) -> str | None:
    try:
        variant = to_variant(default) if kind in ("v", "a{sv}") else GLib.Variant(kind, default)
    except (TypeError, OverflowError, ValueError):
        return None
    if kind == "d" and math.isfinite(default):
        return repr(float(default))
    return f"<{variant.print_(True)}>" if kind == "v" else variant.print_(kind == "a{sv}")


def declarations(owner: type) -> Iterator[tuple[str, Declaration]]:
    """The offered methods of a class, with the attribute that each is; the nearest one counts.

    A method that overrides an offered one is offered as that one was.
    """
    found: dict[str, Declaration] = {}
    for name in dir(owner):
        for klass in owner.__mro__:
            declaration = getattr(vars(klass).get(name), MARK, None)
            if declaration is not None:
                found[name] = declaration
                break
    yield from found.items()


def bind(declaration: Declaration, args: list[Any],
         kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What the function itself is called with: the library lists all arguments by position."""
    if declaration.signature is None:
        return args, kwargs
    n_positional = sum(parameter.kind in POSITIONAL for parameter in declaration.parameters)
    named = declaration.parameters[n_positional:]
    return args[:n_positional], {
        **kwargs, **{parameter.name: value
                     for parameter, value in zip(named, args[n_positional:])}}
