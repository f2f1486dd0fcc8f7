// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values of JavaScript and GVariants, both ways.
//
// Booleans, numbers, strings, null, arrays and objects stand for themselves.  An integer that a
// number cannot hold is a BigInt.  Nothing is guessed, cut or rounded: what does not fit throws.

const {GLib} = imports.gi;
const {unpack} = imports.overrides.plantrpc.unpacking;

const MAX_DEPTH = 100;
const INT64 = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT64_MAX = 2n ** 64n - 1n;
const STRINGS = new GLib.VariantType('s');

function describe(value) {
    if (value === null || value === undefined)
        return String(value);
    if (typeof value === 'string')
        return JSON.stringify(value.slice(0, 40));
    if (typeof value === 'object')
        return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'plain object'}`;
    return typeof value === 'function' ? 'a function' : String(value);
}

// Neither zero bytes nor halves of a surrogate pair travel.
function wellFormed(text) {
    return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        '\ufffd');
}

function nothing() {
    return GLib.Variant.new_maybe(new GLib.VariantType('v'), null);
}

function packNumber(value) {
    return new GLib.Variant(Number.isSafeInteger(value) && !Object.is(value, -0) ? 'x' : 'd', value);
}

function packBigInt(value) {
    if (value >= INT64[0] && value <= INT64[1])
        return new GLib.Variant('x', value);
    if (value >= 0n && value <= UINT64_MAX)
        return new GLib.Variant('t', value);
    throw new RangeError(`${value} has more than 64 bits`);
}

function packMembers(value, depth) {
    const members = {};
    for (const [name, member] of value instanceof Map ? value : Object.entries(value)) {
        if (typeof name !== 'string')
            throw new TypeError(`the key ${describe(name)} is not a string`);
        if (member !== undefined)
            setMember(members, wellFormed(name), packAny(member, depth + 1));
    }
    return new GLib.Variant('a{sv}', members);
}

// Also where the name is one that objects have of their own, such as `__proto__`.
function setMember(object, name, value) {
    Object.defineProperty(object, name,
        {value, configurable: true, enumerable: true, writable: true});
}

function packObject(value, depth) {
    if (depth > MAX_DEPTH)
        throw new RangeError('the value is nested too deeply');
    if (Array.isArray(value))
        return new GLib.Variant('av', Array.from(value, item => packAny(item, depth + 1)));
    const prototype = Object.getPrototypeOf(value);
    if (value instanceof Map || prototype === Object.prototype || prototype === null)
        return packMembers(value, depth);
    if (ArrayBuffer.isView(value))
        throw new TypeError('bytes are returned by buffer methods; Array.from() makes a list of them');
    throw new TypeError(`${describe(value)} is not a plain value`);
}

function packAny(value, depth) {
    if (value instanceof GLib.Variant)
        return value;
    if (value === null || value === undefined)
        return nothing();
    switch (typeof value) {
    case 'boolean':
        return new GLib.Variant('b', value);
    case 'number':
        return packNumber(value);
    case 'bigint':
        return packBigInt(value);
    case 'string':
        return new GLib.Variant('s', wellFormed(value));
    case 'object':
        return packObject(value, depth);
    default:
        throw new TypeError(`${describe(value)} is not a plain value`);
    }
}

// A value as the GVariant that says the same; a GVariant is itself.
function pack(value) {
    return packAny(value, 0);
}

// Arguments by position: an array of variants.  Those left out at the end are not given.
function packArgs(args) {
    if (args === null || args === undefined || args instanceof GLib.Variant)
        return args ?? null;
    if (!Array.isArray(args))
        throw new TypeError(`arguments are an array, not ${describe(args)}`);
    const last = args.findLastIndex ? args.findLastIndex(arg => arg !== undefined)
        : args.reduce((found, arg, index) => arg === undefined ? found : index, -1);
    return new GLib.Variant('av', args.slice(0, last + 1).map(pack));
}

// Arguments by name.
function packNamed(args) {
    if (args === null || args === undefined || args instanceof GLib.Variant)
        return args ?? null;
    if (typeof args !== 'object' || Array.isArray(args))
        throw new TypeError(`named arguments are an object, not ${describe(args)}`);
    return packObject(args, 0);
}

// The information that goes with a buffer.
function packInfo(info) {
    return packNamed(info);
}

// Bytes of any kind as GBytes.
function packBytes(bytes) {
    if (bytes instanceof GLib.Bytes)
        return bytes;
    if (bytes instanceof ArrayBuffer)
        return new GLib.Bytes(new Uint8Array(bytes));
    if (ArrayBuffer.isView(bytes))
        return new GLib.Bytes(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    throw new TypeError(`a buffer method returns bytes, not ${describe(bytes)}`);
}
