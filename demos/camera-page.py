#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page of one camera, whatever it offers: camera-page.py URL"""
import sys, gi
gi.require_version("Adw", "1")
gi.require_version("PlantRpc", "1.0")
from gi.repository import Adw, Gdk, GdkPixbuf, Gio, GLib, GObject, Gtk, PlantRpc

ONE_WAY = GObject.BindingFlags.SYNC_CREATE
BOTH_WAYS = ONE_WAY | GObject.BindingFlags.BIDIRECTIONAL


class CameraPage(Adw.ApplicationWindow):
    """What the camera sees, and its properties: no widget knows what it is bound to."""

    def __init__(self, url, **properties):
        super().__init__(title=f"Looking for {url}", default_width=400, **properties)
        self.camera, self.rows = None, {}
        self.picture = Gtk.Picture(height_request=270, vexpand=True)
        self.set_content(Gtk.Box(orientation=Gtk.Orientation.VERTICAL))
        for child in (Adw.HeaderBar(), self.picture):
            self.get_content().append(child)
        # The window is drawn before the camera answers, and if it never does.
        PlantRpc.discover.begin(self.on_discovered, url, timeout=PlantRpc.TIMEOUT_NONE)

    def on_discovered(self, camera, error):
        if error is not None:
            self.set_title(PlantRpc.text_escape(error.message))
            return
        self.camera = camera
        self.set_title(PlantRpc.text_escape(camera.get_name() or camera.get_url()))
        page, group = Adw.PreferencesPage(), Adw.PreferencesGroup()
        for name in camera.get_interface().list_properties():
            self.rows[name] = self.make_editor(camera.get_interface().lookup_property(name))
            group.add(self.make_row(camera.lookup_property(name), self.rows[name]))
        page.add(group)
        self.get_content().append(page)
        self.fetch()

    def make_row(self, prop, editor):
        row = Adw.ActionRow(title=prop.get_name(), use_markup=False)
        row.add_suffix(editor)
        editor.set_valign(Gtk.Align.CENTER)
        prop.bind_property("writable", editor, "sensitive", ONE_WAY)
        prop.bind_property("message", row, "subtitle", ONE_WAY,
                           lambda _, text: PlantRpc.text_escape(text or ""))
        return row

    def make_editor(self, info):
        name, kind, choices = info.get_name(), info.get_type_string(), info.get_choices()
        if choices:
            editor = Gtk.DropDown.new_from_strings(choices)
            self.camera.bind_property(name, editor, "selected", BOTH_WAYS,
                                      lambda _, value: choices.index(value.value_nick),
                                      lambda _, position: position)
        elif kind in ("i", "u", "d"):
            editor = Gtk.SpinButton.new_with_range(-GLib.MAXINT32, GLib.MAXINT32, 1)
            self.camera.bind_property(name, editor, "value", BOTH_WAYS)
        else:
            editor = Gtk.Entry()
            self.camera.bind_property(name, editor, "text", ONE_WAY, lambda _, value:
                                      value if kind == "s" else value.print_(False))
            editor.connect("activate", self.on_entered, name, kind)
        return editor

    def on_entered(self, entry, name, kind):
        plain, text = kind == "s", entry.get_text()
        self.camera.set_property(name, text if plain else GLib.Variant.parse(None, text))

    def fetch(self):
        self.camera.get_image.begin(self.on_fetched)

    def on_fetched(self, reply, error):
        if error is None:
            stream = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(reply[0]))
            GdkPixbuf.Pixbuf.new_from_stream_async(stream, None, self.on_decoded)
        GLib.timeout_add(1000 if error else 100, self.fetch)

    def on_decoded(self, _stream, result):
        pixbuf = GdkPixbuf.Pixbuf.new_from_stream_finish(result)
        self.picture.set_paintable(Gdk.Texture.new_for_pixbuf(pixbuf))


if __name__ == "__main__":
    app = Adw.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
    app.connect("activate", lambda _: CameraPage(sys.argv[1], application=app).present())
    app.run()
