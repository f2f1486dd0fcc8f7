// SPDX-License-Identifier: LGPL-2.1-or-later
// Enumerations and flags: the nicks that travel, and the numbers that GJS has for them.
//
// Types that JavaScript knows, such as `Gio.PasswordSave`, are numbers to a program, as everywhere
// in GJS.  Those that were made for a device have no name there: they are nicks.

const {GObject} = imports.gi;

const MADE = /^PlantRpc(Enum|Flags)_/;

function isFlags(gtype) {
    return GObject.type_is_a(gtype, GObject.TYPE_FLAGS);
}

function isChoice(gtype) {
    return isFlags(gtype) || GObject.type_is_a(gtype, GObject.TYPE_ENUM);
}

function isMade(gtype) {
    return MADE.test(gtype.name);
}

// The number of a nick, or of all nicks of flags, in a GVariant.
function numberOf(gtype, variant) {
    const [, number] = imports.gi.PlantRpc.value_from_variant(variant, gtype);
    return isFlags(gtype) ? number >>> 0 : number;
}

// A number as the GVariant that travels.
function nicksOf(gtype, number) {
    const value = new GObject.Value();
    value.init(gtype);
    if (isFlags(gtype))
        value.set_flags(number);
    else
        value.set_enum(number);
    return imports.gi.PlantRpc.value_to_variant(value);
}
