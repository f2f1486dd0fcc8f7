// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients, servers and invocations that nobody keeps, and callbacks while garbage is collected.
// A message of GLib's ends the program: G_DEBUG says so.

import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {assert, equal} from '../talk.js';
import {Camera, failure, run, serve, until} from './camera.js';

const BURST = 50; // signals that arrive together
const N_BURSTS = 14;
const LITTER = 1000; // objects a handler; the engine collects after some 400,000 of them
const KEPT = 20000; // so many that it does not collect all of them at once
const SOON = 8; // seconds
const N_TURNS = 2; // turns of the promise queue after a reply; one more if it awaits within
const N_ABANDONED = 20;

// Makes garbage, and what is not garbage yet.
function litter(kept, number) {
    for (let index = 0; index < LITTER; index++)
        kept[(number * LITTER + index) % KEPT] = new GLib.Variant('b', true);
}

// Something that is counted, and a promise that one count is reached.  A timer that looked at it
// would be JavaScript that is not run on behalf of plantrpc, and could begin a collection.
class Counter {
    constructor() {
        this.count = 0;
    }

    reach(goal) {
        return new Promise(resolve => Object.assign(this, {goal, resolve}));
    }

    add() {
        if (++this.count === this.goal)
            this.resolve();
    }
}

// Everything arrives though handlers make garbage: while that is collected bit by bit GJS 1.74
// calls nobody.  Among it are clients with handlers.
async function nothingIsLost(server, device) {
    for (let index = 0; index < N_ABANDONED; index++) {
        const abandoned = await PlantRpc.connect(Camera, server.url);
        for (const name of ['tick', 'notify', 'notify::state', 'signal-received', 'write-failed'])
            abandoned.connect(name, () => {});
        abandoned.lookup_property('natural').connect('notify', () => {});
    }
    const camera = await PlantRpc.connect(Camera, server.url);
    const [kept, ticks, counter] = [[], [], new Counter()];
    camera.connect('tick', (_, index) => {
        ticks.push(index);
        litter(kept, ticks.length);
        counter.add();
    });
    for (let burst = 1; burst <= N_BURSTS; burst++) {
        device.natural = burst;
        device.shoot(BURST);
        await counter.reach(burst * BURST);
        equal(await camera.add(burst), burst + 2);
    }
    equal(ticks.slice(-BURST), Array.from({length: BURST}, (_, index) => index));
}

// Returns a promise that is settled some turns of the promise queue later.
async function goOn(promise, turns) {
    await promise;
    for (let turn = 0; turn < turns; turn++)
        await null;
}

// The same for what goes on after replies, before the program waits for anything else.
async function nothingIsLostAfterReplies(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const [kept, counter] = [[], new Counter()];
    for (let burst = 1; burst <= N_BURSTS; burst++) {
        for (let number = 0; number < BURST; number++) {
            goOn(camera.add(number), number % N_TURNS).then(() => {
                litter(kept, counter.count);
                counter.add();
            });
        }
        await counter.reach(burst * BURST);
    }
}

// How a client can go from inside each kind of callback: what it waits for, and what brings that.
const CALLBACKS = {
    signal: [(camera, done) => camera.connect('tick', done), (_, device) => device.shoot(1)],
    notify: [(camera, done) => camera.connect('notify::natural', done),
        (_, device) => device.natural++],
    state: [(camera, done) => camera.connect('notify::state', done), camera => camera.close()],
    refusal: [(camera, done) => camera.connect('write-failed', done),
        camera => (camera.rotation = 13)],
    property: [(camera, done) => camera.lookup_property('natural').connect('notify::value', done),
        (_, device) => device.natural++],
    callback: [(camera, done) => camera.call('add', [1], null, 0, null, done), () => {}],
    promise: [(camera, done) => camera.add(1).then(done), () => {}],
};

// Nothing but a callback of its own, or nobody, keeps a client.
async function startDropping(server, device, [wait, provoke], done) {
    let camera = await PlantRpc.connect(Camera, server.url);
    wait(camera, () => {
        camera = null;
        System.gc();
        System.gc();
        done();
    });
    provoke(camera, device);
}

async function droppedInsideCallbacks(server, device) {
    for (const [name, callback] of Object.entries(CALLBACKS)) {
        let called = false;
        await startDropping(server, device, callback, () => (called = true));
        await until(() => called, name);
    }
}

// A server goes from inside a method, a setter and a handler of its own.
async function droppedServers() {
    const provoked = [
        ['shoot', camera => camera.call('shoot', [1])],
        ['decide', camera => camera.write_property('natural', 1)],
        ['raw', camera => camera.call('raw')],
    ];
    for (const [name, provoke] of provoked) {
        let server = serve();
        const {object, url} = server;
        const camera = await PlantRpc.connect(Camera, url);
        const drop = () => {
            server = null;
            System.gc();
            System.gc();
        };
        object.shoot = drop;
        if (name === 'decide') {
            server.set_write_handler(() => {
                drop();
                return true;
            });
        }
        server.register_method_json('raw', '', 0, 0, call => {
            drop();
            call.return_value(null);
        });
        await provoke(camera);
        // What was answered is; then the server is gone with the next collection.
        await until(() => {
            System.gc();
            return camera.state !== PlantRpc.State.READY;
        }, name);
        camera.close();
    }
}

// What can never be answered is answered with an error before long, not when there is memory
// to be gained.
async function unanswered(server) {
    const camera = await PlantRpc.connect(Camera, server.url);
    const {NO_REPLY} = PlantRpc.Error;
    const forgotten = [() => camera.never(), () => camera.call('forget'),
        () => camera.call('forget_later')];
    server.register_method_json('forget', '', 20000, 0, () => {});
    server.register_method_json('forget_later', '', 20000, 0, async () => {
        await null;
    });
    for (const call of forgotten) {
        const start = GLib.get_monotonic_time();
        const error = await failure(call);
        // The engine itself would collect it at some time too, so the test has a deadline.
        assert(GLib.get_monotonic_time() - start < SOON * GLib.USEC_PER_SEC, `${call}: too late`);
        assert(error.matches(PlantRpc.Error, NO_REPLY), `${call}: ${error}`);
        assert(error.mayHaveRun, 'it may have run');
    }
}

await run([unanswered, nothingIsLost, nothingIsLostAfterReplies, droppedInsideCallbacks,
    droppedServers]);
