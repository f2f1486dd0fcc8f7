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
