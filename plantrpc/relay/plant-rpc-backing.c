/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-backing-private.h"
#include "plant-rpc-client-private.h"
#include "plant-rpc-discovery-private.h"
#include "plant-rpc-runtime-type-private.h"

struct _PlantRpcBacking {
  PlantRpcDiscovery    *discovery; /* (owned) (nullable): NULL if the interface was given */
  PlantRpcClient       *client;    /* (owned) (nullable) */
  GError               *error;     /* (owned) (nullable): why no client can be made */
  PlantRpcBackingFuncs  funcs;
  gpointer              owner;     /* (unowned) */
};

static void
on_changed (GObject    *object,
            GParamSpec *pspec,
            gpointer    user_data)
{
  PlantRpcBacking *self = user_data;

  self->funcs.changed (self->owner);
}

static void
on_property (PlantRpcProperty *property,
             GParamSpec       *pspec,
             gpointer          user_data)
{
  PlantRpcBacking *self = user_data;

  self->funcs.property (self->owner, plant_rpc_property_get_wire_name (property));
}

/* A property tells whether its value is the device's. That a value has changed, the client
 * notifies. */
static void
watch_properties (PlantRpcBacking *self,
                  gboolean         watch)
{
  PlantRpcInterfaceInfo *info = plant_rpc_backing_get_interface (self);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcProperty *property = plant_rpc_client_lookup_property (self->client, names[i]);

      if (property == NULL)
        continue;
      if (!watch)
        {
          g_signal_handlers_disconnect_by_data (property, self);
          continue;
        }
      g_signal_connect (property, "notify::state", G_CALLBACK (on_property), self);
      g_signal_connect (property, "notify::error", G_CALLBACK (on_property), self);
    }
}

static void
drop_client (PlantRpcBacking *self)
{
  if (self->client == NULL)
    return;
  watch_properties (self, FALSE);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
}

/* What cannot be sent now is not kept for later, when nobody may wait for it. */
static void
take_client (PlantRpcBacking *self,
             PlantRpcClient  *client)
{
  if (client == self->client)
    return;
  drop_client (self);
  if (client == NULL)
    return;
  self->client = g_object_ref (client);
  plant_rpc_client_set_send_timeout (client, 0);
  watch_properties (self, TRUE);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_changed), self);
  g_signal_connect (client, "notify::role", G_CALLBACK (on_changed), self);
  g_signal_connect (client, "notify::last-error", G_CALLBACK (on_changed), self);
}

static void
on_client (GObject    *discovery,
           GParamSpec *pspec,
           gpointer    user_data)
{
  PlantRpcBacking *self = user_data;

  take_client (self, plant_rpc_discovery_get_client (self->discovery));
  self->funcs.changed (self->owner);
}

static void
discover (PlantRpcBacking              *self,
          const PlantRpcBackingAddress *address)
{
  self->discovery = g_object_new (PLANT_RPC_TYPE_DISCOVERY, "url", address->url, "registry-url",
                                  address->registry_url, "device", address->device, "keypair",
                                  address->keypair, NULL);
  g_signal_connect (self->discovery, "notify::client", G_CALLBACK (on_client), self);
  g_signal_connect (self->discovery, "notify::last-error", G_CALLBACK (on_changed), self);
}

static void
open_given (PlantRpcBacking              *self,
            const PlantRpcBackingAddress *address)
{
  g_autoptr (PlantRpcClient) client = NULL;
  GType type = plant_rpc_client_type_for_interface (address->interface, &self->error);

  if (type == G_TYPE_INVALID)
    return;
  client = g_object_new (type, "url", address->url, "keypair", address->keypair, NULL);
  if (address->device != NULL)
    plant_rpc_client_follow_device (client, address->registry_url, address->device);
  take_client (self, client);
}

PlantRpcBacking *
plant_rpc_backing_new (GMainContext                 *context,
                       const PlantRpcBackingAddress *address,
                       const PlantRpcBackingFuncs   *funcs,
                       gpointer                      owner)
{
  PlantRpcBacking *self = g_new0 (PlantRpcBacking, 1);

  self->funcs = *funcs;
  self->owner = owner;
  plant_rpc_home_set_birthplace (context);
  if (address->interface != NULL)
    open_given (self, address);
  else
    discover (self, address);
  plant_rpc_home_set_birthplace (NULL);
  return self;
}

void
plant_rpc_backing_free (PlantRpcBacking *self)
{
  if (self->discovery != NULL)
    g_signal_handlers_disconnect_by_data (self->discovery, self);
  if (self->client != NULL)
    plant_rpc_client_close (self->client);
  drop_client (self);
  if (self->discovery != NULL)
    plant_rpc_discovery_close (self->discovery);
  g_clear_object (&self->discovery);
  g_clear_error (&self->error);
  g_free (self);
}

PlantRpcClient *
plant_rpc_backing_get_client (PlantRpcBacking *self)
{
  return self->client;
}

PlantRpcInterfaceInfo *
plant_rpc_backing_get_interface (PlantRpcBacking *self)
{
  return self->client != NULL
             ? plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (self->client)) : NULL;
}

GError *
plant_rpc_backing_dup_error (PlantRpcBacking *self)
{
  const GError *error = self->error;

  if (error == NULL && self->discovery != NULL)
    error = plant_rpc_discovery_get_last_error (self->discovery);
  if (error == NULL && self->client != NULL)
    error = plant_rpc_client_get_last_error (self->client);
  return error != NULL ? g_error_copy (error) : NULL;
}

const char *const *
plant_rpc_backing_get_relays (PlantRpcBacking *self)
{
  if (self->discovery != NULL)
    return plant_rpc_discovery_get_relays (self->discovery);
  return self->client != NULL ? plant_rpc_client_get_relays (self->client) : NULL;
}
