// SPDX-License-Identifier: LGPL-2.1-or-later
// How clients come to be: discovered, plain, of a template, subclassed, of an interface in a file.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {CONNECT_MS, assert, ended, equal, fails, record, same, wait} from './talk.js';
import {Interface, Template, call, variant} from './values.js';

const ERROR = PlantRpc.Error;
const IO = Gio.IOErrorEnum;
const Info = PlantRpc.InterfaceInfo;
const NATIVE_TYPES = {
    'flag': 'gboolean', 'count': 'gint', 'natural': 'guint', 'large': 'gint64', 'huge': 'guint64',
    'level': 'gdouble', 'angle': 'gint', 'label': 'gchararray', 'tags': 'GStrv',
    'config': 'GVariant', 'video-url': 'gchararray', 'shutter': 'gdouble', 'progress': 'gint',
};
// An old peer tells names only: the kind of each value may be another later.
const OLD_TYPES = Object.fromEntries(['flag', 'count', 'large', 'level', 'angle', 'mode',
    'video-url', 'progress'].map(name => [name, 'PlantRpcUntyped']));

// A template that is not the device's: one member too many, one of another type.
const Wrong = GObject.registerClass({
    GTypeName: 'TestWrong',
    Requires: [GObject.Object],
    Properties: {
        'label': GObject.ParamSpec.int('label', null, null, GObject.ParamFlags.READWRITE, 0, 9, 7),
        'nowhere': GObject.ParamSpec.string('nowhere', null, null, GObject.ParamFlags.READWRITE,
            'here'),
        'angle': GObject.ParamSpec.int('angle', null, null, GObject.ParamFlags.READWRITE, 0, 999,
            0),
    },
    Signals: {'never': {}},
}, class extends GObject.Interface {});

// A client of a type made for the device that answers.
function discovered(talk) {
    const result = ended(PlantRpc.Client.discover, talk.url, CONNECT_MS, null);
    const client = PlantRpc.Client.discover_finish(result);
    const other = PlantRpc.Client.discover_sync(talk.url, CONNECT_MS, null);
    assert(client.constructor.$gtype === other.constructor.$gtype, 'one type');
    assert(client.constructor.$gtype !== PlantRpc.Client.$gtype, 'a type of its own');
    const types = {};
    for (const spec of client.constructor.list_properties())
        types[spec.get_name()] = spec.value_type.name;
    for (const [name, expected] of Object.entries(talk.native ? NATIVE_TYPES : OLD_TYPES))
        equal(types[name], expected, name);
    equal([client.get_wire(), client.get_state()], [talk.wire, PlantRpc.State.READY]);

    const told = record(other, 'notify::video-url');
    client.video_url = 'rtsp://discovered';
    client.flush_sync(null);
    wait(() => told.length, 'the other client');
    equal(other.video_url, 'rtsp://discovered');
    call(client, 'change', '(sv)', ['mode', variant('s', 'permanently')]);
    client.refresh_sync(null);
    equal(client.lookup_property('mode').dup_value(), variant('s', 'permanently'));
    if (!talk.native)
        return;
    // The device may have an enumeration of its own, which nobody knows here: a nick.
    const known = types.mode === 'GPasswordSave';
    equal(client.mode, known ? Gio.PasswordSave.PERMANENTLY : 'permanently');
    equal(client.lookup_property('shutter').get_unit(), 's');
    const shots = record(client, 'captured');
    call(client, 'shoot', '(i)', [2]);
    wait(() => shots.length === 2, 'the signals');
    equal(shots[1], ['shot', 1]);
}

// A discovery goes on until it has a client of the right type.
function kept(talk) {
    const discovery = PlantRpc.Discovery.new(talk.url);
    const told = record(discovery, 'notify::client');
    equal([discovery.get_url(), discovery.get_device(), discovery.get_registry_url()],
        [talk.url, null, null]);
    wait(() => told.length > 0, 'the client');
    const client = discovery.client;
    equal(client, discovery.get_client());
    assert(client.constructor !== PlantRpc.Client && client.is_ready(), 'a client of a type');
    equal(discovery.get_last_error(), null);
    discovery.close();
    equal(discovery.get_client(), null);
    equal(client.get_state(), PlantRpc.State.CLOSED);
    const nowhere = PlantRpc.Discovery.new_for_device('tcp://127.0.0.1:1', 'camera');
    equal([nowhere.device, nowhere.registry_url], ['camera', 'tcp://127.0.0.1:1']);
    wait(() => nowhere.last_error !== null, 'the reason');
    nowhere.close();
}

