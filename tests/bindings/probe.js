// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe: a device with every kind of value, declared in JavaScript, as probe.py declares it in
// Python.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';

export const IMAGE_SIZE = 1 << 20;
export const THUMBNAIL_SIZE = 4096;
export const SAFE = Number.MAX_SAFE_INTEGER;
export const MAXINT = 0x7fffffff;
export const MAXUINT = 0xffffffff;

const READWRITE = GObject.ParamFlags.READWRITE | GObject.ParamFlags.EXPLICIT_NOTIFY;
const READABLE = GObject.ParamFlags.READABLE | GObject.ParamFlags.EXPLICIT_NOTIFY;
const STRV = GLib.strv_get_type();

// The picture: byte i is i modulo 251.
export function pattern(size) {
    return Uint8Array.from({length: size}, (_, index) => index % 251);
}

function properties() {
    const {ParamSpec} = GObject;
    return {
        'flag': ParamSpec.boolean('flag', null, null, READWRITE, false),
        'count': ParamSpec.int('count', null, null, READWRITE, -MAXINT - 1, MAXINT, 0),
        'natural': ParamSpec.uint('natural', null, null, READWRITE, 0, MAXUINT, 0),
        'large': ParamSpec.int64('large', null, null, READWRITE, -(2n ** 63n), 2n ** 63n - 1n, 0),
        'huge': ParamSpec.uint64('huge', null, null, READWRITE, 0, 2n ** 64n - 1n, 0),
        'level': ParamSpec.double('level', null, null, READWRITE, -Number.MAX_VALUE,
            Number.MAX_VALUE, 0),
        'angle': ParamSpec.int('angle', null, 'Where the arm stands', READWRITE, 0, 359, 0),
        'label': ParamSpec.string('label', null, null, READWRITE, ''),
        'mode': ParamSpec.enum('mode', null, null, READWRITE, Gio.PasswordSave,
            Gio.PasswordSave.NEVER),
        'parts': ParamSpec.flags('parts', null, null, READWRITE, Gio.OutputStreamSpliceFlags,
            Gio.OutputStreamSpliceFlags.NONE),
        'tags': ParamSpec.boxed('tags', null, null, READWRITE, STRV),
        'config': GObject.param_spec_variant('config', null, null, new GLib.VariantType('*'), null,
            READWRITE),
        'video-url': ParamSpec.string('video-url', null, null, READWRITE, ''),
        'shutter': ParamSpec.double('shutter', null, null, READWRITE, 0.001, 60, 0.01),
        'progress': ParamSpec.int('progress', null, null, READABLE, 0, 100, 0),
    };
}

function signals() {
    return {
        'captured': {param_types: [GObject.TYPE_STRING, GObject.TYPE_INT]},
        'ping': {},
        'mixed': {
            param_types: [GObject.TYPE_BOOLEAN, GObject.TYPE_UINT, GObject.TYPE_INT64,
                GObject.TYPE_UINT64, GObject.TYPE_DOUBLE, GObject.TYPE_STRING, STRV,
                GObject.TYPE_VARIANT, Gio.PasswordSave.$gtype,
                Gio.OutputStreamSpliceFlags.$gtype],
        },
        'mode-changed': {param_types: [Gio.PasswordSave.$gtype]},
    };
}

// Declares what a GType cannot carry itself.
function declareBeside(type) {
    PlantRpc.type_declare_unit(type, 'shutter', 's');
    PlantRpc.type_declare_step(type, 'shutter', 0.25);
    PlantRpc.type_declare_wire_name(type, 'shutter', 'ShutterSpeed');
    PlantRpc.type_declare_method(type, 'add', 'a: i, b: i = 2 -> i', false,
        PlantRpc.TIMEOUT_DEFAULT);
    PlantRpc.type_declare_method(type, 'get_image', 'lores: b = false', true,
        PlantRpc.TIMEOUT_NONE);
}

// A class of this base with the properties and signals of the probe, kept as plain fields.
export function declareClass(base, GTypeName) {
    const fields = {flag: false, count: 0, natural: 0, large: 0, huge: 0, level: 0, angle: 0,
        label: '', mode: Gio.PasswordSave.NEVER, parts: Gio.OutputStreamSpliceFlags.NONE, tags: [],
        config: null, video_url: '', shutter: 0.01, progress: 0};
    const same = (a, b) => Object.is(a, b) ||
        (Array.isArray(a) && Array.isArray(b) && a.join('\0') === b.join('\0') &&
         a.length === b.length);
    const Probe = class extends base {
        _init(params) {
            this._fields = {...fields};
            super._init(params);
        }

        // What the device does by itself; peers cannot write `progress`.
        store(name, value) {
            if (same(this._fields[name], value))
                return;
            this._fields[name] = value;
            this.notify(name.replaceAll('_', '-'));
        }
    };
    for (const name of Object.keys(fields)) {
        Object.defineProperty(Probe.prototype, name, {
            configurable: true,
            get() {
                return this._fields[name];
            },
            set(value) {
                this.store(name, value);
            },
        });
    }
    const registered = GObject.registerClass(
        {GTypeName, Properties: properties(), Signals: signals()}, Probe);
    declareBeside(registered);
    return registered;
}

// A GInterface with the same, which is what JavaScript and C can declare and Python cannot.
export function declareInterface(GTypeName) {
    const Probe = GObject.registerClass({
        GTypeName,
        Requires: [GObject.Object],
        Properties: properties(),
        Signals: signals(),
    }, class extends GObject.Interface {});
    declareBeside(Probe);
    return Probe;
}
