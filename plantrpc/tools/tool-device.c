/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-device.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "tool-address.h"
#include "tool-trust.h"

#define POLL_INTERVAL_MS 500

/* ---- connecting */

typedef struct {
  PlantRpcClient *client; /* (unowned) */
  gboolean        told;   /* the client has notified that it is ready, and its values before */
} Opening;

static void
on_ready (PlantRpcClient *client,
          GParamSpec     *pspec,
          gpointer        user_data)
{
  ((Opening *) user_data)->told = plant_rpc_client_is_ready (client);
}

/* Waiting goes on only while it may help. */
static gboolean
is_settled (gpointer data)
{
  Opening *self = data;
  const GError *error = plant_rpc_client_get_last_error (self->client);

  if (plant_rpc_client_is_ready (self->client))
    return self->told;
  return error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) &&
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
wait_until_ready (Tool           *tool,
                  PlantRpcClient *client,
                  int             patience)
{
  Opening opening = { client, FALSE };

  g_signal_connect (client, "notify::ready", G_CALLBACK (on_ready), &opening);
  tool_run_until (tool, is_settled, &opening, patience);
  g_signal_handlers_disconnect_by_data (client, &opening);
}

static ToolStage
get_stage (PlantRpcClient *client,
           const GError   *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    return TOOL_STAGE_RESOLVING;
  if (plant_rpc_client_get_state (client) != PLANT_RPC_STATE_DISCONNECTED)
    return TOOL_STAGE_HANDSHAKE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    return TOOL_STAGE_CONNECTING;
  return TOOL_STAGE_HANDSHAKE;
}

/* Says why the client is not ready. */
ToolExit
tool_device_fail_to_connect (Tool       *tool,
                             ToolDevice *self)
{
  const GError *reason = plant_rpc_client_get_last_error (self->client);
  const char *url = plant_rpc_client_get_url (self->client);
  g_autoptr (GError) unknown = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                           _("“%s” has not answered yet"), url);
  const GError *error = reason != NULL ? reason : unknown;
  g_autofree char *remedy = tool_trust_explain_connection (self->client, error);
  ToolFailure failure = { .status = TOOL_EXIT_UNREACHABLE, .stage = get_stage (self->client, error),
                          .device = self->label, .url = url, .error = error, .remedy = remedy };

  if (g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    failure.status = TOOL_EXIT_USAGE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    failure.status = TOOL_EXIT_REFUSED;
  return tool_fail (tool, &failure);
}

/* An old device is not asked for its signals without need: one of generation 1 takes them from whom
 * it sent them to before, and hangs when this process has ended. */
PlantRpcClient *
tool_device_new_client (const char *url,
                        gboolean    receives)
{
  return g_object_new (PLANT_RPC_TYPE_CLIENT, "url", url, "receive-signals", receives, NULL);
}

