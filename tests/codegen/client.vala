/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A conversation with a probe by its generated client; tests/bindings/client.py says how it is
 * run. */

const int PATIENCE = 20000;

async void use_properties (Lab.Probe probe) throws GLib.Error {
  unowned var client = probe.get_client ();
  string[] tags = { "one", "" };
  probe.angle = 45;
  probe.large = (int64) 1 << 40;
  probe.flag = true;
  probe.shutter = 0.5;
  probe.mode = Lab.ProbeMode.FOR_SESSION;
  probe.parts = Lab.ProbeParts.CLOSE_SOURCE;
  probe.label = "a label";
  probe.tags = tags;
  probe.config = new Variant.string ("anything");
  yield client.flush ();
  yield client.refresh ();
  assert (probe.angle == 45 && probe.large == (int64) 1 << 40 && probe.flag);
  assert (probe.shutter == 0.5 && probe.mode == Lab.ProbeMode.FOR_SESSION);
  assert (probe.parts == Lab.ProbeParts.CLOSE_SOURCE && probe.label == "a label");
  assert (probe.tags.length == 2 && probe.tags[0] == "one");
  assert (probe.config.get_string () == "anything");
  assert (client.lookup_property ("angle").get_maximum () == 359);
  try {
    yield client.write_property ("angle", new Variant.int32 (360));
    assert_not_reached ();
  } catch (GLib.Error error) {
    assert ("359" in error.message);
  }
}

async void use_methods (Lab.Probe probe) throws GLib.Error {
  Variant? info;
  var n_captured = 0;
  assert ((yield probe.add (2)) == 4);
  assert (probe.add_sync (2, 3) == 5);
  assert ((yield probe.later ("later")) == "later" && probe.later_sync ("x") == "x");
  if (probe.get_client ().wire == PlantRpc.Wire.NATIVE)
    yield probe.let_stop (false);
  assert ((yield probe.echo (new Variant.string ("x"))).get_string () == "x");
  var image = yield probe.get_image (true, null, out info);
  assert (image.length == 4096 && image[252] == 1);
  assert (info.lookup_value ("format", VariantType.STRING).get_string () == "raw");
  assert (probe.get_image_sync ().length == 1 << 20);
  try {
    yield probe.fail ();
    assert_not_reached ();
  } catch (PlantRpc.Error.REMOTE error) {
    assert ("deliberate failure" in error.message);
  }
  probe.captured.connect ((name, number) => {
    assert (name == "shot" && number == n_captured++);
    if (number == 4)
      use_methods.callback ();
  });
  probe.shoot.begin (5);
  yield;
  assert (n_captured == 5);
}

async void converse (string url, bool native) throws GLib.Error {
  var probe = yield Lab.Probe.connect_url (url, PATIENCE);
  assert ((probe.get_client ().wire == PlantRpc.Wire.NATIVE) == native);
  yield use_properties (probe);
  yield use_methods (probe);
}

/* The last reference goes in the middle of a callback. */
class Holder {
  public Lab.Probe? probe;
  public bool gone;

  public Holder (string url) throws GLib.Error {
    probe = Lab.Probe.connect_url_sync (url, PATIENCE);
    probe.weak_ref (() => { gone = true; });
  }

  public void wait_gone () {
    while (!gone)
      MainContext.default ().iteration (true);
  }
}

void drop_within (string url) throws GLib.Error {
  var noticed = new Holder (url);
  noticed.probe.notify["angle"].connect (() => { noticed.probe = null; });
  noticed.probe.angle = 46;
  assert (noticed.probe == null);
  noticed.wait_gone ();

  var answered = new Holder (url);
  answered.probe.add.begin (1, 2, null, (source, result) => { answered.probe = null; });
  answered.wait_gone ();

  var heard = new Holder (url);
  heard.probe.captured.connect ((name, number) => { heard.probe = null; });
  heard.probe.shoot_sync (3);
  heard.wait_gone ();
}

int main (string[] args) {
  var loop = new MainLoop ();
  var status = 1;
  converse.begin (args[1], args[2] == "native", (source, result) => {
    try {
      converse.end (result);
      status = 0;
    } catch (GLib.Error error) {
      printerr ("%s\n", error.message);
    }
    loop.quit ();
  });
  loop.run ();
  try {
    drop_within (args[1]);
  } catch (GLib.Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  print ("ok\n");
  return status;
}
