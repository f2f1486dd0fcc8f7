/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-serial-view-private.h"

/* The view finds the same children as GVariant, and theirs. */
static void
check_children (const PlantRpcSerialView *view,
                GVariant                 *value)
{
  g_autoptr (GVariant) copy = plant_rpc_serial_view_copy (view);
  gsize n = g_variant_is_container (value) ? g_variant_n_children (value) : 0;
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;

  g_assert_cmpvariant (copy, value);
  if (!g_variant_is_container (value))
    return;
  plant_rpc_serial_iter_init (&iter, view);
  g_assert_cmpuint (iter.n_left, ==, n);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) expected = g_variant_get_child_value (value, i);

      g_assert_true (plant_rpc_serial_iter_next (&iter, &child));
      check_children (&child, expected);
    }
  g_assert_false (plant_rpc_serial_iter_next (&iter, &child));
}

static void
check (GVariant *value)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (value);
  PlantRpcSerialView view = plant_rpc_serial_view_of (sunk);

  check_children (&view, sunk);
}

static void
test_values (void)
{
  static const char *const texts[] = {
    "1", "true", "'text'", "''", "()", "@ay []", "@as []", "@av []", "@a{sv} []", "@mi nothing",
    "@ms nothing", "just 5", "@ms ''", "@mms just nothing", "@mav []", "@m() ()", "<1>", "<''>",
    "<()>",
    "<<<'deep'>>>", "<@ms nothing>", "['a', '', 'bcd']", "[[1], [], [2, 3]]", "[('a', 1, 'b')]",
    "[<byte 1>, <2.5>, <'three'>, <[<4>]>]", "(byte 1, 2.5, byte 3)", "(byte 1, 'a', int64 5, 'b')",
    "('a', byte 1)", "('', '', '')", "(1, 'a', 'b', 2)", "('a', 1, byte 2, @n 3)", "((), ())",
    "[(), (), ()]", "(byte 1, (2.5, 'a'), [1], 'b', byte 7)", "{'a': <1>, 'bc': <'d'>, '': <()>}",
    "{1: 2.5, 3: 4.5}", "{byte 1: 'a', byte 2: ''}", "[@mi 1, nothing]",
    "[@ms 'a', nothing, just '']",
    "(true, @aay [], @a{sas} {'a': ['b', 'c']}, objectpath '/', signature 'as', handle 5)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("%s", texts[i]);
      check (g_variant_new_parsed (texts[i]));
    }
}

static void
check_size (gsize size)
{
  g_autofree char *text = g_strnfill (size, 'a');
  const char *const list[] = { "b", text, "c", NULL };

  check (g_variant_new ("(sys)", text, 1, "b"));
  check (g_variant_new ("(ss)", text, "b"));
  check (g_variant_new_strv (list, -1));
  check (g_variant_new ("ms", text));
  check (g_variant_new ("v", g_variant_new_string (text)));
}

/* Ends are stored in one, two or four bytes. */
static void
test_sizes (void)
{
  for (gsize size = 0; size < 300; size++)
    check_size (size);
  for (gsize size = 65500; size < 65540; size++)
    check_size (size);
}

static void
test_open (void)
{
  static const struct {
    const char *value;
    const char *opened;
  } cases[] = {
    { "1", "1" }, { "<<just <1>>>", "1" }, { "<@mmi just nothing>", "@mi nothing" },
    { "@mv nothing", "@mv nothing" }, { "<[<1>]>", "[<1>]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (cases[i].value));
      g_autoptr (GVariant) expected = g_variant_ref_sink (g_variant_new_parsed (cases[i].opened));
      PlantRpcSerialView view = plant_rpc_serial_view_of (value);
      PlantRpcSerialView opened = plant_rpc_serial_view_open (&view);
      g_autoptr (GVariant) copy = plant_rpc_serial_view_copy (&opened);

      g_assert_cmpvariant (copy, expected);
    }
}

static gsize
count_elements (const PlantRpcSerialView *array)
{
  g_autoptr (GBytes) bytes = g_bytes_new (array->data, array->size);
  g_autoptr (GVariant) value =
      g_variant_ref_sink (g_variant_new_from_bytes (array->type, bytes, FALSE));

  return g_variant_n_children (value);
}

/* Goes through everything, and returns how many children there are. */
static gsize
count_all (const PlantRpcSerialView *view)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;
  gsize n = 0;

  if (!g_variant_type_is_container (view->type))
    return 0;
  plant_rpc_serial_iter_init (&iter, view);
  if (g_variant_type_is_array (view->type))
    g_assert_cmpuint (iter.n_left, ==, count_elements (view));
  while (plant_rpc_serial_iter_next (&iter, &child))
    {
      g_assert_true ((child.data == NULL) == (child.size == 0));
      if (child.size > 0)
        {
          g_assert_true (child.data >= view->data);
          g_assert_true (child.data + child.size <= view->data + view->size);
        }
      n += 1 + count_all (&child);
    }
  return n;
}

/* Returns an end within SIZE, or a character of types. */
static guint8
make_byte (GRand *random,
           gsize  size)
{
  if (g_rand_boolean (random))
    return (guint8) g_rand_int_range (random, 0, (gint32) MIN (size + 1, 256));
  return (guint8) "\0vas(y)\xff"[g_rand_int_range (random, 0, 8)];
}

/* Bytes that are no value of the type are read within their bounds. */
static void
test_malformed (void)
{
  static const char *const types[] = {
    "v", "av", "as", "a{sv}", "(sss)", "(ysay)", "aai", "mas", "m(ss)", "(xs)", "a(ys)", "at",
    "(it)", "aav", "mv",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  gsize n = 0;

  for (guint round = 0; round < 20000; round++)
    {
      const char *type = types[round % G_N_ELEMENTS (types)];
      gsize size = (gsize) g_rand_int_range (random, 0, round % 10 == 0 ? 400 : 40);
      g_autofree guint8 *data = g_malloc (size);
      PlantRpcSerialView view = { data, size, G_VARIANT_TYPE (type) };

      for (gsize i = 0; i < size; i++)
        data[i] = make_byte (random, size);
      n += count_all (&view);
    }
  g_assert_cmpuint (n, >, 20000);
}

static void
test_no_type (void)
{
  static const char *const contents[] = { "", "a", "\0", "\0r", "\0?", "\0ii", "\0(i", "\0{si}" };
  static const gsize sizes[] = { 0, 1, 1, 2, 2, 3, 3, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      PlantRpcSerialView view = { (const guint8 *) contents[i], sizes[i], G_VARIANT_TYPE_VARIANT };
      PlantRpcSerialView child;
      PlantRpcSerialIter iter;

      plant_rpc_serial_iter_init (&iter, &view);
      g_assert_cmpint (plant_rpc_serial_iter_next (&iter, &child), ==, contents[i] == contents[7]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/serial-view/values", test_values);
  g_test_add_func ("/serial-view/sizes", test_sizes);
  g_test_add_func ("/serial-view/open", test_open);
  g_test_add_func ("/serial-view/malformed", test_malformed);
  g_test_add_func ("/serial-view/no-type", test_no_type);
  return g_test_run ();
}
