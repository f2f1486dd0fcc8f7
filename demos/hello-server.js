#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs} from 'system';

const {READABLE, READWRITE} = GObject.ParamFlags;

const Greenhouse = GObject.registerClass({
    Properties: {
        target: GObject.ParamSpec.double('target', null, null, READWRITE, 5, 35, 18),
        temperature: GObject.ParamSpec.double('temperature', null, null, READABLE, -50, 60, 18),
    },
    Signals: {reached: {param_types: [GObject.TYPE_DOUBLE]}},
}, class extends GObject.Object {
    static [PlantRpc.methods] = {report: 'plants: s'};

    temperature = 18;

    report(plants) {
        return `${plants} at ${this.temperature.toFixed(1)} degrees`;
    }

    drift() {
        const away = this.target - this.temperature;
        if (away === 0)
            return true;
        this.temperature += Math.max(-1, Math.min(1, away));
        this.notify('temperature');
        if (this.temperature === this.target)
            this.emit('reached', this.temperature);
        return true;
    }
});

const object = new Greenhouse();
GLib.timeout_add(GLib.PRIORITY_DEFAULT, 100, () => object.drift());
const server = new PlantRpc.Server({object, url: programArgs[0] ?? 'tcp://127.0.0.1:5570'});
server.start();
print(server.url);
server.serve_forever();
