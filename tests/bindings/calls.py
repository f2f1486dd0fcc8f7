# SPDX-License-Identifier: LGPL-2.1-or-later
"""Methods: values, errors, buffers, several at once, cancelled and late ones, all three forms."""

import marshal
import math
from typing import Any

from gi.repository import Gio
from probe import IMAGE_SIZE, SAVE, SPLICE, THUMBNAIL_SIZE, Template, pattern
from talk import (CONNECT_MS, GLib, PlantRpc, Record, Talk, ended, equal, failure, fails, wait)
from values import NESTED

VARIANT = GLib.Variant
TOLD = PlantRpc.TIMEOUT_FROM_SERVER
NONE = PlantRpc.TIMEOUT_NONE
ERROR = PlantRpc.Error
IO = Gio.IOErrorEnum
IO_DOMAIN = "g-io-error-quark"
ECHOES = [VARIANT("b", True), VARIANT("x", GLib.MININT64), VARIANT("t", GLib.MAXUINT64),
          VARIANT("d", 1e300), VARIANT("d", -0.0), VARIANT("s", "a→b"), VARIANT("s", ""),
          VARIANT("av", [VARIANT("s", "x"), VARIANT("av", [])]), NESTED, VARIANT("mv", None)]


def call(client: Any, method: str, signature: str = "()", *args: Any) -> Any:
    """Call with positional arguments and block."""
    return client.call_sync(method, VARIANT(signature, args), None, TOLD, None)


def results(talk: Talk) -> None:
    """Arguments go out and results come back as they were."""
    client = talk.client(Template)
    for value in ECHOES:
        equal(call(client, "echo", "(v)", value), value)
    equal(client.call_sync("echo", VARIANT("av", [NESTED]), None, TOLD, None), NESTED)
    equal(call(client, "add", "(ii)", 2, 3).unpack(), 5)
    equal(call(client, "add", "(i)", 2).unpack(), 4)
    named = VARIANT("a{sv}", {"b": VARIANT("i", 40), "a": VARIANT("i", 2)})
    equal(client.call_sync("add", None, named, TOLD, None).unpack(), 42)
    equal(client.call_sync("nothing", None, None, TOLD, None), VARIANT("mv", None))
    got = client.call_sync("arguments", VARIANT("(is)", (1, "x")),
                           VARIANT("a{sv}", {"y": VARIANT("s", "z")}), TOLD, None)
    equal(got.unpack(), {"args": [1, "x"], "kwargs": {"y": "z"}})


def refused_calls(talk: Talk) -> None:
    """Each way to fail has its own code; what certainly did not run says so."""
    client = talk.client(Template)
    unknown = failure(call, client, "no_such_method")
    assert unknown.matches(ERROR.quark(), ERROR.UNKNOWN_METHOD), repr(unknown)
    assert not ERROR.may_have_run(unknown)
    code = ERROR.INVALID_ARGUMENTS if talk.native else ERROR.REMOTE
    for signature, args in (("()", ()), ("(iii)", (1, 2, 3)), ("(ss)", ("1", 2.0))):
        if talk.native or signature != "(ss)":
            error = failure(client.call_sync, "add", VARIANT(signature, tuple(map(str, args)))
                            if signature == "(ss)" else VARIANT(signature, args), None, TOLD, None)
            assert error.matches(ERROR.quark(), code), repr(error)
    fails(client.read_property_sync, "no-such", None, code=ERROR.UNKNOWN_PROPERTY)
    fails(client.write_property_sync, "no-such", VARIANT("i", 1), None,
          code=ERROR.UNKNOWN_PROPERTY)


def failed_calls(talk: Talk) -> None:
    """A remote failure has its message; the traceback is kept where PyGObject can reach it."""
    client = talk.client(Template)
    error = fails(call, client, "fail", code=ERROR.REMOTE, message="deliberate failure")
    assert ERROR.may_have_run(error)
    # An error of PyGObject carries domain, code and message only.
    assert ERROR.get_traceback(error) is None and ERROR.get_remote_name(error) is None
    fails(call, client, "refuse", code=ERROR.REFUSED if talk.native else ERROR.REMOTE,
          message="not now")
    if not talk.native:
        assert "Refused: not now" in client.get_last_traceback()
        return
    assert client.get_last_traceback() is None
    fails(call, client, "break_down", code=ERROR.REMOTE, message="broke down")
    equal(client.get_last_traceback(), "first line\nsecond line")
    fails(call, client, "crash", code=ERROR.REMOTE, message="deliberate crash")
    error = fails(call, client, "drop", code=ERROR.NO_REPLY)
    assert ERROR.may_have_run(error)


