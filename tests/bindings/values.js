// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties: every kind of value, changes from both sides, refusals, and widgets.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {MAXINT, MAXUINT, SAFE, declareClass, declareInterface} from './probe.js';
import {CONNECT_MS, assert, equal, failure, fails, record, same, wait} from './talk.js';

const {State, PropertyState, Wire} = PlantRpc;
const SAVE = Gio.PasswordSave;
const SPLICE = Gio.OutputStreamSpliceFlags;

export const Template = declareClass(GObject.Object, 'TestTemplate');
export const Interface = declareInterface('TestTemplateInterface');

export const variant = (type, value) => new GLib.Variant(type, value);
export const nothing = () => GLib.Variant.new_maybe(new GLib.VariantType('v'), null);
export const NESTED = variant('a{sv}', {
    size: variant('av', [variant('x', 640), variant('x', 480)]),
    name: variant('s', 'α'),
    deep: variant('a{sv}', {on: variant('b', true), off: nothing()}),
});
const PLAIN = {size: [640, 480], name: 'α', deep: {on: true, off: null}};
const NESTED_LISTS = [[1, -2.5, 'x'], [], {list: [true, [false]]}, 2 ** 53 - 1];
export const call = (client, method, type = '()', args = []) =>
    client.call_sync(method, variant(type, args), null, PlantRpc.TIMEOUT_FROM_SERVER, null);

const VALUES = {
    'flag': [true, false],
    'count': [MAXINT, -MAXINT - 1, -1],
    'natural': [MAXUINT, 7],
    'large': [SAFE, -SAFE, 5],
    'huge': [SAFE, 5],
    'level': [1e300, -0.5, 5e-324, 3, -0, 0.1],
    'angle': [359, 90],
    'label': ['plant', '', 'a→b 🌱 "\\\n', null, 'x'.repeat(100000)],
    'mode': [SAVE.PERMANENTLY, SAVE.FOR_SESSION],
    'parts': [SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET, SPLICE.NONE, SPLICE.CLOSE_TARGET],
    'tags': [['one', '', 'zwei→'], [], ['x']],
    'config': [PLAIN, 5, [], 1.5, 'text', null, NESTED_LISTS],
    'video-url': ['rtsp://camera/1'],
    'shutter': [0.5, 60, 0.001],
};
// Beyond what a number of JavaScript holds, a GVariant carries them.
const EXACT = {
    'large': ['int64 9223372036854775807', 'int64 -9223372036854775808', 'int64 9007199254740993',
        'int64 7'],
    'huge': ['uint64 18446744073709551615', 'uint64 9223372036854775808', 'uint64 7'],
};

// Stands for what a window would bind.
const Widget = GObject.registerClass({
    GTypeName: 'TestWidget',
    Properties: {
        'text': GObject.ParamSpec.string('text', null, null, GObject.ParamFlags.READWRITE, ''),
        'number': GObject.ParamSpec.int('number', null, null, GObject.ParamFlags.READWRITE,
            -MAXINT, MAXINT, 0),
    },
}, class Widget extends GObject.Object {});

// A typed client exists at once, with the declared defaults.
function beforeReady(talk) {
    const client = PlantRpc.Client.new_for_type(Template.$gtype, talk.url);
    assert([State.DISCONNECTED, State.CONNECTING].includes(client.get_state()), 'state');
    equal(client.shutter, 0.01);
    equal(client.mode, SAVE.NEVER);
    equal(client.get_cached_property('angle'), null);
    equal(client.lookup_property('angle').get_state(), PropertyState.UNSET);
    equal([client.get_interface(), client.get_name()], [null, null]);
    equal(client.get_wire(), Wire.UNKNOWN);

    const failed = record(client, 'write-failed');
    client.label = 'too early';
    equal(failed.length, 0, 'refused from inside the setter');
    wait(() => failed.length, 'write-failed');
    assert(failed[0][1].matches(PlantRpc.Error, PlantRpc.Error.NOT_SENT), 'not sent');
    const states = record(client, 'notify::state');
    wait(() => states.length && client.get_state() === State.READY, 'ready');
    client.close();
}

// What a ready client tells of the other side.
function whatIsKnown(talk) {
    const client = talk.client(Template);
    equal([client.get_state(), client.state], [State.READY, State.READY]);
    equal([client.get_wire(), client.wire], [talk.wire, talk.wire]);
    equal([client.get_url(), client.url], [talk.url, talk.url]);
    equal([client.get_missing(), client.missing], [[], []]);
    equal([client.get_last_error(), client.last_error], [null, null]);
    const name = talk.native ? 'probe' : '';
    equal([client.get_name(), client.name], [name, name]);
    equal([client.get_own_address(), client.own_address], ['127.0.0.1', '127.0.0.1']);
    equal([client.get_peer_address(), client.peer_address], ['127.0.0.1', '127.0.0.1']);
    equal(client.get_timeout(), 1000);
    client.set_timeout(2500);
    equal(client.timeout, 2500);
    equal(client.receive_signals, true);
    equal(client.legacy, false);
    equal(client.get_heartbeat_interval(), 2000);
    client.set_heartbeat_interval(0);
    equal(client.heartbeat_interval, 0);
    equal(client.get_property_timeout(), 10000);
    client.set_property_timeout(2000);
    equal(client.property_timeout, 2000);
    equal(client.get_send_timeout(), PlantRpc.TIMEOUT_NONE);
    client.set_send_timeout(500);
    equal(client.send_timeout, 500);
    equal([client.get_n_dropped(), client.get_n_late_replies()], [0, 0]);
    assert(client.get_interface().list_properties().includes('video-url'), 'interface');
}

