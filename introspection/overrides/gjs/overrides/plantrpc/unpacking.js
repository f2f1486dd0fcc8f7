// SPDX-License-Identifier: LGPL-2.1-or-later
// Plain values out of a GVariant: by JSON, or read from its bytes where JSON does not say all.
//
// To ask GLib for each child makes an object that must be collected for each of them, and rounds
// wide integers.  The format is that of GLib's `gvariant-serialiser.c`.

var {unpack} = (language => {
    const {BigInt, DataView, JSON, Map, Math, Number, Object, String, TextDecoder} = language;
    const {Uint8Array, Uint16Array, imports} = language;

    const FIXED = {b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8};
    const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
    const SMALLEST_WORDS = 16; // bytes; what is shorter is read faster letter by letter
    const decoder = new TextDecoder();
    const KEPT = '{ys}'; // the JSON of what no other type holds: a long integer, a text with a NUL
    const types = new Map();

    const align = (offset, alignment) => Math.ceil(offset / alignment) * alignment;

    // The length of the first complete type in a type string.
    function typeLength(text, start) {
        let end = start;
        while ('am'.includes(text[end]))
            end++;
        if (!'({'.includes(text[end]))
            return end + 1 - start;
        for (let depth = 0; ; end++) {
            if ('({'.includes(text[end]))
                depth++;
            else if (')}'.includes(text[end]) && --depth === 0)
                return end + 1 - start;
        }
    }

    function describeMembers(text) {
        const members = [];
        for (let start = 1; start < text.length - 1;) {
            const length = typeLength(text, start);
            members.push(describeType(text.slice(start, start + length)));
            start += length;
        }
        const alignment = Math.max(1, ...members.map(member => member.alignment));
        let size = 0;
        for (const member of members)
            size = member.size && align(size, member.alignment) + member.size;
        if (members.some(member => !member.size))
            size = 0;
        else
            size = Math.max(1, align(size, alignment));
        return {kind: text[0], members, alignment, size};
    }

    // A type: its kind, alignment, size (0 where that varies) and what is in it.
    function describeType(text) {
        let type = types.get(text);
        if (type)
            return type;
        const kind = text[0];
        if (kind in FIXED) {
            type = {kind, alignment: FIXED[kind], size: FIXED[kind]};
        } else if (kind === 'a' || kind === 'm') {
            const child = describeType(text.slice(1));
            type = {kind, child, alignment: child.alignment, size: 0};
        } else if (kind === '(' || kind === '{') {
            type = describeMembers(text);
        } else {
            type = {kind, alignment: kind === 'v' ? 8 : 1, size: 0};
        }
        types.set(text, type);
        return type;
    }

    function wide(value) {
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
    }

    class Reader {
        constructor(bytes) {
            this.bytes = bytes;
            this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        }

        text(start, end) {
            if (end - start > SMALLEST_WORDS)
                return decoder.decode(this.bytes.subarray(start, end));
            let text = '';
            for (let index = start; index < end; index++) {
                if (this.bytes[index] > 127)
                    return decoder.decode(this.bytes.subarray(start, end));
                text += String.fromCharCode(this.bytes[index]);
            }
            return text;
        }

        // An offset of a container that ends at `end`; as many bytes as its length needs.
        offset(at, width) {
            if (width === 1)
                return this.bytes[at];
            return width === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
        }

        read(type, start, end) {
            const {view} = this;
            switch (type.kind) {
            case 'b':
                return this.bytes[start] !== 0;
            case 'y':
                return this.bytes[start];
            case 'n':
                return view.getInt16(start, LITTLE);
            case 'q':
                return view.getUint16(start, LITTLE);
            case 'i':
            case 'h':
                return view.getInt32(start, LITTLE);
            case 'u':
                return view.getUint32(start, LITTLE);
            case 'x':
                return wide(view.getBigInt64(start, LITTLE));
            case 't':
                return wide(view.getBigUint64(start, LITTLE));
            case 'd':
                return view.getFloat64(start, LITTLE);
            case 'v':
                return this.readVariant(start, end);
            case 'm':
                return this.readMaybe(type, start, end);
            case 'a':
                return this.readArray(type, start, end);
            case '(':
            case '{':
                return this.readTuple(type, start, end);
            default:
                return this.text(start, end - 1);
            }
        }

        readVariant(start, end) {
            const mark = this.bytes.subarray(start, end).lastIndexOf(0);
            return this.readAs(this.text(start + mark + 1, end), start, start + mark);
        }

        readAs(text, start, end) {
            const value = this.read(describeType(text), start, end);
            return text === KEPT ? kept(value) : value;
        }

        readMaybe(type, start, end) {
            if (start === end)
                return null;
            return this.read(type.child, start, type.child.size ? end : end - 1);
        }

        readArray(type, start, end) {
            if (type.child.kind === 'y')
                return this.bytes.slice(start, end);
            const items = [];
            this.forEach(type.child, start, end, (from, to) => {
                items.push(this.read(type.child, from, to));
            });
            return type.child.kind === '{' ? dictionary(type.child, items) : items;
        }

        forEach(child, start, end, visit) {
            if (child.size) {
                for (let at = start; at < end; at += child.size)
                    visit(at, at + child.size);
                return;
            }
            if (start === end)
                return;
            const width = offsetWidth(end - start);
            const table = start + this.offset(end - width, width);
            for (let at = start, entry = table; entry < end; entry += width) {
                const to = start + this.offset(entry, width);
                visit(at, to);
                at = start + align(to - start, child.alignment);
            }
        }

        readTuple(type, start, end) {
            const width = offsetWidth(end - start);
            const values = [];
            let [at, frame] = [start, end];
            type.members.forEach((member, index) => {
                at = start + align(at - start, member.alignment);
                let to = at + member.size;
                if (!member.size && index === type.members.length - 1) {
                    to = frame;
                } else if (!member.size) {
                    frame -= width;
                    to = start + this.offset(frame, width);
                }
                values.push(this.read(member, at, to));
                at = to;
            });
            return values;
        }
    }

    function offsetWidth(size) {
        if (size <= 0xff)
            return 1;
        return size <= 0xffff ? 2 : 4;
    }

    function kept([isText, json]) {
        return isText ? JSON.parse(`"${json}"`) : BigInt(json);
    }

    // Keys that are no strings are kept as they are, in a Map.
    function dictionary(type, items) {
        if (!'sog'.includes(type.members[0].kind))
            return new Map(items);
        const object = {};
        for (const [name, value] of items) {
            if (name === '__proto__') {
                Object.defineProperty(object, name,
                    {value, configurable: true, enumerable: true, writable: true});
            } else {
                object[name] = value;
            }
        }
        return object;
    }

    const BASIC = {
        b: variant => variant.get_boolean(),
        i: variant => variant.get_int32(),
        u: variant => variant.get_uint32(),
        d: variant => variant.get_double(),
        s: variant => variant.get_string()[0],
    };

    // The JSON text, which the library writes and GJS reads in C; null for what JSON does not say.
    function toJson(variant) {
        try {
            return imports.gi.PlantRpc.value_to_json(variant);
        } catch {
            return null;
        }
    }

    // What a GVariant says; without one, undefined.
    function unpack(variant) {
        if (variant === null || variant === undefined)
            return undefined;
        const text = variant.get_type_string();
        if (text in BASIC)
            return BASIC[text](variant);
        if (text === '()')
            return null;
        const json = toJson(variant);
        if (json !== null)
            return JSON.parse(json);
        const bytes = variant.get_normal_form().get_data_as_bytes().toArray();
        return new Reader(bytes).readAs(text, 0, bytes.length);
    }

    return {unpack};
})(globalThis);
