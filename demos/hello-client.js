#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs} from 'system';

const greenhouse = await PlantRpc.discover(programArgs[0] ?? 'tcp://127.0.0.1:5570');
print(await greenhouse.report('Tomatoes'));

greenhouse.connect('notify::temperature', () => {
    print(`${greenhouse.temperature.toFixed(1)} degrees`);
});
const reached = new Promise(resolve => greenhouse.connect('reached', resolve));
greenhouse.target = greenhouse.temperature > 20 ? 18 : 23;
await reached;
