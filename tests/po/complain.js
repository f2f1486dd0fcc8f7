#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints messages of errors, in the language of the locale.
import PlantRpc from 'gi://PlantRpc?version=1.0';

const attempts = [
    () => PlantRpc.InterfaceInfo.new_from_json('null'),
    () => PlantRpc.Client.discover_sync('camera', 1000, null),
];

for (const attempt of attempts) {
    try {
        attempt();
    } catch (error) {
        print(error.message);
    }
}
