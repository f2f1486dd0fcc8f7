/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The probe as a subclass of its generated skeleton; tests/bindings/device.py says how it is
 * run. */

public class LabDevice : Lab.ProbeSkeleton {
  public unowned PlantRpc.Server server;
  private int n_cancelled;
  private SourceFunc? unblock_one;

  private async void pause (uint delay) {
    Timeout.add (delay, pause.callback);
    yield;
  }

  private async void settle_count (PlantRpc.Invocation write, bool accept) {
    yield pause (1);
    if (accept)
      write.accept ();
    else
      write.return_gerror (new PlantRpc.Error.REFUSED ("no, on second thoughts"));
  }

  protected override bool on_write (PlantRpc.Invocation write, string name, Variant value)
      throws GLib.Error {
    if (name == "label" && value.equal (new Variant.string ("forbidden")))
      throw new PlantRpc.Error.REFUSED ("the label is forbidden");
    if (name != "count")
      return true;
    var wanted = value.get_int32 ();
    if (wanted == 13 || wanted == 14)
      settle_count.begin (write, wanted == 13);
    if (wanted == 15) {
      count = 16;
      write.return_value (null);
    }
    return wanted < 13 || wanted > 15;
  }

  protected override async Variant? on_echo (Variant value, PlantRpc.Invocation call)
      throws GLib.Error {
    return value;
  }

  protected override async int on_add (int a, int b, PlantRpc.Invocation call)
      throws GLib.Error {
    return a + b;
  }

  protected override async Variant? on_nothing (PlantRpc.Invocation call) throws GLib.Error {
    return null;
  }

  protected override async Variant? on_arguments (Variant args, Variant kwargs,
                                                  PlantRpc.Invocation call) throws GLib.Error {
    var both = new VariantDict ();
    both.insert_value ("args", args);
    both.insert_value ("kwargs", kwargs);
    return both.end ();
  }

  protected override async string on_later (string text, PlantRpc.Invocation call)
      throws GLib.Error {
    yield pause (1);
    return text;
  }

  protected override async int on_slow (int delay, PlantRpc.Invocation call)
      throws GLib.Error {
    call.get_cancellable ().cancelled.connect (() => { n_cancelled++; });
    yield pause (delay);
    return delay;
  }

  protected override async int on_cancelled (PlantRpc.Invocation call) throws GLib.Error {
    return n_cancelled;
  }

  protected override async Variant? on_drop (PlantRpc.Invocation call) throws GLib.Error {
    throw new PlantRpc.Error.NO_REPLY ("dropped");
  }

  protected override async Variant? on_fail (PlantRpc.Invocation call) throws GLib.Error {
    throw new IOError.NOT_FOUND ("deliberate failure");
  }

  protected override async Variant? on_refuse (PlantRpc.Invocation call) throws GLib.Error {
    throw new PlantRpc.Error.REFUSED ("not now");
  }

  protected override async Variant? on_break_down (PlantRpc.Invocation call) throws GLib.Error {
    call.return_failure ("broke down", "first line\nsecond line");
    return null;
  }

  protected override async Variant? on_crash (PlantRpc.Invocation call) throws GLib.Error {
    call.return_failure ("deliberate crash", null);
    return null;
  }

  protected override async string on_block (string text, PlantRpc.Invocation call)
      throws GLib.Error {
    unblock_one = on_block.callback;
    yield;
    return text;
  }

  protected override async void on_unblock (PlantRpc.Invocation call) throws GLib.Error {
    if (unblock_one != null)
      unblock_one ();
  }

  protected override async void on_change (string name, Variant value, PlantRpc.Invocation call)
      throws GLib.Error {
    if (name == "level")
      level = value.is_of_type (VariantType.STRING) ? double.parse (value.get_string ())
                                                    : value.get_double ();
    else
      update_progress ((int) value.get_int64 ());
  }

  protected override async int on_shoot (int number, PlantRpc.Invocation call)
      throws GLib.Error {
    for (var i = 0; i < number; i++)
      captured ("shot", i);
    ping ();
    return number;
  }

  protected override async void on_flood (int number, PlantRpc.Invocation call)
      throws GLib.Error {
  }

  protected override async void on_mix (PlantRpc.Invocation call) throws GLib.Error {
    string[] tags = { "x", "" };
    string[] parts = { "close-source", "close-target" };
    mixed (true, uint.MAX, -((int64) 1 << 52), (uint64) 1 << 52, -0.5, "a→b",
           (Lab.ProbeWords) tags, new Variant ("(sd)", "y", 1.5), "for-session",
           (Lab.ProbeWords) parts);
  }

  protected override async string on_sender (PlantRpc.Invocation call) throws GLib.Error {
    return call.get_sender ();
  }

  protected override async void on_let_stop (bool allowed, PlantRpc.Invocation call)
      throws GLib.Error {
    server.set_allow_stop (allowed);
  }

  private static Bytes pattern (int size) {
    var data = new uint8[size];
    for (var i = 0; i < size; i++)
      data[i] = (uint8) (i % 251);
    return new Bytes.take ((owned) data);
  }

  protected override async Bytes on_get_image (bool lores, PlantRpc.Invocation call,
                                               out Variant? info) throws GLib.Error {
    var told = new VariantDict ();
    told.insert_value ("format", new Variant.string ("raw"));
    told.insert_value ("lores", new Variant.boolean (lores));
    info = told.end ();
    return pattern (lores ? 4096 : 1 << 20);
  }

  protected override async Bytes on_no_light (PlantRpc.Invocation call, out Variant? info)
      throws GLib.Error {
    throw new IOError.NOT_FOUND ("deliberate failure");
  }

  protected override async Bytes on_empty (PlantRpc.Invocation call, out Variant? info)
      throws GLib.Error {
    info = null;
    return new Bytes (null);
  }
}

int main () {
  var device = new LabDevice ();
  var server = device.serve ("tcp://127.0.0.1:*");
  var input = new IOChannel.unix_new (0);
  device.server = server;
  server.set_name ("probe");
  input.add_watch (IOCondition.HUP | IOCondition.IN, () => {
    server.stop ();
    return false;
  });
  try {
    server.start ();
    stdout.printf ("{\"url\": \"%s\"}\n", server.get_url ());
    stdout.flush ();
    server.serve_forever ();
  } catch (GLib.Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  return 0;
}
