# SPDX-License-Identifier: LGPL-2.1-or-later
"""How clients come to be: discovered, plain, of a template, subclassed, of a description."""

import marshal
import tempfile
from typing import Any

from gi.repository import Gio
from calls import TOLD, VARIANT, call
from probe import SAVE, Template
from talk import (CONNECT_MS, GLib, GObject, PlantRpc, Record, Talk, ended, equal, fails, wait)

ERROR = PlantRpc.Error
Info = PlantRpc.InterfaceInfo
NATIVE_TYPES = {
    "flag": "gboolean", "count": "gint", "natural": "guint", "large": "gint64", "huge": "guint64",
    "level": "gdouble", "angle": "gint", "label": "gchararray", "tags": "GStrv",
    "config": "GVariant", "video-url": "gchararray", "shutter": "gdouble", "progress": "gint"}
# An old peer tells names only: the kind of each value may be another later.
OLD_TYPES = dict.fromkeys(("flag", "count", "large", "level", "angle", "mode", "video-url",
                           "progress"), "PlantRpcUntyped")


class Wrong(GObject.Object):
    """A template that is not the device's: one member too many, one of another type."""

    __gtype_name__ = "TestWrong"
    label = GObject.Property(type=int, default=7)
    nowhere = GObject.Property(type=str, default="here")
    angle = GObject.Property(type=int, default=0)

    @GObject.Signal
    def never(self) -> None:
        """No device sends it."""


def discovered(talk: Talk) -> None:
    """A client of a type made for the device that answers."""
    result = ended(PlantRpc.Client.discover, talk.url, CONNECT_MS, None)
    client = PlantRpc.Client.discover_finish(result)
    other = PlantRpc.Client.discover_sync(talk.url, CONNECT_MS, None)
    assert type(client) is type(other) and type(client) is not PlantRpc.Client
    types = {spec.name: spec.value_type.name for spec in client.list_properties()}
    for name, expected in (NATIVE_TYPES if talk.native else OLD_TYPES).items():
        remote = "shutter-speed" if name == "shutter" and name not in types else name
        equal(types[remote], expected, name)
    equal(client.get_wire(), talk.wire)
    equal(client.get_state(), PlantRpc.State.READY)

    told = Record(other, "notify::video-url")
    client.set_property("video-url", "rtsp://discovered")
    client.flush_sync(None)
    # The values of the discovery are notified, too.
    wait(lambda: told and other.get_property("video-url") == "rtsp://discovered",
         "the other client")
    call(client, "change", "(sv)", "mode", VARIANT("s", "permanently"))
    client.refresh_sync(None)
    equal(client.lookup_property("mode").dup_value(), VARIANT("s", "permanently"))
    if talk.native:
        equal(int(client.get_property("mode")), int(SAVE.PERMANENTLY))
        equal(client.lookup_property("shutter").get_unit(), "s")
        shots = Record(client, "captured")
        call(client, "shoot", "(i)", 2)
        wait(lambda: len(shots) == 2, "the signals")
        equal(shots[1], ("shot", 1))


def kept(talk: Talk) -> None:
    """A discovery goes on until it has a client of the right type."""
    discovery = PlantRpc.Discovery.new(talk.url)
    told = Record(discovery, "notify::client")
    equal((discovery.get_url(), discovery.get_device(), discovery.get_registry_url()),
          (talk.url, None, None))
    wait(lambda: discovery.get_client(), "the client")
    wait(lambda: told, "its notification")
    client = discovery.get_property("client")
    assert client is discovery.get_client() and type(client) is not PlantRpc.Client
    assert client.is_ready() and discovery.get_last_error() is None
    discovery.close()
    assert discovery.get_client() is None
    equal(client.get_state(), PlantRpc.State.CLOSED)
    nowhere = PlantRpc.Discovery.new_for_device("tcp://127.0.0.1:1", "camera")
    equal((nowhere.get_device(), nowhere.get_registry_url()), ("camera", "tcp://127.0.0.1:1"))
    equal(nowhere.get_property("registry-url"), "tcp://127.0.0.1:1")
    wait(lambda: nowhere.get_last_error(), "the reason")
    assert nowhere.get_client() is None
    nowhere.close()


def nobody_there(talk: Talk) -> None:
    """Waiting for a device that does not come ends; so does an address that is none."""
    nowhere = "tcp://127.0.0.1:1"
    fails(PlantRpc.Client.discover_sync, nowhere, 50, None, domain="g-io-error-quark",
          code=Gio.IOErrorEnum.TIMED_OUT)
    fails(PlantRpc.Client.discover_sync, "no url", 50, None, code=ERROR.INVALID_URL)
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    result = ended(PlantRpc.Client.discover, nowhere, CONNECT_MS, cancellable)
    fails(PlantRpc.Client.discover_finish, result, domain="g-io-error-quark",
          code=Gio.IOErrorEnum.CANCELLED)
    client = PlantRpc.Client.new("no url")
    assert client.get_last_error().matches(ERROR.quark(), ERROR.INVALID_URL)
    assert client.get_property("last-error").matches(ERROR.quark(), ERROR.INVALID_URL)


