/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-types.h"

static GObject *
make (PlantRpcInterfaceInfo *info,
      GType                  template_type)
{
  g_autoptr (GError) error = NULL;
  GType type = plant_rpc_runtime_type_get (info, template_type, TEST_TYPE_PROXY, NULL,
                                           test_proxy_set_value, test_proxy_get_value, &error);

  g_assert_no_error (error);
  return g_object_new (type, NULL);
}

static GObject *
make_from_json (const char *json)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);

  return make (info, G_TYPE_INVALID);
}

static const char all_types[] =
  "{\"signals\": {\"all\": {\"signature\": \"(bixutdsas(ii)vy)\"},"
  "\"none\": {\"signature\": \"()\"},"
  "\"plain\": {\"signature\": \"(bsi)\"},"
  "\"raw\": {}}}";

/* What came with the last emission, as text. */
static void
on_all (GObject    *object,
        gboolean    b,
        int         i,
        gint64      x,
        guint       u,
        guint64     t,
        double      d,
        const char *s,
        GStrv       as,
        GVariant   *ii,
        GVariant   *v,
        GVariant   *y,
        GString    *log)
{
  g_autofree char *list = g_strjoinv ("+", as);
  g_autofree char *size = g_variant_print (ii, FALSE);
  g_autofree char *any = v != NULL ? g_variant_print (v, TRUE) : g_strdup ("NULL");

  g_string_printf (log, "%d %d %" G_GINT64_FORMAT " %u %" G_GUINT64_FORMAT " %.1f %s %s %s %s %u",
                   b, i, x, u, t, d, s != NULL ? s : "NULL", list, size, any,
                   g_variant_get_byte (y));
}

static PlantRpcRuntimeSignal
find (GObject               *object,
      PlantRpcInterfaceInfo *info,
      const char            *name)
{
  PlantRpcRuntimeSignal signal;

  plant_rpc_runtime_signal_init (&signal, G_OBJECT_TYPE (object),
                                 plant_rpc_interface_info_lookup_signal (info, name));
  return signal;
}

static gboolean
emit (GObject     *object,
      const char  *signal,
      const char  *args,
      GError     **error)
{
  PlantRpcInterfaceInfo *info = plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (object));
  g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE ("av"), args, NULL, NULL, error);
  const PlantRpcRuntimeSignal found = find (object, info, signal);

  g_assert_no_error (*error);
  return plant_rpc_runtime_signal_emit (&found, object, parsed, error);
}

static void
test_emit (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (object, "all", G_CALLBACK (on_all), log);
  g_assert_true (emit (object, "all",
                       "[<true>, <@x -1>, <@x -2>, <@x 3>, <@t 18446744073709551615>, <@x 2>,"
                       " <'s'>, <@av [<'a'>, <'b'>]>, <@av [<@x 640>, <@x 480>]>, <@mv nothing>,"
                       " <@x 9>]",
                       &error));
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==,
                   "1 -1 -2 3 18446744073709551615 2.0 s a+b (640, 480) NULL 9");
  g_assert_true (emit (object, "all",
                       "[<false>, <1>, <2>, <3>, <4>, <2.5>, <@ms nothing>, <@as []>, <(1, 2)>,"
                       " <'any'>, <byte 0x07>]", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, "0 1 2 3 4 2.5 NULL  (1, 2) 'any' 7");
}

