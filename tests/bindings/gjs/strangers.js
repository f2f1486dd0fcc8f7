// SPDX-License-Identifier: LGPL-2.1-or-later
// Hostile devices: JavaScript gets an error, or the values that the device sent.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programPath} from 'system';

import {assert, equal} from '../talk.js';
import {Camera, failure, run, throws} from './camera.js';

const PEER = GLib.build_filenamev([GLib.path_get_dirname(programPath), '..', '..', 'peer',
    'stranger.py']);
const WIRES = ['json', 'native'];
const CONNECT_MS = 20000;
const HUGE = 'x'.repeat(2 ** 20);

// Runs ACTION with the url of a stranger of that kind.
async function withStranger(wire, kind, action) {
    const {STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;
    const device = Gio.Subprocess.new(['/usr/bin/python3', PEER, wire, kind],
        STDIN_PIPE | STDOUT_PIPE);
    const [url] = new Gio.DataInputStream({base_stream: device.get_stdout_pipe()})
        .read_line_utf8(null);
    try {
        await action(url);
    } finally {
        device.get_stdin_pipe().close(null);
        device.wait(null);
    }
    assert(device.get_successful(), 'the device');
}

// No function returns a client for that device.
async function refused(url) {
    const timeout = 500;
    for (const make of [() => PlantRpc.connect(Camera, url, {timeout}),
        () => PlantRpc.discover(url, {timeout}),
        () => PlantRpc.connect.sync(Camera, url, {timeout}),
        () => PlantRpc.discover.sync(url, {timeout})])
        await throws(make, GLib.Error, url);
}

async function noInventory() {
    for (const wire of WIRES) {
        for (const kind of ['nonsense', 'numbers'])
            await withStranger(wire, kind, refused);
    }
}

async function closesAtOnce() {
    const service = new Gio.SocketService();
    const port = service.add_any_inet_port(null);
    service.connect('incoming', (_, connection) => connection.close(null));
    service.start();
    const url = `tcp://127.0.0.1:${port}`;
    for (const make of [() => PlantRpc.connect(Camera, url, {timeout: 500}),
        () => PlantRpc.discover(url, {timeout: 500})])
        await throws(make, GLib.Error, url);
    service.stop();
    service.close();
}

async function textsOfAMegabyte() {
    for (const wire of WIRES) {
        await withStranger(wire, 'huge', async url => {
            const client = await PlantRpc.discover(url, {timeout: CONNECT_MS});
            equal([client.level, client.name], [HUGE, HUGE]);
            for (const fail of [() => client.doLevel(),
                () => client.write_property('level', 'x')]) {
                const error = await failure(fail);
                equal([error.message, error.traceback], [HUGE, HUGE]);
            }
            client.close();
        });
    }
}

// Texts are exact, and what GJS prints of a client and of an error moves no cursor.
async function textsForATerminal() {
    for (const wire of WIRES) {
        await withStranger(wire, 'nasty', async url => {
            const client = await PlantRpc.discover(url, {timeout: CONNECT_MS});
            const text = client.level;
            equal(/\x1b[^]*\x9b[^]*\u202e/.test(text), true);
            equal([`${client}`.includes(PlantRpc.text_escape(text)),
                /[\x00-\x1f\x7f-\x9f\u202e]/.test(`${client}`)], [true, false]);
            const error = await failure(() => client.doLevel());
            equal([error.message, error.traceback], [text, text]);
            const told = error.stack.split('### On the device: ###')[1];
            equal([told.includes('\\u001b]0;t'), /[\x1b\x9b\u202e]/.test(told)], [true, false]);
            client.close();
        });
    }
}

async function manyMembersWithLongNames() {
    for (const wire of WIRES) {
        await withStranger(wire, 'many', async url => {
            const client = await PlantRpc.discover(url, {timeout: CONNECT_MS});
            for (const number of [0, 500, 999]) {
                const name = `member_${number}_`.padEnd(255, 'x');
                equal(client[name], 'plain');
                await throws(() => client[`do_${name}`.slice(0, 255)](), GLib.Error, 'plain');
                client.connect(`on_${name}`.slice(0, 255), () => {});
            }
            client.close();
        });
    }
}

// A default is no value of the device.
async function aValueThatIsKnownLater() {
    await withStranger('native', 'later', async url => {
        const client = await PlantRpc.discover(url, {timeout: CONNECT_MS});
        assert([null, 'plain'].includes(client.weight), client.weight);
        equal(client.level, 'plain');
        equal(await client.read_property('weight'), 'plain');
        equal(client.weight, 'plain');
        client.close();
    });
}

await run([noInventory, closesAtOnce, textsOfAMegabyte, textsForATerminal,
    manyMembersWithLongNames, aValueThatIsKnownLater]);
