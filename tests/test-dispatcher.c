/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-stand.h"

/* ---- requests that are none */

static const struct {
  const char *name;
  const char *payload;
} rubbish[] = {
  { "nothing", "" },
  { "space", "  " },
  { "text", "hello" },
  { "array", "[]" },
  { "null", "null" },
  { "cut", "{\"event\": \"GET_INVENTORY\"" },
  { "two", "{}{}" },
  { "no event", "{}" },
  { "unknown event", "{\"event\": \"NO\"}" },
  { "event of a wrong type", "{\"event\": 1}" },
  { "invalid UTF-8", "{\"event\": \"\xff\"}" },
  { "no method", "{\"event\": \"METHOD_CALL\", \"params\": {\"args\": [], \"kwargs\": {}}}" },
  { "no params", "{\"event\": \"METHOD_CALL\", \"method\": \"echo\"}" },
  { "no args", "{\"event\": \"METHOD_CALL\", \"method\": \"echo\", \"params\": {\"kwargs\": {}}}" },
  { "no kwargs", "{\"event\": \"METHOD_CALL\", \"method\": \"echo\", \"params\": {\"args\": []}}" },
  { "no property", "{\"event\": \"PROPERTY_GET\"}" },
  { "no value", "{\"event\": \"PROPERTY_SET\", \"property\": \"level\"}" },
  { "port of a wrong type",
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": \"x\"}" },
  { "address that is none",
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"example.org\", \"port\": 5000}" },
  { "address for everybody",
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"0.0.0.0\", \"port\": 5000}" },
  { "address for everybody of IPv6",
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"::\", \"port\": 5000}" },
  { "address of a group",
    "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"224.0.0.1\", \"port\": 5000}" },
};

static void
test_rubbish (TestStand     *fixture,
              gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      g_autoptr (GVariant) reply = test_peer_ask_json (fixture->peer, rubbish[i].payload);

      g_test_message ("%s", rubbish[i].name);
      test_assert_error (reply, NULL, NULL);
    }
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
}

