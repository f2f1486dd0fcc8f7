/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values as people read and write them, and the log of what was said. */

#include "log.h"
#include "value-text.h"

static void
test_shown (void)
{
  const struct {
    const char *value, *text;
  } rows[] = {
    { "'a, b'", "a, b" },
    { "(640, 480)", "640 × 480" },
    { "(uint32 640, uint32 480)", "640 × 480" },
    { "['a', 'b c']", "a, b c" },
    { "['a,', 'b']", "[\"a,\",\"b\"]" },
    { "['a', '[b']", "[\"a\",\"[b\"]" },
    { "['a', '']", "[\"a\",\"\"]" },
    { "@as []", "" },
    { "0.1", "0.1" },
    { "1e300", "1e+300" },
    { "12345.678901", "12345.6789" },
    { "true", "true" },
    { "{'a': <1>}", "{\"a\":1}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) value = g_variant_new_parsed (rows[i].value);
      g_autofree char *text = scanner_value_text_of (g_variant_ref_sink (value));

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_arguments (void)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("('x', 5, (1, 2))"));
  g_autoptr (GVariant) boxed = g_variant_ref_sink (g_variant_new_parsed ("[<'x'>, <['a', 'b']>]"));
  g_autofree char *most = g_strnfill (160, 'x');
  g_autoptr (GVariant) whole = g_variant_ref_sink (g_variant_new ("(s)", most));
  g_autoptr (GVariant) longer = g_variant_ref_sink (g_variant_new ("(ss)", most, "y"));
  g_autofree char *cut = g_strconcat (most, "…", NULL);
  const struct {
    GVariant   *args;
    const char *text;
  } rows[] = {
    { NULL, "" }, { args, "x, 5, 1 × 2" }, { boxed, "x, a, b" }, { whole, most }, { longer, cut },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = scanner_value_text_of_arguments (rows[i].args);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_entered (void)
{
  const struct {
    const char *text, *type, *value;
  } rows[] = {
    { "[5]", "s", "'[5]'" },
    { "a,b c , d", "as", "['a', 'b c', 'd']" },
    { "[\"a,b\"]", "as", "['a,b']" },
    { "640 × 480", "(ii)", "(640, 480)" },
    { "640×480", "(ii)", "(640, 480)" },
    { " 640 x 480 ", "(ii)", "(640, 480)" },
    { "640*480", "(uu)", "(uint32 640, uint32 480)" },
    { "640, 480", "(ii)", "(640, 480)" },
    { "5", "i", "5" },
    { "true", "b", "true" },
    { "[1, \"a\"]", "v", "[<int64 1>, <'a'>]" },
    { "7", "", "int64 7" },
    { "wide", "(ii)", NULL },
    { "640", "(ii)", NULL },
    { "much", "i", NULL },
    { "{", "v", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = scanner_value_text_parse (rows[i].text, rows[i].type, &error);
      g_autofree char *shown = value != NULL ? g_variant_print (value, TRUE) : NULL;

      g_assert_cmpstr (shown, ==, rows[i].value);
      if (value != NULL)
        continue;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_str_has_prefix (error->message, g_str_equal (rows[i].type, "(ii)")
                                                         ? "Width and height" : "This is no"));
    }
}

static guint
get_count (ScannerLogEntry *entry)
{
  guint count;

  g_object_get (entry, "count", &count, NULL);
  return count;
}

/* The same said again right after it is counted, unless it had failed. */
static void
test_repeated (void)
{
  g_autoptr (ScannerLog) log = scanner_log_new ();
  GListModel *model = G_LIST_MODEL (log);
  ScannerLogEntry *first = scanner_log_add (log, "a", SCANNER_LOG_CALL, "go ()");

  g_assert_true (scanner_log_add (log, "b", SCANNER_LOG_CALL, "go ()") != first);
  g_assert_true (scanner_log_add (log, "a", SCANNER_LOG_CALL, "go ()") == first);
  g_assert_cmpuint (get_count (first), ==, 2);
  g_assert_true (scanner_log_add (log, "a", SCANNER_LOG_SIGNAL, "go ()") != first);
  first = scanner_log_add (log, "a", SCANNER_LOG_CALL, "go ()");
  g_assert_cmpuint (get_count (first), ==, 1);
  g_assert_true (scanner_log_add (log, "a", SCANNER_LOG_CALL, "go (1)") != first);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 5);

  first = scanner_log_add (log, "a", SCANNER_LOG_CALL, "stop ()");
  scanner_log_entry_set_outcome (first, "no", TRUE);
  g_assert_true (scanner_log_add (log, "a", SCANNER_LOG_CALL, "stop ()") != first);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 7);

  scanner_log_clear (log);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  scanner_log_add (log, "a", SCANNER_LOG_CALL, "stop ()");
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
}

/* A full log forgets its oldest entries. */
static void
test_full (void)
{
  g_autoptr (ScannerLog) log = scanner_log_new ();
  g_autoptr (ScannerLogEntry) oldest = NULL;

  for (guint i = 0; i <= 5000; i++)
    {
      g_autofree char *title = g_strdup_printf ("%u", i);

      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, i);
      scanner_log_add (log, "a", SCANNER_LOG_SIGNAL, title);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, 4501);
  oldest = g_list_model_get_item (G_LIST_MODEL (log), 0);
  g_assert_cmpstr (scanner_log_entry_get_title (oldest), ==, "500");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/values/shown", test_shown);
  g_test_add_func ("/values/arguments", test_arguments);
  g_test_add_func ("/values/entered", test_entered);
  g_test_add_func ("/log/repeated", test_repeated);
  g_test_add_func ("/log/full", test_full);
  return g_test_run ();
}
