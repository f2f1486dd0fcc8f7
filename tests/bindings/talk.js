// SPDX-License-Identifier: LGPL-2.1-or-later
// What every part of the conversation needs: waiting for a condition, and saying what is wrong.

import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

const DEADLINE = 20; // seconds until what should come counts as not coming
const TICK_MS = 20;
export const CONNECT_MS = 20000;

const WIRES = {
    '1': PlantRpc.Wire.GENERATION_1,
    '2': PlantRpc.Wire.GENERATION_2,
    'native': PlantRpc.Wire.NATIVE,
};

export function assert(condition, what = '') {
    if (!condition)
        throw new Error(`failed: ${what}`);
}

// Calls back when standard input closes, by which a device ends. A stream for it is in Gio where
// GLib is 2.74, and in GioUnix where it is 2.84.
export function whenInputCloses(closed) {
    const {IN, HUP} = GLib.IOCondition;
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, IN | HUP, () => {
        closed();
        return GLib.SOURCE_REMOVE;
    });
}

// Equality by value; NaN is itself, and -0 is not 0.
export function same(got, expected) {
    if (got instanceof GLib.Variant)
        return expected instanceof GLib.Variant && got.equal(expected);
    if (Array.isArray(expected) || expected instanceof Uint8Array) {
        return got?.length === expected.length &&
            expected.every((item, index) => same(got[index], item));
    }
    if (expected !== null && Object.getPrototypeOf(expected) === Object.prototype) {
        const keys = Object.keys(expected);
        return got !== null && typeof got === 'object' && Object.keys(got).length === keys.length &&
            keys.every(key => same(got[key], expected[key]));
    }
    return Object.is(got, expected);
}

function show(value) {
    const text = (_, member) => typeof member === 'bigint' ? `${member}n` : member;
    return value instanceof GLib.Variant ? value.print(true)
        : JSON.stringify(value, text)?.slice(0, 200);
}

export function equal(got, expected, what = '') {
    assert(same(got, expected), `${what}: got ${show(got)}, expected ${show(expected)}`);
}

// Runs the main loop until a condition holds; it is asked again after a while in any case.
export function wait(condition, what) {
    const end = GLib.get_monotonic_time() + DEADLINE * GLib.USEC_PER_SEC;
    const ticker = GLib.timeout_add(GLib.PRIORITY_DEFAULT, TICK_MS, () => GLib.SOURCE_CONTINUE);
    try {
        while (!condition()) {
            assert(GLib.get_monotonic_time() < end, `not within ${DEADLINE} s: ${what}`);
            GLib.MainContext.default().iteration(true);
        }
    } finally {
        GLib.source_remove(ticker);
    }
}

// Begins something asynchronous and runs the main loop until it has ended; its GAsyncResult.
export function ended(begin, ...args) {
    let result = null;
    begin(...args, (source, ready) => (result = ready));
    assert(result === null, 'the callback came from inside');
    wait(() => result, 'something asynchronous');
    return result;
}

// The error that something fails with.
export function failure(action) {
    let result;
    try {
        result = action();
    } catch (error) {
        if (error instanceof GLib.Error)
            return error;
        throw error;
    }
    throw new Error(`it did not fail but gave ${show(result)}`);
}

export function fails(action, domain, code, message = '') {
    const error = failure(action);
    assert(error.matches(domain, code) && error.message.includes(message),
        `got ${error.domain} ${error.code} ${error.message}`);
    return error;
}

// What a signal brought, emission by emission.
export function record(source, signal) {
    const emissions = [];
    emissions.id = source.connect(signal, (_, ...args) => {
        emissions.push(args);
    });
    return emissions;
}

// One conversation with one device.
export class Talk {
    constructor(url, wire) {
        this.url = url;
        this.wire = WIRES[wire];
        this.native = wire === 'native';
    }

    // A ready client of a template, or a plain one.
    client(template) {
        const client = template === null ? PlantRpc.Client.new(this.url)
            : PlantRpc.Client.new_for_type(template.$gtype, this.url);
        assert(client.wait_ready_sync(CONNECT_MS, null));
        return client;
    }

    // A client that has heard a signal: with generation 2 a subscription takes its time.
    listener(template) {
        const client = this.client(template);
        const pings = record(client, 'signal-received::ping');
        wait(() => {
            client.call_sync('shoot', new GLib.Variant('(i)', [0]), null, 0, null);
            return pings.length > 0;
        }, 'the first signal');
        client.call_sync('nothing', null, null, 0, null);
        wait(() => !GLib.MainContext.default().iteration(false), 'the last of them');
        client.disconnect(pings.id);
        return client;
    }
}

// Takes each step; the number of those that failed.
export function run(talk, steps) {
    let failed = 0;
    for (const step of steps) {
        // Whole and now: while it collects bit by bit, GJS 1.74 blocks callbacks of the main loop.
        System.gc();
        try {
            step(talk);
            print(`ok - ${step.name}`);
        } catch (error) {
            print(`${error.message}\n${error.stack}\nnot ok - ${step.name}`);
            failed++;
        }
    }
    return failed;
}
