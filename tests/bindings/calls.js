// SPDX-License-Identifier: LGPL-2.1-or-later
// Methods: values, errors, buffers, several at once, cancelled and late ones, all three forms.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {IMAGE_SIZE, MAXUINT, THUMBNAIL_SIZE, pattern} from './probe.js';
import {CONNECT_MS, assert, ended, equal, failure, fails, record, wait} from './talk.js';
import {Interface, NESTED, Template, call, nothing, variant} from './values.js';

const TOLD = PlantRpc.TIMEOUT_FROM_SERVER;
const NONE = PlantRpc.TIMEOUT_NONE;
const ERROR = PlantRpc.Error;
const IO = Gio.IOErrorEnum;
const SPLICE = Gio.OutputStreamSpliceFlags;

const parse = text => GLib.Variant.parse(null, text, null, null);
const ECHOES = [variant('b', true), parse('int64 -9223372036854775808'),
    parse('uint64 18446744073709551615'), variant('d', 1e300), variant('d', -0),
    variant('s', 'a→b'), variant('s', ''),
    variant('av', [variant('s', 'x'), variant('av', [])]), NESTED, nothing()];

// Arguments go out and results come back as they were.
function results(talk) {
    const client = talk.client(Template);
    for (const value of ECHOES)
        equal(call(client, 'echo', '(v)', [value]), value);
    equal(client.call_sync('echo', variant('av', [NESTED]), null, TOLD, null), NESTED);
    equal(call(client, 'add', '(ii)', [2, 3]).deepUnpack(), 5);
    equal(call(client, 'add', '(i)', [2]).deepUnpack(), 4);
    const named = variant('a{sv}', {b: variant('i', 40), a: variant('i', 2)});
    equal(client.call_sync('add', null, named, TOLD, null).deepUnpack(), 42);
    equal(client.call_sync('nothing', null, null, TOLD, null), nothing());
    const got = client.call_sync('arguments', variant('(is)', [1, 'x']),
        variant('a{sv}', {y: variant('s', 'z')}), TOLD, null);
    equal(got.recursiveUnpack(), {args: [1, 'x'], kwargs: {y: 'z'}});
}

// Each way to fail has its own code; what certainly did not run says so.
function refusedCalls(talk) {
    const client = talk.client(Template);
    const unknown = fails(() => call(client, 'no_such_method'), ERROR, ERROR.UNKNOWN_METHOD);
    assert(!ERROR.may_have_run(unknown), 'it ran');
    const code = talk.native ? ERROR.INVALID_ARGUMENTS : ERROR.REMOTE;
    fails(() => call(client, 'add'), ERROR, code);
    fails(() => call(client, 'add', '(iii)', [1, 2, 3]), ERROR, code);
    if (talk.native)
        fails(() => call(client, 'add', '(ss)', ['1', '2']), ERROR, code);
    fails(() => client.read_property_sync('no-such', null), ERROR, ERROR.UNKNOWN_PROPERTY);
    fails(() => client.write_property_sync('no-such', variant('i', 1), null), ERROR,
        ERROR.UNKNOWN_PROPERTY);
}

// A remote failure has its message, its traceback, and the name the peer gave it.
function failedCalls(talk) {
    const own = new GLib.Error(ERROR, ERROR.REMOTE, 'made here');
    equal([ERROR.get_traceback(own), ERROR.get_remote_name(own)], [null, null]);
    const client = talk.client(Template);
    const failed = fails(() => call(client, 'fail'), ERROR, ERROR.REMOTE, 'deliberate failure');
    assert(ERROR.may_have_run(failed), 'it did not run');
    const refused = fails(() => call(client, 'refuse'), ERROR,
        talk.native ? ERROR.REFUSED : ERROR.REMOTE, 'not now');
    if (!talk.native) {
        assert(ERROR.get_traceback(refused).includes('Refused: not now'), 'traceback');
        assert(client.get_last_traceback().includes('Refused: not now'), 'last traceback');
        equal(ERROR.get_remote_name(refused), null);
        return;
    }
    equal(ERROR.get_remote_name(failed), `g-io-error-quark:${IO.NOT_FOUND}`);
    equal(ERROR.get_remote_name(refused), 'refused');
    equal(ERROR.get_traceback(refused), null);
    const broken = fails(() => call(client, 'break_down'), ERROR, ERROR.REMOTE, 'broke down');
    equal(ERROR.get_traceback(broken), 'first line\nsecond line');
    equal(client.get_last_traceback(), 'first line\nsecond line');
    fails(() => call(client, 'crash'), ERROR, ERROR.REMOTE, 'deliberate crash');
    assert(ERROR.may_have_run(fails(() => call(client, 'drop'), ERROR, ERROR.NO_REPLY)), 'ran');
}

