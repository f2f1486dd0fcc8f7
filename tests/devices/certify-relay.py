#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Have the independent peer certify a relay as the camera that is behind it.

  certify-relay.py PLANTRPC CAMERA_SERVER BEHIND GENERATION

BEHIND is native for the camera as served by the library, or the generation of the peer's own
server. GENERATION is that of the peer's client in front. The relay must have ended by itself, with
0, when the peer has stopped it; the camera goes on.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

PEER = Path(__file__).resolve().parent.parent / "peer"
sys.path.insert(0, str(PEER))
from process import PeerServer  # noqa: E402

DEADLINE = 20  # seconds in which the relay has to end once it was stopped


def start(stack: ExitStack, *command: str) -> subprocess.Popen:
    """A program that ends with the test."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stack.callback(process.communicate)
    stack.callback(process.kill)
    return process


def start_camera(stack: ExitStack, program: str, behind: str) -> str:
    """The URL of a camera."""
    if behind != "native":
        return stack.enter_context(PeerServer(int(behind))).url
    camera = start(stack, program, "--url", "tcp://127.0.0.1:*", "--until-stdin-closes")
    return json.loads(camera.stdout.readline())["url"]


def main() -> int:
    tool, program, behind, generation = sys.argv[1:]
    with ExitStack() as stack:
        camera = start_camera(stack, program, behind)
        relay = start(stack, tool, "relay", "--json", "--allow-stop", camera)
        events = [json.loads(relay.stdout.readline()) for _ in range(3)]
        assert [event["event"] for event in events] == ["connects", "serves", "ready"], events
        certified = subprocess.run([sys.executable, str(PEER / "certify.py"), "server", "--url",
                                    events[1]["name"], "--generation", generation]).returncode
        return certified or relay.wait(DEADLINE)


if __name__ == "__main__":
    sys.exit(main())
