// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that were made, used and dropped leave nothing behind.
//
//   memory.js          run the test
//   memory.js serve    be the device, until standard input closes

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System, {programArgs, programPath} from 'system';

import {assert, whenInputCloses} from '../talk.js';
import {Camera, serve} from './camera.js';

const N_CLIENTS = 4000;
const N_WARM = 4000; // until what is kept for good, and kept free, is there
const N_ROUNDS = 3;
const AT_ONCE = 20;
const N_BETWEEN_COLLECTIONS = 100;
const ALLOWED = 1 << 20; // bytes

// What the process holds in bytes: what malloc has, and what the engine uses of what it has.  What
// the engine keeps in store changes by megabytes from one collection to the next.
function heldSize() {
    System.gc();
    const [file, stream] = Gio.File.new_tmp('memory-XXXXXX');
    stream.close(null);
    System.dumpMemoryInfo(file.get_path());
    const engine = JSON.parse(/\{[^]*\}/.exec(load(file.get_path())));
    file.delete(null);
    const heap = /\[heap\]\n(?:.+\n)*?Rss:\s+(\d+) kB/.exec(load('/proc/self/smaps'));
    print(`# heap ${heap[1]} kB, engine ${engine.gcBytes} bytes`);
    return Number(heap[1]) * 1024 + engine.gcBytes;
}

function load(path) {
    return new TextDecoder().decode(GLib.file_get_contents(path)[1]);
}

// Makes a client with handlers, uses it, and drops it.
async function once(url, index) {
    const camera = await PlantRpc.connect(Camera, url);
    camera.connect('notify::natural', () => {});
    camera.connect('tick', () => {});
    camera.natural = index;
    assert(await camera.add(index) === index + 2, 'the sum');
}

async function comeAndGo(url, number) {
    for (let made = 0; made < number; made += AT_ONCE) {
        await Promise.all(Array.from({length: AT_ONCE}, (_, index) => once(url, made + index)));
        if (made % N_BETWEEN_COLLECTIONS === 0)
            System.gc();
    }
}

// The least of a few rounds: malloc takes another stretch of memory now and then, a leak grows in
// each of them.
async function growth(url) {
    let least = Infinity;
    for (let round = 0; round < N_ROUNDS && least >= ALLOWED; round++) {
        const before = heldSize();
        await comeAndGo(url, N_CLIENTS);
        least = Math.min(least, heldSize() - before);
        print(`# at least ${least} bytes more after ${N_CLIENTS} clients`);
    }
    return least;
}

async function test() {
    const {STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;
    const device = Gio.Subprocess.new(['gjs', '-m', programPath, 'serve'],
        STDIN_PIPE | STDOUT_PIPE);
    const [line] = new Gio.DataInputStream({base_stream: device.get_stdout_pipe()})
        .read_line_utf8(null);
    await comeAndGo(line, N_WARM);
    const more = await growth(line);
    device.get_stdin_pipe().close(null);
    device.wait(null);
    assert(more < ALLOWED, `${more} bytes more`);
}

async function beDevice() {
    const server = serve();
    print(server.url);
    await new Promise(whenInputCloses);
    server.stop();
}

await (programArgs[0] === 'serve' ? beDevice() : test());