// What an old device may answer; and values asked for as buffers, and the reverse.
function oddAnswers(talk) {
    const client = talk.client(null);
    fails(() => call(client, 'get_image'), ERROR, ERROR.INVALID_ARGUMENTS);
    fails(() => client.call_buffer_sync('add', variant('(ii)', [1, 2]), null, TOLD, null), ERROR,
        ERROR.INVALID_ARGUMENTS);
    if (talk.native)
        return;
    equal(call(client, 'nan_result'), variant('d', NaN));
    equal(call(client, 'inf_result'),
        variant('av', [variant('d', Infinity), variant('d', -Infinity)]));
    equal(call(client, 'big_int').print(true), `{byte 0x00, '${2n ** 70n}'}`);
    fails(() => client.call_buffer_sync('buffer_info_error_key', null, null, TOLD, null), ERROR,
        ERROR.REMOTE, 'this is not a failure');
    assert(client.write_property_sync('resolution', variant('(ii)', [800, 600]), null));
    equal(client.read_property_sync('resolution', null),
        variant('av', [variant('x', 800), variant('x', 600)]));
}

// Bytes with their information, blocking and not.
function buffers(talk) {
    const client = talk.client(Template);
    const [small, lores] = client.call_buffer_sync('get_image', variant('(b)', [true]), null, TOLD,
        null);
    equal(small.toArray(), pattern(THUMBNAIL_SIZE));
    equal(lores.recursiveUnpack(), {format: 'raw', lores: true});
    let result = ended(client.call_buffer.bind(client), 'get_image', null,
        variant('a{sv}', {lores: variant('b', false)}), TOLD, null);
    const [large, info] = client.call_buffer_finish(result);
    equal(large.toArray(), pattern(IMAGE_SIZE));
    equal(info.recursiveUnpack().lores, false);
    const [empty, none] = client.call_buffer_sync('empty', null, null, TOLD, null);
    equal([empty.get_size(), none.n_children()], [0, 0]);
    fails(() => client.call_buffer_sync('no_light', null, null, TOLD, null), ERROR, ERROR.REMOTE,
        'deliberate failure');
    result = ended(client.call_buffer.bind(client), 'no_light', null, null, TOLD, null);
    fails(() => client.call_buffer_finish(result), ERROR, ERROR.REMOTE);
}

// Several calls under way on one client, each with its own answer.
function severalAtOnce(talk) {
    const client = talk.client(Template);
    const got = [];
    for (let number = 0; number < 20; number++) {
        const [method, args] = number % 2 ? ['later', variant('(s)', [`${number}`])]
            : ['add', variant('(ii)', [number, 0])];
        client.call(method, args, null, TOLD, null, (source, result) => {
            got[number] = source.call_finish(result).deepUnpack();
        });
    }
    wait(() => Object.keys(got).length === 20, 'all answers');
    equal(got, Array.from({length: 20}, (_, number) => number % 2 ? `${number}` : number));
}

// While a method blocks in the device, others are answered.
function blockingMethod(talk) {
    if (!talk.native)
        return;
    const client = talk.client(Template);
    const got = [];
    client.call('block', variant('(s)', ['held']), null, NONE, null, (source, result) => {
        got.push(source.call_finish(result).deepUnpack());
    });
    equal(call(client, 'add', '(ii)', [1, 1]).deepUnpack(), 2);
    assert(client.read_property_sync('label', null) !== null && !got.length, 'held up');
    call(client, 'unblock');
    wait(() => got.length, 'the blocked call');
    equal(got, ['held']);
    equal(call(client, 'sender').deepUnpack(), '127.0.0.1');
}

