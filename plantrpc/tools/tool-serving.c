/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-serving.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>

#include "tool-address.h"
#include "tool-event.h"
#include "tool-failure.h"
#include "tool-registry.h"

ToolExit
tool_serving_secure (Tool            *tool,
                     PlantRpcServer  *server,
                     const char      *name,
                     ServeGuard     **guard)
{
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_server_secure (server, name, &error))
    return tool_fail_error (tool, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME)
                                      ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
  *guard = serve_guard_new (tool, plant_rpc_server_get_authenticator (server), name);
  return TOOL_EXIT_OK;
}

static gboolean starting;

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  return starting && level == G_LOG_LEVEL_MESSAGE
             ? G_LOG_WRITER_HANDLED : g_log_writer_default (level, fields, n_fields, user_data);
}

/* The library tells that the server is not secured, and which function would secure it. */
ToolExit
tool_serving_start (Tool           *tool,
                    PlantRpcServer *server)
{
  g_autoptr (GError) error = NULL;
  gboolean started;

  g_log_set_writer_func (write_log, NULL, NULL);
  starting = TRUE;
  started = plant_rpc_server_start (server, &error);
  starting = FALSE;
  if (started)
    return TOOL_EXIT_OK;
  return tool_fail_error (tool, g_error_matches (error, PLANT_RPC_ERROR,
                                                 PLANT_RPC_ERROR_INVALID_URL)
                                  ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
}

void
tool_serving_announce (Tool           *tool,
                       PlantRpcServer *server)
{
  ToolEvent event = { .event = "serves", .style = TOOL_STYLE_HEADING,
                      .name = plant_rpc_server_get_url (server) };

  tool_event_print (tool, &event);
  if (plant_rpc_server_get_unsecured_url (server) != NULL)
    {
      event.name = plant_rpc_server_get_unsecured_url (server);
      tool_event_print (tool, &event);
    }
  if (plant_rpc_server_get_keypair (server) == NULL &&
      tool_address_is_reached_by_others (event.name))
    tool_warn (tool, _("whoever reaches “%s” may control the device; --secure NAME lets in "
                       "only those whose keys are allowed"), event.name);
}

static void
on_registered (GObject      *server,
               GAsyncResult *result,
               gpointer      user_data)
{
  Tool *tool = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *accepted =
      plant_rpc_server_register_to_registry_finish (PLANT_RPC_SERVER (server), result, &error);
  ToolEvent event = { .event = "named", .style = TOOL_STYLE_GOOD, .name = accepted };

  if (accepted != NULL)
    tool_event_print (tool, &event);
  else if (!g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED))
    tool_warn (tool, _("not registered: %s"), error->message);
}

void
tool_serving_register (Tool           *tool,
                       PlantRpcServer *server,
                       const char     *device_type,
                       const char     *name)
{
  g_autofree char *registry = tool_registry_dup_url (tool, NULL);

  plant_rpc_server_register_to_registry (server, device_type, name, registry, TRUE, NULL,
                                         on_registered, tool);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  plant_rpc_server_stop (user_data);
}

static gboolean
on_terminate (gpointer user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_CONTINUE;
}

void
tool_serving_run (Tool           *tool,
                  PlantRpcServer *server)
{
  guint source = g_unix_signal_add (SIGTERM, on_terminate, server);
  gulong handler = g_cancellable_connect (tool->cancellable, G_CALLBACK (on_cancelled), server,
                                          NULL);

  if (plant_rpc_server_get_running (server))
    plant_rpc_server_serve_forever (server, NULL);
  g_cancellable_disconnect (tool->cancellable, handler);
  g_source_remove (source);
}
