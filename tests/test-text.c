/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-test-log.h"
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

/* ---- what is shown */

static const struct {
  const char *text;
  const char *shown;
} shown[] = {
  { "", "" },
  { "größe 植物 🌱", "größe 植物 🌱" },
  { "C:\\n \"x\" <b>", "C:\\n \"x\" <b>" },
  { "\033]0;title\a", "\\u001b]0;title\\u0007" },
  { "a\nb\r\tc\b\x7f", "a\\nb\\u000d\\tc\\u0008\\u007f" },
  { "\xc2\x80\xc2\x9b" "31m\xc2\x9f", "\\u0080\\u009b31m\\u009f" },
  { "\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9", "\\u202a\\u202e\\u2066\\u2069" },
  { "\xe2\x80\x8e\xd8\x9c\xe2\x80\x8b\xef\xbb\xbf", "\\u200e\\u061c\\u200b\\ufeff" },
  { "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85", "\\u2028\\u2029\\u0085" },
  { "\xf3\xa0\x81\x81", "\\udb40\\udc41" },
  { "\xff\xe2\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
  { "\xc2\x9b \x9b \xe2\x80\x8d \xe2\x80\x8c", "\\u009b \xef\xbf\xbd \xe2\x80\x8d \xe2\x80\x8c" },
};

static void
test_escape (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autofree char *escaped = plant_rpc_text_escape (shown[i].text);
      g_autofree char *twice = plant_rpc_text_escape (escaped);
      g_autofree char *quoted = plant_rpc_text_show (shown[i].text);

      g_assert_cmpstr (escaped, ==, shown[i].shown);
      g_assert_cmpstr (twice, ==, escaped);
      g_assert_cmpstr (quoted, ==, escaped);
    }
}

/* Every character is shown, or is escaped, and nothing else is lost or added. */
static void
test_every_character (void)
{
  for (gunichar c = 1; c <= 0x10ffff; c++)
    {
      GUnicodeType type = g_unichar_type (c);
      gboolean good = type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
                      type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
      char text[7] = { 0 };
      g_autofree char *escaped = NULL;

      if (!g_unichar_validate (c))
        continue;
      g_unichar_to_utf8 (c, text);
      escaped = plant_rpc_text_escape (text);
      if (good || c == 0x200c || c == 0x200d)
        g_assert_cmpstr (escaped, ==, text);
      else
        g_assert_true (*escaped == '\\' && g_str_is_ascii (escaped));
    }
}

/* What is quoted is short whatever stands for a character, and no escape is cut. */
static void
test_show_limit (void)
{
  static const char *const units[] = { "a", "é", "\033", "\n", "\xe2\x80\xae", "a\033", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    for (guint before = 0; before < 8; before++)
      {
        g_autofree char *rest = repeat (units[i], 2 * PLANT_RPC_MAX_SHOWN_TEXT);
        g_autofree char *text = g_strconcat (&"bbbbbbbb"[before], rest, NULL);
        g_autofree char *quoted = plant_rpc_text_show (text);
        const char *escape = strrchr (quoted, '\\');

        g_assert_true (g_utf8_validate (quoted, -1, NULL));
        g_assert_cmpuint (strlen (quoted), <=, PLANT_RPC_MAX_SHOWN_TEXT);
        g_assert_cmpuint (strlen (quoted), >, PLANT_RPC_MAX_SHOWN_TEXT - 10);
        g_assert_true (g_str_has_suffix (quoted, "…"));
        if (escape != NULL)
          g_assert_true (escape[1] == 'n' || strspn (escape + 2, "0123456789abcdef") >= 4);
      }
}

/* ---- logs */

static void
test_log (void)
{
  test_log_expect (G_LOG_LEVEL_WARNING, "“\\u001b]0;x\\u0007” failed: a\\nb 100%");
  plant_rpc_warning ("“%s” failed: %s", "\033]0;x\a", "a\nb 100%");
  test_log_assert_caught ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_log_init ();
  g_test_add_func ("/text/short", test_short);
  g_test_add_func ("/text/limit", test_limit);
  g_test_add_func ("/text/characters", test_characters);
  g_test_add_func ("/text/escape", test_escape);
  g_test_add_func ("/text/every-character", test_every_character);
  g_test_add_func ("/text/show-limit", test_show_limit);
  g_test_add_func ("/text/log", test_log);
  return g_test_run ();
}