// A call that is cancelled or takes too long ends; the client goes on.
function givenUp(talk) {
    const client = talk.client(Template);
    const cancellable = new Gio.Cancellable();
    let ready = null;
    client.call('slow', variant('(i)', [500]), null, TOLD, cancellable,
        (source, result) => (ready = result));
    cancellable.cancel();
    wait(() => ready, 'the cancelled call');
    fails(() => client.call_finish(ready), IO, IO.CANCELLED);
    if (talk.native)
        wait(() => call(client, 'cancelled').deepUnpack() >= 1, 'the device told of it');
    const late = fails(() => client.call_sync('slow', variant('(i)', [300]), null, 50, null), IO,
        IO.TIMED_OUT);
    assert(ERROR.may_have_run(late), 'it did not run');
    equal(client.get_state(), PlantRpc.State.SUSPECT);
    equal(call(client, 'add', '(ii)', [20, 3]).deepUnpack(), 23);
    wait(() => client.get_state() === PlantRpc.State.READY, 'ready again');
    wait(() => client.get_n_late_replies() >= 1, 'the late reply');
    equal(client.n_late_replies, client.get_n_late_replies());
}

// What was sent before the client is closed may have run; some things cannot be.
function cutOff(talk) {
    const closed = talk.client(Template);
    let ready = null;
    closed.call('slow', variant('(i)', [200]), null, TOLD, null,
        (source, result) => (ready = result));
    closed.close();
    wait(() => ready, 'the call under way');
    const lost = fails(() => closed.call_finish(ready), ERROR, ERROR.OUTCOME_UNKNOWN);
    assert(ERROR.may_have_run(lost), 'it did not run');

    const client = talk.client(Template);
    let deep = variant('i', 1);
    for (let level = 0; level < 100; level++)
        deep = variant('av', [deep]);
    fails(() => call(client, 'echo', '(v)', [deep]), ERROR, ERROR.LIMIT);
}

// What blocks has a form that does not.
function threeForms(talk) {
    const client = PlantRpc.Client.new_for_type(Interface.$gtype, talk.url);
    const begin = (name, ...args) => ended(client[name].bind(client), ...args);
    assert(client.wait_ready_finish(begin('wait_ready', CONNECT_MS, null)));
    let result = begin('write_property', 'count', variant('i', 3), null);
    assert(client.write_property_finish(result));
    result = begin('read_property', 'count', null);
    equal(client.read_property_finish(result), variant('i', 3));
    client.count = 4;
    assert(client.flush_finish(begin('flush', null)));
    equal(client.get_cached_property('count'), variant('i', 4));
    assert(client.refresh_finish(begin('refresh', null)) && client.refresh_sync(null));
    result = begin('call', 'add', variant('(ii)', [1, 2]), null, TOLD, null);
    equal(client.call_finish(result).deepUnpack(), 3);
    result = begin('call', 'fail', null, null, TOLD, null);
    const error = fails(() => client.call_finish(result), ERROR, ERROR.REMOTE);
    assert(talk.native || ERROR.get_traceback(error).includes('FileNotFound'), 'traceback');
    result = begin('write_property', 'label', variant('s', 'forbidden'), null);
    fails(() => client.write_property_finish(result), ERROR,
        talk.native ? ERROR.REFUSED : ERROR.REMOTE);
}

// A property that the device cannot read is an error, and one that takes its time is told.
function unreadable(talk) {
    if (!talk.native)
        return;
    const client = talk.client(Template);
    const label = client.lookup_property('label');
    const {STALE, CURRENT} = PlantRpc.PropertyState;
    assert(client.write_property_sync('label', variant('s', 'unreadable'), null));
    const error = fails(() => client.read_property_sync('label', null), ERROR, ERROR.REFUSED);
    equal([error.message, label.get_state(), label.get_message()],
        ['the label is hidden', STALE, 'the label is hidden']);
    for (const text of ['late', '']) {
        assert(client.write_property_sync('label', variant('s', text), null));
        equal(client.read_property_sync('label', null), variant('s', text));
        equal([label.get_state(), label.get_message()], [CURRENT, null]);
    }
}

// The asynchronous forms are promises, where that is asked for.
function promises(talk) {
    const {prototype} = PlantRpc.Client;
    const plain = prototype.call;
    Gio._promisify(prototype, 'call');
    const [client, got] = [talk.client(Template), []];
    const converse = async () => {
        const sum = await client.call('add', variant('(ii)', [2, 40]), null, TOLD, null);
        got.push(sum.deepUnpack());
        try {
            await client.call('fail', null, null, TOLD, null);
        } catch (error) {
            got.push(error.message);
        }
    };
    converse().catch(error => got.push(error));
    wait(() => got.length === 2, 'both promises');
    equal(got, [42, 'deliberate failure']);
    prototype.call = plain;
}