static void
test_emit_refused (void)
{
  static const struct {
    const char *signal;
    const char *args;
    const char *told;
  } cases[] = {
    { "none", "[<1>]", "0 arguments" },
    { "all", "[<1>]", "11 arguments" },
    { "all", "[<1>, <1>, <2>, <3>, <4>, <2.5>, <'s'>, <@as []>, <(1, 2)>, <1>, <byte 0x07>]",
      "argument 1" },
    { "all", "[<true>, <1>, <2>, <3>, <4>, <2.5>, <'s'>, <@as []>, <(1, 2, 3)>, <1>, <byte 0x07>]",
      "argument 9" },
    { "all", "[<true>, <1>, <2>, <3>, <4>, <2.5>, <'s'>, <@as []>, <(1, 2)>, <1>, <256>]",
      "argument 11" },
  };
  g_autoptr (GObject) object = make_from_json (all_types);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (object, "all", G_CALLBACK (on_all), log);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (emit (object, cases[i].signal, cases[i].args, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
      g_assert_nonnull (strstr (error->message, cases[i].told));
      g_assert_cmpstr (log->str, ==, "");
    }
}

static void
on_raw (GObject  *object,
        GVariant *args,
        GString  *log)
{
  g_autofree char *text = g_variant_print (args, TRUE);

  g_string_assign (log, text);
}

static void
test_emit_unknown (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);
  g_autoptr (PlantRpcInterfaceInfo) other = test_read_json ("{\"signals\": {\"other\": {}}}");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new ("av", NULL));
  const PlantRpcRuntimeSignal lacking = find (object, other, "other");
  g_autoptr (GError) error = NULL;

  g_signal_connect (object, "raw", G_CALLBACK (on_raw), log);
  g_assert_true (emit (object, "raw", "[<1>, <'x'>]", &error));
  g_assert_cmpstr (log->str, ==, "[<1>, <'x'>]");

  g_assert_false (plant_rpc_runtime_signal_emit (&lacking, object, args, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_MISMATCH);
}

static gboolean
on_done (GObject    *object,
         const char *what,
         int         count,
         GString    *log)
{
  g_string_append_printf (log, "%s %d;", what, count);
  return TRUE;
}

static void
on_mode (GObject  *object,
         TestMode  mode,
         GString  *log)
{
  g_string_append_printf (log, "%d;", mode);
}

static void
test_emit_template (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_MOVABLE);
  g_autoptr (GObject) object = make (info, TEST_TYPE_MOVABLE);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (object, "done", G_CALLBACK (on_done), log);
  g_signal_connect (object, "mode-changed", G_CALLBACK (on_mode), log);
  g_assert_true (emit (object, "done", "[<'a'>, <@x 5>]", &error));
  g_assert_true (emit (object, "mode-changed", "[<'video'>]", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (log->str, ==, "a 5;7;");
  g_assert_false (emit (object, "mode-changed", "[<'film'>]", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_nonnull (strstr (error->message, "film"));
}

/* ---- plain arguments */

static void
add (GArray     *values,
     GType       type,
     const char *text)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  if (type == G_TYPE_STRING)
    g_value_set_string (&value, text);
  else if (type == G_TYPE_INT)
    g_value_set_int (&value, (int) strlen (text));
  else if (type == G_TYPE_UINT)
    g_value_set_uint (&value, (guint) strlen (text));
  else
    g_value_set_boolean (&value, *text != '\0');
  g_array_append_val (values, value);
}

/* Emits SIGNAL with values of the types, up to a G_TYPE_INVALID, which are of TEXT. */
static gboolean
emit_plain (GObject     *object,
            const char  *signal,
            const GType *types,
            const char  *text)
{
  PlantRpcInterfaceInfo *info = plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (object));
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (GValue));
  const PlantRpcRuntimeSignal found = find (object, info, signal);
  PlantRpcArguments arguments;

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  for (; *types != G_TYPE_INVALID; types++)
    add (values, *types, text);
  g_assert_true (plant_rpc_arguments_from_values (&arguments, (GValue *) (gpointer) values->data,
                                                  values->len));
  return plant_rpc_runtime_signal_emit_plain (&found, object, &arguments);
}

static void
on_plain (GObject    *object,
          gboolean    b,
          const char *s,
          int         i,
          GString    *log)
{
  g_string_append_printf (log, "%d %s %d;", b, s, i);
}

static void
on_none (GObject *object,
         GString *log)
{
  g_string_append (log, "none;");
}

