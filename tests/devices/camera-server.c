/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <unistd.h>

#include "camera.h"

/* Serves the fake camera. Once it listens it prints one JSON line, {"url": ..., "port": ...}. It
 * ends when it is stopped by a client that may, by SIGTERM or SIGINT, or with whoever started it if
 * asked to. */

static char *url = NULL;
static char *journal = NULL;
static gboolean allow_stop = FALSE;
static gboolean until_stdin_closes = FALSE;

static const GOptionEntry options[] = {
  { "url", 0, 0, G_OPTION_ARG_STRING, &url, "Where to listen", "URL" },
  { "journal", 0, 0, G_OPTION_ARG_FILENAME, &journal, "Note writes and counts", "FILE" },
  { "allow-stop", 0, 0, G_OPTION_ARG_NONE, &allow_stop, "Let clients stop it", NULL },
  { "until-stdin-closes", 0, 0, G_OPTION_ARG_NONE, &until_stdin_closes,
    "End with whoever started it", NULL },
  G_OPTION_ENTRY_NULL,
};

static gboolean
on_signal (gpointer user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stdin (int           fd,
          GIOCondition  condition,
          gpointer      user_data)
{
  char buffer[512];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;
  plant_rpc_server_stop (user_data);
  return G_SOURCE_REMOVE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FakeCamera) camera = NULL;
  g_autoptr (PlantRpcServer) server = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  camera = fake_camera_new (journal);
  server = plant_rpc_server_new (G_OBJECT (camera), url != NULL ? url : "tcp://127.0.0.1:*");
  plant_rpc_server_set_allow_stop (server, allow_stop);
  fake_camera_offer (camera, server);
  if (!plant_rpc_server_start (server, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_signal, server);
  g_unix_signal_add (SIGINT, on_signal, server);
  if (until_stdin_closes)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_stdin, server);
  g_print ("{\"url\": \"%s\", \"port\": %u}\n", plant_rpc_server_get_url (server),
           plant_rpc_server_get_port (server));
  return plant_rpc_server_serve_forever (server, &error) ? 0 : 1;
}
