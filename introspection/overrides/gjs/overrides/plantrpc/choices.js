// SPDX-License-Identifier: LGPL-2.1-or-later
// Enumerations and flags: the nicks that travel, and the numbers that GJS has for them.
//
// Types that JavaScript knows, such as `Gio.PasswordSave`, are numbers to a program, as everywhere
// in GJS.  Those that were made for a device have no name there: they are nicks.

const {GObject} = imports.gi;

const HIGHEST = 1024; // numbers up to here are tried; few enumerations have larger ones
const MADE = /^PlantRpc(Enum|Flags)_/;
const UNKNOWN = /^(0x)?-?[0-9]/; // how GObject writes a number that is no value
const tables = new Map();

const normal = text => text.toLowerCase().replaceAll('_', '-');

function* candidates(flags) {
    if (flags)
        yield* [0, ...Array.from({length: 32}, (_, bit) => 2 ** bit)];
    else
        yield* [...Array(HIGHEST).keys(), -1];
}

// Each number of a type with its name, shorter names first; GJS shows no table of values.
function tableOf(gtype) {
    let table = tables.get(gtype.name);
    if (table)
        return table;
    const flags = GObject.type_is_a(gtype, GObject.TYPE_FLAGS);
    const print = flags ? GObject.flags_to_string : GObject.enum_to_string;
    table = {flags, made: MADE.test(gtype.name), values: []};
    for (const number of candidates(flags)) {
        const text = print(gtype, number);
        if (!UNKNOWN.test(text))
            table.values.push([number, text]);
    }
    table.values.sort(([, a], [, b]) => a.length - b.length);
    tables.set(gtype.name, table);
    return table;
}

// The number of a nick, which ends the name of its value; undefined if it cannot be found out.
function numberOf(table, nick) {
    return table.values.find(([, text]) =>
        text === nick || normal(text).endsWith(`-${normal(nick)}`))?.[0];
}

// What a program sees for a number.
function shown(gtype, number) {
    const {flags, made, values} = tableOf(gtype);
    if (!made)
        return number;
    if (!flags)
        return values.find(([value]) => value === number)?.[1] ?? number;
    return values.filter(([bits]) => number & bits).map(([, nick]) => nick);
}

// The number of a nick, or of all nicks of flags; undefined if it cannot be found out.
function numbers(gtype, nicks) {
    const table = tableOf(gtype);
    const found = [nicks].flat().map(nick => numberOf(table, nick));
    if (!table.flags)
        return found[0];
    return found.includes(undefined) ? undefined
        : found.reduce((sum, bits) => (sum | bits) >>> 0, 0);
}

// The number of a value that a program writes, and whose nicks the library has found.
function numberFor(member, value, nicks) {
    const number = typeof value === 'number' ? value : numbers(member.gtype, nicks);
    if (number === undefined)
        throw new RangeError(`“${member.wireName}”: GJS knows no number for ${nicks}`);
    return number;
}

function isChoice(gtype) {
    return [GObject.TYPE_ENUM, GObject.TYPE_FLAGS].some(kind => GObject.type_is_a(gtype, kind));
}
