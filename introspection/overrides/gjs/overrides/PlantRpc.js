// SPDX-License-Identifier: LGPL-2.1-or-later
// plantrpc as a programmer in JavaScript expects it; GJS loads this with the library.

const Client = imports.overrides.plantrpc.client;
const Declarations = imports.overrides.plantrpc.declarations;
const Server = imports.overrides.plantrpc.server;

function _init() {
    this.methods = Declarations.methods;
    Client.extend(this);
    Server.extend(this);
}
