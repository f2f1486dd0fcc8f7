// SPDX-License-Identifier: LGPL-2.1-or-later
// The conversation with a probe, by promises, methods and plain values.
//
//   client.js URL native|1|2
//
// What ../client.js does by functions of the library is not repeated.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System, {programArgs} from 'system';

import {IMAGE_SIZE, MAXUINT, SAFE, THUMBNAIL_SIZE, pattern} from '../probe.js';
import {assert, equal} from '../talk.js';
import {Interface, Template} from '../values.js';
import {failure, throws, until} from './camera.js';

const [url, wire] = programArgs;
const native = wire === 'native';
const {Error: Domain} = PlantRpc;
const SAVE = Gio.PasswordSave;
const WIDE = 2n ** 53n + 1n;
const CONNECT_MS = 20000;
const PLAIN = {size: [640, 480], name: 'α', deep: {on: true, off: null}};
const VALUES = {
    flag: [true, false],
    count: [-(2 ** 31), 2 ** 31 - 1, -1],
    natural: [MAXUINT, 7],
    large: [SAFE, -SAFE, 5],
    huge: [SAFE, 5],
    level: [1e300, -0.5, 3, 0.1],
    angle: [359, 90],
    label: ['plant', '', 'a→b 🌱 "\'\\\n', null],
    mode: [SAVE.PERMANENTLY, SAVE.FOR_SESSION],
    tags: [['one', '', 'zwei→'], [], ['x']],
    config: [PLAIN, 5, [], 1.5, 'text', null, [1, [true, 'x']]],
    videoUrl: ['rtsp://camera/1'],
    shutter: [0.5, 60, 0.001],
};

const connect = (template = Template) => PlantRpc.connect(template, url, {timeout: CONNECT_MS});

// A client that has heard a signal: with generation 2 a subscription takes its time.
async function listen(template) {
    const probe = await connect(template);
    let pings = 0;
    const id = probe.connect('ping', () => pings++);
    await until(async () => {
        await probe.call('shoot', [0]);
        return pings > 0;
    }, 'the first signal');
    probe.disconnect(id);
    return probe;
}

// Each value goes out and comes back as it was.
async function everyValue() {
    const [probe, other] = [await connect(), await connect(Interface)];
    for (const [name, values] of Object.entries(VALUES)) {
        for (const value of values) {
            probe[name] = value;
            equal(probe[name], value, `${name} at once`);
            await probe.flush();
            equal(probe[name], value, name);
            await until(() => JSON.stringify(other[name]) === JSON.stringify(value), name);
        }
    }
}

// Methods, by position, by name, blocking.
async function methods() {
    const probe = await connect();
    equal([await probe.add(2, 3), await probe.add(2), await probe.add.named({b: 40, a: 2})],
        [5, 4, 42]);
    equal([probe.add.sync(20, 3), probe.add.sync.named({a: 1})], [23, 3]);
    for (const value of [null, false, -1, 0.5, 'ä', [PLAIN], WIDE, [WIDE]])
        equal(probe.echo.sync(value), value);
    equal(probe.add.sync.named(new Map([['a', 1]])), 3);
    await throws(() => probe.add.sync.named([1]), TypeError, 'named arguments are an object');
    const [small, info] = await probe.getImage(true);
    equal([small, info], [pattern(THUMBNAIL_SIZE), {format: 'raw', lores: true}]);
    equal(probe.get_image.sync()[0], pattern(IMAGE_SIZE));
    equal((await probe.getImage.named({lores: false}))[1].lores, false);
    equal(await probe.call('arguments', [1, 'x'], {y: 'z'}), {args: [1, 'x'], kwargs: {y: 'z'}});
    equal(await probe.call('nothing'), null);
    for (const value of [true, SAFE, -1, 1e300, 'a→b', ['x', []], PLAIN, null])
        equal(await probe.call('echo', [value]), value);
    // Arguments that are left out have their defaults, also in the blocking functions.
    assert(probe.wait_ready_sync() && probe.flush_sync() && probe.refresh_sync(), 'blocking');
    equal([probe.call_sync('add', [2]), probe.call_sync('add', null, {a: 3, b: 4})].map(sum =>
        sum.deepUnpack()), [4, 7]);
    assert(probe.write_property_sync('label', 'blocking'), 'written');
    equal(probe.read_property_sync('label').deepUnpack(), 'blocking');
    await throws(() => probe.call_sync(), TypeError, 'at least 1');
    const sums = await Promise.all(Array.from({length: 20}, (_, number) => probe.add(number, 1)));
    equal(sums, Array.from({length: 20}, (_, number) => number + 1));
}