// Waiting for a device that does not come ends; so does an address that is none.
function nobodyThere() {
    const nowhere = 'tcp://127.0.0.1:1';
    fails(() => PlantRpc.Client.discover_sync(nowhere, 50, null), IO, IO.TIMED_OUT);
    fails(() => PlantRpc.Client.discover_sync('no url', 50, null), ERROR, ERROR.INVALID_URL);
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    const result = ended(PlantRpc.Client.discover, nowhere, CONNECT_MS, cancellable);
    fails(() => PlantRpc.Client.discover_finish(result), IO, IO.CANCELLED);
    const client = PlantRpc.Client.new('no url');
    assert(client.get_last_error().matches(ERROR, ERROR.INVALID_URL), 'get_last_error');
    assert(client.last_error.matches(ERROR, ERROR.INVALID_URL), 'last-error');
}

// A plain client does everything by name.
function plain(talk) {
    const client = talk.listener(null);
    equal(client.constructor, PlantRpc.Client);
    const heard = record(client, 'signal-received');
    assert(client.write_property_sync('video_url', variant('s', 'rtsp://plain'), null));
    equal(client.read_property_sync('video-url', null), variant('s', 'rtsp://plain'));
    equal(client.get_cached_property('video_url'), variant('s', 'rtsp://plain'));
    equal(client.lookup_property('video-url').get_wire_name(), 'video_url');
    equal(client.lookup_property('no-such'), null);
    equal(call(client, 'add', '(ii)', [30, 4]).deepUnpack(), 34);
    call(client, 'shoot', '(i)', [1]);
    const shot = () => heard.find(([name]) => name === 'captured');
    wait(shot, 'captured');
    equal(shot()[1].recursiveUnpack(), ['shot', 0]);
}

// What the device lacks is listed, what does not fit is reported, and the rest works.
function mismatch(talk) {
    const client = PlantRpc.Client.new_for_type(Wrong.$gtype, talk.url);
    const wrong = record(client, 'protocol-error');
    client.wait_ready_sync(CONNECT_MS, null);
    equal(client.get_state(), PlantRpc.State.MISMATCH);
    equal([client.is_ready(), client.ready, PlantRpc.State.is_ready(client.state)],
        [true, true, true]);
    equal(client.is_context_owner(), false);
    equal(PlantRpc.State.is_ready(PlantRpc.State.SUSPECT), false);
    // An old device does not tell that its label is no number.
    const missing = talk.native ? ['label', 'never', 'nowhere'] : ['never', 'nowhere'];
    equal([client.get_missing().sort(), client.missing.sort()], [missing, missing]);
    wait(() => wrong.length, 'protocol-error');
    assert(wrong[0][0].matches(ERROR, ERROR.PROTOCOL), 'the reason');
    assert(client.get_n_dropped() >= 1 && client.n_dropped === client.get_n_dropped(), 'counted');
    fails(() => client.label, ERROR, ERROR.PROTOCOL);
    fails(() => client.nowhere, ERROR, ERROR.UNKNOWN_PROPERTY);
    client.angle = 123;
    client.flush_sync(null);
    equal(client.read_property_sync('angle', null), variant('i', 123));
}

