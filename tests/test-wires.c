/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-types.h"
#include "plant-rpc-value-private.h"

/* Values of all types on each wire. */

/* ---- an object that keeps what it is given, with a property of each kind */

#define TEST_TYPE_KEEPER (test_keeper_get_type ())
G_DECLARE_FINAL_TYPE (TestKeeper, test_keeper, TEST, KEEPER, GObject)

#define N_KEPT 14

struct _TestKeeper {
  GObject parent_instance;

  GValue  values[N_KEPT + 1];
};

G_DEFINE_FINAL_TYPE (TestKeeper, test_keeper, G_TYPE_OBJECT)

static GParamSpec *kept[N_KEPT + 1];

static void
test_keeper_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  g_value_copy (&TEST_KEEPER (object)->values[prop_id], value);
}

static void
test_keeper_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  g_value_copy (value, &TEST_KEEPER (object)->values[prop_id]);
  g_object_notify_by_pspec (object, pspec);
}

static void
test_keeper_finalize (GObject *object)
{
  for (guint i = 1; i <= N_KEPT; i++)
    g_value_unset (&TEST_KEEPER (object)->values[i]);
  G_OBJECT_CLASS (test_keeper_parent_class)->finalize (object);
}

static void
test_keeper_class_init (TestKeeperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY;
  guint n = 0;

  object_class->get_property = test_keeper_get_property;
  object_class->set_property = test_keeper_set_property;
  object_class->finalize = test_keeper_finalize;
  kept[++n] = g_param_spec_boolean ("bool", NULL, NULL, FALSE, flags);
  kept[++n] = g_param_spec_char ("char", NULL, NULL, G_MININT8, G_MAXINT8, 0, flags);
  kept[++n] = g_param_spec_uchar ("uchar", NULL, NULL, 0, G_MAXUINT8, 0, flags);
  kept[++n] = g_param_spec_int ("int", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  kept[++n] = g_param_spec_uint ("uint", NULL, NULL, 0, G_MAXUINT, 0, flags);
  kept[++n] = g_param_spec_int64 ("int64", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  kept[++n] = g_param_spec_uint64 ("uint64", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  kept[++n] = g_param_spec_float ("float", NULL, NULL, -G_MAXFLOAT, G_MAXFLOAT, 0, flags);
  kept[++n] = g_param_spec_double ("double", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  kept[++n] = g_param_spec_string ("string", NULL, NULL, NULL, flags);
  kept[++n] = g_param_spec_enum ("enum", NULL, NULL, TEST_TYPE_MODE, TEST_MODE_STILL, flags);
  kept[++n] = g_param_spec_flags ("flags", NULL, NULL, TEST_TYPE_PARTS, 0, flags);
  kept[++n] = g_param_spec_boxed ("strv", NULL, NULL, G_TYPE_STRV, flags);
  kept[++n] = g_param_spec_variant ("variant", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  g_assert_cmpuint (n, ==, N_KEPT);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (kept), kept);
  g_signal_new ("told", TEST_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 7,
                G_TYPE_BOOLEAN, G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_DOUBLE, TEST_TYPE_MODE,
                G_TYPE_STRV, G_TYPE_VARIANT);
}

static void
test_keeper_init (TestKeeper *self)
{
  for (guint i = 1; i <= N_KEPT; i++)
    {
      g_value_init (&self->values[i], G_PARAM_SPEC_VALUE_TYPE (kept[i]));
      g_param_value_set_default (kept[i], &self->values[i]);
    }
}

/* ---- servers of each kind */

static void
on_echo (PlantRpcInvocation  *invocation,
         gpointer             user_data,
         GError             **error)
{
  g_autoptr (GVariant) boxed =
      g_variant_get_child_value (plant_rpc_invocation_get_args (invocation), 0);
  g_autoptr (GVariant) message = g_variant_get_variant (boxed);

  plant_rpc_invocation_return_value (invocation, message);
}

static PlantRpcServer *
server_new (GObject *object)
{
  PlantRpcServer *server = plant_rpc_server_new (object, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  plant_rpc_server_register_method_json (server, "echo", NULL, 10000, PLANT_RPC_METHOD_FLAGS_NONE,
                                         on_echo, NULL, NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_ready (PlantRpcClient *client)
{
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
}

/* ---- there and back as an argument and a result */

typedef struct {
  const char *value;
  const char *json; /* what comes back over JSON; NULL: the same. Natively it always is. */
} Echo;

static const Echo echoes[] = {
  { "true", NULL },
  { "false", NULL },
  { "byte 0xff", "int64 255" },
  { "int16 -7", "int64 -7" },
  { "uint16 65535", "int64 65535" },
  { "-2147483648", "int64 -2147483648" },
  { "uint32 4294967295", "int64 4294967295" },
  { "int64 9007199254740993", NULL },
  { "int64 -9223372036854775808", NULL },
  { "int64 9223372036854775807", NULL },
  { "uint64 9223372036854775808", NULL },
  { "uint64 18446744073709551615", NULL },
  { "uint64 5", "int64 5" },
  { "0.0", NULL },
  { "-0.0", NULL },
  { "1.0", NULL },
  { "0.1", NULL },
  { "1e300", NULL },
  { "2.2250738585072014e-308", NULL },
  { "1.7976931348623157e308", NULL },
  { "inf", NULL },
  { "-inf", NULL },
  { "nan", NULL },
  { "''", NULL },
  { "'plain'", NULL },
  { "'\\\"\\\\/\\n\\t\\u0001 ü€😀'", NULL },
  { "@as []", "@av []" },
  { "['a', '']", "[<'a'>, <''>]" },
  { "[1.5, 2.0]", "[<1.5>, <2.0>]" },
  { "@ay [1, 2]", "[<int64 1>, <int64 2>]" },
  { "@av []", NULL },
  { "[<int64 1>, <'a'>, <@av []>, <@mv nothing>]", NULL },
  { "(1, 'a')", "[<int64 1>, <'a'>]" },
  { "@a{sv} {}", NULL },
  { "{'a': <{'b': <[<int64 1>, <{'c': <'d'>}>]>}>}", NULL },
  { "{'x': <uint64 18446744073709551615>, 'nan': <nan>}", NULL },
  { "{'a': 1}", "{'a': <int64 1>}" },
  { "{uint32 7: true}", "{'7': <true>}" },
  { "@mv nothing", NULL },
  { "@ms 'x'", "'x'" },
  { "<'boxed'>", "'boxed'" },
};

static void
check_echo (PlantRpcClient *client,
            const char     *value,
            const char     *expected)
{
  g_autoptr (GVariant) sent = g_variant_ref_sink (g_variant_new_parsed (value));
  g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new_parsed (expected));
  g_autoptr (GVariant) got = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GValue) left = G_VALUE_INIT, right = G_VALUE_INIT;
  g_autofree char *text = NULL;

  plant_rpc_client_call (client, "echo", g_variant_new ("(v)", sent), NULL, 10000, NULL,
                         keep_result, &result);
  test_wait_until (result != NULL);
  got = plant_rpc_client_call_finish (client, result, &error);
  g_assert_no_error (error);
  text = g_variant_print (got, TRUE);
  g_value_init (&left, G_TYPE_VARIANT);
  g_value_set_variant (&left, got);
  g_value_init (&right, G_TYPE_VARIANT);
  g_value_set_variant (&right, wanted);
  /* Which NaN it is does not count; the sign of a zero does. */
  if (!plant_rpc_value_equal (&left, &right) ||
      !g_str_equal (g_variant_get_type_string (got), g_variant_get_type_string (wanted)) ||
      (g_variant_is_of_type (got, G_VARIANT_TYPE_DOUBLE) &&
       signbit (g_variant_get_double (got)) != signbit (g_variant_get_double (wanted)) &&
       !isnan (g_variant_get_double (got))))
    g_error ("%s came back as %s instead of %s", value, text, expected);
}

static void
test_echo_native (void)
{
  g_autoptr (PlantRpcServer) server = server_new (NULL);
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (plant_rpc_server_get_url (server));

  wait_ready (client);
  for (guint i = 0; i < G_N_ELEMENTS (echoes); i++)
    {
      /* A variant within the variant that each value travels in is that. */
      check_echo (client, echoes[i].value,
                  g_str_equal (echoes[i].value, "<'boxed'>") ? "<'boxed'>" : echoes[i].value);
    }
  plant_rpc_server_stop (server);
}

static void
test_echo_json (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));

  wait_ready (client);
  for (guint i = 0; i < G_N_ELEMENTS (echoes); i++)
    check_echo (client, echoes[i].value,
                echoes[i].json != NULL ? echoes[i].json : echoes[i].value);
}

/* What Python writes and no GVariant would. */
static void
test_odd_results (gconstpointer generation)
{
  static const struct {
    const char *method;
    const char *expected;
  } results[] = {
    { "nan_result", "nan" },
    { "inf_result", "[<inf>, <-inf>]" },
    { "big_int", "{byte 0x00, '1180591620717411303424'}" },
  };
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));

  wait_ready (client);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GVariant) wanted = g_variant_ref_sink (g_variant_new_parsed (results[i].expected));
      g_autoptr (GVariant) got = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      plant_rpc_client_call (client, results[i].method, NULL, NULL, 10000, NULL, keep_result,
                             &result);
      test_wait_until (result != NULL);
      got = plant_rpc_client_call_finish (client, result, &error);
      g_assert_no_error (error);
      g_assert_cmpvariant (got, wanted);
    }
}

