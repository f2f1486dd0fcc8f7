#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hold the public names of the GIR against what the Python and the JavaScript tests touch.

  coverage.py PlantRpc-1.0.gir

Functions, methods, properties, signals, virtual functions, constants and members of enumerations
are looked for by name in the sources of each language; every name must be touched in each.  What a
language has in another way stands in a table below, with the reason.
"""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Iterator

HERE = Path(__file__).resolve().parent
LANGUAGES = {
    "Python": ["calls.py", "client.py", "device.py", "keys.py", "kinds.py", "known.py",
               "probe.py", "registry.py", "relay.py", "talk.py", "text.py", "trust.py",
               "values.py", "version.py"],
    "JavaScript": ["calls.js", "client.js", "device.js", "keys.js", "kinds.js", "known.js",
                   "probe.js", "registry.js", "relay.js", "talk.js", "text.js", "trust.js",
                   "values.js",
                   "version.js"]}
CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
CALLABLES = ("function", "method", "constructor")
CONTAINERS = ("class", "record", "interface", "enumeration", "bitfield")

# Names that need not be touched, in the languages named, and why.
BY_ITSELF = "the binding counts references by itself"
ALLOWED: dict[str, tuple[set[str], str]] = {
    "InterfaceInfo.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "InterfaceInfo.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "Keypair.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "Keypair.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "MethodInfo.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "MethodInfo.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "ParameterInfo.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "ParameterInfo.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "PropertyInfo.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "PropertyInfo.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "SignalInfo.ref": ({"Python", "JavaScript"}, BY_ITSELF),
    "SignalInfo.unref": ({"Python", "JavaScript"}, BY_ITSELF),
    "MethodFlags.BLOCKING": ({"JavaScript"}, "JavaScript runs on one thread"),
    "Error.quark": ({"JavaScript"}, "an error is matched against the enumeration itself"),
}


def public_names(gir: Path) -> Iterator[tuple[str, str]]:
    """Each name as `Container.name`, with the kind of thing it is."""
    namespace = ET.parse(gir).getroot().find(f"{CORE}namespace")
    assert namespace is not None
    for element in namespace:
        kind, name = element.tag.removeprefix(CORE), element.get("name", "")
        if kind in CONTAINERS:
            for member in element:
                yield from public_members(name, member)
        elif kind == "constant" or (kind == "function" and not element.get("moved-to")):
            yield name, kind


def public_members(container: str, member: ET.Element) -> Iterator[tuple[str, str]]:
    """The names within a class, record or enumeration."""
    kind = member.tag.removeprefix(CORE).removeprefix(GLIB)
    name = member.get("name", "")
    if kind in CALLABLES or kind in ("property", "signal", "virtual-method"):
        yield f"{container}.{name}", kind
    elif kind == "member":
        yield f"{container}.{name.upper()}", kind


def patterns(language: str, kind: str, name: str) -> list[str]:
    """How a name may be spelt where it is used."""
    last = name.rpartition(".")[2]
    word = re.escape(last)
    if kind == "virtual-method":
        return [rf"\b(do|vfunc)_{word}\b"]
    if kind in CALLABLES:
        return [rf"\.{word}\b", rf"begin\('{word}'"]
    if kind == "signal":
        return [rf"['\"]{word}\b"]
    if kind == "property":
        under = re.escape(last.replace("-", "_"))
        return [rf"['\"](notify::)?{word}['\"]", rf"\b{under}[=:]",
                *([rf"\.(props\.)?{under}\b(?!\()"] if language == "JavaScript" else [])]
    return [rf"\b{word}\b"]


def source(language: str) -> str:
    """All that the tests of a language say, without their comments."""
    text = "\n".join((HERE / name).read_text() for name in LANGUAGES[language])
    return re.sub(r"^\s*(//|#).*$", "", text, flags=re.MULTILINE)


def main() -> int:
    """Name what is touched by neither or by one of the languages only."""
    sources = {language: source(language) for language in LANGUAGES}
    untouched, used, total = [], set(), 0
    for name, kind in public_names(Path(sys.argv[1])):
        total += 1
        missing = {language for language, text in sources.items()
                   if not any(re.search(p, text) for p in patterns(language, kind, name))}
        excused = ALLOWED.get(name, (set(), ""))[0]
        if excused & missing:
            used.add(name)
        if missing - excused:
            untouched.append(f"{kind} {name}: not by {' nor '.join(sorted(missing - excused))}")
    for line in untouched:
        print(line)
    for name in sorted(set(ALLOWED) - used):
        print(f"{name} is touched or gone: take it from the table")
    print(f"{total} names, {len(untouched)} untouched")
    return 1 if untouched or set(ALLOWED) - used else 0


if __name__ == "__main__":
    sys.exit(main())
