// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties and methods of remote objects as those of JavaScript: every spelling, no wrong one.

import Gio from 'gi://Gio';
import GIRepository from 'gi://GIRepository';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {Camera, failure, run, serve, throws, until} from './camera.js';

const SAVE = Gio.PasswordSave;
const SPLICE = Gio.OutputStreamSpliceFlags;
const IO = Gio.IOErrorEnum;

// Each spelling reads and writes the one property.
async function spellings(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    assert(camera instanceof PlantRpc.Client, 'a client');
    for (const name of ['videoUrl', 'video_url', 'video-url']) {
        camera[name] = name;
        equal([camera.videoUrl, camera.video_url, camera['video-url']], [name, name, name]);
        await camera.flush();
        equal(device.video_url, name);
        let told = 0;
        camera.connect(`notify::${name}`, () => told++);
        camera[name] = `${name} again`;
        await until(() => told, name);
    }
    for (const name of ['shotTaken', 'shot_taken', 'shot-taken']) {
        let told = 0;
        camera.connect(name, () => told++);
        device.emit('shot-taken', '', 0, null, 0);
        await until(() => told, name);
    }
}

// A method tells how long its callers wait.
async function timeouts(server) {
    for (const camera of [await PlantRpc.connect(Camera, server.url),
        await PlantRpc.discover(server.url)]) {
        equal([camera.getImage.timeout, camera.echo.timeout, camera.add.timeout],
            [PlantRpc.TIMEOUT_NONE, 5000, 10000]);
        equal(camera.echo.with({timeout: 5}).timeout, 5);
    }
}

// What there is not throws; also where a script is not strict, and would go on.
async function misspelt(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const sloppy = new Function('camera', 'camera.vdieoUrl = "lost"');
    await throws(() => (camera.vdieoUrl = 'lost'), TypeError, 'vdieoUrl');
    await throws(() => sloppy(camera), TypeError, 'vdieoUrl');
    await throws(() => camera.getImgae(), TypeError);
    await throws(() => camera.connect('notify::vdieo-url', () => {}), Error, 'vdieo-url');
    await throws(() => camera.connect('shot-takne', () => {}), Error, 'shot-takne');
    await throws(() => PlantRpc.connect(Camera, server.url, {timeuot: 5}), TypeError, 'timeuot');
    await throws(() => PlantRpc.discover(server.url, {timeuot: 5}), TypeError, 'timeuot');
    await throws(() => camera.add.with({timeuot: 5}), TypeError, 'timeuot');
    await throws(() => camera.call(), TypeError, 'argument');
    await throws(() => camera.call('add', [1], null, 0, null, 5), TypeError, 'at most 5');
    await throws(() => camera.flush_sync(null, null), TypeError, 'at most 1');
    await throws(() => PlantRpc.connect(null, server.url), TypeError, 'template');
    await throws(() => PlantRpc.connect(server.url), TypeError, 'template');
    await throws(() => PlantRpc.connect(class Forgotten extends GObject.Object {}, server.url),
        TypeError, 'unregistered class Forgotten');
    const Wrong = GObject.registerClass(class WrongSignature extends GObject.Object {
        static [PlantRpc.methods] = {turn: 'degrees: zz'};
    });
    for (let i = 0; i < 2; i++)
        await throws(() => PlantRpc.connect(Wrong, server.url), GLib.Error, 'zz');
    await throws(() => PlantRpc.connect(Camera), TypeError, 'url');
    assert(!Object.keys(camera).includes('vdieoUrl'), 'it was kept');
    equal(`${camera}`, `[Client at ${server.url}, ready]`, 'what log() shows');
    equal(`${new PlantRpc.Client()}`, '[Client at a device not found yet, disconnected]', 'no url');
}

const WRONG = {
    'flag': [[1, 'true', null], []],
    'rotation': [['abc', '5', 1.5, null, true, NaN, [1]], [-1, 360, 2 ** 31, 2n ** 70n]],
    'natural': [['5', -0.5], [-1, 2 ** 32]],
    'large': [['5', 1.5], [2 ** 53, -(2 ** 60), 2n ** 63n]],
    'huge': [['5'], [-1, -1n, 2 ** 53, 2n ** 64n]],
    'exposure-time': [['1', null], [0, 61, NaN, Infinity]],
    'gain': [['1', null], [NaN]],
    'video-url': [[5, true, ['a'], undefined], []],
    'mode': [[null, [], {}], ['nope', 7, 0.5]],
    'parts': [[null], ['nope', 1024]],
    'tags': [['a', [1], null, {}], []],
    'config': [[() => {}, Symbol('x'), new Date(), new Uint8Array(2), new Camera()], [2n ** 64n]],
    'sizes': [['x', [[1, 'x']], [[1]], [1, 2], new GLib.Variant('i', 5),
        [[1, 2 ** 31]]], []],
};

