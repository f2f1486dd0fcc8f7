// SPDX-License-Identifier: LGPL-2.1-or-later
// How the server reads and writes the properties of a device: by their getters and setters.
//
// Through GObject, what these throw would be lost.

var {Access} = (({Function, JSON, Object, imports}) => {
    const {GLib, GObject} = imports.gi;
    const Choices = imports.overrides.plantrpc.choices;
    const {isTiny, pack} = imports.overrides.plantrpc.values;
    const {unpack} = imports.overrides.plantrpc.unpacking;

    const {__lookupGetter__: lookupGetter, __lookupSetter__: lookupSetter} = Object.prototype;
    const {freeze_notify: freezeNotify, notify, thaw_notify: thawNotify} = GObject.Object.prototype;

    function isNative(found) {
        return Function.prototype.toString.call(found).includes('[native code]');
    }

    // A function of the language, or null for one of GJS and for none.
    function ofLanguage(found) {
        return found !== undefined && !isNative(found) ? found : null;
    }

    // A property of one device; what its class tells of it is asked once. A program may define an
    // accessor at any time.
    class Access {
        constructor(object, spec) {
            this.object = object;
            this.name = spec.get_name();
            // What GJS calls a property of GObject on the object itself.
            this.attribute = this.name.replaceAll('-', '_');
            this.gtype = spec.value_type;
            this.isVariant = GObject.type_is_a(this.gtype, GObject.TYPE_VARIANT);
            this.isChoice = Choices.isChoice(this.gtype);
            this.isQuiet = Boolean(spec.flags & GObject.ParamFlags.EXPLICIT_NOTIFY);
            this.foundGetter = this.foundSetter = undefined;
            this.getter = this.setter = null;
        }

        // How a property is reached, or null if the class has none of the name.
        static find(object, name) {
            const spec = GObject.Object.find_property.call(object.constructor, name);
            return spec === null ? null : new Access(object, spec);
        }

        // The getter of JavaScript that stands behind the property, if there is one. A field of the
        // object hides those of its class.
        findGetter() {
            const found = lookupGetter.call(this.object, this.attribute);
            if (found !== this.foundGetter) {
                this.foundGetter = found;
                this.getter = ofLanguage(found);
            }
            return this.getter;
        }

        findSetter() {
            const found = lookupSetter.call(this.object, this.attribute);
            if (found !== this.foundSetter) {
                this.foundSetter = found;
                this.setter = ofLanguage(found);
            }
            return this.setter;
        }

        // The value of a write as the setter would get it from GObject.
        given(invocation, value) {
            if (this.isVariant)
                return value;
            if (this.isChoice)
                return Choices.numberOf(this.gtype, value);
            const json = invocation.get_json();
            return json === null ? unpack(value) : JSON.parse(json);
        }

        set(value) {
            const {object} = this;
            freezeNotify.call(object);
            try {
                object[this.attribute] = value;
                if (!this.isQuiet)
                    notify.call(object, this.name);
            } finally {
                thawNotify.call(object);
            }
        }

        // What the property has after a write, if that can be told by JSON at once.
        current() {
            const getter = this.findGetter();
            if (getter === null || this.isChoice)
                return undefined;
            try {
                const value = getter.call(this.object);
                if (typeof value?.then !== 'function')
                    return value;
                value.then(null, () => {}); // whoever reads the property is told what went wrong
            } catch {
                // The same.
            }
            return undefined;
        }

        // Whether JSON says the same as pack().
        isByJson(value) {
            return !this.isChoice || typeof value !== 'number';
        }

        // What a getter gives, as it travels: a choice is a number in JavaScript, and a nick
        // elsewhere.
        pack(value) {
            if (typeof value !== 'number')
                return pack(value);
            if (this.isChoice)
                return Choices.nicksOf(this.gtype, value);
            // The smallest numbers have no text that GLib reads.
            return isTiny(value) ? GLib.Variant.new_double(value) : pack(value);
        }
    }

    return {Access};
})(globalThis);