/* What is not of the signal's types is not emitted at all. */
static void
test_plain (void)
{
  static const GType good[] = { G_TYPE_BOOLEAN, G_TYPE_STRING, G_TYPE_INT, G_TYPE_INVALID };
  static const GType wrong[][5] = {
    { G_TYPE_INVALID },
    { G_TYPE_BOOLEAN, G_TYPE_STRING },
    { G_TYPE_BOOLEAN, G_TYPE_STRING, G_TYPE_INT, G_TYPE_INT },
    { G_TYPE_INT, G_TYPE_STRING, G_TYPE_INT },
    { G_TYPE_BOOLEAN, G_TYPE_INT, G_TYPE_INT },
    { G_TYPE_BOOLEAN, G_TYPE_STRING, G_TYPE_UINT },
  };
  g_autoptr (GObject) object = make_from_json (all_types);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (object, "plain", G_CALLBACK (on_plain), log);
  g_signal_connect (object, "none", G_CALLBACK (on_none), log);
  g_assert_true (emit_plain (object, "plain", good, "abc"));
  g_assert_true (emit_plain (object, "plain", good, ""));
  g_assert_true (emit_plain (object, "none", wrong[0], ""));
  g_assert_cmpstr (log->str, ==, "1 abc 3;0  0;none;");
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (emit_plain (object, "plain", wrong[i], "abc"));
  g_assert_false (emit_plain (object, "none", good, "abc"));
  g_assert_cmpstr (log->str, ==, "1 abc 3;0  0;none;");
}

/* A signal whose handlers return something is emitted in the other way, which takes it. */
static void
test_plain_returning (void)
{
  static const GType types[] = { G_TYPE_STRING, G_TYPE_INT, G_TYPE_INVALID };
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_MOVABLE);
  g_autoptr (PlantRpcInterfaceInfo) other =
    test_read_json ("{\"signals\": {\"other\": {\"signature\": \"()\"}}}");
  g_autoptr (GObject) object = make (info, TEST_TYPE_MOVABLE);
  g_autoptr (GString) log = g_string_new (NULL);
  const PlantRpcRuntimeSignal lacking = find (object, other, "other");
  const PlantRpcArguments none = { 0 };

  g_signal_connect (object, "done", G_CALLBACK (on_done), log);
  g_assert_false (emit_plain (object, "done", types, "abc"));
  g_assert_false (plant_rpc_runtime_signal_emit_plain (&lacking, object, &none));
  g_assert_cmpstr (log->str, ==, "");
}

static gboolean
on_told (GObject    *object,
         const char *text,
         GStrv       list,
         GString    *log)
{
  g_string_append_printf (log, "%s %s;", text, list != NULL ? list[0] : "NULL");
  return TRUE;
}

static void
on_said (GObject    *object,
         const char *text,
         GString    *log)
{
  g_string_append_printf (log, "%s;", text);
}

/* Arguments that a signal does not copy are told apart from others by a flag of their type. */
static void
test_static_scope (void)
{
  static const GType types[] = { G_TYPE_STRING, G_TYPE_INVALID };
  GType teller = g_type_register_static_simple (G_TYPE_INTERFACE, "TestTeller",
                                                sizeof (GTypeInterface), NULL, 0, NULL, 0);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (GObject) object = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_type_interface_add_prerequisite (teller, G_TYPE_OBJECT);
  g_type_default_interface_ref (teller);
  g_signal_new ("told", teller, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_BOOLEAN, 2,
                G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE,
                G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_new ("said", teller, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  info = test_read_type (teller);
  object = make (info, teller);
  g_assert_true (g_type_is_a (G_OBJECT_TYPE (object), teller));
  g_signal_connect (object, "told", G_CALLBACK (on_told), log);
  g_signal_connect (object, "said", G_CALLBACK (on_said), log);
  g_assert_true (emit (object, "told", "[<'a'>, <['b']>]", &error));
  g_assert_true (emit (object, "said", "[<'c'>]", &error));
  g_assert_no_error (error);
  g_assert_true (emit_plain (object, "said", types, "d"));
  g_assert_cmpstr (log->str, ==, "a b;c;d;");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runtime-signal/emit", test_emit);
  g_test_add_func ("/runtime-signal/refused", test_emit_refused);
  g_test_add_func ("/runtime-signal/unknown", test_emit_unknown);
  g_test_add_func ("/runtime-signal/template", test_emit_template);
  g_test_add_func ("/runtime-signal/plain", test_plain);
  g_test_add_func ("/runtime-signal/plain/returning", test_plain_returning);
  g_test_add_func ("/runtime-signal/static-scope", test_static_scope);

  return g_test_run ();
}
