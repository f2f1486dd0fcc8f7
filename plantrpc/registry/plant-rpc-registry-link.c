/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-registry-link-private.h"
#include "plant-rpc-source-private.h"

#define LAST_RETRY (500 * 1000) /* µs */

struct _PlantRpcRegistryLink {
  grefcount                        ref_count;
  const PlantRpcRegistryLinkFuncs *funcs;
  gpointer                         owner;  /* (unowned) */
  PlantRpcLink                    *link;   /* (owned) */
  GSource                         *timer;  /* (owned) (nullable): of the link; NULL once freed */
  gint64                           armed;  /* monotonic µs: when the timer is ready; -1: never */
  gint64                           opened; /* monotonic µs: when the connection was opened; 0: there
                                              is none */
  guint64                          asked;  /* id of the request under way; 0: none is */
};

static void
hold (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;

  g_ref_count_inc (&self->ref_count);
}

static void
rearm (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;
  gint64 deadline = plant_rpc_link_get_deadline (self->link);

  if (self->timer == NULL || deadline == self->armed)
    return;
  self->armed = deadline;
  g_source_set_ready_time (self->timer, deadline);
}

static void
release (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;

  rearm (self);
  if (!g_ref_count_dec (&self->ref_count))
    return;
  plant_rpc_link_free (self->link);
  g_free (self);
}

/* ---- what comes of the link; none of it once the registry link is freed */

static void
on_opened (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;

  self->opened = g_get_monotonic_time ();
  self->funcs->opened (self->owner);
}

static void
on_lost (gpointer      user_data,
         const GError *reason)
{
  PlantRpcRegistryLink *self = user_data;
  gboolean was_open = self->opened > 0;

  self->opened = 0;
  self->asked = 0;
  if (self->timer == NULL)
    return;
  if (was_open)
    self->funcs->lost (self->owner);
  else if (self->funcs->missed != NULL)
    self->funcs->missed (self->owner, reason);
}

static gboolean
is_change (const PlantRpcRegistryReply *reply)
{
  return reply->type == PLANT_RPC_REGISTRY_DEVICE_ADDED ||
         reply->type == PLANT_RPC_REGISTRY_DEVICE_REMOVED;
}

/* A registry pushes the changes of its list as further replies to WATCH, perhaps before the list.
 * So the link is not told which request waits. */
static void
on_reply (gpointer  user_data,
          guint64   id,
          GBytes   *payload,
          GBytes   *buffer)
{
  PlantRpcRegistryLink *self = user_data;
  g_auto (PlantRpcRegistryReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean expected;

  if (buffer != NULL || self->timer == NULL)
    return;
  if (!plant_rpc_registry_reply_unpack (&reply, payload, &error))
    {
      self->funcs->garbled (self->owner, error);
      return;
    }
  expected = id == self->asked && !is_change (&reply);
  if (expected)
    self->asked = 0;
  /* A registry that answers and then closes the connection must not be connected to without a
   * pause. */
  if (g_get_monotonic_time () >= self->opened + LAST_RETRY)
    plant_rpc_link_reset_backoff (self->link);
  self->funcs->replied (self->owner, &reply, expected);
}

static const PlantRpcLinkOptions options = {
  .name = "[plantrpc] registry connection",
  .max_unread = PLANT_RPC_MAX_REGISTRY_REPLIES,
  .max_frame = PLANT_RPC_MAX_REGISTRY_REPLY,
  .last_retry = LAST_RETRY,
};

static const PlantRpcLinkFuncs link_funcs = {
  .hold = hold,
  .release = release,
  .opened = on_opened,
  .lost = on_lost,
  .rearm = rearm,
  .late = on_reply,
};

/* The link has no deadline before its first attempt. */
static gboolean
on_timer (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;
  gint64 deadline = plant_rpc_link_get_deadline (self->link);

  hold (self);
  self->armed = -1;
  g_source_set_ready_time (self->timer, -1);
  if (deadline < 0)
    plant_rpc_link_connect (self->link);
  else
    plant_rpc_link_check_time (self->link, MAX (deadline, g_get_monotonic_time ()));
  release (self);
  return G_SOURCE_CONTINUE;
}

/* ---- for the owner */

PlantRpcRegistryLink *
plant_rpc_registry_link_new (const char                      *url,
                             GMainContext                    *context,
                             const PlantRpcRegistryLinkFuncs *funcs,
                             gpointer                         owner)
{
  PlantRpcRegistryLink *self = g_new0 (PlantRpcRegistryLink, 1);

  g_ref_count_init (&self->ref_count);
  self->funcs = funcs;
  self->owner = owner;
  self->armed = -1;
  self->link = plant_rpc_link_new (url, context, &options, &link_funcs, self);
  self->timer = plant_rpc_source_new_alarm (context, on_timer, self, "[plantrpc] registry retry");
  g_source_set_ready_time (self->timer, 0);
  return self;
}

void
plant_rpc_registry_link_free (PlantRpcRegistryLink *self)
{
  plant_rpc_source_clear (&self->timer);
  plant_rpc_link_close (self->link);
  release (self);
}

gboolean
plant_rpc_registry_link_is_open (PlantRpcRegistryLink *self)
{
  return plant_rpc_link_is_open (self->link);
}

void
plant_rpc_registry_link_send (PlantRpcRegistryLink          *self,
                              const PlantRpcRegistryRequest *request)
{
  g_autoptr (GBytes) payload = plant_rpc_registry_request_pack (request);

  g_return_if_fail (plant_rpc_link_is_open (self->link));

  self->asked = plant_rpc_link_send (self->link, payload, NULL, NULL);
}

void
plant_rpc_registry_link_renew (PlantRpcRegistryLink *self)
{
  g_autoptr (GError) reason =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The connection is renewed");

  hold (self);
  if (self->opened > 0)
    plant_rpc_link_disconnect (self->link, reason);
  release (self);
}

guint
plant_rpc_registry_link_fill_poll (PlantRpcRegistryLink *self,
                                   zmq_pollitem_t       *items)
{
  return plant_rpc_link_fill_poll (self->link, items);
}

gint64
plant_rpc_registry_link_get_deadline (PlantRpcRegistryLink *self)
{
  return g_source_get_ready_time (self->timer);
}

void
plant_rpc_registry_link_process (PlantRpcRegistryLink *self)
{
  gint64 deadline = g_source_get_ready_time (self->timer);

  hold (self);
  plant_rpc_link_process (self->link);
  if (self->timer != NULL && deadline >= 0 && g_get_monotonic_time () >= deadline)
    on_timer (self);
  release (self);
}
