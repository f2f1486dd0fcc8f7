/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"
#include "plant-rpc-server.h"

G_BEGIN_DECLS

/* A server that offers what another device has to offer. */
typedef struct {
  GObject               *object;    /* has the properties and signals of INTERFACE */
  PlantRpcInterfaceInfo *interface;
  PlantRpcMethodHandler  handler;   /* runs all methods */
  gpointer               user_data; /* for HANDLER */
  const char *const     *relays;    /* the id of the server, and of the relays behind it */
  const GError          *absent;    /* (nullable): why there is nothing to offer, which is then the
                                       answer to every request */
} PlantRpcServerFront;

/* Clients lose their connections, so that they learn anew what is offered. Fails, and goes on with
 * what was offered before, if FRONT has more than can be offered. */
gboolean      plant_rpc_server_set_front   (PlantRpcServer             *self,
                                            const PlantRpcServerFront  *front,
                                            GError                    **error);
/* The property of that wire name has changed, although the object has not notified of it. */
void          plant_rpc_server_note_change (PlantRpcServer             *self,
                                            const char                 *wire_name);
PlantRpcHome *plant_rpc_server_get_home    (PlantRpcServer             *self);

G_END_DECLS
