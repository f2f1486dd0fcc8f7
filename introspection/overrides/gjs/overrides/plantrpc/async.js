// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asynchronous returns a promise where no callback is given.

var {CANCELLABLE, extend, promise} = (({Error, Promise, TypeError, imports}) => {
    const {finish, finishLater, finishing} = imports.overrides.plantrpc.collector;
    const {callStack, explain} = imports.overrides.plantrpc.errors;

    // Functions that only wait: whatever becomes of them, the device was asked to do nothing.
    const HARMLESS = ['discover', 'discover_device', 'wait_client', 'wait_ready', 'refresh'];
    const CANCELLABLE = {fallback: null};

    // Begins something and ends it with `end(result)`.
    function promise(PlantRpc, begin, end, harmless = false) {
        const origin = new Error();
        return new Promise((resolve, reject) => {
            begin((source, result) => {
                try {
                    resolve(end(result));
                } catch (error) {
                    reject(explain(PlantRpc, error, {stack: callStack(origin), harmless}));
                } finally {
                    finish();
                    finishLater();
                }
            });
        });
    }

    // Makes of arguments what the library takes: what is left out has its default, what is plain is
    // packed.
    function complete(name, parameters, args) {
        const {length} = parameters;
        if (args.length > length)
            throw new TypeError(`${name}() takes at most ${length} arguments`);
        for (let index = 0; index < length; index++) {
            const {fallback, pack} = parameters[index];
            const arg = args[index] === undefined ? fallback : args[index];
            if (arg === undefined)
                throw new TypeError(`${name}() needs at least ${index + 1} arguments`);
            args[index] = pack ? pack(arg) : arg;
        }
        return args;
    }

    // Gives `name()` of a class or an object, its promises, and `name_sync()` the defaults.
    function extend(PlantRpc, owner, name, parameters, convert = result => result) {
        const [finishName, syncName] = [`${name}_finish`, `${name}_sync`];
        const [begin, blocking] = [owner[name], owner[syncName]];
        const harmless = HARMLESS.includes(name);

        owner[name] = function (...args) {
            finish();
            const callback = typeof args.at(-1) === 'function' ? args.pop() : null;
            complete(name, parameters, args);
            if (callback)
                return begin.call(this, ...args, finishing(callback));
            return promise(PlantRpc, done => begin.call(this, ...args, done),
                result => convert(this[finishName](result)), harmless);
        };

        if (!blocking)
            return;
        owner[syncName] = function (...args) {
            finish();
            complete(syncName, parameters, args);
            try {
                return blocking.apply(this, args);
            } catch (error) {
                throw explain(PlantRpc, error, {harmless});
            }
        };
    }

    return {CANCELLABLE, extend, promise};
})(globalThis);
