// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of remote objects as properties of JavaScript: of their type, or an error.

var {accessors, isUntyped} = (language => {
    const {Array, BigInt, Number, Object, RangeError, TypeError, Uint8Array, imports} = language;
    const {GLib, GObject} = imports.gi;
    const Choices = imports.overrides.plantrpc.choices;
    const {isTiny, pack} = imports.overrides.plantrpc.values;
    const {unpack} = imports.overrides.plantrpc.unpacking;

    const INTEGER = /^[ynqiuxt]$/;
    const UNTYPED = 'PlantRpcUntyped';
    const WIDE = {gint64: 'set_int64', guint64: 'set_uint64'};
    const SETTERS = {
        ...WIDE,
        gboolean: 'set_boolean',
        gint: 'set_int',
        guint: 'set_uint',
        gdouble: 'set_double',
        gchararray: 'set_string',
        GVariant: 'set_variant',
        [UNTYPED]: 'set_variant',
    };

    // Whether a GType is that of the members of a device that tells no types.
    function isUntyped(gtype) {
        return gtype.name === UNTYPED;
    }

    function packNamed({wireName}, value) {
        try {
            return pack(value);
        } catch (error) {
            error.message = `“${wireName}”: ${error.message}`;
            throw error;
        }
    }

    // A value as a GVariant.  What only JavaScript has is refused here.
    function packFor(member, value) {
        const {wireName, type, typeString} = member;
        if (value === undefined)
            throw new TypeError(`“${wireName}” takes a value, not undefined`);
        if (typeString === 'ay' && value instanceof Uint8Array)
            return pack(Array.from(value));
        if (typeString === 'd' && typeof value === 'number')
            return packDouble(wireName, value);
        if (!INTEGER.test(typeString) || !Number.isInteger(value))
            return packNamed(member, value);
        if (type in WIDE && !Number.isSafeInteger(value))
            throw new RangeError(`“${wireName}”: ${value} may be rounded; write it as a BigInt`);
        return pack(BigInt(value));
    }

    function packDouble(wireName, value) {
        if (Number.isNaN(value))
            throw new RangeError(`“${wireName}” takes a number, not NaN`);
        // The smallest numbers have no text that GLib reads.
        return isTiny(value) ? GLib.Variant.new_double(value) : pack(value);
    }

    // Whether a value of the type is of the kind that a property takes, if it is not in its range.
    function isKind({choice, typeString}, given) {
        if (choice)
            return ['s', 'x', 'd', 'av'].includes(given) && (given !== 'av' || typeString === 'as');
        return given === typeString ||
            (['x', 't'].includes(given) && (INTEGER.test(typeString) || typeString === 'd'));
    }

    // A value as a GVariant that a property takes.
    function fit(member, value) {
        const packed = packFor(member, value);
        try {
            return member.info.fit_value(packed);
        } catch (error) {
            const kind = isKind(member, packed.get_type_string()) ? RangeError : TypeError;
            throw new kind(error.message);
        }
    }

    // As it travels: GJS rounds wide integers, and says so on the terminal only.
    function readExact(client, member) {
        const value = new GObject.Value();
        value.init(member.gtype);
        GObject.Object.prototype.get_property.call(client, member.name, value);
        if (member.choice && !member.exact)
            return Choices.isFlags(member.gtype) ? value.get_flags() : value.get_enum();
        return unpack(imports.gi.PlantRpc.value_to_variant(value)) ?? null;
    }

    function writeExact(client, member, value) {
        const holder = new GObject.Value();
        holder.init(member.gtype);
        holder[member.setter](value);
        GObject.Object.prototype.set_property.call(client, member.name, holder);
    }

    function setterOf(gtype) {
        if (Choices.isChoice(gtype))
            return Choices.isFlags(gtype) ? 'set_flags' : 'set_enum';
        return SETTERS[gtype.name] ?? null;
    }

    // How GJS itself reads and sets a property. It takes a capital letter for the beginning of a
    // word, so that such a name leads it to no property or to another one.
    function findNative(prototype, name) {
        return /[A-Z]/.test(name) ? null
            : Object.getOwnPropertyDescriptor(prototype, name.replaceAll('-', '_')) ?? null;
    }

    // Describes a property: its name, its type, and how it is read and set.
    function describeMember(prototype, info) {
        const name = info.get_name();
        const spec = GObject.Object.find_property.call(prototype.constructor, name);
        const untyped = isUntyped(spec.value_type);
        return {
            info,
            name,
            wireName: info.get_wire_name(),
            gtype: spec.value_type,
            type: spec.value_type.name,
            typeString: untyped ? 'v' : info.get_type_string(),
            untyped,
            writable: info.get_writable(),
            choice: Choices.isChoice(spec.value_type),
            exact: spec.value_type.name in WIDE || Choices.isMade(spec.value_type),
            setter: setterOf(spec.value_type),
            // GJS knows only the types of its typelibs.
            native: untyped ? null : findNative(prototype, name),
        };
    }

    // Whether the device has not told the value yet. GObject would show the default of the
    // property.
    function isUnknown(client, remote) {
        const {State, PropertyState: {UNSET}} = imports.gi.PlantRpc;
        return remote?.get_state() === UNSET && client.get_state() === State.READY;
    }

    function read(client, member) {
        const remote = client.lookup_property(member.wireName);
        const error = remote?.get_error();
        if (error)
            throw error;
        if (isUnknown(client, remote))
            return null;
        if (member.untyped)
            return unpack(client.get_cached_property(member.wireName)) ?? null;
        if (member.exact || member.native === null)
            return readExact(client, member);
        const value = member.native.get.call(client);
        if (value instanceof GLib.Variant || member.type === 'GVariant')
            return unpack(value) ?? null;
        return value;
    }

    // Returns what is written to a GValue of the type of the property.
    function plainFor({type, untyped, choice, gtype}, fitted) {
        if (type === 'GVariant' || untyped)
            return fitted;
        return choice ? Choices.numberOf(gtype, fitted) : unpack(fitted);
    }

    function write(client, member, value, send) {
        if (!member.writable)
            throw new TypeError(`“${member.wireName}” is read-only`);
        const fitted = fit(member, value);
        const plain = plainFor(member, fitted);
        if (member.native !== null && typeof plain !== 'bigint')
            member.native.set.call(client, plain);
        else if (member.setter !== null)
            writeExact(client, member, plain);
        else
            send(client, member.name, fitted);
    }

    // Accessors for a property. `send` writes a property whose type GJS cannot put into a GValue.
    function accessors(prototype, info, before, send) {
        const member = describeMember(prototype, info);
        return {
            configurable: true,
            enumerable: true,
            get() {
                return read(this, member);
            },
            set(value) {
                before();
                write(this, member, value, send);
            },
        };
    }

    return {accessors, isUntyped};
})(globalThis);