def plain(talk: Talk) -> None:
    """A plain client does everything by name."""
    client = talk.listener(None)
    assert type(client) is PlantRpc.Client
    heard = Record(client, "signal-received")
    assert client.write_property_sync("video_url", VARIANT("s", "rtsp://plain"), None)
    equal(client.read_property_sync("video-url", None), VARIANT("s", "rtsp://plain"))
    equal(client.get_cached_property("video_url"), VARIANT("s", "rtsp://plain"))
    equal(client.lookup_property("video-url").get_wire_name(), "video_url")
    assert client.lookup_property("no-such") is None
    equal(call(client, "add", "(ii)", 30, 4).unpack(), 34)
    call(client, "shoot", "(i)", 1)
    wait(lambda: any(name == "captured" for name, args in heard), "captured")
    name, args = next(item for item in heard if item[0] == "captured")
    equal(args.unpack(), ["shot", 0])


def mismatch(talk: Talk) -> None:
    """What the device lacks is listed, what does not fit is reported, and the rest works."""
    client = PlantRpc.Client.new_for_type(Wrong.__gtype__, talk.url)
    wrong = Record(client, "protocol-error")
    client.wait_ready_sync(CONNECT_MS, None)
    equal(client.get_state(), PlantRpc.State.MISMATCH)
    assert client.is_ready() and client.props.ready and not client.is_context_owner()
    assert PlantRpc.State.is_ready(client.get_state())
    assert not PlantRpc.State.is_ready(PlantRpc.State.SUSPECT)
    # An old device does not tell that its label is no number.
    missing = ["label", "never", "nowhere"] if talk.native else ["never", "nowhere"]
    equal(sorted(client.get_missing()), missing)
    equal(sorted(client.get_property("missing")), missing)
    wait(lambda: wrong, "protocol-error")
    assert wrong[0][0].matches(ERROR.quark(), ERROR.PROTOCOL)
    assert client.get_n_dropped() >= 1
    equal(client.get_property("n-dropped"), client.get_n_dropped())
    equal((client.get_property("label"), client.get_property("nowhere")), (7, "here"))
    client.set_property("angle", 123)
    client.flush_sync(None)
    equal(client.read_property_sync("angle", None), VARIANT("i", 123))


def subclass(talk: Talk) -> None:
    """The type of a client is subclassed as any other."""
    gtype = PlantRpc.Client.type_for_type(Template.__gtype__)
    equal(gtype, PlantRpc.Client.type_for_type(Template.__gtype__))
    runtime = type(GObject.new(gtype))
    equal(gtype.pytype, runtime)

    class Camera(runtime):
        __gtype_name__ = "TestCamera"
        local = GObject.Property(type=str, default="mine")

        def turn(self, angle: int) -> None:
            """Turn, and say so."""
            self.set_property("angle", angle)
            self.local = f"turned to {self.props.angle}"

    camera = Camera(url=talk.url, timeout=1500)
    assert camera.wait_ready_sync(CONNECT_MS, None)
    equal(camera.get_state(), PlantRpc.State.READY)
    camera.turn(200)
    camera.flush_sync(None)
    equal((camera.local, camera.get_timeout()), ("turned to 200", 1500))
    equal(camera.read_property_sync("angle", None), VARIANT("i", 200))
    equal(camera.get_missing(), [])


def interfaces(talk: Talk) -> None:
    """A description is read from a type, from text, from a file and from the device."""
    info = Info.new_for_type(Template.__gtype__)
    text = info.to_json()
    assert Info.new_from_json(text).equal(info)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        assert Info.new_from_file(Gio.File.new_for_path(file.name)).equal(info)
    fails(Info.new_from_json, "{", code=ERROR.INVALID_INTERFACE)
    read = Info.new_from_json(text)
    gtype = PlantRpc.Client.type_for_interface(read)
    equal(gtype, PlantRpc.Client.type_for_interface(Info.new_from_json(text)))
    client = PlantRpc.Client.new_for_interface(read, talk.url)
    equal(client.__gtype__, gtype)
    assert client.wait_ready_sync(CONNECT_MS, None)
    live = client.get_interface()
    equal(sorted(live.list_properties()) == sorted(info.list_properties()), talk.native)
    assert not live.equal(info)
    equal(live.list_methods(), client.get_property("interface").list_methods())
    assert "echo" in live.list_methods() and "captured" in live.list_signals()


