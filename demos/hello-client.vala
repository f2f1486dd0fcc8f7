/* SPDX-License-Identifier: LGPL-2.1-or-later */
public interface Greenhouse : Object {
  [NoAccessorMethod]
  public abstract double target { get; set; }
  [NoAccessorMethod]
  public abstract double temperature { get; }
  public signal void reached (double degrees);
}

async void watch (string url) throws Error {
  var client = new PlantRpc.Client.for_type (typeof (Greenhouse), url);
  var greenhouse = (Greenhouse) client;

  yield client.wait_ready (5000);
  var report = yield client.call ("report", new Variant ("(s)", "Tomatoes"));
  print ("%s\n", report.get_string ());

  greenhouse.notify["temperature"].connect (() => {
    print ("%.1f degrees\n", greenhouse.temperature);
  });
  greenhouse.reached.connect (() => watch.callback ());
  greenhouse.target = greenhouse.temperature > 20 ? 18 : 23;
  yield;
}

int main (string[] args) {
  var loop = new MainLoop ();
  var status = 0;

  watch.begin (args[1] ?? "tcp://127.0.0.1:5570", (source, result) => {
    try {
      watch.end (result);
    } catch (Error error) {
      printerr ("%s\n", error.message);
      status = 1;
    }
    loop.quit ();
  });
  loop.run ();
  return status;
}
