/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plantrpc/tools/tool-json-layout.h"

static void
test_lay_out (void)
{
  static const struct {
    const char *json;
    const char *laid_out;
  } cases[] = {
    { "5", "5" },
    { " \"a,b:{[\\\"\" ", "\"a,b:{[\\\"\"" },
    { "{ }", "{}" },
    { "[1,[ ]]", "[\n  1,\n  []\n]" },
    { "{\"a\":{\"b\":{\"c\":18446744073709551615,\"d\":[-0.0,1e300]},\"e\":{}},\"f\":[]}",
      "{\n  \"a\": {\n    \"b\": {\"c\": 18446744073709551615, \"d\": [-0.0, 1e300]},\n"
      "    \"e\": {}\n  },\n  \"f\": []\n}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = tool_json_lay_out (cases[i].json);
      g_autofree char *again = tool_json_lay_out (text);

      g_assert_cmpstr (text, ==, cases[i].laid_out);
      g_assert_cmpstr (again, ==, text);
    }
}

/* As many bytes as fit stay on a line, and not one more. */
static void
test_lay_out_long (void)
{
  for (guint length = 60; length < 110; length++)
    {
      g_autofree char *fill = g_strnfill (length, 'x');
      g_autofree char *json = g_strdup_printf ("{\"a\":{\"b\":[\"%s\",1],\"c\":2}}", fill);
      g_autofree char *text = tool_json_lay_out (json);
      g_autofree char *line = g_strdup_printf ("    \"b\": [\"%s\", 1],\n", fill);

      g_assert_cmpint (strstr (text, line) != NULL, ==, strlen (line) <= 100 + 1);
      if (strstr (text, line) == NULL)
        g_assert_nonnull (strstr (text, "    \"b\": [\n      \"x"));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool-json-layout/lay-out", test_lay_out);
  g_test_add_func ("/tool-json-layout/lay-out-long", test_lay_out_long);
  return g_test_run ();
}
