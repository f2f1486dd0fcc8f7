/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <langinfo.h>
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
  return g_test_run ();
}
