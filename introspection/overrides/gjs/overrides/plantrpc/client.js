// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients: made for what a device offers, connected, discovered.

const {GObject} = imports.gi;
const Async = imports.overrides.plantrpc.async;
const Collector = imports.overrides.plantrpc.collector;
const Declarations = imports.overrides.plantrpc.declarations;
const Methods = imports.overrides.plantrpc.methods;
const Names = imports.overrides.plantrpc.names;
const Properties = imports.overrides.plantrpc.properties;
const Trust = imports.overrides.plantrpc.trust;
const Signals = imports.overrides.plantrpc.signals;
const {describe, pack, packArgs, packNamed} = imports.overrides.plantrpc.values;
const {unpack} = imports.overrides.plantrpc.unpacking;

let PlantRpc = null;
const raw = {};
const shaped = new WeakMap(); // from the prototype of a class to the methods it has
const classes = new WeakMap(); // of clients, by template

// The prototype that stands for the type that was made for a device, which applications may derive.
function runtimePrototype(prototype) {
    while (prototype !== null && !GObject.type_name(prototype.constructor.$gtype)
        ?.startsWith('PlantRpcRuntime'))
        prototype = Object.getPrototypeOf(prototype);
    return prototype;
}

// Defines methods, each by a name that the object has not got.
function defineMethods(object, info, wireNames) {
    const members = [...wireNames].map(wireName => {
        const name = Methods.freeName(object, wireName);
        const method = Methods.describe(PlantRpc, raw, info.lookup_method(wireName));
        return {name, wireName: name, method};
    });
    for (const [spelling, {method}] of Names.assign(members)) {
        if (!(spelling in object))
            Object.defineProperty(object, spelling, Methods.accessor(method));
    }
}

function send(client, name, value) {
    raw.write_property.call(client, name, value, null, null);
}

// Tells how a property is reached whose own name is that of a method of the client.
function otherSpelling(parent, name) {
    const free = Names.spellings(name).find(spelling => /^\w+$/.test(spelling) &&
        !(spelling in parent));
    return free === undefined ? `reached by write_property('${name}')` : `“${free}”`;
}

// Defines properties, by each spelling that is no member of all clients. Returns a map of the other
// spellings, which tells for each how the property is reached.
function defineProperties(prototype, info) {
    const parent = Object.getPrototypeOf(prototype);
    const members = info.list_properties().map(name => {
        const property = info.lookup_property(name);
        const accessors = Properties.accessors(prototype, property, Collector.finish, send);
        return {name, wireName: property.get_wire_name(), accessors};
    });
    const taken = new Map();
    for (const [spelling, {name, accessors}] of Names.assign(members)) {
        if (spelling in parent)
            taken.set(spelling, otherSpelling(parent, name));
        else
            Object.defineProperty(prototype, spelling, accessors);
    }
    return taken;
}

function refuseTaken(name, other) {
    throw new TypeError(`“${name}” is a member of the client; the property of the device is ` +
        other);
}

// Without this, a value would be lost without a word if no member has the name, or a method of the
// client has it.
function refuseUnknown(prototype, taken) {
    const {constructor} = prototype;
    if (taken.has('constructor')) {
        Object.defineProperty(prototype, 'constructor', {
            configurable: true,
            get: () => constructor,
            set: () => refuseTaken('constructor', taken.get('constructor')),
        });
    }
    const parent = Object.create(Object.getPrototypeOf(prototype));
    Object.setPrototypeOf(prototype, new Proxy(parent, {
        set(target, name, value, receiver) {
            const known = name in target || typeof name === 'symbol';
            if (!known && Object.getPrototypeOf(receiver) === prototype)
                throw new TypeError(`the remote object has no property “${name}”`);
            if (taken.has(name) && typeof target[name] === 'function')
                refuseTaken(name, taken.get(name));
            return Reflect.set(target, name, value, receiver);
        },
    }));
}

// Gives the class of a client the members of an interface, once.
function shape(client, info) {
    const prototype = runtimePrototype(Object.getPrototypeOf(client));
    if (prototype === null || shaped.has(prototype))
        return client;
    shaped.set(prototype, new Set(info.list_methods()));
    const taken = defineProperties(prototype, info);
    defineMethods(prototype, info, shaped.get(prototype));
    refuseUnknown(prototype, taken);
    Signals.remember(prototype, info);
    return client;
}

// Gives a client what its device offers beyond its template.
function completeLive(client) {
    const info = client.get_interface();
    const known = shaped.get(runtimePrototype(Object.getPrototypeOf(client)));
    if (info !== null && known !== undefined)
        defineMethods(client, info, info.list_methods().filter(name => !known.has(name)));
    return client;
}

