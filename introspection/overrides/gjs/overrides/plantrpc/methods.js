// SPDX-License-Identifier: LGPL-2.1-or-later
// The methods of remote objects as methods of JavaScript.

var {accessor, describe, freeName, plainBuffer} = (language => {
    const {JSON, Object, TypeError, WeakMap, imports} = language;
    const {promise} = imports.overrides.plantrpc.async;
    const {finish} = imports.overrides.plantrpc.collector;
    const {explain} = imports.overrides.plantrpc.errors;
    const {argsToJson, packArgs, packNamed, trimmed} = imports.overrides.plantrpc.values;
    const {unpack} = imports.overrides.plantrpc.unpacking;

    // Names that would make of a client something else.
    const RESERVED = ['then'];

    function plainBuffer([bytes, info]) {
        return [bytes.toArray(), unpack(info)];
    }

    // What is asked of a description once, with the methods of clients that it describes. `raw` has
    // the functions of the library.
    function describe(PlantRpc, raw, info) {
        const [name, buffer] = [info.get_name(), info.get_buffer()];
        const form = buffer ? 'call_buffer' : 'call';
        return {
            PlantRpc, info, name, buffer, bound: new WeakMap(),
            convert: buffer ? plainBuffer : unpack,
            call: raw[form], finish: raw[`${form}_finish`], block: raw[`${form}_sync`],
            blockByJson: raw.call_json_sync,
        };
    }

    function begin({client, described, timeout, cancellable}, args, kwargs) {
        const {PlantRpc, name, convert, call, finish: end} = described;
        finish();
        const [packed, named] = [packArgs(args), packNamed(kwargs)];
        return promise(PlantRpc,
            done => call.call(client, name, packed, named, timeout, cancellable, done),
            result => convert(end.call(client, result)));
    }

    // Calls in one step; undefined if there is something in the arguments that needs more.
    function blockByJson({client, described, timeout, cancellable}, args, kwargs) {
        const positional = args === null ? null : argsToJson(trimmed(args));
        const named = argsToJson(kwargs);
        if (positional === undefined || named === undefined)
            return undefined;
        const told = described.blockByJson.call(client, described.name, positional, named, timeout,
            cancellable);
        return told[0] === null ? unpack(told[1]) : JSON.parse(told[0]);
    }

    function block(call, args, kwargs) {
        const {client, described, timeout, cancellable} = call;
        const {PlantRpc, name, buffer, convert} = described;
        finish();
        try {
            const result = buffer ? undefined : blockByJson(call, args, kwargs);
            if (result !== undefined)
                return result;
            return convert(described.block.call(client, name, packArgs(args), packNamed(kwargs),
                timeout, cancellable));
        } catch (error) {
            throw explain(PlantRpc, error);
        }
    }

    // In ms: that of with(), or else what the device says.
    function timeoutOf({client, described: {PlantRpc, info, name}, timeout}) {
        if (timeout !== PlantRpc.TIMEOUT_FROM_SERVER)
            return timeout;
        return (client.get_interface()?.lookup_method(name) ?? info).get_timeout();
    }

    function checkOptions({timeout, cancellable, ...unknown}) {
        for (const option of Object.keys(unknown)) {
            throw new TypeError(
                `there is no option “${option}”; there are timeout and cancellable`);
        }
    }

    // A method of one client, in its three forms; `with()` gives it a timeout and a cancellable.
    function bind(client, described, options) {
        const {timeout = described.PlantRpc.TIMEOUT_FROM_SERVER, cancellable = null} = options;
        const call = {client, described, timeout, cancellable};
        const method = (...args) => begin(call, args, null);
        method.named = kwargs => begin(call, null, kwargs);
        method.sync = (...args) => block(call, args, null);
        method.sync.named = kwargs => block(call, null, kwargs);
        Object.defineProperty(method, 'timeout', {get: () => timeoutOf(call)});
        method.with = more => {
            const all = {...options, ...more};
            checkOptions(all);
            return bind(client, described, all);
        };
        return method;
    }

    // The method of a client, bound when it is first looked up.
    function find(client, described) {
        let method = described.bound.get(client);
        if (method === undefined) {
            method = bind(client, described, {});
            described.bound.set(client, method);
        }
        return method;
    }

    // How a member of clients is read that is a method.
    function accessor(described) {
        return {
            configurable: true,
            get() {
                return find(this, described);
            },
        };
    }

    // Under which name a method can be had where its own is taken: as the library does with
    // properties.
    function freeName(object, name) {
        return name in object || RESERVED.includes(name) ? `remote_${name}` : name;
    }

    return {accessor, describe, freeName, plainBuffer};
})(globalThis);
