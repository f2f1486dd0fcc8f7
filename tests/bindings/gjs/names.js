// SPDX-License-Identifier: LGPL-2.1-or-later
// The names of a device, exactly as they travel, and its choices by any name that they have.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal} from '../talk.js';
import {run, throws, until} from './camera.js';

const FOLDED = {ExposureTime: 10, exposure_time: 20, gain_1: 3, gain1: 4};
const CAPITAL = {shutterTime: 30, shutter_time: 40};
const ALONE = {X: 2.5, ISO: 200, videoURL: 'v'};
const EVERY = {...FOLDED, ...CAPITAL, ...ALONE};

// The device writes what happens to its output, which must stay open.
function start() {
    const build = `${GLib.getenv('BINDINGS_BUILD_DIR')}/../..`;
    const [here] = GLib.filename_from_uri(import.meta.url);
    const path = `${GLib.path_get_dirname(GLib.path_get_dirname(here))}/names.json`;
    const command = [`${build}/plantrpc/tools/plantrpc`, 'serve', '--json', path];
    const process = Gio.Subprocess.new(command, Gio.SubprocessFlags.STDOUT_PIPE);
    const output = Gio.DataInputStream.new(process.get_stdout_pipe());
    let url = null;
    while (url === null)
        url = /tcp:\/\/[0-9.:]+/.exec(output.read_line_utf8(null)[0])?.[0] ?? null;
    return {process, output, url};
}

async function everyName(device) {
    const [heard, changed] = [new Set(), {}];
    for (const name of Object.keys(EVERY)) {
        const info = device.get_interface().lookup_property(name);
        device.connect(`notify::${name}`, () => heard.add(name));
        device.connect(info.get_change_signal(), (_, value) => (changed[name] = value));
    }
    for (const [name, value] of Object.entries(EVERY)) {
        device[name] = value;
        equal(device[name], value);
    }
    await device.flush();
    for (const [name, value] of Object.entries(EVERY)) {
        equal(await device.read_property(name), value);
        equal(device[name], value);
        await until(() => heard.has(name) && changed[name] === value, name);
    }
    // A spelling that is no name on the wire is that of the property which has it in GObject.
    equal([device.exposureTime, device['exposure-time']], [20, 20]);
    assert(device.name !== 'of the device', 'the name of the client');
    equal(device.remoteName, 'of the device');
    equal(await device.read_property('name'), 'of the device');
}

async function signalsAndMethods(device) {
    for (const name of ['FrameReady', 'frame_ready', 'frame-ready', 'frameReady'])
        device.connect(name, () => {});
    await throws(() => device.connect('frame-raedy', () => {}), Error, 'frame-raedy');
    assert(device.getImage !== device.get_image, 'two methods');
    for (const name of ['getImage', 'get_image'])
        equal(typeof await device[name](), 'string');
}

// What is written to a name that the client has for a method is not lost.
async function takenNames(device) {
    const others = {
        close: [true, 'remote_close'],
        emit: [9, 'remote_emit'],
        toString: [8, 'remote_to_string'],
        constructor: [7, 'remote_constructor'],
    };
    for (const [name, [value, other]] of Object.entries(others)) {
        await throws(() => (device[name] = value), TypeError, `“${other}”`);
        equal(typeof device[name], 'function');
        device[other] = value;
        equal(device[other], value);
        await device.flush();
        equal(await device.read_property(name), value);
    }
}

const CHOICES = [
    ['mode', 'VIDEO', 'VIDEO'], ['mode', 'moving', 'VIDEO'], ['mode', 1, 'VIDEO'],
    ['mode', -5, 'off'], ['mode', 'OFF', 'off'], ['mode', 0, 'STILL'],
    ['binning', '2x2', '2x2'], ['binning', 'SEMI_AUTO', 'semi-auto'],
    ['baud', '115200', '115200'], ['baud', 115200, 'fast'], ['baud', 115201, '115200'],
    ['permissions', ['rw'], ['r', 'w']], ['permissions', 3, ['r', 'w']],
    ['permissions', 'w', ['w']], ['permissions', [1, 'w'], ['r', 'w']], ['permissions', 0, []],
    ['errors', ['jam'], ['jam']], ['errors', ['none', 'jam'], ['jam']], ['errors', 'none', []],
    ['errors', 3, ['jam', 'hot']], ['errors', [], []],
];

async function choices(device) {
    for (const [name, written, expected] of CHOICES) {
        device[name] = written;
        equal(device[name], expected);
        await device.flush();
        equal(await device.read_property(name), expected);
        device[name] = device[name];
        equal(device[name], expected);
    }
    for (const [name, value] of [['mode', 'rubbish'], ['mode', 7], ['permissions', 4]])
        await throws(() => (device[name] = value), RangeError, name);
}

async function all() {
    const mock = start();
    try {
        const device = await PlantRpc.discover(mock.url);
        for (const test of [everyName, signalsAndMethods, takenNames, choices])
            await test(device);
        device.close();
    } finally {
        mock.process.send_signal(15);
        mock.process.wait(null);
        mock.output.close(null);
    }
}

await run([all]);
