// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong in a program is told word by word.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {equal} from '../talk.js';
import {Camera, SimulatedCamera, failure, run, serve} from './camera.js';

const INT32 = 2 ** 31;

// Checks that something fails with exactly this.
async function told(kind, message, action) {
    const error = await failure(action);
    equal([error.constructor.name, error.message], [kind.name, message]);
}

async function properties(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const wrong = {
        flag: [['a boolean', 1, '1'], ['a boolean', null, 'nothing']],
        rotation: [['an integer', 'x', '"x"'], ['an integer', 1.5, '1.5']],
        exposureTime: [['a number', '1', '"1"']],
        videoUrl: [['a string', 5, '5'], ['a string', ['x'], '["x"]']],
        tags: [['an array', 'x', '"x"'], ['an array', {}, '{}'],
            ['an array', Object.create(null), '{}']],
    };
    for (const [name, rows] of Object.entries(wrong)) {
        const own = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
        for (const [expected, value, shown] of rows) {
            // eslint-disable-next-line no-await-in-loop
            await told(TypeError, `“${own}”: expected ${expected}, got ${shown}`,
                () => (camera[name] = value));
        }
    }
    for (const [name, value, range, shown = value] of [
        ['rotation', -1, 'an integer from 0 to 359'], ['rotation', 360, 'an integer from 0 to 359'],
        ['rotation', INT32, `an integer from ${-INT32} to ${INT32 - 1}`],
        ['natural', -1, 'an integer from 0 to 4294967295'],
        ['exposure_time', 61, 'a number from 0.001 to 60', '61.0'],
        ['exposure_time', 0, 'a number from 0.001 to 60', '0.0'],
        ['large', 2n ** 63n, `an integer from ${-(2n ** 63n)} to ${2n ** 63n - 1n}`],
        ['huge', -1n, `an integer from 0 to ${2n ** 64n - 1n}`]]) {
        // eslint-disable-next-line no-await-in-loop
        await told(RangeError, `“${name}”: expected ${range}, got ${shown}`,
            () => (camera[name] = value));
    }
    await told(TypeError, '“tags”: element 1: expected a string, got 5',
        () => (camera.tags = ['x', 5]));
    await told(TypeError, '“rotation” takes a value, not undefined',
        () => (camera.rotation = undefined));
    await told(RangeError, '“exposure_time” takes a number, not NaN',
        () => (camera.exposureTime = NaN));
    await told(RangeError, `“large”: ${2 ** 60} may be rounded; write it as a BigInt`,
        () => (camera.large = 2 ** 60));
    await told(TypeError, '“progress” is read-only', () => (camera.progress = 5));
    const modes = 'never, for-session, permanently';
    for (const [value, kind, shown] of [['often', RangeError, '"often"'], [9, RangeError, '9'],
        [null, TypeError, 'nothing']])
        // eslint-disable-next-line no-await-in-loop
        await told(kind, `“mode”: expected one of ${modes}, got ${shown}`,
            () => (camera.mode = value));
    await told(RangeError, '“parts”: expected one of none, close-source, close-target, got 9',
        () => (camera.parts = 9));
    await told(TypeError, 'the remote object has no property “vdieoUrl”',
        () => (camera.vdieoUrl = 'x'));
    await told(Error, 'there is no property “vdieo-url” to be notified of',
        () => camera.connect('notify::vdieo-url', () => {}));
}

// Of properties and results that have a type.
async function types(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const pair = 'element 0: expected an array of 2 elements';
    const number = 'element 0: element 1: expected an integer';
    for (const [value, message] of [
        [5, 'expected an array, got 5'], ['x', 'expected an array, got "x"'],
        [[5], `${pair}, got 5`], [[[1]], `${pair}, got [1]`],
        [[[1, 2, 3]], `${pair}, got [1,2,3]`],
        [[[1, 'x']], `${number}, got "x"`], [[[1, 1.5]], `${number}, got 1.5`],
        [[[1, INT32]], `${number} from ${-INT32} to ${INT32 - 1}, got ${INT32}`],
        [new GLib.Variant('s', 'x'), 'expected an array, got "x"']]) {
        // eslint-disable-next-line no-await-in-loop
        await told(TypeError, `“sizes”: ${message}`, () => (camera.sizes = value));
    }
}

