/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-relay-private.h"
#include "plant-rpc-server-front-private.h"

/* What a relay offers to its clients. */

/* A viewer at the device cannot make others operators. */
static void
limit_writes (PlantRpcInterfaceInfo *interface,
              PlantRpcInterfaceInfo *live,
              PlantRpcRole           role)
{
  GPtrArray *members = interface->properties.list;

  for (guint i = 0; i < members->len; i++)
    {
      PlantRpcPropertyInfo *property = members->pdata[i];
      PlantRpcPropertyInfo *told =
          plant_rpc_interface_info_find_property (live, property->wire_name);

      if (told != NULL && told->role > role)
        property->writable = FALSE;
    }
}

static PlantRpcInterfaceInfo *
describe (PlantRpcRelay   *self,
          PlantRpcClient  *client,
          GError         **error)
{
  PlantRpcInterfaceInfo *live = plant_rpc_client_get_interface (client);
  PlantRpcInterfaceInfo *interface = plant_rpc_interface_info_new_from_variant (
      plant_rpc_interface_info_get_form (plant_rpc_backing_get_interface (self->backing)), error);

  if (interface != NULL && live != NULL)
    limit_writes (interface, live, plant_rpc_client_get_role (client));
  return interface;
}

static GStrv
list_relays (PlantRpcRelay *self)
{
  const char *const *behind =
      self->backing != NULL ? plant_rpc_backing_get_relays (self->backing) : NULL;
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  g_strv_builder_add (ids, self->id);
  for (guint i = 0; behind != NULL && behind[i] != NULL; i++)
    g_strv_builder_add (ids, behind[i]);
  return g_strv_builder_end (ids);
}

/* Why nothing is offered. */
static GError *
make_absent_error (PlantRpcRelay *self)
{
  if (self->refusal != NULL)
    return g_error_copy (self->refusal);
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
                      "The relay waits for “%s”: %s", plant_rpc_relay_get_label (self),
                      plant_rpc_relay_get_reason (self));
}

static void
show_front (PlantRpcRelay         *self,
            PlantRpcClient        *client,
            PlantRpcInterfaceInfo *interface,
            const GError          *absent)
{
  g_auto (GStrv) relays = list_relays (self);
  const PlantRpcServerFront front = {
    .object = (GObject *) client,
    .interface = interface,
    .handler = plant_rpc_relay_handle_call,
    .user_data = self,
    .relays = (const char *const *) relays,
    .absent = absent,
  };
  g_autoptr (GError) error = NULL;

  if (self->relays != NULL &&
      g_strv_equal ((const char *const *) relays, (const char *const *) self->relays) &&
      client == self->client && plant_rpc_error_equal (absent, self->absent) &&
      plant_rpc_interface_info_equal (interface, self->interface))
    return;
  g_strfreev (self->relays);
  self->relays = g_steal_pointer (&relays);
  g_clear_error (&self->absent);
  self->absent = absent != NULL ? g_error_copy (absent) : NULL;
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  self->interface = plant_rpc_interface_info_ref (interface);
  g_set_object (&self->client, client);
  if (!plant_rpc_server_set_front (PLANT_RPC_SERVER (self), &front, &error))
    plant_rpc_message ("What “%s” offers cannot be relayed: %s",
                       plant_rpc_relay_get_label (self), error->message);
}

void
plant_rpc_relay_show_absent (PlantRpcRelay *self)
{
  g_autoptr (PlantRpcInterfaceInfo) nothing = plant_rpc_interface_info_new ();
  g_autoptr (GError) absent = make_absent_error (self);

  show_front (self, NULL, nothing, absent);
}

void
plant_rpc_relay_show_client (PlantRpcRelay  *self,
                             PlantRpcClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) interface = describe (self, client, &error);

  if (interface != NULL)
    {
      show_front (self, client, interface, NULL);
      return;
    }
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  plant_rpc_relay_show_absent (self);
}
