/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The probe, served from Vala; device.py says how it is run. */

const int SHORT = 5000;
const string ADDRESS = "tcp://127.0.0.1:*";

/* A list of strings as an argument of a signal, borrowed: an array would bring its length along. */
[CCode (cname = "gchar*", cheader_filename = "glib-object.h", type_id = "G_TYPE_STRV",
        marshaller_type_name = "BOXED", get_value_function = "g_value_get_boxed",
        set_value_function = "g_value_set_boxed")]
[Compact]
public extern class Words {
  [CCode (cname = "g_strdupv", array_length = false, array_null_terminated = true)]
  public extern string[] to_array ();
}

public class TestProbe : Object {
  public bool flag { get; set; }
  public int count { get; set; }
  public uint natural { get; set; }
  public int64 large { get; set; }
  public uint64 huge { get; set; }
  public double level { get; set; }
  [Description (blurb = "Where the arm stands")]
  public int angle { get; set; }
  public string? label { get; set; default = ""; }
  public PasswordSave mode { get; set; }
  public OutputStreamSpliceFlags parts { get; set; }
  [CCode (array_length = false, array_null_terminated = true)]
  public string[]? tags { owned get; set; }
  public Variant? config { get; set; }
  public string? video_url { get; set; default = ""; }
  public double shutter { get; set; default = 0.01; }
  public int progress { get { return taken; } }
  public string secret { get { return "hidden"; } }

  public signal void captured (string name, int number);
  public signal void ping ();
  public signal void mixed (bool flag, uint natural, int64 large, uint64 huge, double level,
                            string label, Words tags, Variant config, PasswordSave mode,
                            OutputStreamSpliceFlags parts);
  public signal void mode_changed (PasswordSave mode);

  private int taken;
  private int n_cancelled;
  private Mutex mutex = Mutex ();
  private Cond changed = Cond ();
  private bool unblocked;

  /* Limits, which no property in Vala can declare, are set where the class is made. */
  static construct {
    var self_class = (ObjectClass) typeof (TestProbe).class_ref ();
    unowned var angle_spec = (ParamSpecInt) self_class.find_property ("angle");
    unowned var shutter_spec = (ParamSpecDouble) self_class.find_property ("shutter");
    unowned var progress_spec = (ParamSpecInt) self_class.find_property ("progress");
    angle_spec.minimum = progress_spec.minimum = 0;
    angle_spec.maximum = 359;
    progress_spec.maximum = 100;
    shutter_spec.minimum = 0.001;
    shutter_spec.maximum = 60;
    PlantRpc.type_declare_unit (typeof (TestProbe), "shutter", "s");
    PlantRpc.type_declare_step (typeof (TestProbe), "shutter", 0.25);
    PlantRpc.type_declare_wire_name (typeof (TestProbe), "shutter", "ShutterSpeed");
  }

  construct {
    notify["mode"].connect (() => mode_changed (mode));
  }

  private static Variant nth (PlantRpc.Invocation call, size_t index) {
    return call.get_args ().get_child_value (index).get_variant ();
  }

  /* Answers after a while, out of an async method. */
  private async void answer_later (uint delay, PlantRpc.Invocation call, Variant? value,
                                   string? refusal = null) {
    Timeout.add (delay, answer_later.callback);
    yield;
    if (refusal != null)
      call.return_gerror (new PlantRpc.Error.REFUSED (refusal));
    else if (value != null)
      call.return_value (value);
    else
      call.accept ();
  }

  /* Decides about writes. */
  public bool decide (PlantRpc.Invocation write, string name, Variant value) throws GLib.Error {
    if (name == "label" && value.equal (new Variant.string ("forbidden")))
      throw new PlantRpc.Error.REFUSED ("the label is forbidden");
    if (name != "count")
      return true;
    var wanted = value.get_int32 ();
    if (wanted == 13)
      answer_later.begin (1, write, null);
    if (wanted == 14)
      answer_later.begin (1, write, null, "no, on second thoughts");
    if (wanted == 15) {
      count = 16;
      write.return_value (null);
    }
    return wanted < 13 || wanted > 15;
  }

  /* Fails for one label, and tells another one later. */
  public bool answer_read (PlantRpc.Invocation read, string name) throws GLib.Error {
    if (name == "label" && label == "unreadable")
      throw new PlantRpc.Error.REFUSED ("the label is hidden");
    if (name != "label" || label != "late")
      return true;
    answer_later.begin (1, read, null);
    return false;
  }

  /* The device itself changes a property. */
  private void change (string name, Variant value) {
    if (name == "level")
      level = value.is_of_type (VariantType.STRING) ? double.parse (value.get_string ())
                                                    : value.get_double ();
    else if (name == "progress") {
      taken = value.is_of_type (VariantType.INT32) ? value.get_int32 () : (int) value.get_int64 ();
      notify_property ("progress");
    } else if (name == "mode")
      mode = value.get_string () == "permanently" ? PasswordSave.PERMANENTLY : PasswordSave.NEVER;
    else if (value.is_of_type (VariantType.STRING))
      set (name.replace ("_", "-"), value.get_string ());
    else if (value.is_of_type (VariantType.BOOLEAN))
      set (name, value.get_boolean ());
    else
      set (name, value.is_of_type (VariantType.INT32) ? value.get_int32 ()
                                                      : (int) value.get_int64 ());
  }

  private void shoot (string text, int number) {
    for (var i = 0; i < number; i++)
      captured (text, i);
  }

  private static Bytes pattern (int size) {
    var data = new uint8[size];
    for (var i = 0; i < size; i++)
      data[i] = (uint8) (i % 251);
    return new Bytes.take ((owned) data);
  }

