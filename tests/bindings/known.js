#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A secured registry, and devices whose keys are known or not, all in one program.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {Talk, assert, ended, equal, fails, record, run, wait} from './talk.js';

const URL = 'tcp://127.0.0.1:*';
const FOLDER = GLib.Dir.make_tmp('plantrpc-XXXXXX');
GLib.setenv('STATE_DIRECTORY', FOLDER, true);
const {Authenticator, Client, Keypair, KnownDevices, Registry, Role, UnknownDevices} = PlantRpc;
const IO = Gio.IOErrorEnum;
const [ME, OTHER] = [Keypair.ensure('default'), Keypair.new()];
const KEY = ME.get_public_key();

const Lamp = GObject.registerClass({
    GTypeName: 'TestKnownLamp',
    Properties: {
        'lit': GObject.ParamSpec.boolean('lit', null, null, GObject.ParamFlags.READWRITE, false),
    },
}, class Lamp extends GObject.Object {});

// A running server that lets some keys in.
function offer(...keys) {
    const authenticator = Authenticator.new();
    for (const key of keys)
        authenticator.allow(key, Role.OPERATOR);
    const server = new PlantRpc.Server({
        object: new Lamp(), url: URL, keypair: Keypair.new(), authenticator,
    });
    server.start();
    return server;
}

// What comes of `connect()` or `discover()`, which must not block for a server of this thread.
function outcome(promise) {
    const settled = [];
    promise.then(client => settled.push([client, null]), error => settled.push([null, error]));
    wait(() => settled.length > 0, 'an outcome');
    const [client, error] = settled[0];
    if (error !== null)
        throw error;
    return client;
}

function throwsTypeError(action) {
    try {
        action();
    } catch (error) {
        return error instanceof TypeError;
    }
    return false;
}

function known() {
    const url = `tcp://127.0.0.1:5000#${OTHER.get_public_key()}`;
    const changed = `tcp://127.0.0.1:5000#${KEY}`;
    equal(KnownDevices.new().get_path(), `${FOLDER}/keys/known_devices`);
    const path = `${FOLDER}/others`;
    const table = new KnownDevices({path});
    equal([table.path, table.list_names()], [path, []]);
    assert(table.check('cam', 'tcp://127.0.0.1:5000'), 'a device without a key');
    fails(() => table.check('cam', url), IO, IO.NOT_FOUND);
    assert(table.remember('cam', url), 'remembered');
    equal([table.list_names(), table.lookup('cam')], [['cam'], url]);
    assert(table.check('cam', url), 'the same key');
    fails(() => table.check('cam', changed), IO, IO.PERMISSION_DENIED);
    fails(() => table.remember('cam', changed), IO, IO.PERMISSION_DENIED);
    assert(table.forget('cam'), 'forgotten');
    fails(() => table.forget('cam'), IO, IO.NOT_FOUND);
    fails(() => table.lookup('cam'), IO, IO.NOT_FOUND);
    GLib.unlink(path);
}

function securedRegistry() {
    const [registry, server] = [Registry.new(URL), offer(KEY)];
    equal([registry.get_keypair(), registry.get_authenticator()], [null, null]);
    fails(() => registry.release_name('lamp'), IO, IO.NOT_INITIALIZED);
    assert(registry.secure('lab'), 'secured');
    assert(registry.keypair.equal(registry.get_keypair()), 'its keys');
    assert(registry.authenticator === registry.get_authenticator(), 'what decides');
    registry.start();
    assert(registry.url.endsWith(`#${registry.keypair.get_public_key()}`), registry.url);
    const stranger = PlantRpc.RegistryClient.new(registry.url);
    wait(() => stranger.last_error !== null, 'refused');
    assert(stranger.last_error.matches(IO, IO.PERMISSION_DENIED), stranger.last_error.message);
    const viewer = Keypair.new();
    registry.authenticator.allow(viewer.get_public_key(), Role.VIEWER);
    registry.authenticator.allow(server.keypair.get_public_key(), Role.OPERATOR);
    stranger.set_keypair(viewer);
    assert(stranger.get_keypair().equal(viewer) && stranger.keypair.equal(viewer), 'its keys');
    wait(() => stranger.state === PlantRpc.State.READY, 'let in');
    equal(server.register_to_registry_sync('lamp', 'lamp', registry.url, false, null), 'lamp');
    const thief = offer();
    registry.authenticator.allow(thief.keypair.get_public_key(), Role.OPERATOR);
    fails(() => thief.register_to_registry_sync('lamp', 'lamp', registry.url, true, null),
        PlantRpc.Error, PlantRpc.Error.REFUSED);
    registry.authenticator.allow(KEY, Role.VIEWER);
    const lamp = outcome(
        PlantRpc.connect(Lamp, null, {device: 'lamp', registry: registry.url}));
    equal([lamp.url, lamp.unknown_devices], [server.url, UnknownDevices.REFUSE]);
    equal(new KnownDevices().lookup('lamp'), server.url);
    lamp.close();
    assert(registry.release_name('LAMP'), 'released');
    new KnownDevices().forget('lamp');
    registry.stop();
}

