// SPDX-License-Identifier: LGPL-2.1-or-later
// Servers: the methods of a class offered, its setters deciding about writes.

var {extend} = (({Array, Math, Object, TypeError, Map, JSON, WeakSet, imports}) => {
    const {GLib} = imports.gi;
    const System = imports.system;
    const {Access} = imports.overrides.plantrpc.accessors;
    const Async = imports.overrides.plantrpc.async;
    const {finish, finishLater} = imports.overrides.plantrpc.collector;
    const Declarations = imports.overrides.plantrpc.declarations;
    const {answerThrown} = imports.overrides.plantrpc.errors;
    const Names = imports.overrides.plantrpc.names;
    const {argsToJson, pack, packBytes, packNamed, toJson, viewBytes} =
        imports.overrides.plantrpc.values;
    const {unpack} = imports.overrides.plantrpc.unpacking;

    const FORGOTTEN_MS = 1000; // until invocations that nobody keeps are looked for

    let PlantRpc = null;
    let raw = null;
    let waiting = 0; // invocations that were not answered when their handlers returned
    const expected = new WeakSet(); // the invocations themselves
    const decidesReads = new WeakSet(); // servers whose reads an application decides about
    let waitingTimer = 0;

    function isThenable(value) {
        return (typeof value === 'object' || typeof value === 'function') &&
            typeof value?.then === 'function';
    }

    // What nobody keeps is answered with an error when it is collected, so that is done before
    // long.
    function expectAnswer(invocation) {
        if (invocation.get_answered())
            return;
        waiting++;
        expected.add(invocation);
        waitingTimer ||= GLib.timeout_add(GLib.PRIORITY_LOW, FORGOTTEN_MS, () => {
            waitingTimer = 0;
            if (waiting > 0)
                System.gc();
            waiting = 0;
            return GLib.SOURCE_REMOVE;
        });
    }

    function noteAnswer(invocation) {
        if (expected.delete(invocation))
            waiting = Math.max(0, waiting - 1);
    }

    // Answers with bytes in one step, unless there is an answer; false for what needs more.
    function answerBytesByJson(invocation, bytes, info) {
        const [data, json] = [viewBytes(bytes), argsToJson(info)];
        if (data === null || json === undefined ||
            !raw.return_buffer_json.call(invocation, data, json))
            return false;
        noteAnswer(invocation);
        return true;
    }

    function answerBuffer(invocation, result) {
        const given = Array.isArray(result) ? result : [result];
        if ((given.length <= 2 && answerBytesByJson(invocation, given[0], given[1])) ||
            invocation.get_answered())
            return;
        try {
            invocation.return_buffer(...given);
        } catch (error) {
            answerThrown(invocation, error);
        }
    }

    // Answers in one step, unless there is an answer; false for a value that needs more.
    function answerByJson(invocation, value) {
        const json = toJson(value);
        if (json === undefined || !raw.return_json.call(invocation, json))
            return false;
        noteAnswer(invocation);
        return true;
    }

    function answerValue(invocation, result) {
        if (answerByJson(invocation, result ?? null) || invocation.get_answered())
            return;
        try {
            invocation.return_value(result);
        } catch (error) {
            answerThrown(invocation, error);
        }
    }

    function refuse(invocation, error) {
        if (!invocation.get_answered())
            answerThrown(invocation, error);
    }

    // Answers with what a handler has returned, now or when its promise is settled.
    function settle(invocation, result, answer) {
        if (!isThenable(result)) {
            answer(invocation, result);
            return;
        }
        result.then(value => answer(invocation, value)).catch(error => refuse(invocation, error))
            .finally(finishLater);
        expectAnswer(invocation);
    }

    function findMethod(object, name) {
        return Names.spellings(name).find(spelling => typeof object[spelling] === 'function');
    }

    function argumentsOf(invocation) {
        const json = raw.get_json.call(invocation);
        if (json !== null)
            return JSON.parse(json);
        const args = unpack(invocation.get_args());
        const kwargs = unpack(invocation.get_kwargs());
        return Object.keys(kwargs).length ? [...args, kwargs] : args;
    }

    // GJS traces handlers from the server that they were given to, so that they may refer to it;
    // and they do, to the last: one that is let go of while it runs makes GJS crash.
    function offerMethod(server, object, name, declaration) {
        const {signature, buffer, timeout, invocation: wanted} = declaration;
        const method = findMethod(object, name);
        if (method === undefined) {
            throw new TypeError(
                `${object.constructor.name} declares ${name}() and has no such method`);
        }
        const register = buffer ? raw.register_method_buffer : raw.register_method_json;
        const answer = buffer ? answerBuffer : answerValue;
        register.call(server, name, signature, timeout, PlantRpc.MethodFlags.NONE, invocation => {
            try {
                const args = argumentsOf(invocation);
                if (wanted)
                    args.unshift(invocation);
                settle(invocation, object[method](...args), answer);
            } catch (error) {
                refuse(invocation, error);
            } finally {
                finish(server);
            }
        });
    }

    // Carries out a write: true if that is left to the library.
    function write(server, access, invocation, value) {
        if (access.findSetter() === null)
            return true;
        access.set(access.given(invocation, value));
        if (decidesReads.has(server) || !answerByJson(invocation, access.current()))
            invocation.return_value(null);
        return false;
    }

    // Reads a property by its getter of JavaScript, if it has one: true if it is left to the
    // library.
    function read(server, access, invocation) {
        const getter = access.findGetter();
        if (getter === null)
            return true;
        settle(invocation, getter.call(access.object), (_, value) => {
            if (!access.isByJson(value) || !answerByJson(invocation, value))
                invocation.return_value(access.pack(value));
        });
        return false;
    }

    // Finds how properties are reached, each once.
    function finder(object) {
        const found = new Map();
        return name => {
            let access = found.get(name);
            if (access === undefined) {
                access = Access.find(object, name);
                found.set(name, access);
            }
            return access;
        };
    }

    // A handler of reads or writes: what an application's own accepts, or all, is carried out.
    function deciding(server, decide, carryOut) {
        const find = finder(server.get_object());
        return (invocation, name, value) => {
            try {
                if (!decide || (decide(invocation, name, value) && !invocation.get_answered())) {
                    const access = find(name);
                    return access === null || carryOut(server, access, invocation, value);
                }
                expectAnswer(invocation);
            } catch (error) {
                refuse(invocation, error);
            } finally {
                finish(server);
            }
            return false;
        };
    }

    // The virtual function of an application's own class.
    function findOwn(server, name) {
        const own = server[name];
        return own === PlantRpc.Server.prototype[name] ? null : own.bind(server);
    }

    function setReadHandler(server, decide) {
        if (decide)
            decidesReads.add(server);
        else
            decidesReads.delete(server);
        raw.set_read_handler.call(server, deciding(server, decide, read));
    }

    // Offers what the class of the object declares.
    function offer(server) {
        const object = server.get_object();
        for (const [name, declaration] of Declarations.of(PlantRpc, object.constructor))
            offerMethod(server, object, name, declaration);
        raw.set_write_handler.call(server,
            deciding(server, findOwn(server, 'vfunc_write_property'), write));
        setReadHandler(server, findOwn(server, 'vfunc_read_property'));
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
                raw[name].call(this, method, signature, timeout, flags, invocation => {
                    try {
                        settle(invocation, handler(invocation), expectAnswer);
                    } catch (error) {
                        refuse(invocation, error);
                    } finally {
                        finish(this);
                    }
                });
            };
        }
        const given = handler => typeof handler === 'function' ? handler : null;
        prototype.set_read_handler = function (handler) {
            setReadHandler(this, given(handler));
        };
        prototype.set_write_handler = function (handler) {
            raw.set_write_handler.call(this, deciding(this, given(handler), write));
        };
        const {CANCELLABLE} = Async;
        Async.extend(PlantRpc, prototype, 'register_to_registry', [{}, {},
            {fallback: PlantRpc.REGISTRY_URL}, {}, CANCELLABLE]);
        Async.extend(PlantRpc, prototype, 'unregister', [CANCELLABLE]);
    }

    // Plain values in answers, too.
    function extendInvocation() {
        const {prototype} = PlantRpc.Invocation;
        for (const name of ['get_json', 'return_json', 'return_buffer_json'])
            raw[name] = prototype[name];
        const packers = {
            return_value: value => [value === null || value === undefined ? null : pack(value)],
            return_buffer: (bytes, info = null) =>
                [packBytes(bytes), packNamed(info, 'what is told of a buffer is an object')],
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

    return {extend};
})(globalThis);
