#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A device, a relay before it and a client of the relay, all in one program.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {CONNECT_MS, Talk, assert, ended, equal, failure, record, run, wait} from './talk.js';

const URL = 'tcp://127.0.0.1:*';
const NOWHERE = 'tcp://127.0.0.1:1';
const {Client, InterfaceInfo, Keypair, PropertyState, Relay} = PlantRpc;

const Lamp = GObject.registerClass({
    GTypeName: 'TestRelayedLamp',
    Properties: {
        'lit': GObject.ParamSpec.boolean('lit', null, null, GObject.ParamFlags.READWRITE, false),
    },
}, class Lamp extends GObject.Object {
    static [PlantRpc.methods] = {flash: 'times: i', fail: ''};

    flash(times) {
        return times;
    }

    fail() {
        throw new Error('broken');
    }
});

// A client of the type that the relay tells.
function discover(server) {
    return Client.discover_finish(ended(Client.discover, server.get_url(), CONNECT_MS, null));
}

function call(client, method, ...args) {
    const values = args.map(value => new GLib.Variant('i', value));
    const result = ended(client.call.bind(client), method, GLib.Variant.new_tuple(values), null, 0,
        null);
    return client.call_finish(result).recursiveUnpack();
}

// Values, calls and errors pass, and a device that goes and comes is told.
function passing() {
    const lamp = new Lamp();
    let device = new PlantRpc.Server({object: lamp, url: URL});
    device.start();
    const url = device.get_url();
    const relay = Relay.new(url, URL);
    const told = record(relay, 'notify::ready');
    relay.start();
    wait(() => relay.is_ready(), 'ready');
    assert(told.length > 0 && relay.ready, 'ready');
    equal([relay.get_device_url(), relay.device_url, relay.get_last_error()], [url, url, null]);
    assert(relay instanceof PlantRpc.Server && relay.get_client() === relay.client, 'client');
    const client = discover(relay);
    equal(call(client, 'flash', 3), 3);
    equal(failure(() => call(client, 'fail')).message, 'broken');
    lamp.lit = true;
    wait(() => client.lit, 'the change');
    device.stop();
    wait(() => !relay.is_ready(), 'gone');
    assert(relay.last_error.message.includes(url), relay.last_error.message);
    const lit = client.lookup_property('lit');
    wait(() => lit.state === PropertyState.STALE, 'stale');
    assert(lit.error.message.includes(url), lit.error.message);
    const unsent = failure(() => call(client, 'flash', 3));
    assert(unsent.matches(PlantRpc.Error, PlantRpc.Error.NOT_SENT), unsent.message);
    device = new PlantRpc.Server({object: lamp, url});
    device.start();
    wait(() => lit.state === PropertyState.CURRENT, 'current');
    client.close();
    relay.stop();
    device.stop();
}

// What is offered may be given, and the device may be one of a registry.
function given() {
    const info = InterfaceInfo.new_from_json('{"properties": {"lit": {"type": "b"}}}');
    const relay = Relay.new_for_interface(info, NOWHERE, URL);
    relay.start();
    assert(relay.device_interface.equal(info) && relay.client !== null, 'device_interface');
    const client = discover(relay);
    assert(client.get_interface().equal(info), 'interface');
    client.close();
    relay.stop();
    const keypair = Keypair.new();
    const own = new Relay({device_url: NOWHERE, url: URL, device_keypair: keypair});
    assert(own.device_keypair.equal(keypair), 'device_keypair');
    const listed = Relay.new_for_device(NOWHERE, 'lamp', URL);
    equal([listed.registry_url, listed.device, listed.get_device_url()], [NOWHERE, 'lamp', null]);
    wait(() => listed.get_last_error() !== null, 'the reason');
    assert(listed.get_client() === null && !listed.is_ready(), 'no client');
}

System.exit(run(new Talk('', 'native'), [passing, given]) ? 1 : 0);
