#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Print messages of errors, in the language of the locale."""

import locale

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import GLib, PlantRpc  # noqa: E402

locale.setlocale(locale.LC_ALL, "")
for function, arguments in ((PlantRpc.InterfaceInfo.new_from_json, ("null",)),
                            (PlantRpc.Client.discover_sync, ("camera", 1000, None))):
    try:
        function(*arguments)
    except GLib.Error as error:
        print(error.message)
