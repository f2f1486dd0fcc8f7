/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-server-profile-private.h"

#define FOR_EVER PLANT_RPC_TIMEOUT_NONE
#define DEFAULT  PLANT_RPC_TIMEOUT_DEFAULT

/* The timeouts that an inventory may give for a method. */
static const struct {
  const char *told;
  int         timeout;
} timeouts[] = {
  { "1", 1 },
  { "2000", 2000 },
  { "2000.0", 2000 },
  { "1e3", 1000 },
  { "null", FOR_EVER },
  { "-1", FOR_EVER },
  { "-2", FOR_EVER },
  { "-1.5", FOR_EVER },
  { "-9223372036854775808", FOR_EVER },
  { "0", DEFAULT },
  { "-0.0", DEFAULT },
  { "0.5", DEFAULT },
  { "2147483647", G_MAXINT },
  { "2147483648", G_MAXINT },
  { "9223372036854775807", G_MAXINT },
  { "18446744073709551616", G_MAXINT },
  { "1e300", G_MAXINT },
  { "NaN", FOR_EVER },
  { "Infinity", FOR_EVER },
  { "-Infinity", FOR_EVER },
  { "\"2000\"", DEFAULT },
  { "\"\"", DEFAULT },
  { "true", DEFAULT },
  { "[2000]", DEFAULT },
  { "{}", DEFAULT },
};

static PlantRpcServerProfile *
learn (const char *json)
{
  PlantRpcServerProfile *self = plant_rpc_server_profile_new ();
  g_autoptr (GBytes) payload = g_bytes_new (json, strlen (json));
  g_auto (PlantRpcInventory) inventory = { 0 };
  g_autoptr (GVariant) values = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GError) error = NULL;

  plant_rpc_inventory_unpack (&inventory, payload, &error);
  g_assert_no_error (error);
  plant_rpc_server_profile_learn (self, &inventory, values, &error);
  g_assert_no_error (error);
  return self;
}

/* For a valid name, and for one that is too long for the method to be described. */
static void
test_timeouts (void)
{
  g_autofree char *unfit = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH + 1, 'x');
  const char *names[] = { "fit", unfit };

  for (guint i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      for (guint k = 0; k < 2 * G_N_ELEMENTS (names); k++)
        {
          gboolean buffer = k % 2 == 1;
          g_autofree char *methods = g_strdup_printf ("\"%s\": %s", names[k / 2],
                                                      timeouts[i].told);
          g_autofree char *json = g_strdup_printf (
              "{\"json_methods\": {%s}, \"buffer_methods\": {%s}, \"signals\": [],"
              " \"properties\": [], \"name\": \"\"}",
              buffer ? "" : methods, buffer ? methods : "");
          PlantRpcServerProfile *self = learn (json);
          PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL,
                                      .name = (char *) names[k / 2] };

          g_test_message ("%s", timeouts[i].told);
          g_assert_cmpint (plant_rpc_server_profile_get_timeout (self, &request), ==,
                           timeouts[i].timeout);
          plant_rpc_server_profile_free (self);
        }
    }
}

/* A timeout of something that is not a method, and a method that is not in the inventory. */
static void
test_other_timeouts (void)
{
  PlantRpcServerProfile *self =
      learn ("{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [],"
             " \"properties\": [], \"name\": \"\"}");
  PlantRpcRequest call = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = (char *) "other" };
  PlantRpcRequest get = { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) "other" };

  g_assert_cmpint (plant_rpc_server_profile_get_timeout (self, &call), ==, DEFAULT);
  g_assert_cmpint (plant_rpc_server_profile_get_timeout (self, &get), ==, DEFAULT);
  plant_rpc_server_profile_free (self);
}

static void
check (PlantRpcServerProfile *self,
       PlantRpcFormat         format,
       PlantRpcEvent          event,
       const char            *name,
       gboolean               wants_buffer,
       int                    code)
{
  PlantRpcRequest request = { .format = format, .event = event, .name = (char *) name };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (plant_rpc_server_profile_check_request (self, "tcp://127.0.0.1:5", &request,
                                                           wants_buffer, &error),
                   ==, code < 0);
  if (code >= 0)
    g_assert_error (error, PLANT_RPC_ERROR, code);
  else
    g_assert_no_error (error);
}