// Each value goes out by the GObject property and comes back as it was.
function everyValue(talk) {
    const [client, other] = [talk.client(Template), talk.client(Interface)];
    const failed = record(client, 'write-failed');
    for (const [name, values] of Object.entries(VALUES)) {
        const remote = client.lookup_property(name);
        const field = name.replace('-', '_');
        for (const value of values) {
            const told = record(client, `notify::${name}`);
            client[field] = value;
            equal(client[field], value, `${name} at once`);
            assert(told.length || same(other[field], value), `${name} was not notified`);
            client.flush_sync(null);
            equal(client[field], value, name);
            equal(remote.get_state(), PropertyState.CURRENT);
            equal(client.read_property_sync(name, null), remote.dup_value(), name);
            wait(() => same(other[field], value), `${name} seen by another client`);
            client.disconnect(told.id);
        }
    }
    equal(failed.length, 0);
}

// Integers that JavaScript cannot hold are exact as GVariants.
function exactIntegers(talk) {
    const client = talk.client(Template);
    for (const [name, texts] of Object.entries(EXACT)) {
        const remote = client.lookup_property(name);
        for (const text of texts) {
            const value = GLib.Variant.parse(null, text, null, null);
            if (talk.native && remote.get_maximum() < 2 ** 60 && text.length > 12) {
                fails(() => client.write_property_sync(name, value, null), PlantRpc.Error,
                    PlantRpc.Error.INVALID_VALUE);
                continue;
            }
            assert(client.write_property_sync(name, value, null));
            equal(client.read_property_sync(name, null), value);
            equal(client.get_cached_property(name), value);
        }
    }
}

// What the device changes by itself is notified, and heard as a signal.
function changeOfTheDevice(talk) {
    const client = talk.listener(Interface);
    const [modes, urls] = [record(client, 'mode-changed'), record(client, 'notify::video-url')];
    const progress = record(client, 'notify::progress');
    for (const [name, value] of [
        ['progress', variant('i', 42)], ['mode', variant('s', 'never')],
        ['mode', variant('s', 'permanently')], ['video_url', variant('s', 'rtsp://elsewhere')],
    ])
        call(client, 'change', '(sv)', [name, value]);
    wait(() => progress.length && urls.length && modes.length, 'the changes');
    equal([client.progress, client.video_url, client.mode],
        [42, 'rtsp://elsewhere', SAVE.PERMANENTLY]);
    wait(() => same(modes.at(-1), [SAVE.PERMANENTLY]), 'mode-changed');
}

// A device may have NaN; it stands in no GObject property, and who asks for it gets it.
function noNumber(talk) {
    const client = talk.client(Template);
    const told = [];
    const level = client.lookup_property('level');
    client.connect('notify::level', () => told.push(client.level));
    for (const value of [2, NaN, NaN, 2.5]) {
        call(client, 'change', '(sv)', ['level', variant('s', `${value}`)]);
        client.refresh_sync(null);
        wait(() => (level.get_error() === null) === !Number.isNaN(value), 'level');
        equal(client.read_property_sync('level', null).get_double(), value);
        equal(level.get_state() === PlantRpc.PropertyState.CURRENT, !Number.isNaN(value));
        if (Number.isNaN(value))
            assert(level.error.matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL), 'error');
        else
            equal(client.level, value);
    }
    wait(() => told.at(-1) === 2.5, 'the number again');
    assert(!told.some(Number.isNaN), 'no NaN');
    if (talk.native)
        equal(call(client, 'echo', '(d)', [NaN]).print(true), 'nan');
}

