/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <stdio.h>

#include "plant-rpc-test-locale.h"

static void
run_with_comma (gconstpointer data)
{
  GTestFunc *function = (GTestFunc *) data;
  char text[8];

  if (setlocale (LC_ALL, "de_DE.UTF-8") == NULL && setlocale (LC_ALL, "fr_FR.UTF-8") == NULL)
    {
      g_test_message ("neither de_DE.UTF-8 nor fr_FR.UTF-8 is installed");
      g_test_fail ();
      return;
    }
  snprintf (text, sizeof text, "%.1f", 1.5);
  g_assert_cmpstr (text, ==, "1,5");
  (*function) ();
  setlocale (LC_ALL, "C");
}

void
plant_rpc_test_add (const char *path,
                    GTestFunc   function)
{
  g_autofree char *comma_path = g_strconcat ("/comma", path, NULL);
  GTestFunc *data = g_new (GTestFunc, 1);

  *data = function;
  g_test_add_func (path, function);
  g_test_add_data_func_full (comma_path, data, run_with_comma, g_free);
}