/* ---- as properties, natively */

static const struct {
  const char *name;
  const char *values[6]; /* what a GVariant says of them */
} kept_values[] = {
  { "bool", { "true", "false" } },
  { "char", { "-128", "127", "0" } },
  { "uchar", { "byte 255", "byte 0" } },
  { "int", { "-2147483648", "2147483647", "0" } },
  { "uint", { "uint32 4294967295", "uint32 0" } },
  { "int64", { "int64 -9223372036854775808", "int64 9223372036854775807", "int64 0" } },
  { "uint64", { "uint64 18446744073709551615", "uint64 9223372036854775808", "uint64 0" } },
  { "float", { "0.25", "-1.5", "0.0" } },
  { "double", { "1e300", "2.2250738585072014e-308", "0.0" } },
  { "string", { "'ü€😀 \\n'", "''", "@ms nothing", "'x'" } },
  { "enum", { "'video'", "'still'" } },
  { "flags", { "['lens', 'top']", "['flash']", "@as []" } },
  { "strv", { "['a', '', 'ü']", "@as []", "['x']" } },
  { "variant",
    { "<{'a': <{'b': <uint64 18446744073709551615>}>, 'n': <nan>}>", "<(1, byte 2, @mi nothing)>",
      "<@ay [1, 2, 3]>", "<'text'>" } },
};

