/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <plantrpc/plantrpc.h>
#include <string.h>

#include "plant-rpc-value-marshal-private.h"

/* What “marshal.dumps (value, 2)” of Python returns, as a string of C, and the value. What Python
 * writes of the value, and reads again, is the same where BACK is NULL. */
typedef struct {
  const char *data;
  gsize       size;
  const char *value; /* (nullable): NULL for what is refused */
  const char *back;
  gsize       back_size;
} Case;

#define DATA(text) text, sizeof text - 1
#define SAME NULL, 0

static const Case cases[] = {
  { DATA ("N"), "@mv nothing", SAME },
  { DATA ("T"), "true", SAME },
  { DATA ("F"), "false", SAME },
  { DATA ("i\x05\0\0\0"), "int64 5", SAME },
  { DATA ("i\xff\xff\xff\xff"), "int64 -1", SAME },
  { DATA ("i\xff\xff\xff\x7f"), "int64 2147483647", SAME },
  { DATA ("l\x03\0\0\0\0\0\0\0\x02\0"), "int64 2147483648", SAME },
  { DATA ("i\0\0\0\x80"), "int64 -2147483648", DATA ("l\xfd\xff\xff\xff\0\0\0\0\x02\0") },
  { DATA ("l\x05\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\x07\0"), "int64 9223372036854775807", SAME },
  { DATA ("l\x05\0\0\0\0\0\0\0\0\0\0\0\x08\0"), "uint64 9223372036854775808", SAME },
  { DATA ("l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\x08\0"), "int64 -9223372036854775808", SAME },
  { DATA ("l\x05\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\x0f\0"), "uint64 18446744073709551615",
    SAME },
  { DATA ("l\x05\0\0\0\0\0\0\0\0\0\0\0\x10\0"), NULL, SAME },
  { DATA ("l\xfb\xff\xff\xff\x01\0\0\0\0\0\0\0\x08\0"), NULL, SAME },
  { DATA ("l\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0"), NULL, SAME },
  { DATA ("l\0\0\0\x80"), NULL, SAME },
  { DATA ("g\0\0\0\0\0\0\xf8\x3f"), "1.5", SAME },
  { DATA ("g\0\0\0\0\0\0\0\x80"), "-0.0", SAME },
  { DATA ("u\0\0\0\0"), "''", SAME },
  { DATA ("u\x02\0\0\0\xc3\xa4"), "'ä'", SAME },
  { DATA ("u\x01\0\0\0\0"), NULL, SAME },
  { DATA ("u\x03\0\0\0\xed\xa0\x80"), NULL, SAME },
  { DATA ("[\0\0\0\0"), "@av []", SAME },
  { DATA ("(\0\0\0\0"), "@av []", DATA ("[\0\0\0\0") },
  { DATA ("[\x02\0\0\0i\x01\0\0\0u\x01\0\0\0a"), "[<int64 1>, <'a'>]", SAME },
  { DATA ("(\x02\0\0\0g\0\0\0\0\0\0\xf8\x3f[\0\0\0\0"), "[<1.5>, <@av []>]",
    DATA ("[\x02\0\0\0g\0\0\0\0\0\0\xf8\x3f[\0\0\0\0") },
  { DATA ("{0"), "@a{sv} {}", SAME },
  { DATA ("{u\x01\0\0\0aTu\x01\0\0\0bN0"), "{'a': <true>, 'b': <@mv nothing>}", SAME },
  { DATA ("{i\x01\0\0\0T0"), NULL, SAME },
  { DATA ("{u\x01\0\0\0aT"), NULL, SAME },
  { DATA ("{u\x01\0\0\0a"), NULL, SAME },
  { DATA ("{"), NULL, SAME },
  { DATA ("s\x01\0\0\0a"), NULL, SAME },
  { DATA ("[\x02\0\0\0T"), NULL, SAME },
  { DATA ("[\xff\xff\xff\xff"), "@av []", DATA ("[\0\0\0\0") },
  { DATA ("[\x01\0\0\0i\x01\0\0"), NULL, SAME },
  { DATA ("[\x01\0\0\0g\x01\0\0\0\0\0\0"), NULL, SAME },
  { DATA ("u\xff\xff\xff\xff"), NULL, SAME },
  { DATA ("u\x02\0\0\0a"), NULL, SAME },
  { DATA ("i\x01\0\0"), NULL, SAME },
  { DATA ("TT"), NULL, SAME },
  { DATA ("y"), NULL, SAME },
  { DATA (""), NULL, SAME },
};

static void
assert_marshal (GVariant   *variant,
                const char *data,
                gsize       size)
{
  gsize length = 1;
  g_autofree guint8 *got = plant_rpc_value_to_marshal (variant, &length);

  g_assert_nonnull (got);
  g_assert_cmpmem (got, length, data, size);
}