/* What an old server does not offer is not asked of it. A method that it offers is, even if its
 * name is too long for it to be described. */
static void
test_checks (void)
{
  static const struct {
    const char *name; /* NULL: too long */
    gboolean    buffer;
    int         code[2]; /* of a call for a value, and of one for a buffer; -1: none */
  } methods[] = {
    { "fit", FALSE, { -1, PLANT_RPC_ERROR_INVALID_ARGUMENTS } },
    { "fit", TRUE, { PLANT_RPC_ERROR_INVALID_ARGUMENTS, -1 } },
    { NULL, FALSE, { -1, PLANT_RPC_ERROR_INVALID_ARGUMENTS } },
    { NULL, TRUE, { PLANT_RPC_ERROR_INVALID_ARGUMENTS, -1 } },
  };
  g_autofree char *unfit = g_strnfill (PLANT_RPC_MAX_NAME_LENGTH + 1, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      const char *name = methods[i].name != NULL ? methods[i].name : unfit;
      g_autofree char *json = g_strdup_printf (
          "{\"json_methods\": {\"%s\": 1}, \"buffer_methods\": {\"%s\": 1}, \"signals\": [],"
          " \"properties\": [\"level\"], \"name\": \"\"}",
          methods[i].buffer ? "v" : name, methods[i].buffer ? name : "b");
      PlantRpcServerProfile *self = learn (json);

      for (guint k = 0; k < 2; k++)
        {
          check (self, PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_METHOD_CALL, name, k == 1,
                 methods[i].code[k]);
          check (self, PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_METHOD_CALL, "other", k == 1,
                 PLANT_RPC_ERROR_UNKNOWN_METHOD);
          check (self, PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_METHOD_CALL, "other", k == 1, -1);
        }
      check (self, PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_PROPERTY_GET, "level", FALSE, -1);
      check (self, PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_PROPERTY_SET, "other", FALSE,
             PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
      check (self, PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_PROPERTY_SET, "other", FALSE, -1);
      check (self, PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_STOP_SERVER, NULL, FALSE, -1);
      plant_rpc_server_profile_free (self);
    }
}

/* Returns how many members of WANTED, in JSON, a native device lacks that describes itself as TOLD.
 * The members by kind are GVariants in text format. */
static guint
count_lacking (const char *wanted,
               const char *json_methods,
               const char *buffer_methods,
               const char *properties,
               const char *signals,
               const char *told)
{
  g_autoptr (PlantRpcInterfaceInfo) template =
      plant_rpc_interface_info_new_from_json (wanted, NULL);
  PlantRpcServerProfile *self = plant_rpc_server_profile_new ();
  g_auto (PlantRpcInventory) inventory = {
    .json_methods = g_variant_ref_sink (g_variant_new_parsed (json_methods)),
    .buffer_methods = g_variant_ref_sink (g_variant_new_parsed (buffer_methods)),
    .properties = g_variant_ref_sink (g_variant_new_parsed (properties)),
    .signals = g_variant_ref_sink (g_variant_new_parsed (signals)),
    .native_version = 1,
    .interface = g_variant_parse (NULL, told, NULL, NULL, NULL),
  };
  guint n;

  plant_rpc_server_profile_set_template (self, template);
  g_assert_true (plant_rpc_server_profile_learn (self, &inventory, NULL, NULL));
  n = g_strv_length ((char **) plant_rpc_server_profile_get_missing (self));
  plant_rpc_server_profile_free (self);
  return n;
}

/* A member whose type has changed is missing, if no value of the device can be had. */
static void
test_types (void)
{
  static const struct {
    const char *wanted;
    const char *told;
    gboolean    missing;
  } cases[] = {
    { "i", "i", FALSE },         { "i", "x", FALSE },       { "d", "i", FALSE },
    { "i", "d", TRUE },          { "i", "s", TRUE },        { "s", "i", TRUE },
    { "b", "i", TRUE },          { "s", "as", TRUE },       { "as", "av", TRUE },
    { "(ii)", "(iii)", TRUE },   { "(ii)", "(ii)", FALSE }, { "v", "i", FALSE },
    { "i", "v", FALSE },         { "a{sv}", "a{ss}", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *wanted = g_strdup_printf (
          "{\"properties\": {\"p\": {\"type\": \"%s\"}},"
          " \"signals\": {\"s\": {\"signature\": \"(%s)\"}}}",
          cases[i].wanted, cases[i].wanted);
      g_autofree char *told = g_strdup_printf (
          "{'properties': <{'p': <{'type': <'%s'>}>}>,"
          " 'signals': <{'s': <{'signature': <'(%s)'>}>}>}",
          cases[i].told, cases[i].told);

      g_test_message ("%s for %s", cases[i].told, cases[i].wanted);
      g_assert_cmpuint (
          count_lacking (wanted, "@a{sv} {}", "@a{sv} {}", "['p']", "['s']", told), ==,
          cases[i].missing ? 2 : 0);
    }
}

/* A method is missing if no call of it as it was can be taken, or if what it returns is of no
 * use. */
static void
test_methods (void)
{
  static const struct {
    const char *wanted;
    const char *told;
    gboolean    buffer;
    gboolean    missing;
  } cases[] = {
    { "a: i -> i", "a: i -> i", FALSE, FALSE },
    { "a: i -> i", "a: i", TRUE, TRUE },
    { "a: d", "a: i", FALSE, FALSE },
    { "a: i", "a: s", FALSE, TRUE },
    { "a: i", "a: i, b: i", FALSE, TRUE },
    { "a: i", "a: i, b: i = 2", FALSE, FALSE },
    { "a: i, b: i", "a: i", FALSE, TRUE },
    { "a: i, b: i = 2", "a: i", FALSE, FALSE },
    { "-> i", "-> s", FALSE, TRUE },
    { "-> d", "-> i", FALSE, FALSE },
    { "-> i", "", FALSE, FALSE },
    { "", "-> s", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *wanted = g_strdup_printf (
          "{\"methods\": {\"m\": {\"signature\": \"%s\"}}}", cases[i].wanted);
      g_autofree char *told = g_strdup_printf (
          "{'methods': <{'m': <{'signature': <'%s'>, 'buffer': <%s>}>}>}", cases[i].told,
          cases[i].buffer ? "true" : "false");
      const char *json_methods = cases[i].buffer ? "@a{sv} {}" : "{'m': <int64 10>}";
      const char *buffer_methods = cases[i].buffer ? "{'m': <int64 10>}" : "@a{sv} {}";

      g_test_message ("%s for %s", cases[i].told, cases[i].wanted);
      g_assert_cmpuint (
          count_lacking (wanted, json_methods, buffer_methods, "@as []", "@as []", told), ==,
          cases[i].missing ? 1 : 0);
    }
}

static guint
count_missing (const char *wanted,
               const char *told)
{
  g_autofree char *form = g_strdup_printf (
      "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": %s}}}", wanted);
  g_autofree char *text = g_strdup_printf (
      "{'properties': <{'p': <{'type': <'s'>, 'choices': <@a{sx} %s>}>}>}", told);

  return count_lacking (form, "@a{sv} {}", "@a{sv} {}", "['p']", "@as []", text);
}

/* A device with more choices is still of use, and one that has none in common is not. */
static void
test_choices (void)
{
  g_assert_cmpuint (count_missing ("{\"a\": 0, \"b\": 1}", "{'a': 0, 'b': 1, 'c': 2}"), ==, 0);
  g_assert_cmpuint (count_missing ("{\"a\": 0, \"b\": 1}", "{'a': 0, 'c': 1}"), ==, 0);
  g_assert_cmpuint (count_missing ("{\"a-b\": 0}", "{'A_B': 0}"), ==, 0);
  g_assert_cmpuint (count_missing ("{\"a\": 0, \"b\": 1}", "{'c': 0, 'd': 1}"), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server-profile/timeouts", test_timeouts);
  g_test_add_func ("/server-profile/other-timeouts", test_other_timeouts);
  g_test_add_func ("/server-profile/checks", test_checks);
  g_test_add_func ("/server-profile/types", test_types);
  g_test_add_func ("/server-profile/methods", test_methods);
  g_test_add_func ("/server-profile/choices", test_choices);

  return g_test_run ();
}