def odd_answers(talk: Talk) -> None:
    """What an old device may answer; and values asked for as buffers, and the reverse."""
    client = talk.client(None)
    fails(client.call_sync, "get_image", None, None, TOLD, None, code=ERROR.INVALID_ARGUMENTS)
    fails(client.call_buffer_sync, "add", VARIANT("(ii)", (1, 2)), None, TOLD, None,
          code=ERROR.INVALID_ARGUMENTS)
    if talk.native:
        return
    equal(call(client, "nan_result"), VARIANT("d", math.nan))
    equal(call(client, "inf_result"),
          VARIANT("av", [VARIANT("d", math.inf), VARIANT("d", -math.inf)]))
    equal(call(client, "big_int").print_(True), f"{{byte 0x00, '{1 << 70}'}}")
    fails(client.call_buffer_sync, "buffer_info_error_key", None, None, TOLD, None,
          code=ERROR.REMOTE, message="this is not a failure")
    assert client.write_property_sync("resolution", VARIANT("(ii)", (800, 600)), None)
    equal(client.read_property_sync("resolution", None),
          VARIANT("av", [VARIANT("x", 800), VARIANT("x", 600)]))


def buffers(talk: Talk) -> None:
    """Bytes with their information, blocking and not."""
    client = talk.client(Template)
    small, info = client.call_buffer_sync("get_image", VARIANT("(b)", (True,)), None, TOLD, None)
    equal(small.get_data(), pattern(THUMBNAIL_SIZE))
    equal(info.unpack(), {"format": "raw", "lores": True})
    result = ended(client.call_buffer, "get_image", None,
                   VARIANT("a{sv}", {"lores": VARIANT("b", False)}), TOLD, None)
    large, info = client.call_buffer_finish(result)
    equal(large.get_data(), pattern(IMAGE_SIZE))
    equal(info.unpack()["lores"], False)
    nothing, info = client.call_buffer_sync("empty", None, None, TOLD, None)
    equal((nothing.get_size(), info.n_children()), (0, 0))
    fails(client.call_buffer_sync, "no_light", None, None, TOLD, None, code=ERROR.REMOTE,
          message="deliberate failure")
    result = ended(client.call_buffer, "no_light", None, None, TOLD, None)
    fails(client.call_buffer_finish, result, code=ERROR.REMOTE)


def several_at_once(talk: Talk) -> None:
    """Several calls under way on one client, each with its own answer."""
    client, got = talk.client(Template), {}

    def done(source: Any, result: Any, number: int) -> None:
        got[number] = source.call_finish(result).unpack()
    for number in range(20):
        method, args = ("later", VARIANT("(s)", (str(number),))) if number % 2 else \
            ("add", VARIANT("(ii)", (number, 0)))
        client.call(method, args, None, TOLD, None, done, number)
    wait(lambda: len(got) == 20, "all answers")
    equal(got, {number: str(number) if number % 2 else number for number in range(20)})


def blocking_method(talk: Talk) -> None:
    """While a method blocks in the device, others are answered."""
    if not talk.native:
        return
    client, got = talk.client(Template), []
    client.call("block", VARIANT("(s)", ("held",)), None, NONE, None,
                lambda source, result: got.append(source.call_finish(result).unpack()))
    equal(call(client, "add", "(ii)", 1, 1).unpack(), 2)
    assert client.read_property_sync("label", None) is not None and not got
    call(client, "unblock")
    wait(lambda: got, "the blocked call")
    equal(got, ["held"])
    equal(call(client, "sender").unpack(), "127.0.0.1")


