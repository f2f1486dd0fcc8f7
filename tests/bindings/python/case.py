# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case that has a device in a process of its own."""

import unittest
from pathlib import Path
from typing import Any

import camera
from gi.repository import PlantRpc


class WithDevice(unittest.TestCase):
    """The device is `program`, started with `options` for each test, and ended after it."""

    program = Path(camera.__file__)
    options: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.device = camera.Device(*self.options, program=self.program)
        self.addCleanup(self.device.close)

    def discover(self) -> Any:
        """Make a client of the device, of a type made for it."""
        client = PlantRpc.discover(self.device.url)
        self.addCleanup(client.close)
        return client
