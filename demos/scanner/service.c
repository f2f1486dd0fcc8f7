/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* What the programs of the scanner have in common. FALSE: the command line has been complained
 * about. */
gboolean
scanner_service_parse (const char     *summary,
                       GOptionEntry   *entries,
                       int            *argc,
                       char         ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return FALSE;
    }
  if (*argc <= 1)
    return TRUE;
  /* Translators: the name of the program, and what is too many on its command line */
  g_printerr (_("%s: “%s” is one argument too many\n"), g_get_prgname (), (*argv)[1]);
  return FALSE;
}

static gboolean
on_signal (gpointer user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_registered (GObject      *server,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = plant_rpc_server_register_to_registry_finish (PLANT_RPC_SERVER (server),
                                                                        result, &error);

  if (name == NULL && !g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED))
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
}

/* Serves until the process is asked to end, and says where: the exit status. */
int
scanner_service_run (PlantRpcServer *server,
                     const char     *registry_url,
                     const char     *device_type)
{
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_server_start (server, &error))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), error->message);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGINT, on_signal, server);
  g_unix_signal_add (SIGTERM, on_signal, server);
  g_print ("%s\n", plant_rpc_server_get_url (server));
  fflush (stdout);
  if (registry_url != NULL)
    plant_rpc_server_register_to_registry (server, device_type, plant_rpc_server_get_name (server),
                                           registry_url, TRUE, NULL, on_registered, NULL);
  plant_rpc_server_serve_forever (server, NULL);
  return EXIT_SUCCESS;
}
