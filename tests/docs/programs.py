# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs in four languages, compiled and run against this build of the library."""
import functools
import os
import select
import shlex
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PLANTRPC_BUILD", SOURCE / "_build"))
DEADLINE = 120  # s

SUFFIXES = {"c": ".c", "python": ".py", "js": ".js", "vala": ".vala", "sh": ".sh"}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter",
            "-Wno-missing-field-initializers"]

STAGE = tempfile.TemporaryDirectory()
PC_FILE = """Name: plantrpc
Description: what was built, as it will be installed
Version: 1.0.0
Requires: gio-2.0
Cflags: -I{include}
Libs: -L{library} -lplantrpc-1
"""


@functools.cache
def stage() -> Path:
    """Headers and bindings as they are installed, and a file for pkg-config that leads there."""
    root = Path(STAGE.name)
    headers = root / "include" / "plantrpc"
    headers.mkdir(parents=True)
    for path in (SOURCE / "plantrpc").rglob("*.h"):
        if not path.stem.endswith("-private") and path.parent.name != "tools":
            (headers / path.name).symlink_to(path)
    bindings = root / "share" / "vala" / "vapi"
    bindings.mkdir(parents=True)
    for suffix in ("vapi", "deps"):
        (bindings / f"plantrpc-1.{suffix}").symlink_to(
            BUILD / "introspection" / f"plantrpc-1.{suffix}")
    (root / "plantrpc-1.pc").write_text(PC_FILE.format(include=headers.parent,
                                                       library=BUILD / "plantrpc"))
    return root


def environment() -> dict[str, str]:
    """Where the libraries and what belongs to them are found before they are installed."""
    extra = {
        "GI_TYPELIB_PATH": str(BUILD / "introspection"),
        "PYTHONPATH": str(SOURCE / "introspection" / "overrides" / "python"),
        "GJS_PATH": str(SOURCE / "introspection" / "overrides" / "gjs"),
        "LD_LIBRARY_PATH": str(BUILD / "plantrpc"),
        "PKG_CONFIG_PATH": str(stage()),
        "PATH": f"{BUILD}/introspection/codegen:{BUILD}/plantrpc/tools:{os.environ['PATH']}",
        "XDG_DATA_DIRS": f"{stage()}/share:/usr/local/share:/usr/share",
        "XDG_DATA_HOME": f"{stage()}/data",
        "STATE_DIRECTORY": "",
        "G_DEBUG": "fatal-criticals",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return os.environ | extra


def run(command: list[str | Path],
        directory: Path = Path(STAGE.name)) -> subprocess.CompletedProcess[str]:
    """Runs it to its end, away from the tree."""
    return subprocess.run(command, env=environment(), cwd=directory, text=True,
                          timeout=DEADLINE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)


def pkg_config() -> list[str]:
    """The flags for a program that uses the library."""
    result = run(["pkg-config", "--cflags", "--libs", "plantrpc-1"])
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return shlex.split(result.stdout)


def compile_c(source: Path) -> Path:
    """Compiles a program in C, without a warning."""
    program = source.with_suffix("")
    result = run(["cc", *WARNINGS, "-o", program, source, *pkg_config()], source.parent)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(result.stderr)
    return program


def need_vala() -> None:
    """Skips what needs the bindings for Vala in a build without them."""
    if not (BUILD / "introspection" / "plantrpc-1.vapi").exists():
        raise unittest.SkipTest("this build has no Vala bindings")


def compile_vala(source: Path) -> Path:
    """Compiles a program in Vala."""
    need_vala()
    program = source.with_suffix("")
    flags = [word for flag in pkg_config() for word in ("-X", flag)]
    result = run(["valac", "--pkg", "plantrpc-1", "--pkg", "gio-2.0", "-X", "-w", *flags,
                  "-o", program, source], source.parent)
    if result.returncode != 0 or "warning:" in result.stderr:
        raise AssertionError(result.stderr)
    return program


def prepare(language: str, source: Path) -> list[str | Path]:
    """The command that runs a program; compiles it first."""
    if language == "c":
        return [compile_c(source)]
    if language == "vala":
        return [compile_vala(source)]
    if language == "python":
        return ["/usr/bin/python3", source]
    if language == "js":
        return ["gjs", "-m", source]
    return ["bash", "-eu", source]


class Server:
    """A program that prints its URL and serves; ended with its context."""

    def __init__(self, command: list[str | Path]) -> None:
        self.command = command

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen(self.command, env=environment(), cwd=STAGE.name,
                                        text=True, stdout=subprocess.PIPE)
        self.url = self.read_line()
        return self

    def read_line(self) -> str:
        deadline = time.monotonic() + DEADLINE
        if not select.select([self.process.stdout], [], [], deadline - time.monotonic())[0]:
            self.__exit__()
            raise AssertionError("the server printed nothing")
        line = self.process.stdout.readline().strip()
        if not line.startswith("tcp://"):
            self.__exit__()
            raise AssertionError(f"the server printed “{line}” instead of its URL")
        return line

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
