// SPDX-License-Identifier: LGPL-2.1-or-later
// A registry, a device that registers with it and a list of its devices, all in one program.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {Talk, assert, ended, equal, fails, record, run, same, wait} from './talk.js';

const URL = 'tcp://127.0.0.1:*';
const ERROR = PlantRpc.Error;
const IO = Gio.IOErrorEnum;

const Lamp = GObject.registerClass({
    GTypeName: 'TestLamp',
    Properties: {
        'lit': GObject.ParamSpec.boolean('lit', null, null, GObject.ParamFlags.READWRITE, false),
    },
}, class Lamp extends GObject.Object {});

// A running server.
function offer(name = '') {
    const server = PlantRpc.Server.new(new Lamp(), URL);
    server.set_name(name);
    server.start();
    return server;
}

// A running registry.
function start() {
    const registry = PlantRpc.Registry.new(URL);
    equal([registry.get_running(), registry.get_port()], [false, 0]);
    registry.start();
    assert(registry.get_running() && registry.running, 'running');
    equal(registry.get_url(), `tcp://127.0.0.1:${registry.get_port()}`);
    equal([registry.url, registry.port], [registry.get_url(), registry.get_port()]);
    return registry;
}

const names = devices => [...Array(devices.get_n_items()).keys()]
    .map(index => devices.get_item(index).get_name());

// What a registry tells of a device.
function check(device, server) {
    const told = ['desk', 'lamp', server.get_url()];
    equal([device.get_name(), device.get_device_type(), device.get_url()], told);
    equal([device.name, device.device_type, device.url], told);
    assert(device.get_uuid() && device.uuid === device.get_uuid(), 'uuid');
    assert(device.get_alive() && device.alive, 'alive');
    const age = GLib.DateTime.new_now_local().difference(device.get_last_seen());
    assert(age >= 0 && age < 60 * GLib.USEC_PER_SEC && device.last_seen !== null, `${age}`);
}

// A server registers, is listed, and withdraws.
function registering() {
    const [registry, server] = [start(), offer()];
    const [added, removed] = [record(registry, 'device-added'), record(registry, 'device-removed')];
    const result = ended(server.register_to_registry.bind(server), 'lamp', 'desk',
        registry.get_url(), false, null);
    equal(server.register_to_registry_finish(result), 'desk');
    assert(server.get_registered() && server.registered, 'registered');
    equal(server.name, 'desk');
    wait(() => added.length, 'device-added');
    check(added[0][0], server);
    equal(registry.find_device('desk'), added[0][0]);
    equal(registry.find_device('chair'), null);

    const other = offer();
    equal(other.register_to_registry_sync('lamp', 'desk', registry.get_url(), false, null),
        'desk-1');
    wait(() => same(names(registry), ['desk', 'desk-1']), 'both listed');
    assert(other.unregister_sync(null));
    assert(server.unregister_finish(ended(server.unregister.bind(server), null)));
    wait(() => removed.length === 2 && registry.get_n_items() === 0, 'both removed');
    assert(!server.get_registered() && !added[0][0].get_alive(), 'withdrawn');
    registry.stop();
    assert(!registry.get_running(), 'stopped');
}

// A list of devices elsewhere follows the registry.
function watching() {
    const registry = start();
    const client = PlantRpc.RegistryClient.new(registry.get_url());
    const changes = record(client, 'items-changed');
    const {READY, CLOSED} = PlantRpc.State;
    wait(() => client.get_state() === READY && client.state === READY, 'ready');
    equal([client.get_url(), client.url], [registry.get_url(), registry.get_url()]);
    equal([client.get_last_error(), client.last_error], [null, null]);
    const server = offer();
    server.register_to_registry_sync('lamp', 'desk', registry.get_url(), true, null);
    wait(() => changes.length && same(names(client), ['desk']), 'listed');
    check(client.find_device('desk'), server);
    equal(client.find_device('chair'), null);
    server.stop();
    wait(() => client.get_n_items() === 0, 'gone with its server');
    client.close();
    wait(() => client.get_state() === CLOSED, 'closed');
}

// A client finds its device by name, wherever that comes back.
function following() {
    const registry = start();
    const typed = PlantRpc.Client.new_for_device(Lamp.$gtype, registry.get_url(), 'desk');
    const plain = new PlantRpc.Client();
    plain.follow_device(registry.get_url(), 'lamp');
    const {READY, DISCONNECTED} = PlantRpc.State;
    equal(plain.get_state(), DISCONNECTED);
    for (let round = 0; round < 2; round++) {
        const server = offer();
        server.register_to_registry_sync('lamp', 'desk', registry.get_url(), true, null);
        wait(() => typed.get_state() === READY && plain.get_state() === READY, 'both there');
        equal(typed.get_name(), 'desk');
        const {Client} = PlantRpc;
        const found = Client.discover_device_finish(
            ended(Client.discover_device, registry.get_url(), 'desk', 10000, null));
        equal([found.get_state(), found.get_url()], [READY, server.get_url()]);
        found.close();
        fails(() => Client.discover_device_sync(registry.get_url(), 'chair', 20, null),
            IO, IO.TIMED_OUT);
        typed.lit = true;
        wait(() => server.get_object().lit, 'lit');
        server.stop();
        wait(() => typed.get_state() !== READY && plain.get_state() !== READY, 'gone');
    }
}

// What a server keeps for its registration, and for itself.
function settings() {
    const server = offer('lamp');
    server.set_alive_timeout(5);
    equal([server.get_alive_timeout(), server.alive_timeout], [5, 5]);
    server.set_exit_without_registry(true);
    assert(server.get_exit_without_registry() && server.exit_without_registry, 'exit');
    server.set_max_peer_calls(5);
    equal([server.get_max_peer_calls(), server.max_peer_calls], [5, 5]);
    server.set_max_unread(2 ** 40);
    equal([server.get_max_unread(), server.max_unread], [2 ** 40, 2 ** 40]);
    equal([server.allow_stop, server.running, server.legacy], [false, true, false]);
    equal([server.port, server.url, server.uuid],
        [server.get_port(), server.get_url(), server.get_uuid()]);
    equal([server.object, server.peer_address], [server.get_object(), null]);
    fails(() => server.register_to_registry_sync('lamp', 'desk', 'no url', false, null), ERROR,
        ERROR.INVALID_URL);
    equal(PlantRpc.REGISTRY_URL, 'tcp://127.0.0.1:5555');
    const [major, minor, micro] = [PlantRpc.MAJOR_VERSION, PlantRpc.MINOR_VERSION,
        PlantRpc.MICRO_VERSION];
    assert(major >= 1 && minor >= 0 && micro >= 0, 'version');
}

System.exit(run(new Talk('', 'native'), [registering, watching, following, settings]) ? 1 : 0);
