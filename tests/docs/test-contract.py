#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gi-docgen does not look for: since when there is a symbol, the errors of each function that
can fail, and the main context in which each callback and signal comes."""
import re
import sys
from xml.etree import ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
IDENTIFIER = "{http://www.gtk.org/introspection/c/1.0}identifier"

CALLABLES = {"function", "method", "constructor", "callback", "virtual-method"}
MEMBERS = CALLABLES | {"property", "signal", "class", "record", "enumeration", "bitfield",
                       "constant"}
ERRORS = re.compile(r"%PLANT_RPC_ERROR_\w+|%G_IO_ERROR_\w+|Errors are those of|[Aa]ny error")


def strip(tag: str) -> str:
    return tag.replace(CORE, "").replace(GLIB, "")


def text_of(element: ElementTree.Element, path: str = "doc") -> str:
    """The documentation, on one line."""
    found = element.find("/".join(CORE + part for part in path.split("/")))
    return " ".join((found.text or "").split()) if found is not None else ""


def check_callable(element: ElementTree.Element) -> list[str]:
    faults = []
    parameters = element.findall(f"{CORE}parameters/{CORE}parameter")
    everything = text_of(element) + " " + text_of(element, "return-value/doc")
    if element.get("throws") == "1" and not ERRORS.search(everything):
        faults.append("does not say which errors occur")
    for parameter in parameters:
        name, doc = parameter.get("name"), text_of(parameter)
        kind = parameter.find(CORE + "type")
        if not doc:
            faults.append(f"parameter {name} is not documented")
        if kind is not None and kind.get("name") == "Gio.AsyncReadyCallback" \
                and "context" not in doc:
            faults.append(f"{name}: does not say in which context it is called")
    result = element.find(CORE + "return-value")
    if result is not None and result.find(f"{CORE}type[@name='none']") is None \
            and strip(element.tag) != "signal" and not text_of(result):
        faults.append("the result is not documented")
    return faults


def check(element: ElementTree.Element) -> list[str]:
    kind = strip(element.tag)
    doc = text_of(element)
    faults = []
    if not doc:
        faults.append("is not documented")
    if not element.get("version"):
        faults.append("does not say since when there is it")
    if kind in ("callback", "signal", "virtual-method") and "context" not in doc:
        faults.append("does not say in which context it comes")
    if kind in CALLABLES:
        faults += check_callable(element)
    return faults


def is_public(parent: ElementTree.Element, element: ElementTree.Element) -> bool:
    """The structures of final classes, and what is in those of the others, are no API."""
    of_struct = GLIB + "is-gtype-struct-for"
    return not parent.get(of_struct) and parent.tag != CORE + "field" \
        and not (element.get(of_struct) and element.get("disguised") == "1") \
        and not (element.get(of_struct) and not text_of(element)
                 and len(element.findall(CORE + "field")) <= 1)


def main() -> int:
    namespace = ElementTree.parse(sys.argv[1]).getroot().find(CORE + "namespace")
    n_checked = 0
    faults = []
    for parent in namespace.iter():
        for element in parent:
            if strip(element.tag) not in MEMBERS or not is_public(parent, element):
                continue
            n_checked += 1
            name = element.get(IDENTIFIER) or f"{parent.get('name')}:{element.get('name')}"
            faults += [f"{name}: {fault}" for fault in check(element)]
    print("\n".join(faults))
    print(f"{n_checked} symbols, {len(faults)} faults")
    return 1 if faults or n_checked < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
