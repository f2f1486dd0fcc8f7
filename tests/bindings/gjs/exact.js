// SPDX-License-Identifier: LGPL-2.1-or-later
// Values are those that the device has, or errors: numbers at their limits, and devices that tell
// no types.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal, same} from '../talk.js';
import {failure, run, serve, throws, until} from './camera.js';

const {CURRENT, STALE} = PlantRpc.PropertyState;
const {READWRITE} = GObject.ParamFlags;
const {ParamSpec} = GObject;

const Arm = GObject.registerClass({
    GTypeName: 'TestArm',
    Properties: {
        'gain': ParamSpec.float('gain', null, null, READWRITE, 0.1, 0.7, 0.5),
        'level': ParamSpec.uchar('level', null, null, READWRITE, 0, 255, 0),
        'ratio': ParamSpec.double('ratio', null, null, READWRITE, -Number.MAX_VALUE,
            Number.MAX_VALUE, 1),
        'heat': ParamSpec.double('heat', null, null, READWRITE, 0, 10, 1),
        'label': ParamSpec.string('label', null, null, READWRITE, ''),
    },
}, class Arm extends GObject.Object {
    static [PlantRpc.methods] = {move: 'x: d, y: d = 0.0', gains: '-> ad', warm: 'value: d'};

    _init() {
        this._heat = 1;
        super._init();
    }

    get heat() {
        return this._heat;
    }

    move(x, y) {
        return `${x} ${y}`;
    }

    gains() {
        return [1.5, NaN];
    }

    warm(value) {
        this._heat = value;
        this.notify('heat');
    }
});

// What a program may take a device for.
const Typed = GObject.registerClass({
    GTypeName: 'TestTyped',
    Properties: {'config': ParamSpec.int('config', null, null, READWRITE, 0, 100, 0)},
}, class Typed extends GObject.Object {});

const Widget = GObject.registerClass({
    GTypeName: 'TestWidget',
    Properties: {
        'whole': ParamSpec.int('whole', null, null, READWRITE, -1000, 1000, 0),
        'text': ParamSpec.string('text', null, null, READWRITE, ''),
    },
}, class Widget extends GObject.Object {});

async function discover(url) {
    const device = await PlantRpc.discover(url);
    await device.wait_ready(-1);
    return device;
}

async function limits() {
    const server = serve(new Arm());
    const arm = await discover(server.url);
    for (const value of [0.7, 0.1, 0.5]) {
        arm.gain = value;
        equal(arm.gain, value);
        await arm.flush();
        equal([arm.gain, await arm.read_property('gain')],
            [value, value]);
    }
    for (const value of [0.71, 0.09, Infinity, 1e39])
        await throws(() => (arm.gain = value), RangeError, 'gain');
    for (const value of [7, 5n, 0, 255]) {
        arm.level = value;
        await arm.flush();
        equal(await arm.read_property('level'), Number(value));
    }
    for (const value of [1.9, '5', true, null, undefined, NaN, [5]])
        await throws(() => (arm.level = value), TypeError, 'level');
    for (const value of [256, -1, 300n])
        await throws(() => (arm.level = value), RangeError, 'level');
    for (const value of [Infinity, -Infinity, NaN])
        await throws(() => (arm.ratio = value), RangeError, 'ratio');
    await throws(() => (arm.label = 'a\0b'), TypeError, 'NUL');
    await arm.flush();
    equal([arm.level, arm.ratio, arm.label], [255, 1, '']);
    for (const args of [[null], [1, null]])
        await throws(() => arm.move(...args), GLib.Error, 'expected a number, got nothing');
    equal(await arm.move(NaN, -Infinity), 'NaN -Infinity');
    equal(await arm.gains(), [1.5, NaN]);
    arm.close();
    server.stop();
}

// A number that the property may not have stands in no property.
async function beyondTheLimits() {
    const server = serve(new Arm());
    const arm = await discover(server.url);
    const heat = arm.lookup_property('heat');
    for (const value of [1e39, NaN, -0.1, Infinity]) {
        await arm.warm(value);
        await until(() => heat.error !== null, `${value}`);
        assert(heat.get_error().matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL), 'its error');
        equal(heat.state, STALE);
        const error = await failure(() => arm.heat);
        assert(error.matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL), `${error}`);
        equal(await arm.read_property('heat'), value);
        await arm.warm(1);
        await until(() => heat.state === CURRENT, 'the value again');
        equal([arm.heat, heat.error], [1, null]);
    }
    arm.close();
    server.stop();
}

