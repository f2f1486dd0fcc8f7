// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values, both ways: properties, arguments, results, signals; wide integers exactly.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {Camera, INT64, UINT64_MAX, run, serve, throws, until} from './camera.js';

const ROUND = [true, 0, -1, 2 ** 53 - 1, 2n ** 53n, INT64.min, INT64.max, UINT64_MAX, 1.5, -0,
    1e300, -1e-300, NaN, Infinity, '', 'a→b 🌱 "\'\\\n\t', 'x'.repeat(100000), null, [], {},
    [1, [2.5, ['x']]], {a: 1, 'it\'s': {b: [true, null]}, '': []}, [[], [{}], [[null]]]];
const deepEqual = (a, b) => JSON.stringify(a, show) === JSON.stringify(b, show);
const isOdd = value => typeof value === 'bigint' || Number.isNaN(value) || Object.is(value, -0) ||
    value === Infinity;
const show = (_, value) => isOdd(value) ? `${typeof value} ${1 / Number(value)} ${value}` : value;

// Arguments and results, of methods and of properties that are GVariants.
async function roundTrips(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const value of ROUND) {
        const got = await camera.echo(value);
        assert(deepEqual(got, value), `${show('', got)} for ${show('', value)}`);
        const [called] = await camera.call('arguments_of', [value]);
        assert(deepEqual(called, value), `${show('', called)} for ${show('', value)}`);
        camera.config = value;
        assert(deepEqual(camera.config, value), `config: ${show('', camera.config)}`);
    }
    const members = Object.fromEntries(Array.from({length: 5000}, (_, i) => [`k${i}`, [i, i / 3]]));
    equal(await camera.echo(members), members);
    equal(await camera.echo(new Map([['a', 1]])), {a: 1});
    equal(await camera.echo({a: undefined, b: 1}), {b: 1});
    equal(await camera.echo('half \ud83c'), 'half \ufffd');
    const hostile = await camera.echo(JSON.parse('{"__proto__": {"mine": 1}}'));
    assert(hostile.mine === undefined && Object.hasOwn(hostile, '__proto__'), 'a prototype');
}

// What is no plain value is not guessed at, but refused by its name.
async function noPlainValues(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const cyclic = [];
    cyclic.push(cyclic);
    for (const [value, kind] of [[() => {}, TypeError], [Symbol('x'), TypeError],
        [new Date(), TypeError], [new Uint8Array(2), TypeError], [camera, TypeError],
        [new Map([[1, 2]]), TypeError], [2n ** 64n, RangeError], [cyclic, RangeError],
        [5e-324, RangeError], ['nul \0', TypeError]]) {
        await throws(() => camera.echo(value), kind);
        await throws(() => camera.echo([{value}]), kind);
    }
    for (const [what, message] of [['function', 'plain'], ['date', 'plain'], ['wide', '64 bits']])
        await throws(() => camera.odd(what), GLib.Error, message);
}

// A GVariant goes as it is.
async function variants(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    equal(await camera.echo(new GLib.Variant('(si)', ['x', 5])), ['x', 5]);
    equal(await camera.add(new GLib.Variant('i', 5)), 7);
    camera.sizes = [[640, 480], [1, 2]];
    equal(camera.sizes, [[640, 480], [1, 2]]);
    camera.sizes = new GLib.Variant('a(ii)', [[3, 4]]);
    await camera.flush();
    equal([camera.sizes, await camera.read_property('sizes')], [[[3, 4]], [[3, 4]]]);
    await camera.write_property('config', {now: [1, 'x']});
    equal(camera.config, {now: [1, 'x']});
    const texts = {
        '{1: "a"}': new Map([[1, 'a']]),
        '{byte 1: byte 2, byte 3: byte 4}': new Map([[1, 2], [3, 4]]),
        '[byte 1, 2]': Uint8Array.of(1, 2),
        '[(byte 1,), (byte 2,)]': [[1], [2]],
        '[((true,), byte 3), ((false,), byte 4)]': [[[true], 3], [[false], 4]],
        '([(byte 1, 2, byte 3), (byte 4, 5, byte 6)], byte 7)': [[[1, 2, 3], [4, 5, 6]], 7],
        '@mmi just nothing': null,
        '(true, [(1, "x")], <<5>>)': [true, [[1, 'x']], 5],
    };
    for (const [text, expected] of Object.entries(texts)) {
        camera.config = GLib.Variant.parse(null, text, null, null);
        if (expected instanceof Map)
            equal([...camera.config], [...expected]);
        else
            equal(camera.config, expected);
    }
}

