// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asynchronous returns a promise where no callback is given.

const Collector = imports.overrides.plantrpc.collector;
const Errors = imports.overrides.plantrpc.errors;

// Functions that only wait: whatever becomes of them, the device was asked to do nothing.
const HARMLESS = ['discover', 'discover_device', 'wait_ready', 'refresh'];

// Begins something and ends it with `finish(result)`.
function promise(PlantRpc, begin, finish, harmless = false) {
    const stack = Errors.callStack();
    return new Promise((resolve, reject) => {
        begin((source, result) => {
            try {
                resolve(finish(result));
            } catch (error) {
                reject(Errors.explain(PlantRpc, error, {stack, harmless}));
            } finally {
                Collector.finish();
                Collector.finishLater();
            }
        });
    });
}

// The arguments as the library takes them: what is left out has its default, what is plain is
// packed.
function complete(name, parameters, args) {
    if (args.length > parameters.length)
        throw new TypeError(`${name}() takes at most ${parameters.length} arguments`);
    return parameters.map(({fallback, pack}, index) => {
        const arg = args[index] === undefined ? fallback : args[index];
        if (arg === undefined)
            throw new TypeError(`${name}() needs at least ${index + 1} arguments`);
        return pack ? pack(arg) : arg;
    });
}

// Gives `name()` of a class or an object, its promises, and `name_sync()` the defaults.
function extend(PlantRpc, owner, name, parameters, convert = result => result) {
    const [begin, blocking] = [owner[name], owner[`${name}_sync`]];
    const harmless = HARMLESS.includes(name);

    owner[name] = function (...args) {
        Collector.finish();
        const callback = typeof args.at(-1) === 'function' ? args.pop() : null;
        const completed = complete(name, parameters, args);
        if (callback)
            return begin.call(this, ...completed, Collector.finishing(callback));
        return promise(PlantRpc, done => begin.call(this, ...completed, done),
            result => convert(this[`${name}_finish`](result)), harmless);
    };

    if (!blocking)
        return;
    owner[`${name}_sync`] = function (...args) {
        Collector.finish();
        const completed = complete(`${name}_sync`, parameters, args);
        return Errors.explained(PlantRpc, () => blocking.call(this, ...completed), harmless);
    };
}

var CANCELLABLE = {fallback: null};
