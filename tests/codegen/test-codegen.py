#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What plantrpc-codegen makes of interfaces, good and bad.

PLANTRPC_SOURCE and PLANTRPC_BUILD name the folders of the source and of the build.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

SOURCE = Path(os.environ["PLANTRPC_SOURCE"])
BUILD = Path(os.environ["PLANTRPC_BUILD"])
CODEGEN = BUILD / "introspection" / "codegen" / "plantrpc-codegen"
DEVICE = BUILD / "tests" / "codegen" / "device-codegen"
GIR = BUILD / "introspection" / "PlantRpc-1.0.gir"
VAPI = BUILD / "introspection" / "plantrpc-1.vapi"
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peer"))

import random_interface  # noqa: E402
from process import PeerServer  # noqa: E402

WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wcast-align", "-Wformat=2",
            "-Wmissing-declarations", "-Wmissing-prototypes", "-Wnested-externs",
            "-Wno-missing-field-initializers", "-Wno-unused-parameter", "-Wold-style-definition",
            "-Wpointer-arith", "-Wredundant-decls", "-Wshadow", "-Wstrict-prototypes",
            "-Wswitch-enum", "-Wundef", "-Wwrite-strings"]

# Words of Vala, those of C beside them, what a GObject has in Vala or is generated beside the
# members, and the types that are generated.
WORDS = """
abstract as async base bool break case catch char class const construct continue default delegate
delete do double dynamic else ensures enum errordomain extern false finally float for foreach get
global if in inline int interface internal is lock long namespace new null out override owned params
partial private protected public ref requires return sealed set short signal sizeof static string
struct switch this throw throws true try typeof uint unlock unowned using var virtual void volatile
weak while with yield""".split()
OF_C = "auto goto register restrict signed typedef union unsigned".split()
TAKEN = """
connect_device connect_url declare for_device for_url get_class get_client get_type nth offer
on_write serve""".split()
TYPES = "client client_class interface skeleton skeleton_class skeleton_private".split()


def generate(*args: str | Path, locale: str = "C.UTF-8") -> subprocess.CompletedProcess:
    """Runs the generator, whatever comes of it."""
    environment = {**os.environ, "LC_ALL": locale, "LANGUAGE": "C"}
    return subprocess.run([CODEGEN, *args], capture_output=True, text=True, timeout=60,
                          env=environment, check=False)


def pkg_config(*packages: str) -> list[str]:
    output = subprocess.run(["pkg-config", "--cflags", *packages], check=True,
                            capture_output=True, text=True).stdout
    return shlex.split(output)


def includes() -> list[str]:
    """What compiling against the library of the build needs."""
    folders = ["", "base", "security", "wire", "interface", "registry", "server", "client",
               "relay"]
    return [f"-I{SOURCE}", *(f"-I{SOURCE / 'plantrpc' / folder}" for folder in folders),
            *pkg_config("gio-2.0")]