/* Where types are learnt from the wire a small integer is a larger one. */
static char *
print_property (GObject    *object,
                const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GVariant) variant = NULL;

  g_object_get_property (object, name, &value);
  variant = plant_rpc_value_to_variant (&value, NULL);
  return g_variant_print (variant, g_str_equal (name, "variant"));
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
take_there (GObject    *from,
            GObject    *to,
            const char *name,
            const char *text)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (from), name);
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (text));
  g_autoptr (GVariant) inner = g_variant_is_of_type (variant, G_VARIANT_TYPE_VARIANT)
                                  ? g_variant_get_variant (variant)
                                  : g_variant_ref (variant);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *given = NULL, *arrived = NULL;
  g_autofree char *signal = g_strdup_printf ("notify::%s", name);
  g_autoptr (GError) error = NULL;
  guint n_notified = 0;
  gulong handler;

  g_assert_true (plant_rpc_value_from_variant (inner, G_PARAM_SPEC_VALUE_TYPE (pspec), &value,
                                               &error));
  g_assert_no_error (error);
  handler = g_signal_connect (to, signal, G_CALLBACK (on_notify), &n_notified);
  if (TEST_IS_KEEPER (from))
    test_keeper_set_property (from, pspec->param_id, &value, pspec);
  else
    g_object_set_property (from, name, &value);
  test_wait_until (n_notified > 0);
  g_signal_handler_disconnect (to, handler);
  given = print_property (from, name);
  arrived = print_property (to, name);
  if (!g_str_equal (given, arrived))
    g_error ("%s: %s, given as %s, arrived as %s", name, text, given, arrived);
}

