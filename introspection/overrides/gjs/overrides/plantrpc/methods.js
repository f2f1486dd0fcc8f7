// SPDX-License-Identifier: LGPL-2.1-or-later
// The methods of remote objects as methods of JavaScript.

const Async = imports.overrides.plantrpc.async;
const Collector = imports.overrides.plantrpc.collector;
const Errors = imports.overrides.plantrpc.errors;
const {packArgs, packNamed} = imports.overrides.plantrpc.values;
const {unpack} = imports.overrides.plantrpc.unpacking;

// Names that would make of a client something else.
const RESERVED = ['then'];

function plainBuffer([bytes, info]) {
    return [bytes.toArray(), unpack(info)];
}

// What is asked of a description once, since a method is bound anew wherever it is looked up.
function describe(info) {
    return {info, name: info.get_name(), buffer: info.get_buffer()};
}

// A method of one client, in its three forms; `with()` gives it a timeout and a cancellable.
function bind(PlantRpc, raw, client, described, options = {}) {
    const {timeout = PlantRpc.TIMEOUT_FROM_SERVER, cancellable = null, ...unknown} = options;
    for (const option of Object.keys(unknown))
        throw new TypeError(`there is no option “${option}”; there are timeout and cancellable`);
    const {info, name, buffer} = described;
    const form = buffer ? 'call_buffer' : 'call';
    const convert = buffer ? plainBuffer : unpack;

    const begin = (args, kwargs) => {
        Collector.finish();
        const [packed, named] = [packArgs(args), packNamed(kwargs)];
        return Async.promise(PlantRpc,
            done => raw[form].call(client, name, packed, named, timeout, cancellable, done),
            result => convert(raw[`${form}_finish`].call(client, result)));
    };
    const block = (args, kwargs) => {
        Collector.finish();
        return Errors.explained(PlantRpc, () => convert(raw[`${form}_sync`].call(client,
            name, packArgs(args), packNamed(kwargs), timeout, cancellable)));
    };

    const method = (...args) => begin(args, null);
    method.named = kwargs => begin(null, kwargs);
    method.sync = (...args) => block(args, null);
    method.sync.named = kwargs => block(null, kwargs);
    // In ms: that of with(), or else what the device says.
    Object.defineProperty(method, 'timeout', {get: () => timeout !== PlantRpc.TIMEOUT_FROM_SERVER
        ? timeout : (client.get_interface()?.lookup_method(name) ?? info).get_timeout()});
    method.with = more => bind(PlantRpc, raw, client, described, {...options, ...more});
    return method;
}

// Under which name a method can be had where its own is taken: as the library does with properties.
function freeName(object, name) {
    return name in object || RESERVED.includes(name) ? `remote_${name}` : name;
}
