// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe, served from JavaScript; device.py says how it is run.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {IMAGE_SIZE, MAXUINT, THUMBNAIL_SIZE, declareClass, pattern} from './probe.js';
import {whenInputCloses} from './talk.js';

const URL = 'tcp://127.0.0.1:*';
const {NONE} = PlantRpc.MethodFlags;
const SPLICE = Gio.OutputStreamSpliceFlags;
const MODES = {'never': Gio.PasswordSave.NEVER, 'permanently': Gio.PasswordSave.PERMANENTLY};

function assert(condition, what) {
    if (!condition)
        throw new Error(`failed: ${what}`);
}

function refusal(message) {
    return new GLib.Error(PlantRpc.Error, PlantRpc.Error.REFUSED, message);
}

// Has something done by the main loop, once.
function after(delay, action) {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, delay, () => {
        action();
        return GLib.SOURCE_REMOVE;
    });
}

function argument(call, index) {
    return call.get_args().get_child_value(index).get_variant();
}

const behaviour = {
    // Registers everything with the server that offers this device.
    offer(server) {
        this.server = server;
        this.held = null;
        this.nCancelled = 0;
        this.connect('notify::mode', () => this.emit('mode-changed', this.mode));
        for (const [name, signature, timeout, handler] of [
            ['echo', 'value: v', 5000, this.onEcho],
            ['add', 'a: i, b: i = 2', PlantRpc.TIMEOUT_FROM_SERVER, this.onAdd],
            ['nothing', '', 5000, call => call.return_value(null)],
            ['arguments', null, 5000, this.onArguments],
            ['later', 'text: s', 5000, this.onLater],
            ['slow', 'delay: i', PlantRpc.TIMEOUT_NONE, this.onSlow],
            ['cancelled', '', 5000, this.onCancelled],
            // What nobody refers to any more goes with the next collection only.
            ['drop', '', 5000, () => after(1, () => System.gc())],
            ['fail', '', 5000, this.onFail],
            ['refuse', '', 5000, call => call.return_gerror(refusal('not now'))],
            ['break_down', '', 5000,
                call => call.return_failure('broke down', 'first line\nsecond line')],
            ['crash', '', 5000, () => {
                throw new TypeError('deliberate crash');
            }],
            ['block', 'text: s', PlantRpc.TIMEOUT_NONE, this.onBlock],
            ['unblock', '', 5000, this.onUnblock],
            ['change', 'name: s, value: v', 5000, this.onChange],
            ['shoot', 'number: i', 5000, this.onShoot],
            ['flood', 'number: i', 20000, this.onFlood],
            ['mix', '', 5000, this.onMix],
            ['sender', '', 5000, this.onSender],
            ['let_stop', 'allowed: b', 5000, this.onLetStop],
        ])
            server.register_method_json(name, signature, timeout, NONE, handler.bind(this));
        for (const [name, signature, handler] of [
            ['get_image', 'lores: b = false', this.onGetImage],
            ['no_light', '', this.onFail],
            ['empty', '', call => call.return_buffer(new GLib.Bytes([]), null)],
        ]) {
            server.register_method_buffer(name, signature, PlantRpc.TIMEOUT_NONE, NONE,
                handler.bind(this));
        }
    },

    // Refuses one label; takes two counts later, one of them not; makes a third another.
    decide(write, name, value) {
        assert(write.get_name() === name && write.get_value().equal(value), 'the write');
        assert(!write.get_answered() && write.get_args().n_children() === 0, 'an open write');
        if (name === 'label' && value.deepUnpack() === 'forbidden')
            throw refusal('the label is forbidden');
        if (name !== 'count')
            return true;
        const count = value.deepUnpack();
        if (count === 13) {
            after(1, () => write.accept());
        } else if (count === 14) {
            after(1, () => write.return_gerror(refusal('no, on second thoughts')));
        } else if (count === 15) {
            this.count = 16;
            write.return_value(null);
        }
        return ![13, 14, 15].includes(count);
    },

    // Fails for one label, and tells another one later.
    answerRead(read, name) {
        assert(read.get_name() === name && read.get_value() === null, 'the read');
        if (name !== 'label' || !['unreadable', 'late'].includes(this.label))
            return true;
        if (this.label === 'unreadable')
            throw refusal('the label is hidden');
        after(1, () => read.accept());
        return false;
    },

    onEcho(call) {
        call.return_value(argument(call, 0));
        assert(call.get_answered(), 'answered');
    },

    onAdd(call) {
        const [a, b] = call.get_args().recursiveUnpack();
        // In JSON, as the override does.
        assert(call.get_json() === `[${a},${b}]`, 'two integers');
        assert(!call.return_buffer_json(Uint8Array.of(1), '[]'), 'no dictionary');
        assert(!call.return_json('[') && !call.get_answered(), 'no JSON');
        // In Python's marshal, for which JavaScript has no other use.
        assert(call.get_marshal().length > 10, 'two integers');
        const sum = new DataView(new ArrayBuffer(5));
        sum.setUint8(0, 0x69);
        sum.setInt32(1, a + b, true);
        assert(call.return_marshal(new Uint8Array(sum.buffer)), 'answered');
        assert(call.return_json('"late"'), 'the second is dropped');
        assert(call.return_buffer_json(Uint8Array.of(1), null), 'the third, too');
    },

    onArguments(call) {
        call.return_value(new GLib.Variant('a{sv}', {
            args: call.get_args(), kwargs: call.get_kwargs()}));
    },

    onLater(call) {
        after(1, () => call.return_value(argument(call, 0)));
    },

    // Answers after a while, unless nobody waits any more.
    onSlow(call) {
        const delay = argument(call, 0).deepUnpack();
        call.get_cancellable().connect(() => this.nCancelled++);
        after(delay, () => call.return_value(new GLib.Variant('i', delay)));
    },

    onCancelled(call) {
        call.return_value(new GLib.Variant('i', this.nCancelled));
    },

    onFail() {
        throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'deliberate failure');
    },

    // JavaScript runs on one thread: what would block is held instead.
    onBlock(call) {
        this.held = call;
    },

    onUnblock(call) {
        this.held.return_value(argument(this.held, 0));
        this.held = null;
        call.return_value(null);
    },

    // The device itself changes a property.
    onChange(call) {
        const name = argument(call, 0).deepUnpack();
        let value = argument(call, 1);
        if (name !== 'config')
            value = value.deepUnpack();
        if (name === 'mode')
            value = MODES[value];
        this.store(name, name === 'level' ? Number(value) : value);
        call.return_value(null);
    },

    onShoot(call) {
        const number = argument(call, 0).deepUnpack();
        for (let index = 0; index < number; index++)
            this.emit('captured', 'shot', index);
        this.emit('ping');
        call.return_value(new GLib.Variant('i', number));
    },

    // More than anybody queues for a client that does not look.
    onFlood(call) {
        const [number, text] = [argument(call, 0).deepUnpack(), 'x'.repeat(1 << 20)];
        for (let index = 0; index < number; index++)
            this.emit('captured', text, index);
        call.return_value(null);
    },

    onMix(call) {
        this.emit('mixed', true, MAXUINT, -(2 ** 52), 2 ** 52, -0.5, 'a→b', ['x', ''],
            new GLib.Variant('(sd)', ['y', 1.5]), Gio.PasswordSave.FOR_SESSION,
            SPLICE.CLOSE_SOURCE | SPLICE.CLOSE_TARGET);
        call.return_value(null);
    },

    onSender(call) {
        assert(this.server.get_peer_address() === call.get_sender(), 'the peer');
        call.return_value(new GLib.Variant('s', call.get_sender()));
    },

    onLetStop(call) {
        const allowed = argument(call, 0).deepUnpack();
        this.server.set_allow_stop(allowed);
        assert(this.server.get_allow_stop() === allowed, 'allow-stop');
        call.return_value(null);
    },

    onGetImage(call) {
        const lores = argument(call, 0).deepUnpack();
        const bytes = new GLib.Bytes(pattern(lores ? THUMBNAIL_SIZE : IMAGE_SIZE));
        call.return_buffer(bytes, new GLib.Variant('a{sv}', {
            format: new GLib.Variant('s', 'raw'),
            lores: new GLib.Variant('b', lores),
        }));
    },
};

