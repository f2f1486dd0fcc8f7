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
const {pack, packBytes, packNamed} = imports.overrides.plantrpc.values;
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

// The accessor of JavaScript that stands behind a property, if there is one.
function hasSetter(object, name) {
    for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
        const set = Object.getOwnPropertyDescriptor(owner, name)?.set;
        if (set)
            return !Function.prototype.toString.call(set).includes('[native code]');
    }
    return false;
}

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
        object[Names.toSnake(spec.get_name())] = value;
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
    if (!hasSetter(object, Names.toSnake(name)))
        return true;
    answerWith(invocation, () => setBySetter(object, spec, valueFor(spec.value_type, value)),
        () => invocation.return_value(null));
    return false;
}

// A handler of writes: what an application's own accepts, or all, is set.
function decideWrites(server, decide) {
    return keeping(server, (invocation, name, value) => {
        try {
            const accepted = !decide || decide(invocation, name, value);
            if (accepted && !invocation.get_answered())
                return write(server, invocation, name, value);
            expectAnswer(invocation);
        } catch (error) {
            refuse(invocation, error);
        }
        return false;
    });
}

// Offers what the class of the object declares.
function offer(server) {
    const object = server.get_object();
    for (const [name, declaration] of Declarations.of(PlantRpc, object.constructor))
        offerMethod(server, object, name, declaration);
    const {vfunc_write_property: own} = server;
    const decide = own === PlantRpc.Server.prototype.vfunc_write_property ? null : own.bind(server);
    raw.set_write_handler.call(server, decideWrites(server, decide));
}

function extendServer() {
    const {Server} = PlantRpc;
    const {prototype} = Server;
    raw = Object.fromEntries(['_init', 'register_method_json', 'register_method_buffer',
        'set_write_handler'].map(name => [name, prototype[name]]));
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
    prototype.set_write_handler = function (handler) {
        const decide = typeof handler === 'function' ? handler : null;
        raw.set_write_handler.call(this, decideWrites(this, decide));
    };
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
