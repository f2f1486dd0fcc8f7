# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties: every kind of value, changes from both sides, refusals, and widgets."""

from typing import Any

from probe import SAVE, SPLICE, Template
from talk import GLib, GObject, PlantRpc, Record, Talk, equal, fails, same, wait

NAN = float("nan")
VARIANT = GLib.Variant
NESTED = VARIANT("a{sv}", {"size": VARIANT("av", [VARIANT("x", 640), VARIANT("x", 480)]),
                           "name": VARIANT("s", "α"), "deep": VARIANT(
                               "a{sv}", {"on": VARIANT("b", True), "off": VARIANT("mv", None)})})
VALUES: dict[str, list[Any]] = {
    "flag": [True, False],
    "count": [GLib.MAXINT, GLib.MININT, -1],
    "natural": [GLib.MAXUINT, 7],
    "large": [GLib.MAXINT64, GLib.MININT64, (1 << 53) + 1],
    "huge": [GLib.MAXUINT64, GLib.MAXINT64 + 1, (1 << 53) + 1],
    "level": [1e300, -0.5, 5e-324, 3.0, -0.0, 0.1],
    "angle": [359, 90],
    "label": ["plant", "", "a→b 🌱 \"\\\n", None, "x" * 100000],
    "mode": [SAVE.PERMANENTLY, SAVE.FOR_SESSION],
    "parts": [SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET, SPLICE.NONE, SPLICE.CLOSE_TARGET],
    "tags": [["one", "", "zwei→"], [], ["x"]],
    "config": [NESTED, VARIANT("x", 5), VARIANT("av", []), VARIANT("d", 1.5),
               VARIANT("s", "text"), VARIANT("mv", None)],
    "video-url": ["rtsp://camera/1"],
    "shutter": [0.5, 60.0, 0.001]}


class Widget(GObject.Object):
    """Stands for what a window would bind."""

    __gtype_name__ = "TestWidget"
    text = GObject.Property(type=str, default="")
    number = GObject.Property(type=int, default=0)


def before_ready(talk: Talk) -> None:
    """A typed client exists at once, with the declared defaults."""
    client = PlantRpc.Client.new_for_type(Template.__gtype__, talk.url)
    assert client.get_state() in (PlantRpc.State.DISCONNECTED, PlantRpc.State.CONNECTING)
    equal(client.get_property("shutter"), 0.01)
    equal(client.get_property("mode"), SAVE.NEVER)
    assert client.get_cached_property("angle") is None
    equal(client.lookup_property("angle").get_state(), PlantRpc.PropertyState.UNSET)
    assert client.get_interface() is None and client.get_name() is None
    equal(client.get_wire(), PlantRpc.Wire.UNKNOWN)

    failed = Record(client, "write-failed")
    client.set_property("label", "too early")
    assert not failed, "refused from inside the setter"
    wait(lambda: failed, "write-failed")
    assert failed[0][1].matches(PlantRpc.Error.quark(), PlantRpc.Error.NOT_SENT)
    states = Record(client, "notify::state")
    wait(lambda: states and client.get_state() == PlantRpc.State.READY, "ready")
    client.close()


def what_is_known(talk: Talk) -> None:
    """What a ready client tells of the other side."""
    client = talk.client(Template)
    equal(client.get_state(), PlantRpc.State.READY)
    equal(client.get_wire(), talk.wire)
    equal(client.get_property("wire"), talk.wire)
    equal(client.get_url(), talk.url)
    equal(client.get_property("url"), talk.url)
    equal(client.get_missing(), [])
    assert client.get_last_error() is None and client.get_property("last-error") is None
    equal(client.get_name(), "probe" if talk.native else "")
    equal((client.get_own_address(), client.get_peer_address()), ("127.0.0.1",) * 2)
    equal((client.get_property("own-address"), client.get_property("peer-address")),
          ("127.0.0.1",) * 2)
    equal(client.get_timeout(), 1000)
    client.set_timeout(2500)
    equal(client.get_property("timeout"), 2500)
    equal(client.get_property("receive-signals"), True)
    equal(client.get_property("legacy"), False)
    equal(client.get_heartbeat_interval(), 2000)
    client.set_heartbeat_interval(0)
    equal(client.get_property("heartbeat-interval"), 0)
    equal(client.get_property_timeout(), 10000)
    client.set_property_timeout(2000)
    equal(client.get_property("property-timeout"), 2000)
    equal(client.get_send_timeout(), PlantRpc.TIMEOUT_NONE)
    client.set_send_timeout(500)
    equal(client.get_property("send-timeout"), 500)
    assert client.get_n_dropped() == 0 and client.get_n_late_replies() == 0
    assert "video-url" in client.get_interface().list_properties()