def members(talk: Talk) -> None:
    """Methods, properties and signals are described one by one."""
    info = Info.new_for_type(Template.__gtype__)
    add, image = info.lookup_method("add"), info.lookup_method("get-image")
    equal((add.get_name(), add.get_signature(), add.get_buffer(), add.get_timeout()),
          ("add", "a: i, b: i = 2 -> i", False, PlantRpc.TIMEOUT_DEFAULT))
    equal((add.get_return_type(), image.get_return_type()), ("i", None))
    assert image.get_buffer() and image.get_timeout() == PlantRpc.TIMEOUT_NONE
    first, second = [add.get_parameter(index) for index in range(add.get_n_parameters())]
    equal((first.get_name(), first.get_type_string(), first.get_default()), ("a", "i", None))
    equal((second.get_name(), second.get_default()), ("b", VARIANT("i", 2)))
    assert add.get_parameter(2) is None
    assert info.lookup_method("no_such") is None

    angle, mode = info.lookup_property("angle"), info.lookup_property("mode")
    shutter = info.lookup_property("shutter")
    equal((shutter.get_name(), shutter.get_wire_name(), shutter.get_unit()),
          ("shutter", "ShutterSpeed", "s"))
    equal((shutter.get_step(), angle.get_step()), (0.25, 0.0))
    equal((angle.get_type_string(), angle.get_readable(), angle.get_writable()),
          ("i", True, True))
    equal((angle.get_minimum().unpack(), angle.get_maximum().unpack()), (0, 359))
    equal((angle.get_default().unpack(), shutter.get_default().unpack()), (0, 0.01))
    equal(angle.get_description(), "Where the arm stands")
    equal((angle.get_change_signal(), mode.get_change_signal()), ("angleChanged", "modeChanged"))
    equal(mode.get_choices(), ["never", "for-session", "permanently"])
    assert not info.lookup_property("progress").get_writable()
    equal(angle.fit_value(VARIANT("x", 5)), VARIANT("i", 5))
    equal(mode.fit_value(VARIANT("s", "FOR_SESSION")).get_string(), "for-session")
    fails(angle.fit_value, VARIANT("x", 360), code=ERROR.INVALID_VALUE)
    spec = angle.create_param_spec()
    equal((spec.name, spec.value_type, spec.default_value), ("angle", GObject.TYPE_INT, 0))
    save = Gio.PasswordSave.FOR_SESSION
    equal(tuple(PlantRpc.value_from_variant(VARIANT("s", "for-session"), save.__gtype__)),
          (True, save))
    fails(PlantRpc.value_from_variant, VARIANT("s", "5"), GObject.TYPE_INT,
          code=ERROR.INVALID_VALUE)
    equal(PlantRpc.value_to_variant(save), VARIANT("s", "for-session"))
    equal(PlantRpc.value_from_json('{"a": [1, 1.0]}').unpack(), {"a": [1, 1.0]})
    equal(PlantRpc.value_to_json(VARIANT("as", ["x", "→"])), '["x","→"]')
    equal(PlantRpc.value_from_marshal(marshal.dumps(["x", 5], 2)).unpack(), ["x", 5])
    equal(PlantRpc.value_from_marshal(marshal.dumps(b"x", 2)), None)
    equal(marshal.loads(PlantRpc.value_to_marshal(VARIANT("(sd)", ("x", 0.5)))), ("x", 0.5))

    shot = info.lookup_signal("captured")
    equal((shot.get_name(), shot.get_wire_name(), shot.get_signature()),
          ("captured", "captured", "(si)"))
    change = info.lookup_signal("modeChanged")
    equal((change.get_name(), change.get_property(), change.get_implicit()),
          ("mode-changed", "mode", False))
    equal((shot.get_property(), shot.get_implicit()), (None, False))
    good = shot.validate_args(VARIANT("(si)", ("x", 1)), False)
    equal(good.get_type_string(), "av")
    fails(shot.validate_args, VARIANT("(ss)", ("x", "45")), False, code=ERROR.INVALID_ARGUMENTS)
    equal(shot.validate_args(VARIANT("(ss)", ("x", "45")), True).unpack(), ["x", 45])


class Beside(GObject.Object):
    """What is declared beside a GParamSpec."""

    size = GObject.Property(type=GObject.TYPE_VARIANT)
    level = GObject.Property(type=int)


def beside(talk: Talk) -> None:
    """A declared variant type and access are those of the property, and the nearest one counts."""
    del talk
    gtype = Beside.__gtype__
    PlantRpc.type_declare_variant_type(gtype, "size", "(ii)")
    for read_only in (True, False):
        PlantRpc.type_declare_read_only(gtype, "level", read_only)
        info = PlantRpc.InterfaceInfo.new_for_type(gtype)
        equal(info.lookup_property("size").get_type_string(), "(ii)")
        equal(info.lookup_property("level").get_writable(), not read_only)


def losing_signals(talk: Talk) -> None:
    """A client that does not look loses signals, is told how many, and goes on."""
    if not talk.native:
        return
    client, number = talk.client(Template), 40
    shots, lost = Record(client, "captured"), Record(client, "signals-lost")
    call(client, "flood", "(i)", number)
    wait(lambda: len(shots) + sum(count for count, in lost) == number, "all are accounted for")
    assert lost and shots
    call(client, "shoot", "(i)", 1)
    wait(lambda: shots[-1] == ("shot", 0), "signals go on")


STEPS: list[Any] = [discovered, kept, nobody_there, plain, mismatch, subclass, interfaces, members,
                    beside, losing_signals]
