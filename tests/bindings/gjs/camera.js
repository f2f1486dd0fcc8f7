// SPDX-License-Identifier: LGPL-2.1-or-later
// A camera, declared once for both sides, and what every test of the override needs.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {assert} from '../talk.js';

const {READABLE, READWRITE} = GObject.ParamFlags;
const DEADLINE = 20; // seconds until what should come counts as not coming
const TICK_MS = 5;
export const INT64 = {min: -(2n ** 63n), max: 2n ** 63n - 1n};
export const UINT64_MAX = 2n ** 64n - 1n;
const {ParamSpec} = GObject;

// The declaration.
export const Camera = GObject.registerClass({
    GTypeName: 'TestCamera',
    Properties: {
        'flag': ParamSpec.boolean('flag', null, null, READWRITE, false),
        'rotation': ParamSpec.int('rotation', null, null, READWRITE, 0, 359, 0),
        'natural': ParamSpec.uint('natural', null, null, READWRITE, 0, 0xffffffff, 0),
        'large': ParamSpec.int64('large', null, null, READWRITE, INT64.min, INT64.max, 0),
        'huge': ParamSpec.uint64('huge', null, null, READWRITE, 0, UINT64_MAX, 0),
        'exposure-time': ParamSpec.double('exposure-time', null, null, READWRITE, 0.001, 60, 0.01),
        'video-url': ParamSpec.string('video-url', null, null, READWRITE, ''),
        'mode': ParamSpec.enum('mode', null, null, READWRITE, Gio.PasswordSave,
            Gio.PasswordSave.NEVER),
        'parts': ParamSpec.flags('parts', null, null, READWRITE, Gio.OutputStreamSpliceFlags, 0),
        'tags': ParamSpec.boxed('tags', null, null, READWRITE, GLib.strv_get_type()),
        'config': GObject.param_spec_variant('config', null, null, new GLib.VariantType('*'), null,
            READWRITE),
        'sizes': GObject.param_spec_variant('sizes', null, null, new GLib.VariantType('a(ii)'),
            new GLib.Variant('a(ii)', []), READWRITE),
        'gain': ParamSpec.double('gain', null, null, READWRITE, -Number.MAX_VALUE,
            Number.MAX_VALUE, 1),
        'quiet': ParamSpec.int('quiet', null, null,
            READWRITE | GObject.ParamFlags.EXPLICIT_NOTIFY, 0, 9, 0),
        'progress': ParamSpec.int('progress', null, null, READABLE, 0, 100, 0),
    },
    Signals: {
        'shot-taken': {param_types: [GObject.TYPE_STRING, GObject.TYPE_INT64, GObject.TYPE_VARIANT,
            Gio.PasswordSave.$gtype]},
        'told': {param_types: [GObject.TYPE_VARIANT, Gio.PasswordSave.$gtype]},
        'tick': {param_types: [GObject.TYPE_INT]},
    },
}, class Camera extends GObject.Object {
    static [PlantRpc.methods] = {
        get_image: {signature: 'lores: b = false', buffer: true, timeout: PlantRpc.TIMEOUT_NONE},
        add: 'a: i, b: i = 2',
        echo: {signature: 'value: v', timeout: 5000},
        arguments_of: {},
        fail: {signature: 'how: s'},
        take_long: {signature: ''},
        who_asks: {signature: '', invocation: true},
        ask_about: {signature: 'what: s, more: b = true', invocation: true},
        close: '',
        then: '',
    };
});

// A device of that kind.
export const SimulatedCamera = GObject.registerClass({
    GTypeName: 'TestSimulatedCamera',
}, class SimulatedCamera extends Camera {
    static [PlantRpc.methods] = {shoot: 'number: i', never: '', odd: 'how: s'};

    _init(params) {
        this._rotation = 0;
        this.held = [];
        super._init(params);
    }

    get rotation() {
        return this._rotation;
    }

    set rotation(value) {
        if (value === 13)
            throw new RangeError('13 is unlucky');
        if (value === 14)
            throw new GLib.Error(PlantRpc.Error, PlantRpc.Error.REFUSED, 'not now');
        this._rotation = value;
    }

    // It announces even numbers only.
    get quiet() {
        return this._quiet ?? 0;
    }

    set quiet(value) {
        this._quiet = value;
        if (value % 2 === 0)
            this.notify('quiet');
    }

    get config() {
        return this._config ?? null;
    }

    set config(value) {
        this._config = value;
    }

    get progress() {
        return 42;
    }

    getImage(lores) {
        const frame = Uint8Array.from({length: lores ? 18 : 4098}, (_, index) => index - 1);
        return [frame.subarray(1, -1), {lores}];
    }

    add(a, b) {
        return a + b;
    }

    async echo(value) {
        await null;
        return value;
    }

    argumentsOf(...args) {
        return args;
    }

    fail(how) {
        switch (how) {
        case 'text':
            throw 'thrown text'; // eslint-disable-line no-throw-literal
        case 'glib':
            throw new GLib.Error(PlantRpc.Error, PlantRpc.Error.REFUSED, 'refused');
        case 'silent':
            throw new RangeError();
        case 'empty':
            throw ''; // eslint-disable-line no-throw-literal
        case 'later':
            return Promise.reject(new RangeError('rejected'));
        default:
            throw new TypeError('thrown');
        }
    }

    takeLong() {
        return new Promise(resolve => this.held.push(resolve));
    }

    whoAsks(invocation) {
        return [invocation.get_name(), invocation.get_sender()];
    }

    askAbout(invocation, what, more) {
        return [invocation.get_name(), what, more];
    }

    close() {
        return 'closed';
    }

    then() {
        return 'next';
    }

    shoot(number) {
        for (let index = 0; index < number; index++)
            this.emit('tick', index);
    }

    // Nobody can ever answer.
    never() {
        return new Promise(() => {});
    }

    odd(how) {
        return {function: () => {}, date: new Date(), wide: 2n ** 70n}[how];
    }
});

// A running server of a device.
export function serve(object = new SimulatedCamera()) {
    const server = new PlantRpc.Server({object, url: 'tcp://127.0.0.1:*'});
    server.start();
    return server;
}

// Runs the main loop until a condition holds.
export async function until(condition, what) {
    const end = GLib.get_monotonic_time() + DEADLINE * GLib.USEC_PER_SEC;
    while (!await condition()) {
        assert(GLib.get_monotonic_time() < end, `not within ${DEADLINE} s: ${what}`);
        // eslint-disable-next-line no-await-in-loop
        await new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, TICK_MS, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
    }
}

// The error that something fails with, or is rejected with.
export async function failure(action) {
    let result;
    try {
        result = await action();
    } catch (error) {
        return error;
    }
    throw new Error(`it did not fail but gave ${result}`);
}

export async function throws(action, kind, message = '') {
    const error = await failure(action);
    assert(error instanceof kind && error.message.includes(message), `got ${error}`);
    return error;
}

// Takes each step, with a camera of its own, and ends the program.
export async function run(steps) {
    let failed = 0;
    for (const step of steps) {
        System.gc();
        const server = serve();
        try {
            // eslint-disable-next-line no-await-in-loop
            await step(server, server.object);
            print(`ok - ${step.name}`);
        } catch (error) {
            print(`${error.message}\n${error.stack}\nnot ok - ${step.name}`);
            failed++;
        }
        server.stop();
    }
    System.exit(failed ? 1 : 0);
}