def beyond(remote: PlantRpc.Property, value: Any) -> bool:
    """Whether the device says that it cannot take the value: GJS has integers of 53 bits."""
    return isinstance(value, int) and not remote.get_minimum() <= value <= remote.get_maximum()


def every_value(talk: Talk) -> None:
    """Each value goes out by the GObject property and comes back as it was."""
    client, other = talk.client(Template), talk.client(Template)
    failed = Record(client, "write-failed")
    for name, values in VALUES.items():
        remote = client.lookup_property(name)
        for value in values:
            if beyond(remote, value):
                fails(client.write_property_sync, name, VARIANT("t", value) if value > 0 else
                      VARIANT("x", value), None, code=PlantRpc.Error.INVALID_VALUE)
                continue
            told = Record(client, f"notify::{name}")
            client.set_property(name, value)
            equal(client.get_property(name), value, f"{name} at once")
            assert told, f"{name} was not notified"
            client.flush_sync(None)
            equal(client.get_property(name), value, name)
            equal(remote.get_state(), PlantRpc.PropertyState.CURRENT)
            equal(client.read_property_sync(name, None).print_(True),
                  remote.dup_value().print_(True), name)
            wait(lambda: same(other.get_property(name), value), f"{name} seen by another client")
            told.stop()
    assert not failed, failed


def change_of_the_device(talk: Talk) -> None:
    """What the device changes by itself is notified, and heard as a signal."""
    client = talk.listener(Template)
    modes, urls = Record(client, "mode-changed"), Record(client, "notify::video-url")
    progress = Record(client, "notify::progress")
    for name, value in (("progress", VARIANT("i", 42)), ("mode", VARIANT("s", "never")),
                        ("mode", VARIANT("s", "permanently")),
                        ("video_url", VARIANT("s", "rtsp://elsewhere"))):
        client.call_sync("change", VARIANT("(sv)", (name, value)), None, 0, None)
    wait(lambda: progress and urls and modes, "the changes")
    equal(client.get_property("progress"), 42)
    equal(client.get_property("video-url"), "rtsp://elsewhere")
    equal(client.props.mode, SAVE.PERMANENTLY)
    wait(lambda: modes[-1] == (SAVE.PERMANENTLY,), "mode-changed")


def no_number(talk: Talk) -> None:
    """A device may have NaN; it stands in no GObject property, and who asks for it gets it."""
    client, told = talk.client(Template), []
    level = client.lookup_property("level")
    client.connect("notify::level", lambda *args: told.append(client.get_property("level")))
    for value in (2.0, NAN, NAN, 2.5):
        client.call_sync("change", VARIANT("(sv)", ("level", VARIANT("s", str(value)))), None, 0,
                         None)
        client.refresh_sync(None)
        wait(lambda: (level.get_error() is None) == (value == value), "level")
        assert same(client.read_property_sync("level", None).get_double(), value)
        equal(level.get_state() == PlantRpc.PropertyState.CURRENT, value == value)
        equal(client.get_property("level"), value if value == value else 2.0)
        assert value == value or level.get_property("error").matches(
            PlantRpc.Error.quark(), PlantRpc.Error.PROTOCOL)
    assert level.get_error() is None
    wait(lambda: told and told[-1] == 2.5, "the number again")
    assert not any(value != value for value in told)
    if talk.native:
        equal(client.call_sync("echo", VARIANT("(d)", (NAN,)), None, 0, None).print_(True), "nan")


def refusals(talk: Talk) -> None:
    """A refused write is taken back, with its reason, from a later turn of the loop."""
    client = talk.client(Template)
    refused = PlantRpc.Error.REFUSED if talk.native else PlantRpc.Error.REMOTE
    client.write_property_sync("label", VARIANT("s", "good"), None)
    remote, failed = client.lookup_property("label"), Record(client, "write-failed")
    client.set_property("label", "forbidden")
    equal(client.get_property("label"), "forbidden")
    equal(remote.get_state(), PlantRpc.PropertyState.PENDING)
    wait(lambda: failed, "write-failed")
    wait(lambda: client.get_property("label") == "good", "the label taken back")
    equal(failed[0][0], "label")
    assert failed[0][1].matches(PlantRpc.Error.quark(), refused)
    equal(failed[0][1].message, "the label is forbidden")
    equal(remote.get_message(), "the label is forbidden")
    equal(remote.get_property("message"), "the label is forbidden")
    assert remote.get_refusal().matches(PlantRpc.Error.quark(), refused)
    assert remote.get_property("refusal").matches(PlantRpc.Error.quark(), refused)

    client.set_property("label", "better")
    client.flush_sync(None)
    assert remote.get_message() is None and remote.get_refusal() is None
    fails(client.write_property_sync, "label", VARIANT("s", "forbidden"), None, code=refused)
    assert talk.native or "Refused" in client.get_last_traceback()
    fails(client.write_property_sync, "progress", VARIANT("i", 5), None,
          code=PlantRpc.Error.NOT_WRITABLE if talk.native else PlantRpc.Error.REMOTE)
    fails(client.write_property_sync, "angle", VARIANT("i", 360), None,
          code=PlantRpc.Error.INVALID_VALUE if talk.native else PlantRpc.Error.REMOTE)


