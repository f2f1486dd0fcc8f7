/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-names-private.h"

static void
test_to_wire (void)
{
  static const struct {
    const char *name;
    const char *property;
    const char *signal;
    const char *change;
  } cases[] = {
    { "mode", "mode", "mode", "modeChanged" },
    { "video-url", "video_url", "videoUrl", "videoUrlChanged" },
    { "video_url", "video_url", "videoUrl", "videoUrlChanged" },
    { "video-url-changed", "video_url_changed", "videoUrlChanged", "videoUrlChangedChanged" },
    { "videoUrl", "videoUrl", "videoUrl", "videoUrlChanged" },
    { "a-1-b", "a_1_b", "a1B", "a1BChanged" },
    { "class-", "class_", "class", "classChanged" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *property = plant_rpc_names_property_to_wire (cases[i].name);
      g_autofree char *signal = plant_rpc_names_signal_to_wire (cases[i].name);
      g_autofree char *change = plant_rpc_names_change_signal (property);

      g_assert_cmpstr (property, ==, cases[i].property);
      g_assert_cmpstr (signal, ==, cases[i].signal);
      g_assert_cmpstr (change, ==, cases[i].change);
    }
}

static void
test_own_change_signals (void)
{
  g_autofree char *first = plant_rpc_names_own_change_signal ("video_url", 1);
  g_autofree char *second = plant_rpc_names_own_change_signal ("video_url", 2);
  g_autofree char *name = plant_rpc_names_changed ("video-url");

  g_assert_cmpstr (first, ==, "video_urlChanged");
  g_assert_cmpstr (second, ==, "video_urlChanged2");
  g_assert_cmpstr (name, ==, "video-url-changed");
}

static void
test_from_wire (void)
{
  static const struct {
    const char *wire_name;
    const char *name;
  } cases[] = {
    { "mode", "mode" },
    { "video_url", "video-url" },
    { "video-url", "video-url" },
    { "videoUrl", "video-url" },
    { "VideoURL", "video-url" },
    { "videoURLChanged", "video-url-changed" },
    { "URL", "remote-url" },
    { "HTMLParser2Go", "html-parser2-go" },
    { "max_Progress", "max-progress" },
    { "rgb2lab", "rgb2lab" },
    { "x", "x" },
    { "X", "x" },
    { "class_", "class-" },
    { "MAX_PROGRESS", "max-progress" },
    { "connect", "remote-connect" },
    { "last_error", "remote-last-error" },
    { "getProperty", "remote-get-property" },
    { "constructor", "remote-constructor" },
    { "toString", "remote-to-string" },
    { "connection", "connection" },
    { "names", "names" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = plant_rpc_names_from_wire (cases[i].wire_name, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (plant_rpc_names_is_valid (name));
    }
}

static void
assert_refused (const char *wire_name)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_names_from_wire (wire_name, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 500);
}

/* “aBaB…” becomes “a-ba-b…”, which is half as long again. */
static void
assert_dashes (guint    n_words,
               gboolean good)
{
  g_autoptr (GString) wire_name = g_string_new (NULL);
  g_autofree char *name = NULL;

  for (guint i = 0; i < n_words; i++)
    g_string_append (wire_name, "aB");
  if (!good)
    {
      assert_refused (wire_name->str);
      return;
    }
  name = plant_rpc_names_from_wire (wire_name->str, NULL);
  g_assert_nonnull (name);
  g_assert_cmpuint (strlen (name), ==, 3 * n_words);
}

static void
test_hostile (void)
{
  static const char *const names[] = {
    "", "_", "_private", "__init__", "9x", "-a", "a__b", "a_-b", "a--b", "a b", "a.b", "a:b",
    "a::b", "a\nb", "a\tb", "a%sb", "é", "vidéo", "名前", "a\xff", "\xff\xfe", "a/b", "a\"b",
    "../../etc",
    "a\xe2\x80\xae" "b",
  };
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH, 'a');
  g_autofree char *too_long = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH + 1, 'a');
  g_autofree char *huge = g_strnfill (10 * 1024, 'x');
  g_autofree char *name = plant_rpc_names_from_wire (longest, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    assert_refused (names[i]);
  g_assert_cmpstr (name, ==, longest);
  assert_refused (too_long);
  assert_refused (huge);
  assert_dashes (85, TRUE);
  assert_dashes (86, FALSE);
}

static void
test_from_any (void)
{
  static const struct {
    const char *wire_name;
    const char *name;
  } cases[] = {
    { "mode", "mode" }, { "videoUrl", "video-url" }, { "URL", "remote-url" },
    { "été", "member-t" }, { "_x", "member-x" }, { "1st", "member-1st" }, { "a b", "member-a-b" },
    { "__init__", "member-init" }, { "-a", "member-a" }, { "日本", "member" }, { "_", "member" },
    { "a__B", "member-a-b" }, { "a\x1b]0;\nb", "member-a-0-b" },
  };
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH, '1');
  g_autofree char *too_long = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH + 1, 'a');
  const char *const refused[] = { "", "a\xff", too_long };
  g_autofree char *cut = plant_rpc_names_from_any (longest, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = plant_rpc_names_from_any (cases[i].wire_name, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (plant_rpc_names_is_valid (name));
    }
  g_assert_true (plant_rpc_names_is_valid (cut));
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_names_from_any (refused[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static void
test_reserved (void)
{
  static const char *const reserved[] = {
    "bind-property", "call", "call-buffer", "call-finish", "call-sync", "close", "connect",
    "connect-after", "constructor", "disconnect", "discover", "emit", "flush", "flush-finish",
    "freeze-notify", "get", "get-name", "get-property", "get-url", "handler-block", "interface",
    "last-error", "missing", "name", "notify", "own-address", "peer-address", "props",
    "read-property", "read-property-sync", "receive-signals", "ref", "refresh", "refresh-sync",
    "set", "set-property",
    "signal-received", "signals-lost", "state", "stop-server", "stop-server-finish",
    "thaw-notify", "timeout", "to-string", "unref", "url", "wait-ready", "wire", "write-failed",
    "write-property", "weak-ref", "watch-closure", "value-of", "last_error", "Connect",
    "LAST-ERROR",
    "Get_Url", "Call-Sync",
  };
  static const char *const free_names[] = {
    "mode", "video-url", "names", "connected", "callback", "get-image", "recall", "set-up",
    "states", "remote-name", "a", "zzz", "syncs", "-finish", "get-",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      g_autofree char *kept = plant_rpc_names_protect (reserved[i]);
      g_autofree char *expected = g_strconcat ("remote-", reserved[i], NULL);

      g_test_message ("%s", reserved[i]);
      g_assert_true (plant_rpc_names_is_reserved (reserved[i]));
      g_assert_cmpstr (kept, ==, expected);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (free_names); i++)
    {
      g_autofree char *kept = plant_rpc_names_protect (free_names[i]);

      g_assert_false (plant_rpc_names_is_reserved (free_names[i]));
      g_assert_cmpstr (kept, ==, free_names[i]);
    }
}

static void
check_members (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n_properties = 0, n_ids = 0;
  g_autofree GParamSpec **properties =
      g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_properties);
  g_autofree guint *ids = g_signal_list_ids (type, &n_ids);

  for (guint i = 0; i < n_properties; i++)
    g_assert_true (plant_rpc_names_is_reserved (properties[i]->name));
  g_assert_cmpuint (n_ids, >, 0);
  for (guint i = 0; i < n_ids; i++)
    g_assert_true (plant_rpc_names_is_reserved (g_signal_name (ids[i])));
}

/* No member of an interface hides one of the client, whose functions are those of its header. */
static void
test_reserved_client (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "plantrpc", "client",
                                                 "plant-rpc-client.h", NULL);
  g_autofree char *header = NULL;
  g_autoptr (GRegex) function = g_regex_new ("plant_rpc_client_(\\w+) +\\(", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint n = 0;

  check_members (G_TYPE_OBJECT);
  check_members (PLANT_RPC_TYPE_CLIENT);
  g_assert_true (g_file_get_contents (path, &header, NULL, NULL));
  g_regex_match (function, header, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL), n++)
    {
      g_autofree char *name = g_match_info_fetch (match, 1);

      g_test_message ("%s", name);
      if (!g_str_equal (name, "get_type"))
        g_assert_true (plant_rpc_names_is_reserved (name));
    }
  g_assert_cmpuint (n, >, 40);
}

static void
test_protect (void)
{
  static const char *const names[][2] = {
    { "n_dropped", "remote-n-dropped" }, { "protocolError", "remote-protocol-error" },
    { "followDevice", "remote-follow-device" }, { "dropped", "dropped" },
    { "notify", "remote-notify" }, { "parent_type", "parent-type" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = plant_rpc_names_from_wire (names[i][0], NULL);

      g_assert_cmpstr (name, ==, names[i][1]);
    }
}

static void
test_methods (void)
{
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH, 'a');
  g_autofree char *too_long = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH + 1, 'a');

  g_assert_true (plant_rpc_names_is_method ("get_image"));
  g_assert_true (plant_rpc_names_is_method ("größe ändern"));
  g_assert_true (plant_rpc_names_is_method (longest));
  g_assert_false (plant_rpc_names_is_method (""));
  g_assert_false (plant_rpc_names_is_method (too_long));
  g_assert_false (plant_rpc_names_is_method ("\xff"));
}