/* That there is no such method is told whatever its parameters are. */
static void
test_unknown_method (TestStand     *fixture,
                     gconstpointer  data)
{
  static const char *const params[] = {
    "", ", \"params\": {}", ", \"params\": 5", ", \"params\": {\"args\": 5, \"kwargs\": {}}",
    ", \"params\": {\"args\": []}", ", \"params\": {\"args\": [], \"kwargs\": {}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (params); i++)
    {
      g_autofree char *payload = g_strdup_printf (
          "{\"event\": \"METHOD_CALL\", \"method\": \"nope\"%s}", params[i]);
      g_autoptr (GVariant) reply = test_peer_ask_json (fixture->peer, payload);

      test_assert_error (reply, "unknown-method", "Method nope not implemented");
    }
}

/* The error quotes a name that is too long, cut at each byte of a character. */
static void
test_long_names (TestStand     *fixture,
                 gconstpointer  data)
{
  static const struct {
    const char *format;
    const char *name;
  } cases[] = {
    { "{\"event\": \"%s\"}", "protocol" },
    { "{\"event\": \"PROPERTY_GET\", \"property\": \"%s\"}", "unknown-property" },
    { "{\"event\": \"METHOD_CALL\", \"method\": \"%s\", "
      "\"params\": {\"args\": [], \"kwargs\": {}}}",
      "unknown-method" },
    { "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"%s\", \"port\": 5000}",
      "invalid-value" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (gsize length = PLANT_RPC_MAX_SHOWN_TEXT - 8; length <= PLANT_RPC_MAX_SHOWN_TEXT;
           length++)
        {
          g_autofree char *fill = g_strnfill (length, 'x');
          g_autofree char *name = g_strconcat (fill, "🌱植ä🌱植ä", NULL);
          GString *request = g_string_new (cases[i].format);
          g_autofree char *payload = NULL;
          g_autoptr (GVariant) reply = NULL;

          g_string_replace (request, "%s", name, 1);
          payload = g_string_free (request, FALSE);
          reply = test_peer_ask_json (fixture->peer, payload);
          test_assert_error (reply, cases[i].name, NULL);
        }
    }
}

/* A first byte of the typed wire gets a typed reply, whatever follows. */
static void
test_rubbish_native (TestStand     *fixture,
                     gconstpointer  data)
{
  static const char *const payloads[] = { "\x81", "\x81hello", "\x84xx", "\x85", "\x99", "\xa0" };

  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autoptr (GPtrArray) frames = NULL;
      g_auto (PlantRpcReply) reply = { 0 };

      test_peer_send_text (fixture->peer, "12345678", "", payloads[i], NULL);
      frames = test_peer_receive (fixture->peer);
      g_assert_cmpuint (plant_rpc_message_get_kind (g_ptr_array_index (frames, 2)), ==,
                        PLANT_RPC_KIND_ERROR);
      test_peer_take_reply (frames, G_GUINT64_CONSTANT (0x3837363534333231),
                            PLANT_RPC_EVENT_PROPERTY_GET, &reply);
      g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static void
test_frames_native (TestStand     *fixture,
                    gconstpointer  data)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_auto (PlantRpcReply) reply = { 0 };

  test_peer_send_text (fixture->peer, "12345678", "", "\x81", "more", NULL);
  frames = test_peer_receive (fixture->peer);
  g_assert_cmpuint (plant_rpc_message_get_kind (g_ptr_array_index (frames, 2)), ==,
                    PLANT_RPC_KIND_ERROR);
  test_peer_take_reply (frames, G_GUINT64_CONSTANT (0x3837363534333231),
                        PLANT_RPC_EVENT_PROPERTY_GET, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
}

static void
test_frames (TestStand     *fixture,
             gconstpointer  data)
{
  static const char ask[] = "{\"event\": \"GET_INVENTORY\"}";
  g_autoptr (GPtrArray) many = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  test_peer_send_text (fixture->peer, "", NULL);
  test_peer_send_text (fixture->peer, "", ask, "more", NULL);
  test_peer_send_text (fixture->peer, "", "", ask, NULL);
  for (guint i = 0; i < 50; i++)
    g_ptr_array_add (many, g_bytes_new_static (ask, i == 0 ? 0 : strlen (ask)));
  test_peer_send (fixture->peer, many);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);
      g_autoptr (GVariant) reply = NULL;

      g_assert_cmpuint (frames->len, ==, 2);
      reply = test_frame_parse (frames, 1);
      /* A sole empty frame is the delimiter: behind it there is nothing. */
      test_assert_error (reply, "protocol", NULL);
    }
}

static void
test_envelopes (TestStand     *fixture,
                gconstpointer  data)
{
  static const char get[] = "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}";
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *first = NULL, *second = NULL;

  /* Without a delimiter they are dropped. */
  test_peer_send_text (fixture->peer, get, NULL);
  test_peer_send_text (fixture->peer, "a", "b", NULL);

  test_peer_send_text (fixture->peer, "one", "\x01\xff", "", get, NULL);
  frames = test_peer_receive (fixture->peer);
  g_assert_cmpuint (frames->len, ==, 4);
  first = test_frame_dup_text (frames, 0);
  second = test_frame_dup_text (frames, 1);
  g_assert_cmpstr (first, ==, "one");
  g_assert_cmpstr (second, ==, "\x01\xff");
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, 2)), ==, 0);
}

static void
assert_too_long (GPtrArray  *frames,
                 guint       n_envelope,
                 const char *first)
{
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *text = test_frame_dup_text (frames, 0);

  g_assert_cmpuint (frames->len, ==, n_envelope + 2);
  g_assert_cmpstr (text, ==, first);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, n_envelope)), ==, 0);
  reply = test_frame_parse (frames, n_envelope + 1);
  test_assert_error (reply, "limit", NULL);
}