// A wrong type is a TypeError, what is out of range a RangeError, and nothing is written.
async function wrongValues(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const [name, [types, ranges]] of Object.entries(WRONG)) {
        const before = camera[name];
        for (const value of types)
            await throws(() => (camera[name] = value), TypeError,
                name === 'config' ? '' : name.replaceAll('-', '_'));
        for (const value of ranges)
            await throws(() => (camera[name] = value), RangeError);
        equal(camera[name], before, name);
    }
    await throws(() => (camera.progress = 5), TypeError, 'read-only');
    await camera.flush();
    equal([device.rotation, camera.progress], [0, 42]);
}

// Enumerations that JavaScript knows are numbers, and may be written by nick; others are nicks.
async function choices(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    for (const [written, mode] of [['for-session', SAVE.FOR_SESSION],
        [SAVE.PERMANENTLY, SAVE.PERMANENTLY], ['never', SAVE.NEVER]]) {
        camera.mode = written;
        await camera.flush();
        equal([camera.mode, device.mode, await camera.read_property('mode')],
            [mode, mode, ['never', 'for-session', 'permanently'][mode]]);
    }
    camera.parts = ['close-source', 'close-target'];
    equal(camera.parts, SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET);
    camera.parts = SPLICE.CLOSE_TARGET;
    await camera.flush();
    equal(device.parts, SPLICE.CLOSE_TARGET);

    const text = PlantRpc.InterfaceInfo.new_for_type(Camera).to_json()
        .replaceAll('for-session', 'for-a-day').replaceAll('GPasswordSave', 'Unheard');
    const foreign = PlantRpc.clientClass(PlantRpc.InterfaceInfo.new_from_json(text));
    const client = new foreign();
    equal(client.mode, 'never');
    await throws(() => (client.mode = 'for-session'), RangeError, 'for-a-day');

    // Types that are not known here, and whose numbers are others, are written by nick as well.
    const told = PlantRpc.InterfaceInfo.new_for_type(Camera).to_json()
        .replaceAll('GPasswordSave', 'Unheard').replace('"never":0', '"never":-1')
        .replaceAll('GOutputStreamSpliceFlags', 'UnheardFlags')
        .replace('"close-source":1', `"close-source":${2 ** 31}`);
    const stranger = await PlantRpc.connect(PlantRpc.InterfaceInfo.new_from_json(told), server.url);
    for (const [mode, parts] of [['never', ['close-source']], ['for-session', []],
        ['never', ['close-source', 'close-target']]]) {
        [stranger.mode, stranger.parts] = [mode, parts];
        equal([stranger.mode, stranger.parts], [mode, parts]);
        await stranger.flush();
        equal([device.mode, device.parts], [SAVE[mode.replace('-', '_').toUpperCase()],
            parts.reduce((sum, nick) => sum | SPLICE[nick.replace('-', '_').toUpperCase()], 0)]);
    }

    for (const nick of ['lost', 'low', 'high']) {
        const info = PlantRpc.InterfaceInfo.new_from_json(JSON.stringify({properties:
            {level: {type: 's', choices: {lost: -1, low: 0, high: 1000}, default: nick}}}));
        equal(new (PlantRpc.clientClass(info))().level, nick);
    }
    const nicks = {lens: 1, lamp: 4, lid: 2 ** 31};
    for (const parts of [[], ['lens'], ['lamp', 'lens'], ['lid'], ['lamp', 'lens', 'lid']]) {
        const info = PlantRpc.InterfaceInfo.new_from_json(JSON.stringify(
            {properties: {parts: {type: 'as', choices: nicks, default: parts}}}));
        equal(new (PlantRpc.clientClass(info))().parts.sort(), parts);
    }
}

// Methods by both names, with arguments by position and by name, with options.
async function methods(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    equal([await camera.add(2), await camera.add(2, 3), await camera.add.named({b: 1, a: 4})],
        [4, 5, 5]);
    for (const name of ['getImage', 'get_image']) {
        const [bytes, info] = await camera[name](true);
        assert(bytes instanceof Uint8Array && bytes.length === 16 && bytes[15] === 15, 'bytes');
        equal(info, {lores: true});
        equal((await camera[name].named({lores: false}))[0].length, 4096);
    }
    equal(await camera.argumentsOf(1, 'x', null), [1, 'x', null]);
    equal(await camera.argumentsOf.named({key: [1]}), [{key: [1]}]);
    equal(await camera.who_asks(), ['who_asks', '127.0.0.1']);
    equal(await camera.ask_about('time'), ['ask_about', 'time', true]);
    await throws(() => (camera.add = 5), TypeError);

    const late = await failure(() => camera.takeLong.with({timeout: 30})());
    assert(late.matches(IO, IO.TIMED_OUT) && late.mayHaveRun, `${late}`);
    const cancellable = new Gio.Cancellable();
    const given = failure(() => camera.take_long.with({cancellable})());
    cancellable.cancel();
    assert((await given).matches(IO, IO.CANCELLED), 'cancelled');
    equal(device.held.length >= 1, true);
}

