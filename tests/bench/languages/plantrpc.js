// SPDX-License-Identifier: LGPL-2.1-or-later
// A device and a client of the library in JavaScript: `plantrpc.js device|client …`.  What is timed
// is told in work.py.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs} from 'system';

const MODE = 'STILL';
const SIZES = {small: 100 * 1024, large: 10 * 1024 * 1024};
const POSITION = {
    name: 'position', x: 120.5, y: -33.25, z: 0.125, pan: 90, tilt: -45, homed: true,
    moving: false, speed: 250, steps: 123456, limits: [0, 780], label: 'plant 7',
    error: null,
};
const count = (length, first = 1000) => Array.from({length}, (_, index) => first + index);
const BURST = 20000;
const {READWRITE} = GObject.ParamFlags;

function check(good) {
    if (!good)
        throw new Error('a wrong value came');
}

const Device = GObject.registerClass({
    GTypeName: 'BenchDevice',
    Properties: {'mode': GObject.ParamSpec.string('mode', null, null, READWRITE, MODE)},
    Signals: {'tick': {param_types: [GObject.TYPE_INT]}},
}, class Device extends GObject.Object {
    static [PlantRpc.methods] = {
        add: 'a: i, b: i',
        echo: {signature: 'value: v', timeout: 60000},
        small: {buffer: true},
        large: {buffer: true},
        burst: {signature: 'count: i'},
    };

    _init(...args) {
        super._init(...args);
        this.data = Object.fromEntries(Object.entries(SIZES).map(
            ([name, size]) => [name, new Uint8Array(size).fill(7)]));
    }

    add(a, b) {
        return a + b;
    }

    echo(value) {
        return value;
    }

    small() {
        return [this.data.small, {}];
    }

    large() {
        return [this.data.large, {}];
    }

    burst(length) {
        for (let number = 0; number < length; number++)
            this.emit('tick', number);
    }
});

function serve() {
    const server = new PlantRpc.Server({object: new Device(), url: 'tcp://127.0.0.1:*'});
    server.start();
    print(server.get_url());
    server.serve_forever();
}

function checkBuffer([bytes], size) {
    check(bytes.length === size && bytes[0] === 7 && bytes.at(-1) === 7);
}

function checkList(list, length) {
    check(list.length === length && list[0] === 1000 && list.at(-1) === length + 999);
}

function receive(client, burst) {
    const loop = new GLib.MainLoop(null, false);
    let next = 0;
    const handler = client.connect('tick', (_, number) => {
        check(number === next);
        next++;
        if (next === burst)
            loop.quit();
    });
    client.burst(burst);
    loop.run();
    client.disconnect(handler);
}

const numbers = count(20000);

// What is timed, with how often it is done before that, and then.
const WORKS = {
    get: [200, 2000, client => check(client.read_property_sync('mode').deepUnpack() === MODE)],
    set: [200, 2000, client => client.write_property_sync('mode', MODE)],
    add: [200, 2000, client => check(client.add.sync(2, 3) === 5)],
    echo: [200, 2000, client => {
        const back = client.echo.sync(POSITION);
        check(back.name === 'position' && back.x === 120.5 && back.limits[1] === 780);
    }],
    numbers: [1, 7, client => checkList(client.echo.sync(numbers), 20000)],
    million: [0, 1, client => checkList(client.echo.sync(count(1000000)), 1000000)],
    small: [20, 200, client => checkBuffer(client.small.sync(), SIZES.small)],
    large: [1, 7, client => checkBuffer(client.large.sync(), SIZES.large)],
    signals: [1, 3, client => receive(client, BURST)],
};

// A number of the process, in the given field of a file of /proc.
function readStatus(name) {
    const [, contents] = GLib.file_get_contents('/proc/self/status');
    return Number(new TextDecoder().decode(contents).match(`${name}:\\s*(\\d+)`)[1]);
}

// The ns that all threads of a process have been on a core.
function readUsed(process) {
    const files = Gio.File.new_for_path(`/proc/${process}/task`).enumerate_children(
        'standard::name', Gio.FileQueryInfoFlags.NONE, null);
    let used = 0;
    for (const file of files) {
        const [, contents] = GLib.file_get_contents(
            `/proc/${process}/task/${file.get_name()}/schedstat`);
        used += Number(new TextDecoder().decode(contents).split(' ')[0]);
    }
    return used;
}

function measure(url, work, divisor, device) {
    const readAll = () => readUsed('self') + readUsed(device);
    const client = PlantRpc.discover.sync(url);
    const [warm, all, run] = WORKS[work];
    const times = [];
    for (let turn = 0; turn < Math.floor(warm / divisor); turn++)
        run(client);
    const [before, peak] = [readAll(), readStatus('VmHWM')];
    for (let turn = 0; turn < Math.max(Math.floor(all / divisor), 1); turn++) {
        const start = GLib.get_monotonic_time();
        run(client);
        times.push(GLib.get_monotonic_time() - start);
    }
    const used = (readAll() - before) / 1000;
    times.sort((a, b) => a - b);
    print(JSON.stringify({
        median_us: times[Math.floor(times.length / 2)],
        cpu_us: used / times.length,
        more_kib: readStatus('VmHWM') - peak,
    }));
}

if (programArgs[0] === 'device')
    serve();
else
    measure(programArgs[1], programArgs[2], Number(programArgs[3]), programArgs[4]);
