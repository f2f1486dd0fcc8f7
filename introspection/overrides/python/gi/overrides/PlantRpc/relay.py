# SPDX-License-Identifier: LGPL-2.1-or-later
"""The relay: a server whose members are those of a device elsewhere."""

from collections.abc import Iterator

from gi.repository import PlantRpc

from .server import Server

PACKAGE = __package__ or ""


class Relay(Server, PlantRpc.Relay):
    """Serves what another device offers.

    `Relay(device_url="tcp://pi-cam-1:5000", url="tcp://*:5001")`; `device_interface` is what to
    offer of a device that tells no types.  `with relay:` starts it, and stops it at the end.
    """

    __module__ = PACKAGE

    @classmethod
    def new(cls, device_url: str, url: str) -> "Relay":  # type: ignore[override]
        """Make a relay for the device at a URL."""
        return cls(device_url=device_url, url=url)

    @classmethod
    def new_for_device(cls, registry_url: str, device: str, url: str) -> "Relay":
        """Make a relay for a device that a registry lists."""
        return cls(registry_url=registry_url, device=device, url=url)

    @classmethod
    def new_for_interface(cls, info: PlantRpc.InterfaceInfo, device_url: str, url: str) -> "Relay":
        """Make a relay for a device whose interface is known."""
        return cls(device_interface=info, device_url=device_url, url=url)

    def _list_not_offered(self) -> Iterator[str]:
        return iter(())

    def _offer(self) -> None:
        """What is offered comes from the device."""
        self._prepare()
