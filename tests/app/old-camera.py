#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The independent peer's camera with a picture that can be shown: old-camera.py GENERATION"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "peer"))

import device
import server

PICTURE = ROOT / "demos" / "scanner" / "app" / "scanner.jpg"


class Camera(device.FakeCameraServer):
    """One that takes the same picture each time, whatever resolution is asked for."""

    @device.buffer_method()
    def get_image(self, lores: bool = False) -> tuple[bytes, dict[str, Any]]:
        return PICTURE.read_bytes(), {"format": "jpeg", "rotation": self._rotation}


if __name__ == "__main__":
    device.DEVICES["camera"] = Camera
    sys.argv[1:] = ["--generation", sys.argv[1], "--url", "tcp://127.0.0.1:0"]
    sys.exit(server.run({"1": server.Server1, "2": server.Server2}, __doc__))
