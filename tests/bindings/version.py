#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The version that a program runs with."""

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import PlantRpc  # noqa: E402

runs = (PlantRpc.get_major_version(), PlantRpc.get_minor_version(), PlantRpc.get_micro_version())
assert runs == (PlantRpc.MAJOR_VERSION, PlantRpc.MINOR_VERSION, PlantRpc.MICRO_VERSION), runs
major, minor, micro = runs
assert PlantRpc.check_version(major, minor, micro)
assert PlantRpc.check_version(major - 1, minor + 1, micro + 1)
assert not PlantRpc.check_version(major, minor, micro + 1)
assert not PlantRpc.check_version(major, minor + 1, 0)
assert not PlantRpc.check_version(major + 1, 0, 0)