// A device of the independent peer.
function oldDevice(generation) {
    const [here] = GLib.filename_from_uri(import.meta.url);
    const program = `${GLib.path_get_dirname(GLib.path_get_dirname(here))}/peer.py`;
    const {STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;
    const process = Gio.Subprocess.new(['/usr/bin/python3', program, '--generation',
        `${generation}`, '--url', 'tcp://127.0.0.1', '--device', 'probe', '--until-stdin-closes'],
    STDIN_PIPE | STDOUT_PIPE);
    const output = Gio.DataInputStream.new(process.get_stdout_pipe());
    const {url} = JSON.parse(output.read_line_utf8(null)[0]);
    const close = () => {
        process.get_stdin_pipe().close(null);
        process.wait(null);
    };
    return {url, output, close};
}

const VALUES = [90, 90.5, 0, -1, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n - 1n, 0.1, 1e300, NaN,
    Infinity, true, false, 'text', '', null, [], [1, 2.5, null], {k: [1n << 60n]}, ['a', 'b']];

async function untyped() {
    for (const generation of [1, 2]) {
        const peer = oldDevice(generation);
        const probe = await discover(peer.url);
        const [told, notified] = [[], []];
        probe.connect('config-changed', (_, value) => told.push(value));
        probe.connect('notify::config', () => notified.push(probe.config));
        for (const value of VALUES) {
            await probe.change('config', value);
            await until(() => same(probe.config, value), `${generation}: ${value}`);
            equal(probe.lookup_property('config').state, CURRENT);
            await probe.change('config', 'other');
            await until(() => probe.config === 'other', 'the other');
            probe.config = value;
            equal(probe.config, value);
            await probe.flush();
            equal(probe.config, value);
            probe.config = 'other';
            await probe.flush();
        }
        for (const value of VALUES)
            assert(told.some(one => same(one, value)) && notified.some(one => same(one, value)));
        await throws(() => (probe.config = undefined), TypeError, 'config');
        await throws(() => (probe.config = 'a\0b'), TypeError, 'NUL');
        await throws(() => (probe.config = 2n ** 64n), RangeError, '64 bits');
        probe.close();
        peer.close();
    }
}

// Handlers of signals without types are found by the functions that were given, and widgets bound
// to such a property follow.
async function handlersAndWidgets() {
    const peer = oldDevice(2);
    const probe = await discover(peer.url);
    const [heard, widget] = [[], new Widget()];
    const hear = (_, value) => heard.push(value);
    probe.bind_property('config', widget, 'whole', GObject.BindingFlags.SYNC_CREATE);
    probe.bind_property('config', widget, 'text', GObject.BindingFlags.SYNC_CREATE);
    probe.connect('config-changed', hear);
    for (const [value, whole, text] of [[90, 90, '90'], [2.5, 2, '2.5'], ['x', 0, 'x']]) {
        await probe.change('config', value);
        await until(() => heard.at(-1) === value && widget.whole === whole &&
            widget.text === text, `${value}`);
    }
    equal(GObject.signal_handlers_disconnect_by_func(probe, hear), 1);
    await probe.change('config', 5);
    await until(() => widget.whole === 5, 'the last');
    equal(heard.at(-1), 'x');
    probe.close();
    peer.close();
}

// What does not fit the declared type is an error, and no older value.
async function misfits() {
    for (const generation of [1, 2]) {
        const peer = oldDevice(generation);
        const client = await PlantRpc.connect(Typed, peer.url);
        const writer = await discover(peer.url);
        const config = client.lookup_property('config');
        for (const value of [2.5, 101, '5', NaN, 1n << 40n, [5]]) {
            await writer.change('config', value);
            await until(() => config.error !== null, `${value}`);
            assert(config.error.matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL), 'its error');
            const error = await failure(() => client.config);
            assert(error.matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL), `${error}`);
            equal(config.state === CURRENT, false);
            await writer.change('config', 5);
            await until(() => config.state === CURRENT, 'the value again');
            equal([client.config, config.error], [5, null]);
        }
        writer.close();
        client.close();
        peer.close();
    }
}

await run([limits, beyondTheLimits, untyped, handlersAndWidgets, misfits]);