/* What is too long or too many comes back with an error, and nobody is harmed. */
static void
test_envelopes_beyond (TestStand     *fixture,
                       gconstpointer  data)
{
  static const char get[] = "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}";
  static const gsize sizes[] = { 256, 300, 10000, 1024 * 1024 };
  g_autoptr (GPtrArray) many = NULL, good = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *long_frame = g_strnfill (sizes[i], 'x');
      g_autoptr (GPtrArray) frames = NULL;

      test_peer_send_text (fixture->peer, long_frame, "", get, NULL);
      frames = test_peer_receive (fixture->peer);
      assert_too_long (frames, 1, long_frame);
    }
  test_peer_send_text (fixture->peer, "1", "2", "3", "4", "5", "6", "7", "8", "9", "", get, NULL);
  many = test_peer_receive (fixture->peer);
  assert_too_long (many, 9, "1");
  test_peer_send_text (fixture->peer, "1", "2", "3", "4", "5", "6", "7", "8", "9", "", NULL);
  test_peer_send_text (fixture->peer, "one", "", get, NULL);
  g_ptr_array_unref (test_peer_receive (fixture->peer));
  good = test_peer_receive (fixture->peer);
  g_assert_cmpuint (good->len, ==, 3);
}

/* ---- the inventory */

static void
test_inventory (TestStand     *fixture,
                gconstpointer  data)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (fixture->peer, "{\"event\": \"GET_INVENTORY\"}");
  g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new_parsed (
      "{'json_methods': <{'echo': <@x 10000>}>, 'buffer_methods': <@a{sv} {}>,"
      " 'signals': <[<'modeChanged'>, <'measured'>, <'asked'>, <'pinged'>, <'levelChanged'>,"
      " <'labelChanged'>, <'tagsChanged'>, <'dataChanged'>]>,"
      " 'properties': <[<'level'>, <'mode'>, <'label'>, <'tags'>, <'data'>, <'secret'>, <'serial'>,"
      " <'model'>]>, 'name': <''>}"));
  static const char *const members[] = { "json_methods", "buffer_methods", "name" };

  g_assert_cmpuint (g_variant_n_children (reply), ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (GVariant) got = g_variant_lookup_value (reply, members[i], NULL);
      g_autoptr (GVariant) should = g_variant_lookup_value (wanted, members[i], NULL);

      g_assert_cmpvariant (got, should);
    }
}

static gboolean
lists (GVariant   *reply,
       const char *member,
       const char *name)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (reply, member, G_VARIANT_TYPE ("av"));
  GVariantIter iter;
  GVariant *item;
  gboolean found = FALSE;

  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "v", &item))
    found |= g_str_equal (g_variant_get_string (item, NULL), name);
  return found;
}

static void
test_inventory_members (TestStand     *fixture,
                        gconstpointer  data)
{
  static const struct {
    const char *member;
    const char *name;
    gboolean    listed;
  } cases[] = {
    { "properties", "level", TRUE },   { "properties", "mode", TRUE },
    { "properties", "secret", TRUE },  { "properties", "serial", TRUE },
    { "signals", "modeChanged", TRUE }, { "signals", "levelChanged", TRUE },
    { "signals", "measured", TRUE },   { "signals", "pinged", TRUE },
    { "signals", "asked", TRUE },      { "signals", "notify", FALSE },
  };
  g_autoptr (GVariant) reply = test_peer_ask_json (fixture->peer, "{\"event\": \"GET_INVENTORY\"}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (lists (reply, cases[i].member, cases[i].name) != cases[i].listed)
        g_error ("%s of %s", cases[i].name, cases[i].member);
    }
}

