/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-object-private.h"
#include "plant-rpc-test-variant.h"

static const char text[] =
    " {\"s\": \"a\", \"n\": 5, \"list\": [1, \"x\"], \"o\": {\"s\": \"inner\"}, \"null\": null}";

static gboolean
unpack (const char      *json,
        PlantRpcObject  *object,
        GError         **error)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (json, strlen (json));

  return plant_rpc_object_unpack (payload, object, error);
}

static void
test_unpack (void)
{
  static const char *const bad[] = { "", "[]", "5", "{", "{\"a\": }", "{} {}" };
  PlantRpcObject object;
  g_autoptr (GVariant) whole = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (unpack (bad[i], &object, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
  g_assert_true (unpack (text, &object, NULL));
  whole = plant_rpc_object_read (&object);
  test_assert_variant (whole, "{'s': <'a'>, 'n': <int64 5>, 'list': <[<int64 1>, <'x'>]>,"
                              " 'o': <{'s': <'inner'>}>, 'null': <@mv nothing>}");
}

/* A member that is missing and one of the wrong type are told apart. */
static void
test_get (void)
{
  static const struct {
    const char *name;
    const char *type_string;
    const char *value; /* NULL: it has the wrong type, unless it is missing */
  } cases[] = {
    { "s", "s", "'a'" },
    { "s", "", "'a'" },
    { "n", "x", "int64 5" },
    { "n", "s", NULL },
    { "s", "x", NULL },
    { "list", "av", "[<int64 1>, <'x'>]" },
    { "list", "a{sv}", NULL },
    { "o", "a{sv}", "{'s': <'inner'>}" },
    { "o", "av", NULL },
    { "null", "", "@mv nothing" },
    { "inner", "", NULL },
  };
  PlantRpcObject object;
  g_autoptr (GVariant) whole = NULL;

  g_assert_true (unpack (text, &object, NULL));
  whole = plant_rpc_object_read (&object);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *name = cases[i].name, *type_string = cases[i].type_string;
      g_autoptr (GError) error = NULL, read_error = NULL;
      g_autoptr (GVariant) found = plant_rpc_object_get (&object, name, type_string, NULL);
      g_autoptr (GVariant) value = plant_rpc_object_get (&object, name, type_string, &error);
      g_autoptr (GVariant) read =
          plant_rpc_object_get_member (whole, name, type_string, &read_error);

      g_assert_cmpint (plant_rpc_object_has (&object, name), ==, !g_str_equal (name, "inner"));
      if (cases[i].value != NULL)
        {
          test_assert_variant (found, cases[i].value);
          test_assert_variant (value, cases[i].value);
          test_assert_variant (read, cases[i].value);
          continue;
        }
      g_assert_null (found);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_cmpstr (error->message, ==, read_error->message);
      g_assert_nonnull (strstr (error->message, plant_rpc_object_has (&object, name)
                                                    ? "has the wrong type" : "lacks"));
    }
}

static void
test_open (void)
{
  PlantRpcObject object, member;
  g_autofree char *inner = NULL;

  g_assert_true (unpack (text, &object, NULL));
  g_assert_true (plant_rpc_object_open (&object, "o", &member, NULL));
  inner = plant_rpc_object_dup_string (&member, "s", NULL);
  g_assert_cmpstr (inner, ==, "inner");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_object_open (&object, i == 0 ? "list" : "none", &member, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static GVariant *
nest (guint depth)
{
  GVariant *value = g_variant_new_int32 (1);

  for (guint i = 0; i < depth; i++)
    value = g_variant_new_array (NULL, &value, 1);
  return value;
}

static void
test_pack (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload =
      plant_rpc_object_pack (g_variant_new_parsed ("{'a': <5>, 'b': <['x']>}"), &error);
  gsize size;
  const char *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (payload, &size);
  g_assert_cmpmem (data, size, "{\"a\":5,\"b\":[\"x\"]}", strlen ("{\"a\":5,\"b\":[\"x\"]}"));
  g_assert_null (plant_rpc_object_pack (g_variant_new_parsed ("{'a': %v}", nest (100)), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
test_writer (void)
{
  const char *expected = "{\"event\":\"X\\n\\\"\",\"params\":{\"args\":[1,[]],\"none\":{}},"
                         "\"good\":true,\"port\":65535}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = NULL;
  PlantRpcObjectWriter writer;

  plant_rpc_object_writer_begin (&writer);
  plant_rpc_object_writer_add_string (&writer, "event", "X\n\"");
  plant_rpc_object_writer_open (&writer, "params");
  plant_rpc_object_writer_add (&writer, "args", g_variant_new_parsed ("[<1>, <@av []>]"));
  plant_rpc_object_writer_open (&writer, "none");
  plant_rpc_object_writer_close (&writer);
  plant_rpc_object_writer_close (&writer);
  plant_rpc_object_writer_add_boolean (&writer, "good", TRUE);
  plant_rpc_object_writer_add_number (&writer, "port", G_MAXUINT16);
  payload = plant_rpc_object_writer_end (&writer, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), expected,
                   strlen (expected));
}

/* What the writer takes is what a reader takes, wherever in the message a value is. */
static void
test_writer_depth (void)
{
  for (guint inside = 0; inside < 3; inside++)
    {
      for (guint excess = 0; excess < 2; excess++)
        {
          PlantRpcObject object;
          PlantRpcObjectWriter writer;
          g_autoptr (GBytes) payload = NULL;
          g_autoptr (GError) error = NULL;

          plant_rpc_object_writer_begin (&writer);
          for (guint i = 0; i < inside; i++)
            plant_rpc_object_writer_open (&writer, "o");
          plant_rpc_object_writer_add (
              &writer, "value", nest (PLANT_RPC_JSON_MAX_DEPTH - 1 - inside + excess));
          for (guint i = 0; i < inside; i++)
            plant_rpc_object_writer_close (&writer);
          plant_rpc_object_writer_add_boolean (&writer, "success", TRUE);
          payload = plant_rpc_object_writer_end (&writer, &error);
          if (excess > 0)
            {
              g_assert_null (payload);
              g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
              continue;
            }
          g_assert_no_error (error);
          g_assert_true (plant_rpc_object_unpack (payload, &object, &error));
          g_assert_no_error (error);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/object/unpack", test_unpack);
  g_test_add_func ("/object/get", test_get);
  g_test_add_func ("/object/open", test_open);
  g_test_add_func ("/object/pack", test_pack);
  g_test_add_func ("/object/writer", test_writer);
  g_test_add_func ("/object/writer-depth", test_writer_depth);
  return g_test_run ();
}
