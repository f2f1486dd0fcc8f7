/* SPDX-License-Identifier: LGPL-2.1-or-later */
public class Greenhouse : Object {
  public double target { get; set; default = 18; }
  public double temperature { get { return degrees; } }
  public signal void reached (double degrees);
  private double degrees = 18;

  public bool drift () {
    if (degrees == target)
      return true;
    degrees += (target - degrees).clamp (-1, 1);
    notify_property ("temperature");
    if (degrees == target)
      reached (degrees);
    return true;
  }
}

int main (string[] args) {
  var greenhouse = new Greenhouse ();
  var server = new PlantRpc.Server (greenhouse, args[1] ?? "tcp://127.0.0.1:5570");

  Timeout.add (100, greenhouse.drift);
  server.register_method_json ("report", "plants: s", 0, PlantRpc.MethodFlags.NONE, (call) => {
    var plants = call.get_args ().get_child_value (0).get_variant ().get_string ();
    call.return_value ("%s at %.1f degrees".printf (plants, greenhouse.temperature));
  });
  try {
    server.start ();
    print ("%s\n", server.get_url ());
    server.serve_forever ();
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  return 0;
}