static void
test_both_ways (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autofree guint8 *data = g_memdup2 (c->data, c->size);
      g_autoptr (GVariant) got = plant_rpc_value_from_marshal (data, c->size);
      g_autoptr (GVariant) value = NULL;

      g_test_message ("case %u: %s", i, c->value != NULL ? c->value : "refused");
      if (c->value == NULL)
        {
          g_assert_null (got);
          continue;
        }
      value = g_variant_new_parsed (c->value);
      g_assert_nonnull (got);
      g_assert_false (g_variant_is_floating (got));
      g_assert_true (g_variant_is_normal_form (got));
      g_assert_cmpstr (g_variant_get_type_string (got), ==, g_variant_get_type_string (value));
      g_assert_cmpvariant (got, value);
      assert_marshal (got, c->back != NULL ? c->back : c->data,
                      c->back != NULL ? c->back_size : c->size);
    }
}

/* The values that Python itself does not make, as GLib.Variant.unpack() of PyGObject has them
 * within arrays, and as the override has them elsewhere. */
static const struct {
  const char *value;
  const char *data; /* (nullable) */
  gsize       size;
} typed[] = {
  { "<<byte 200>>", DATA ("i\xc8\0\0\0") },
  { "int16 -5", DATA ("i\xfb\xff\xff\xff") },
  { "uint16 65535", DATA ("i\xff\xff\0\0") },
  { "uint32 4294967295", DATA ("l\x03\0\0\0\xff\x7f\xff\x7f\x03\0") },
  { "handle 3", DATA ("i\x03\0\0\0") },
  { "objectpath '/a'", DATA ("u\x02\0\0\0/a") },
  { "signature 'i'", DATA ("u\x01\0\0\0i") },
  { "@mi 7", DATA ("i\x07\0\0\0") },
  { "@mmi just nothing", DATA ("N") },
  { "()", DATA ("N") },
  { "((), 1)", DATA ("(\x02\0\0\0Ni\x01\0\0\0") },
  { "[()]", DATA ("[\x01\0\0\0(\0\0\0\0") },
  { "@ay [1, 0]", DATA ("s\x02\0\0\0\x01\0") },
  { "@ay []", DATA ("s\0\0\0\0") },
  { "[<@ay [1]>]", DATA ("[\x01\0\0\0s\x01\0\0\0\x01") },
  { "@aay [[1]]", DATA ("[\x01\0\0\0[\x01\0\0\0i\x01\0\0\0") },
  { "{'a': @ay [1]}", DATA ("{u\x01\0\0\0a[\x01\0\0\0i\x01\0\0\0" "0") },
  { "{1: 'a'}", DATA ("{i\x01\0\0\0u\x01\0\0\0a0") },
  { "[('a', true)]", DATA ("[\x01\0\0\0(\x02\0\0\0u\x01\0\0\0aT") },
  { "@{ys} {0, '18446744073709551616'}", NULL, 0 },
  { "[<@{ys} {0, '18446744073709551616'}>]", NULL, 0 },
};

static void
test_typed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (GVariant) value = g_variant_new_parsed (typed[i].value);
      gsize length = 1;

      g_test_message ("%s", typed[i].value);
      if (typed[i].data != NULL)
        {
          assert_marshal (value, typed[i].data, typed[i].size);
          continue;
        }
      g_assert_null (plant_rpc_value_to_marshal (value, &length));
      g_assert_cmpuint (length, ==, 0);
    }
}

/* N lists within each other, the innermost empty. */
static GByteArray *
nest (guint n)
{
  GByteArray *data = g_byte_array_new ();

  for (guint i = 1; i < n; i++)
    g_byte_array_append (data, (const guint8 *) "[\x01\0\0\0", 5);
  g_byte_array_append (data, (const guint8 *) "[\0\0\0\0", 5);
  return data;
}

static void
test_nesting (void)
{
  g_autoptr (GByteArray) most = nest (96);
  g_autoptr (GByteArray) deeper = nest (97);
  g_autoptr (GByteArray) deepest = nest (200000);
  g_autoptr (GVariant) value = plant_rpc_value_from_marshal (most->data, most->len);
  GVariant *more = g_variant_new_parsed ("@av []");
  g_autoptr (GVariant) nested = NULL;
  gsize length;

  g_assert_nonnull (value);
  assert_marshal (value, (const char *) most->data, most->len);
  g_assert_null (plant_rpc_value_from_marshal (deeper->data, deeper->len));
  g_assert_null (plant_rpc_value_from_marshal (deepest->data, deepest->len));
  for (guint i = 0; i < 96; i++)
    {
      GVariant *item = g_variant_new_variant (more);

      more = g_variant_new_array (NULL, &item, 1);
    }
  nested = g_variant_ref_sink (more);
  g_assert_null (plant_rpc_value_to_marshal (nested, &length));
}

