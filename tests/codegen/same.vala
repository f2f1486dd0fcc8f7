/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells the interface of a generated skeleton, that of its clients, and the values that it starts
 * with. */

class Device : Lab.SameSkeleton {
}

void tell_values (GLib.Object device) {
  foreach (unowned var spec in device.get_class ().list_properties ()) {
    var value = GLib.Value (spec.value_type);
    if (!(GLib.ParamFlags.READABLE in spec.flags))
      continue;
    device.get_property (spec.name, ref value);
    try {
      print ("%s %s\n", spec.name, PlantRpc.value_to_variant (value).print (false));
    } catch (GLib.Error error) {
      print ("%s none\n", spec.name);
    }
  }
}

int main () {
  var device = new Device ();

  print ("%s\n", device.serve ("tcp://127.0.0.1:*").dup_interface ().to_json ());
  try {
    print ("%s\n", new PlantRpc.InterfaceInfo.for_type (typeof (Lab.Same)).to_json ());
  } catch (GLib.Error error) {
    return 1;
  }
  tell_values (device);
  return 0;
}
