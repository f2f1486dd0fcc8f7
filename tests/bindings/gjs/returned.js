// SPDX-License-Identifier: LGPL-2.1-or-later
// A device that comes back with other properties: no value that it had before looks valid.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import PlantRpc from 'gi://PlantRpc?version=1.0';

import {equal} from '../talk.js';
import {run, throws, until} from './camera.js';

const BEFORE = {
    kept: {type: 'i', default: 1},
    typed: {type: 'i', default: 2},
    mode: {type: 's', choices: {S: 0, V: 1}, default: 'S'},
    gone: {type: 'i', default: 4},
};
const AFTER = {
    kept: {type: 'i', default: 5},
    typed: {type: 's', default: 'text'},
    mode: {type: 's', choices: {S: 0, W: 1}, default: 'W'},
};

// The device writes what happens to its output, which must stay open.
function start(properties, url) {
    const tool = `${GLib.getenv('BINDINGS_BUILD_DIR')}/../../plantrpc/tools/plantrpc`;
    const [file, stream] = Gio.File.new_tmp('XXXXXX.json');
    stream.close(null);
    file.replace_contents(JSON.stringify({properties}), null, false, 0, null);
    const process = Gio.Subprocess.new([tool, 'serve', '--json', '--url', url, file.get_path()],
        Gio.SubprocessFlags.STDOUT_PIPE);
    const output = Gio.DataInputStream.new(process.get_stdout_pipe());
    const told = JSON.parse(output.read_line_utf8(null)[0]);
    file.delete(null);
    return {process, output, url: told.name};
}

function end({process, output}) {
    process.send_signal(15);
    process.wait(null);
    output.close(null);
}

async function otherProperties() {
    let mock = start(BEFORE, 'tcp://127.0.0.1:*');
    const device = await PlantRpc.discover(mock.url);
    equal(Object.keys(BEFORE).map(name => device[name]), [1, 2, 'S', 4]);
    end(mock);
    mock = start(AFTER, mock.url);
    try {
        await until(() => device.state === PlantRpc.State.MISMATCH, 'the device');
        equal(device.kept, 5);
        for (const [name, told] of Object.entries({typed: 'text', mode: 'W', gone: 'gone'})) {
            // eslint-disable-next-line no-await-in-loop
            const error = await throws(() => device[name], GLib.Error, told);
            equal(device.lookup_property(name).message, error.message);
        }
    } finally {
        device.close();
        end(mock);
    }
}

await run([otherProperties]);
