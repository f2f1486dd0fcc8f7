/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-variant.h"

static void
test_bind (void)
{
  static const struct {
    const char *signature;
    const char *args;
    const char *kwargs;
    const char *result; /* or part of the error */
    gboolean    fails;
  } cases[] = {
    { "", "@av []", "@a{sv} {}", "@av []", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>]", "@a{sv} {}", "[<1>, <'x'>]", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>, <'y'>]", "@a{sv} {}", "[<1>, <'y'>]", FALSE },
    { "a: i, b: s = 'x'", "@av []", "@a{sv} {'b': <'y'>, 'a': <int64 2>}", "[<2>, <'y'>]", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>]", "@a{sv} {'b': <'z'>}", "[<1>, <'z'>]", FALSE },
    { " a , b = 5 , c:d=.5 ", "@av [<'q'>]", "@a{sv} {'c': <int64 3>}", "[<'q'>, <5>, <3.0>]",
      FALSE },
    { "a = <5>, b = {'x': <1>}", "@av []", "@a{sv} {}", "[<5>, <{'x': <1>}>]", FALSE },
    { "a", "@av [<@mv nothing>]", "@a{sv} {}", "[<@mv nothing>]", FALSE },
    { "size: (ii) = (1, 2)", "@av [<@av [<int64 3>, <int64 4>]>]", "@a{sv} {}", "[<(3, 4)>]",
      FALSE },
    { "a = '\\\\ud800', b = '\\u00e9\\U0001f331'", "@av []", "@a{sv} {}",
      "[<'\\\\ud800'>, <'é🌱'>]", FALSE },
    { "größe: d = 1", "@av []", "@a{sv} {'größe': <int64 2>}", "[<2.0>]", FALSE },
    { NULL, "@av [<int64 1>]", "@a{sv} {'x': <1>}", "[<int64 1>]", FALSE },
    { "", "@av [<int64 1>]", "@a{sv} {}", "too many arguments for “m”", TRUE },
    { "a", "@av []", "@a{sv} {}", "“a” of “m” is missing", TRUE },
    { "a", "@av []", "@a{sv} {'b': <1>}", "“m” has no argument “b”", TRUE },
    { "a", "@av [<1>]", "@a{sv} {'a': <1>}", "“a” is given twice", TRUE },
    { "a", "@av []", "@a{sv} {'a': <1>, 'a': <2>}", "twice", TRUE },
    { "a: i", "@av [<'1'>]", "@a{sv} {}", "“a”", TRUE },
    { "a: i", "@av [<1.5>]", "@a{sv} {}", "“a”", TRUE },
    { "a: y", "@av [<int64 256>]", "@a{sv} {}", "“a”", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcMethodInfo) method =
        plant_rpc_method_info_new ("m", cases[i].signature, FALSE, 0, &error);
      g_autoptr (GVariant) args = test_parse (cases[i].args);
      g_autoptr (GVariant) kwargs = test_parse (cases[i].kwargs);
      g_autoptr (GVariant) result = NULL;

      g_assert_no_error (error);
      result = plant_rpc_method_info_bind (method, args, kwargs, &error);
      if (!cases[i].fails)
        {
          g_autoptr (GVariant) expected = test_parse (cases[i].result);

          g_assert_no_error (error);
          g_assert_false (g_variant_is_floating (result));
          g_assert_cmpstr (g_variant_get_type_string (result), ==, "av");
          g_assert_cmpvariant (result, expected);
          continue;
        }
      g_assert_null (result);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
      g_assert_nonnull (strstr (error->message, cases[i].result));
    }
}

static char *
show_parameter (PlantRpcParameterInfo *parameter)
{
  GVariant *preset = plant_rpc_parameter_info_get_default (parameter);
  g_autofree char *text = preset != NULL ? g_variant_print (preset, TRUE) : NULL;

  return g_strconcat (plant_rpc_parameter_info_get_name (parameter), " ",
                      plant_rpc_parameter_info_get_type_string (parameter),
                      text != NULL ? " = " : "", text, NULL);
}