def decided_later(talk: Talk) -> None:
    """A device may take its time over a write, refuse it then, or make another value of it."""
    client = talk.client(Template)
    failed = Record(client, "write-failed")
    for written, stands in ((13, 13), (14, 13), (15, 16)):
        client.set_property("count", written)
        client.flush_sync(None)
        equal(client.get_property("count"), stands)
    wait(lambda: failed, "write-failed")
    equal([(name, error.message) for name, error in failed],
          [("count", "no, on second thoughts")])


def widgets(talk: Talk) -> None:
    """Two widgets bound both ways follow an edit, a refusal and the device."""
    client = talk.client(Template)
    client.write_property_sync("label", VARIANT("s", "begin"), None)
    one, two = Widget(), Widget()
    flags = GObject.BindingFlags.BIDIRECTIONAL | GObject.BindingFlags.SYNC_CREATE
    for widget in (one, two):
        client.bind_property("label", widget, "text", flags)
        client.bind_property("angle", widget, "number", flags)
    equal((one.text, two.text), ("begin", "begin"))
    one.text = "edited"
    equal(two.text, "edited")
    two.number = 77
    equal(one.number, 77)
    client.flush_sync(None)
    equal(client.read_property_sync("label", None).get_string(), "edited")
    equal(client.read_property_sync("angle", None).unpack(), 77)
    one.text = "forbidden"
    wait(lambda: one.text == "edited" and two.text == "edited", "both widgets back")
    client.call_sync("change", VARIANT("(sv)", ("label", VARIANT("s", "device"))), None, 0, None)
    wait(lambda: one.text == "device" and two.text == "device", "both widgets follow")


def beside_the_value(talk: Talk) -> None:
    """What belongs beside a value in a window: state, access, limits, unit, description."""
    client = talk.client(Template)
    angle, shutter = client.lookup_property("angle"), client.lookup_property("ShutterSpeed")
    progress = client.lookup_property("progress")
    equal(angle.get_name(), "angle")
    equal((shutter.get_name(), shutter.get_wire_name()), ("shutter", "ShutterSpeed"))
    equal(shutter.get_property("name"), "shutter")
    equal(shutter.get_property("wire-name"), "ShutterSpeed")
    equal((angle.get_minimum(), angle.get_maximum()), (0.0, 359.0))
    equal((angle.get_property("minimum"), angle.get_property("maximum")), (0.0, 359.0))
    equal((angle.get_max_rate(), angle.get_property("max-rate")), (0.0, 0.0))
    angle.set_max_rate(5)
    equal(angle.get_property("max-rate"), 5.0)
    angle.set_property("max-rate", 0.5)
    equal(angle.get_max_rate(), 0.5)
    angle.set_max_rate(0)
    equal(angle.get_description(), "Where the arm stands")
    equal(angle.get_property("description"), "Where the arm stands")
    equal((shutter.get_unit(), shutter.get_property("unit")), ("s", "s"))
    assert angle.get_unit() is None
    equal((shutter.get_step(), shutter.get_property("step"), angle.get_step()), (0.25, 0.25, 0.0))
    assert angle.get_writable() and angle.get_property("writable")
    assert not progress.get_writable()

    states, values = Record(angle, "notify::state"), Record(angle, "notify::value")
    client.set_property("angle", (client.get_property("angle") + 1) % 360)
    equal(angle.get_property("state"), PlantRpc.PropertyState.PENDING)
    wait(lambda: len(states) == 2 and values, "notified")
    equal(angle.get_state(), PlantRpc.PropertyState.CURRENT)
    equal(angle.get_property("value").unpack(), client.get_property("angle"))
    equal(angle.dup_value().unpack(), client.get_property("angle"))
    client.close()
    wait(lambda: not angle.get_writable(), "not writable any more")
    equal(angle.get_state(), PlantRpc.PropertyState.STALE)


STEPS = [before_ready, what_is_known, every_value, change_of_the_device, no_number, refusals,
         decided_later, widgets, beside_the_value]
