#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs} from 'system';

const loop = new GLib.MainLoop(null, false);
const url = programArgs[0] ?? 'tcp://127.0.0.1:5570';
const greenhouse = PlantRpc.Client.discover_sync(url, 5000, null);

const args = new GLib.Variant('(s)', ['Tomatoes']);
print(greenhouse.call_sync('report', args, null, 0, null).unpack());

greenhouse.connect('notify::temperature', () => {
    print(`${greenhouse.temperature.toFixed(1)} degrees`);
});
greenhouse.connect('reached', () => loop.quit());
greenhouse.target = greenhouse.temperature > 20 ? 18 : 23;
loop.run();
