#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// What is shown of the texts of a device.
import PlantRpc from 'gi://PlantRpc?version=1.0';

const NASTY = 'größe\x1b]0;title\x07\r\x9b2J\u202e\n';
const SHOWN = String.raw`größe\u001b]0;title\u0007\u000d\u009b2J\u202e\n`;

if (PlantRpc.text_escape(NASTY) !== SHOWN)
    throw new Error(PlantRpc.text_escape(NASTY));
