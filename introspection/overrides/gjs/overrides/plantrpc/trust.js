// SPDX-License-Identifier: LGPL-2.1-or-later
// Roles and the like, which may be given by name: GJS would take any text for the number 0.

let PlantRpc = null;

// The number of a value of an enumeration, such as `PlantRpc.Role`, of its name or its number.
function choose(values, value, what) {
    const name = typeof value === 'string' ? value.toUpperCase().replaceAll('-', '_') : null;
    if (name !== null && Object.hasOwn(values, name) && typeof values[name] === 'number')
        return values[name];
    if (typeof value === 'number' && Object.values(values).includes(value))
        return value;
    throw new TypeError(`${what} is needed, not ${JSON.stringify(value) ?? String(value)}`);
}

const chooseRole = role => choose(PlantRpc.Role, role,
    'a role, such as PlantRpc.Role.VIEWER or “viewer”,');

/**
 * What the options say about keys, as properties of a client or of a discovery.
 *
 * @param {object} options - as for `connect()`
 * @returns {object} properties
 */
function trustOf({keypair = null, unknownDevices}) {
    return {
        ...keypair === null ? {} : {keypair},
        ...unknownDevices === undefined ? {} : {
            unknown_devices: choose(PlantRpc.UnknownDevices, unknownDevices,
                'one of PlantRpc.UnknownDevices, or “refuse”, “ask” or “accept-new”,'),
        },
    };
}

function extend(namespace) {
    PlantRpc = namespace;
    const {Authenticator, Server} = PlantRpc;
    const raw = {
        allow: Authenticator.prototype.allow,
        set_member_role: Server.prototype.set_member_role,
    };
    Authenticator.prototype.allow = function (key, role, label = null) {
        return raw.allow.call(this, key, chooseRole(role), label);
    };
    Server.prototype.set_member_role = function (name, role) {
        raw.set_member_role.call(this, name, chooseRole(role));
    };
}
