/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <plantrpc/plantrpc.h>
#include <stdio.h>

/* Prints messages of errors as they are, not in the encoding of the locale. */
static void
complain (GError *error)
{
  fputs (error->message, stdout);
  fputc ('\n', stdout);
  g_error_free (error);
}

int
main (void)
{
  GError *error = NULL;

  setlocale (LC_ALL, "");
  plant_rpc_interface_info_new_from_json ("null", &error);
  complain (g_steal_pointer (&error));
  plant_rpc_client_discover_sync ("camera", 1000, NULL, &error);
  complain (g_steal_pointer (&error));
  return 0;
}
