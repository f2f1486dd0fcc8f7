/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-request-private.h"

/* Messages that are taken apart without GVariant. What GVariant makes of the whole message says
 * what is right. */

static const char *const values[] = {
  "true", "byte 7", "int16 -3", "5", "int64 -5", "2.5", "''", "'STILL'", "objectpath '/a'",
  "@as []", "['a', 'bc']", "@a{sv} {}", "{'a': <1>, 'b': <'x'>, 'c': <[1.5, 2.5]>}", "<<5>>",
  "()", "(1, 'a')", "('a', 'b', byte 1)", "('a', byte 1, [1, 2])", "@mv nothing", "@mi 5",
  "@ms 'a'", "@a(sd) [('a', 1.0)]", "[<true>, <'a'>]", "(byte 1, int64 2)", "@ai []", "[1, 2, 3]",
};

static const guint8 bytes[] = { 0, 1, 2, 7, 8, 9, 0x7f, 0xff, 'a', 's', 'v', 'y', '(', ')', '{' };

static GVariant *
build (GVariant *value,
       gboolean  boxed)
{
  if (boxed)
    return g_variant_ref_sink (g_variant_new ("(yv)", PLANT_RPC_KIND_VALUE, value));
  return g_variant_ref_sink (g_variant_new ("(y@a{sv})", PLANT_RPC_KIND_VALUES, value));
}

/* A changed byte may have made a number NaN, which equals nothing. */
static void
assert_same (GVariant *value,
             GVariant *expected)
{
  g_assert_cmpstr (g_variant_get_type_string (value), ==, g_variant_get_type_string (expected));
  g_assert_cmpmem (g_variant_get_data (value), g_variant_get_size (value),
                   g_variant_get_data (expected), g_variant_get_size (expected));
  g_assert_false (g_variant_is_floating (value));
}

static void
check_pair (GBytes   *payload,
       gboolean  boxed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) message =
      plant_rpc_message_unpack_native (payload, boxed ? "(yv)" : "(ya{sv})", NULL);
  g_autoptr (GVariant) value = plant_rpc_message_unpack_pair (payload, boxed, &error);
  g_autoptr (GVariant) expected = NULL;

  if (message == NULL)
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_null (value);
      return;
    }
  g_assert_no_error (error);
  expected = g_variant_get_child_value (message, 1);
  if (boxed)
    {
      g_autoptr (GVariant) box = g_steal_pointer (&expected);

      expected = g_variant_get_variant (box);
    }
  assert_same (value, expected);
}

static void
check_call (GBytes   *payload,
            gboolean  boxed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) message = plant_rpc_message_unpack_native (payload, "(ysava{sv})", NULL);
  g_autoptr (GVariant) args = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  g_auto (PlantRpcRequest) request = { 0 };
  const char *name;

  if (!plant_rpc_request_unpack (&request, payload, &error))
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      g_assert_null (message);
      return;
    }
  g_assert_no_error (error);
  g_assert_nonnull (message);
  g_variant_get (message, "(y&s@av@a{sv})", NULL, &name, &args, &kwargs);
  g_assert_cmpstr (request.name, ==, name);
  assert_same (request.args, args);
  assert_same (request.kwargs, kwargs);
}

typedef void (*Check) (GBytes   *payload,
                       gboolean  boxed);

static void
check_changed (GBytes   *payload,
               Check     check,
               gboolean  boxed)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  for (gsize i = 1; i < size; i++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, i);

      check (cut, boxed);
      for (guint k = 0; k < G_N_ELEMENTS (bytes); k++)
        {
          g_autoptr (GBytes) changed = NULL;

          copy[i] = bytes[k];
          changed = g_bytes_new (copy, size);
          check (changed, boxed);
        }
      copy[i] = data[i];
    }
}

