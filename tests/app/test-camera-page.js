// SPDX-License-Identifier: LGPL-2.1-or-later
// The small camera page in JavaScript, with the simulated camera:
// test-camera-page.js DEMOS PROGRAMS
import Adw from 'gi://Adw?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Gtk from 'gi://Gtk?version=4.0';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {exit, programArgs} from 'system';

const DEADLINE = 30000;  // in ms
const [demos, programs] = programArgs;

function assertEqual(actual, expected) {
    if (actual !== expected)
        throw new Error(`${actual} is not ${expected}`);
}

function wait(condition) {
    const deadline = GLib.get_monotonic_time() + DEADLINE * 1000;
    return new Promise((resolve, reject) => GLib.timeout_add(GLib.PRIORITY_DEFAULT, 20, () => {
        if (condition())
            resolve();
        else if (GLib.get_monotonic_time() > deadline)
            reject(new Error('waited in vain'));
        else
            return GLib.SOURCE_CONTINUE;
        return GLib.SOURCE_REMOVE;
    }));
}

// Texts of a camera are no markup, and nothing in them turns or breaks the line.
function showTexts(page) {
    const property = {
        name: 'level',
        message: '<b>&\x1b\n\u202e',
        bind_property() {},
        connect: (_, told) => told(),
    };
    const row = page.makeRow(property, new Gtk.Label());
    assertEqual(row.subtitle, String.raw`<b>&\u001b\n\u202e`);
}

async function converse(page, device, url) {
    const {picture, rows} = page;
    await wait(() => picture.paintable);
    const {camera} = page;
    assertEqual(page.title.startsWith('Looking'), false);

    const other = await PlantRpc.discover(url);
    other.mode = 'VIDEO';
    await wait(() => rows.mode.selected === 1);
    rows.mode.selected = 0;
    await wait(() => camera.lookup_property('mode').state === PlantRpc.PropertyState.CURRENT);
    assertEqual(rows.mode.selected, 0);

    rows.resolution.text = '[9000, 9000]';
    rows.resolution.emit('activate');
    await wait(() => camera.lookup_property('resolution').message);
    assertEqual(rows.resolution.text, '[640,480]');
    rows.resolution.text = '[320, 240]';
    rows.resolution.emit('activate');
    await wait(() => picture.paintable.get_intrinsic_width() === 320);

    assertEqual(rows.mode.sensitive, true);
    device.force_exit();
    await wait(() => !rows.mode.sensitive);
}

Adw.init();
const {CameraPage} = await import(`file://${demos}/camera-page.js`);
const listener = new Gio.SocketListener();
const url = `tcp://127.0.0.1:${listener.add_any_inet_port(null)}`;
listener.close();
let device = null;
let status = 0;
try {
    const page = new CameraPage(url, {});
    page.present();
    // The window is there before its camera is.
    await wait(() => page.get_mapped());
    assertEqual(page.title, `Looking for ${url}`);
    device = Gio.Subprocess.new([`${programs}/scanner-camera`, '--url', url],
        Gio.SubprocessFlags.STDOUT_PIPE);
    const output = new Gio.DataInputStream({baseStream: device.get_stdout_pipe()});
    const [line] = output.read_line_utf8(null);
    assertEqual(line, url);
    showTexts(page);
    await converse(page, device, url);
} catch (error) {
    logError(error);
    status = 1;
}
device?.force_exit();
exit(status);
