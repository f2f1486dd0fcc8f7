#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Install into an empty prefix, and use what is there with nothing but what is there.

  install.py [--update]

`files` and `symbols` beside this file say what is to be found; --update writes them anew.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
DEADLINE = 60  # s, for one program
BUILD_DEADLINE = 1800  # s
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
# Its pages are one a symbol: this one stands for all.
DOCUMENTATION = ("share/doc/plantrpc-1/index.html",)
# What the overrides add, and a message of the library.
PYTHON = """
import gi, locale
gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, PlantRpc
locale.setlocale(locale.LC_ALL, "")
print(callable(PlantRpc.connect))
try:
    PlantRpc.InterfaceInfo.new_from_json("null")
except GLib.Error as error:
    print(error.message)
"""
JAVASCRIPT = """
import PlantRpc from 'gi://PlantRpc?version=1.0';
print(typeof PlantRpc.connect === 'function');
try {
    PlantRpc.InterfaceInfo.new_from_json('null');
} catch (error) {
    print(error.message);
}
"""
TRANSLATED = "(?i)true\nun objet est attendu"


def run(*command: object, **options: Any) -> str:
    """What a program says; that it fails is a failure here."""
    options = {"timeout": DEADLINE, "stderr": subprocess.STDOUT, **options}
    result = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                            **options)
    assert result.returncode == 0, f"{command}: {result.stdout}"
    return result.stdout


def plain_environment() -> dict[str, str]:
    """That of this test, without what makes a build be found."""
    found = ("GI_TYPELIB_PATH", "GJS_PATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH",
             "PLANT_RPC_LOCALEDIR", "PYTHONPATH", "LANGUAGE")
    kept = {name: value for name, value in os.environ.items() if name not in found}
    return {**kept, "G_DEBUG": "fatal-warnings", "LC_ALL": "C.UTF-8"}


class Prefix:
    """Where it is installed."""

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="plantrpc-install-"))
        self.root = self.scratch / "prefix"
        self.build = self.scratch / "build"
        environment = plain_environment()
        run("meson", "setup", "--prefix", self.root, "--libdir", "lib", "-Dbuildtype=plain",
            "-Ddemos=false", "-Dtests=false", "-Dintrospection=true", "-Dvapi=true",
            "-Ddocumentation=enabled", self.build, SOURCE, env=environment, timeout=DEADLINE)
        run("ninja", "-C", self.build, "-j", "2", env=environment, timeout=BUILD_DEADLINE)
        run("meson", "install", "-C", self.build, "--no-rebuild", env=environment)
        overrides = next(self.root.rglob("gi/overrides"), None)
        self.python = overrides.parent.parent if overrides is not None else self.root
        self.library = self.root / "lib"

    def environment(self) -> dict[str, str]:
        """What a user sets who installs where nothing is looked for."""
        share = self.root / "share"
        return {**plain_environment(),
                "GI_TYPELIB_PATH": str(self.library / "girepository-1.0"),
                "LD_LIBRARY_PATH": str(self.library),
                "PKG_CONFIG_PATH": str(self.library / "pkgconfig"),
                "PYTHONPATH": str(self.python),
                "XDG_DATA_DIRS": f"{share}:/usr/local/share:/usr/share"}

    def files(self) -> list[str]:
        """All that is there, as in the list."""
        names = []
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if (path.is_dir() and not path.is_symlink()) or "__pycache__" in name:
                continue
            if name.startswith("share/doc/plantrpc-1/") and name not in DOCUMENTATION:
                continue
            if path.is_relative_to(self.python / "gi"):
                name = "{python}/" + str(path.relative_to(self.python))
            names.append(name)
        return sorted(names)

    def flags(self, *options: str) -> list[str]:
        """What pkg-config says."""
        return run("pkg-config", *options, "plantrpc-1", env=self.environment()).split()

    def symbols(self) -> list[str]:
        """What the library exports."""
        lines = run("nm", "-D", "--defined-only", self.library / "libplantrpc-1.so").splitlines()
        return sorted(line.split()[-1] for line in lines)

    def sections(self) -> str:
        """What the library exports, below the version since which it does."""
        known, sections = since(self.root / "share/gir-1.0/PlantRpc-1.0.gir"), defaultdict(list)
        for symbol in self.symbols():
            sections[known.get(symbol, "unknown")].append(symbol)
        return "\n".join(f"# {version}\n" + "".join(f"{symbol}\n" for symbol in symbols)
                         for version, symbols in sorted(sections.items()))