// What a container has in it is found by offsets of as many bytes as its own length needs.
async function longTexts(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const length of [15, 16, 17, 252, 253, 254, 255, 65530, 65531, 65532, 65533, 65534]) {
        const texts = ['x'.repeat(length), 'ö'];
        for (const [type, value] of [['as', [texts[0]]], ['as', texts], ['(ss)', texts],
            ['a{ss}', {[texts[0]]: 'y'}], ['(sas)', ['z', texts]]]) {
            camera.config = new GLib.Variant(type, value);
            equal(camera.config, value);
        }
    }
}

// Integers beyond 53 bits are exact: BigInts.
async function wideIntegers(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const [name, values] of Object.entries({
        large: [INT64.max, INT64.min, 2n ** 53n + 1n, 5, -5], huge: [UINT64_MAX, 2n ** 63n, 7],
    })) {
        for (const value of values) {
            camera[name] = value;
            equal(camera[name], value);
            await camera.flush();
            equal([device[name], await camera.read_property(name)], [value, value]);
            await camera.write_property(name, 1);
            await camera.write_property(name, value);
            equal(camera[name], value);
        }
    }
    device.large = INT64.max - 1n;
    await until(() => camera.large === INT64.max - 1n, 'what the device changes');
    camera.large = 6n;
    equal(camera.large, 6);
}

const Gauge = GObject.registerClass(class Gauge extends GObject.Object {
    static [PlantRpc.methods] = {
        number: '-> d', nothing: '-> ()', words: 'n: i -> as', maybe: '-> ms', anything: '',
        wrong: '',
    };

    number = () => 5;
    nothing = () => undefined;
    words = n => ['a', 'b'].slice(0, n);
    maybe = () => null;
    anything = () => ({});
    wrong = () => 'far';
});

const GaugeTemplate = GObject.registerClass(class GaugeTemplate extends GObject.Object {
    static [PlantRpc.methods] = {wrong: '-> d', anything: '-> a{sd}'};
});

// What is returned has the type that the device, or the template, declares.
async function returned() {
    const server = serve(new Gauge());
    const gauge = await PlantRpc.discover(server.url);
    const types = server.dup_interface().list_methods().map(name =>
        server.dup_interface().lookup_method(name).get_return_type());
    equal(types, ['d', '()', 'as', 'ms', null, null]);
    equal([await gauge.number(), await gauge.nothing(), await gauge.words(1), await gauge.maybe()],
        [5, null, ['a'], null]);
    const typed = await PlantRpc.connect(GaugeTemplate, server.url);
    equal(await typed.anything(), {});
    const error = await throws(() => typed.wrong(), GLib.Error, 'expected a number, got "far"');
    assert(error.matches(PlantRpc.Error, PlantRpc.Error.PROTOCOL) && error.mayHaveRun, 'its code');
    server.stop();
}

// So are those of signals, whose other arguments are as usual.
async function signals(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const found = await PlantRpc.discover(server.url);
    const shots = [[], []];
    const told = [];
    const id = camera.connect('shot-taken', (source, ...args) => shots[0].push([source, args]));
    found.connect_after('shotTaken', (source, ...args) => shots[1].push([source, args]));
    camera.connect('told', (_, ...args) => told.push(args));
    const {FOR_SESSION} = Gio.PasswordSave;
    for (const number of [INT64.max, 2n ** 53n + 1n, -3])
        device.emit('shot-taken', 'x', number, new GLib.Variant('(si)', ['y', 1]), FOR_SESSION);
    const variant = GLib.Variant.parse(null, '{"a": <int64 1099511627776>}', null, null);
    device.emit('told', variant, FOR_SESSION);
    await until(() => told.length && shots.every(some => some.length === 3), 'the signals');
    equal(shots[0].map(([, args]) => args),
        [INT64.max, 2n ** 53n + 1n, -3].map(number => ['x', number, ['y', 1], FOR_SESSION]));
    // No device tells what an enumeration among the arguments is.
    equal(shots[1].map(([, args]) => args), shots[0].map(([, args]) => [...args.slice(0, 3),
        'for-session']));
    assert(shots[0][0][0] === camera && shots[1][0][0] === found, 'the source');
    equal(told, [[{a: 2 ** 40}, FOR_SESSION]]);
    camera.disconnect(id);
    device.emit('shot-taken', 'x', 1, null, 0);
    device.emit('told', null, 0);
    await until(() => told.length === 2, 'the last');
    equal(shots[0].length, 3);
}

await run([roundTrips, noPlainValues, variants, longTexts, wideIntegers, returned, signals]);