/* Only who offers the native wire is told of it. */
static void
test_extension (TestStand     *fixture,
                gconstpointer  data)
{
  g_autoptr (GVariant) plain = test_peer_ask_json (fixture->peer, "{\"event\": \"GET_INVENTORY\"}");
  g_autoptr (GVariant) offered =
      test_peer_ask_json (fixture->peer, "{\"event\": \"GET_INVENTORY\", \"plantrpc\": 1}");
  g_autoptr (GVariant) extension = g_variant_lookup_value (offered, "plantrpc", NULL);
  g_autoptr (GVariant) interface = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = NULL, own = NULL;
  g_autoptr (GError) error = NULL;
  const char *instance;
  gint64 version;

  g_assert_null (g_variant_lookup_value (plain, "plantrpc", NULL));
  g_assert_true (g_variant_lookup (extension, "version", "x", &version));
  g_assert_cmpint (version, ==, PLANT_RPC_NATIVE_VERSION);
  g_assert_true (g_variant_lookup (extension, "instance", "&s", &instance));
  g_assert_cmpstr (instance, ==, plant_rpc_server_get_uuid (fixture->server));
  interface = g_variant_lookup_value (extension, "interface", G_VARIANT_TYPE_VARDICT);
  info = plant_rpc_interface_info_new_from_variant (interface, &error);
  g_assert_no_error (error);
  own = plant_rpc_server_dup_interface (fixture->server);
  g_assert_true (plant_rpc_interface_info_equal (info, own));
}

/* What is asked for twice is packed once, and still follows what changes. */
static void
test_inventory_changes (TestStand     *fixture,
                        gconstpointer  data)
{
  static const char ask[] = "{\"event\": \"GET_INVENTORY\"}";
  static const char extended_ask[] = "{\"event\": \"GET_INVENTORY\", \"plantrpc\": 1}";
  g_autoptr (GVariant) before = test_peer_ask_json (fixture->peer, ask);
  g_autoptr (GVariant) extended = test_peer_ask_json (fixture->peer, extended_ask);
  g_autoptr (GVariant) after = NULL, extended_after = NULL;
  const char *name;

  plant_rpc_server_register_method_buffer (fixture->server, "picture", "", PLANT_RPC_TIMEOUT_NONE,
                                           PLANT_RPC_METHOD_FLAGS_NONE, test_handle_echo, NULL,
                                           NULL);
  plant_rpc_server_set_name (fixture->server, "gauge-1");
  after = test_peer_ask_json (fixture->peer, ask);
  extended_after = test_peer_ask_json (fixture->peer, extended_ask);
  g_assert_true (g_variant_lookup (extended, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "");
  g_assert_true (g_variant_lookup (extended_after, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "gauge-1");
  g_assert_true (g_variant_lookup (before, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "");
  g_assert_true (g_variant_lookup (after, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "gauge-1");
  {
    g_autoptr (GVariant) methods = g_variant_lookup_value (after, "buffer_methods", NULL);
    g_autoptr (GVariant) timeout = g_variant_lookup_value (methods, "picture", NULL);

    g_assert_cmpstr (g_variant_get_type_string (timeout), ==, "mv");
  }
}

static void
assert_named (TestPeer   *peer,
              const char *request,
              const char *name)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);
  const char *told;

  g_assert_true (g_variant_lookup (reply, "name", "&s", &told));
  g_assert_cmpstr (told, ==, name);
}

/* Each of the two inventories follows the name, although nothing else has changed. */
static void
test_inventory_name (TestStand     *fixture,
                     gconstpointer  data)
{
  static const char *const names[] = { "", "gauge-1", "gauge-2" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      plant_rpc_server_set_name (fixture->server, names[i]);
      assert_named (fixture->peer, "{\"event\": \"GET_INVENTORY\"}", names[i]);
      assert_named (fixture->peer, "{\"event\": \"GET_INVENTORY\", \"plantrpc\": 1}", names[i]);
    }
}

/* ---- properties */

static void
test_get (TestStand     *fixture,
          gconstpointer  data)
{
  static const struct {
    const char *name;
    const char *reply;
  } cases[] = {
    { "level", "{'success': <true>, 'value': <@x 15>}" },
    { "mode", "{'success': <true>, 'value': <'on'>}" },
    { "label", "{'success': <true>, 'value': <@mv nothing>}" },
    { "tags", "{'success': <true>, 'value': <[<'a'>, <'b'>]>}" },
    { "data", "{'success': <true>, 'value': <@mv nothing>}" },
    { "serial", "{'success': <true>, 'value': <'G-1'>}" },
    { "model", "{'success': <true>, 'value': <'basic'>}" },
  };

  g_object_set (fixture->gauge, "level", 17, "mode", TEST_GAUGE_MODE_ON,
                "tags", (const char *[]) { "a", "b", NULL }, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request = g_strdup_printf (
          "{\"event\": \"PROPERTY_GET\", \"property\": \"%s\"}", cases[i].name);

      test_peer_assert_reply (fixture->peer, request, cases[i].reply);
    }
  test_peer_assert_refused (fixture->peer,
                            "{\"event\": \"PROPERTY_GET\", \"property\": \"secret\"}", NULL);
  test_peer_assert_refused (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"none\"}",
                            "unknown-property");
}

static const struct {
  const char *property;
  const char *value;
  const char *error; /* NULL: it is taken */
} writes[] = {
  { "level", "40", NULL },
  { "level", "101", "invalid-value" },
  { "level", "-1", "invalid-value" },
  { "level", "1.5", "invalid-value" },
  { "level", "\"40\"", "invalid-value" },
  { "level", "null", "invalid-value" },
  { "level", "true", "invalid-value" },
  { "mode", "\"on\"", NULL },
  { "mode", "\"sideways\"", "invalid-value" },
  { "mode", "5", "invalid-value" },
  { "label", "\"x\"", NULL },
  { "label", "null", NULL },
  { "label", "1", "invalid-value" },
  { "tags", "[\"a\"]", NULL },
  { "tags", "[1]", "invalid-value" },
  { "data", "{\"a\": [1, 2.5, null]}", NULL },
  { "secret", "\"hush\"", NULL },
  { "serial", "\"x\"", "not-writable" },
  { "model", "\"x\"", "not-writable" },
  { "none", "1", "unknown-property" },
};

static void
test_set (TestStand     *fixture,
          gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_autofree char *request = g_strdup_printf (
          "{\"event\": \"PROPERTY_SET\", \"property\": \"%s\", \"value\": %s}", writes[i].property,
          writes[i].value);

      g_test_message ("%s", request);
      if (writes[i].error == NULL)
        test_peer_assert_reply (fixture->peer, request, "{'success': <true>}");
      else
        test_peer_assert_refused (fixture->peer, request, writes[i].error);
    }
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 40);
  g_assert_cmpstr (test_gauge_get_secret (fixture->gauge), ==, "hush");
}

