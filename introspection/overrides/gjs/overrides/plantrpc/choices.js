// SPDX-License-Identifier: LGPL-2.1-or-later
// Enumerations and flags: by the nicks that travel, or by the numbers that GJS has for them.

const {GObject} = imports.gi;
const {describe} = imports.overrides.plantrpc.values;

const HIGHEST = 1024; // numbers up to here are tried; few enumerations have larger ones
const MADE = /^PlantRpc(Enum|Flags)_/; // types that were made for a device have no name in JavaScript

const nickOf = text => text.toLowerCase().replaceAll('_', '-');

// The nick that a value of that name has: the longest that ends it.
function matching(nicks, text) {
    const name = nickOf(text);
    return nicks.filter(nick => name === nickOf(nick) || name.endsWith(`-${nickOf(nick)}`))
        .sort((a, b) => b.length - a.length)[0];
}

function* candidates(flags) {
    if (flags)
        yield* [0, ...Array.from({length: 32}, (_, bit) => 2 ** bit)];
    else
        yield* [...Array(HIGHEST).keys(), -1];
}

// From nick to number, or null if some cannot be found out: GJS shows no table of its values.
function numbers(gtype, nicks, flags) {
    const table = new Map();
    for (const number of candidates(flags)) {
        const text = flags ? GObject.flags_to_string(gtype, number)
            : GObject.enum_to_string(gtype, number);
        const nick = matching(nicks, text);
        if (nick !== undefined && !table.has(nick))
            table.set(nick, number);
        if (table.size === nicks.length)
            return table;
    }
    return null;
}

class Choices {
    constructor(gtype, nicks) {
        this.flags = GObject.type_is_a(gtype, GObject.TYPE_FLAGS);
        this.nicks = nicks;
        this.byNick = MADE.test(gtype.name);
        this.numbers = numbers(gtype, nicks, this.flags);
    }

    // What a program sees for a number.
    shown(number) {
        if (!this.byNick || !this.numbers)
            return number;
        const entries = [...this.numbers];
        if (!this.flags)
            return entries.find(entry => entry[1] === number)?.[0] ?? number;
        return entries.filter(([, bits]) => bits && (number & bits) === bits).map(([nick]) => nick);
    }

    #one(member, choice) {
        const number = typeof choice === 'string' ? this.numbers?.get(choice) : choice;
        const known = !this.numbers || this.flags || [...this.numbers.values()].includes(number);
        if (!Number.isInteger(number) || !known) {
            throw new (typeof choice === 'object' ? TypeError : RangeError)(
                `“${member.name}” is one of ${this.nicks.join(', ')}, not ${describe(choice)}`);
        }
        return number;
    }

    // The number that stands for what a program writes: a number, a nick, for flags nicks.
    number(member, value) {
        if (!this.flags)
            return this.#one(member, value);
        const bits = (Array.isArray(value) ? value : [value]).map(nick => this.#one(member, nick))
            .reduce((sum, flag) => (sum | flag) >>> 0, 0);
        const all = [...this.numbers?.values() ?? [-1]].reduce((sum, flag) => sum | flag, 0);
        if ((bits & ~all) !== 0)
            throw new RangeError(`“${member.name}” has no flag for all bits of ${bits}`);
        return bits;
    }
}

function of(gtype, nicks) {
    return nicks?.length ? new Choices(gtype, nicks) : null;
}
