/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-property-private.h"

/* When a change of a property, and the refusal of a write, is told to the application. */

static void
notify_later (gpointer client,
              gpointer property)
{
  plant_rpc_property_notify (property);
}

static void
notify_soon (PlantRpcProperty *self,
             gboolean          merged)
{
  PlantRpcPropertyHost *host = self->host;
  PlantRpcProperty *owned = g_object_ref (self);

  if (merged || host->n_quiet > 0 ||
      !plant_rpc_inbox_run_now (host->inbox, FALSE, notify_later, owned, g_object_unref))
    plant_rpc_inbox_defer_change (host->inbox, self->info->wire_name, notify_later, owned,
                                  g_object_unref);
}

void
plant_rpc_property_mark (PlantRpcProperty       *self,
                         guint                   bits,
                         PlantRpcPropertyNotify  notify)
{
  PlantRpcPropertyHost *host = self->host;
  g_autoptr (GObject) client = NULL;

  self->dirty |= bits;
  if (host == NULL)
    return;
  client = g_object_ref (host->client);
  if (notify == PLANT_RPC_PROPERTY_NOTIFY_AT_ONCE)
    plant_rpc_property_notify (self);
  else
    notify_soon (self, notify == PLANT_RPC_PROPERTY_NOTIFY_MERGED);
  plant_rpc_waiters_check_later (host->waiters, host->inbox);
}

typedef struct {
  char   *name;  /* (owned) */
  GError *error; /* (owned) */
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->name);
  g_error_free (refusal->error);
  g_free (refusal);
}

static void
emit_write_failed (gpointer client,
                   gpointer data)
{
  Refusal *refusal = data;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_signal_emit_by_name (client, "write-failed", refusal->name, refusal->error);
}

/* A script that never runs a main loop must not keep all refusals. */
void
plant_rpc_property_report_refusal (PlantRpcProperty *self,
                                   const GError     *error)
{
  Refusal *refusal;

  if (self->host == NULL)
    return;
  refusal = g_new (Refusal, 1);
  *refusal = (Refusal) { g_strdup (self->first->name), g_error_copy (error) };
  plant_rpc_inbox_defer_bounded (self->host->inbox, emit_write_failed, refusal,
                                 strlen (error->message), refusal_free);
}

void
plant_rpc_property_mark_told (PlantRpcProperty *self,
                              guint             bits)
{
  if ((bits & PLANT_RPC_PROPERTY_VALUE_BITS) != 0 && self->extra != NULL &&
      !plant_rpc_throttle_admit (&self->extra->throttle))
    {
      self->extra->held |= bits & PLANT_RPC_PROPERTY_VALUE_BITS;
      bits &= ~(guint) PLANT_RPC_PROPERTY_VALUE_BITS;
    }
  if (bits != 0)
    plant_rpc_property_mark (self, bits, PLANT_RPC_PROPERTY_NOTIFY_MERGED);
}

void
plant_rpc_property_release (gpointer property)
{
  PlantRpcProperty *self = property;

  plant_rpc_property_mark (self, self->extra->held, PLANT_RPC_PROPERTY_NOTIFY_MERGED);
}
