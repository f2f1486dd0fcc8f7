/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-forward-private.h"
#include "plant-rpc-invocation-private.h"
#include "plant-rpc-relay-private.h"

/* What clients of a relay ask for, and how the device answers it. */

/* Callbacks of what is begun until end_turn() come in the context of the relay. */
static gboolean
begin_turn (PlantRpcRelay *self)
{
  GMainContext *context = plant_rpc_relay_get_context (self);
  g_autoptr (GMainContext) current = g_main_context_ref_thread_default ();

  if (current == context || !g_main_context_acquire (context))
    return FALSE;
  g_main_context_push_thread_default (context);
  return TRUE;
}

static void
end_turn (PlantRpcRelay *self,
          gboolean       begun)
{
  GMainContext *context = plant_rpc_relay_get_context (self);

  if (!begun)
    return;
  g_main_context_pop_thread_default (context);
  g_main_context_release (context);
}

static gboolean
fail_gone (PlantRpcRelay  *self,
           const char     *name,
           GError        **error)
{
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_NOT_SENT,
                               "“%s” is out of reach: there is no connection to “%s” (%s)", name,
                               plant_rpc_relay_get_label (self), plant_rpc_relay_get_reason (self));
}

void
plant_rpc_relay_handle_call (PlantRpcInvocation  *invocation,
                             gpointer             relay,
                             GError             **error)
{
  PlantRpcRelay *self = relay;
  const char *name = plant_rpc_invocation_get_name (invocation);
  PlantRpcMethodInfo *method =
      plant_rpc_interface_info_find_method (self->interface, name);
  gboolean begun;

  if (self->client == NULL || method == NULL)
    {
      fail_gone (self, name, error);
      return;
    }
  begun = begin_turn (self);
  plant_rpc_forward_call (self->client, invocation, method);
  end_turn (self, begun);
}

gboolean
plant_rpc_relay_handle_write (PlantRpcServer      *server,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
                              GVariant            *value,
                              GError             **error)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (server);
  gboolean begun;

  if (self->client == NULL)
    return fail_gone (self, name, error);
  begun = begin_turn (self);
  plant_rpc_forward_write (self->client, invocation);
  end_turn (self, begun);
  return FALSE;
}

/* What the device has told last, for clients that read all and those that are told a change. */
static gboolean
tell_value (PlantRpcRelay       *self,
            PlantRpcInvocation  *invocation,
            const char          *name,
            GError             **error)
{
  PlantRpcProperty *property = plant_rpc_client_lookup_property (self->client, name);
  PlantRpcPropertyState state =
      property != NULL ? plant_rpc_property_get_state (property) : PLANT_RPC_PROPERTY_STATE_UNSET;
  const GError *failure = property != NULL ? plant_rpc_property_get_error (property) : NULL;
  g_autoptr (GVariant) value = NULL;

  if (state == PLANT_RPC_PROPERTY_STATE_CURRENT || state == PLANT_RPC_PROPERTY_STATE_PENDING)
    {
      value = plant_rpc_property_dup_value (property);
      plant_rpc_invocation_return_value (invocation, value);
      return FALSE;
    }
  if (failure == NULL || !plant_rpc_client_is_ready (self->client))
    return fail_gone (self, name, error);
  g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

gboolean
plant_rpc_relay_handle_read (PlantRpcServer      *server,
                             PlantRpcInvocation  *invocation,
                             const char          *name,
                             GError             **error)
{
  PlantRpcRelay *self = PLANT_RPC_RELAY (server);
  gboolean begun;

  if (self->client == NULL)
    return fail_gone (self, name, error);
  if (plant_rpc_invocation_get_peer (invocation) == 0)
    return tell_value (self, invocation, name, error);
  begun = begin_turn (self);
  plant_rpc_forward_read (self->client, invocation);
  end_turn (self, begun);
  return FALSE;
}
