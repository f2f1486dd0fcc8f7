// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values as a GVariant of a given type.  GJS alone would make a 0 of `'abc'`.

const {GLib} = imports.gi;
const {describe, pack, wellFormed} = imports.overrides.plantrpc.values;
const {describeType} = imports.overrides.plantrpc.unpacking;

const RANGES = {
    y: [0n, 2n ** 8n - 1n],
    n: [-(2n ** 15n), 2n ** 15n - 1n],
    q: [0n, 2n ** 16n - 1n],
    i: [-(2n ** 31n), 2n ** 31n - 1n],
    h: [-(2n ** 31n), 2n ** 31n - 1n],
    u: [0n, 2n ** 32n - 1n],
    x: [-(2n ** 63n), 2n ** 63n - 1n],
    t: [0n, 2n ** 64n - 1n],
};

function wrong(value, expected) {
    throw new TypeError(`${describe(value)} is not ${expected}`);
}

// An integer, as a number where that holds it.
function checkInteger(kind, value) {
    if (typeof value !== 'bigint' && !Number.isInteger(value))
        wrong(value, 'an integer');
    if (typeof value === 'number' && 'xt'.includes(kind) && !Number.isSafeInteger(value))
        throw new RangeError(`${value} may have been rounded; write it as a BigInt`);
    const [minimum, maximum] = RANGES[kind];
    if (value < minimum || value > maximum)
        throw new RangeError(`${value} is not from ${minimum} to ${maximum}`);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function checkPlain(value, type, expected) {
    if (typeof value !== type)
        wrong(value, expected);
    return value;
}

function checkEntries(type, value) {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
        wrong(value, 'an object');
    const [key, member] = type.members;
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return Object.fromEntries(entries.map(([name, item]) =>
        [check(key, name), check(member, item)]));
}

function checkArray({child}, value) {
    if (child.kind === '{')
        return checkEntries(child, value);
    if (!Array.isArray(value) && !(value instanceof Uint8Array))
        wrong(value, 'an array');
    const items = Array.from(value, item => check(child, item));
    return child.kind === 'y' ? Uint8Array.from(items) : items;
}

function checkTuple({members}, value) {
    if (!Array.isArray(value) || value.length !== members.length)
        wrong(value, `an array of ${members.length}`);
    return members.map((member, index) => check(member, value[index]));
}

// What the constructor of GLib.Variant makes the value of that type from, without guessing.
function check(type, value) {
    switch (type.kind) {
    case 'b':
        return checkPlain(value, 'boolean', 'a boolean');
    case 'd':
        return checkPlain(value, 'number', 'a number');
    case 's':
    case 'o':
    case 'g':
        return wellFormed(checkPlain(value, 'string', 'a string'));
    case 'v':
        return pack(value);
    case 'm':
        return value === null ? null : check(type.child, value);
    case 'a':
        return checkArray(type, value);
    case '(':
        return checkTuple(type, value);
    default:
        return checkInteger(type.kind, value);
    }
}

// A value as a GVariant of a type; any GVariant must be of it.
function packAs(text, value) {
    if (!(value instanceof GLib.Variant))
        return text === 'v' ? pack(value) : new GLib.Variant(text, check(describeType(text), value));
    if (text !== 'v' && !value.is_of_type(new GLib.VariantType(text)))
        throw new TypeError(`${value.print(true)} is not of the type ${text}`);
    return value;
}