static void
settle (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) flushed = NULL;

  plant_rpc_client_flush (client, NULL, keep_result, &flushed);
  test_wait_until (flushed != NULL);
}

static void
test_properties_native (gconstpointer discovered)
{
  g_autoptr (TestKeeper) keeper = g_object_new (TEST_TYPE_KEEPER, NULL);
  g_autoptr (PlantRpcServer) server = server_new (G_OBJECT (keeper));
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (discovered)
    {
      plant_rpc_client_discover (plant_rpc_server_get_url (server), 10000, NULL, keep_result,
                                 &result);
      test_wait_until (result != NULL);
      client = plant_rpc_client_discover_finish (result, &error);
    }
  else
    {
      client = plant_rpc_client_new_for_type (TEST_TYPE_KEEPER, plant_rpc_server_get_url (server),
                                              &error);
    }
  g_assert_no_error (error);
  wait_ready (client);
  for (guint i = 0; i < G_N_ELEMENTS (kept_values); i++)
    {
      const char *name = kept_values[i].name;

      for (guint k = 0; k < 6 && kept_values[i].values[k] != NULL; k++)
        {
          take_there (G_OBJECT (client), G_OBJECT (keeper), name, kept_values[i].values[k]);
          settle (client);
        }
      for (guint k = 0; k < 6 && kept_values[i].values[k] != NULL; k++)
        take_there (G_OBJECT (keeper), G_OBJECT (client), name, kept_values[i].values[k]);
    }
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 0);
  plant_rpc_server_stop (server);
}

static void
on_told (PlantRpcClient     *client,
         gboolean            boolean,
         gint64              integer,
         guint64             natural,
         double              number,
         int                 mode,
         const char *const  *words,
         GVariant           *variant,
         gpointer            user_data)
{
  g_autofree char *text = g_variant_print (variant, TRUE);
  g_autofree char *joined = g_strjoinv (",", (char **) words);

  g_assert_true (isnan (number));
  *(char **) user_data =
      g_strdup_printf ("%d %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %d %s %s", boolean, integer,
                       natural, mode, joined, text);
}

static void
test_signal_native (void)
{
  g_autoptr (TestKeeper) keeper = g_object_new (TEST_TYPE_KEEPER, NULL);
  g_autoptr (PlantRpcServer) server = server_new (G_OBJECT (keeper));
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_type (TEST_TYPE_KEEPER, plant_rpc_server_get_url (server), NULL);
  const char *const words[] = { "a", "", "ü", NULL };
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed ("{'a': <byte 7>}"));
  g_autofree char *told = NULL;

  wait_ready (client);
  g_signal_connect (client, "told", G_CALLBACK (on_told), &told);
  g_signal_emit_by_name (keeper, "told", TRUE, G_MININT64, G_MAXUINT64, NAN, TEST_MODE_VIDEO, words,
                         variant);
  test_wait_until (told != NULL);
  g_assert_cmpstr (told, ==,
                   "1 -9223372036854775808 18446744073709551615 7 a,,ü {'a': <byte 0x07>}");
  plant_rpc_server_stop (server);
}