  private void offer_values (PlantRpc.Server server) {
    const PlantRpc.MethodFlags NONE = PlantRpc.MethodFlags.NONE;
    server.register_method_json ("echo", "value: v", SHORT, NONE, (call) => {
      call.return_value (nth (call, 0));
    });
    server.register_method_json ("add", "a: i, b: i = 2", 0, NONE, (call) => {
      var sum = nth (call, 0).get_int32 () + nth (call, 1).get_int32 ();
      call.return_value (new Variant.int32 (sum));
    });
    server.register_method_json ("nothing", "", SHORT, NONE, (call) => call.return_value (null));
    server.register_method_json ("arguments", null, SHORT, NONE, (call) => {
      var both = new VariantDict ();
      both.insert_value ("args", call.get_args ());
      both.insert_value ("kwargs", call.get_kwargs ());
      call.return_value (both.end ());
    });
    server.register_method_json ("change", "name: s, value: v", SHORT, NONE, (call) => {
      change (nth (call, 0).get_string (), nth (call, 1));
      call.return_value (null);
    });
    server.register_method_buffer ("get_image", "lores: b = false", -1, NONE, (call) => {
      var info = new VariantDict ();
      var lores = nth (call, 0).get_boolean ();
      info.insert_value ("format", new Variant.string ("raw"));
      info.insert_value ("lores", new Variant.boolean (lores));
      call.return_buffer (pattern (lores ? 4096 : 1 << 20), info.end ());
    });
    server.register_method_buffer ("empty", "", -1, NONE, (call) => {
      call.return_buffer (new Bytes (null), null);
    });
  }

  private void offer_failures (PlantRpc.Server server) {
    const PlantRpc.MethodFlags NONE = PlantRpc.MethodFlags.NONE;
    server.register_method_json ("drop", "", SHORT, NONE, (call) => {});
    server.register_method_json ("fail", "", SHORT, NONE, (call) => {
      throw new IOError.NOT_FOUND ("deliberate failure");
    });
    server.register_method_buffer ("no_light", "", -1, NONE, (call) => {
      throw new IOError.NOT_FOUND ("deliberate failure");
    });
    server.register_method_json ("refuse", "", SHORT, NONE, (call) => {
      call.return_gerror (new PlantRpc.Error.REFUSED ("not now"));
    });
    server.register_method_json ("break_down", "", SHORT, NONE, (call) => {
      call.return_failure ("broke down", "first line\nsecond line");
    });
    server.register_method_json ("crash", "", SHORT, NONE, (call) => {
      call.return_failure ("deliberate crash", null);
    });
  }

  private void offer_waits (PlantRpc.Server server) {
    const PlantRpc.MethodFlags NONE = PlantRpc.MethodFlags.NONE;
    server.register_method_json ("later", "text: s", SHORT, NONE, (call) => {
      answer_later.begin (1, call, nth (call, 0));
    });
    server.register_method_json ("slow", "delay: i", -1, NONE, (call) => {
      call.get_cancellable ().cancelled.connect (() => { n_cancelled++; });
      answer_later.begin (nth (call, 0).get_int32 (), call, nth (call, 0));
    });
    server.register_method_json ("cancelled", "", SHORT, NONE, (call) => {
      call.return_value (new Variant.int32 (n_cancelled));
    });
    server.register_method_json ("block", "text: s", -1, PlantRpc.MethodFlags.BLOCKING, (call) => {
      mutex.lock ();
      while (!unblocked)
        changed.wait (mutex);
      unblocked = false;
      mutex.unlock ();
      call.return_value (nth (call, 0));
    });
    server.register_method_json ("unblock", "", SHORT, NONE, (call) => {
      mutex.lock ();
      unblocked = true;
      changed.signal ();
      mutex.unlock ();
      call.return_value (null);
    });
  }

  private void offer_signals (PlantRpc.Server server) {
    const PlantRpc.MethodFlags NONE = PlantRpc.MethodFlags.NONE;
    server.register_method_json ("shoot", "number: i", SHORT, NONE, (call) => {
      shoot ("shot", nth (call, 0).get_int32 ());
      ping ();
      call.return_value (nth (call, 0));
    });
    server.register_method_json ("flood", "number: i", 20000, NONE, (call) => {
      shoot (string.nfill (1 << 20, 'x'), nth (call, 0).get_int32 ());
      call.return_value (null);
    });
    server.register_method_json ("mix", "", SHORT, NONE, (call) => {
      string[] tags = { "x", "" };
      mixed (true, uint.MAX, -((int64) 1 << 52), (uint64) 1 << 52, -0.5, "a→b", (Words) tags,
             new Variant ("(sd)", "y", 1.5), PasswordSave.FOR_SESSION,
             OutputStreamSpliceFlags.CLOSE_SOURCE | OutputStreamSpliceFlags.CLOSE_TARGET);
      call.return_value (null);
    });
    server.register_method_json ("sender", "", SHORT, NONE, (call) => {
      call.return_value (new Variant.string (call.get_sender ()));
    });
  }

  public void offer (PlantRpc.Server server) {
    unowned var weak_server = server;
    offer_values (server);
    offer_failures (server);
    offer_waits (server);
    offer_signals (server);
    const PlantRpc.MethodFlags NONE = PlantRpc.MethodFlags.NONE;
    server.register_method_json ("let_stop", "allowed: b", SHORT, NONE, (call) => {
      weak_server.set_allow_stop (nth (call, 0).get_boolean ());
      call.return_value (null);
    });
    server.set_write_handler (decide);
    server.set_read_handler (answer_read);
    server.set_read_flags ("label", NONE);
    server.hide_member ("secret");
    server.set_name ("probe");
  }
}

int main () {
  var device = new TestProbe ();
  var server = new PlantRpc.Server (device, ADDRESS);
  var input = new IOChannel.unix_new (0);
  device.offer (server);
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
