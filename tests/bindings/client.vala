/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A short conversation with a probe in Vala, and a device of its own; client.py says how it is
 * run. Without accessor methods, properties are read as those of a GObject: a client has no
 * functions of its own to fill an interface with. */
public interface TestProbe : Object {
  [NoAccessorMethod]
  public abstract int angle { get; set; }
  [NoAccessorMethod]
  public abstract string label { owned get; set; }
  [NoAccessorMethod]
  public abstract string video_url { owned get; set; }
  public signal void captured (string name, int number);
}

public class TestThermometer : Object {
  public double temperature { get; set; default = 20.5; }
  public signal void alarm (string text);
}

const int TOLD = PlantRpc.TIMEOUT_FROM_SERVER;
const int CONNECT_MS = 20000;

async Variant call (PlantRpc.Client client, string method, Variant? args) throws GLib.Error {
  return yield client.call (method, args, null, TOLD, null);
}

/* A property that the device cannot read is an error. */
async void read_hidden (PlantRpc.Client client) throws GLib.Error {
  var label = client.lookup_property ("label");

  yield client.write_property ("label", new Variant.string ("unreadable"), null);
  try {
    yield client.read_property ("label", null);
    assert_not_reached ();
  } catch (PlantRpc.Error.REFUSED error) {
    assert (error.message == "the label is hidden");
  }
  assert (label.get_state () == PlantRpc.PropertyState.STALE);
  assert (label.get_message () == "the label is hidden");
  yield client.write_property ("label", new Variant.string (""), null);
  assert (label.get_state () == PlantRpc.PropertyState.CURRENT);
}

/* What a template, calls, buffers and refusals look like. */
async void converse (string url, bool native) throws GLib.Error {
  var client = new PlantRpc.Client.for_type (typeof (TestProbe), url);
  yield client.wait_ready (CONNECT_MS, null);
  assert (client.state == PlantRpc.State.READY);
  assert ((client.wire == PlantRpc.Wire.NATIVE) == native);
  var probe = (TestProbe) client;

  probe.angle = 45;
  assert (probe.angle == 45);
  yield client.flush (null);
  assert ((yield client.read_property ("angle", null)).get_int32 () == 45);

  var sum = yield call (client, "add", new Variant ("(ii)", 2, 3));
  assert (sum.print (false) == "5");
  Variant info;
  var image = yield client.call_buffer ("get_image", new Variant ("(b)", true), null, TOLD, null,
                                        out info);
  assert (image.length == 4096 && image[252] == 1);
  assert (info.lookup_value ("format", VariantType.STRING).get_string () == "raw");

  try {
    yield call (client, "fail", null);
    assert_not_reached ();
  } catch (PlantRpc.Error.REMOTE error) {
    assert ("deliberate failure" in error.message);
    assert (native || PlantRpc.Error.get_traceback (error) != null);
  }
  var refused = "";
  client.write_failed.connect ((name, error) => { refused = @"$name: $(error.message)"; });
  probe.label = "forbidden";
  yield client.flush (null);
  yield call (client, "nothing", null);
  assert (refused == "label: the label is forbidden");
  assert (client.lookup_property ("label").get_message () == "the label is forbidden");
  if (native)
    yield read_hidden (client);
}

/* Methods and writes of a device in Vala. */
PlantRpc.Server serve (TestThermometer device) throws GLib.Error {
  var server = new PlantRpc.Server (device, "tcp://127.0.0.1:*");
  server.register_method_json ("warm", "by: d = 1.0", TOLD, PlantRpc.MethodFlags.NONE, (call) => {
    device.temperature += call.get_args ().get_child_value (0).get_variant ().get_double ();
    device.alarm ("warmer");
    call.return_value (new Variant.double (device.temperature));
  });
  server.register_method_json ("fail", "", TOLD, PlantRpc.MethodFlags.NONE, (call) => {
    throw new IOError.NOT_FOUND ("deliberate failure");
  });
  server.set_write_handler ((write, name, value) => {
    if (value.get_double () > 90)
      throw new PlantRpc.Error.REFUSED ("too hot");
    return true;
  });
  server.start ();
  return server;
}

/* Client and server of one program, in one main context. */
async void keep_warm () throws GLib.Error {
  var device = new TestThermometer ();
  var server = serve (device);
  var client = yield PlantRpc.Client.discover (server.get_url (), CONNECT_MS, null);
  var alarms = 0;
  client.signal_received["alarm"].connect ((name, args) => { alarms++; });
  assert ((yield call (client, "warm", new Variant ("(d)", 2.5))).get_double () == 23.0);
  assert ((yield call (client, "warm", null)).get_double () == 24.0);
  assert (device.temperature == 24.0 && alarms == 2);
  try {
    yield client.write_property ("temperature", new Variant.double (95), null);
    assert_not_reached ();
  } catch (PlantRpc.Error.REFUSED error) {
    assert (error.message == "too hot");
  }
  try {
    yield call (client, "fail", null);
    assert_not_reached ();
  } catch (PlantRpc.Error.REMOTE error) {
    assert (PlantRpc.Error.get_remote_name (error) == "g-io-error-quark:1");
  }
  server.stop ();
}

class Holder {
  public PlantRpc.Server? server;
}

/* The last reference to a server goes while it runs a method. */
async void drop_server () throws GLib.Error {
  var holder = new Holder ();
  var gone = false;
  holder.server = serve (new TestThermometer ());
  holder.server.weak_ref (() => { gone = true; });
  holder.server.register_method_json ("end", "", TOLD, PlantRpc.MethodFlags.NONE, (call) => {
    holder.server = null;
    call.return_value (null);
  });
  var client = yield PlantRpc.Client.discover (holder.server.get_url (), CONNECT_MS);
  try {
    yield client.call ("end");
  } catch (PlantRpc.Error error) {
    assert (!(error is PlantRpc.Error.REMOTE));
  }
  while (!gone) {
    Idle.add (drop_server.callback);
    yield;
  }
}

async int run (string url, bool native) {
  try {
    yield converse (url, native);
    print ("ok - converse\n");
    yield keep_warm ();
    print ("ok - keep warm\n");
    yield drop_server ();
    print ("ok - drop server\n");
    return 0;
  } catch (GLib.Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
}

int main (string[] args) {
  var loop = new MainLoop ();
  var status = 1;
  PlantRpc.type_declare_method (typeof (TestProbe), "add", "a: i, b: i = 2", false, TOLD);
  run.begin (args[1], args[2] == "native", (source, result) => {
    status = run.end (result);
    loop.quit ();
  });
  loop.run ();
  return status;
}
