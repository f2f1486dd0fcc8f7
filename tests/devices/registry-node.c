/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"

/* One of those that a registry brings together: the registry itself, a device, or one that watches.
 * Registry and watcher print their list, a device prints its url, each time that changes, as words
 * NAME=URL in a line. It ends with whoever started it. */

static char *role = NULL;
static char *url = NULL;
static char *name = NULL;
static gboolean just_exit = FALSE;

static const GOptionEntry options[] = {
  { "role", 0, 0, G_OPTION_ARG_STRING, &role, "registry, device or watcher", "ROLE" },
  { "url", 0, 0, G_OPTION_ARG_STRING, &url, "Where the registry is", "URL" },
  { "name", 0, 0, G_OPTION_ARG_STRING, &name, "Of a device", "NAME" },
  { "just-exit", 0, 0, G_OPTION_ARG_NONE, &just_exit, "In the end, let go of nothing", NULL },
  G_OPTION_ENTRY_NULL,
};

static void
print_list (GListModel *model)
{
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (model, i);

      g_print ("%s=%s ", plant_rpc_device_get_name (device), plant_rpc_device_get_url (device));
    }
  g_print ("\n");
  fflush (stdout);
}

static gboolean
on_stdin (int           fd,
          GIOCondition  condition,
          gpointer      loop)
{
  char buffer[512];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;
  if (just_exit)
    exit (0);
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static GObject *
start_registry (GError **error)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (url);

  if (!plant_rpc_registry_start (registry, error))
    return NULL;
  g_print ("%s\n", plant_rpc_registry_get_url (registry));
  g_signal_connect (registry, "items-changed", G_CALLBACK (print_list), NULL);
  return G_OBJECT (g_steal_pointer (&registry));
}

static GObject *
start_device (GError **error)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");

  plant_rpc_server_set_alive_timeout (server, 1);
  if (!plant_rpc_server_start (server, error))
    return NULL;
  g_print ("%s=%s\n", name, plant_rpc_server_get_url (server));
  plant_rpc_server_register_to_registry (server, "camera", name, url, TRUE, NULL, NULL, NULL);
  return G_OBJECT (g_steal_pointer (&server));
}

static GObject *
start_watcher (void)
{
  PlantRpcRegistryClient *client = plant_rpc_registry_client_new (url);

  g_signal_connect (client, "items-changed", G_CALLBACK (print_list), NULL);
  print_list (G_LIST_MODEL (client));
  return G_OBJECT (client);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) node = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || role == NULL || url == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--role and --url are needed");
      return 2;
    }
  if (g_str_equal (role, "registry"))
    node = start_registry (&error);
  else if (g_str_equal (role, "device"))
    node = start_device (&error);
  else
    node = start_watcher ();
  if (node == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  fflush (stdout);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, loop);
  g_main_loop_run (loop);
  return 0;
}
