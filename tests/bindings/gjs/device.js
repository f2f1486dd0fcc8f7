// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe, served with declared methods and plain values.
//
//   device.js [--self]
//
// As ../device.js, which answers everything through its invocation.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {IMAGE_SIZE, MAXUINT, THUMBNAIL_SIZE, declareClass, pattern} from '../probe.js';
import {whenInputCloses} from '../talk.js';

const URL = 'tcp://127.0.0.1:*';
const SPLICE = Gio.OutputStreamSpliceFlags;
const MODES = {'never': Gio.PasswordSave.NEVER, 'permanently': Gio.PasswordSave.PERMANENTLY};
const {TIMEOUT_NONE} = PlantRpc;

function refusal(message) {
    return new GLib.Error(PlantRpc.Error, PlantRpc.Error.REFUSED, message);
}

function after(delay) {
    return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, delay, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
}

const METHODS = {
    echo: {signature: 'value: v', timeout: 5000, invocation: true},
    add: 'a: i, b: i = 2 -> i',
    nothing: {signature: '', timeout: 5000},
    arguments: {invocation: true, timeout: 5000},
    later: {signature: 'text: s -> s', timeout: 5000},
    slow: {signature: 'delay: i', timeout: TIMEOUT_NONE, invocation: true},
    cancelled: {signature: '', timeout: 5000},
    drop: {signature: '', timeout: 5000},
    fail: {signature: '', timeout: 5000},
    refuse: {signature: '', timeout: 5000},
    break_down: {signature: '', timeout: 5000, invocation: true},
    crash: {signature: '', timeout: 5000},
    block: {signature: 'text: s', timeout: TIMEOUT_NONE},
    unblock: {signature: '', timeout: 5000},
    change: {signature: 'name: s, value: v', timeout: 5000},
    shoot: {signature: 'number: i', timeout: 5000},
    flood: {signature: 'number: i', timeout: 20000},
    mix: {signature: '', timeout: 5000},
    sender: {signature: '', timeout: 5000, invocation: true},
    let_stop: {signature: 'allowed: b -> ()', timeout: 5000},
    get_image: {signature: 'lores: b = false', buffer: true, timeout: TIMEOUT_NONE},
    no_light: {signature: '', buffer: true, timeout: TIMEOUT_NONE},
    empty: {signature: '', buffer: true, timeout: TIMEOUT_NONE},
};

const behaviour = {
    begin(server) {
        this.server = server;
        this.nCancelled = 0;
        this.connect('notify::mode', () => this.emit('mode-changed', this.mode));
        server.set_write_handler((write, name, value) => this.decide(write, name, value));
        server.set_read_handler((read, name) => this.answerRead(read, name));
    },

    // Refuses one label; takes two counts later, one of them not; makes a third another.
    decide(write, name, value) {
        if (name === 'label' && value.deepUnpack() === 'forbidden')
            throw refusal('the label is forbidden');
        const count = name === 'count' ? value.deepUnpack() : 0;
        if (count === 13) {
            after(1).then(() => write.accept());
        } else if (count === 14) {
            after(1).then(() => write.return_gerror(refusal('no, on second thoughts')));
        } else if (count === 15) {
            this.count = 16;
            write.return_value();
        }
        return ![13, 14, 15].includes(count);
    },

    // Fails for one label, and tells another one later.
    answerRead(read, name) {
        if (name === 'label' && this.label === 'unreadable')
            throw refusal('the label is hidden');
        if (name !== 'label' || this.label !== 'late')
            return true;
        after(1).then(() => read.accept());
        return false;
    },

    // As it came: a number of JavaScript does not tell 3.0 from 3.
    echo: invocation => invocation.get_args().get_child_value(0).get_variant(),
    add: (a, b) => a + b,
    nothing() {},
    cancelled() {
        return this.nCancelled;
    },
    drop: () => new Promise(() => {}),
    sender: invocation => invocation.get_sender(),
    empty: () => new Uint8Array(),

    arguments(invocation, ...args) {
        const named = invocation.get_kwargs().n_children() > 0;
        return {args: named ? args.slice(0, -1) : args, kwargs: named ? args.at(-1) : {}};
    },

    async later(text) {
        await after(1);
        return text;
    },

    async slow(invocation, delay) {
        invocation.get_cancellable().connect(() => this.nCancelled++);
        await after(delay);
        return delay;
    },

    fail() {
        throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'deliberate failure');
    },

    refuse() {
        throw refusal('not now');
    },

    breakDown(invocation) {
        invocation.return_failure('broke down', 'first line\nsecond line');
    },

    crash() {
        throw new TypeError('deliberate crash');
    },

    block(text) {
        return new Promise(resolve => (this.release = () => resolve(text)));
    },

    unblock() {
        this.release();
    },

    // The device itself changes a property.
    change(name, value) {
        if (name === 'mode')
            value = MODES[value];
        else if (name === 'level')
            value = Number(value);
        this.store(name, value);
    },

    shoot(number) {
        for (let index = 0; index < number; index++)
            this.emit('captured', 'shot', index);
        this.emit('ping');
        return number;
    },

    // More than anybody queues for a client that does not look.
    flood(number) {
        const text = 'x'.repeat(1 << 20);
        for (let index = 0; index < number; index++)
            this.emit('captured', text, index);
    },

    mix() {
        this.emit('mixed', true, MAXUINT, -(2 ** 52), 2 ** 52, -0.5, 'a→b', ['x', ''],
            new GLib.Variant('(sd)', ['y', 1.5]), Gio.PasswordSave.FOR_SESSION,
            SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET);
    },

    letStop(allowed) {
        this.server.allow_stop = allowed;
    },

    getImage(lores) {
        return [pattern(lores ? THUMBNAIL_SIZE : IMAGE_SIZE), {format: 'raw', lores}];
    },

    noLight() {
        this.fail();
    },
};

// A class that is the probe, with its methods.
function derive(Base, GTypeName) {
    const secret = GObject.ParamSpec.string('secret', null, null, GObject.ParamFlags.READWRITE, '');
    const Derived = class extends declareClass(Base, `${GTypeName}Base`) {
        static [PlantRpc.methods] = METHODS;
    };
    Object.assign(Derived.prototype, behaviour);
    return GObject.registerClass({GTypeName, Properties: {secret}}, Derived);
}

function make(itself) {
    if (itself)
        return new (derive(PlantRpc.Server, 'TestDeclaredServer'))({url: URL});
    return new PlantRpc.Server({object: new (derive(GObject.Object, 'TestDeclared'))(), url: URL});
}

const server = make(ARGV.includes('--self'));
server.get_object().begin(server);
server.hide_member('secret');
server.name = 'probe';
whenInputCloses(() => server.stop());
server.start();
print(JSON.stringify({url: server.url}));
server.serve_forever();
// GJS may crash if it ends while a promise still waits for its turn.
for (let turn = 0; turn < 100 && GLib.MainContext.default().iteration(false); turn++)
    ;
System.exit(0);