static gboolean
on_poll (gpointer user_data)
{
  PlantRpcClient *client = user_data;

  if (plant_rpc_client_is_ready (client) &&
      plant_rpc_client_get_wire (client) != PLANT_RPC_WIRE_NATIVE)
    plant_rpc_client_refresh (client, NULL, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

/* Reads all properties of an old device now and then; a source. */
guint
tool_device_poll (PlantRpcClient *client)
{
  return g_timeout_add_full (G_PRIORITY_DEFAULT, POLL_INTERVAL_MS, on_poll, g_object_ref (client),
                             g_object_unref);
}

/* Connects anew, with or without the signals of old devices; FALSE once it has been said what is
 * wrong. */
gboolean
tool_device_reopen (Tool       *tool,
                    ToolDevice *self,
                    gboolean    receives)
{
  int patience = tool_get_time (tool, TOOL_DEFAULT_TIMEOUT);

  g_clear_object (&self->client);
  self->client = tool_device_new_client (self->url, receives);
  if (patience > 0)
    plant_rpc_client_set_timeout (self->client, MAX (patience / 2, 1));
  wait_until_ready (tool, self->client, patience);
  if (plant_rpc_client_is_ready (self->client))
    return TRUE;
  tool_device_fail_to_connect (tool, self);
  return FALSE;
}

/* NULL once it has been said what is wrong. */
ToolDevice *
tool_device_open (Tool       *tool,
                  const char *text)
{
  g_autoptr (ToolDevice) self = g_new0 (ToolDevice, 1);

  self->label = g_strdup (text);
  self->url = tool_address_resolve (tool, text);
  if (self->url == NULL)
    return NULL;
  return tool_device_reopen (tool, self, FALSE) ? g_steal_pointer (&self) : NULL;
}

void
tool_device_free (ToolDevice *self)
{
  g_clear_object (&self->client);
  g_clear_error (&self->lost);
  g_free (self->label);
  g_free (self->url);
  g_free (self);
}

/* ---- what it has */

PlantRpcInterfaceInfo *
tool_device_get_info (ToolDevice *self)
{
  return plant_rpc_client_get_interface (self->client);
}

const char *
tool_device_name_wire (ToolDevice *self)
{
  switch (plant_rpc_client_get_wire (self->client))
    {
    case PLANT_RPC_WIRE_GENERATION_1:
      return "generation-1";
    case PLANT_RPC_WIRE_GENERATION_2:
      return "generation-2";
    case PLANT_RPC_WIRE_NATIVE:
      return "native";
    case PLANT_RPC_WIRE_UNKNOWN:
    default:
      return "plant-imager";
    }
}

/* Says why a request to a device that had been reached has failed. */
ToolExit
tool_device_fail (Tool         *tool,
                  ToolDevice   *self,
                  const char   *member,
                  const GError *error)
{
  g_autofree char *remedy = tool_trust_explain_request (self, error);
  const ToolFailure failure = { .status = tool_exit_for (error), .stage = TOOL_STAGE_CALLING,
                                .device = self->label, .url = self->url, .member = member,
                                .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

/* Reading changes nothing, so that no answer is not as bad. */
ToolExit
tool_device_exit_for_read (const GError *error)
{
  ToolExit status = tool_exit_for (error);

  return status == TOOL_EXIT_UNKNOWN ? TOOL_EXIT_UNREACHABLE : status;
}

ToolExit
tool_device_fail_to_read (Tool         *tool,
                          ToolDevice   *self,
                          const char   *member,
                          const GError *error)
{
  const ToolFailure failure = {
    .status = tool_device_exit_for_read (error),
    .stage = TOOL_STAGE_READING,
    .device = self->label,
    .url = self->url,
    .member = member,
    .error = error,
  };

  return tool_fail (tool, &failure);
}

ToolExit
tool_device_fail_to_write (Tool         *tool,
                           ToolDevice   *self,
                           const char   *member,
                           const GError *error)
{
  g_autofree char *remedy = tool_trust_explain_request (self, error);
  const ToolFailure failure = { .status = tool_exit_for (error), .stage = TOOL_STAGE_WRITING,
                                .device = self->label, .url = self->url, .member = member,
                                .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

PlantRpcPropertyInfo *
tool_device_find_property (Tool       *tool,
                           ToolDevice *self,
                           const char *name)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self);
  PlantRpcPropertyInfo *property =
      info != NULL ? plant_rpc_interface_info_lookup_property (info, name) : NULL;
  g_autoptr (GError) error = NULL;

  if (property != NULL)
    return property;
  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
               _("there is no such property"));
  tool_device_fail (tool, self, name, error);
  return NULL;
}

/* That nothing came for PATIENCE ms. */
char *
tool_device_describe_silence (int patience)
{
  return g_strdup_printf (_("it did not answer within %g s"), round (patience / 100.0) / 10);
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

/* Waits for a request that was begun with CANCELLABLE, until --timeout, or Ctrl-C. */
static GAsyncResult *
await_in_time (Tool          *tool,
               GCancellable  *cancellable,
               int            patience,
               GAsyncResult **slot)
{
  if (!tool_run_until (tool, has_result, slot, patience))
    g_cancellable_cancel (cancellable);
  return tool_await (slot);
}

/* What was cancelled was so because its time was up, or by Ctrl-C, after which nothing is said. */
static void
take_error (int      patience,
            GError  *failure,
            GError **error)
{
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *text = tool_device_describe_silence (patience);

      g_error_free (failure);
      failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, text);
    }
  if (failure != NULL)
    g_propagate_error (error, failure);
}

/* The value that a property has now. */
GVariant *
tool_device_read (Tool        *tool,
                  ToolDevice  *self,
                  const char  *name,
                  GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  int patience = tool_get_time (tool, PLANT_RPC_TIMEOUT_NONE);
  GError *failure = NULL;
  GVariant *value;

  plant_rpc_client_read_property (self->client, name, cancellable, tool_take_result, &result);
  value = plant_rpc_client_read_property_finish (
      self->client, await_in_time (tool, cancellable, patience, &result), &failure);
  take_error (patience, failure, error);
  return value;
}

/* The value that the device had when it was reached, unless it is to be FRESH. One that is not
 * known, since its getter takes long or has failed, is read, unless a read has been left
 * unanswered. */
GVariant *
tool_device_learn (Tool        *tool,
                   ToolDevice  *self,
                   const char  *name,
                   gboolean     fresh,
                   GError     **error)
{
  GVariant *value = fresh ? NULL : plant_rpc_client_get_cached_property (self->client, name);
  g_autoptr (GError) failure = NULL;

  if (value == NULL && self->lost == NULL)
    value = tool_device_read (tool, self, name, &failure);
  if (value != NULL)
    return value;
  g_propagate_error (error, g_error_copy (failure != NULL ? failure : self->lost));
  if (failure != NULL && tool_device_exit_for_read (failure) == TOOL_EXIT_UNREACHABLE)
    self->lost = g_steal_pointer (&failure);
  return NULL;
}

gboolean
tool_device_write (Tool        *tool,
                   ToolDevice  *self,
                   const char  *name,
                   GVariant    *value,
                   GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  int patience = tool_get_time (tool, PLANT_RPC_TIMEOUT_NONE);
  GError *failure = NULL;
  gboolean written;

  plant_rpc_client_write_property (self->client, name, value, cancellable, tool_take_result,
                                   &result);
  written = plant_rpc_client_write_property_finish (
      self->client, await_in_time (tool, cancellable, patience, &result), &failure);
  take_error (patience, failure, error);
  return written;
}