/* The writer learns what became of the value. */
static void
test_set_native (TestStand     *fixture,
                 gconstpointer  data)
{
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup ("level"),
    .value = g_variant_ref_sink (g_variant_new_int32 (43)),
  };
  g_auto (PlantRpcReply) reply = { 0 };

  test_peer_ask_native (fixture->peer, &request, &reply);
  g_assert_no_error (reply.error);
  test_assert_variant (reply.value, "40");
}

static void
test_get_all (TestStand     *fixture,
              gconstpointer  data)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_ALL };
  g_auto (PlantRpcReply) reply = { 0 };
  g_autoptr (GVariant) label = NULL;
  int level;

  test_gauge_set_level (fixture->gauge, 30);
  test_peer_ask_native (fixture->peer, &request, &reply);
  g_assert_no_error (reply.error);
  g_assert_cmpuint (g_variant_n_children (reply.value), ==, 7);
  g_assert_true (g_variant_lookup (reply.value, "level", "i", &level));
  g_assert_cmpint (level, ==, 30);
  label = g_variant_lookup_value (reply.value, "label", NULL);
  g_assert_cmpstr (g_variant_get_type_string (label), ==, "ms");
}

/* ---- stopping from afar */

static void
test_stop_refused (TestStand     *fixture,
                   gconstpointer  data)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_STOP_SERVER };
  g_auto (PlantRpcReply) reply = { 0 };

  g_assert_false (plant_rpc_server_get_allow_stop (fixture->server));
  test_peer_assert_refused (fixture->peer, "{\"event\": \"STOP_SERVER\"}", "refused");
  test_peer_ask_native (fixture->peer, &request, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_true (plant_rpc_server_get_running (fixture->server));
}