def given_up(talk: Talk) -> None:
    """A call that is cancelled or takes too long ends; the client goes on."""
    client, cancellable = talk.client(Template), Gio.Cancellable()
    results = []
    client.call("slow", VARIANT("(i)", (500,)), None, TOLD, cancellable,
                lambda source, result: results.append(result))
    cancellable.cancel()
    wait(lambda: results, "the cancelled call")
    error = fails(client.call_finish, results[0], code=IO.CANCELLED, domain=IO_DOMAIN)
    if talk.native:
        wait(lambda: call(client, "cancelled").unpack() >= 1, "the device told of it")
    error = fails(client.call_sync, "slow", VARIANT("(i)", (300,)), None, 50, None,
                  code=IO.TIMED_OUT, domain=IO_DOMAIN)
    assert ERROR.may_have_run(error)
    equal(client.get_state(), PlantRpc.State.SUSPECT)
    equal(call(client, "add", "(ii)", 20, 3).unpack(), 23)
    wait(lambda: client.get_state() == PlantRpc.State.READY, "ready again")
    wait(lambda: client.get_n_late_replies() >= 1, "the late reply")
    equal(client.get_property("n-late-replies"), client.get_n_late_replies())


def cut_off(talk: Talk) -> None:
    """What was sent before the client is closed may have run; some things cannot be."""
    client, results = talk.client(Template), []
    client.call("slow", VARIANT("(i)", (200,)), None, TOLD, None,
                lambda source, result: results.append(result))
    client.close()
    wait(lambda: results, "the call under way")
    error = fails(client.call_finish, results[0], code=ERROR.OUTCOME_UNKNOWN)
    assert ERROR.may_have_run(error)

    client, deep = talk.client(Template), VARIANT("i", 1)
    for _ in range(100):
        deep = VARIANT("av", [deep])
    fails(call, client, "echo", "(v)", deep, code=ERROR.LIMIT)


def three_forms(talk: Talk) -> None:
    """What blocks has a form that does not."""
    client = PlantRpc.Client.new_for_type(Template.__gtype__, talk.url)
    assert client.wait_ready_finish(ended(client.wait_ready, CONNECT_MS, None))
    result = ended(client.write_property, "count", VARIANT("i", 3), None)
    assert client.write_property_finish(result)
    result = ended(client.read_property, "count", None)
    equal(client.read_property_finish(result), VARIANT("i", 3))
    client.set_property("count", 4)
    assert client.flush_finish(ended(client.flush, None))
    equal(client.get_cached_property("count"), VARIANT("i", 4))
    assert client.refresh_finish(ended(client.refresh, None)) and client.refresh_sync(None)
    result = ended(client.call, "add", VARIANT("(ii)", (1, 2)), None, TOLD, None)
    equal(client.call_finish(result).unpack(), 3)
    result = ended(client.call, "fail", None, None, TOLD, None)
    fails(client.call_finish, result, code=ERROR.REMOTE, message="deliberate failure")
    result = ended(client.write_property, "label", VARIANT("s", "forbidden"), None)
    fails(client.write_property_finish, result,
          code=ERROR.REFUSED if talk.native else ERROR.REMOTE)


def unreadable(talk: Talk) -> None:
    """A property that the device cannot read is an error, and one that takes its time is told."""
    if not talk.native:
        return
    client = talk.client(Template)
    label = client.lookup_property("label")
    assert client.write_property_sync("label", VARIANT("s", "unreadable"), None)
    fails(client.read_property_sync, "label", None, code=ERROR.REFUSED,
          message="the label is hidden")
    equal((label.get_state(), label.get_message()),
          (PlantRpc.PropertyState.STALE, "the label is hidden"))
    other = PlantRpc.Client.new_for_type(Template.__gtype__, talk.url)
    assert other.wait_ready_sync(CONNECT_MS, None)
    equal(other.lookup_property("label").get_message(), "the label is hidden")
    equal(other.lookup_property("count").get_state(), PlantRpc.PropertyState.CURRENT)
    for text in ("late", ""):
        assert client.write_property_sync("label", VARIANT("s", text), None)
        equal(client.read_property_sync("label", None), VARIANT("s", text))
        equal((label.get_state(), label.get_message()), (PlantRpc.PropertyState.CURRENT, None))
    other.close()


