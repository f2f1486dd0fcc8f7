// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors both ways, with their tracebacks.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {Camera, SimulatedCamera, failure, run, serve, throws, until} from './camera.js';

const {Error: Domain} = PlantRpc;
const {REMOTE, REFUSED, UNKNOWN_METHOD, INVALID_ARGUMENTS, NOT_SENT} = Domain;

function check(error, code, message) {
    assert(error instanceof GLib.Error && error.matches(Domain, code), `${error}`);
    equal(error.message, message);
}

// What a handler throws, or rejects its promise with, is the caller's error.
async function thrown(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const [how, text] of [['now', 'TypeError: thrown'], ['later', 'RangeError: rejected']]) {
        const error = await failure(() => camera.fail(how));
        check(error, REMOTE, text.split(': ')[1]);
        assert(error.traceback.startsWith(`${text}\n`), error.traceback);
        assert(error.traceback.includes('fail@') && error.traceback.includes('camera.js'),
            error.traceback);
        assert(!error.traceback.includes('/overrides/'), error.traceback);
        assert(error.stack.includes(error.traceback) && error.stack.includes('errors.js'),
            error.stack);
        equal([error.mayHaveRun, camera.get_last_traceback()], [true, error.traceback]);
    }
    check(await failure(() => camera.fail('text')), REMOTE, 'thrown text');
    check(await failure(() => camera.fail('silent')), REMOTE, 'RangeError');
    check(await failure(() => camera.fail('empty')), REMOTE, 'Error');
    const refused = await failure(() => camera.fail('glib'));
    check(refused, REFUSED, 'refused');
    equal([refused.mayHaveRun, refused.remoteName], [false, 'refused']);
}

// Errors of the library itself say as much.
async function ofTheLibrary(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const unknown = await failure(() => camera.call('no_such'));
    assert(unknown.matches(Domain, UNKNOWN_METHOD), `${unknown}`);
    equal([unknown.mayHaveRun, unknown.traceback], [false, null]);
    for (const wrong of [() => camera.add(), () => camera.add('1'), () => camera.add(1.5),
        () => camera.add(1, 2, 3), () => camera.add.named({c: 1}), () => camera.getImage(1)]) {
        const error = await failure(wrong);
        assert(error.matches(Domain, INVALID_ARGUMENTS) && !error.mayHaveRun, `${wrong}: ${error}`);
    }
    const late = await failure(() => PlantRpc.connect(Camera, 'tcp://127.0.0.1:1', {timeout: 50}));
    const {TIMED_OUT} = Gio.IOErrorEnum;
    assert(late.matches(Gio.IOErrorEnum, TIMED_OUT) || late.matches(Domain, NOT_SENT), `${late}`);
    await throws(() => PlantRpc.discover('no url'), GLib.Error, 'no url');

    // What only waits has done nothing, and a limit that is negative is over.
    const absent = new PlantRpc.Client({url: 'tcp://127.0.0.1:1'});
    for (const timeout of [50, -5]) {
        for (const wait of [() => PlantRpc.connect(Camera, 'tcp://127.0.0.1:1', {timeout}),
            () => PlantRpc.discover('tcp://127.0.0.1:1', {timeout}),
            () => PlantRpc.discover.sync('tcp://127.0.0.1:1', {timeout}),
            () => absent.wait_ready_sync(timeout), () => absent.wait_ready(timeout)]) {
            const error = await failure(wait);
            assert(error.matches(Gio.IOErrorEnum, TIMED_OUT) && !error.mayHaveRun,
                `${wait}: ${error}`);
        }
    }
    const over = await failure(() => camera.add.with({timeout: -5})(1));
    assert(over.matches(Domain, NOT_SENT) && !over.mayHaveRun, `${over}`);
}

