// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values as a GVariant of a given type.  GJS alone would make a 0 of `'abc'`.

const {GLib} = imports.gi;
const {describe, pack, parse, quote, write, writeDouble} = imports.overrides.plantrpc.values;
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

function writeInteger(kind, value) {
    if (typeof value !== 'bigint' && !Number.isInteger(value))
        wrong(value, 'an integer');
    if (typeof value === 'number' && 'xt'.includes(kind) && !Number.isSafeInteger(value))
        throw new RangeError(`${value} may be rounded; write it as a BigInt`);
    const [minimum, maximum] = RANGES[kind];
    if (value < minimum || value > maximum)
        throw new RangeError(`${value} is not from ${minimum} to ${maximum}`);
    return String(BigInt(value));
}

function checked(value, type, expected) {
    if (typeof value !== type)
        wrong(value, expected);
    return value;
}

function writeEntries({members: [key, member]}, value) {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
        wrong(value, 'an object');
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return `{${entries.map(([name, item]) => {
        const written = 'sog'.includes(key.kind) || value instanceof Map ? name : Number(name);
        return `${writeAs(key, written)}:${writeAs(member, item)}`;
    }).join()}}`;
}

function writeItems({child}, value) {
    if (child.kind === '{')
        return writeEntries(child, value);
    if (!Array.isArray(value) && !(child.kind === 'y' && value instanceof Uint8Array))
        wrong(value, 'an array');
    return `[${Array.from(value, item => writeAs(child, item)).join()}]`;
}

function writeTuple({members}, value) {
    if (!Array.isArray(value) || value.length !== members.length)
        wrong(value, `an array of ${members.length}`);
    const items = members.map((member, index) => writeAs(member, value[index]));
    return items.length === 1 ? `(${items[0]},)` : `(${items.join()})`;
}

// The text of a GVariant of that type; the type itself stands before the whole.
function writeAs(type, value) {
    switch (type.kind) {
    case 'b':
        return String(checked(value, 'boolean', 'a boolean'));
    case 'd':
        return writeDouble(checked(value, 'number', 'a number'));
    case 's':
    case 'o':
    case 'g':
        return quote(checked(value, 'string', 'a string'));
    case 'v':
        return `<${write(value)}>`;
    case 'm':
        return value === null ? 'nothing' : `just ${writeAs(type.child, value)}`;
    case 'a':
        return writeItems(type, value);
    case '(':
        return writeTuple(type, value);
    default:
        return writeInteger(type.kind, value);
    }
}

// A value as a GVariant of a type; any GVariant must be of it.
function packAs(text, value) {
    if (text === 'v')
        return pack(value);
    if (!(value instanceof GLib.Variant))
        return parse(`@${text} ${writeAs(describeType(text), value)}`);
    if (!value.is_of_type(new GLib.VariantType(text)))
        throw new TypeError(`${value.print(true)} is not of the type ${text}`);
    return value;
}