// Names that a client has of its own are not hidden, and can be had by another.
async function takenNames(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    equal([await camera.remoteClose(), await camera.remote_close()], ['closed', 'closed']);
    equal(await camera.remoteThen(), 'next');
    assert(camera.then === undefined && camera.remoteAdd === undefined, 'a promise');
    camera.close();
    equal(camera.state, PlantRpc.State.CLOSED);
}

// What the device has beyond its template can be called; a class of clients may be derived from.
async function beyondTheTemplate(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    let ticks = 0;
    camera.connect('tick', () => ticks++);
    await camera.shoot(3);
    await until(() => ticks === 3, 'the signals');

    equal([PlantRpc.Client, PlantRpc.clientClass(Camera)].map(PlantRpc.clientClass),
        [PlantRpc.Client, PlantRpc.clientClass(Camera)]);
    const bare = await PlantRpc.connect(PlantRpc.Client, server.url);
    equal(await bare.call('add', [1]), 3);

    const Mine = GObject.registerClass(class Mine extends PlantRpc.clientClass(Camera) {
        _init(params) {
            super._init(params);
            this.name_of_my_own = 'mine';
        }

        sum(...numbers) {
            return Promise.all(numbers.map(number => this.add(number, 0)));
        }
    });
    const mine = await PlantRpc.connect(Mine, server.url);
    equal([await mine.sum(1, 2), mine.name_of_my_own], [[1, 2], 'mine']);
    mine.another = 1;
    await throws(() => (mine.rotation = 'abc'), TypeError);
}

// A client finds its device by name.
async function byName(server) {
    const registry = PlantRpc.Registry.new('tcp://127.0.0.1:*');
    registry.start();
    equal(await server.register_to_registry('camera', 'desk', registry.get_url(), true), 'desk');
    const place = {device: 'desk', registry: registry.get_url()};
    const camera = await PlantRpc.connect(Camera, null, place);
    equal(await camera.add(1), 3);
    const found = await PlantRpc.discover(null, place);
    equal([found.url, await found.add(1)], [server.url, 3]);
    assert(await server.unregister(), 'withdrawn');
    // A client that was made by name follows the device to another server.
    const other = serve();
    await other.register_to_registry('camera', 'desk', registry.get_url(), true);
    await until(() => [camera, found].every(({url}) => url === other.url), 'the other place');
    equal([await found.add(2), await camera.add(3)], [4, 5]);
    other.stop();
    registry.stop();
}

// A client that did not become ready is closed, and so is a search for a device.
async function nothingIsLeft(server) {
    const made = [];
    const Mine = GObject.registerClass(class Kept extends PlantRpc.clientClass(Camera) {
        _init(params) {
            super._init(params);
            made.push(this);
        }
    });
    await failure(() => PlantRpc.connect(Mine, 'tcp://127.0.0.1:1', {timeout: 50}));
    await failure(() => PlantRpc.connect.sync(Mine, 'tcp://127.0.0.1:1', {timeout: 50}));
    const cancellable = new Gio.Cancellable();
    const given = failure(() => PlantRpc.connect(Mine, server.url, {cancellable}));
    cancellable.cancel();
    assert((await given).matches(IO, IO.CANCELLED), 'cancelled');
    const discovered = await failure(() => PlantRpc.discover.sync(server.url, {cancellable}));
    assert(discovered.matches(IO, IO.CANCELLED), 'cancelled');
    equal(made.map(client => client.state), made.map(() => PlantRpc.State.CLOSED));
    equal(made.length, 3);

    const registry = PlantRpc.Registry.new('tcp://127.0.0.1:*');
    registry.start();
    await server.register_to_registry('camera', 'desk', registry.get_url(), true);
    const before = countDescriptors();
    for (let index = 0; index < 10; index++) {
        const place = {device: 'desk', registry: registry.get_url()};
        (await PlantRpc.discover(null, place)).close();
        await failure(() => PlantRpc.discover(null, {...place, device: 'nowhere', timeout: 50}));
        const late = await failure(() =>
            PlantRpc.discover.sync(null, {...place, device: 'nowhere', timeout: 20}));
        assert(late.matches(IO, IO.TIMED_OUT), 'not listed');
    }
    await until(() => countDescriptors() < before + 10, 'the descriptors');
    registry.stop();
}

function countDescriptors() {
    const folder = Gio.File.new_for_path('/proc/self/fd').enumerate_children(
        'standard::name', Gio.FileQueryInfoFlags.NONE, null);
    let count = 0;
    while (folder.next_file(null))
        count++;
    folder.close(null);
    return count;
}

