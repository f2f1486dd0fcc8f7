#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The version that a program runs with.
import PlantRpc from 'gi://PlantRpc?version=1.0';

const {MAJOR_VERSION: major, MINOR_VERSION: minor, MICRO_VERSION: micro} = PlantRpc;

function check(condition, what) {
    if (!condition)
        throw new Error(what);
}

check(PlantRpc.get_major_version() === major, 'major');
check(PlantRpc.get_minor_version() === minor, 'minor');
check(PlantRpc.get_micro_version() === micro, 'micro');
check(PlantRpc.check_version(major, minor, micro), 'this version');
check(PlantRpc.check_version(major - 1, minor + 1, micro + 1), 'an older one');
check(!PlantRpc.check_version(major, minor, micro + 1), 'a newer micro');
check(!PlantRpc.check_version(major, minor + 1, 0), 'a newer minor');
check(!PlantRpc.check_version(major + 1, 0, 0), 'a newer major');
