/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-server-front-private.h"
#include "plant-rpc-server-parts-private.h"

/* The offer reads the interface anew, for the roles that the owner of the server has set. */
static gboolean
check_interface (PlantRpcInterfaceInfo  *interface,
                 GError                **error)
{
  g_autoptr (PlantRpcInterfaceInfo) copy = plant_rpc_interface_info_new_from_variant (
      plant_rpc_interface_info_get_form (interface), error);

  return copy != NULL;
}

gboolean
plant_rpc_server_set_front (PlantRpcServer             *self,
                            const PlantRpcServerFront  *front,
                            GError                    **error)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_server_enter (self);
  PlantRpcServerPrivate *parts = plant_rpc_server_get_parts (self);
  /* The running server watches it until it is replaced. */
  g_autoptr (GObject) former = g_object_ref (plant_rpc_offer_get_object (parts->offer));

  if (!check_interface (front->interface, error))
    return FALSE;
  plant_rpc_offer_set_front (parts->offer, front->object, front->interface, front->handler,
                             front->user_data);
  return plant_rpc_service_replace (parts->service, front->relays, front->absent, error);
}

void
plant_rpc_server_note_change (PlantRpcServer *self,
                              const char     *wire_name)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_server_enter (self);

  plant_rpc_service_note_change (plant_rpc_server_get_parts (self)->service, wire_name);
}

PlantRpcHome *
plant_rpc_server_get_home (PlantRpcServer *self)
{
  return plant_rpc_server_get_parts (self)->home;
}
