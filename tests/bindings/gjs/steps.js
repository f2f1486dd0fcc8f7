// SPDX-License-Identifier: LGPL-2.1-or-later
// What the library and JavaScript turn over in one step, and what needs more: it comes to the same.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {failure, run, serve, throws, until} from './camera.js';

const {READWRITE} = GObject.ParamFlags;
const {ParamSpec} = GObject;
const WIDE = 2n ** 53n + 1n;
const BYTES = Uint8Array.of(9, 1, 2, 255, 0, 9);
const INNER = BYTES.subarray(1, -1);

const Odd = GObject.registerClass({
    GTypeName: 'TestStepsOdd',
    Properties: {
        'label': ParamSpec.string('label', null, null, READWRITE, ''),
        'later': ParamSpec.string('later', null, null, READWRITE, ''),
        'wide': ParamSpec.int64('wide', null, null, READWRITE, GLib.MININT64_BIGINT,
            GLib.MAXINT64_BIGINT, 0),
    },
}, class Odd extends GObject.Object {
    static [PlantRpc.methods] = {
        echo: {signature: 'value: v'},
        all: {},
        bytes: {signature: 'form: s', buffer: true},
    };

    nReads = 0;

    echo(value) {
        return value;
    }

    all(...args) {
        return args;
    }

    bytes(form) {
        return {
            view: INNER,
            data: new DataView(BYTES.buffer, 1, 4),
            buffer: INNER.slice().buffer,
            bytes: new GLib.Bytes(INNER),
            none: new Uint8Array(0),
            wide: [INNER, {wide: WIDE}],
            list: [INNER, [1]],
            text: 'text',
        }[form];
    }

    get label() {
        this.nReads++;
        return this._label ?? 'none';
    }

    set label(text) {
        this._label = text === 'shout' ? 'SHOUT' : text;
    }

    get later() {
        return this._later === 'broken' ? Promise.reject(new Error('no')) : Promise.resolve('now');
    }

    set later(text) {
        this._later = text;
    }

    get wide() {
        return this._wide ?? 0;
    }

    set wide(value) {
        this._wide = value;
    }
});

async function withOdd(step) {
    const device = new Odd();
    const server = serve(device);
    const client = await PlantRpc.discover(server.url);
    try {
        await step(client, device, server);
    } finally {
        client.close();
        server.stop();
    }
}

// Arguments and results that JSON tells exactly, and others.
async function calls() {
    await withOdd(async client => {
        for (const value of [5, 0, -0, 1.5, -7, 2 ** 53, WIDE, -WIDE, 2n ** 64n - 1n, NaN, Infinity,
            true, null, 'ä', '\u2028', [], {}, [1, [WIDE]], {a: {b: [null]}}]) {
            // eslint-disable-next-line no-await-in-loop
            const back = await client.echo(value);
            if (typeof value === 'number')
                assert(Object.is(Number(back), value), `${value}: ${back}`);
            else
                equal(back, typeof value === 'bigint' ? BigInt(back) && value : value);
        }
        equal(await client.all(1, undefined, 'x', undefined), [1, null, 'x']);
        equal(await client.all.named({a: WIDE, b: 1}), [{a: WIDE, b: 1}]);
        equal(await client.all.named({}), []);
        equal(await client.call('all', [1], {b: 2}), [1, {b: 2}]);
    });
}

async function buffers() {
    await withOdd(async client => {
        for (const form of ['view', 'data', 'buffer', 'bytes']) {
            // eslint-disable-next-line no-await-in-loop
            equal(await client.bytes(form), [INNER, {}]);
        }
        equal(await client.bytes('none'), [new Uint8Array(0), {}]);
        equal(await client.bytes('wide'), [INNER, {wide: WIDE}]);
        const list = await failure(() => client.bytes('list'));
        assert(list.message.includes('what is told of a buffer is an object, not an array'),
            list.message);
        const text = await failure(() => client.bytes('text'));
        assert(text.message.includes('returns bytes, not "text"'), text.message);
    });
}

// A method is the same each time, and each client has its own.
async function bound() {
    await withOdd(async (client, device, server) => {
        const other = await PlantRpc.discover(server.url);
        assert(client.echo === client.echo && client.echo !== other.echo, 'one for each client');
        assert(client.echo.with({timeout: 50}).timeout === 50, 'its own timeout');
        assert(client.echo.timeout !== 50, 'only its own');
        await throws(() => client.echo.with({patience: 1}), TypeError, 'no option “patience”');
        other.close();
        const error = await failure(() => other.echo(1));
        assert(error.matches(PlantRpc.Error, PlantRpc.Error.CLOSED), `${error}`);
        equal(await client.echo(1), 1);
    });
}

// The writer is told what the getter returns then; a handler of `notify` may change it.
async function writes() {
    await withOdd(async (client, device) => {
        await client.write_property('label', 'shout');
        equal(client.label, 'SHOUT');
        const handler = device.connect('notify::label', () => {
            device._label = 'by handler';
        });
        await client.write_property('label', 'x');
        equal(client.label, 'by handler');
        device.disconnect(handler);
        await client.write_property('wide', WIDE);
        equal([device._wide, client.wide], [WIDE, WIDE]);
        await client.write_property('later', 'broken');
        await client.write_property('later', 'fine');
        equal(await client.read_property('later'), 'now');
    });
}

// Accessors may be defined, and fields made, at any time.
async function redefined() {
    await withOdd(async (client, device) => {
        equal(await client.read_property('label'), 'none');
        Object.defineProperty(device, 'label', {
            configurable: true,
            get: () => 'mine',
            set(text) {
                throw new Error(`not ${text}`);
            },
        });
        equal(await client.read_property('label'), 'mine');
        equal((await failure(() => client.write_property('label', 'x'))).message, 'not x');
        delete device.label;
        await client.write_property('label', 'y');
        equal(await client.read_property('label'), 'y');
        Object.defineProperty(device, 'label', {value: 'field', writable: true});
        equal(await client.read_property('label'), 'field');
    });
}

// An application that decides about reads is asked after a write, too.
async function decided() {
    await withOdd(async (client, device, server) => {
        server.set_read_handler((invocation, name) => {
            if (name === 'label')
                invocation.return_value('decided');
            return name !== 'label';
        });
        await client.write_property('label', 'x');
        await until(() => client.label === 'decided', 'what was decided');
        const before = device.nReads;
        equal(await client.read_property('label'), 'decided');
        equal(device.nReads, before);
        server.set_read_handler(null);
        equal(await client.read_property('label'), 'x');
    });
}

await run([calls, buffers, bound, writes, redefined, decided]);
