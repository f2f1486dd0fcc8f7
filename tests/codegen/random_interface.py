# SPDX-License-Identifier: LGPL-2.1-or-later
"""Interfaces at random, of what is hard to generate code for; the same ones for the same seed."""

import random
from typing import Any

STEMS = ["a", "x1", "mode", "go", "getImage", "get_image", "URL", "videoUrl", "HTTPServer", "x_y",
         "name", "url", "state", "type", "get_type", "type_", "value", "self", "object", "error",
         "result", "info", "timeout", "client", "client_class", "interface", "skeleton", "server",
         "connect", "notify", "emit", "new", "dispose", "ref", "class", "int", "string", "signal",
         "namespace", "yield", "default", "auto", "register", "true", "NULL", "main", "errno",
         "stdin", "isnan", "get", "set", "nth", "offer", "serve", "declare", "invocation", "args",
         "kwargs", "cancellable", "callback", "user_data", "task", "source", "server_class",
         "parent_instance", "priv", "lock", "unix", "linux", "is", "TOLD", "list_equal", "double"]
FORMS = ["%s", "%s", "%s", "%s", "%s", "%s", "on_%s", "run_%s", "kept_%s", "update_%s", "write_%s",
         "%s_sync", "%s_finish", "call_%s", "handle_%s", "emit_%s", "set_%s", "get_%s", "dup_%s",
         "write-%s", "complete_%s", "value_%s", "%s_spec", "get_%s_type"]
WORDS = ["STILL", "VIDEO", "4:3", "a-b", "a_b", "++", "class", "é", "EOF", "??/", "x y", "\n",
         "CLASS", "IFACE", "TYPE", "0", "_", "%s"]
TEXTS = ["", "plain", "*/ /* */", "\"", "\\", "??/", "a\nb", "%s %n", "${x}$", "@self: x",
         "é\u2028€", "\t\x01\x7f", "# head", "x" * 120, "\\n", "//", "$name$", "\u202e", "'",
         "\\u0041", "1\x012"]
INTEGERS = {"y": (0, 255), "n": (-2**15, 2**15 - 1), "q": (0, 2**16 - 1), "i": (-2**31, 2**31 - 1),
            "u": (0, 2**32 - 1), "x": (-2**63, 2**63 - 1), "t": (0, 2**64 - 1)}
STRUCTURED = {"a{sv}": {"a": [1, "$x$"]}, "av": [1, "??/", None], "(ii)": [1, 2], "v": "x\"y",
              "a{sd}": {"a": 1e300}, "ad": [0.1, -2.5e-308], "aas": [["a"], []], "o": "/a/b",
              "g": "as", "mi": 5, "ai": [], "(s)": ["\\"], "ab": [True], "(bv)": [False, {}]}
TYPES = [*INTEGERS, "d", "s", "s", "as", "b", *STRUCTURED]
DOUBLES = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, -1e300, 2.3e-308, 1.7976931348623157e308, 1e16, 3e9]


def number(source: random.Random, kind: str) -> Any:
    if kind == "d":
        return source.choice(DOUBLES)
    least, most = INTEGERS[kind]
    return source.choice([least, most, 0 if least else 1, least + 1, source.randint(least, most)])


def value(source: random.Random, kind: str) -> Any:
    """One of a type, as it is in JSON."""
    if kind in INTEGERS or kind == "d":
        return number(source, kind)
    if kind == "b":
        return source.random() < 0.5
    if kind == "s":
        return source.choice(TEXTS)
    if kind == "as":
        return source.sample(TEXTS, source.randint(0, 3))
    return STRUCTURED[kind]


def add_choices(source: random.Random, member: dict[str, Any]) -> None:
    flags = member["type"] == "as"
    words = source.sample(WORDS, source.randint(1, 5))
    bounds = (0, 2**32 - 1) if flags else (-2**31, 2**31 - 1)
    member["choices"] = {word: source.choice([*bounds, index]) for index, word in enumerate(words)}
    if source.random() < 0.5:
        some = source.sample(words, source.randint(0, len(words)))
        member["default"] = some if flags else words[-1]


def add_limits(source: random.Random, member: dict[str, Any]) -> None:
    limits = sorted(number(source, member["type"]) for _ in range(3))
    for key, limit in zip(("minimum", "default", "maximum"), limits):
        if source.random() < 0.6:
            member[key] = limit


def make_property(source: random.Random) -> dict[str, Any]:
    member: dict[str, Any] = {"type": source.choice(TYPES)}
    if source.random() < 0.3:
        member["access"] = source.choice(["read", "write"])
    if member["type"] in ("s", "as") and source.random() < 0.4:
        add_choices(source, member)
    elif member["type"] in INTEGERS or member["type"] == "d":
        add_limits(source, member)
    elif source.random() < 0.5:
        member["default"] = value(source, member["type"])
    for key in ("unit", "description"):
        if source.random() < 0.3:
            member[key] = source.choice(TEXTS)
    return member


def written(given: Any) -> str:
    """A value as a signature has it."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\x01": "\\x01"}
        return "'" + given.translate(str.maketrans(escapes)) + "'"
    if isinstance(given, list):
        return "[" + ", ".join(written(one) for one in given) + "]"
    return repr(given)


def make_method(source: random.Random) -> dict[str, Any]:
    member: dict[str, Any] = {"buffer": source.random() < 0.3}
    if source.random() < 0.3:
        member["timeout"] = source.choice([None, 0, 1, 2**31 - 1, -1])
    if source.random() < 0.1:
        return member
    parameters, defaults = [], False
    for name in source.sample(STEMS + ["größe", "日本", "arg_1", "value_0", "list_0"],
                              source.randint(0, 5)):
        kind = source.choice(TYPES)
        defaults = defaults or source.random() < 0.3
        preset = ""
        if defaults:
            kind = source.choice([*INTEGERS, "d", "s", "as", "b"])
            preset = f" = {written(value(source, kind))}"
        parameters.append(f"{name}: {kind}{preset}")
    member["signature"] = ", ".join(parameters)
    if source.random() < 0.6:
        kinds = ["a{sv}", "a{sd}", "a{smv}"] if member["buffer"] else [*TYPES, "()", "ms", "ay"]
        member["signature"] += f" -> {source.choice(kinds)}"
    return member


def make_signal(source: random.Random) -> dict[str, Any]:
    return {"signature": "(" + "".join(source.choices(TYPES, k=source.randint(0, 5))) + ")"}


def make(seed: int) -> dict[str, Any]:
    """An interface, which need not be a good one: names may meet, as those of a device may."""
    source = random.Random(seed)
    makers = {"methods": make_method, "properties": make_property, "signals": make_signal}
    interface: dict[str, Any] = {kind: {} for kind in makers}
    for _ in range(source.randint(1, 14)):
        kind = source.choice(list(makers))
        name = source.choice(FORMS) % source.choice(STEMS)
        interface[kind][name] = makers[kind](source)
    return interface
