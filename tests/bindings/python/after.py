#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A scan as a lab wrote it: a camera to be served, and the script that drives it.

  after.py serve | scan URL
"""

import logging
import sys
import threading
import time
from abc import ABC, abstractmethod

import gi
gi.require_version("PlantRpc", "1.0")
from gi.repository.PlantRpc import NoResult, RPCClient, RPCProperty, RPCServer, RPCSignal


class Camera(ABC):
    """What the camera and its clients agree on."""

    modeChanged = RPCSignal(str)
    resolutionChanged = RPCSignal(tuple[int, int])
    progress = RPCSignal(int, str)

    @RPCProperty(notify=modeChanged)
    @abstractmethod
    def mode(self) -> str:
        """STILL or VIDEO."""

    @mode.setter
    @abstractmethod
    def mode(self, mode: str) -> None:
        pass

    @RPCProperty(notify=resolutionChanged)
    @abstractmethod
    def resolution(self) -> tuple[int, int]:
        """Width and height."""

    @resolution.setter
    @abstractmethod
    def resolution(self, resolution: tuple[int, int]) -> None:
        pass

    @abstractmethod
    def get_image(self, lores: bool = False):
        """One picture."""

    @abstractmethod
    def turn(self, angle: float, *, speed: float = 1.0) -> dict:
        """Turn the camera."""

    @abstractmethod
    def dawdle(self) -> None:
        """Take more time than there is."""


class CameraServer(Camera, RPCServer):
    """The camera."""

    def __init__(self, context, url):
        super().__init__(context, url)
        self._mode, self._resolution = "STILL", (640, 480)

    @RPCProperty(notify=Camera.modeChanged, auto_notify=True)
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, mode):
        if mode not in ("STILL", "VIDEO"):
            raise ValueError(f"invalid mode: {mode}")
        self._mode = mode

    @RPCProperty(notify=Camera.resolutionChanged)
    def resolution(self):
        return self._resolution

    @resolution.setter
    def resolution(self, resolution):
        self._resolution = tuple(resolution)
        self.resolutionChanged.emit(self._resolution)

    @RPCServer.register_method_buffer(timeout=None)
    def get_image(self, lores=False):
        for step in range(3):
            self.progress.emit(step, "exposing")
        return b"pixels" * (1 if lores else 100), {"lores": lores, "size": self._resolution}

    @RPCServer.register_method_json()
    def turn(self, angle, *, speed=1.0):
        if angle > 180:
            raise ValueError("too far")
        return {"angle": angle, "speed": speed}

    @RPCServer.register_method_json(timeout=100)
    def dawdle(self):
        time.sleep(0.5)


@RPCClient.register_interface(Camera)
class CameraClient(Camera, RPCClient):
    """The camera, from elsewhere."""


def scan(url):
    """Drive the camera, and tell what happens."""
    camera, heard, steps = CameraClient(None, url), threading.Event(), []
    modes, resolutions, all_steps = [], threading.Event(), threading.Event()
    camera.modeChanged.connect(lambda mode: (modes.append(mode), heard.set()))
    camera.resolutionChanged.connect(lambda size: resolutions.set())

    def progressed(step, what):
        steps.append((step, what))
        if step == 2:
            all_steps.set()
    camera.progress.connect(progressed)

    print("mode", camera.mode)
    camera.mode = "VIDEO"
    print("heard of it", heard.wait(10), modes, camera.mode)
    camera.mode = "PANORAMA"
    print("still", camera.mode)
    camera.resolution = (800, 600)
    print("resolution", list(camera.resolution), resolutions.wait(10))
    print("turned", camera.turn(90.5), camera.turn(angle=1, speed=0.5))
    result = camera.turn(270)
    if not result:
        print("refused", result.error, isinstance(result, NoResult), "too far" in result.traceback)
    data, info = camera.get_image(lores=True)
    print("image", data.tobytes(), info["lores"], len(camera.get_image()[0]))
    print("steps", all_steps.wait(10), steps[:3])
    try:
        camera.dawdle()
    except TimeoutError:
        print("too late")


if __name__ == "__main__":
    logging.disable()
    if sys.argv[1] == "serve":
        server = CameraServer(None, "tcp://127.0.0.1")
        print(f"{server.url}:{server.port}", flush=True)
        server.serve_forever()
    else:
        scan(sys.argv[2])
