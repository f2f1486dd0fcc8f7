/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-value-private.h"

#define PADDING 10000 /* bytes: a message with so many is no small one */

static GVariant *
nest_variants (guint depth)
{
  GVariant *value = g_variant_new_boolean (TRUE);

  for (guint i = 0; i < depth; i++)
    value = g_variant_new_variant (value);
  return value;
}

/* A tuple whose type has LENGTH characters. */
static GVariant *
make_tuple (guint length)
{
  g_autofree GVariant **bytes = g_new (GVariant *, length);

  for (guint i = 0; i < length - 2; i++)
    bytes[i] = g_variant_new_byte ((guint8) i);
  return g_variant_new_tuple (bytes, length - 2);
}

/* Each container is of another kind than the one in it. */
static GVariant *
nest_all (guint depth)
{
  GVariant *value = g_variant_new_string ("((((aaaa");

  for (guint i = 0; i < depth; i++)
    {
      if (i % 4 == 0)
        value = g_variant_new_variant (value);
      else if (i % 4 == 1)
        value = g_variant_new_array (NULL, &value, 1);
      else if (i % 4 == 2)
        value = g_variant_new_tuple (&value, 1);
      else
        value = g_variant_new_maybe (NULL, value);
    }
  return value;
}

/* The message itself is two containers, a tuple and a variant. */
static gboolean
is_packed (GVariant   *value,
           const char *padding)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload =
      plant_rpc_message_pack_native (g_variant_new ("(yvs)", PLANT_RPC_KIND_VALUE, value, padding),
                                     &error);
  g_autoptr (GVariant) unpacked = NULL;

  if (payload == NULL)
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
      return FALSE;
    }
  unpacked = plant_rpc_message_unpack_native (payload, "(yvs)", &error);
  g_assert_no_error (error);
  g_assert_nonnull (unpacked);
  return TRUE;
}

static gboolean
is_unpacked (GVariant *value)
{
  g_autoptr (GVariant) message =
      g_variant_ref_sink (g_variant_new ("(yvs)", PLANT_RPC_KIND_VALUE, value, ""));
  g_autoptr (GBytes) payload = g_variant_get_data_as_bytes (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) unpacked = plant_rpc_message_unpack_native (payload, "(yvs)", &error);

  if (unpacked == NULL)
    g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  return unpacked != NULL;
}

/* Neither leaves nor enters, however deep inside and at whatever place. */
static void
test_type_length (void)
{
  g_autofree char *text = g_strnfill (10 * PLANT_RPC_MAX_TYPE_LENGTH, 'a');

  for (guint i = 0; i < 20; i++)
    {
      guint length = PLANT_RPC_MAX_TYPE_LENGTH - 10 + i;
      gboolean expected = length <= PLANT_RPC_MAX_TYPE_LENGTH;
      g_autofree char *before = g_strnfill (i * 777, 'x');

      g_assert_cmpint (is_packed (make_tuple (length), text), ==, expected);
      g_assert_cmpint (is_unpacked (make_tuple (length)), ==, expected);
      g_assert_cmpint (is_unpacked (g_variant_new ("(sv)", before, make_tuple (length))), ==,
                       expected);
      g_assert_cmpint (is_unpacked (g_variant_new_parsed ("[<1>, <[<%s>, <%v>]>]", text,
                                                          make_tuple (length))), ==, expected);
    }
}

static void
test_depth (void)
{
  g_autofree char *padding = g_strnfill (PADDING, ' ');

  for (guint depth = 0; depth < PLANT_RPC_MAX_DEPTH + 10; depth++)
    {
      gboolean expected = depth + 2 <= PLANT_RPC_MAX_DEPTH;

      g_assert_cmpint (is_packed (nest_variants (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_variants (depth), padding), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), padding), ==, expected);
    }
}