const secret = () => GObject.ParamSpec.string('secret', null, null, GObject.ParamFlags.READWRITE,
    '');

const Probe = GObject.registerClass({
    GTypeName: 'TestProbeDevice',
    Properties: {'secret': secret()},
}, class extends declareClass(GObject.Object, 'TestProbeObject') {});

const ProbeServer = GObject.registerClass({
    GTypeName: 'TestProbeServer',
    Properties: {'secret': secret()},
}, class extends declareClass(PlantRpc.Server, 'TestProbeServerBase') {
    vfunc_write_property(write, name, value) {
        return this.decide(write, name, value);
    }

    vfunc_read_property(read, name) {
        return this.answerRead(read, name);
    }
});

Object.assign(Probe.prototype, behaviour);
Object.assign(ProbeServer.prototype, behaviour);

// The server, with everything registered, not started.
function make(itself) {
    if (itself) {
        const server = new ProbeServer({url: URL});
        server.offer(server);
        return server;
    }
    const device = new Probe();
    const server = PlantRpc.Server.new(device, URL);
    server.set_write_handler(device.decide.bind(device));
    server.set_read_handler(device.answerRead.bind(device));
    server.set_read_flags('label', PlantRpc.MethodFlags.NONE);
    device.offer(server);
    return server;
}

// What a server tells before it runs.
function checkIdle(server, itself) {
    server.hide_member('secret');
    server.set_name('probe');
    const info = server.dup_interface();
    assert(server.get_url() === URL && server.get_port() === 0 && !server.get_running(), 'idle');
    assert(server.get_name() === 'probe' && server.get_peer_address() === null, 'names');
    assert(info.list_properties().includes('video-url'), 'properties');
    assert(info.lookup_property('secret') === null, 'hidden');
    assert(info.lookup_method('get_image').get_buffer(), 'methods');
    assert((server.get_object() === server) === itself, 'object');
}

function checkRunning(server) {
    assert(server.get_running() && server.get_uuid(), 'running');
    assert(server.get_url() === `tcp://127.0.0.1:${server.get_port()}`, 'url');
}

const itself = ARGV.includes('--self');
const server = make(itself);
let ended = false;
checkIdle(server, itself);
server.connect('notify::running', () => (ended = !server.get_running()));
whenInputCloses(() => server.stop());
server.start();
checkRunning(server);
print(JSON.stringify({url: server.get_url()}));
server.serve_forever();
assert(ended && !server.get_running() && server.get_port() === 0, 'ended');