// The type of a client is subclassed as any other.
function subclass(talk) {
    const type = PlantRpc.Client.type_for_type(Interface.$gtype);
    assert(type === PlantRpc.Client.type_for_type(Interface.$gtype), 'one type');
    const runtime = GObject.Object.new(type, {}).constructor;
    const Camera = GObject.registerClass({
        GTypeName: 'TestCamera',
        Properties: {
            'local': GObject.ParamSpec.string('local', null, null, GObject.ParamFlags.READWRITE,
                'mine'),
        },
    }, class extends runtime {
        // Turns, and says so.
        turn(angle) {
            this.angle = angle;
            this.local = `turned to ${this.angle}`;
        }
    });
    const camera = new Camera({url: talk.url, timeout: 1500});
    assert(camera.wait_ready_sync(CONNECT_MS, null));
    equal(camera.state, PlantRpc.State.READY);
    camera.turn(200);
    camera.flush_sync(null);
    equal([camera.local, camera.get_timeout()], ['turned to 200', 1500]);
    equal(camera.read_property_sync('angle', null), variant('i', 200));
    equal(camera.get_missing(), []);
    assert(GObject.type_is_a(camera, Interface.$gtype), 'it implements its template');
}

// A description is read from a type, from text, from a file and from the device.
function interfaces(talk) {
    const info = Info.new_for_type(Template.$gtype);
    equal(Info.new_for_type(Interface.$gtype).list_properties(), info.list_properties().sort(),
        'class and interface');
    const text = info.to_json();
    const read = Info.new_from_json(text);
    assert(read.equal(info), 'from JSON');
    const [file, stream] = Gio.File.new_tmp('probe-XXXXXX.json');
    stream.output_stream.write_all(text, null);
    stream.close(null);
    assert(Info.new_from_file(file).equal(info), 'from a file');
    file.delete(null);
    fails(() => Info.new_from_json('{'), ERROR, ERROR.INVALID_INTERFACE);
    const type = PlantRpc.Client.type_for_interface(read);
    assert(type === PlantRpc.Client.type_for_interface(Info.new_from_json(text)), 'one type');
    const client = PlantRpc.Client.new_for_interface(read, talk.url);
    assert(client.constructor.$gtype === type, 'of that type');
    assert(client.wait_ready_sync(CONNECT_MS, null));
    const live = client.get_interface();
    equal(same(live.list_properties().sort(), info.list_properties().sort()), talk.native);
    assert(!live.equal(info), 'the device has more');
    equal(live.list_methods(), client.interface.list_methods());
    assert(live.list_methods().includes('echo') && live.list_signals().includes('captured'),
        'its members');
}