function describeTemplate(template) {
    if (template instanceof PlantRpc.InterfaceInfo)
        return template;
    Declarations.declare(PlantRpc, template);
    return PlantRpc.InterfaceInfo.new_for_type(template);
}

const isClientClass = template => typeof template === 'function' &&
    (template === PlantRpc.Client || template.prototype instanceof PlantRpc.Client);

// A class that is not registered is, to GObject, the one that it derives from.
function checkTemplate(template) {
    if (template === null || template === undefined)
        throw new TypeError('a template is needed; discover() does without one');
    const isClass = typeof template === 'function';
    if (isClass ? !Object.hasOwn(template, '$gtype') : typeof template !== 'object') {
        const shown = isClass ? `the unregistered class ${template.name}` : describe(template);
        throw new TypeError('a template is a class that GObject.registerClass() made, ' +
            `not ${shown}`);
    }
}

/**
 * The class of clients for a template; it may be derived from.
 *
 * @param {Function|PlantRpc.InterfaceInfo} template - a class or interface that declares
 *   properties, signals and methods, a description, or a class of clients, returned as it is
 * @returns {Function} a subclass of PlantRpc.Client
 */
function clientClass(template) {
    if (isClientClass(template))
        return template;
    checkTemplate(template);
    if (!classes.has(template)) {
        const info = describeTemplate(template);
        const type = template === info ? raw.type_for_interface(info) : raw.type_for_type(template);
        classes.set(template, shape(GObject.Object.new(type, {}), info).constructor);
    }
    return classes.get(template);
}

function checkOptions(options, known) {
    for (const name of Object.keys(options)) {
        if (!known.includes(name))
            throw new TypeError(`there is no option “${name}”; there are ${known.join(', ')}`);
    }
}

const OPTIONS = ['timeout', 'cancellable', 'device', 'registry', 'keypair', 'unknownDevices'];

function makeClient(template, url, options) {
    const {device, registry = PlantRpc.REGISTRY_URL} = options;
    const Class = clientClass(template);
    const trust = Trust.trustOf(options);
    if ((typeof url === 'string') === (typeof device === 'string'))
        throw new TypeError('either a url or the name of a device is needed');
    if (device === undefined)
        return new Class({url, ...trust});
    const client = new Class(trust);
    client.follow_device(registry, device);
    return client;
}

function begin(template, url, options) {
    checkOptions(options, OPTIONS);
    return makeClient(template, url ?? undefined, options);
}

// Closes a client that did not become ready.
function abandon(client, error) {
    client.close();
    throw error;
}

/**
 * Connects to a device and waits until the client is ready. `connect.sync()` blocks.
 *
 * @param {Function|PlantRpc.InterfaceInfo} template - as for `clientClass()`
 * @param {string|null} url - where the server is, unless the device is named
 * @param {object} [options] - what else there is to say
 * @param {number} [options.timeout] - how long to wait in ms (10 s), or PlantRpc.TIMEOUT_NONE
 * @param {Gio.Cancellable} [options.cancellable] - gives up when it is cancelled
 * @param {string} [options.device] - the name of a device, or the type of any
 * @param {string} [options.registry] - where the registry is that knows it
 * @param {PlantRpc.Keypair} [options.keypair] - by which a secured device knows this program, if
 *   it is not that of the user
 * @param {number|string} [options.unknownDevices] - what is done about a device of a registry whose
 *   key is not known: one of PlantRpc.UnknownDevices, or its name
 * @returns {Promise<PlantRpc.Client>} the client; it is closed where the promise is rejected
 */
async function connect(template, url = null, options = {}) {
    const client = begin(template, url, options);
    const {timeout = PlantRpc.TIMEOUT_DEFAULT, cancellable = null} = options;
    try {
        await client.wait_ready(timeout, cancellable);
    } catch (error) {
        abandon(client, error);
    }
    return completeLive(client);
}

connect.sync = function (template, url = null, options = {}) {
    const client = begin(template, url, options);
    const {timeout = PlantRpc.TIMEOUT_DEFAULT, cancellable = null} = options;
    try {
        client.wait_ready_sync(timeout, cancellable);
    } catch (error) {
        abandon(client, error);
    }
    return completeLive(client);
};

// The function of the library that discovers a device, without its suffix, its arguments, and the
// discovery that it belongs to, if keys are named.
function discovery(url, options) {
    checkOptions(options, OPTIONS);
    const {timeout = PlantRpc.TIMEOUT_DEFAULT, cancellable = null, device} = options;
    const {registry = PlantRpc.REGISTRY_URL} = options;
    if ((typeof url === 'string') === (typeof device === 'string'))
        throw new TypeError('either a url or the name of a device is needed');
    const trust = Trust.trustOf(options);
    if (Object.keys(trust).length > 0) {
        const place = device === undefined ? {url} : {device, registry_url: registry};
        return [new PlantRpc.Discovery({...place, ...trust}), 'wait_client', timeout, cancellable];
    }
    return device === undefined ? [PlantRpc.Client, 'discover', url, timeout, cancellable]
        : [PlantRpc.Client, 'discover_device', registry, device, timeout, cancellable];
}