/* Each cut of a text, and each byte of it changed, is read within its bounds. */
static void
test_damaged (void)
{
  static const char whole[] = "{u\x01\0\0\0a[\x03\0\0\0i\x01\0\0\0g\0\0\0\0\0\0\xf8\x3f"
                              "l\x03\0\0\0\0\0\0\0\x02\0u\x01\0\0\0b(\x01\0\0\0N0";

  for (gsize size = 0; size < sizeof whole - 1; size++)
    {
      g_autofree guint8 *cut = g_memdup2 (whole, size);

      g_assert_null (plant_rpc_value_from_marshal (cut, size));
    }
  for (gsize i = 0; i < sizeof whole - 1; i++)
    {
      for (guint byte = 0; byte < 256; byte++)
        {
          g_autofree guint8 *changed = g_memdup2 (whole, sizeof whole - 1);
          g_autoptr (GVariant) value = NULL;

          changed[i] = (guint8) byte;
          value = plant_rpc_value_from_marshal (changed, sizeof whole - 1);
          g_assert_true (value == NULL || g_variant_is_normal_form (value));
        }
    }
}

static void
test_not_normal (void)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_from_data (
      G_VARIANT_TYPE ("as"), "a\0b\0\x09\x04", 6, FALSE, NULL, NULL));
  gsize length;
  g_autofree guint8 *data = plant_rpc_value_to_marshal (value, &length);

  g_assert_nonnull (data);
  g_assert_cmpuint (length, >, 0);
}

/* marshal.dumps (((1, "a"), {"b": True}), 2) */
static const char call[] = "(\x02\0\0\0(\x02\0\0\0i\x01\0\0\0u\x01\0\0\0a{u\x01\0\0\0bT0";

static void
test_call (void)
{
  g_autoptr (GVariant) args = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GVariant) given = NULL;
  g_autofree guint8 *told = NULL;
  g_autofree guint8 *told_none = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (plant_rpc_value_take_marshal_call ((const guint8 *) call, sizeof call - 1, &args,
                                                    &kwargs));
  given = g_variant_ref_sink (g_variant_new ("(@av@a{sv})", args, kwargs));
  text = g_variant_print (given, FALSE);
  g_assert_cmpstr (text, ==, "([<int64 1>, <'a'>], {'b': <true>})");
  told = plant_rpc_value_call_to_marshal (args, kwargs, &length);
  g_assert_cmpmem (told, length,
                   "(\x02\0\0\0[\x02\0\0\0i\x01\0\0\0u\x01\0\0\0a{u\x01\0\0\0bT0", 30);
  told_none = plant_rpc_value_call_to_marshal (args, none, &length);
  g_assert_cmpmem (told_none, length,
                   "(\x02\0\0\0[\x02\0\0\0i\x01\0\0\0u\x01\0\0\0a{0", 23);
}

/* Each cut of a call, and each byte of it changed, is read within its bounds. */
static void
test_damaged_call (void)
{
  for (gsize size = 0; size < sizeof call - 1; size++)
    {
      g_autofree guint8 *cut = g_memdup2 (call, size);
      GVariant *args = NULL, *kwargs = NULL;

      g_assert_false (plant_rpc_value_take_marshal_call (cut, size, &args, &kwargs));
      g_assert_null (args);
      g_assert_null (kwargs);
    }
  for (gsize i = 0; i < (sizeof call - 1) * 256; i++)
    {
      g_autofree guint8 *changed = g_memdup2 (call, sizeof call - 1);
      g_autoptr (GVariant) args = NULL;
      g_autoptr (GVariant) kwargs = NULL;

      changed[i / 256] = (guint8) i;
      if (plant_rpc_value_take_marshal_call (changed, sizeof call - 1, &args, &kwargs))
        g_assert_true (g_variant_is_of_type (args, G_VARIANT_TYPE ("av")) &&
                       g_variant_is_of_type (kwargs, G_VARIANT_TYPE_VARDICT));
      else
        g_assert_true (args == NULL && kwargs == NULL);
    }
}

static void
check_outcome (GVariant     *value,
               const GError *error,
               const char   *data,
               gsize         size)
{
  g_autoptr (GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;
  gsize length;
  g_autofree guint8 *told = plant_rpc_value_outcome_to_marshal (sunk, error, &length);

  g_assert_cmpmem (told, length, data, size);
}

static void
test_outcome (void)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, 24, "late");

  check_outcome (NULL, NULL, DATA ("(\x01\0\0\0N"));
  check_outcome (g_variant_new_int32 (7), NULL, DATA ("(\x01\0\0\0i\x07\0\0\0"));
  /* An integer of more than 64 bits, as JSON. */
  check_outcome (g_variant_new_parsed ("@{ys} {0, '9'}"), NULL,
                 DATA ("(\x02\0\0\0u\x04\0\0\0{ys}s\x03\0\0\0\0009\0"));
  check_outcome (NULL, error,
                 DATA ("(\x04\0\0\0u\x10\0\0\0g-io-error-quarki\x18\0\0\0u\x04\0\0\0lateN"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/value-marshal/both-ways", test_both_ways);
  g_test_add_func ("/value-marshal/typed", test_typed);
  g_test_add_func ("/value-marshal/nesting", test_nesting);
  g_test_add_func ("/value-marshal/damaged", test_damaged);
  g_test_add_func ("/value-marshal/not-normal", test_not_normal);
  g_test_add_func ("/value-marshal/call", test_call);
  g_test_add_func ("/value-marshal/damaged-call", test_damaged_call);
  g_test_add_func ("/value-marshal/outcome", test_outcome);
  return g_test_run ();
}