/* As many characters as are shown, of one byte and of more, and one more. */
static void
test_quote_length (void)
{
  static const char *const units[] = { "x", "é", "名", "🌱" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      g_autofree char *whole = NULL, *cut = NULL, *expected = NULL, *expected_cut = NULL;

      for (guint n = 0; n < 48; n++)
        g_string_append (name, units[i]);
      whole = plant_rpc_names_quote (name->str);
      expected = g_strdup_printf ("“%s”", name->str);
      g_assert_cmpstr (whole, ==, expected);

      expected_cut = g_strdup_printf ("“%s…”", name->str);
      g_string_append (name, units[i]);
      cut = plant_rpc_names_quote (name->str);
      g_assert_cmpstr (cut, ==, expected_cut);
    }
}

static void
test_quote (void)
{
  g_autofree char *huge = g_strnfill (10 * 1024, 'x');
  static const char *const names[] = { "", "abc", "a\nb\x1b[31m", "\xff\xfe", "é", "名" };
  g_autofree char *short_one = plant_rpc_names_quote ("abc");
  g_autofree char *cut = plant_rpc_names_quote (huge);
  g_autofree char *control = plant_rpc_names_quote ("a\nb");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *quoted = plant_rpc_names_quote (names[i]);

      g_assert_true (g_utf8_validate (quoted, -1, NULL));
    }
  g_assert_cmpstr (short_one, ==, "“abc”");
  g_assert_cmpstr (control, ==, "“a\xef\xbf\xbd" "b”");
  g_assert_cmpuint (strlen (cut), <, 100);
  g_assert_true (g_str_has_suffix (cut, "…”"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/to-wire", test_to_wire);
  g_test_add_func ("/names/own-change-signals", test_own_change_signals);
  g_test_add_func ("/names/from-wire", test_from_wire);
  g_test_add_func ("/names/hostile", test_hostile);
  g_test_add_func ("/names/from-any", test_from_any);
  g_test_add_func ("/names/reserved", test_reserved);
  g_test_add_func ("/names/reserved/client", test_reserved_client);
  g_test_add_func ("/names/protect", test_protect);
  g_test_add_func ("/names/methods", test_methods);
  g_test_add_func ("/names/quote", test_quote);
  g_test_add_func ("/names/quote/length", test_quote_length);
  return g_test_run ();
}
