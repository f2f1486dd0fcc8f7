/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-emission-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-value-private.h"

#define N_ROUNDS 20000

static void
add_number (GArray *values,
            GType   type,
            gint64  number)
{
  GValue from = G_VALUE_INIT, to = G_VALUE_INIT;

  g_value_init (&from, G_TYPE_INT64);
  g_value_set_int64 (&from, number);
  g_value_init (&to, type);
  g_assert_true (g_value_transform (&from, &to));
  g_array_append_val (values, to);
}

static void
add_text (GArray     *values,
          const char *text)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  g_array_append_val (values, value);
}

static void
add_any (GArray *values)
{
  static const GType types[] = {
    G_TYPE_BOOLEAN, G_TYPE_CHAR,  G_TYPE_UCHAR,  G_TYPE_INT,   G_TYPE_UINT,   G_TYPE_LONG,
    G_TYPE_ULONG,   G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_FLOAT, G_TYPE_DOUBLE, G_TYPE_STRING,
  };
  GType type = types[g_test_rand_int_range (0, G_N_ELEMENTS (types))];
  guint64 high = (guint32) g_test_rand_int ();
  g_autofree char *text = NULL;

  if (type != G_TYPE_STRING)
    {
      add_number (values, type, (gint64) (high << 32 | (guint32) g_test_rand_int ()));
      return;
    }
  text = g_strnfill (g_test_rand_int_range (0, 2) * g_test_rand_int_range (0, 300), 'x');
  add_text (values, text);
}

static GArray *
new_values (void)
{
  GArray *values = g_array_new (FALSE, TRUE, sizeof (GValue));

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  return values;
}

static GVariant *
build_args (GArray *values)
{
  GVariantBuilder args;

  g_variant_builder_init (&args, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < values->len; i++)
    {
      g_autoptr (GVariant) arg =
          plant_rpc_value_to_variant (&g_array_index (values, GValue, i), NULL);

      g_variant_builder_add (&args, "v", arg);
    }
  return g_variant_ref_sink (g_variant_builder_end (&args));
}

static GBytes *
pack_plain (GArray     *values,
            const char *name)
{
  PlantRpcArguments plain;
  PlantRpcEmission emission = { .name = (char *) name, .plain = &plain };

  g_assert_true (plant_rpc_arguments_from_values (&plain, (GValue *) (gpointer) values->data,
                                                  values->len));
  return plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);
}

static void
assert_value (const PlantRpcArguments *plain,
              guint                    index,
              const GValue            *expected)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GType type = G_VALUE_TYPE (expected);

  /* These are not told apart on the wire, or are rare. */
  if (type == G_TYPE_FLOAT || type == G_TYPE_LONG || type == G_TYPE_ULONG || type == G_TYPE_CHAR ||
      type == G_TYPE_UCHAR)
    {
      g_assert_false (plant_rpc_arguments_to_value (plain, index, type, &value));
      return;
    }
  g_assert_true (plant_rpc_arguments_to_value (plain, index, type, &value));
  g_assert_true (plant_rpc_value_equal (&value, expected));
}

/* The bytes are those of the tree, and say the same. */
static void
assert_plain (GArray     *values,
              const char *name)
{
  g_autoptr (GVariant) args = build_args (values);
  const PlantRpcEmission emission = { .name = (char *) name, .value = args };
  g_autoptr (GBytes) expected = plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);
  g_autoptr (GBytes) payload = pack_plain (values, name);
  g_auto (PlantRpcArguments) plain = { 0 };
  g_auto (PlantRpcEmission) unpacked = { 0 };
  g_autoptr (GVariant) got = NULL;

  g_assert_true (g_bytes_equal (payload, expected));
  if (!plant_rpc_emission_unpack_plain (&unpacked, &plain, payload))
    {
      g_assert_cmpuint (g_bytes_get_size (payload), >, 4096);
      return;
    }
  g_assert_cmpstr (unpacked.name, ==, name);
  got = plant_rpc_emission_dup_args (&unpacked);
  g_assert_true (g_variant_equal (got, args));
  g_assert_cmpuint (plain.n_plain, ==, values->len);
  for (guint i = 0; i < values->len; i++)
    assert_value (&plain, i, &g_array_index (values, GValue, i));
}

static void
test_random (void)
{
  g_autofree char *long_name = g_strnfill (300, 'n');

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GArray) values = new_values ();
      int n_values = g_test_rand_int_range (0, PLANT_RPC_MAX_PLAIN + 1);

      for (int i = 0; i < n_values; i++)
        add_any (values);
      assert_plain (values, round % 7 == 0 ? long_name : "progressChanged");
    }
}

/* Around the sizes where GVariant's offsets grow, and where a payload is too long. */
static void
test_sizes (void)
{
  for (guint length = 0; length < 4200; length++)
    {
      g_autoptr (GArray) values = new_values ();
      g_autofree char *text = g_strnfill (length, 'x');

      add_text (values, text);
      add_number (values, G_TYPE_INT, length);
      assert_plain (values, "s");
    }
}

static void
test_not_plain (void)
{
  g_autoptr (GArray) values = new_values ();
  PlantRpcArguments plain;

  add_text (values, NULL);
  add_text (values, "\xff");
  add_number (values, G_TYPE_BINDING_FLAGS, 1);
  for (guint i = 0; i < values->len; i++)
    g_assert_false (
        plant_rpc_arguments_from_values (&plain, &g_array_index (values, GValue, i), 1));
  g_array_set_size (values, 0);
  for (guint i = 0; i <= PLANT_RPC_MAX_PLAIN; i++)
    add_number (values, G_TYPE_INT, i);
  g_assert_false (plant_rpc_arguments_from_values (
      &plain, (GValue *) (gpointer) values->data, values->len));
}

/* What is taken is what GVariant takes for normal, and nothing beyond the payload is read. */
static void
assert_sound (const guint8 *data,
              gsize         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_auto (PlantRpcArguments) plain = { 0 };
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GVariant) message = NULL;
  g_autoptr (GVariant) expected = NULL;
  g_autoptr (GVariant) args = NULL;
  const char *name;

  if (!plant_rpc_emission_unpack_plain (&emission, &plain, payload))
    return;
  message = plant_rpc_message_unpack_native (payload, "(ysav)", NULL);
  g_assert_nonnull (message);
  g_variant_get (message, "(y&s@av)", NULL, &name, &expected);
  args = plant_rpc_emission_dup_args (&emission);
  g_assert_cmpstr (name, ==, emission.name);
  g_assert_true (g_variant_equal (args, expected));
}

static void
test_hostile (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GArray) values = new_values ();
      g_autoptr (GBytes) payload = NULL;
      g_autofree guint8 *data = NULL;
      gsize size;

      for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
        add_any (values);
      payload = pack_plain (values, "modeChanged");
      data = g_bytes_unref_to_data (g_steal_pointer (&payload), &size);
      for (int i = g_test_rand_int_range (1, 4); i > 0; i--)
        data[g_test_rand_int_range (0, size)] = g_test_rand_int_range (0, 256);
      assert_sound (data, size);
      assert_sound (data, g_test_rand_int_range (0, size));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arguments/random", test_random);
  g_test_add_func ("/arguments/sizes", test_sizes);
  g_test_add_func ("/arguments/not-plain", test_not_plain);
  g_test_add_func ("/arguments/hostile", test_hostile);
  return g_test_run ();
}