// Emits all signals of a device, and waits until a later one has come.
async function emitAll(camera, device) {
    let ticks = 0;
    const id = camera.connect('tick', () => ticks++);
    device.emit('shot-taken', 'x', 1, null, 0);
    device.emit('told', null, 0);
    device.rotation = (device.rotation + 2) % 10;
    device.notify('rotation');
    device.emit('tick', 1);
    await until(() => ticks, 'the last of the signals');
    camera.disconnect(id);
}

// A handler is found, blocked and disconnected by its function, whatever its signal tells.
async function handlersByFunction(server, device) {
    const camera = await PlantRpc.connect(Camera, server.url);
    let ran = 0;
    const handler = () => ran++;
    const never = () => 0;
    const names = ['shotTaken', 'told', 'notify::rotation'];
    for (const name of names) {
        camera.connect(name, handler);
        camera.connect_after(name, handler);
    }
    const ids = names.flatMap(name => [name, name]);
    equal(GObject.signal_handlers_block_by_func(camera, handler), ids.length);
    await emitAll(camera, device);
    equal(ran, 0);
    equal(GObject.signal_handlers_unblock_by_func(camera, handler), ids.length);
    await emitAll(camera, device);
    equal(ran, ids.length);

    assert(GObject.signal_handler_find(camera, {func: handler}) !== 0, 'found');
    equal(GObject.signal_handler_find(camera, {func: never}), 0);
    for (const signalId of ['shot-taken', 'shotTaken', 'told']) {
        const match = {signalId, func: handler};
        assert(GObject.signal_handler_find(camera, match) !== 0, 'found by its signal, too');
        equal(GObject.signal_handlers_block_matched(camera, match), 2);
        equal(GObject.signal_handlers_unblock_matched(camera, match), 2);
    }
    equal(GObject.signal_handlers_disconnect_matched(camera, {signalId: 'told', func: handler}), 2);
    equal(GObject.signal_handler_find(camera, {signalId: 'told', func: handler}), 0);
    equal(GObject.signal_handlers_disconnect_by_func(camera, handler), ids.length - 2);
    equal(GObject.signal_handlers_disconnect_by_func(camera, handler), 0);
    await emitAll(camera, device);
    equal(ran, ids.length);

    for (const object of [server, camera.lookup_property('rotation'),
        new PlantRpc.Registry({url: 'tcp://127.0.0.1:*'})]) {
        object.connect('notify', handler);
        equal(GObject.signal_handlers_disconnect_by_func(object, never), 0);
        equal(GObject.signal_handlers_disconnect_by_func(object, handler), 1);
    }
    await throws(() => GObject.signal_handlers_block_by_func(camera, null), Error, '');
}

// Every asynchronous function of the library returns a promise where there is no callback.
async function everyPromise(server) {
    const [camera, repository] = [await PlantRpc.connect(Camera, server.url),
        GIRepository.Repository.get_default()];
    const discovery = PlantRpc.Discovery.new(server.url);
    const owners = {Client: camera, Discovery: discovery, Server: server};
    let count = 0;
    for (let index = 0; index < repository.get_n_infos('PlantRpc'); index++) {
        const info = repository.get_info('PlantRpc', index);
        if (info.get_type() !== GIRepository.InfoType.OBJECT)
            continue;
        for (let number = 0; number < GIRepository.object_info_get_n_methods(info); number++) {
            const name = GIRepository.object_info_get_method(info, number).get_name();
            if (!name.endsWith('_finish'))
                continue;
            const start = name.slice(0, -'_finish'.length);
            const owner = start.startsWith('discover') ? PlantRpc.Client : owners[info.get_name()];
            const cancelled = new Gio.Cancellable();
            cancelled.cancel();
            const args = {
                call: ['add', [1], null, 0], call_buffer: ['get_image', null, null, 0],
                discover: ['tcp://127.0.0.1:1', 100],
                discover_device: ['tcp://127.0.0.1:1', 'x', 100],
                flush: [], refresh: [], stop_server: [], read_property: ['natural'],
                write_property: ['natural', 5], unregister: [],
                register_to_registry: ['camera', 'x', 'tcp://127.0.0.1:1', true], wait_ready: [100],
                wait_client: [100],
            }[start];
            const promise = owner[start](...args, cancelled);
            assert(promise instanceof Promise, `${start} is not a promise`);
            await promise.catch(() => {});
            count++;
        }
    }
    assert(count >= 11, `${count} of them`);
}

await run([spellings, timeouts, misspelt, wrongValues, choices, methods, takenNames,
    beyondTheTemplate, byName, nothingIsLeft, handlersByFunction, everyPromise]);