/* ---- as properties, over JSON */

static PlantRpcClient *
client_new_for_extended (TestChild *child)
{
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"exposure\": {\"type\": \"d\"}, \"enabled\": {\"type\": \"b\"},"
      " \"tags\": {\"type\": \"as\"}, \"anything\": {\"type\": \"v\"}, \"rotation\": {\"type\":"
      " \"i\"}, \"video_url\": {\"type\": \"s\"}, \"mode\": {\"type\": \"s\", \"choices\":"
      " {\"STILL\": 0, \"VIDEO\": 7}}, \"resolution\": {\"type\": \"(ii)\"}}}",
      NULL);
  PlantRpcClient *client =
      plant_rpc_client_new_for_interface (info, test_child_get_url (child), NULL);

  wait_ready (client);
  return client;
}

/* What the client shows, and what the device has. */
static gboolean
shows (PlantRpcClient *client,
       const char     *name,
       const char     *expected)
{
  g_autoptr (GVariant) value = plant_rpc_client_get_cached_property (client, name);
  g_autofree char *text = value != NULL ? g_variant_print (value, FALSE) : NULL;

  return g_strcmp0 (text, expected) == 0;
}

static gboolean
has (TestChild  *child,
     const char *name,
     const char *expected)
{
  g_autoptr (GVariant) answer =
      test_child_command (child, "{\"command\": \"get\", \"property\": \"%s\"}", name);
  g_autoptr (GVariant) value = g_variant_lookup_value (answer, "value", NULL);
  g_autofree char *text = g_variant_print (value, FALSE);

  return g_str_equal (text, expected);
}

/* The server sends that signal, whatever its device is. */
static void
emit (TestChild  *child,
      const char *signal,
      const char *arg)
{
  g_autofree char *message = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"%s\","
                                              " \"args\": [%s], \"blocking\": false}",
                                              signal, arg);
  GString *quoted = g_string_new (NULL);

  for (const char *p = message; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *p);
    }
  test_child_order (child, "{\"command\": \"emit_raw\", \"frames\": [\"%s\"]}", quoted->str);
  g_string_free (quoted, TRUE);
}

/* From the device: JSON 1 is a good double, 1.0 and "1" are no integers. */
static void
test_told_json (gconstpointer generation)
{
  static const struct {
    const char *name;
    const char *signal;
    const char *json;
    const char *shown; /* NULL: it is dropped */
  } cases[] = {
    { "exposure", "exposureChanged", "2", "2.0" },
    { "exposure", "exposureChanged", "1e3", "1000.0" },
    { "exposure", "exposureChanged", "NaN", NULL },
    { "exposure", "exposureChanged", "null", NULL },
    { "exposure", "exposureChanged", "1e400", NULL },
    { "exposure", "exposureChanged", "\"1\"", NULL },
    { "rotation", "rotationChanged", "5", "5" },
    { "rotation", "rotationChanged", "5.5", NULL },
    { "rotation", "rotationChanged", "6.0", NULL },
    { "rotation", "rotationChanged", "\"7\"", NULL },
    { "rotation", "rotationChanged", "true", NULL },
    { "rotation", "rotationChanged", "2147483648", NULL },
    { "rotation", "rotationChanged", "-2147483648", "-2147483648" },
    { "enabled", "enabledChanged", "true", "true" },
    { "enabled", "enabledChanged", "1", NULL },
    { "tags", "tagsChanged", "[\"a\", \"\"]", "['a', '']" },
    { "tags", "tagsChanged", "[\"a\", 1]", NULL },
    { "tags", "tagsChanged", "[]", "[]" },
    { "anything", "anythingChanged", "[1, {\"a\": null}]", "[<int64 1>, <{'a': <@mv nothing>}>]" },
    { "anything", "anythingChanged", "18446744073709551615", "18446744073709551615" },
    { "anything", "anythingChanged", "1180591620717411303424",
      "{0x00, '1180591620717411303424'}" },
    { "mode", "modeChanged", "\"VIDEO\"", "'VIDEO'" },
    { "mode", "modeChanged", "\"SLEEP\"", NULL },
    { "exposure", "exposureChanged", "18446744073709551616", "1.8446744073709552e+19" },
    { "exposure", "exposureChanged", "18446744073709551617", NULL },
    { "rotation", "rotationChanged", "18446744073709551616", NULL },
    { "video_url", "videoUrlChanged", "\"a\\ud800\"", "'a\357\277\275'" },
    { "video_url", "videoUrlChanged", "\"a\\u0000b\"", NULL },
    { "resolution", "resolutionChanged", "[1, 2]", "(1, 2)" },
    { "resolution", "resolutionChanged", "[1, 2, 3]", NULL },
  };
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = client_new_for_extended (child);
  guint n_dropped = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      emit (child, cases[i].signal, cases[i].json);
      if (cases[i].shown == NULL)
        n_dropped++;
      g_test_message ("%s: %s", cases[i].name, cases[i].json);
      test_wait_until (plant_rpc_client_get_n_dropped (client) == n_dropped &&
                       (cases[i].shown == NULL ||
                        shows (client, cases[i].name, cases[i].shown)));
    }
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
}

