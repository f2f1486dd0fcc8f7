// SPDX-License-Identifier: LGPL-2.1-or-later
// The signals of remote objects: any spelling of their names, plain values.

var {extend, remember} = (({Error, Map, Object, WeakMap, imports}) => {
    const {GLib: {Variant}, GObject} = imports.gi;
    const Choices = imports.overrides.plantrpc.choices;
    const {finish, finishing} = imports.overrides.plantrpc.collector;
    const Names = imports.overrides.plantrpc.names;
    const Properties = imports.overrides.plantrpc.properties;
    const {pack} = imports.overrides.plantrpc.values;
    const {unpack} = imports.overrides.plantrpc.unpacking;

    // Kinds of functions that stand for handlers. For a signal that is heard as it travels, the
    // kind is the signal itself.
    const AS_IT_IS = {};
    const PLAIN = {};

    let Client = null;
    const interfaces = new WeakMap(); // from the prototype of a class to the names of its members
    const standIns = new WeakMap(); // from a handler to what stands for it, by kind

    function describeSignal(prototype, signal) {
        const id = GObject.signal_lookup(signal.get_name(), prototype.constructor.$gtype);
        const gtypes = GObject.signal_query(id).param_types ?? [];
        return {
            name: signal.get_name(),
            wireName: signal.get_wire_name(),
            // GJS rounds wide integers, and takes no argument of a device that tells no types.
            asItTravels: /[xt]/.test(signal.get_signature()) || gtypes.some(Properties.isUntyped),
            gtypes,
        };
    }

    // Keeps what the interface of a class of clients tells of its signals, and the names of its
    // properties.
    function remember(prototype, info) {
        const signals = info.list_signals().map(name =>
            describeSignal(prototype, info.lookup_signal(name)));
        const properties = info.list_properties().map(name =>
            ({name, wireName: info.lookup_property(name).get_wire_name()}));
        interfaces.set(prototype, {
            signals: new Map(signals.map(signal => [signal.name, signal])),
            signalNames: Names.assign(signals),
            propertyNames: Names.assign(properties),
        });
    }

    function findInterface(client) {
        let object = client;
        while (object !== null && !interfaces.has(object))
            object = Object.getPrototypeOf(object);
        return interfaces.get(object);
    }

    const findSignal = (client, name) => findInterface(client)?.signals.get(name);

    const hasProperty = (Class, name) => GObject.Object.find_property.call(Class, name);

    // GObject takes any detail of notify and never emits one that is not a property's own name.
    function notifyDetail(client, name) {
        const canonical = Names.toHyphen(Names.toSnake(name));
        if (hasProperty(Client, Names.toHyphen(name)))
            return Names.toHyphen(name);
        const remote = findInterface(client)?.propertyNames.get(name);
        if (!remote && !hasProperty(client.constructor, canonical))
            throw new Error(`there is no property “${name}” to be notified of`);
        return remote?.name ?? canonical;
    }

    function canonicalName(client, name) {
        const [signal, detail] = name.split('::');
        if (signal === 'notify' && detail)
            return `notify::${notifyDetail(client, detail)}`;
        if (detail !== undefined || GObject.signal_lookup(signal, Client.$gtype) !== 0)
            return name;
        const remote = findInterface(client)?.signalNames.get(signal);
        if (remote || GObject.signal_lookup(signal, client.constructor.$gtype) !== 0)
            return remote?.name ?? name;
        return Names.toHyphen(Names.toSnake(signal));
    }

    // A function that calls a handler with plain values, and ends as those of finishing() do.
    function plainly(handler) {
        return (...args) => {
            for (let index = 1; index < args.length; index++) {
                if (args[index] instanceof Variant)
                    args[index] = unpack(args[index]);
            }
            try {
                return handler.apply(undefined, args);
            } finally {
                finish();
            }
        };
    }

    // The same for a signal whose arguments are heard as they travel.
    function exactly(handler, gtypes) {
        return finishing((source, _, args) =>
            handler(source, ...unpack(args).map((arg, index) => native(gtypes[index], arg))));
    }

    // An argument as it travelled, made what GJS would give.
    function native(gtype, arg) {
        return Choices.isChoice(gtype) ? Choices.numberOf(gtype, pack(arg)) : arg;
    }

    // What stands for a handler: one function for each kind of signal, by which the handler is
    // found.
    function standIn(handler, kind, make) {
        if (!standIns.has(handler))
            standIns.set(handler, new Map());
        const made = standIns.get(handler);
        if (!made.has(kind))
            made.set(kind, make());
        return made.get(kind);
    }

    const asItIs = handler => standIn(handler, AS_IT_IS, () => finishing(handler));

    function connectWith(connect, client, name, handler) {
        if (typeof name !== 'string' || typeof handler !== 'function')
            return connect.call(client, name, handler);
        const canonical = canonicalName(client, name);
        const remote = findSignal(client, canonical);
        if (!remote)
            return connect.call(client, canonical, asItIs(handler));
        if (remote.asItTravels) {
            return connect.call(client, `signal-received::${remote.wireName}`,
                standIn(handler, remote, () => exactly(handler, remote.gtypes)));
        }
        return connect.call(client, canonical, standIn(handler, PLAIN, () => plainly(handler)));
    }

    function overrideConnect(prototype, connectTo) {
        for (const form of ['connect', 'connect_after']) {
            const connect = prototype[form];
            prototype[form] = function (name, handler) {
                finish();
                return connectTo(connect, this, name, handler);
            };
        }
    }

    // What to look for in place of a handler: each function that stands for it, where it is
    // connected.
    function matches(object, match) {
        const kinds = [...standIns.get(match.func) ?? []];
        if (typeof match.signalId !== 'string')
            return kinds.map(([, func]) => ({...match, func}));
        const signalId = canonicalName(object, match.signalId);
        const signal = findSignal(object, signalId);
        // A signal that is heard as it travels is connected to by another name.
        return kinds.filter(([kind]) => kind === signal || !kind.asItTravels)
            .map(([kind, func]) => kind.asItTravels ? {func} : {...match, signalId, func});
    }

    // Has a function of GObject, such as signal_handlers_block_matched(), find handlers of remote
    // objects by the functions that were given.  GJS lets no class have its own.
    function overrideMatched(isOurs, name) {
        const matched = GObject[name];
        GObject[name] = function (object, match, ...rest) {
            if (rest.length || typeof match?.func !== 'function' || !isOurs(object))
                return matched.call(this, object, match, ...rest);
            let result = 0;
            for (const each of matches(object, match)) {
                result += matched.call(this, object, each);
                if (name === 'signal_handler_find' && result !== 0)
                    break;
            }
            return result;
        };
    }

    function overrideFind(classes) {
        const isOurs = object => classes.some(each => object instanceof each);
        overrideMatched(isOurs, 'signal_handler_find');
        for (const action of ['block', 'unblock', 'disconnect']) {
            const name = `signal_handlers_${action}_by_func`;
            const byFunc = GObject[name];
            overrideMatched(isOurs, `signal_handlers_${action}_matched`);
            GObject[name] = function (object, func) {
                return isOurs(object) ? GObject[`signal_handlers_${action}_matched`](object, {func})
                    : byFunc.call(this, object, func);
            };
        }
    }

    function extend(PlantRpc) {
        const {Discovery, Property, Registry, RegistryClient, Relay, Server} = PlantRpc;
        ({Client} = PlantRpc);
        const others = [Discovery, Property, Registry, RegistryClient, Relay, Server];
        overrideConnect(Client.prototype, connectWith);
        for (const {prototype} of others) {
            overrideConnect(prototype, (connect, object, name, handler) => connect.call(object,
                name, typeof handler === 'function' ? asItIs(handler) : handler));
        }
        overrideFind([Client, ...others]);
    }

    return {extend, remember};
})(globalThis);
