/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_EVENT_GET_INVENTORY, /* JSON only: where the native wire is agreed */
  PLANT_RPC_EVENT_FIND_PEER_ADDRESS,
  PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING,
  PLANT_RPC_EVENT_METHOD_CALL,
  PLANT_RPC_EVENT_PROPERTY_GET,
  PLANT_RPC_EVENT_PROPERTY_SET,
  PLANT_RPC_EVENT_STOP_SERVER,
  /* native only */
  PLANT_RPC_EVENT_GET_ALL,
  PLANT_RPC_EVENT_SUBSCRIBE,
  PLANT_RPC_EVENT_CREDIT, /* has no reply */
  PLANT_RPC_EVENT_CANCEL, /* has no reply */
} PlantRpcEvent;

/* One request, from a client to a server. */
typedef struct {
  PlantRpcFormat  format;
  PlantRpcEvent   event;
  char           *name;           /* (owned) (nullable): of the method or property, as on the wire */
  GVariant       *args;           /* (owned) (nullable): av */
  GVariant       *kwargs;         /* (owned) (nullable): a{sv} */
  GVariant       *value;          /* (owned) (nullable): of PROPERTY_SET */
  char           *address;        /* (owned) (nullable): of INIT_SIGNALS_HANDLING; NULL means generation 2 */
  guint16         port;           /* with the address */
  guint64         number;         /* of SUBSCRIBE, CREDIT and CANCEL */
  guint           native_version; /* offered with GET_INVENTORY; 0: none */
} PlantRpcRequest;

/* Says how EVENT travels. A caller lists all events by counting from 0 until FALSE is returned.
 * JSON_NAME is set to NULL for an event of the native wire only, NATIVE_TYPE for one of JSON
 * only. */
gboolean  plant_rpc_request_describe (PlantRpcEvent     event,
                                      const char      **json_name,
                                      guint8           *kind,
                                      const char      **native_type);

/* FIND_PEER_ADDRESS is never packed: it silences a generation 2 server for good. */
GBytes   *plant_rpc_request_pack   (const PlantRpcRequest  *self,
                                    GError                **error);
/* SELF is all zero before, and after a failure but for the format, in which to say so. */
gboolean  plant_rpc_request_unpack (PlantRpcRequest        *self,
                                    GBytes                 *payload,
                                    GError                **error);
void      plant_rpc_request_clear  (PlantRpcRequest        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcRequest, plant_rpc_request_clear)

G_END_DECLS
