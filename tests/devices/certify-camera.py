#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Have the independent peer certify the fake camera as served by the library.

  certify-camera.py CAMERA_SERVER GENERATION

The server is started for it, on a port that the system picks, and must have ended by itself, with
0, when the peer has stopped it.
"""

import json
import subprocess
import sys
from pathlib import Path

CERTIFY = Path(__file__).resolve().parent.parent / "peer" / "certify.py"
DEADLINE = 20  # seconds in which the server has to end once it was stopped


def main() -> int:
    program, generation = sys.argv[1:]
    server = subprocess.Popen(
        [program, "--url", "tcp://127.0.0.1:*", "--allow-stop", "--until-stdin-closes"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        url = json.loads(server.stdout.readline())["url"]
        certified = subprocess.run([sys.executable, str(CERTIFY), "server", "--url", url,
                                    "--generation", generation]).returncode
        ended = server.wait(DEADLINE)
    finally:
        server.kill()
        server.communicate()
    return certified or ended


if __name__ == "__main__":
    sys.exit(main())
