// SPDX-License-Identifier: LGPL-2.1-or-later
// The signals of remote objects: any spelling of their names, plain values.

const {GLib, GObject} = imports.gi;
const Choices = imports.overrides.plantrpc.choices;
const Collector = imports.overrides.plantrpc.collector;
const Names = imports.overrides.plantrpc.names;
const {pack} = imports.overrides.plantrpc.values;
const {unpack} = imports.overrides.plantrpc.unpacking;

const interfaces = new WeakMap();

// Keeps what the interface of a class of clients tells of its signals.
function remember(prototype, info) {
    const signals = new Map();
    for (const name of info.list_signals()) {
        const signal = info.lookup_signal(name);
        const id = GObject.signal_lookup(signal.get_name(), prototype.constructor.$gtype);
        signals.set(signal.get_name(), {
            wireName: signal.get_wire_name(),
            wide: /[xt]/.test(signal.get_signature()),
            gtypes: GObject.signal_query(id).param_types ?? [],
        });
    }
    interfaces.set(prototype, signals);
}

function findSignal(client, name) {
    let object = client;
    while (object !== null && !interfaces.has(object))
        object = Object.getPrototypeOf(object);
    return interfaces.get(object)?.get(name);
}

// GObject takes any detail of notify and never emits one that is not a property's own name.
function notifyDetail(client, name) {
    const canonical = Names.toHyphen(Names.toSnake(name));
    if (!GObject.Object.find_property.call(client.constructor, canonical))
        throw new Error(`there is no property “${name}” to be notified of`);
    return canonical;
}

function canonicalName(client, name) {
    const [signal, detail] = name.split('::');
    if (signal === 'notify' && detail)
        return `notify::${notifyDetail(client, detail)}`;
    if (detail !== undefined || GObject.signal_lookup(signal, client.constructor.$gtype) !== 0)
        return name;
    return Names.toHyphen(Names.toSnake(signal));
}

// An argument as GJS gives it, made plain.
function plain(arg) {
    return arg instanceof GLib.Variant ? unpack(arg) : arg;
}

// An argument as it travelled, made what GJS would give.
function native(gtype, arg) {
    return Choices.isChoice(gtype) ? Choices.numberOf(gtype, pack(arg)) : arg;
}

function connectWith(connect, client, name, handler) {
    if (typeof name !== 'string' || typeof handler !== 'function')
        return connect.call(client, name, handler);
    const canonical = canonicalName(client, name);
    const remote = findSignal(client, canonical);
    if (!remote)
        return connect.call(client, canonical, Collector.finishing(handler));
    const {gtypes} = remote;
    if (remote.wide) {
        // GJS rounds the wide integers of a signal; the arguments as they travelled are exact.
        return connect.call(client, `signal-received::${remote.wireName}`,
            Collector.finishing((source, _, args) =>
                handler(source, ...unpack(args).map((arg, index) => native(gtypes[index], arg)))));
    }
    return connect.call(client, canonical, Collector.finishing((source, ...args) =>
        handler(source, ...args.map(plain))));
}

function overrideConnect(prototype, connectTo) {
    for (const form of ['connect', 'connect_after']) {
        const connect = prototype[form];
        prototype[form] = function (name, handler) {
            Collector.finish();
            return connectTo(connect, this, name, handler);
        };
    }
}

function extend(PlantRpc) {
    overrideConnect(PlantRpc.Client.prototype, connectWith);
    for (const {prototype} of [PlantRpc.Property, PlantRpc.Registry, PlantRpc.RegistryClient,
        PlantRpc.Server]) {
        overrideConnect(prototype, (connect, object, name, handler) =>
            connect.call(object, name, Collector.finishing(handler)));
    }
}
