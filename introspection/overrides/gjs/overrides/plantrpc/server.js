// SPDX-License-Identifier: LGPL-2.1-or-later
// Servers: the methods of a class offered, its setters deciding about writes.

const {GLib, GObject} = imports.gi;
const System = imports.system;
const Async = imports.overrides.plantrpc.async;
const Choices = imports.overrides.plantrpc.choices;
const Collector = imports.overrides.plantrpc.collector;
const Declarations = imports.overrides.plantrpc.declarations;
const Errors = imports.overrides.plantrpc.errors;
const Names = imports.overrides.plantrpc.names;
const {isTiny, pack, packBytes, packNamed} = imports.overrides.plantrpc.values;
const {unpack} = imports.overrides.plantrpc.unpacking;

const FORGOTTEN_MS = 1000; // until invocations that nobody keeps are looked for

let PlantRpc = null;
let raw = null;
let waiting = 0; // invocations that were not answered when their handlers returned
let waitingTimer = 0;

const isThenable = value => typeof value?.then === 'function';

// What nobody keeps is answered with an error when it is collected, so that is done before long.
function expectAnswer(invocation) {
    if (invocation.get_answered())
        return;
    waiting++;
    invocation._waiting = true;
    waitingTimer ||= GLib.timeout_add(GLib.PRIORITY_LOW, FORGOTTEN_MS, () => {
        waitingTimer = 0;
        if (waiting > 0)
            System.gc();
        waiting = 0;
        return GLib.SOURCE_REMOVE;
    });
}

function noteAnswer(invocation) {
    if (invocation._waiting)
        waiting = Math.max(0, waiting - 1);
    invocation._waiting = false;
}

function answer(invocation, buffer, result) {
    if (invocation.get_answered())
        return;
    try {
        if (!buffer)
            invocation.return_value(result);
        else if (Array.isArray(result))
            invocation.return_buffer(...result);
        else
            invocation.return_buffer(result);
    } catch (error) {
        Errors.answerThrown(invocation, error);
    }
}

function refuse(invocation, error) {
    if (!invocation.get_answered())
        Errors.answerThrown(invocation, error);
}

// Answers with what a function returns or throws, now or when its promise is settled.
function answerWith(invocation, action, done) {
    try {
        const result = action();
        if (!isThenable(result)) {
            done(result);
            return;
        }
        result.then(done).catch(error => refuse(invocation, error)).finally(Collector.finishLater);
        expectAnswer(invocation);
    } catch (error) {
        refuse(invocation, error);
    }
}

// A handler that keeps its server until it has returned.
function keeping(server, handler) {
    return function (...args) {
        try {
            return handler(...args);
        } finally {
            Collector.finish(server);
        }
    };
}

function findMethod(object, name) {
    return Names.spellings(name).find(spelling => typeof object[spelling] === 'function');
}

// GJS traces handlers from the server that they were given to, so that they may refer to it; and
// they do: one that is let go of while it runs makes GJS crash.
function offerMethod(server, object, name, declaration) {
    const {signature, buffer, timeout, invocation: wanted} = declaration;
    const method = findMethod(object, name);
    if (method === undefined)
        throw new TypeError(`${object.constructor.name} declares ${name}() and has no such method`);
    const register = buffer ? raw.register_method_buffer : raw.register_method_json;
    register.call(server, name, signature, timeout, PlantRpc.MethodFlags.NONE,
        keeping(server, invocation => {
            const [args, kwargs] = [unpack(invocation.get_args()), unpack(invocation.get_kwargs())];
            if (Object.keys(kwargs).length)
                args.push(kwargs);
            if (wanted)
                args.unshift(invocation);
            answerWith(invocation, () => object[method](...args),
                result => answer(invocation, buffer, result));
        }));
}

function isNative(found) {
    return Function.prototype.toString.call(found).includes('[native code]');
}

// The accessor of JavaScript that stands behind a property, if there is one. A field of the object
// hides those of its class.
function accessor(object, name, kind) {
    for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
        const found = Object.getOwnPropertyDescriptor(owner, name);
        if (found)
            return found[kind] && !isNative(found[kind]) ? found[kind] : null;
    }
    return null;
}

// What GJS calls a property of GObject on the object itself.
const attributeOf = spec => spec.get_name().replaceAll('-', '_');

// The value as the setter would get it from GObject.
function valueFor(gtype, value) {
    if (GObject.type_is_a(gtype, GObject.TYPE_VARIANT))
        return value;
    return Choices.isChoice(gtype) ? Choices.numberOf(gtype, value) : unpack(value);
}