def since(gir: Path) -> dict[str, str]:
    """The version in which each function came, as its documentation says."""
    found = {}
    for element in ET.parse(gir).iter():
        version = element.get("version")
        for name in (element.get(f"{C}identifier"), element.get(f"{GLIB}get-type")):
            if name and name.startswith("plant_rpc") and version:
                found.setdefault(name, version)
    return found


def setUpModule() -> None:
    global prefix
    prefix = Prefix()


def tearDownModule() -> None:
    shutil.rmtree(prefix.scratch)


class Files(unittest.TestCase):
    maxDiff = None

    def test_files(self) -> None:
        self.assertEqual(prefix.files(), (HERE / "files").read_text().splitlines(),
                         "tests/install/install.py --update")

    def test_symbols(self) -> None:
        known, _, unknown = prefix.sections().partition("# unknown\n")
        self.assertEqual(unknown, "", "without Since, or not public")
        self.assertEqual(known.splitlines(), (HERE / "symbols").read_text().splitlines())

    def test_soname(self) -> None:
        said = run("readelf", "-d", prefix.library / "libplantrpc-1.so")
        self.assertEqual(re.findall(r"SONAME.*\[(.*)\]", said), ["libplantrpc-1.so.0"])
        self.assertNotRegex(said, r"R(UN)?PATH")

    def test_pkg_config(self) -> None:
        self.assertIn(f"-I{prefix.root}/include/plantrpc-1", prefix.flags("--cflags"))
        self.assertIn("-lplantrpc-1", prefix.flags("--libs"))
        for hidden in ("zmq", "json-glib"):
            self.assertNotIn(hidden, " ".join(prefix.flags("--cflags", "--libs")))
        version = re.search(r"version: '(.*)'", (SOURCE / "meson.build").read_text())
        self.assertIsNotNone(version)
        self.assertEqual(prefix.flags("--modversion"), [version[1]])


class Languages(unittest.TestCase):
    """The overrides and the catalogs that are installed."""

    def setUp(self) -> None:
        self.environment = {**prefix.environment(), "LC_ALL": "fr_FR.UTF-8"}

    def test_python(self) -> None:
        said = run("/usr/bin/python3", "-c", PYTHON, env=self.environment)
        self.assertRegex(said, TRANSLATED)

    def test_javascript(self) -> None:
        script = prefix.scratch / "script.js"
        script.write_text(JAVASCRIPT)
        self.assertRegex(run("gjs", "-m", script, env=self.environment), TRANSLATED)


class Tools(unittest.TestCase):
    def ask(self, *command: str) -> str:
        """What a program says in French."""
        return run(prefix.root / "bin" / command[0], *command[1:],
                   env={**prefix.environment(), "LC_ALL": "fr_FR.UTF-8"})

    def test_command_line(self) -> None:
        self.assertIn("périphériques sur le réseau", self.ask("plantrpc", "--help"))
        self.assertIn("appeler une méthode", self.ask("plantrpc", "help", "call"))

    def test_code_generator(self) -> None:
        self.assertIn("ligne de commande", self.ask("plantrpc-codegen", "--help"))
        interface = prefix.scratch / "lamp.json"
        interface.write_text('{"properties": {"lit": {"type": "b", "access": "readwrite"}}}')
        header = self.ask("plantrpc-codegen", "--c-namespace", "Lab", "--header", str(interface))
        self.assertIn("G_BEGIN_DECLS", header)


class Headers(unittest.TestCase):
    def compile(self, text: str, suffix: str, *options: str) -> subprocess.CompletedProcess:
        compiler = {".c": ["cc", "-std=gnu11"], ".cpp": ["g++", "-std=c++17"]}[suffix]
        source = prefix.scratch / f"header{suffix}"
        source.write_text(text)
        return subprocess.run([*compiler, *WARNINGS, *options, "-fsyntax-only", str(source),
                               *prefix.flags("--cflags")], capture_output=True, text=True,
                              timeout=DEADLINE)

    def test_alone(self) -> None:
        for suffix in (".c", ".cpp"):
            with self.subTest(suffix):
                result = self.compile("#include <plantrpc/plantrpc.h>\nint main (void);\n", suffix)
                self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_one_alone_is_refused(self) -> None:
        headers = sorted((prefix.root / "include/plantrpc-1/plantrpc").glob("*.h"))
        self.assertGreater(len(headers), 10)
        for header in headers:
            if header.name == "plantrpc.h":
                continue
            with self.subTest(header.name):
                result = self.compile(f"#include <plantrpc/{header.name}>\n", ".c")
                self.assertIn("Only <plantrpc/plantrpc.h> can be included", result.stderr)

    def test_version(self) -> None:
        text = """#include <plantrpc/plantrpc.h>
            #if !PLANT_RPC_CHECK_VERSION (1, 0, 0) || PLANT_RPC_CHECK_VERSION (99, 0, 0)
            # error "versions"
            #endif
            int main (void);
            """
        self.assertEqual(self.compile(text, ".c").stderr, "")


