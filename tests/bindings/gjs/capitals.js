// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties whose names in GObject have capital letters, which GJS by itself cannot use.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {equal} from '../talk.js';
import {INT64, UINT64_MAX, run, serve, throws, until} from './camera.js';

const {READWRITE} = GObject.ParamFlags;
const {ParamSpec} = GObject;
const SAVE = Gio.PasswordSave;
const SPLICE = Gio.OutputStreamSpliceFlags;

// Each kind of value.
const Device = GObject.registerClass({
    GTypeName: 'TestCapitals',
    Properties: {
        'exposureTime': ParamSpec.int('exposureTime', null, null, READWRITE, 0, 99, 9),
        'X': ParamSpec.boolean('X', null, null, READWRITE, false),
        'aNatural': ParamSpec.uint('aNatural', null, null, READWRITE, 0, 0xffffffff, 0),
        'aLarge': ParamSpec.int64('aLarge', null, null, READWRITE, INT64.min, INT64.max, 0),
        'aHuge': ParamSpec.uint64('aHuge', null, null, READWRITE, 0, UINT64_MAX, 0),
        'aGain': ParamSpec.double('aGain', null, null, READWRITE, -9, 9, 1),
        'aText': ParamSpec.string('aText', null, null, READWRITE, 'still'),
        'aMode': ParamSpec.enum('aMode', null, null, READWRITE, Gio.PasswordSave, SAVE.NEVER),
        'aPart': ParamSpec.flags('aPart', null, null, READWRITE, Gio.OutputStreamSpliceFlags, 0),
        'aTags': ParamSpec.boxed('aTags', null, null, READWRITE, GLib.strv_get_type()),
        'aSize': GObject.param_spec_variant('aSize', null, null, new GLib.VariantType('(ii)'),
            new GLib.Variant('(ii)', [1, 2]), READWRITE),
    },
}, class Device extends GObject.Object {
});

const WRITTEN = {
    exposureTime: 19,
    X: true,
    aNatural: 2 ** 31,
    aLarge: -(2 ** 40),
    aHuge: 2 ** 50,
    aGain: 2.5,
    aText: 'video',
    aMode: SAVE.FOR_SESSION,
    aPart: SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET,
    aTags: ['a', 'b'],
    aSize: [3, 4],
};
const NICKS = {aMode: 'for-session', aPart: ['close-source', 'close-target']};

async function eachIsItself() {
    const server = serve(new Device());
    const device = await PlantRpc.discover(server.url);
    const heard = new Set();
    equal([device.exposureTime, device.aText], [9, 'still']);
    for (const name of Object.keys(WRITTEN))
        device.connect(`notify::${name}`, () => heard.add(name));
    for (const [name, value] of Object.entries(WRITTEN))
        device[name] = value;
    await device.flush();
    for (const [name, value] of Object.entries(WRITTEN)) {
        await until(() => heard.has(name), `a change of ${name}`);
        equal(await device.read_property(name), NICKS[name] ?? value, name);
        equal(device[name], value, name);
    }
    equal(Object.keys(WRITTEN).filter(name => !(name in device)), []);
    device.close();
    server.stop();
}

// A device whose own getters and setters GJS tells apart, although its names look like one.
const Pair = GObject.registerClass({
    GTypeName: 'TestCapitalsPair',
    Properties: {
        'gainLevel': ParamSpec.int('gainLevel', null, null, READWRITE, 0, 99, 0),
        'gain-level': ParamSpec.int('gain-level', null, null, READWRITE, 0, 99, 0),
    },
}, class Pair extends GObject.Object {
    get gainLevel() {
        return this._upper ?? 1;
    }

    set gainLevel(value) {
        this._upper = value;
    }

    get gain_level() {
        return this._lower ?? 2;
    }

    set gain_level(value) {
        this._lower = value;
    }
});

async function twoOfADevice() {
    const server = serve(new Pair());
    const device = await PlantRpc.discover(server.url);
    equal([device.gainLevel, device.gain_level], [1, 2]);
    device.gainLevel = 11;
    device.gain_level = 22;
    await device.flush();
    equal([device.gainLevel, device.gain_level], [11, 22]);
    equal([server.object._upper, server.object._lower], [11, 22]);
    device.close();
    server.stop();
}

async function allAreListed() {
    const server = serve(new Device());
    const device = await PlantRpc.discover(server.url);
    const found = {};
    for (const name in device)
        found[name] = device[name];
    equal([found.exposureTime, found.X, found.aTags, found.aSize], [9, false, [], [1, 2]]);
    await throws(() => (device.exposureTime = 100), RangeError, 'exposureTime');
    await throws(() => (device.aText = 5), TypeError, 'aText');
    device.close();
    server.stop();
}

await run([eachIsItself, twoOfADevice, allAreListed]);
