// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads that fail, and answers to whatever is thrown.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {failure, run, serve, until} from './camera.js';

const {READWRITE} = GObject.ParamFlags;
const {ParamSpec} = GObject;
const {REMOTE} = PlantRpc.Error;
const {CURRENT, UNSET} = PlantRpc.PropertyState;

// What is thrown, and what the caller is told.
const THROWN = {
    surrogate: [new Error('no \ud800'), 'no \ufffd'],
    nul: [new Error('a\0b'), 'a\ufffdb'],
    mute: [Object.defineProperty(new Error(), 'message', {
        get() {
            throw new Error('no');
        },
    }), 'Error'],
    bare: [Object.create(null), 'Error'],
    symbol: [Symbol('s'), 'Symbol(s)'],
    nothing: [null, 'null'],
    long: [new Error('x'.repeat(1 << 22)), `${'x'.repeat(65536 - 3)}…`],
};

const Probe = GObject.registerClass({
    GTypeName: 'TestReadsProbe',
    Properties: {
        'temperature': ParamSpec.double('temperature', null, null, READWRITE, -100, 100, 0),
        'label': ParamSpec.string('label', null, null, READWRITE, ''),
        'n': ParamSpec.int('n', null, null, READWRITE, 0, 10, 0),
        'nothing': ParamSpec.double('nothing', null, null, READWRITE, 0, 10, 0),
        'mode': ParamSpec.enum('mode', null, null, READWRITE, Gio.PasswordSave,
            Gio.PasswordSave.NEVER),
        'later': ParamSpec.string('later', null, null, READWRITE, ''),
        'serial': ParamSpec.string('serial', null, null, READWRITE, ''),
    },
}, class Probe extends GObject.Object {
    static [PlantRpc.methods] = {fail: 'why: s', plug: 'broken: b'};

    _init(params) {
        this.broken = true;
        super._init(params);
    }

    get temperature() {
        if (this.broken)
            throw new Error('sensor unplugged');
        return 21.5;
    }

    get label() {
        return 5;
    }

    get n() {
        return 2.7;
    }

    get nothing() {
        return undefined;
    }

    get mode() {
        return Gio.PasswordSave.PERMANENTLY;
    }

    get later() {
        return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => {
            resolve('now');
            return GLib.SOURCE_REMOVE;
        }));
    }

    get serial() {
        return 'A17';
    }

    set serial(why) {
        [, this.told] = THROWN[why];
        throw THROWN[why][0];
    }

    fail(why) {
        throw THROWN[why][0];
    }

    plug(broken) {
        this.broken = broken;
        this.notify('temperature');
    }
});

async function probe() {
    const server = serve(new Probe());
    const client = await PlantRpc.discover(server.url);
    return [server, client];
}

// The reader gets the error, and the others their values.
async function reads() {
    const [server, client] = await probe();
    const [temperature, serial] = ['temperature', 'serial'].map(name =>
        client.lookup_property(name));
    equal([temperature.state, temperature.message], [UNSET, 'sensor unplugged']);
    equal([serial.state, client.serial], [CURRENT, 'A17']);
    const error = await failure(() => client.read_property('temperature'));
    assert(error.matches(PlantRpc.Error, REMOTE), `${error}`);
    equal(error.message, 'sensor unplugged');
    assert(error.traceback.includes('get temperature@'), error.traceback);
    for (const [name, text] of [['label', 'got 5'], ['n', 'got 2.7'], ['nothing', 'a number']]) {
        // eslint-disable-next-line no-await-in-loop
        const misfit = await failure(() => client.read_property(name));
        assert(misfit.message.includes(text), misfit.message);
    }
    equal(await client.read_property('mode'), 'permanently');
    equal(await client.read_property('later'), 'now');
    await client.plug(false);
    await until(() => temperature.state === CURRENT, 'the value');
    equal([client.temperature, temperature.message], [21.5, null]);
    client.close();
    server.stop();
}

// Each call and each write is answered.
async function answers() {
    const [server, client] = await probe();
    for (const [why, [, message]] of Object.entries(THROWN)) {
        for (const act of [() => client.fail(why), () => client.write_property('serial', why)]) {
            // eslint-disable-next-line no-await-in-loop
            const error = await failure(act);
            assert(error.matches(PlantRpc.Error, REMOTE), `${error}`);
            equal(error.message, message);
        }
    }
    client.close();
    server.stop();
}

await run([reads, answers]);