static void
test_stop_obeyed (TestStand     *fixture,
                  gconstpointer  data)
{
  plant_rpc_server_set_allow_stop (fixture->server, TRUE);
  test_peer_assert_reply (fixture->peer, "{\"event\": \"STOP_SERVER\"}", "{'success': <true>}");
  g_assert_false (plant_rpc_server_get_running (fixture->server));
}

static gboolean
ask_to_stop (gpointer user_data)
{
  test_peer_send_text (user_data, "", "{\"event\": \"STOP_SERVER\"}", NULL);
  return G_SOURCE_REMOVE;
}

static void
test_serve_forever (TestStand     *fixture,
                    gconstpointer  data)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_allow_stop (fixture->server, TRUE);
  g_idle_add (ask_to_stop, fixture->peer);
  g_assert_true (plant_rpc_server_serve_forever (fixture->server, &error));
  g_assert_no_error (error);
  g_assert_false (plant_rpc_server_get_running (fixture->server));
  frames = test_peer_receive (fixture->peer);
  g_assert_cmpuint (frames->len, ==, 2);
}

/* ---- generation 1 clients learn their address */

static gboolean
is_open_at (const char *host,
            guint16     port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host (client, host, port, NULL, NULL);

  return connection != NULL;
}

static gboolean
is_open (guint16 port)
{
  return is_open_at ("127.0.0.1", port);
}

static guint16
ask_for_port (TestPeer *peer)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, "{\"event\": \"FIND_PEER_ADDRESS\"}");
  gboolean success;
  gint64 port;

  g_assert_true (g_variant_lookup (reply, "success", "b", &success));
  g_assert_true (success);
  g_assert_true (g_variant_lookup (reply, "port", "x", &port));
  g_assert_cmpint (port, >=, 49152);
  return port;
}

static void
test_find_address (TestStand     *fixture,
                   gconstpointer  data)
{
  guint16 port = ask_for_port (fixture->peer);
  guint16 first;

  g_assert_true (is_open (port));
  test_wait_until (!is_open (port));

  /* Any number may ask; those that never come are closed, the oldest first. */
  first = ask_for_port (fixture->peer);
  for (guint i = 0; i < 16; i++)
    ask_for_port (fixture->peer);
  g_assert_false (is_open (first));
}

/* A client over ipc is on this machine, so no other needs to reach the port. */
static void
test_find_address_ipc (TestStand     *fixture,
                       gconstpointer  data)
{
  const guint16 port = ask_for_port (fixture->peer);

  g_assert_false (is_open_at ("127.0.0.2", port));
  g_assert_true (is_open (port));
}

#define ADD(name, url, function) \
  g_test_add ("/dispatcher/" name, TestStand, url, test_stand_set_up, function, \
              test_stand_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("rubbish", NULL, test_rubbish);
  ADD ("unknown-method", NULL, test_unknown_method);
  ADD ("long-names", NULL, test_long_names);
  ADD ("rubbish-native", NULL, test_rubbish_native);
  ADD ("frames", NULL, test_frames);
  ADD ("frames/native", NULL, test_frames_native);
  ADD ("envelopes", NULL, test_envelopes);
  ADD ("envelopes-beyond", NULL, test_envelopes_beyond);
  ADD ("inventory", NULL, test_inventory);
  ADD ("inventory-members", NULL, test_inventory_members);
  ADD ("inventory-changes", NULL, test_inventory_changes);
  ADD ("inventory-name", NULL, test_inventory_name);
  ADD ("extension", NULL, test_extension);
  ADD ("get", NULL, test_get);
  ADD ("set", NULL, test_set);
  ADD ("set-native", NULL, test_set_native);
  ADD ("get-all", NULL, test_get_all);
  ADD ("stop-refused", NULL, test_stop_refused);
  ADD ("stop-obeyed", NULL, test_stop_obeyed);
  ADD ("serve-forever", NULL, test_serve_forever);
  ADD ("find-address", NULL, test_find_address);
  ADD ("find-address/ipc", "ipc://@plantrpc-test-find-address", test_find_address_ipc);
  return g_test_run ();
}