class Examples(unittest.TestCase):
    """The README's programs, away from the sources."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=prefix.scratch))
        self.environment = prefix.environment()

    def converse(self, server: list[str], client: list[str]) -> None:
        """A client drives the target of a greenhouse up, and ends once that is reached.

        Where a handler takes long, the last changes may not have been notified by then.
        """
        with subprocess.Popen([*server, "tcp://127.0.0.1:*"], env=self.environment, text=True,
                              cwd=self.folder, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().strip()
                said = run(*client, url, env=self.environment, cwd=self.folder)
            finally:
                process.kill()
        self.assertIn("Tomatoes at 18.0 degrees", said)
        self.assertRegex(said, r"\n(19|2[0-3])\.0 degrees\n")

    def copy(self, language: str) -> list[str]:
        """Server and client, where nothing else lies."""
        return [shutil.copy(SOURCE / "demos" / f"hello-{role}.{language}", self.folder)
                for role in ("server", "client")]

    def test_c(self) -> None:
        programs = []
        for source in self.copy("c"):
            programs.append(source.removesuffix(".c"))
            run("cc", "-Wall", "-Werror", source, "-o", programs[-1],
                *prefix.flags("--cflags", "--libs"))
        self.converse([programs[0]], [programs[1]])

    def test_python(self) -> None:
        server, client = self.copy("py")
        self.converse(["/usr/bin/python3", server], ["/usr/bin/python3", client])

    def test_javascript(self) -> None:
        server, client = self.copy("js")
        self.converse(["gjs", "-m", server], ["gjs", "-m", client])

    def test_vala(self) -> None:
        source = self.folder / "version.vala"
        source.write_text('void main () { var c = new PlantRpc.Client ("tcp://127.0.0.1:9");'
                          ' print ("%u %s", PlantRpc.get_major_version (), c.url); }')
        run("valac", "--vapidir", prefix.root / "share/vala/vapi", "--pkg", "plantrpc-1",
            "-X", "-w", source, cwd=self.folder, env=self.environment)
        self.assertEqual(run(self.folder / "version", env=self.environment),
                         "1 tcp://127.0.0.1:9")


class Uninstalled(unittest.TestCase):
    def setUp(self) -> None:
        moved = prefix.root.rename(prefix.scratch / "moved")
        self.addCleanup(moved.rename, prefix.root)

    def enter(self, *command: str) -> str:
        """What a program says in the environment of the build, in French."""
        return run("meson", "devenv", "-C", prefix.build, *command,
                   env={**plain_environment(), "LC_ALL": "fr_FR.UTF-8"})

    def test_python(self) -> None:
        self.assertRegex(self.enter("/usr/bin/python3", "-c", PYTHON), TRANSLATED)

    def test_c(self) -> None:
        program = prefix.scratch / "uninstalled"
        program.with_suffix(".c").write_text(
            "#include <plantrpc/plantrpc.h>\n"
            "int main (void) { return !PLANT_RPC_CHECK_VERSION (1, 0, 0); }\n")
        flags = "$(pkg-config --cflags --libs plantrpc-1)"
        self.enter("sh", "-c", f"cc -o {program} {program}.c {flags} && {program}")

    def test_javascript(self) -> None:
        script = prefix.scratch / "script.js"
        script.write_text(JAVASCRIPT)
        self.assertRegex(self.enter("gjs", "-m", str(script)), TRANSLATED)


def update() -> None:
    """Writes the lists anew."""
    setUpModule()
    (HERE / "files").write_text("".join(f"{name}\n" for name in prefix.files()))
    (HERE / "symbols").write_text(prefix.sections())
    tearDownModule()


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