// Methods, properties and signals are described one by one.
function members() {
    const info = Info.new_for_type(Template.$gtype);
    const [add, image] = [info.lookup_method('add'), info.lookup_method('get-image')];
    equal([add.get_name(), add.get_signature(), add.get_buffer(), add.get_timeout()],
        ['add', 'a: i, b: i = 2 -> i', false, PlantRpc.TIMEOUT_DEFAULT]);
    equal([add.get_return_type(), image.get_return_type()], ['i', null]);
    equal([image.get_buffer(), image.get_timeout()], [true, PlantRpc.TIMEOUT_NONE]);
    const [first, second] = [add.get_parameter(0), add.get_parameter(1)];
    equal([first.get_name(), first.get_type_string(), first.get_default()], ['a', 'i', null]);
    equal([second.get_name(), second.get_default().get_int32()], ['b', 2]);
    equal([add.get_n_parameters(), add.get_parameter(2)], [2, null]);
    equal(info.lookup_method('no_such'), null);

    const [angle, mode] = [info.lookup_property('angle'), info.lookup_property('mode')];
    const shutter = info.lookup_property('shutter');
    equal([shutter.get_name(), shutter.get_wire_name(), shutter.get_unit()],
        ['shutter', 'ShutterSpeed', 's']);
    equal([shutter.get_step(), angle.get_step()], [0.25, 0]);
    equal([angle.get_type_string(), angle.get_readable(), angle.get_writable()],
        ['i', true, true]);
    equal([angle.get_minimum().get_int32(), angle.get_maximum().get_int32()], [0, 359]);
    equal([angle.get_default().get_int32(), shutter.get_default().get_double()], [0, 0.01]);
    equal(angle.get_description(), 'Where the arm stands');
    equal([angle.get_change_signal(), mode.get_change_signal()], ['angleChanged', 'modeChanged']);
    equal(mode.get_choices(), ['never', 'for-session', 'permanently']);
    equal(info.lookup_property('progress').get_writable(), false);
    equal(angle.fit_value(variant('x', 5)).get_type_string(), 'i');
    equal(mode.fit_value(variant('s', 'FOR_SESSION')).get_string()[0], 'for-session');
    fails(() => angle.fit_value(variant('x', 360)), ERROR, ERROR.INVALID_VALUE);
    const spec = angle.create_param_spec();
    equal([spec.get_name(), spec.value_type.name], ['angle', 'gint']);
    const [good, save] = PlantRpc.value_from_variant(variant('s', 'for-session'),
        Gio.PasswordSave.$gtype);
    equal([good, save], [true, Gio.PasswordSave.FOR_SESSION]);
    fails(() => PlantRpc.value_from_variant(variant('s', '5'), GObject.TYPE_INT), ERROR,
        ERROR.INVALID_VALUE);
    const holder = new GObject.Value();
    holder.init(Gio.PasswordSave.$gtype);
    holder.set_enum(save);
    equal(PlantRpc.value_to_variant(holder).get_string()[0], 'for-session');
    equal(PlantRpc.value_from_json('{"a": [1, 1.0]}').print(true), "{'a': <[<int64 1>, <1.0>]>}");
    equal(PlantRpc.value_to_json(variant('as', ['x', '→'])), '["x","→"]');
    fails(() => PlantRpc.value_from_json('['), ERROR, ERROR.PROTOCOL);
    fails(() => PlantRpc.value_to_json(variant('x', Number.MIN_SAFE_INTEGER - 1)), ERROR,
        ERROR.INVALID_VALUE);
    // What Python alone has a use for.
    equal(PlantRpc.value_from_marshal(PlantRpc.value_to_marshal(variant('b', true))).get_boolean(),
        true);

    const shot = info.lookup_signal('captured');
    equal([shot.get_name(), shot.get_wire_name(), shot.get_signature()],
        ['captured', 'captured', '(si)']);
    const change = info.lookup_signal('modeChanged');
    equal([change.get_name(), change.get_property(), change.get_implicit()],
        ['mode-changed', 'mode', false]);
    equal([shot.get_property(), shot.get_implicit()], [null, false]);
    const texts = variant('(ss)', ['x', '45']);
    equal(shot.validate_args(variant('(si)', ['x', 1]), false).get_type_string(), 'av');
    fails(() => shot.validate_args(texts, false), ERROR, ERROR.INVALID_ARGUMENTS);
    equal(shot.validate_args(texts, true).recursiveUnpack(), ['x', 45]);
}

const Beside = GObject.registerClass({
    GTypeName: 'TestBeside',
    Properties: {
        'size': GObject.param_spec_variant('size', null, null, new GLib.VariantType('*'), null,
            GObject.ParamFlags.READWRITE),
        'level': GObject.ParamSpec.int('level', null, null, GObject.ParamFlags.READWRITE, 0, 9, 0),
    },
}, class Beside extends GObject.Object {});

// A declared variant type and access are those of the property.
function beside() {
    PlantRpc.type_declare_variant_type(Beside, 'size', '(ii)');
    for (const readOnly of [true, false]) {
        PlantRpc.type_declare_read_only(Beside, 'level', readOnly);
        const info = PlantRpc.InterfaceInfo.new_for_type(Beside);
        equal(info.lookup_property('size').get_type_string(), '(ii)');
        equal(info.lookup_property('level').get_writable(), !readOnly);
    }
}

// A client that does not look loses signals, is told how many, and goes on.  Nobody listens to the
// large ones: they would set off collections, during which GJS 1.74 blocks callbacks of the loop.
function losingSignals(talk) {
    if (!talk.native)
        return;
    const [client, number] = [talk.client(Template), 40];
    const lost = record(client, 'signals-lost');
    call(client, 'flood', '(i)', [number]);
    wait(() => lost.length, 'signals-lost');
    const count = lost.reduce((sum, [some]) => sum + some, 0);
    assert(count > 0 && count < number, `${count} are lost`);
    const pings = record(client, 'ping');
    call(client, 'shoot', '(i)', [0]);
    wait(() => pings.length, 'signals go on');
}

export const STEPS = [discovered, kept, nobodyThere, plain, mismatch, subclass, interfaces, members,
    beside, losingSignals];
