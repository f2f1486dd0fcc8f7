# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test case that has a device in a process of its own, and how a coroutine waits."""

import asyncio
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import camera
from camera import DEADLINE
from gi.repository import PlantRpc


async def until(condition: Callable[[], Any]) -> None:
    """Wait in asyncio alone, without a function of the library."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.005)


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