static void
test_parameters (void)
{
  static const struct {
    const char *signature;
    const char *parameters[6];
  } cases[] = {
    { "", { NULL } },
    { "-> d", { NULL } },
    { "a: i", { "a i" } },
    { " a : i , b:(ii)  ", { "a i", "b (ii)" } },
    { "lores: b = false, size: (ii) -> d", { "lores b = false", "size (ii)" } },
    { "a: s = 'x, y: i = 5', b: as = ['->', ','], c: d=1e-3 -> ms",
      { "a s = 'x, y: i = 5'", "b as = ['->', ',']", "c d = 0.001" } },
    { "a, b = <5>, c: v = <'x'>, d: a{sv} = {'k': <[1, 2]>}, e",
      { "a v", "b v = 5", "c v = 'x'", "d a{sv} = {'k': <[1, 2]>}", "e v" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcMethodInfo) method =
        plant_rpc_method_info_new ("m", cases[i].signature, FALSE, 0, &error);
      guint n;

      g_assert_no_error (error);
      for (n = 0; cases[i].parameters[n] != NULL; n++)
        {
          g_autofree char *shown =
            show_parameter (plant_rpc_method_info_get_parameter (method, n));

          g_assert_cmpstr (shown, ==, cases[i].parameters[n]);
        }
      g_assert_cmpint (plant_rpc_method_info_get_n_parameters (method), ==, n);
      g_assert_null (plant_rpc_method_info_get_parameter (method, n));
      g_assert_null (plant_rpc_method_info_get_parameter (method, G_MAXUINT));
    }
}

/* If nothing is known of them, that is not the same as none. */
static void
test_unknown_parameters (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcMethodInfo) method = plant_rpc_method_info_new ("m", NULL, FALSE, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_method_info_get_n_parameters (method), ==, -1);
  g_assert_null (plant_rpc_method_info_get_parameter (method, 0));
}

/* A parameter outlives its method. */
static void
test_parameter_reference (void)
{
  PlantRpcMethodInfo *method = plant_rpc_method_info_new ("m", "a: i = 5", FALSE, 0, NULL);
  g_autoptr (PlantRpcParameterInfo) parameter =
    plant_rpc_parameter_info_ref (plant_rpc_method_info_get_parameter (method, 0));
  g_autofree char *shown = NULL;

  plant_rpc_method_info_unref (method);
  shown = show_parameter (parameter);
  g_assert_cmpstr (shown, ==, "a i = 5");
}

static void
test_type_lengths (void)
{
  for (guint extra = 0; extra < 2; extra++)
    {
      g_autofree char *members = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH - 2 + extra, 'i');
      g_autofree char *signature = g_strdup_printf ("a: (%s)", members);
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcMethodInfo) method =
        plant_rpc_method_info_new ("m", signature, FALSE, 0, &error);

      g_assert_cmpint (method != NULL, ==, extra == 0);
      g_assert_cmpint (error != NULL, ==, extra == 1);
    }
}