class Codegen(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, interface: Any) -> Path:
        path = self.folder / "thing.json"
        path.write_text(interface if isinstance(interface, str) else json.dumps(interface))
        return path

    def generate_c(self, interface: Path, stem: str = "thing") -> Path:
        """Returns the source, with the header beside it."""
        done = generate("--c-namespace", "Lab", "--interface-name", "Thing", "--generate-c-code",
                        self.folder / stem, interface)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.folder / f"{stem}.c"

    def compile(self, source: Path, compiler: str = "cc", *flags: str) -> None:
        done = subprocess.run([compiler, *(flags or WARNINGS), *includes(), "-c", source, "-o",
                               self.folder / "thing.o"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.stderr, "")

    def compile_vala(self, interface: Path) -> None:
        """Only where the bindings are built."""
        output = self.folder / "thing.vala"
        done = generate("--c-namespace", "Lab", "--interface-name", "Thing", "--vala", "--output",
                        output, interface)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        if not VAPI.exists():
            return
        done = subprocess.run(["valac", "-C", "--fatal-warnings", "--vapidir", VAPI.parent, "--pkg",
                               "plantrpc-1", "--pkg", "gio-2.0", output, "-d", self.folder / "c"],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.compile(next((self.folder / "c").rglob("*.c")), "cc", "-w", "-std=gnu11")
        self.assert_own_symbols()

    def assert_own_symbols(self) -> None:
        """A class that is bound to a type of GLib's must not define GLib's functions."""
        listed = subprocess.run(["nm", "-g", "--defined-only", "--format=posix",
                                 self.folder / "thing.o"], check=True, capture_output=True,
                                text=True).stdout
        for line in listed.splitlines():
            self.assertRegex(line, "^(_vala_)?lab_")


class GoodInterfaces(Codegen):
    """What is generated compiles without a warning."""

    def test_everything(self) -> None:
        """Every type, words of the languages as names, doc texts that would end a comment."""
        interface = HERE / "odd.json"
        self.compile(self.generate_c(interface))
        self.compile_vala(interface)
        text = (self.folder / "thing.vala").read_text()
        self.assertEqual(re.findall(r'\[CCode \(cname = "(\w+_type_)"', text),
                         ["lab_thing_get_type_", "lab_thing_skeleton_get_type_"])

    def test_alike(self) -> None:
        """Names that differ little, and a property and a signal of one name."""
        integer = {"type": "i", "minimum": 0}
        interface = self.write({
            "properties": {"type": integer, "type_": integer, "type_x": integer,
                           "mode": {"type": "s"}, "X": integer, "x": integer, "get": {"type": "s"},
                           "aB": integer, "a_b": integer},
            "signals": {"mode": {"signature": "(s)"}, "type": {"signature": "(s)"},
                        "get": {"signature": "()"}, "x": {"signature": "(i)"},
                        "aB": {"signature": "()"}}})
        self.compile(self.generate_c(interface))
        self.compile_vala(interface)
        text = (self.folder / "thing.vala").read_text()
        self.assertEqual(re.findall(r'cname = "([\w-]+)"\)\]\n  public signal void (@?\w+) ', text),
                         [("mode", "mode_signal"), ("type", "type_signal"),
                          ("remote-get", "remote_get_signal"),
                          ("x", "x_signal"), ("a-b", "a_b_signal")])
        self.assertEqual(re.findall(r'cname = "lab_thing_(get_\w+)"', text), ["get_type__"])

    def test_names_that_vala_cannot_keep(self) -> None:
        """Vala has one spelling of a name: the name on the wire is declared beside it."""
        interface = self.write({
            "properties": {"ExposureTime": {"type": "i", "name": "ExposureTime"},
                           "X": {"type": "i", "name": "X", "unit": "mm", "minimum": 1}},
            "signals": {"FrameReady": {"signature": "(i)", "name": "FrameReady"}}})
        self.compile_vala(interface)
        text = (self.folder / "thing.vala").read_text()
        declared = re.findall(r"PlantRpc\.type_declare_\w+ \(typeof \(Thing\), (.*)\);", text)
        self.assertEqual(declared,
                         ['"exposure-time", "ExposureTime"', '"x", "X"', '"x", "mm"',
                          '"frame-ready", "FrameReady"'])
        self.assertIn('find_property (vtable, "x")', text)

    def test_endings_that_vala_can_keep(self) -> None:
        """They are refused only where functions of C would meet."""
        self.compile_vala(self.write({
            "methods": {"scan": {"signature": ""}, "scan_data": {"signature": ""},
                        "call_scan": {"signature": ""}, "stop_ready": {"signature": ""}},
            "properties": {"scan_ready": {"type": "b"}, "scan_finish": {"type": "s"}},
            "signals": {"scanAsync": {"signature": "(s)"}}}))

    def test_numbers_without_end(self) -> None:
        interface = self.write({"methods": {"expose": {
            "signature": "a: d, b: d = inf, c: d = -inf, d: d = nan -> d"}}})
        self.compile(self.generate_c(interface))
        self.compile_vala(interface)
        text = (self.folder / "thing.vala").read_text()
        for default in ("double.INFINITY", "-double.INFINITY", "double.NAN"):
            self.assertEqual(text.count(f" = {default},"), 2)

    def test_probe(self) -> None:
        self.compile(self.generate_c(HERE / "probe.json"))
        self.compile_vala(HERE / "probe.json")

    def test_results(self) -> None:
        """Methods that return something of each type."""
        self.compile(self.generate_c(HERE / "results.json"))
        self.compile_vala(HERE / "results.json")

    def test_smallest(self) -> None:
        """Parts of which there are none leave nothing unused behind."""
        for interface in ({}, {"methods": {"go": {"signature": ""}}},
                          {"properties": {"mode": {"type": "s", "access": "read"}}},
                          {"properties": {"mode": {"type": "as", "access": "write"}}},
                          {"signals": {"gone": {"signature": "(as)"}}}):
            with self.subTest(interface=interface):
                path = self.write(interface)
                self.compile(self.generate_c(path))
                self.compile_vala(path)

    def test_names_of_its_own(self) -> None:
        """Methods and signals called as what is generated, or as types of Vala."""
        nothing = {"signature": ""}
        path = self.write({"methods": {"write": nothing, "nth": nothing, "get_type": nothing,
                                       "go": {"signature": "n: i = -2147483648"}},
                           "properties": {"unit": {"type": "s", "unit": "typeof (%s)"}},
                           "signals": {"int": {"signature": "()"}}})
        self.compile(self.generate_c(path))
        self.compile_vala(path)

    def test_what_the_library_has(self) -> None:
        """A method called as a property of clients, and a signal that notify is sent as."""
        path = self.write({"methods": {"n_dropped": {"signature": ""}},
                           "properties": {"unit": {"type": "s"}},
                           "signals": {"relabelled": {"signature": "(s)", "property": "unit",
                                                      "implicit": True}}})
        source = self.generate_c(path)
        self.compile(source)
        self.compile_vala(path)
        vala = (self.folder / "thing.vala").read_text()
        self.assertIn("remote_n_dropped", vala)
        self.assertNotIn("relabelled", source.read_text() + vala)

    def test_words_of_the_languages(self) -> None:
        """As names of members, of arguments, and of types of choices."""
        names = [word for word in WORDS + OF_C if word not in TYPES]
        path = self.write({
            "methods": {word: {"signature": f"{word}: i = 1"} for word in names[::3] + TAKEN},
            "properties": {word: {"type": "s"} for word in names[1::3]}
            | {word: {"type": "s", "choices": {"a": 1}} for word in TYPES},
            "signals": {word: {"signature": "()"} for word in names[2::3]}})
        self.compile(self.generate_c(path))
        self.compile_vala(path)
        # Vala takes some of them as they are, in some places.
        text = (self.folder / "thing.vala").read_text()
        self.assertEqual([word for word in names if word in WORDS
                          and not re.search(rf"(@|remote_){word}\b", text)], [])

    def test_numbers(self) -> None:
        """The widest of each type."""
        widest = {"i": (-2**31, 2**31 - 1), "u": (0, 2**32 - 1), "x": (-2**63, 2**63 - 1),
                  "t": (0, 2**64 - 1)}
        properties = {f"{kind}{end}": {"type": kind, "minimum": limits[0], "maximum": limits[1],
                                       "default": limits[end]}
                      for kind, limits in widest.items() for end in (0, 1)}
        signature = ", ".join(f"{name}: {form['type']} = {form['default']}"
                              for name, form in properties.items())
        path = self.write({"methods": {"go": {"signature": signature}}, "properties": properties})
        self.compile(self.generate_c(path))
        self.compile_vala(path)

    def test_hidden_characters(self) -> None:
        """What would turn a line around is written as numbers, which end where they should."""
        text = "\u202eda\x01\x7fé1"
        path = self.write({"properties": {"mode": {"type": "s", "default": text}}})
        source = self.generate_c(path)
        self.assertIn(r'"\342\200\256da\001\177é1"', source.read_text())
        self.compile(source)
        self.compile_vala(path)
        self.assertIn(r'"\xe2\x80\xae\x64\x61\x01\x7fé1"',
                      (self.folder / "thing.vala").read_text())

    def test_nothing_moves_the_cursor(self) -> None:
        """On a terminal, neither the interface nor a complaint does."""
        nasty = "a\x1b]0;t\x07\r\x7f\x9b31m\u202e\u2028\n"
        shown = r"a\u001b]0;t\u0007\u000d\u007f\u009b31m\u202e\u2028\n"
        interface = {"properties": {"mode": {"type": "s", "default": nasty, "unit": nasty}}}
        text = generate("--json", self.write(interface)).stdout
        self.assertEqual(json.loads(text)["properties"]["mode"]["default"], nasty)
        self.assertEqual({c for c in text if not c.isprintable()}, {"\n"})
        done = generate("--json", self.folder / nasty)
        self.assertEqual(done.returncode, 1)
        self.assertIn(shown, done.stderr)
        self.assertIn(shown, generate(f"--{nasty}").stderr)

    def test_trigraphs(self) -> None:
        """What C would read as one character is the same text there, and nothing odd in Vala."""
        path = self.write({"properties": {"mode": {"type": "s", "default": "what??(?? ?"}}})
        source = self.generate_c(path)
        self.assertIn(r'"what?\?(?\? ?"', source.read_text())
        self.compile(source)
        self.compile_vala(path)
        self.assertIn('"what??(?? ?"', (self.folder / "thing.vala").read_text())

    def test_doc_texts(self) -> None:
        """No line of a text begins like an annotation, a list or a heading of its own."""
        words = " ".join(f"{sign}word{sign}word" for sign in "@#*-+=|>") + " Title: end "
        path = self.write({"properties": {"mode": {"type": "s", "description": words * 20}}})
        header = self.generate_c(path).with_suffix(".h").read_text()
        lines = [line for line in header.splitlines() if "word" in line]
        self.assertGreater(len(lines), 10)
        for line in lines:
            self.assertNotRegex(line, r"^ \* ([@#*+=|>-]|\S+:$|Title:)")

    def test_what_would_end_a_comment(self) -> None:
        """Nothing else of a doc text is written in another way."""
        path = self.write({"properties": {"mode": {
            "type": "s", "description": "/a/b 2*3 end*/ /*c **/ * / x\t\u200bé*"}}})
        header = self.generate_c(path).with_suffix(".h").read_text()
        self.assertIn("“/a/b 2*3 end*&#47; /&#42;c *&#42;/ * / x é*”", header)

    def test_header_in_cxx(self) -> None:
        self.generate_c(HERE / "odd.json")
        source = self.folder / "use.cc"
        source.write_text('#include "thing.h"\nint main () { return LAB_THING_MODE_STILL; }\n')
        self.compile(source, "c++", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter",
                     "-Wno-missing-field-initializers")

    def test_introspection(self) -> None:
        """g-ir-scanner understands all of it."""
        if not GIR.exists() or shutil.which("g-ir-scanner") is None:
            self.skipTest("no introspection")
        source = self.generate_c(HERE / "odd.json")
        library = self.folder / "libthing.so"
        subprocess.run(["cc", "-w", "-shared", "-fPIC", *includes(), source, "-o", library, "-L",
                        BUILD / "plantrpc", "-lplantrpc-1", "-lm"], check=True)
        environment = {**os.environ, "LD_LIBRARY_PATH": f"{BUILD / 'plantrpc'}:{self.folder}",
                       "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled")}
        done = subprocess.run(
            ["g-ir-scanner", "--warn-all", "--warn-error", "--quiet", "--namespace", "Lab",
             "--nsversion", "1.0", "--identifier-prefix", "Lab", "--symbol-prefix", "lab",
             *includes(), "--add-include-path", GIR.parent, "--include", "PlantRpc-1.0",
             "--include", "Gio-2.0", "--c-include", "thing.h", "-L", self.folder, "-L",
             BUILD / "plantrpc", "--library", "thing", "--output", self.folder / "Lab-1.0.gir",
             source, source.with_suffix(".h")],
            capture_output=True, text=True, env=environment, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        gir = (self.folder / "Lab-1.0.gir").read_text()
        for found in ('<class name="ThingClient"', 'parent="PlantRpc.Client"',
                      '<interface name="Thing"', '<enumeration name="ThingMode"',
                      '<bitfield name="ThingParts"', 'name="call_get_image_finish"'):
            self.assertIn(found, gir)


class Declared(Codegen):
    """What the generated code says of each member, in the words of the interface."""

    interface = {
        "methods": {
            "goHome": {"signature": "fast: b = false, way: s = 'left', speed: d, far: i = 7",
                       "timeout": None},
            "shoot": {"signature": "", "buffer": True, "timeout": 30000},
            "tell": {"signature": "words: as -> s"},
            "takeURLNow": {}},
        "properties": {
            "near": {"type": "i", "minimum": 5}, "remote": {"type": "i", "maximum": -5},
            "deep": {"type": "n", "default": -7}, "wide": {"type": "q"},
            "gain": {"type": "d", "minimum": 0.5, "maximum": 2, "unit": "dB"},
            "level": {"type": "d", "minimum": -3, "maximum": 2}, "count": {"type": "t"},
            "frameURL": {"type": "s", "access": "read", "description": "Where a frame is"},
            "secret": {"type": "s", "access": "write", "default": "x"},
            "mode": {"type": "s", "choices": {"still": 3, "live-video": 7},
                     "default": "live-video"},
            "lamp": {"type": "s", "choices": {"idle": 2, "busy": 0}},
            "parts": {"type": "as", "choices": {"lens": 1, "lamp": 4},
                      "default": ["lens", "lamp"]},
            "size": {"type": "(ii)", "default": [640, 480]}, "any": {}},
        "signals": {"frameReady": {"signature": "(sas)"}, "modeChanged": {"signature": "(s)"},
                    "levelChanged": {"signature": "()"}, "lampChanged": {"signature": "(si)"},
                    "URLTaken": {"signature": "()"}}}
    pspecs = """\
int ("near", NULL, NULL, 5, G_MAXINT, 5, TOLD | TAKEN)
int ("remote", NULL, NULL, G_MININT, -5, -5, TOLD | TAKEN)
int ("deep", NULL, NULL, G_MININT16, G_MAXINT16, -7, TOLD | TAKEN)
uint ("wide", NULL, NULL, 0, G_MAXUINT16, 0, TOLD | TAKEN)
double ("gain", NULL, NULL, 0.5, 2.0, 0.5, TOLD | TAKEN)
double ("level", NULL, NULL, -3.0, 2.0, 0, TOLD | TAKEN)
uint64 ("count", NULL, NULL, 0, G_MAXUINT64, 0, TOLD | TAKEN)
string ("frame-url", NULL, "Where a frame is", NULL, TOLD)
string ("secret", NULL, NULL, "x", TAKEN)
enum ("mode", NULL, NULL, LAB_TYPE_THING_MODE, LAB_THING_MODE_LIVE_VIDEO, TOLD | TAKEN)
enum ("lamp", NULL, NULL, LAB_TYPE_THING_LAMP, LAB_THING_LAMP_IDLE, TOLD | TAKEN)
flags ("parts", NULL, NULL, LAB_TYPE_THING_PARTS, LAB_THING_PARTS_LENS | LAB_THING_PARTS_LAMP, \
TOLD | TAKEN)
variant ("size", NULL, NULL, G_VARIANT_TYPE ("(ii)"), new_variant ("(ii)", "(640, 480)"), \
TOLD | TAKEN)
variant ("any", NULL, NULL, G_VARIANT_TYPE ("*"), NULL, TOLD | TAKEN)"""
    beside = """\
method (type, "goHome", "fast: b = false, way: s = 'left', speed: d, far: i = 7", FALSE, \
PLANT_RPC_TIMEOUT_NONE)
method (type, "shoot", "", TRUE, 30000)
method (type, "tell", "words: as -> s", FALSE, PLANT_RPC_TIMEOUT_DEFAULT)
method (type, "takeURLNow", NULL, FALSE, PLANT_RPC_TIMEOUT_DEFAULT)
unit (type, "gain", "dB")
wire_name (type, "frame-url", "frameURL")
wire_name (type, "url-taken", "URLTaken")"""

    def test_in_c(self) -> None:
        source = self.generate_c(self.write(self.interface))
        text = source.read_text()
        self.assertEqual(re.findall(r"g_param_spec_(.*)\);", text), self.pspecs.splitlines())
        self.assertEqual(re.findall(r"plant_rpc_type_declare_(.*);", text),
                         self.beside.splitlines())
        self.assertEqual(re.findall(r'g_signal_new \("([\w-]+)"', text),
                         ["frame-ready", "lamp-changed", "url-taken"])
        self.assertIn('g_signal_emit_by_name (self, "frame-ready", arg_1, arg_2);', text)
        header = source.with_suffix(".h").read_text()
        for line in (" lab_thing_client_call_take_url_now (", " lab_thing_client_call_go_home (",
                     "  LAB_THING_MODE_STILL = 3,\n  LAB_THING_MODE_LIVE_VIDEO = 7,\n",
                     " * @LAB_THING_PARTS_LAMP: “lamp”\n",
                     " * @arg_fast: a value of type `b`, usually false\n",
                     " * @arg_way: (nullable): a value of type `s`; %NULL: 'left'\n",
                     " * @arg_speed: a value of type `d`\n",
                     " * @arg_words: (array zero-terminated=1): a value of type `as`\n",
                     " * @args: (nullable): the positional arguments"):
            self.assertIn(line, header)
        # What may be left out is checked by nobody, and nothing is sent for it.
        self.assertIn("  g_return_if_fail (arg_words != NULL);\n", text)
        self.assertNotIn("arg_way != NULL);", text)
        self.assertIn("  if (arg_way != NULL)\n    g_variant_builder_add (&kwargs, ", text)
        self.compile(source)

    def test_in_vala(self) -> None:
        path = self.write(self.interface)
        self.compile_vala(path)
        text = (self.folder / "thing.vala").read_text()
        interface, skeleton = text.split("abstract class ThingSkeleton")
        for line in ("  STILL = 3,\n", '  [Description (nick = "live-video")]\n', "[Flags]\n",
                     "LIVE_VIDEO; }\n", "  public abstract int deep { get; set; default = -7; }\n",
                     "  public abstract ThingLamp lamp { get; set; default = ThingLamp.IDLE; }\n",
                     "  public abstract string? frame_url { owned get; }\n",
                     '  public abstract string? secret { set; default = "x"; }\n',
                     '  [Description (blurb = "Where a frame is")]\n',
                     "  public signal void frame_ready (string? arg_1, ThingWords? arg_2);\n",
                     "  public signal void lamp_changed (string? arg_1, int arg_2);\n",
                     "bool arg_fast,\n      string? arg_way,\n      double arg_speed,\n      "
                     "int arg_far = 7,\n", "near_spec.minimum = 5;", "remote_spec.maximum = -5;",
                     "gain_spec.minimum = 0.5;", "gain_spec.maximum = 2.0;"):
            self.assertIn(line, interface)
        expected = self.beside.replace("(type", "(typeof (Thing)")
        for in_c, in_vala in (("PLANT_RPC_TIMEOUT_NONE", "PlantRpc.TIMEOUT_NONE"),
                              ("PLANT_RPC_TIMEOUT_DEFAULT", "10000"), ("NULL", "null"),
                              ("TRUE", "true"), ("FALSE", "false")):
            expected = expected.replace(in_c, in_vala)
        self.assertEqual(re.findall(r"PlantRpc\.type_declare_(.*);", text), expected.splitlines())
        for line in ("  public string? frame_url { owned get { return kept_frame_url; } }\n",
                     '  [Description (blurb = "Where a frame is")]\n',
                     "  private string? kept_frame_url;\n",
                     '  protected string? kept_secret = "x";\n',
                     "  public int deep { get; set; default = -7; }\n", "gain_spec.maximum = 2.0;"):
            self.assertIn(line, skeleton)

    def test_vala_without_a_namespace(self) -> None:
        output = self.folder / "thing.vala"
        done = generate("--vala", "--output", output, self.write(self.interface))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = output.read_text()
        self.assertNotIn("namespace", text)
        self.assertIn('(cname = "thing_call_shoot", finish_name = "thing_call_shoot_finish")', text)


class RandomInterfaces(Codegen):
    """What is accepted compiles; what is not is refused in a line."""

    def accepts(self, seed: int, *form: str | Path) -> Path | None:
        """The interface, or None if it is refused."""
        path = self.write(random_interface.make(seed))
        done = generate("--c-namespace", "Lab", "--interface-name", "Thing", *form, path)
        if done.returncode == 0:
            return path
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        return None

    def test_c(self) -> None:
        n_accepted = 0
        for seed in range(16):
            with self.subTest(seed=seed):
                if path := self.accepts(seed, "--header"):
                    n_accepted += 1
                    self.compile(self.generate_c(path))
        self.assertGreater(n_accepted, 8)

    def test_vala(self) -> None:
        n_accepted = 0
        for seed in range(100, 104):
            with self.subTest(seed=seed):
                if path := self.accepts(seed, "--vala"):
                    n_accepted += 1
                    self.compile_vala(path)
        self.assertGreater(n_accepted, 1)


class BadInterfaces(Codegen):
    """A clear error that names the member, and no output."""

    def assert_refused(self, interface: Any, *words: str, form: str = "--header") -> None:
        path = self.write(interface)
        output = self.folder / "thing.out"
        done = generate("--c-namespace", "Lab", form, "--output", output, path)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in ("thing.json", *words):
            self.assertIn(word, done.stderr)
        self.assertFalse(output.exists())

    def test_no_interface(self) -> None:
        for text in ("", "{", "[]", "null", '{"methods": []}', '{"methods": {"go": 5}}'):
            with self.subTest(text=text):
                self.assert_refused(text)
        done = generate("--c-namespace", "Lab", "--header", self.folder / "absent.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("absent.json", done.stderr)
        done = generate("--json", "pi-cam-1")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "“pi-cam-1” is neither a file nor a URL.*tcp://HOST:PORT")

    def test_names_that_are_none(self) -> None:
        for name in ("größe", "go home", "a;b", "*/", "a\nb", "_", "-", "go()", "日本"):
            with self.subTest(name=name):
                self.assert_refused({"methods": {name: {"signature": ""}}}, "method",
                                    name.replace("\n", "\ufffd"))
        for name in ("größe", "1st", "a b", "a\"b"):
            with self.subTest(name=name):
                self.assert_refused({"properties": {name: {"type": "s"}}}, name)
                self.assert_refused({"signals": {name: {"signature": "()"}}}, name)

    def test_names_that_meet(self) -> None:
        nothing = {"signature": ""}
        self.assert_refused({"methods": {"goHome": nothing, "go_home": nothing}},
                            "“goHome”", "“go_home”")
        self.assert_refused({"methods": {"move": nothing, "move_sync": nothing}},
                            "“move”", "“move_sync”")
        for ending in ("async", "co", "finish", "ready", "sync"):
            self.assert_refused({"methods": {"scan": nothing, f"scan_{ending}": nothing}},
                                "“scan”", f"“scan_{ending}”", form="--vala")
        self.assert_refused({"methods": {"write_mode": nothing},
                             "properties": {"mode": {"type": "s"}}}, "“write_mode”", "“mode”")
        self.assert_refused({"methods": {"mode": nothing}, "properties": {"mode": {"type": "s"}}},
                            "method “mode”", "property “mode”", form="--vala")

        self.assert_refused({"methods": {"go": nothing},
                             "signals": {"handle_go": {"signature": "()"}}},
                            "method “go”", "signal “handle_go”")
        self.assert_refused({"properties": {"type": {"type": "s", "access": "read"},
                                            "update_type": {"type": "s"}}},
                            "“type”", "“update_type”", form="--vala")
        self.assert_refused({"properties": {"get_type": {"type": "s"}}}, "“get_type”",
                            form="--vala")

    def test_types_and_limits(self) -> None:
        for member in ({"type": "h"}, {"type": "?"}, {"type": "i", "default": "x"},
                       {"type": "i", "minimum": 3, "maximum": 2},
                       {"type": "i", "choices": {"a": 1}}):
            with self.subTest(member=member):
                self.assert_refused({"properties": {"mode": member}}, "mode")


class Output(Codegen):
    """The same output for the same interface."""

    def test_deterministic(self) -> None:
        first = self.generate_c(HERE / "odd.json").read_text()
        for locale in ("C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"):
            for form in ("--header", "--vala", "--json"):
                texts = {generate("--c-namespace", "Lab", form, HERE / "odd.json",
                                  locale=name).stdout
                         for name in ("C.UTF-8", locale)}
                self.assertEqual(len(texts), 1)
                self.assertGreater(len(texts.pop()), 500)
        self.assertEqual(self.generate_c(HERE / "odd.json").read_text(), first)

    def test_json_is_to_be_edited(self) -> None:
        """One member a line, and nothing lost."""
        first = generate("--json", HERE / "odd.json").stdout
        self.assertTrue(first.endswith("}\n"))
        for members in json.loads(first).values():
            for name in members:
                self.assertIn(f"\n    {json.dumps(name, ensure_ascii=False)}: {{", first)
        self.assertLess(max(map(len, first.splitlines())), 200)
        path = self.write(first)
        self.assertEqual(generate("--json", path).stdout, first)
        wide = '{"properties": {"a": {"type": "t", "default": 18446744073709551615}}}'
        self.assertIn("18446744073709551615", generate("--json", self.write(wide)).stdout)

    def test_live_device(self) -> None:
        """A device that runs gives what its interface file gives."""
        device = subprocess.Popen([DEVICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            url = json.loads(device.stdout.readline())["url"]
            file = self.folder / "probe.json"
            self.assertEqual(generate("--json", "--output", file, url).returncode, 0)
            for form in ("--header", "--vala"):
                live = generate("--c-namespace", "Lab", form, url)
                self.assertEqual((live.returncode, live.stderr), (0, ""))
                self.assertIn("Probe", live.stdout)
                for source in (file, HERE / "probe.json"):
                    again = generate("--c-namespace", "Lab", form, source)
                    self.assertEqual(again.stdout, live.stdout)
        finally:
            device.stdin.close()
            device.stdout.close()
            device.wait(20)

    def test_old_devices(self) -> None:
        """Of a device that tells names only, what it has is generated, and compiles."""
        for generation in ("1", "2"):
            with self.subTest(generation=generation), PeerServer(
                    generation, device="probe",
                    program=HERE.parent / "bindings" / "peer.py") as old:
                done = generate("--c-namespace", "Lab", "--header", old.url)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("--interface-name", done.stderr)

                done = generate("--c-namespace", "Lab", "--interface-name", "Thing",
                                "--generate-c-code", self.folder / "old", old.url)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("“captured”", done.stderr)
                self.assertNotIn("Changed", done.stderr)
            self.compile(self.folder / "old.c")
            header = (self.folder / "old.h").read_text()
            self.assertIn("lab_thing_get_flag", header)
            self.assertIn("lab_thing_client_call_get_image_sync", header)

    def test_header_and_body(self) -> None:
        """Two runs give what one gives."""
        source = self.generate_c(HERE / "odd.json")
        for form, path in (("--header", source.with_suffix(".h")), ("--body", source)):
            (self.folder / "again").mkdir(exist_ok=True)
            output = self.folder / "again" / path.name
            done = generate("--c-namespace", "Lab", "--interface-name", "Thing", form, "--output",
                            output, HERE / "odd.json")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(output.read_text(), path.read_text())

    def test_nobody_there(self) -> None:
        done = generate("--c-namespace", "Lab", "--header", "--timeout", "50", "tcp://127.0.0.1:9")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("tcp://127.0.0.1:9", done.stderr)


class CommandLine(Codegen):
    """What is asked for wrongly."""

    def test_mistakes(self) -> None:
        file = str(HERE / "odd.json")
        for args in ([], [file], ["--header", file], ["--c-namespace", "Lab", "--header"],
                     ["--c-namespace", "Lab", "--header", "--body", file], ["--no-such", file],
                     ["--c-namespace", "Lab", "--body", file],
                     ["--c-namespace", "Lab", "--header", file, file]):
            with self.subTest(args=args):
                done = generate(*args)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("plantrpc-codegen: ", done.stderr)

    def test_bad_namespace(self) -> None:
        for name in ("1Lab", "La b", "Läb", ""):
            done = generate("--c-namespace", name, "--header", HERE / "odd.json")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("namespace", done.stderr)

    def test_help_and_version(self) -> None:
        for option, word in (("--help", "--generate-c-code"), ("--version", "plantrpc-codegen 1.")):
            done = generate(option)
            self.assertEqual(done.returncode, 0)
            self.assertIn(word, done.stdout)

    def test_found_by_pkg_config(self) -> None:
        environment = {**os.environ, "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled")}
        program = subprocess.run(["pkg-config", "--variable=codegen", "plantrpc-1"], check=True,
                                 capture_output=True, text=True, env=environment).stdout.strip()
        self.assertTrue(os.path.samefile(program, CODEGEN))


if __name__ == "__main__":
    unittest.main()
