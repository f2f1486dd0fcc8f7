/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <langinfo.h>
#include <libintl.h>
#include <stdio.h>

#include "plant-rpc-peer-locale-private.h"

/* What an affirmative answer is: it goes with the language of messages. */
#define ENGLISH "^[yY]"

static void
say_without_locale (void)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  char text[8];

  g_assert_cmpstr (nl_langinfo (YESEXPR), ==, ENGLISH);
  snprintf (text, sizeof text, "%.1f", 1.5);
  g_assert_cmpstr (text, ==, "1.5");
}

static void
check_french (void)
{
  char text[8];

  g_assert_cmpstr (nl_langinfo (YESEXPR), !=, ENGLISH);
  snprintf (text, sizeof text, "%.1f", 1.5);
  g_assert_cmpstr (text, ==, "1,5");
}

static void
test_ends (void)
{
  check_french ();
  say_without_locale ();
  check_french ();
}

static void
test_nests (void)
{
  {
    g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

    say_without_locale ();
    g_assert_cmpstr (nl_langinfo (YESEXPR), ==, ENGLISH);
  }
  check_french ();
}

static gpointer
check_in_thread (gpointer user_data)
{
  check_french ();
  return NULL;
}

static void
test_is_of_one_thread (void)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

  g_thread_join (g_thread_new ("other", check_in_thread, NULL));
}

/* A catalog with one word, as msgfmt makes it, at its place for French. */
static void
write_catalog (const char *dir)
{
  static const char header[] = "Content-Type: text/plain; charset=UTF-8\n";
  const guint32 start = 28 + 2 * 2 * 8;
  const guint32 words[] = {
    0x950412de, 0, 2, 28, 44, 0, start,
    /* "" and "yes" */
    0, start, 3, start + 1,
    sizeof header - 1, start + 5, 3, start + 5 + sizeof header,
  };
  g_autofree char *folder = g_build_filename (dir, "fr", "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (folder, "some-app.mo", NULL);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_byte_array_append (data, (const guint8 *) words, sizeof words);
  g_byte_array_append (data, (const guint8 *) "\0yes", 5);
  g_byte_array_append (data, (const guint8 *) header, sizeof header);
  g_byte_array_append (data, (const guint8 *) "oui", 4);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path, (const char *) data->data, (gssize) data->len, &error);
  g_assert_no_error (error);
}

static void
remove_catalog (const char *dir)
{
  static const char *const parts[] = { "fr/LC_MESSAGES/some-app.mo", "fr/LC_MESSAGES", "fr", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (dir, parts[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* GLib translates nothing for a program that has no catalog for the language, and finds that out
 * when it is first asked. The program is translated even if that is within. */
static void
test_first_translation (void)
{
  g_autofree char *dir = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }
  dir = g_dir_make_tmp ("plantrpc-locale-XXXXXX", NULL);
  write_catalog (dir);
  bindtextdomain ("some-app", dir);
  bind_textdomain_codeset ("some-app", "UTF-8");
  textdomain ("some-app");
  {
    g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();

    g_assert_cmpstr (g_dgettext ("some-app", "yes"), ==, "yes");
  }
  g_assert_cmpstr (g_dgettext ("some-app", "yes"), ==, "oui");
  remove_catalog (dir);
}

int
main (int    argc,
      char **argv)
{
  g_unsetenv ("LANGUAGE");
  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (setlocale (LC_ALL, "fr_FR.UTF-8"));
  g_test_add_func ("/peer-locale/ends", test_ends);
  g_test_add_func ("/peer-locale/nests", test_nests);
  g_test_add_func ("/peer-locale/is-of-one-thread", test_is_of_one_thread);
  g_test_add_func ("/peer-locale/first-translation", test_first_translation);
  return g_test_run ();
}
