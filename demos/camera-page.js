#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The page of one camera, whatever it offers: camera-page.js URL
import Adw from 'gi://Adw?version=1';
import Gdk from 'gi://Gdk?version=4.0';
import GdkPixbuf from 'gi://GdkPixbuf?version=2.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';
import PlantRpc from 'gi://PlantRpc?version=1.0';
import {programArgs, programInvocationName} from 'system';

const {BIDIRECTIONAL, SYNC_CREATE} = GObject.BindingFlags;
Gio._promisify(GdkPixbuf.Pixbuf, 'new_from_stream_async', 'new_from_stream_finish');

/** What the camera sees, and its properties: no widget knows what it is bound to. */
export const CameraPage = GObject.registerClass(class CameraPage extends Adw.ApplicationWindow {
    constructor(url, properties) {
        super({title: `Looking for ${url}`, defaultWidth: 400, ...properties});
        Object.assign(this, {camera: null, rows: {}});
        this.picture = new Gtk.Picture({heightRequest: 270, vexpand: true});
        this.content = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL});
        [new Adw.HeaderBar(), this.picture].forEach(child => this.content.append(child));
        // The window is drawn before the camera answers, and if it never does.
        PlantRpc.discover(url, {timeout: PlantRpc.TIMEOUT_NONE})
            .then(camera => this.showCamera(camera))
            .catch(error => (this.title = PlantRpc.text_escape(error.message)));
    }

    showCamera(camera) {
        const title = PlantRpc.text_escape(camera.get_name() || camera.get_url());
        Object.assign(this, {camera, title});
        const [page, group] = [new Adw.PreferencesPage(), new Adw.PreferencesGroup()];
        const info = camera.get_interface();
        for (const name of info.list_properties()) {
            this.rows[name] = this.makeEditor(camera, info.lookup_property(name));
            group.add(this.makeRow(camera.lookup_property(name), this.rows[name]));
        }
        page.add(group);
        this.content.append(page);
        const again = () => this.watch().catch(logError).finally(() => setTimeout(again, 200));
        again();
    }

    makeRow(property, editor) {
        const row = new Adw.ActionRow({title: property.name, useMarkup: false});
        row.add_suffix(editor);
        editor.valign = Gtk.Align.CENTER;
        property.bind_property('writable', editor, 'sensitive', SYNC_CREATE);
        property.connect('notify::message',
            () => (row.subtitle = PlantRpc.text_escape(property.message ?? '')));
        return row;
    }

    makeEditor(camera, info) {
        const [name, kind, choices] = [info.get_name(), info.get_type_string(), info.get_choices()];
        const follow = show => show(camera.connect(`notify::${name}`, show));
        if (choices?.length) {
            const editor = Gtk.DropDown.new_from_strings(choices);
            follow(() => (editor.selected = choices.indexOf(camera[name])));
            editor.connect('notify::selected', () => (camera[name] = choices[editor.selected]));
            return editor;
        }
        if (['i', 'u', 'd'].includes(kind)) {
            const spin = Gtk.SpinButton.new_with_range(GLib.MININT32, GLib.MAXINT32, 1);
            camera.bind_property(name, spin, 'value', SYNC_CREATE | BIDIRECTIONAL);
            return spin;
        }
        const entry = new Gtk.Entry();
        follow(() => (entry.text = JSON.stringify(camera[name]) ?? ''));
        entry.connect('activate', () => (camera[name] = JSON.parse(entry.text)));
        return entry;
    }

    async watch() {
        const [bytes] = await this.camera.getImage();
        const stream = Gio.MemoryInputStream.new_from_bytes(new GLib.Bytes(bytes));
        const pixbuf = await GdkPixbuf.Pixbuf.new_from_stream_async(stream, null);
        this.picture.paintable = Gdk.Texture.new_for_pixbuf(pixbuf);
    }
});

if (GLib.path_get_basename(programInvocationName) === 'camera-page.js') {
    const app = new Adw.Application({flags: Gio.ApplicationFlags.NON_UNIQUE});
    app.connect('activate', () => new CameraPage(programArgs[0], {application: app}).present());
    app.run([]);
}