static void
test_signature_limits (void)
{
  g_autoptr (GString) many = g_string_new ("a0");
  g_autofree char *deep = g_strnfill (1000, '(');
  g_autofree char *nested = g_strconcat ("a: ", deep, NULL);
  g_autofree char *default_value = g_strconcat ("a = ", deep, NULL);
  g_autofree char *huge = g_strnfill (1024 * 1024, 'a');
  g_autofree char *returned = g_strconcat ("-> ", deep, NULL);
  const char *const wrong[] = {
    many->str, nested, default_value, huge, "\xff", "a: i = ", "a =", ":i", "1a", "a: i i", ",",
    "a: {sv}", "a: m", "a = [1, 'x']", "a = <", "a: s = 'x", "->", "a ->", "a, -> d", "-> d d",
    "-> d, a", "-> d -> d", "-> {sv}", "-> a", "-> h", "-> *", "- > d", "a - d", "-> (", returned,
    "a = '\\ud800'", "a: s = \"\\\\\\udfff\"", "a = '\\U00110000'", "a = '\\Uffffffff'",
  };

  for (guint i = 1; i <= 64; i++)
    g_string_append_printf (many, ", a%u", i);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *signature = i == 0 ? many->str : wrong[i];
      g_autofree char *shown = g_strndup (signature, 40);

      g_test_message ("%s", i == 4 ? "no UTF-8" : shown);
      g_assert_null (plant_rpc_method_info_new ("m", signature, FALSE, 0, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
      g_assert_cmpuint (strlen (error->message), <, 2000);
    }
}

static void
test_parameter_twice (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_method_info_new ("m", "angle: d, x, angle: i", FALSE, 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  g_assert_nonnull (strstr (error->message, "“angle” is there twice"));
}

static void
test_return_type (void)
{
  static const struct {
    const char *signature;
    gboolean    buffer;
    const char *type; /* NULL: none */
    int         n_parameters;
  } cases[] = {
    { NULL, FALSE, NULL, -1 },
    { "", FALSE, NULL, 0 },
    { "a: i", FALSE, NULL, 1 },
    { "-> d", FALSE, "d", 0 },
    { "  ->d ", FALSE, "d", 0 },
    { "degrees: i, fast: b = false -> d", FALSE, "d", 2 },
    { "a: i->ms", FALSE, "ms", 1 },
    { "a -> as", FALSE, "as", 1 },
    { "a = '->' -> s", FALSE, "s", 1 },
    { "a: i = -1 -> i", FALSE, "i", 1 },
    { "-> ()", FALSE, "()", 0 },
    { "-> v", FALSE, "v", 0 },
    { "-> (ia{sv})", FALSE, "(ia{sv})", 0 },
    { "lores: b = false -> a{sv}", TRUE, "a{sv}", 1 },
    { "-> a{sd}", TRUE, "a{sd}", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcMethodInfo) method =
        plant_rpc_method_info_new ("m", cases[i].signature, cases[i].buffer, 0, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (plant_rpc_method_info_get_return_type (method), ==, cases[i].type);
      g_assert_cmpstr (plant_rpc_method_info_get_signature (method), ==, cases[i].signature);
      g_assert_cmpint (plant_rpc_method_info_get_n_parameters (method), ==, cases[i].n_parameters);
    }
}

/* It travels as an object. */
static void
test_return_type_of_buffer (void)
{
  static const char *const wrong[] = { "-> d", "-> ()", "-> v", "-> a{is}", "-> as" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_method_info_new ("m", wrong[i], TRUE, 0, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
      g_assert_nonnull (strstr (error->message, wrong[i] + strlen ("-> ")));
    }
}

static void
test_validate_args (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info =
    test_read_json ("{\"signals\": {\"s\": {\"signature\": \"(isv)\"}, \"any\": {}}}");
  PlantRpcSignalInfo *signal = plant_rpc_interface_info_find_signal (info, "s");
  PlantRpcSignalInfo *any = plant_rpc_interface_info_find_signal (info, "any");
  g_autoptr (GVariant) good = NULL;
  g_autoptr (GVariant) tuple = NULL;
  g_autoptr (GVariant) coerced = NULL;
  g_autoptr (GVariant) all = NULL;
  g_autoptr (GError) error = NULL;

  good = plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<@x 1>, <'a'>, <@mv nothing>]"), FALSE, &error);
  g_assert_no_error (error);
  test_assert_variant (good, "[<1>, <'a'>, <@mv nothing>]");
  tuple = plant_rpc_signal_info_validate_args (
    signal, g_variant_new ("(xsb)", (gint64) 2, "b", TRUE), FALSE, &error);
  test_assert_variant (tuple, "[<2>, <'b'>, <true>]");
  coerced = plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<'45'>, <5>, <1.5>]"), TRUE, &error);
  g_assert_no_error (error);
  test_assert_variant (coerced, "[<45>, <'5'>, <1.5>]");
  all = plant_rpc_signal_info_validate_args (any, g_variant_new_parsed ("[<'45'>]"), FALSE, &error);
  test_assert_variant (all, "[<'45'>]");
  g_clear_pointer (&all, g_variant_unref);
  /* Of a tuple, too, what is in a variant is the argument. */
  all = plant_rpc_signal_info_validate_args (any, g_variant_new_parsed ("(<5>, 'a')"), FALSE,
                                             &error);
  test_assert_variant (all, "[<5>, <'a'>]");

  g_assert_null (plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<1>, <5>, <1.5>]"), FALSE, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_nonnull (strstr (error->message, "argument 2"));
  g_clear_error (&error);
  g_assert_null (plant_rpc_signal_info_validate_args (signal, g_variant_new_parsed ("[<1>]"), TRUE,
                                                      &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_null (plant_rpc_signal_info_validate_args (signal, g_variant_new_int32 (1), TRUE,
                                                      &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/signature/bind", test_bind);
  g_test_add_func ("/signature/parameters", test_parameters);
  g_test_add_func ("/signature/unknown-parameters", test_unknown_parameters);
  g_test_add_func ("/signature/parameter-reference", test_parameter_reference);
  g_test_add_func ("/signature/signature", test_signature_limits);
  g_test_add_func ("/signature/parameter-twice", test_parameter_twice);
  g_test_add_func ("/signature/type-lengths", test_type_lengths);
  g_test_add_func ("/signature/return-type", test_return_type);
  g_test_add_func ("/signature/return-type-of-buffer", test_return_type_of_buffer);
  g_test_add_func ("/signature/validate-args", test_validate_args);

  return g_test_run ();
}