/* Types are looked for no deeper than a value may be nested, so that the stack is not used up. */
static void
test_bottomless (void)
{
  const gsize n_text = 10 * PLANT_RPC_MAX_TYPE_LENGTH, n_variants = 1000000;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GVariant) unpacked = NULL;
  g_autoptr (GError) error = NULL;
  guint32 end = GUINT32_TO_LE (n_text);

  g_byte_array_set_size (bytes, (guint) n_text);
  memset (bytes->data, 'a', n_text);
  bytes->data[n_text - 1] = '\0';
  for (gsize i = 0; i < n_variants; i++)
    g_byte_array_append (bytes, (const guint8 *) "\0v", 2);
  g_byte_array_append (bytes, (const guint8 *) &end, sizeof end);
  payload = g_bytes_new (bytes->data, bytes->len);
  unpacked = plant_rpc_message_unpack_native (payload, "(sv)", &error);
  g_assert_null (unpacked);
  g_assert_nonnull (error);
}

/* What only looks like types of containers is none. */
static void
test_shallow (void)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < 200; i++)
    g_variant_builder_add (&list, "v", g_variant_new_string ("aaaa(((vvvmmm"));
  g_assert_true (is_packed (g_variant_builder_end (&list), ""));
}

/* A program's value that is not in normal form is sent in normal form, since peers refuse
 * others. */
static void
test_normal_form (void)
{
  static const guint8 bytes[] = { 'a', 'b', 7 };
  g_autoptr (GVariant) strange = g_variant_ref_sink (
      g_variant_new_from_data (G_VARIANT_TYPE ("as"), bytes, sizeof bytes, FALSE, NULL, NULL));

  g_assert_false (g_variant_is_normal_form (strange));
  g_assert_true (is_packed (strange, ""));
}

/* A kind and a name alone. */
static void
test_name (void)
{
  static const char *const names[] = { "", "m", "mode", "größe" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) tree =
          g_variant_ref_sink (g_variant_new ("(ys)", PLANT_RPC_KIND_PROPERTY_GET, names[i]));
      g_autoptr (GBytes) expected = g_variant_get_data_as_bytes (tree);
      g_autoptr (GBytes) payload =
          plant_rpc_message_pack_name (PLANT_RPC_KIND_PROPERTY_GET, names[i]);

      g_assert_true (g_bytes_equal (payload, expected));
      g_assert_cmpstr (plant_rpc_message_peek_name (payload), ==, names[i]);
    }
}

static void
test_no_name (void)
{
  static const struct {
    const char *data;
    gsize       size;
  } cases[] = { { "", 0 }, { "\x82", 1 }, { "\x82m", 2 }, { "\x82m\0n", 5 }, { "\x82\xff", 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) payload = g_bytes_new (cases[i].data, cases[i].size);

      g_assert_null (plant_rpc_message_peek_name (payload));
    }
}

/* ---- plain arguments */

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
    G_TYPE_BOOLEAN, G_TYPE_INT,   G_TYPE_UINT,   G_TYPE_LONG,  G_TYPE_INT64,
    G_TYPE_UINT64,  G_TYPE_FLOAT, G_TYPE_DOUBLE, G_TYPE_STRING,
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

  /* These are not told apart on the wire. */
  if (type == G_TYPE_FLOAT || type == G_TYPE_LONG)
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
test_plain (void)
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
test_plain_sizes (void)
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
  add_number (values, G_TYPE_UCHAR, 1);
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
  g_test_add_func ("/payload/depth", test_depth);
  g_test_add_func ("/payload/type-length", test_type_length);
  g_test_add_func ("/payload/shallow", test_shallow);
  g_test_add_func ("/payload/bottomless", test_bottomless);
  g_test_add_func ("/payload/normal-form", test_normal_form);
  g_test_add_func ("/payload/name", test_name);
  g_test_add_func ("/payload/no-name", test_no_name);
  g_test_add_func ("/payload/plain", test_plain);
  g_test_add_func ("/payload/plain-sizes", test_plain_sizes);
  g_test_add_func ("/payload/not-plain", test_not_plain);
  g_test_add_func ("/payload/hostile", test_hostile);
  return g_test_run ();
}