// Of arguments, which have none here.
async function values(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    let deep = 1;
    for (let level = 0; level < 102; level++)
        deep = [deep];
    for (const [value, kind, message] of [
        [2n ** 64n, RangeError, `${2n ** 64n} has more than 64 bits`],
        [-(2n ** 63n) - 1n, RangeError, `${-(2n ** 63n) - 1n} has more than 64 bits`],
        [1e-320, RangeError, '1e-320 is too small'],
        [deep, RangeError, 'the value is nested too deeply'],
        [new Map([[5, 6]]), TypeError, 'the key 5 is not a string'],
        [new Uint8Array(2), TypeError,
            'bytes travel as a buffer; Array.from() makes a list of them'],
        [new Date(0), TypeError, 'a Date is not a plain value'],
        [() => 5, TypeError, 'a function is not a plain value'],
        [Symbol('x'), TypeError, 'Symbol(x) is not a plain value']]) {
        // eslint-disable-next-line no-await-in-loop
        await told(kind, message, () => camera.echo(value));
        if (value !== deep) {
            // eslint-disable-next-line no-await-in-loop
            await told(kind, `“config”: ${message}`, () => (camera.config = {value}));
        }
    }
    await told(TypeError, 'arguments are an array, not "x"', () => camera.call('echo', 'x'));
    await told(TypeError, 'named arguments are an object, not an array',
        () => camera.echo.named([]));
    await told(TypeError, 'named arguments are an object, not 5', () => camera.echo.named(5));
    const other = new GLib.Variant('as', []);
    for (const call of [() => camera.echo.named(other), () => camera.echo.sync.named(other)]) {
        // eslint-disable-next-line no-await-in-loop
        await told(TypeError, 'named arguments are an object, not a GVariant of type as', call);
    }
    await told(TypeError, 'arguments are an array, not a GVariant of type as',
        () => camera.call('echo', other));
    for (const [count, more] of [[1, 'call'], [2, 'write_property'], [1, 'read_property']]) {
        // eslint-disable-next-line no-await-in-loop
        await told(TypeError, `${more}() needs at least ${count} arguments`,
            () => camera[more](...Array(count - 1).fill('x')));
    }
    for (const [name, most] of Object.entries({wait_ready: 2, flush: 1, call: 5, call_buffer: 5,
        read_property: 2, write_property: 3, refresh: 1, stop_server: 1})) {
        for (const form of [name, `${name}_sync`]) {
            // eslint-disable-next-line no-await-in-loop
            await told(TypeError, `${form}() takes at most ${most} arguments`,
                () => camera[form](...Array(most + 1).fill(null)));
        }
    }
    await told(TypeError, 'discover() takes at most 3 arguments',
        () => PlantRpc.Client.discover('x', 0, null, null));
}

async function options(server) {
    const known = 'timeout, cancellable, device, registry, keypair, unknownDevices';
    for (const start of [() => PlantRpc.connect(Camera, server.url, {timeuot: 5}),
        () => PlantRpc.discover(server.url, {timeuot: 5})])
        // eslint-disable-next-line no-await-in-loop
        await told(TypeError, `there is no option “timeuot”; there are ${known}`, start);
    const camera = await PlantRpc.connect(Camera, server.url);
    await told(TypeError, 'there is no option “timeuot”; there are timeout and cancellable',
        () => camera.add.with({timeuot: 5}));
    const either = 'either a url or the name of a device is needed';
    for (const arguments_ of [[], [server.url, {device: 'x'}], [undefined, {}]]) {
        // eslint-disable-next-line no-await-in-loop
        await told(TypeError, either, () => PlantRpc.connect(Camera, ...arguments_));
    }
    await told(TypeError, either, () => PlantRpc.discover());
    const made = 'a template is a class that GObject.registerClass() made, not';
    await told(TypeError, 'a template is needed; discover() does without one',
        () => PlantRpc.connect(null, server.url));
    await told(TypeError, `${made} "x"`, () => PlantRpc.connect('x', server.url));
    await told(TypeError, `${made} the unregistered class Forgotten`,
        () => PlantRpc.connect(class Forgotten extends GObject.Object {}, server.url));
}

const Lacking = GObject.registerClass({
    GTypeName: 'TestLacking',
}, class Lacking extends GObject.Object {
    static [PlantRpc.methods] = {lacking: ''};
});

const Misspelt = GObject.registerClass({
    GTypeName: 'TestMisspelt',
}, class Misspelt extends GObject.Object {
    static [PlantRpc.methods] = {go: {signatrue: ''}};

    go() {}
});

async function declarations(server) {
    await told(TypeError, 'Lacking declares lacking() and has no such method',
        () => serve(new Lacking()));
    await told(TypeError,
        'go: there is no “signatrue”; there are signature, buffer, timeout, invocation',
        () => serve(new Misspelt()));
    const camera = await PlantRpc.connect(SimulatedCamera, server.url);
    equal((await failure(() => camera.odd('function'))).message,
        'a function is not a plain value');
}

await run([properties, types, values, options, declarations]);
