#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Pairs of keys and their files.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {assert, equal, fails} from './talk.js';

const IO = Gio.IOErrorEnum;
const {Keypair} = PlantRpc;

// Without the files that the test has made the folders are empty.
function remove(...paths) {
    for (const path of paths)
        equal(GLib.unlink(path), 0, path);
    for (const folder of [`${scratch}/keys`, scratch])
        equal(GLib.rmdir(folder), 0, folder);
}

const scratch = GLib.dir_make_tmp('plantrpc-XXXXXX');
GLib.setenv('STATE_DIRECTORY', scratch, true);

const pair = Keypair.new();
const key = pair.get_public_key();
equal(key.length, 43);
assert(pair.equal(pair) && !pair.equal(Keypair.new()), 'equal');
assert(!`${pair}`.includes(key), `${pair}`);

const path = Keypair.find_path('größe');
equal(path, `${scratch}/keys/größe.key_secret`);
const kept = Keypair.ensure('größe');
assert(kept.equal(Keypair.ensure('größe')) && kept.equal(Keypair.load(path)), 'kept');
const publicPath = path.replace(/_secret$/, '');
equal(Keypair.load_public_key(publicPath), kept.get_public_key());

const other = `${scratch}/other.key_secret`;
assert(pair.save(other), 'saved');
assert(Keypair.load(other).equal(pair), 'loaded');

fails(() => Keypair.find_path('../größe'), IO, IO.INVALID_FILENAME);
fails(() => Keypair.ensure(''), IO, IO.INVALID_FILENAME);
fails(() => pair.save(path), IO, IO.EXISTS);
fails(() => Keypair.load('/nowhere'), IO, IO.NOT_FOUND);
fails(() => Keypair.load_public_key('/nowhere'), IO, IO.NOT_FOUND);
Gio.File.new_for_path(path).set_attribute_uint32('unix::mode', 0o644, 0, null);
fails(() => Keypair.load(path), IO, IO.PERMISSION_DENIED, 'chmod 600');

remove(path, publicPath, other, `${scratch}/other.key`);