// Sets a property by its setter of JavaScript, whose errors GObject would not pass on.
function setBySetter(object, spec, value) {
    object.freeze_notify();
    try {
        object[attributeOf(spec)] = value;
        if (!(spec.flags & GObject.ParamFlags.EXPLICIT_NOTIFY))
            object.notify(spec.get_name());
    } finally {
        object.thaw_notify();
    }
}

// Carries out a write: true if that is left to the library.
function write(server, invocation, name, value) {
    const object = server.get_object();
    const spec = GObject.Object.find_property.call(object.constructor, name);
    if (!accessor(object, attributeOf(spec), 'set'))
        return true;
    answerWith(invocation, () => setBySetter(object, spec, valueFor(spec.value_type, value)),
        () => invocation.return_value(null));
    return false;
}

// What a getter gives, as it travels: a choice is a number in JavaScript, and a nick elsewhere.
function packFor(gtype, value) {
    if (typeof value !== 'number')
        return pack(value);
    if (Choices.isChoice(gtype))
        return Choices.nicksOf(gtype, value);
    // The smallest numbers have no text that GLib reads.
    return isTiny(value) ? GLib.Variant.new_double(value) : pack(value);
}

// Reads a property by its getter of JavaScript, whose errors GObject would not pass on: true if it
// is left to the library.
function read(server, invocation, name) {
    const object = server.get_object();
    const spec = GObject.Object.find_property.call(object.constructor, name);
    const get = accessor(object, attributeOf(spec), 'get');
    if (!get)
        return true;
    answerWith(invocation, () => get.call(object),
        value => invocation.return_value(packFor(spec.value_type, value)));
    return false;
}

// A handler of reads or writes: what an application's own accepts, or all, is carried out.
function deciding(server, decide, carryOut) {
    return keeping(server, (invocation, ...args) => {
        try {
            const accepted = !decide || decide(invocation, ...args);
            if (accepted && !invocation.get_answered())
                return carryOut(server, invocation, ...args);
            expectAnswer(invocation);
        } catch (error) {
            refuse(invocation, error);
        }
        return false;
    });
}

// The virtual function of an application's own class.
function findOwn(server, name) {
    const own = server[name];
    return own === PlantRpc.Server.prototype[name] ? null : own.bind(server);
}

// Offers what the class of the object declares.
function offer(server) {
    const object = server.get_object();
    for (const [name, declaration] of Declarations.of(PlantRpc, object.constructor))
        offerMethod(server, object, name, declaration);
    raw.set_write_handler.call(server,
        deciding(server, findOwn(server, 'vfunc_write_property'), write));
    raw.set_read_handler.call(server,
        deciding(server, findOwn(server, 'vfunc_read_property'), read));
}

function extendServer() {
    const {Server} = PlantRpc;
    const {prototype} = Server;
    raw = Object.fromEntries(['_init', 'register_method_json', 'register_method_buffer',
        'set_read_handler', 'set_write_handler'].map(name => [name, prototype[name]]));
    prototype._init = function (...args) {
        raw._init.call(this, ...args);
        offer(this);
    };
    Server.new = (object, url) => new Server({object, url});
    for (const name of ['register_method_json', 'register_method_buffer']) {
        prototype[name] = function (method, signature, timeout, flags, handler) {
            raw[name].call(this, method, signature, timeout, flags, keeping(this, invocation =>
                answerWith(invocation, () => handler(invocation), () => expectAnswer(invocation))));
        };
    }
    for (const [name, carryOut] of [['set_read_handler', read], ['set_write_handler', write]]) {
        prototype[name] = function (handler) {
            const decide = typeof handler === 'function' ? handler : null;
            raw[name].call(this, deciding(this, decide, carryOut));
        };
    }
    const {CANCELLABLE} = Async;
    Async.extend(PlantRpc, prototype, 'register_to_registry', [{}, {},
        {fallback: PlantRpc.REGISTRY_URL}, {}, CANCELLABLE]);
    Async.extend(PlantRpc, prototype, 'unregister', [CANCELLABLE]);
}

// Plain values in answers, too.
function extendInvocation() {
    const {prototype} = PlantRpc.Invocation;
    const packers = {
        return_value: value => [value === null || value === undefined ? null : pack(value)],
        return_buffer: (bytes, info = null) => [packBytes(bytes), packNamed(info)],
        return_gerror: error => [error],
        return_failure: (message, traceback = null) => [message, traceback],
        accept: () => [],
    };
    for (const [name, packer] of Object.entries(packers)) {
        const plain = prototype[name];
        prototype[name] = function (...args) {
            plain.call(this, ...packer(...args));
            noteAnswer(this);
        };
    }
}

function extend(namespace) {
    PlantRpc = namespace;
    extendServer();
    extendInvocation();
}
