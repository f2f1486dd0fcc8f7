/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-registry-link-private.h"

#define LAST_RETRY (500 * 1000) /* µs */

struct _PlantRpcRegistryLink {
  const PlantRpcRegistryLinkFuncs *funcs;
  gpointer                         owner;  /* (unowned) */
  PlantRpcLink                    *link;   /* (owned) */
  gint64                           opened; /* monotonic µs: when the connection was opened; 0: there
                                              is none */
  guint64                          asked;  /* id of the request under way; 0: none is */
};

/* ---- what comes from the link */

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
  if (was_open)
    self->funcs->lost (self->owner);
  else if (self->funcs->missed != NULL)
    self->funcs->missed (self->owner, reason);
}

/* ---- devices on the computer of the registry */

static gboolean
is_same_computer (PlantRpcRegistryLink *self)
{
  const char *peer = plant_rpc_link_get_peer_address (self->link);
  g_autoptr (GInetAddress) address = peer != NULL ? g_inet_address_new_from_string (peer) : NULL;

  return address == NULL || g_inet_address_get_is_loopback (address) ||
         g_strcmp0 (peer, plant_rpc_link_get_own_address (self->link)) == 0;
}

/* A device that reaches its registry by the loopback tells an address that is good on that computer
 * only. From elsewhere the computer is reached as the registry is. */
static void
replace_loopback (PlantRpcRegistryLink  *self,
                  PlantRpcDeviceRecord **record)
{
  g_autoptr (PlantRpcDeviceRecord) former = NULL;
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse ((*record)->url, NULL);
  g_autofree char *url = NULL;

  if (endpoint == NULL || !plant_rpc_endpoint_is_loopback (endpoint))
    return;
  url = plant_rpc_endpoint_print_whole (endpoint, plant_rpc_link_get_peer_address (self->link), 0);
  former = *record;
  *record = plant_rpc_device_record_new (former->device_type, former->name, url, former->uuid,
                                         atomic_load (&former->last_seen));
}

static void
replace_loopbacks (PlantRpcRegistryLink  *self,
                   PlantRpcRegistryReply *reply)
{
  if (reply->records == NULL || is_same_computer (self))
    return;
  for (guint i = 0; i < reply->records->len; i++)
    replace_loopback (self, (PlantRpcDeviceRecord **) &reply->records->pdata[i]);
}

/* ---- replies */

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

  if (buffer != NULL)
    return;
  if (!plant_rpc_registry_reply_unpack (&reply, payload, &error))
    {
      self->funcs->garbled (self->owner, error);
      return;
    }
  replace_loopbacks (self, &reply);
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
  .opened = on_opened,
  .lost = on_lost,
  .late = on_reply,
};

/* ---- for the owner */

PlantRpcRegistryLink *
plant_rpc_registry_link_new (const char                      *url,
                             PlantRpcKeypair                 *keypair,
                             GMainContext                    *context,
                             PlantRpcTimer                   *timer,
                             const PlantRpcRegistryLinkFuncs *funcs,
                             gpointer                         owner)
{
  PlantRpcRegistryLink *self = g_new0 (PlantRpcRegistryLink, 1);

  self->funcs = funcs;
  self->owner = owner;
  self->link = plant_rpc_link_new (url, context, timer, &options, &link_funcs, self);
  plant_rpc_link_set_keypair (self->link, keypair);
  plant_rpc_link_start (self->link);
  return self;
}

void
plant_rpc_registry_link_free (PlantRpcRegistryLink *self)
{
  plant_rpc_link_free (self->link);
  g_free (self);
}

void
plant_rpc_registry_link_set_keypair (PlantRpcRegistryLink *self,
                                     PlantRpcKeypair      *keypair)
{
  plant_rpc_link_set_keypair (self->link, keypair);
  plant_rpc_link_hurry (self->link);
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

const char *
plant_rpc_registry_link_get_own_address (PlantRpcRegistryLink *self)
{
  return plant_rpc_link_get_own_address (self->link);
}

void
plant_rpc_registry_link_renew (PlantRpcRegistryLink *self)
{
  g_autoptr (GError) reason =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The connection is renewed");

  if (self->opened > 0)
    plant_rpc_link_disconnect (self->link, reason);
}

guint
plant_rpc_registry_link_fill_poll (PlantRpcRegistryLink *self,
                                   zmq_pollitem_t       *items)
{
  return plant_rpc_link_fill_poll (self->link, items);
}

void
plant_rpc_registry_link_process (PlantRpcRegistryLink *self)
{
  plant_rpc_link_process (self->link);
}
