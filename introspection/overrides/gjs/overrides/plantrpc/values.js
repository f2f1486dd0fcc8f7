// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values of JavaScript and GVariants, both ways.
//
// Booleans, numbers, strings, null, arrays and objects stand for themselves.  An integer that a
// number cannot hold is a BigInt.  Nothing is guessed, cut or rounded: what does not fit throws.
//
// Most values become a GVariant by JSON.  Others are made from the text of a GVariant: the
// constructors of GJS 1.74 leak each one that they make.

var {argsToJson, describe, isTiny, pack, packArgs, packBytes, packNamed, toJson, trimmed,
    viewBytes, wellFormed} = (language => {
    const {Array, ArrayBuffer, JSON, Map, Math, Number, Object, RangeError, String} = language;
    const {TypeError, Uint8Array, imports} = language;
    const {GLib} = imports.gi;

    const MAX_DEPTH = 100;
    const MAX_JSON_DEPTH = 30; // the library takes some more
    const ODD_NAME = /[\0\ud800-\udfff]/;
    const UNPAIRED = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
    const SMALLEST = 2 ** -1022; // GLib reads no smaller number from a text
    const INT64 = [-(2n ** 63n), 2n ** 63n - 1n];
    const UINT64_MAX = 2n ** 64n - 1n;

    function describe(value) {
        if (value === null || value === undefined)
            return String(value);
        if (typeof value === 'string')
            return JSON.stringify(value.slice(0, 40));
        if (Array.isArray(value))
            return 'an array';
        if (typeof value === 'object')
            return `a ${value.constructor?.name ?? 'plain object'}`;
        return typeof value === 'function' ? 'a function' : String(value);
    }

    // Halves of a surrogate pair do not travel.
    function wellFormed(text) {
        if (text.includes('\0'))
            throw new TypeError(`a text with a NUL character does not travel: ${describe(text)}`);
        return text.replace(UNPAIRED, '\ufffd');
    }

    function parse(text) {
        return GLib.Variant.parse(null, text, null, null);
    }

    // A string in GVariant's text format.
    function quote(text) {
        return `'${wellFormed(text).replace(/[\\']/g, '\\$&')}'`;
    }

    function writeNumber(value) {
        if (Number.isSafeInteger(value) && !Object.is(value, -0))
            return `int64 ${value}`;
        return `@d ${writeDouble(value)}`;
    }

    function isTiny(value) {
        return value !== 0 && Math.abs(value) < SMALLEST;
    }

    function writeDouble(value) {
        if (!Number.isFinite(value))
            return Number.isNaN(value) ? 'nan' : `${value < 0 ? '-' : ''}inf`;
        if (isTiny(value))
            throw new RangeError(`${value} is too small`);
        return Object.is(value, -0) ? '-0.0' : String(value);
    }

    function writeBigInt(value) {
        if (value >= INT64[0] && value <= INT64[1])
            return `int64 ${value}`;
        if (value >= 0n && value <= UINT64_MAX)
            return `uint64 ${value}`;
        throw new RangeError(`${value} has more than 64 bits`);
    }

    function writeArray(items, depth) {
        return items.length ? `[${Array.from(items, item => `<${write(item, depth + 1)}>`).join()}]`
            : '@av []';
    }

    function writeMembers(value, depth) {
        const members = [];
        for (const [name, member] of value instanceof Map ? value : Object.entries(value)) {
            if (typeof name !== 'string')
                throw new TypeError(`the key ${describe(name)} is not a string`);
            if (member !== undefined)
                members.push(`${quote(name)}:<${write(member, depth + 1)}>`);
        }
        return members.length ? `{${members.join()}}` : '@a{sv} {}';
    }

    function writeObject(value, depth) {
        if (depth > MAX_DEPTH)
            throw new RangeError('the value is nested too deeply');
        if (value === null)
            return '@mv nothing';
        if (value instanceof GLib.Variant)
            return value.print(true);
        if (Array.isArray(value))
            return writeArray(value, depth);
        const prototype = Object.getPrototypeOf(value);
        if (value instanceof Map || prototype === Object.prototype || prototype === null)
            return writeMembers(value, depth);
        if (ArrayBuffer.isView(value))
            throw new TypeError('bytes travel as a buffer; Array.from() makes a list of them');
        throw new TypeError(`${describe(value)} is not a plain value`);
    }

    // The text of the GVariant that says the same.
    function write(value, depth = 0) {
        switch (typeof value) {
        case 'undefined':
            return '@mv nothing';
        case 'boolean':
            return String(value);
        case 'number':
            return writeNumber(value);
        case 'bigint':
            return writeBigInt(value);
        case 'string':
            return quote(value);
        case 'object':
            return writeObject(value, depth);
        default:
            throw new TypeError(`${describe(value)} is not a plain value`);
        }
    }

    function isPlainNumber(value) {
        if (Number.isInteger(value))
            return Number.isSafeInteger(value) && !Object.is(value, -0);
        return Number.isFinite(value) && !isTiny(value);
    }

    // A number that is plain for certain is told at once: long lists are of such, and to call a
    // function for each takes several times as long.
    function areItemsPlain(items, depth) {
        const {length} = items;
        for (let index = 0; index < length; index++) {
            const item = items[index];
            if (typeof item === 'number') {
                if ((item | 0) === item && item !== 0) // eslint-disable-line no-bitwise
                    continue;
                const size = item < 0 ? -item : item;
                if (size > 1e-300 && size < 1e300 && item % 1 !== 0)
                    continue;
            }
            if (!isPlain(item, depth))
                return false;
        }
        return true;
    }

    function areMembersPlain(value, depth) {
        const prototype = Object.getPrototypeOf(value);
        if (prototype !== Object.prototype && prototype !== null)
            return false;
        for (const name in value) {
            if (!Object.hasOwn(value, name) || ODD_NAME.test(name) || !isPlain(value[name], depth))
                return false;
        }
        return true;
    }

    // Whether JSON says the same as `write()`.  What it does not is written by that, or refused.
    function isPlain(value, depth = 0) {
        switch (typeof value) {
        case 'undefined':
            return depth > 0;
        case 'boolean':
            return true;
        case 'number':
            return isPlainNumber(value);
        case 'string':
            return !value.includes('\0');
        case 'object':
            if (value === null)
                return true;
            if (depth > MAX_JSON_DEPTH || value.toJSON !== undefined)
                return false;
            if (!Array.isArray(value))
                return areMembersPlain(value, depth + 1);
            return areItemsPlain(value, depth + 1);
        default:
            return false;
        }
    }

    // The JSON text that says the same as a value; undefined for a value that needs more.
    function toJson(value) {
        if (typeof value === 'number' && Number.isSafeInteger(value) && value !== 0)
            return `${value}`;
        return isPlain(value) ? JSON.stringify(value) : undefined;
    }

    // Arguments by JSON; null for none.
    function argsToJson(args) {
        return args === null || args === undefined ? null : toJson(args);
    }

    // A value by JSON, which GJS writes and the library reads in C; undefined for one that needs
    // more.
    function packPlain(value) {
        const json = toJson(value);
        if (json === undefined)
            return undefined;
        try {
            return imports.gi.PlantRpc.value_from_json(json);
        } catch {
            return undefined;
        }
    }

    // A value as the GVariant that says the same; a GVariant is itself.
    function pack(value) {
        if (value instanceof GLib.Variant)
            return value;
        return packPlain(value) ?? parse(write(value));
    }

    // Arguments without those that are left out at the end.
    function trimmed(args) {
        let {length} = args;
        while (length > 0 && args[length - 1] === undefined)
            length--;
        return length < args.length ? args.slice(0, length) : args;
    }

    // A GVariant that an application has made; the library takes one of another type for a mistake
    // in C, and calls nobody back.
    function checkType(variant, pattern, what) {
        if (!pattern.test(variant.get_type_string())) {
            throw new TypeError(
                `${what}, not a GVariant of type ${variant.get_type_string()}`);
        }
        return variant;
    }

    // Arguments by position: an array of variants.
    function packArgs(args) {
        if (args instanceof GLib.Variant)
            return checkType(args, /^(av$|\()/, 'arguments are an array');
        if (args === null || args === undefined)
            return null;
        if (!Array.isArray(args))
            throw new TypeError(`arguments are an array, not ${describe(args)}`);
        const all = trimmed(args);
        return packPlain(all) ?? parse(writeArray(all, 0));
    }

    // Arguments by name, or what a buffer's information is.
    function packNamed(args, what = 'named arguments are an object') {
        if (args instanceof GLib.Variant)
            return checkType(args, /^a\{sv\}$/, what);
        if (args === null || args === undefined)
            return null;
        if (typeof args !== 'object' || Array.isArray(args))
            throw new TypeError(`${what}, not ${describe(args)}`);
        return packPlain(args) ?? parse(writeObject(args, 0));
    }

    // Bytes of any kind as an array of them; null for a GBytes and for what is none.
    function viewBytes(bytes) {
        if (bytes instanceof Uint8Array)
            return bytes;
        if (bytes instanceof ArrayBuffer)
            return new Uint8Array(bytes);
        return ArrayBuffer.isView(bytes)
            ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : null;
    }

    // Bytes of any kind as GBytes.
    function packBytes(bytes) {
        if (bytes instanceof GLib.Bytes)
            return bytes;
        const view = viewBytes(bytes);
        if (view !== null)
            return new GLib.Bytes(view);
        throw new TypeError(`a buffer method returns bytes, not ${describe(bytes)}`);
    }

    return {argsToJson, describe, isTiny, pack, packArgs, packBytes, packNamed, toJson, trimmed,
        viewBytes, wellFormed};
})(globalThis);
