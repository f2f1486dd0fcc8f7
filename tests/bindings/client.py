#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversation with a probe, in Python.

  client.py URL native|1|2

client.js and client.c hold the same one.  The exit status says whether all went well; the last step
stops the device.
"""

import sys

import calls
import kinds
import values
from talk import Talk, run


def main() -> int:
    """Take every step."""
    talk = Talk(*sys.argv[1:3])
    return 1 if run(talk, values.STEPS + calls.STEPS + kinds.STEPS + calls.LAST) else 0


if __name__ == "__main__":
    sys.exit(main())
