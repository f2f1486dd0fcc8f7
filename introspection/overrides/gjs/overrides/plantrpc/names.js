// SPDX-License-Identifier: LGPL-2.1-or-later
// One name, three spellings.

function toHyphen(name) {
    return name.replaceAll('_', '-');
}

function toSnake(name) {
    return name.replaceAll('-', '_').replace(/(?<=[a-z0-9])[A-Z]/g, letter => `_${letter}`)
        .toLowerCase();
}

function toCamel(name) {
    return name.replace(/(?<=[^-_])[-_]+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

// As JavaScript, as GObject's other languages and as GObject itself write it.
function spellings(name) {
    const snake = toSnake(name);
    return [...new Set([name, snake, toCamel(snake), toHyphen(snake)])];
}

// Which member each spelling means, of members that have the name in GObject, if they have one, and
// that on the wire. The names as they are go before what is made of them.
function assign(members) {
    const found = new Map();
    const add = (spelling, member) => found.has(spelling) || found.set(spelling, member);
    for (const member of members)
        add(member.wireName, member);
    for (const member of members)
        add(member.name, member);
    for (const key of ['name', 'wireName']) {
        for (const member of members)
            spellings(member[key]).forEach(spelling => add(spelling, member));
    }
    return found;
}