function unknownDevices() {
    const [registry, server] = [Registry.new(URL), offer(KEY)];
    registry.start();
    server.register_to_registry_sync('lamp', 'lamp', registry.url, false, null);
    const key = server.keypair.get_public_key();
    const place = {device: 'lamp', registry: registry.url};
    fails(() => outcome(PlantRpc.connect(Lamp, null, place)), IO, IO.PERMISSION_DENIED);
    const client = new Client({unknown_devices: UnknownDevices.ASK});
    equal(client.get_unknown_devices(), UnknownDevices.ASK);
    const asked = record(client, 'notify::unknown-key');
    client.follow_device(registry.url, 'lamp');
    wait(() => asked.length > 0, 'asked');
    equal([client.unknown_key, client.dup_unknown_key()], [key, key]);
    fails(() => client.accept_key(KEY), IO, IO.NOT_FOUND);
    assert(client.accept_key(key), 'accepted');
    wait(() => client.is_ready(), 'connected');
    client.close();
    new KnownDevices().forget('lamp');

    client.set_unknown_devices(UnknownDevices.REFUSE);
    const discovery = new PlantRpc.Discovery({
        device: 'lamp', registry_url: registry.url, unknown_devices: UnknownDevices.ASK,
        keypair: ME,
    });
    assert(discovery.keypair.equal(ME), 'its keys');
    equal(discovery.unknown_devices, UnknownDevices.ASK);
    wait(() => discovery.unknown_key !== null, 'asked');
    equal(discovery.dup_unknown_key(), key);
    assert(discovery.accept_key(key), 'accepted');
    wait(() => discovery.client !== null, 'discovered');
    discovery.close();
    new KnownDevices().forget('lamp');
    for (const unknown of ['accept-new', UnknownDevices.ACCEPT_NEW]) {
        const found = outcome(PlantRpc.discover(null, {...place, unknownDevices: unknown}));
        equal(found.url, server.url);
        found.close();
        new KnownDevices().forget('lamp');
    }
    assert(throwsTypeError(() => outcome(
        PlantRpc.discover(null, {...place, unknownDevices: 'no'}))), 'none of these');
    registry.stop();
}

function otherPair() {
    const server = offer(OTHER.get_public_key());
    fails(() => outcome(PlantRpc.discover(server.url)), IO, IO.PERMISSION_DENIED);
    for (const client of [outcome(PlantRpc.discover(server.url, {keypair: OTHER})),
        outcome(PlantRpc.connect(Lamp, server.url, {keypair: OTHER}))]) {
        equal([client.role, client.lit], [Role.OPERATOR, false]);
        client.close();
    }
    const discovery = new PlantRpc.Discovery({url: server.url, keypair: OTHER});
    const result = ended(done => discovery.wait_client(10000, null, done));
    const client = discovery.wait_client_finish(result);
    assert(client === discovery.wait_client_sync(10000, null), 'the same client');
    discovery.close();
}

// GJS would take any text for the number 0, which is no role.
function roles() {
    const [server, authenticator] = [offer(), Authenticator.new()];
    server.set_member_role('lit', 'viewer');
    authenticator.allow(KEY, 'administrator', null);
    equal(authenticator.get_role(KEY), Role.ADMINISTRATOR);
    for (const wrong of ['boss', '', undefined, 7, {}]) {
        for (const call of [() => server.set_member_role('lit', wrong),
            () => authenticator.allow(KEY, wrong, null)])
            assert(throwsTypeError(call), `${wrong} was taken for a role`);
    }
    equal(authenticator.get_role(KEY), Role.ADMINISTRATOR);
}

const failed = run(new Talk('', 'native'), [known, securedRegistry, unknownDevices, otherPair,
    roles]);
for (const name of ['lab', 'default']) {
    for (const end of ['key', 'key_secret', 'allowed', 'names'])
        GLib.unlink(`${FOLDER}/keys/${name}.${end}`);
}
GLib.unlink(`${FOLDER}/keys/known_devices`);
equal([GLib.rmdir(`${FOLDER}/keys`), GLib.rmdir(FOLDER)], [0, 0]);
System.exit(failed ? 1 : 0);