def signals(talk: Talk) -> None:
    """Signals arrive in order, with arguments of their types."""
    client = talk.listener(Template)
    shots, pings = Record(client, "captured"), Record(client, "ping")
    mixed, generic = Record(client, "mixed"), Record(client, "signal-received::captured")
    lost = Record(client, "signals-lost")
    wrong = Record(client, "protocol-error")
    count = 500 if talk.native else 10
    call(client, "shoot", "(i)", count)
    assert not shots, "a signal from inside a blocking call"
    call(client, "mix")
    wait(lambda: shots and shots[-1][1] == count - 1 and pings and mixed, "the signals")
    if talk.native:
        equal([index for name, index in shots], list(range(count)))
    else:
        # The old servers send each signal once for each client that ever came.
        equal(sorted(set(shots)), [("shot", index) for index in range(count)])
    equal(generic[0][1].unpack(), ["shot", 0])
    equal(len(generic), len(shots))
    *most, variant, mode, parts = mixed[0]
    equal(most, [True, GLib.MAXUINT, -1 << 52, 1 << 52, -0.5, "a→b", ["x", ""]])
    equal((variant.unpack() if talk.native else tuple(variant.unpack())), ("y", 1.5))
    equal((mode, parts), (SAVE.FOR_SESSION, SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET))
    assert not lost and not wrong


def stopping(talk: Talk) -> None:
    """A device is stopped by a client where it permits that; calls then end."""
    client = talk.client(Template)
    if talk.native:
        fails(client.stop_server_sync, None, code=ERROR.REFUSED)
        fails(client.stop_server_finish, ended(client.stop_server, None), code=ERROR.REFUSED)
        call(client, "let_stop", "(b)", True)
    result = ended(client.stop_server, None)
    assert client.stop_server_finish(result)
    wait(lambda: client.get_state() in (PlantRpc.State.DISCONNECTED, PlantRpc.State.CONNECTING),
         "disconnected")
    equal(client.lookup_property("count").get_state(), PlantRpc.PropertyState.STALE)
    error = failure(client.call_sync, "add", VARIANT("(i)", (1,)), None, 100, None)
    assert error.matches(ERROR.quark(), ERROR.NOT_SENT), repr(error)
    assert not ERROR.may_have_run(error)
    client.close()
    wait(lambda: client.get_property("state") == PlantRpc.State.CLOSED, "closed")
    fails(call, client, "add", "(i)", 1, code=ERROR.CLOSED)
    fails(client.wait_ready_sync, 100, None, code=ERROR.CLOSED)


def in_one_step(talk: Talk) -> None:
    """What the override does: a call, a write and a read in marshal, with their errors."""
    client = talk.client(Template)

    def called(method: str, *args: Any) -> Any:
        return client.call_marshal_sync(method, marshal.dumps((args, {}), 2), TOLD, None)
    equal(marshal.loads(called("add", 2, 3)), (5,))
    equal(marshal.loads(called("echo", "ä")), ("ä",))
    domain, code, message, traceback = marshal.loads(called("fail"))
    equal((domain, code), (GLib.quark_to_string(ERROR.quark()), int(ERROR.REMOTE)))
    assert "deliberate failure" in message and (talk.native or "fail" in traceback), traceback
    if talk.native:
        equal(marshal.loads(called("break_down"))[3], "first line\nsecond line")
    assert not called("echo", b"x"), "bytes are made piece by piece"

    equal(marshal.loads(client.write_marshal_sync("count", marshal.dumps(5, 2), None)), (None,))
    equal(marshal.loads(client.read_marshal_sync("count", None)), (5,))
    for misfit in ("x", 1.5, b"x"):
        assert not client.write_marshal_sync("count", marshal.dumps(misfit, 2), None)
    assert not client.read_marshal_sync("mode", None), "Python has an enumeration of its own"
    assert not client.read_marshal_sync("absent", None)


def in_json(talk: Talk) -> None:
    """What the override for JavaScript does: a call in JSON."""
    client = talk.client(Template)

    def called(method: str, args: str | None, kwargs: str | None = None) -> Any:
        return tuple(client.call_json_sync(method, args, kwargs, TOLD, None))
    equal(called("add", "[2, 3]"), ("5", None))
    equal(called("add", "[2]", '{"b": 3}'), ("5", None))
    equal(called("echo", '["ä"]'), ('"ä"', None))
    told, rest = called("echo", f"[{2**53 + 1}]")
    equal((told, rest.unpack()), (None, 2**53 + 1))
    for args, kwargs in (("[", None), ("{}", None), ("[2]", "[]"), ("[2]", "{")):
        equal(called("add", args, kwargs), (None, None))
    failed = fails(called, "fail", None, code=ERROR.REMOTE)
    assert "deliberate failure" in failed.message, failed


STEPS = [results, refused_calls, failed_calls, odd_answers, buffers, several_at_once,
         blocking_method, given_up, cut_off, three_forms, unreadable,
         signals, in_one_step, in_json]
LAST = [stopping]