/**
 * Makes a client of a type that is made for the device that answers. `discover.sync()` blocks.
 *
 * @param {string|null} url - where the server is, unless the device is named
 * @param {object} [options] - as for `connect()`
 * @returns {Promise<PlantRpc.Client>} a client that is ready
 */
async function discover(url = null, options = {}) {
    const [owner, name, ...args] = discovery(url, options);
    return await owner[name](...args);
}

discover.sync = function (url = null, options = {}) {
    const [owner, name, ...args] = discovery(url, options);
    return owner[`${name}_sync`](...args);
};

function describeClient() {
    const name = this.get_name();
    const url = this.get_url() ?? 'a device not found yet';
    const state = Object.keys(PlantRpc.State).find(key => PlantRpc.State[key] === this.state);
    return PlantRpc.text_escape(
        `[Client${name ? ` “${name}”` : ''} at ${url}, ${state.toLowerCase()}]`);
}

const DISCOVERIES = ['discover_finish', 'discover_sync', 'discover_device_finish',
    'discover_device_sync'];
const shapeLive = client => shape(client, client.get_interface());

function extendConstructors() {
    const {Client} = PlantRpc;
    for (const name of ['new_for_type', 'new_for_device', 'new_for_interface', 'type_for_type',
        'type_for_interface', ...DISCOVERIES])
        raw[name] = Client[name];
    const withTemplate = name => {
        Client[name] = function (template, ...args) {
            if (template !== GObject.TYPE_NONE && template !== null && template !== undefined)
                clientClass(template);
            return raw[name].call(Client, template, ...args);
        };
    };
    for (const name of ['new_for_type', 'new_for_device', 'new_for_interface', 'type_for_type',
        'type_for_interface'])
        withTemplate(name);
    for (const name of DISCOVERIES)
        Client[name] = (...args) => shapeLive(raw[name](...args));
    for (const name of ['wait_client_finish', 'wait_client_sync']) {
        const plain = PlantRpc.Discovery.prototype[name];
        PlantRpc.Discovery.prototype[name] = function (...args) {
            return shapeLive(plain.apply(this, args));
        };
    }
}

function extendAsync() {
    const {Client} = PlantRpc;
    const {CANCELLABLE} = Async;
    const timeout = {fallback: PlantRpc.TIMEOUT_DEFAULT};
    const call = [{}, {fallback: null, pack: packArgs}, {fallback: null, pack: packNamed},
        {fallback: PlantRpc.TIMEOUT_FROM_SERVER}, CANCELLABLE];
    const methods = {
        wait_ready: [[timeout, CANCELLABLE]],
        flush: [[CANCELLABLE]],
        call: [call, unpack],
        call_buffer: [call, Methods.plainBuffer],
        read_property: [[{}, CANCELLABLE], unpack],
        write_property: [[{}, {pack}, CANCELLABLE]],
        refresh: [[CANCELLABLE]],
        stop_server: [[CANCELLABLE]],
    };
    for (const name of Object.keys(methods)) {
        for (const form of [name, `${name}_finish`, `${name}_sync`])
            raw[form] = Client.prototype[form];
    }
    raw.call_json_sync = Client.prototype.call_json_sync;
    for (const [name, [parameters, convert]] of Object.entries(methods))
        Async.extend(PlantRpc, Client.prototype, name, parameters, convert);
    Async.extend(PlantRpc, PlantRpc.Discovery.prototype, 'wait_client', [timeout, CANCELLABLE]);
    Async.extend(PlantRpc, Client, 'discover', [{}, timeout, CANCELLABLE]);
    Async.extend(PlantRpc, Client, 'discover_device', [{}, {}, timeout, CANCELLABLE]);
    Async.extend(PlantRpc, PlantRpc, 'pair', [{}, {fallback: null}, {fallback: null}, CANCELLABLE]);
    for (const name of ['pair', 'pair_sync'])
        PlantRpc[name] = PlantRpc[name].bind(PlantRpc);
}

function extend(namespace) {
    PlantRpc = namespace;
    extendConstructors();
    extendAsync();
    Signals.extend(PlantRpc);
    PlantRpc.Client.prototype.toString = describeClient;
    Object.assign(PlantRpc, {connect, discover, clientClass});
}