static void
check_value (GVariant *value,
             gboolean  boxed)
{
  g_autoptr (GVariant) message = build (value, boxed);
  g_autoptr (GBytes) expected = plant_rpc_message_pack_native (message, NULL);
  g_autoptr (GBytes) payload = plant_rpc_message_pack_pair (
      boxed ? PLANT_RPC_KIND_VALUE : PLANT_RPC_KIND_VALUES, value, boxed, NULL);

  g_assert_true (g_bytes_equal (payload, expected));
  check_pair (payload, boxed);
  check_changed (payload, check_pair, boxed);
}

static void
test_pairs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GVariant) value = g_variant_parse (NULL, values[i], NULL, NULL, NULL);

      g_assert_nonnull (value);
      check_value (value, TRUE);
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        check_value (value, FALSE);
    }
}

static void
check_written_call (const char *name,
                    const char *args,
                    const char *kwargs)
{
  const PlantRpcRequest request = {
    .format = PLANT_RPC_FORMAT_NATIVE,
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = (char *) name,
    .args = args != NULL ? g_variant_parse (G_VARIANT_TYPE ("av"), args, NULL, NULL, NULL) : NULL,
    .kwargs = kwargs != NULL ? g_variant_parse (G_VARIANT_TYPE_VARDICT, kwargs, NULL, NULL, NULL)
                             : NULL,
  };
  g_autoptr (GVariant) own_args = request.args;
  g_autoptr (GVariant) own_kwargs = request.kwargs;
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("(ava{sv})", NULL, NULL));
  g_autoptr (GVariant) no_args = g_variant_get_child_value (none, 0);
  g_autoptr (GVariant) no_kwargs = g_variant_get_child_value (none, 1);
  GVariant *message =
      g_variant_new ("(ys@av@a{sv})", PLANT_RPC_KIND_METHOD_CALL, name,
                     own_args != NULL ? own_args : no_args,
                     own_kwargs != NULL ? own_kwargs : no_kwargs);
  g_autoptr (GBytes) expected = plant_rpc_message_pack_native (message, NULL);
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);

  g_assert_true (g_bytes_equal (payload, expected));
  check_call (payload, FALSE);
  check_changed (payload, check_call, FALSE);
}

/* The ends of the members have one byte each in a message of up to 255 bytes, else two. */
static void
test_calls (void)
{
  check_written_call ("echo", NULL, NULL);
  check_written_call ("", "[<5>, <'a'>]", NULL);
  check_written_call ("größe", NULL, "{'a': <1>, 'b': <['x', 'y']>}");
  check_written_call ("move_to", "[<1.5>]", "{'fast': <true>}");
  for (guint length = 200; length < 270; length++)
    {
      g_autofree char *name = g_strnfill (length, 'x');

      check_written_call (name, "[<byte 1>]", length % 2 == 0 ? "{'a': <'b'>}" : NULL);
    }
}

/* A large payload is where ZeroMQ has put it, which need not be aligned. */
static void
test_unaligned (void)
{
  static const char *const texts[] = { "('a', 'b', byte 1)", "{'a': <1>}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GVariant) value = g_variant_parse (NULL, texts[i], NULL, NULL, NULL);
      g_autoptr (GBytes) payload =
          plant_rpc_message_pack_pair (PLANT_RPC_KIND_VALUE, value, TRUE, NULL);
      gsize size = g_bytes_get_size (payload);

      for (guint shift = 1; shift < 8; shift++)
        {
          g_autofree guint8 *block = g_malloc (shift + size);
          g_autoptr (GBytes) shifted = NULL;
          g_autoptr (GVariant) taken = NULL;

          memcpy (block + shift, g_bytes_get_data (payload, NULL), size);
          shifted = g_bytes_new_static (block + shift, size);
          taken = plant_rpc_message_unpack_pair (shifted, TRUE, NULL);
          g_assert_true (g_variant_equal (taken, value));
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message-members/pair", test_pairs);
  g_test_add_func ("/message-members/call", test_calls);
  g_test_add_func ("/message-members/unaligned", test_unaligned);
  return g_test_run ();
}
