#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Have a client program of one language talk to a device program of another.

  converse.py CLIENT DEVICE

CLIENT is `c`, `python`, `pythonic` (by attributes and decorators), `gjs`, `gjs-plain` (by promises
and plain values) or `vala`.  DEVICE is one of these, served natively, and with `+self` behind it
the device is its own server.  It may also be `generation1` or `generation2`: the independent peer,
which must have nothing to complain of afterwards.  Programs of C and Vala are looked for in the
folders that BINDINGS_BUILD_DIR names, as PATH does.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peer"))

from process import PeerServer  # noqa: E402

CLIENT_SECONDS = 120
DEVICE_SECONDS = 20


def program(language: str, role: str) -> list[str]:
    """The command that starts a client or a device."""
    if language == "python":
        return ["/usr/bin/python3", str(HERE / f"{role}.py")]
    if language == "pythonic":
        return ["/usr/bin/python3", str(HERE / "python" / f"{role}.py")]
    if language == "gjs":
        return ["gjs", "-m", str(HERE / f"{role}.js")]
    if language == "gjs-plain":
        return ["gjs", "-m", str(HERE / "gjs" / f"{role}.js")]
    found = shutil.which(f"{role}-{language}", path=os.environ["BINDINGS_BUILD_DIR"])
    if found is None:
        raise FileNotFoundError(f"{role}-{language} was not built")
    return [found]


class Device:
    """A device program; it ends when its standard input closes, by itself or by its number."""

    def __init__(self, name: str) -> None:
        language, _, itself = name.partition("+")
        command = program(language, "device") + (["--self"] if itself else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: exit status {self.process.wait()}")
        self.url: str = json.loads(line)["url"]

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(DEVICE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def assert_clean(self) -> None:
        """Raise unless the device had nothing to complain of."""
        self.__exit__()
        assert self.process.returncode == 0, f"the device ended with {self.process.returncode}"


def main() -> int:
    """Start the device, run the client, and end both."""
    client, device = sys.argv[1:3]
    generation = device.removeprefix("generation")
    old = generation != device
    with PeerServer(generation, device="probe", program=HERE / "peer.py") if old \
            else Device(device) as server:
        command = program(client, "client") + [server.url, generation if old else "native"]
        status = subprocess.run(command, timeout=CLIENT_SECONDS).returncode
        server.assert_clean()
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
