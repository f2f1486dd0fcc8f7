// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of remote objects as properties of JavaScript: of their type, or an error.

const {GLib, GObject} = imports.gi;
const Choices = imports.overrides.plantrpc.choices;
const {packAs} = imports.overrides.plantrpc.typed;
const {describe, wellFormed} = imports.overrides.plantrpc.values;
const {unpack} = imports.overrides.plantrpc.unpacking;

const INTEGERS = {
    gint: [-(2n ** 31n), 2n ** 31n - 1n],
    guint: [0n, 2n ** 32n - 1n],
    gint64: [-(2n ** 63n), 2n ** 63n - 1n],
    guint64: [0n, 2n ** 64n - 1n],
};
const WIDE = {gint64: 'set_int64', guint64: 'set_uint64'};

function wrongType(member, value, expected) {
    throw new TypeError(`“${member.name}” takes ${expected}, not ${describe(value)}`);
}

// GObject would clamp what is out of range, and say nothing.
function checkRange(member, value) {
    const [minimum, maximum] = member.range;
    const fits = (minimum === undefined || value >= minimum) &&
        (maximum === undefined || value <= maximum);
    if (!fits)
        throw new RangeError(`“${member.name}” is from ${minimum} to ${maximum}, not ${value}`);
}

function checkInteger(member, value) {
    if (typeof value !== 'bigint' && !Number.isInteger(value))
        wrongType(member, value, 'an integer');
    const [minimum, maximum] = INTEGERS[member.type];
    if (typeof value === 'number' && member.type in WIDE && !Number.isSafeInteger(value))
        throw new RangeError(`“${member.name}”: ${value} may be rounded; write it as a BigInt`);
    if (value < minimum || value > maximum)
        throw new RangeError(`“${member.name}” is from ${minimum} to ${maximum}, not ${value}`);
    checkRange(member, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
}

function checkNumber(member, value) {
    if (typeof value !== 'number')
        wrongType(member, value, 'a number');
    if (Number.isNaN(value))
        throw new RangeError(`“${member.name}” is a number, not NaN`);
    checkRange(member, value);
    return value;
}

function checkString(member, value) {
    if (value !== null && typeof value !== 'string')
        wrongType(member, value, 'a string or null');
    return value === null ? null : wellFormed(value);
}

function checkStrings(member, value) {
    if (!Array.isArray(value) || !value.every(item => typeof item === 'string'))
        wrongType(member, value, 'an array of strings');
    return value.map(wellFormed);
}

function checkBoolean(member, value) {
    if (typeof value !== 'boolean')
        wrongType(member, value, 'a boolean');
    return value;
}

function checkVariant(member, value) {
    try {
        return packAs(member.typeString, value);
    } catch (error) {
        error.message = `“${member.name}”: ${error.message}`;
        throw error;
    }
}

const CHECKS = {
    gboolean: checkBoolean,
    gint: checkInteger,
    guint: checkInteger,
    gint64: checkInteger,
    guint64: checkInteger,
    gfloat: checkNumber,
    gdouble: checkNumber,
    gchararray: checkString,
    GStrv: checkStrings,
    GVariant: checkVariant,
};

// Exact: GJS rounds wide integers, and says so on the terminal only.
function readWide(client, member) {
    const [value, text] = [new GObject.Value(), new GObject.Value()];
    value.init(member.gtype);
    text.init(GObject.TYPE_STRING);
    GObject.Object.prototype.get_property.call(client, member.name, value);
    value.transform(text);
    const number = Number(text.get_string());
    return Number.isSafeInteger(number) ? number : BigInt(text.get_string());
}

function writeBigInt(client, member, value) {
    const holder = new GObject.Value();
    holder.init(member.gtype);
    holder[WIDE[member.type]](value);
    GObject.Object.prototype.set_property.call(client, member.name, holder);
}

function bound(variant) {
    return variant === null ? undefined : unpack(variant);
}

// What is to be known of a property: its name, type and range, and how GJS itself reads and sets
// it.
function describeMember(prototype, info) {
    const name = info.get_name();
    const spec = GObject.Object.find_property.call(prototype.constructor, name);
    const native = Object.getOwnPropertyDescriptor(prototype, name.replaceAll('-', '_'));
    return {
        name,
        gtype: spec.value_type,
        type: spec.value_type.name,
        typeString: info.get_type_string(),
        range: [bound(info.get_minimum()), bound(info.get_maximum())],
        writable: info.get_writable(),
        nicks: Choices.isChoice(spec.value_type) ? info.get_choices() : null,
        native,
    };
}

function read(client, member) {
    if (member.type in WIDE)
        return readWide(client, member);
    const value = member.native.get.call(client);
    if (value instanceof GLib.Variant || member.type === 'GVariant')
        return unpack(value) ?? null;
    return member.nicks ? Choices.shown(member.gtype, value) : value;
}

function write(client, member, value) {
    if (!member.writable)
        throw new TypeError(`“${member.name}” is read-only`);
    const checked = member.nicks ? Choices.check(member, value)
        : CHECKS[member.type]?.(member, value) ?? value;
    if (typeof checked === 'bigint')
        writeBigInt(client, member, checked);
    else
        member.native.set.call(client, checked);
}

// Accessors for a property.
function accessors(prototype, info, before) {
    const member = describeMember(prototype, info);
    return {
        configurable: true,
        enumerable: true,
        get() {
            return read(this, member);
        },
        set(value) {
            before();
            write(this, member, value);
        },
    };
}
