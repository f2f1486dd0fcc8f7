// SPDX-License-Identifier: LGPL-2.1-or-later
// The methods that a class declares: `static [PlantRpc.methods] = {name: {signature, …}}`.

const {GObject} = imports.gi;

var methods = Symbol('PlantRpc.methods');

const KEYS = ['signature', 'buffer', 'timeout', 'invocation'];
const declared = new WeakSet();

// One declaration with everything filled in; a string is a signature alone.
function complete(PlantRpc, name, declaration) {
    const given = typeof declaration === 'string' ? {signature: declaration} : declaration;
    for (const key of Object.keys(given)) {
        if (!KEYS.includes(key))
            throw new TypeError(`${name}: there is no “${key}”; there are ${KEYS.join(', ')}`);
    }
    // The library takes a wrong signature for a mistake in C, and goes on without the method.
    if (typeof given.signature === 'string') {
        const {signature} = given;
        PlantRpc.InterfaceInfo.new_from_json(JSON.stringify({methods: {[name]: {signature}}}));
    }
    const timeout = PlantRpc.TIMEOUT_FROM_SERVER;
    return {signature: null, buffer: false, timeout, invocation: false, ...given};
}

function* ancestry(Class) {
    if (typeof Class !== 'function' || Class === GObject.Object || Class === GObject.Interface)
        return;
    yield* ancestry(Object.getPrototypeOf(Class));
    if (Object.hasOwn(Class, GObject.interfaces))
        yield* Class[GObject.interfaces];
    yield Class;
}

// What a class declares, inherits and implements, by name.
function of(PlantRpc, Class) {
    const found = new Map();
    for (const ancestor of ancestry(Class)) {
        if (!Object.hasOwn(ancestor, methods))
            continue;
        for (const [name, declaration] of Object.entries(ancestor[methods]))
            found.set(name, complete(PlantRpc, name, declaration));
    }
    return found;
}

// Tells the library what a template declares, once.
function declare(PlantRpc, template) {
    if (typeof template !== 'function' || declared.has(template))
        return;
    const found = of(PlantRpc, template);
    declared.add(template);
    for (const [name, {signature, buffer, timeout}] of found)
        PlantRpc.type_declare_method(template, name, signature, buffer, timeout);
}