// A refused write is taken back, with its reason, from a later turn of the loop.
function refusals(talk) {
    const client = talk.client(Template);
    const refused = talk.native ? PlantRpc.Error.REFUSED : PlantRpc.Error.REMOTE;
    client.write_property_sync('label', variant('s', 'good'), null);
    const [remote, failed] = [client.lookup_property('label'), record(client, 'write-failed')];
    client.label = 'forbidden';
    equal(client.label, 'forbidden');
    equal(remote.get_state(), PropertyState.PENDING);
    wait(() => failed.length, 'write-failed');
    wait(() => client.label === 'good', 'the label taken back');
    const [name, error] = failed[0];
    equal([name, error.message], ['label', 'the label is forbidden']);
    assert(error.matches(PlantRpc.Error, refused), 'refused');
    equal([remote.get_message(), remote.message], [error.message, error.message]);
    assert(remote.get_refusal().matches(PlantRpc.Error, refused), 'get_refusal');
    assert(remote.refusal.matches(PlantRpc.Error, refused), 'refusal');

    client.label = 'better';
    client.flush_sync(null);
    equal([remote.get_message(), remote.get_refusal()], [null, null]);
    const again = failure(() => client.write_property_sync('label', variant('s', 'forbidden'),
        null));
    assert(again.matches(PlantRpc.Error, refused), 'refused again');
    assert(talk.native || PlantRpc.Error.get_traceback(again).includes('Refused'), 'traceback');
    fails(() => client.write_property_sync('progress', variant('i', 5), null), PlantRpc.Error,
        talk.native ? PlantRpc.Error.NOT_WRITABLE : PlantRpc.Error.REMOTE);
    fails(() => client.write_property_sync('angle', variant('i', 360), null), PlantRpc.Error,
        talk.native ? PlantRpc.Error.INVALID_VALUE : PlantRpc.Error.REMOTE);
}

// A device may take its time over a write, refuse it then, or make another value of it.
function decidedLater(talk) {
    const client = talk.client(Template);
    const failed = record(client, 'write-failed');
    for (const [written, stands] of [[13, 13], [14, 13], [15, 16]]) {
        client.count = written;
        client.flush_sync(null);
        equal(client.count, stands);
    }
    wait(() => failed.length, 'write-failed');
    equal(failed.map(([name, error]) => [name, error.message]),
        [['count', 'no, on second thoughts']]);
}

// Two widgets bound both ways follow an edit, a refusal and the device.
function widgets(talk) {
    const client = talk.client(Template);
    client.write_property_sync('label', variant('s', 'begin'), null);
    const [one, two] = [new Widget(), new Widget()];
    const flags = GObject.BindingFlags.BIDIRECTIONAL | GObject.BindingFlags.SYNC_CREATE;
    for (const widget of [one, two]) {
        client.bind_property('label', widget, 'text', flags);
        client.bind_property('angle', widget, 'number', flags);
    }
    equal([one.text, two.text], ['begin', 'begin']);
    one.text = 'edited';
    equal(two.text, 'edited');
    two.number = 77;
    equal(one.number, 77);
    client.flush_sync(null);
    equal(client.read_property_sync('label', null).get_string()[0], 'edited');
    equal(client.read_property_sync('angle', null).get_int32(), 77);
    one.text = 'forbidden';
    wait(() => one.text === 'edited' && two.text === 'edited', 'both widgets back');
    call(client, 'change', '(sv)', ['label', variant('s', 'device')]);
    wait(() => one.text === 'device' && two.text === 'device', 'both widgets follow');
}

// What belongs beside a value in a window: state, access, limits, unit, description.
function besideTheValue(talk) {
    const client = PlantRpc.Client.new_for_type(Interface.$gtype, talk.url);
    client.wait_ready_sync(CONNECT_MS, null);
    const [angle, shutter] = [client.lookup_property('angle'),
        client.lookup_property('ShutterSpeed')];
    equal([angle.get_name(), shutter.get_name(), shutter.get_wire_name()],
        ['angle', 'shutter', 'ShutterSpeed']);
    equal([shutter.name, shutter.wire_name], ['shutter', 'ShutterSpeed']);
    equal([angle.get_minimum(), angle.get_maximum()], [0, 359]);
    equal([angle.minimum, angle.maximum], [0, 359]);
    equal([angle.get_max_rate(), angle.max_rate], [0, 0]);
    angle.set_max_rate(5);
    equal(angle.max_rate, 5);
    angle.max_rate = 0.5;
    equal(angle.get_max_rate(), 0.5);
    angle.set_max_rate(0);
    equal([angle.get_description(), angle.description],
        ['Where the arm stands', 'Where the arm stands']);
    equal([shutter.get_unit(), shutter.unit, angle.get_unit()], ['s', 's', null]);
    equal([shutter.get_step(), shutter.step, angle.get_step()], [0.25, 0.25, 0]);
    equal([angle.get_writable(), angle.writable], [true, true]);
    equal(client.lookup_property('progress').get_writable(), false);

    const [states, values] = [record(angle, 'notify::state'), record(angle, 'notify::value')];
    client.angle = (client.angle + 1) % 360;
    equal(angle.state, PropertyState.PENDING);
    wait(() => states.length === 2 && values.length, 'notified');
    equal(angle.get_state(), PropertyState.CURRENT);
    equal([angle.value.get_int32(), angle.dup_value().get_int32()], [client.angle, client.angle]);
    client.close();
    wait(() => !angle.get_writable(), 'not writable any more');
    equal(angle.get_state(), PropertyState.STALE);
}

export const STEPS = [beforeReady, whatIsKnown, everyValue, exactIntegers, changeOfTheDevice,
    noNumber, refusals, decidedLater, widgets, besideTheValue];
