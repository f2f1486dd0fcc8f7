#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Have the independent peer certify the library's registry, and its devices.

  certify-registry.py REGISTRY_NODE self|registry|device|exit

“exit” is a device that lets go of nothing before its process ends.
"""

import subprocess
import sys
from pathlib import Path

CERTIFY = Path(__file__).resolve().parent.parent / "peer" / "registry.py"


def main() -> int:
    program, what = sys.argv[1:]
    certify = [sys.executable, str(CERTIFY), what]
    if what == "self":
        return subprocess.run(certify).returncode
    if what in ("device", "exit"):
        return subprocess.run([sys.executable, str(CERTIFY), "device", "--", program,
                               "--role", "device", "--name", "cam", "--url", "{registry}",
                               *(["--just-exit"] if what == "exit" else [])]).returncode
    registry = subprocess.Popen([program, "--role", "registry", "--url", "tcp://127.0.0.1:*"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = registry.stdout.readline().strip()
        certified = subprocess.run([sys.executable, str(CERTIFY), "--url", url, what]).returncode
        registry.communicate(timeout=20)
        return certified or registry.returncode
    finally:
        registry.kill()
        registry.wait()
        registry.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