/* To the device. */
static void
test_written_json (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = client_new_for_extended (child);
  const char *const tags[] = { "a", "ü", NULL };
  g_autoptr (GEnumClass) modes = g_type_class_ref (G_PARAM_SPEC_VALUE_TYPE (
      g_object_class_find_property (G_OBJECT_GET_CLASS (client), "mode")));

  g_object_set (client, "exposure", 2.0, "enabled", TRUE, "tags", tags, "rotation", -7,
                "video-url", "ü\"\\", NULL);
  g_object_set (client, "mode", g_enum_get_value_by_nick (modes, "VIDEO")->value, NULL);
  g_object_set (client, "resolution", g_variant_new ("(ii)", 320, 240), NULL);
  g_object_set (client, "anything",
                g_variant_new_parsed ("{'a': <[nan, 1.5]>, 'b': <uint64 18446744073709551615>}"),
                NULL);
  settle (client);
  /* A whole double stays one. */
  g_assert_true (has (child, "exposure", "2.0"));
  g_assert_true (has (child, "enabled", "true"));
  g_assert_true (has (child, "tags", "[<'a'>, <'ü'>]"));
  g_assert_true (has (child, "rotation", "-7"));
  g_assert_true (has (child, "video_url", "'ü\"\\\\'"));
  g_assert_true (has (child, "mode", "'VIDEO'"));
  g_assert_true (has (child, "resolution", "[<int64 320>, <int64 240>]"));
  g_assert_true (has (child, "anything",
                      "{'a': <[<nan>, <1.5>]>, 'b': <uint64 18446744073709551615>}"));
  g_assert_true (shows (client, "exposure", "2.0"));
  g_assert_true (shows (client, "resolution", "(320, 240)"));
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 0);
}

static void
add (const char *name,
     void      (*func) (gconstpointer generation))
{
  for (int i = 1; i <= 2; i++)
    {
      g_autofree char *path = g_strdup_printf ("/wires/generation%d/%s", i, name);

      g_test_add_data_func (path, GINT_TO_POINTER (i), func);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/wires/native/echo", test_echo_native);
  g_test_add_data_func ("/wires/native/properties", NULL, test_properties_native);
  g_test_add_data_func ("/wires/native/properties-discovered", GINT_TO_POINTER (1),
                        test_properties_native);
  g_test_add_func ("/wires/native/signal", test_signal_native);
  add ("echo", test_echo_json);
  add ("odd-results", test_odd_results);
  add ("told", test_told_json);
  add ("written", test_written_json);

  return g_test_run ();
}
