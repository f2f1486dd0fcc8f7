// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that were made, used and dropped leave nothing behind.
//
//   memory.js          run the test
//   memory.js serve    be the device, until standard input closes

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System, {programArgs, programPath} from 'system';

import {assert} from '../talk.js';
import {Camera, serve} from './camera.js';

const N_CLIENTS = 10000;
const N_WARM = 3000; // until what is kept for good is there
const AT_ONCE = 20;
const N_BETWEEN_COLLECTIONS = 100;
const ALLOWED = 1 << 20; // bytes

// What the process holds, in bytes.
function residentSize() {
    const [, contents] = GLib.file_get_contents('/proc/self/statm');
    return Number(new TextDecoder().decode(contents).split(' ')[1]) * 4096;
}

// Makes a client with handlers, uses it, and drops it.
async function once(url, index) {
    const camera = await PlantRpc.connect(Camera, url);
    camera.connect('notify::natural', () => {});
    camera.connect('tick', () => {});
    camera.natural = index;
    assert(await camera.add(index) === index + 2, 'the sum');
}

async function round(url, number) {
    for (let made = 0; made < number; made += AT_ONCE) {
        await Promise.all(Array.from({length: AT_ONCE}, (_, index) => once(url, made + index)));
        if (made % N_BETWEEN_COLLECTIONS === 0)
            System.gc();
    }
    System.gc();
}

async function test() {
    const {STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;
    const device = Gio.Subprocess.new(['gjs', '-m', programPath, 'serve'],
        STDIN_PIPE | STDOUT_PIPE);
    const [line] = new Gio.DataInputStream({base_stream: device.get_stdout_pipe()})
        .read_line_utf8(null);
    await round(line, N_WARM);
    const before = residentSize();
    await round(line, N_CLIENTS);
    const more = residentSize() - before;
    print(`${more} bytes more after ${N_CLIENTS} clients`);
    device.get_stdin_pipe().close(null);
    device.wait(null);
    assert(more < ALLOWED, `${more} bytes more`);
}

async function beDevice() {
    const server = serve();
    print(server.url);
    const input = new Gio.UnixInputStream({fd: 0, close_fd: false});
    await new Promise(resolve => input.read_bytes_async(1, GLib.PRIORITY_DEFAULT, null, resolve));
    server.stop();
}

await (programArgs[0] === 'serve' ? beDevice() : test());
