/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-request-private.h"

G_BEGIN_DECLS

/* One reply, from a server to a client: an error, or what the event asks for. */
typedef struct {
  GError   *error;  /* (owned) (nullable): all else is NULL then */
  GVariant *value;  /* (owned) (nullable): a result or value; a{sv} for a buffer's info, all values, INIT's object; NULL: done */
  GBytes   *buffer; /* (owned) (nullable): of a buffer method; the frame after the payload */
} PlantRpcReply;

/* What GET_INVENTORY tells. */
typedef struct {
  GVariant *json_methods;   /* (owned): a{sv}, timeout in ms (x) or an empty maybe */
  GVariant *buffer_methods; /* (owned): likewise */
  GVariant *signals;        /* (owned): as */
  GVariant *properties;     /* (owned): as */
  char     *name;           /* (owned): empty when not registered */
  guint     native_version; /* 0: this peer speaks JSON only */
  GVariant *interface;      /* (owned) (nullable): a{sv}, with native_version */
  char     *instance;       /* (owned) (nullable): changes with each start of the server */
} PlantRpcInventory;

/* The payload of a reply to a request of this format and event; the buffer is not in it. */
GBytes   *plant_rpc_reply_pack         (const PlantRpcReply      *self,
                                        PlantRpcFormat            format,
                                        PlantRpcEvent             event,
                                        GError                  **error);
/* FALSE: the reply is not the protocol. A reply that tells an error is a success here.
 * WANTS_BUFFER: the method called is a buffer method. SELF is all zero before. */
gboolean  plant_rpc_reply_unpack       (PlantRpcReply            *self,
                                        PlantRpcEvent             event,
                                        gboolean                  wants_buffer,
                                        GBytes                   *payload,
                                        GBytes                   *buffer,
                                        GError                  **error);
void      plant_rpc_reply_clear        (PlantRpcReply            *self);

GBytes   *plant_rpc_inventory_pack     (const PlantRpcInventory  *self,
                                        GError                  **error);
gboolean  plant_rpc_inventory_unpack   (PlantRpcInventory        *self,
                                        GBytes                   *payload,
                                        GError                  **error);
void      plant_rpc_inventory_clear    (PlantRpcInventory        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcReply, plant_rpc_reply_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcInventory, plant_rpc_inventory_clear)

G_END_DECLS
