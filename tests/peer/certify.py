#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certify the peer itself, a foreign server, or a foreign client.

  certify.py self [--skip NAME ...]
      The peer reproduces tests/data/wire/gen1.jsonl and gen2.jsonl in both directions, and does all
      that the other tests rely on.  To be run before it judges anybody.

  certify.py server --url URL --generation 1|2 [--skip NAME ...]
      The recorded requests, and what PROTOCOL.md asks of every server, against the server at URL.
      It has to offer the fake camera of the recordings (more is allowed), freshly started: one
      server for each of the two generations.  It is stopped at the end.

  certify.py client --generation 1|2 [--device camera|extended] [--journal FILE] -- COMMAND ARG ...
      Run COMMAND, with {url} and {control} in its arguments replaced, and URL and CONTROL url in
      the environment as PEER_URL and PEER_CONTROL, against the peer's server, which dies of
      whatever the reference dies of.  COMMAND must exit with 0 and leave no violation behind.

Each check prints `ok NAME` or `not ok NAME: why`; checks left out print `# skipped NAME: why`.
NAME of --skip is the printed name, or what follows the running number.  The last line is `N
passed, N failed`; the exit status is 0 only if none failed.
"""

import argparse
import os
import subprocess
import sys

from checklist import Checklist
from checks import Checks, expect
from harness import check_harness
from process import PeerServer
from replay import ServerReplay, replay_self
from scripted import replay_client


def certify_self(checks: Checks) -> None:
    """Both directions of both generations, and what the peer offers to tests."""
    for generation in (1, 2):
        replay_self(checks, generation)
        replay_client(checks, generation)
    check_harness(checks)


def certify_server(checks: Checks, url: str, generation: int) -> None:
    """The recording and the checklist against a foreign server."""
    replay = ServerReplay(checks, generation, url, strict=False)
    replay.session()
    for step in replay.alone():
        replay.step(step)
    replay.close()
    Checklist(checks, url, f"gen{generation} checklist").run()
    replay = ServerReplay(checks, generation, url, strict=False)
    replay.stop()
    replay.close()


def certify_client(checks: Checks, options: argparse.Namespace) -> None:
    """A foreign client program against the peer's server."""
    with PeerServer(options.generation, device=options.device, journal=options.journal) as peer:
        command = [argument.replace("{url}", peer.url).replace("{control}", peer.control_url)
                   for argument in options.command if argument != "--"]
        environment = {**os.environ, "PEER_URL": peer.url, "PEER_CONTROL": peer.control_url}
        with checks.check(f"gen{options.generation} client {os.path.basename(command[0])}") as bad:
            expect(bad, "exit status", subprocess.run(command, env=environment).returncode, 0)
        with checks.check(f"gen{options.generation} client did what the reference survives") as bad:
            bad += peer.violations()
            if peer.command("state")["waiting_ack"]:
                bad.append("a signal was left unacknowledged")
            for remark in peer.command("violations")["remarks"]:
                print(f"# remark: {remark}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    own = commands.add_parser("self")
    server = commands.add_parser("server")
    server.add_argument("--url", required=True)
    client = commands.add_parser("client")
    client.add_argument("--device", default="extended")
    client.add_argument("--journal")
    client.add_argument("command", nargs=argparse.REMAINDER)
    for sub in (server, client):
        sub.add_argument("--generation", type=int, choices=(1, 2), required=True)
    for sub in (own, server):
        sub.add_argument("--skip", nargs="+", default=[], metavar="NAME")
    options = parser.parse_args()
    checks = Checks(getattr(options, "skip", []))
    if options.what == "self":
        certify_self(checks)
    elif options.what == "server":
        certify_server(checks, options.url, options.generation)
    else:
        certify_client(checks, options)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
