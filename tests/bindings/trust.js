#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A secured server and its clients, all in one program.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import System from 'system';

import {Talk, assert, ended, equal, failure, fails, record, run, wait} from './talk.js';

const URL = 'tcp://127.0.0.1:*';
const {Authenticator, Keypair, Role} = PlantRpc;
const ERROR = PlantRpc.Error;
const IO = Gio.IOErrorEnum;
const [ME, OTHER] = [Keypair.new(), Keypair.new()];
const KEY = ME.get_public_key();

const Lamp = GObject.registerClass({
    GTypeName: 'TestSafeLamp',
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

// A running server that is secured, and at which this program has a role.
function offer(role = Role.NONE) {
    const [keypair, authenticator] = [Keypair.new(), Authenticator.new()];
    if (role !== Role.NONE)
        assert(authenticator.allow(KEY, role, 'Eva'), 'allowed');
    const server = new PlantRpc.Server({object: new Lamp(), url: URL, keypair, authenticator});
    assert(server.get_keypair().equal(keypair) && server.keypair.equal(keypair), 'its keys');
    assert(server.get_authenticator() === authenticator, 'what decides');
    assert(server.authenticator === authenticator, 'what decides');
    server.start();
    assert(server.url.endsWith(`#${keypair.get_public_key()}`), server.url);
    return server;
}

// A client that is ready.
function connect(server) {
    const client = new PlantRpc.Client({url: server.url, keypair: ME});
    assert(client.get_keypair().equal(ME) && client.keypair.equal(ME), 'its keys');
    equal([client.get_role(), client.role], [Role.NONE, Role.NONE]);
    wait(() => client.is_ready(), 'ready');
    return client;
}

function call(client, method, ...args) {
    const values = args.map(value => new GLib.Variant('i', value));
    const result = ended(client.call.bind(client), method, GLib.Variant.new_tuple(values), null, 0,
        null);
    return client.call_finish(result).recursiveUnpack();
}

function light(client) {
    const value = new GLib.Variant('b', true);
    return client.write_property_finish(
        ended(client.write_property.bind(client), 'lit', value, null));
}

// The client is told why it has no connection.
function waitRefused(client, text) {
    wait(() => client.last_error?.matches(IO, IO.PERMISSION_DENIED), text);
    assert(client.last_error.message.includes(text), client.last_error.message);
}

// Who is allowed.
function table() {
    const authenticator = new Authenticator();
    const changes = record(authenticator, 'changed');
    equal([authenticator.get_role(KEY), authenticator.list_keys()], [Role.NONE, []]);
    assert(authenticator.allow(KEY, Role.VIEWER, 'Eva'), 'allowed');
    equal([authenticator.get_role(KEY), authenticator.dup_label(KEY)], [Role.VIEWER, 'Eva']);
    assert(authenticator.allow(KEY, Role.ADMINISTRATOR, null), 'allowed');
    equal([authenticator.list_keys(), authenticator.dup_label(KEY)], [[KEY], null]);
    assert(authenticator.revoke(KEY), 'revoked');
    equal(authenticator.get_role(KEY), Role.NONE);
    equal([...changes], [[KEY], [KEY], [KEY]]);
    fails(() => authenticator.revoke(KEY), IO, IO.NOT_FOUND);
    fails(() => authenticator.allow('me', Role.VIEWER, null), IO, IO.INVALID_ARGUMENT);
    fails(() => authenticator.allow(KEY, Role.VIEWER, 'a\nb'), IO, IO.INVALID_ARGUMENT);
}

// An operator does all but see tracebacks and stop the server.
function operating() {
    const server = offer(Role.OPERATOR);
    server.set_allow_stop(true);
    const client = connect(server);
    equal([client.get_role(), client.role], [Role.OPERATOR, Role.OPERATOR]);
    equal(call(client, 'flash', 3), 3);
    assert(light(client) && server.get_object().lit, 'lit');
    const failed = failure(() => call(client, 'fail'));
    equal([failed.message, ERROR.get_traceback(failed)], ['broken', null]);
    const stopped = ended(client.stop_server.bind(client), null);
    fails(() => client.stop_server_finish(stopped), ERROR, ERROR.REFUSED, '“administrator”');
}

// A viewer sees the property, and that it cannot be written.
function viewing() {
    const server = offer(Role.VIEWER);
    const client = connect(server);
    const lit = client.lookup_property('lit');
    equal([client.role, lit.writable], [Role.VIEWER, false]);
    fails(() => call(client, 'flash', 3), ERROR, ERROR.REFUSED, '“operator”');
    fails(() => light(client), ERROR, ERROR.REFUSED, '“viewer”');
    server.get_object().lit = true;
    wait(() => client.get_cached_property('lit').unpack(), 'lit');
    server.authenticator.allow(KEY, Role.ADMINISTRATOR, null);
    wait(() => client.role === Role.ADMINISTRATOR && lit.writable, 'another role');
    const failed = failure(() => call(client, 'fail'));
    assert(ERROR.get_traceback(failed).includes('fail@'), ERROR.get_traceback(failed));
}

// A method that viewers may call, and a property that operators may not write.
function memberRoles() {
    const server = offer(Role.VIEWER);
    server.set_member_role('flash', Role.VIEWER);
    server.set_member_role('lit', Role.ADMINISTRATOR);
    const client = connect(server);
    equal(call(client, 'flash', 2), 2);
    const told = client.get_interface();
    equal(told.lookup_method('flash').get_role(), Role.VIEWER);
    equal(told.lookup_method('fail').get_role(), Role.OPERATOR);
    equal(told.lookup_property('lit').get_role(), Role.ADMINISTRATOR);
}

// Who is not known gets in once he is, and out again when he is revoked.
function strangers() {
    const server = offer();
    const refusals = record(server.authenticator, 'refused');
    const client = new PlantRpc.Client({url: server.url, keypair: OTHER});
    waitRefused(client, OTHER.get_public_key());
    wait(() => refusals.length, 'refused');
    equal(refusals[0], [OTHER.get_public_key(), '127.0.0.1']);
    client.set_keypair(ME);
    server.authenticator.allow(KEY, Role.OPERATOR, null);
    client.try_again();
    wait(() => client.is_ready(), 'let in');
    server.authenticator.revoke(KEY);
    waitRefused(client, KEY);
    assert(!client.is_ready(), 'ready');
}

// The key of the server is the one that was given, or else nothing is sent.
function otherKeys() {
    const [server, plain] = [offer(Role.OPERATOR), PlantRpc.Server.new(new Lamp(), URL)];
    plain.start();
    const [own, key] = [`tcp://127.0.0.1:${server.port}`, OTHER.get_public_key()];
    const wrong = new PlantRpc.Client({url: `${own}#${key}`, keypair: ME});
    waitRefused(wrong, 'has another key');
    const lacking = PlantRpc.Client.new(own);
    waitRefused(lacking, 'is secured');
    equal(lacking.keypair, null);
    const bare = new PlantRpc.Client({url: `${plain.url}#${key}`, keypair: ME});
    waitRefused(bare, 'is not secured');
    equal(server.authenticator.get_role(key), Role.NONE);
}

// A second URL lets in everybody, with the role that is set.
function withoutKeys() {
    const server = offer(Role.OPERATOR);
    equal([server.get_unsecured_url(), server.get_unsecured_role()], [null, Role.OPERATOR]);
    server.stop();
    server.set_unsecured_url(URL);
    server.unsecured_role = Role.ADMINISTRATOR;
    server.set_unsecured_role(Role.VIEWER);
    server.start();
    assert(server.unsecured_url !== URL && !server.unsecured_url.includes('#'), 'another URL');
    const visitor = PlantRpc.Client.new(server.unsecured_url);
    wait(() => visitor.is_ready(), 'let in');
    equal(visitor.role, Role.VIEWER);
    visitor.close();
    server.stop();
    equal(server.unsecured_url, URL);
    server.unsecured_url = null;
}

// What a name stands for is kept in files, which both sides make.
function byName() {
    const folder = GLib.dir_make_tmp('plantrpc-XXXXXX');
    GLib.setenv('STATE_DIRECTORY', folder, true);
    const server = PlantRpc.Server.new(new Lamp(), URL);
    fails(() => server.secure('../lamp'), IO, IO.INVALID_FILENAME);
    equal([server.keypair, server.authenticator], [null, null]);
    assert(server.secure('lamp') && server.keypair.equal(Keypair.ensure('lamp')), 'secured');
    server.start();
    equal(Authenticator.new_for_name('lamp').find_url(), server.url);
    const client = PlantRpc.Client.new(server.url);
    const own = Keypair.ensure('default').get_public_key();
    waitRefused(client, own);
    Authenticator.new_for_name('lamp').allow(own, Role.VIEWER, 'this program');
    const [, bytes] = GLib.file_get_contents(`${folder}/keys/lamp.allowed`);
    equal(new TextDecoder().decode(bytes), `${own} viewer this program\n`);
    wait(() => server.authenticator.get_role(own) === Role.VIEWER, 'the file is read');
    client.try_again();
    wait(() => client.is_ready(), 'let in');
    equal(client.keypair.get_public_key(), own);
    client.close();
    server.stop();
    server.set_keypair(null);
    server.set_authenticator(null);
    server.start();
    assert(!server.url.includes('#'), server.url);
    for (const name of ['lamp', 'default']) {
        for (const end of ['key', 'key_secret', 'allowed', 'url'])
            GLib.unlink(`${folder}/keys/${name}.${end}`);
    }
    equal([GLib.rmdir(`${folder}/keys`), GLib.rmdir(folder)], [0, 0]);
}

// A link lets one client in, once, and the owner of the device sees whom.
function invitations() {
    const server = offer();
    const {authenticator} = server;
    const joined = record(authenticator, 'joined');
    const refused = record(authenticator, 'invitation-refused');
    const pair = (...args) => PlantRpc.pair_finish(ended(PlantRpc.pair, ...args));
    const link = server.invite(Role.OPERATOR, 0);
    assert(PlantRpc.is_invitation(link) && !PlantRpc.is_invitation(server.url), link);
    const [waiting] = authenticator.list_invitations();
    const [known, role, left] = authenticator.get_invitation(waiting);
    assert(known && role === Role.OPERATOR && left > 0 && left <= 600, left);
    equal(pair(link, ME, "Eva's desk", null), server.url);
    wait(() => joined.length, 'joined');
    equal([...joined], [[KEY, "Eva's desk", Role.OPERATOR, '127.0.0.1']]);
    equal([authenticator.list_invitations(), authenticator.get_role(KEY)], [[], Role.OPERATOR]);
    equal(call(connect(server), 'flash', 3), 3);
    const other = Keypair.new();
    fails(() => pair(link, other, 'thief', null), IO, IO.PERMISSION_DENIED,
        'has been used by somebody else');
    wait(() => refused.length, 'refused');
    equal([...refused], [[other.get_public_key(), 'thief', 'used', '127.0.0.1']]);
    const second = authenticator.invite(server.url, Role.VIEWER, 60);
    const [back] = authenticator.list_invitations();
    assert(authenticator.revoke(back), 'taken back');
    equal(authenticator.get_invitation(back), [false, Role.NONE, 0]);
    fails(() => pair(second, other, null, null), IO, IO.PERMISSION_DENIED,
        'does not know this invitation');
    fails(() => PlantRpc.pair_sync('tcp://h:1'), IO, IO.INVALID_ARGUMENT);
    fails(() => PlantRpc.pair_sync(second.replace(`${server.port}`, '1'), ME), IO,
        IO.CONNECTION_REFUSED);
    fails(() => server.invite(Role.VIEWER, 5), IO, IO.INVALID_ARGUMENT);
    fails(() => authenticator.find_url(), IO, IO.NOT_FOUND);
    let url = null;
    PlantRpc.pair(server.invite(Role.VIEWER, 0), other).then(result => (url = result));
    wait(() => url, 'awaited');
    equal(url, server.url);
    server.stop();
    fails(() => server.invite(Role.VIEWER, 60), ERROR, ERROR.CLOSED);
}

System.exit(run(new Talk('', 'native'), [table, operating, viewing, memberRoles, strangers,
    otherKeys, withoutKeys, byName, invitations]) ? 1 : 0);