// A setter that throws is a refused write, whoever writes.
async function setters(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const refused = await failure(() => camera.write_property('rotation', 13));
    check(refused, REMOTE, '13 is unlucky');
    assert(refused.traceback.includes('set rotation@'), refused.traceback);
    check(await failure(() => camera.write_property('rotation', 14)), REFUSED, 'not now');

    const failed = [];
    camera.connect('write-failed', (_, name, error) => failed.push([name, error.message]));
    camera.rotation = 90;
    await camera.flush();
    let told = 0;
    device.connect('notify::rotation', () => told++);
    let announced = 0;
    device.connect('notify::quiet', () => announced++);
    await camera.write_property('quiet', 1);
    await camera.write_property('quiet', 2);
    equal([device.quiet, announced], [2, 1]);
    camera.rotation = 13;
    equal(camera.rotation, 13);
    await until(() => failed.length, 'write-failed');
    equal([failed, camera.rotation, device.rotation, told],
        [[['rotation', '13 is unlucky']], 90, 90, 0]);
    camera.rotation = 91;
    await camera.flush();
    equal([device.rotation, told], [91, 1]);
    // The setter gets the GVariant that GObject would give it.
    for (const type of ['i', 'x', 's', 'as']) {
        const value = new GLib.Variant(type, {i: 5, x: 5, s: 'x', as: ['x']}[type]);
        await camera.write_property('config', value);
        equal(device.config.print(true), value.print(true));
    }
    camera.mode = 'permanently';
    camera.tags = ['x', 'y'];
    camera.large = 2n ** 60n;
    await camera.flush();
    equal([device.mode, device.tags, device.large], [2, ['x', 'y'], 2n ** 60n]);
}

// The owner's own handler decides first; what it throws refuses as well.
async function decisions(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    server.set_write_handler((write, name, value) => {
        if (name === 'natural' && value.get_uint32() === 1)
            throw new Error('not one');
        if (name === 'natural' && value.get_uint32() === 2) {
            device.natural = 20;
            write.return_value();
            return false;
        }
        // A handler that has answered already returns something else: that must have no effect.
        if (name === 'natural' && value.get_uint32() === 4)
            write.return_gerror(new GLib.Error(Domain, REFUSED, 'not four'));
        return true;
    });
    check(await failure(() => camera.write_property('natural', 4)), REFUSED, 'not four');
    equal(device.natural, 0);
    const error = await failure(() => camera.write_property('natural', 1));
    check(error, REMOTE, 'not one');
    assert(error.traceback.includes('errors.js'), error.traceback);
    await camera.write_property('natural', 2);
    equal(device.natural, 20);
    await camera.write_property('natural', 3);
    equal(device.natural, 3);
    check(await failure(() => camera.write_property('rotation', 13)), REMOTE, '13 is unlucky');
}

// Handlers that answer by themselves take plain values, too, and may throw or reject.
async function rawHandlers(server) {
    server.register_method_json('raw', 'how: s', 0, 0, async call => {
        const [how] = call.get_args().recursiveUnpack();
        await null;
        if (how === 'throw')
            throw new Error('thrown late');
        call.return_value({how: [1, null]});
    });
    server.register_method_buffer('bytes', '', 0, 0, call =>
        call.return_buffer(Uint8Array.of(1, 2), {size: 2}));
    const camera = await PlantRpc.connect(Camera, server.url);
    equal(await camera.raw('answer'), {how: [1, null]});
    check(await failure(() => camera.raw('throw')), REMOTE, 'thrown late');
    const [bytes, info] = await camera.call_buffer('bytes');
    equal([bytes, info], [Uint8Array.of(1, 2), {size: 2}]);
}

// A server that is the device itself; and what is declared wrongly.
async function servers() {
    const Itself = GObject.registerClass({
        Properties: {'level': GObject.ParamSpec.int('level', null, null,
            GObject.ParamFlags.READWRITE, 0, 9, 0)},
    }, class Itself extends PlantRpc.Server {
        static [PlantRpc.methods] = {double_it: ''};

        get level() {
            return this._level ?? 0;
        }

        set level(value) {
            if (value === 9)
                throw new Error('too high');
            this._level = value;
        }

        doubleIt() {
            this.level *= 2;
            return this.level;
        }
    });
    const server = new Itself({url: 'tcp://127.0.0.1:*'});
    server.start();
    const found = await PlantRpc.discover(server.url);
    found.level = 3;
    equal([await found.doubleIt(), server.level], [6, 6]);
    check(await failure(() => found.write_property('level', 9)), REMOTE, 'too high');
    server.stop();

    const Lacking = GObject.registerClass(class Lacking extends SimulatedCamera {
        static [PlantRpc.methods] = {lacking: ''};
    });
    await throws(() => serve(new Lacking()), TypeError, 'lacking');
    const Misspelt = GObject.registerClass(class Misspelt extends SimulatedCamera {
        static [PlantRpc.methods] = {add: {signatrue: ''}};
    });
    await throws(() => serve(new Misspelt()), TypeError, 'signatrue');
}

await run([thrown, ofTheLibrary, setters, decisions, rawHandlers, servers]);
