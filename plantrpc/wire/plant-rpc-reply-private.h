/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"
#include "plant-rpc-request-private.h"

G_BEGIN_DECLS

/* In the values of all properties this key, which is no name of a property, has the reasons why
 * others could not be read: an a{sv} of (sss) by wire name, with the name of the error, its message
 * and the traceback. Clients that do not know the key take it for an unknown property. */
#define PLANT_RPC_FAILURES_KEY ""

/* One reply, from a server to a client. It does not name its request, which the envelope
 * identifies. As JSON it is an object whose member “success” tells whether “error” or “result”
 * follows. The reply of a buffer method is the information alone, and the bytes are the next
 * frame. */
typedef struct {
  GError   *error;  /* (owned) (nullable): if set, the other members are NULL */
  GVariant *value;  /* (owned) (nullable): the result, or the value of a property. An a{sv} if it is
                       the information about a buffer, the values of all properties, or the object
                       that answers INIT_SIGNALS_HANDLING. NULL if there is nothing to return. */
  GBytes   *buffer; /* (owned) (nullable): the result of a buffer method */
  gint64    asked;  /* monotonic µs: when the client sent the request. A change of a property that
                       came after that may be newer than the reply. G_MAXINT64 where changes come
                       over the connection of the replies, so that their order tells. */
} PlantRpcReply;

/* What a server offers: the reply to GET_INVENTORY. A plantrpc server adds the member “plantrpc”,
 * which older clients ignore. */
typedef struct {
  GVariant *json_methods;   /* (owned): a{sv}, the timeout in ms (x) or an empty maybe by name */
  GVariant *buffer_methods; /* (owned): likewise */
  GVariant *signals;        /* (owned): as */
  GVariant *properties;     /* (owned): as */
  char     *name;           /* (owned): of the device; empty if it is not registered */
  gboolean  has_lanes;      /* a native server offers a lane to clients that ask */
  guint     native_version; /* 0 if the peer speaks JSON only; then the members below are NULL */
  GVariant *interface;      /* (owned) (nullable): a{sv} */
  char     *instance;       /* (owned) (nullable): another one after each start of the server */
  GStrv     relays;         /* (owned) (nullable): the ids of a relay that is the server, and of the
                               relays behind it; NULL for a device. It is known although the
                               rest could not be unpacked. */
  PlantRpcRole role;        /* of the client; that of an administrator if the server tells none,
                               since it then lets everybody do all */
} PlantRpcInventory;

/* Returns the payload of a reply to a request of that format and event, without the buffer. */
GBytes   *plant_rpc_reply_pack         (const PlantRpcReply      *self,
                                        PlantRpcFormat            format,
                                        PlantRpcEvent             event,
                                        GError                  **error);
/* SELF must be zeroed. WANTS_BUFFER tells that a buffer method was called. Fails with
 * PLANT_RPC_ERROR_PROTOCOL or PLANT_RPC_ERROR_LIMIT if the payload is no reply to that event. If it
 * is a reply that tells an error, it returns TRUE, and the error is in SELF. */
gboolean  plant_rpc_reply_unpack       (PlantRpcReply            *self,
                                        PlantRpcEvent             event,
                                        gboolean                  wants_buffer,
                                        GBytes                   *payload,
                                        GBytes                   *buffer,
                                        GError                  **error);
void      plant_rpc_reply_clear        (PlantRpcReply            *self);
/* SELF is nullable: nothing overtakes what has not been sent. */
gint64    plant_rpc_reply_get_asked    (const PlantRpcReply      *self);
/* Returns an error as PLANT_RPC_FAILURES_KEY has it: (sss), floating. */
GVariant *plant_rpc_reply_build_failure (const GError            *error);

GBytes   *plant_rpc_inventory_pack     (const PlantRpcInventory  *self,
                                        GError                  **error);
/* Returns the reply of a relay, one of RELAYS, that has nothing to offer because of REASON. */
GBytes   *plant_rpc_inventory_pack_absent
                                       (const GError             *reason,
                                        const char *const        *relays,
                                        GError                  **error);
/* Fails with the error of a relay that has nothing to offer, whose RELAYS are there anyway. */
gboolean  plant_rpc_inventory_unpack   (PlantRpcInventory        *self,
                                        GBytes                   *payload,
                                        GError                  **error);
void      plant_rpc_inventory_clear    (PlantRpcInventory        *self);
/* Frees what describes the members, except the methods. */
void      plant_rpc_inventory_forget_members
                                       (PlantRpcInventory        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcReply, plant_rpc_reply_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcInventory, plant_rpc_inventory_clear)

G_END_DECLS