// Signals arrive in order, with arguments of their types.
function signals(talk) {
    const client = talk.listener(Interface);
    const [shots, pings] = [record(client, 'captured'), record(client, 'ping')];
    const [mixed, generic] = [record(client, 'mixed'), record(client, 'signal-received::captured')];
    const [lost, wrong] = [record(client, 'signals-lost'), record(client, 'protocol-error')];
    const count = talk.native ? 500 : 10;
    call(client, 'shoot', '(i)', [count]);
    equal(shots.length, 0, 'a signal from inside a blocking call');
    call(client, 'mix');
    wait(() => shots.at(-1)?.[1] === count - 1 && pings.length && mixed.length, 'the signals');
    // The old servers send each signal once for each client that ever came.
    const once = talk.native ? shots : [...new Set(shots.map(shot => shot[1]))]
        .sort((a, b) => a - b).map(index => ['shot', index]);
    equal(once, Array.from({length: count}, (_, index) => ['shot', index]));
    equal(generic[0][1].recursiveUnpack(), ['shot', 0]);
    equal(generic.length, shots.length);
    const [flag, natural, large, huge, level, text, tags, config, mode, parts] = mixed[0];
    equal([flag, natural, large, huge, level, text, tags],
        [true, MAXUINT, -(2 ** 52), 2 ** 52, -0.5, 'a→b', ['x', '']]);
    equal(config, ['y', 1.5]);
    equal([mode, parts],
        [Gio.PasswordSave.FOR_SESSION, SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET]);
    equal([lost.length, wrong.length], [0, 0]);
}

// A device is stopped by a client where it permits that; calls then end.
function stopping(talk) {
    const client = talk.client(Template);
    const stop = () => ended(client.stop_server.bind(client), null);
    if (talk.native) {
        fails(() => client.stop_server_sync(null), ERROR, ERROR.REFUSED);
        const result = stop();
        fails(() => client.stop_server_finish(result), ERROR, ERROR.REFUSED);
        call(client, 'let_stop', '(b)', [true]);
    }
    assert(client.stop_server_finish(stop()));
    const {State} = PlantRpc;
    wait(() => [State.DISCONNECTED, State.CONNECTING].includes(client.get_state()), 'it is gone');
    equal(client.lookup_property('count').get_state(), PlantRpc.PropertyState.STALE);
    const error = failure(() => client.call_sync('add', variant('(i)', [1]), null, 100, null));
    assert(error.matches(ERROR, ERROR.NOT_SENT) && !ERROR.may_have_run(error), error.message);
    client.close();
    wait(() => client.state === State.CLOSED, 'closed');
    fails(() => call(client, 'add', '(i)', [1]), ERROR, ERROR.CLOSED);
    fails(() => client.wait_ready_sync(100, null), ERROR, ERROR.CLOSED);
}

// What Python alone has a use for: a call, a write and a read in its marshal.
function inOneStep(talk) {
    const client = talk.client(Template);
    const integer = number => [0x69, number, 0, 0, 0];
    const told = bytes => [0x28, 1, 0, 0, 0, ...bytes];
    const given = Uint8Array.from([0x28, 2, 0, 0, 0, 0x5b, 2, 0, 0, 0, ...integer(2), ...integer(3),
        0x7b, 0x30]);
    equal([...client.call_marshal_sync('add', given, TOLD, null)], told(integer(5)));
    const five = Uint8Array.from(integer(5));
    equal([...client.write_marshal_sync('count', five, null)], told([0x4e]));
    equal([...client.read_marshal_sync('count', null)], told(five));
}

// What the override does: a call in JSON.
function inJson(talk) {
    const client = talk.client(Template);
    const called = (method, args, kwargs = null) =>
        client.call_json_sync(method, args, kwargs, TOLD, null);
    equal(called('add', '[2, 3]'), ['5', null]);
    equal(called('add', '[2]', '{"b": 3}'), ['5', null]);
    equal(called('echo', '["ä"]'), ['"ä"', null]);
    const [told, rest] = called('echo', '[9007199254740993]');
    equal([told, rest.print(false)], [null, '9007199254740993']);
    for (const [args, kwargs] of [['[', null], ['{}', null], ['[2]', '[]'], ['[2]', '{']])
        equal(called('add', args, kwargs), [null, null]);
    fails(() => called('fail', null), ERROR, ERROR.REMOTE);
}

export const STEPS = [results, refusedCalls, failedCalls, oddAnswers, buffers, severalAtOnce,
    blockingMethod, givenUp, cutOff, threeForms, promises, unreadable, signals, inOneStep,
    inJson];
export const LAST = [stopping];
