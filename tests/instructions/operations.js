#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The operations of operations.c in JavaScript: without an argument the device, with its URL the
// client.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs} from 'system';

const N_ROUNDS = 5;
const PATIENT = {timeout: PlantRpc.TIMEOUT_NONE};

function mark() {
    GLib.random_double_range(0, 1);
}

const Device = GObject.registerClass({
    Properties: {
        mode: GObject.ParamSpec.string('mode', null, null, GObject.ParamFlags.READWRITE, 'STILL'),
    },
    Signals: {tick: {param_types: [GObject.TYPE_INT]}},
}, class extends GObject.Object {
    static [PlantRpc.methods] = {
        add: {signature: 'a: i, b: i -> i', timeout: PlantRpc.TIMEOUT_NONE},
        burst: {signature: 'n: i', timeout: PlantRpc.TIMEOUT_NONE},
        mark: {signature: '', timeout: PlantRpc.TIMEOUT_NONE},
    };

    mode = 'STILL';

    add(a, b) {
        return a + b;
    }

    burst(n) {
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            for (let i = 0; i < n; i++)
                this.emit('tick', i);
            return GLib.SOURCE_REMOVE;
        });
    }

    mark() {
        mark();
    }
});

function serve() {
    const server = new PlantRpc.Server({object: new Device(), url: 'tcp://127.0.0.1:0'});
    server.start();
    print(server.url);
    server.serve_forever();
}

function runClient(url) {
    const device = PlantRpc.discover.sync(url, PATIENT);
    let heard = 0;
    device.connect('tick', () => heard++);

    const operations = [
        [50, n => {
            for (let i = 0; i < n; i++)
                device.read_property_sync('mode', null);
        }],
        [50, n => {
            for (let i = 0; i < n; i++)
                device.write_property_sync('mode', i % 2 ? 'STILL' : 'VIDEO', null);
        }],
        [50, n => {
            for (let i = 0; i < n; i++)
                device.add.sync(i, 1);
        }],
        [1000, n => {
            device.burst.sync(n);
            heard = 0;
            while (heard < n)
                GLib.MainContext.default().iteration(true);
        }],
        [4, n => {
            for (let i = 0; i < n; i++)
                PlantRpc.discover.sync(url, PATIENT).close();
        }],
    ];
    for (const [n, run] of operations) {
        // The first round warms up.
        for (let round = 0; round <= N_ROUNDS; round++) {
            run(n);
            device.mark.sync();
            mark();
        }
    }
}

if (programArgs.length > 0)
    runClient(programArgs[0]);
else
    serve();
