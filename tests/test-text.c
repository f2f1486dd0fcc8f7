/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-text-private.h"

/* Returns UNIT repeated until it has at least SIZE bytes. */
static char *
repeat (const char *unit,
        gsize       size)
{
  GString *text = g_string_new (NULL);

  while (text->len < size)
    g_string_append (text, unit);
  return g_string_free (text, FALSE);
}

static void
test_short (void)
{
  static const char *const texts[] = { "", "a", "é", "“quoted”", "\001" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *shown = plant_rpc_text_shorten (texts[i], PLANT_RPC_MAX_SHOWN_TEXT);

      g_assert_cmpstr (shown, ==, texts[i]);
    }
}

static void
test_limit (void)
{
  g_autofree char *just = repeat ("a", PLANT_RPC_MAX_SHOWN_TEXT);
  g_autofree char *more = repeat ("a", PLANT_RPC_MAX_SHOWN_TEXT + 1);
  g_autofree char *whole = plant_rpc_text_shorten (just, PLANT_RPC_MAX_SHOWN_TEXT);
  g_autofree char *cut = plant_rpc_text_shorten (more, PLANT_RPC_MAX_SHOWN_TEXT);

  g_assert_cmpstr (whole, ==, just);
  g_assert_cmpuint (strlen (cut), ==, PLANT_RPC_MAX_SHOWN_TEXT);
  g_assert_true (g_str_has_suffix (cut, "a…"));
}

/* Wherever the limit falls within a character, only whole characters are shown. */
static void
test_characters (void)
{
  static const char *const units[] = {
    "é", "…", "🌱", "aé", "a🌱é", "\xff", "\xe2\x80", "a\xf0\x9f",
  };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    for (guint before = 0; before < 8; before++)
      {
        g_autofree char *rest = repeat (units[i], 2 * PLANT_RPC_MAX_SHOWN_TEXT);
        g_autofree char *text = g_strconcat (&"aaaaaaaa"[before], rest, NULL);
        g_autofree char *shown = plant_rpc_text_shorten (text, PLANT_RPC_MAX_SHOWN_TEXT);

        g_assert_true (g_utf8_validate (shown, -1, NULL));
        g_assert_cmpuint (strlen (shown), <=, PLANT_RPC_MAX_SHOWN_TEXT);
        g_assert_cmpuint (strlen (shown), >, PLANT_RPC_MAX_SHOWN_TEXT - 8);
        g_assert_true (g_str_has_suffix (shown, "…"));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/short", test_short);
  g_test_add_func ("/text/limit", test_limit);
  g_test_add_func ("/text/characters", test_characters);
  return g_test_run ();
}
