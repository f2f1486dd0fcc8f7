# SPDX-License-Identifier: LGPL-2.1-or-later
"""The probe: a device with every kind of value, declared in Python.

The same device is declared by probe.js, by probe.h and, in plain Python for the independent peer,
by peer.py; whatever differs between them is a fault.  One class is a GObject of its own, one is a
PlantRpc.Server itself, and one is the template that clients are typed by.
"""

import gi

gi.require_version("PlantRpc", "1.0")
from gi.repository import Gio, GLib, GObject, PlantRpc  # noqa: E402

SAVE = Gio.PasswordSave
SPLICE = Gio.OutputStreamSpliceFlags
READABLE = GObject.ParamFlags.READABLE | GObject.ParamFlags.EXPLICIT_NOTIFY
IMAGE_SIZE = 1 << 20
THUMBNAIL_SIZE = 4096


def pattern(size: int) -> bytes:
    """The picture: byte i is i modulo 251."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def declare(base: type, name: str) -> type:
    """Make a class of this base with the properties and signals of the probe."""

    class Probe(base):
        __gtype_name__ = name
        _progress = 0
        _level = 0.0

        flag = GObject.Property(type=bool, default=False)
        count = GObject.Property(type=int, default=0)
        natural = GObject.Property(type=GObject.TYPE_UINT, maximum=GLib.MAXUINT)
        large = GObject.Property(type=GObject.TYPE_INT64, minimum=GLib.MININT64,
                                 maximum=GLib.MAXINT64)
        huge = GObject.Property(type=GObject.TYPE_UINT64, maximum=GLib.MAXUINT64)
        angle = GObject.Property(type=int, default=0, minimum=0, maximum=359,
                                 blurb="Where the arm stands")
        label = GObject.Property(type=str, default="")
        mode = GObject.Property(type=SAVE, default=SAVE.NEVER)
        parts = GObject.Property(type=SPLICE, default=SPLICE.NONE)
        tags = GObject.Property(type=GObject.TYPE_STRV)
        config = GObject.Property(type=GObject.TYPE_VARIANT)
        video_url = GObject.Property(type=str, default="")
        shutter = GObject.Property(type=float, default=0.01, minimum=0.001, maximum=60.0)

        @GObject.Property(type=float, default=0.0)
        def level(self) -> float:
            """Kept here, since no GObject property can be set to NaN."""
            return self._level

        @level.setter
        def level(self, level: float) -> None:
            self._level = level

        @GObject.Property(type=int, default=0, minimum=0, maximum=100, flags=READABLE)
        def progress(self) -> int:
            """Only the device itself changes it."""
            return self._progress

        @GObject.Signal(arg_types=(str, int))
        def captured(self, name: str, number: int) -> None:
            """One picture was taken."""

        @GObject.Signal
        def ping(self) -> None:
            """Nothing else."""

        @GObject.Signal(arg_types=(bool, GObject.TYPE_UINT, GObject.TYPE_INT64,
                                   GObject.TYPE_UINT64, float, str, GObject.TYPE_STRV,
                                   GObject.TYPE_VARIANT, SAVE, SPLICE))
        def mixed(self, *args: object) -> None:
            """One argument of each type."""

        @GObject.Signal(name="mode-changed", arg_types=(SAVE,))
        def mode_changed(self, mode: SAVE) -> None:
            """The device's own change signal."""

    PlantRpc.type_declare_unit(Probe.__gtype__, "shutter", "s")
    PlantRpc.type_declare_step(Probe.__gtype__, "shutter", 0.25)
    PlantRpc.type_declare_wire_name(Probe.__gtype__, "shutter", "ShutterSpeed")
    return Probe


def declare_methods(template: type) -> None:
    """Declare some of the methods for a template: a GType itself cannot carry them."""
    gtype = template.__gtype__
    PlantRpc.type_declare_method(gtype, "add", "a: i, b: i = 2 -> i", False,
                                 PlantRpc.TIMEOUT_DEFAULT)
    PlantRpc.type_declare_method(gtype, "get_image", "lores: b = false", True,
                                 PlantRpc.TIMEOUT_NONE)


Template = declare(GObject.Object, "TestTemplate")
declare_methods(Template)
