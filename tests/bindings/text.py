#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is shown of the texts of a device."""

import pickle
import traceback

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import PlantRpc  # noqa: E402

NASTY = "größe\x1b]0;title\x07\r\x9b2J\u202e"
SHOWN = r"größe\u001b]0;title\u0007\u000d\u009b2J\u202e"

assert PlantRpc.text_escape(f"{NASTY}\n") == rf"{SHOWN}\n"

# Python prints an exception with its notes on a terminal; the texts themselves are exact.
error = PlantRpc.CallError(f"{NASTY}\n\tsecond", "plant-rpc-error", 0, f"{NASTY}\n\tsecond\n")
assert error.message == f"{NASTY}\n\tsecond"
assert error.traceback == f"{NASTY}\n\tsecond\n"
assert str(error) == f"{SHOWN}\n\tsecond"
printed = "".join(traceback.format_exception(error))
assert f"CallError: {SHOWN}\n\tsecond\n" in printed, printed
assert f"On the device:\n\n{SHOWN}\n\tsecond\n" in printed, printed
again = pickle.loads(pickle.dumps(error))
assert (again.message, again.traceback) == (error.message, error.traceback)