// Each way to fail is an Error, of a code, with what the device tells.
async function errors() {
    const probe = await connect();
    const matches = async (call, code, message) => {
        const error = await failure(call);
        assert(error.matches(Domain, code) && error.message.includes(message), `${error}`);
        return error;
    };
    const failed = await matches(() => probe.call('fail'), Domain.REMOTE, 'deliberate failure');
    assert(failed.mayHaveRun, 'it did not run');
    const refused = await matches(() => probe.call('refuse'),
        native ? Domain.REFUSED : Domain.REMOTE, 'not now');
    assert(native || refused.traceback.includes('Refused: not now'), 'traceback');
    await matches(() => probe.call('no_such'), Domain.UNKNOWN_METHOD, 'no_such');
    assert((await failure(() => probe.write_property('label', 'forbidden'))) instanceof GLib.Error);
    await throws(() => (probe.angle = 'abc'), TypeError, 'angle');
    await throws(() => (probe.angle = 360), RangeError, '359');
    await throws(() => (probe.anlge = 5), TypeError, 'anlge');
    await throws(() => probe.addd(1), TypeError);
    const blocked = await throws(() => probe.add.sync.named({c: 1}), GLib.Error);
    assert(blocked.mayHaveRun === !native, `${blocked}`);
    if (native) {
        const broken = await matches(() => probe.call('break_down'), Domain.REMOTE, 'broke down');
        equal(broken.traceback, 'first line\nsecond line');
        await matches(() => probe.call('drop'), Domain.NO_REPLY, 'drop');
    }
}

// What the device changes and tells arrives with plain values.
async function signals() {
    const probe = await listen(Interface);
    const [shots, mixed] = [[], []];
    probe.connect('captured', (_, ...args) => shots.push(args));
    probe.connect('mixed', (_, ...args) => mixed.push(args));
    await probe.call('shoot', [3]);
    await probe.call('mix');
    await until(() => shots.some(([, index]) => index === 2) && mixed.length, 'the signals');
    equal(shots[0], ['shot', 0]);
    equal(mixed[0].slice(2, 9), [-(2 ** 52), 2 ** 52, -0.5, 'a→b', ['x', ''], ['y', 1.5],
        SAVE.FOR_SESSION]);
    await probe.call('change', ['video_url', 'rtsp://elsewhere']);
    await until(() => probe.videoUrl === 'rtsp://elsewhere', 'the change');
}

// A client of what the device itself tells.
async function discovered() {
    const probe = await PlantRpc.discover(url, {timeout: CONNECT_MS});
    const again = PlantRpc.discover.sync(url, {timeout: CONNECT_MS});
    equal(again.constructor, probe.constructor);
    probe.videoUrl = 'rtsp://discovered';
    await probe.flush();
    equal(await again.read_property('video-url'), 'rtsp://discovered');
    equal([await probe.add(1, 2), again.add.sync(3, 4)], [3, 7]);
    if (probe.wire === PlantRpc.Wire.NATIVE)
        await throws(() => (probe.flag = 'yes'), TypeError, 'flag');
    const connected = PlantRpc.connect.sync(Template, url, {timeout: CONNECT_MS});
    equal(connected.add.sync(5, 6), 11);
}

let failed = 0;
for (const step of [everyValue, methods, errors, signals, discovered]) {
    System.gc();
    try {
        await step();
        print(`ok - ${step.name}`);
    } catch (error) {
        print(`${error.message}\n${error.stack}\nnot ok - ${step.name}`);
        failed++;
    }
}
System.exit(failed ? 1 : 0);
