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
  PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED, /* since version 2 of the native wire */
  PLANT_RPC_EVENT_JOIN, /* by the key of an invitation alone, to secured servers; the reply is what
                           has become of the invitation: a role, or PLANT_RPC_INVITATION_USED and
                           the like */
  PLANT_RPC_EVENT_CREDIT, /* has no reply */
  PLANT_RPC_EVENT_CANCEL, /* has no reply */
} PlantRpcEvent;

#define PLANT_RPC_N_EVENTS (PLANT_RPC_EVENT_CANCEL + 1)

/* How an event and its reply travel. */
typedef struct {
  const char *json_name;   /* (nullable): NULL for an event of the native wire only */
  const char *json_target; /* (nullable): the member for the name of a method or property */
  const char *json_result; /* (nullable): the member of the reply that is returned; "" for all */
  guint8      kind;
  const char *native_type; /* (nullable): NULL for an event of JSON only */
  guint8      replies[3];  /* the kinds that may answer it, besides an error */
} PlantRpcEventForm;

extern const PlantRpcEventForm plant_rpc_event_forms[PLANT_RPC_N_EVENTS];

/* One request, from a client to a server. As JSON it is an object whose member “event” names the
 * event, and the event determines the other members. Natively it is a tuple that begins with its
 * kind. Members that an event does not use are NULL or 0. */
typedef struct {
  PlantRpcFormat  format;
  PlantRpcEvent   event;
  char           *name;           /* (owned) (nullable): of a method or property, as on the wire, or
                                     of who joins */
  GVariant       *args;           /* (owned) (nullable): av, the positional arguments */
  GVariant       *kwargs;         /* (owned) (nullable): a{sv}, the named arguments */
  GVariant       *value;          /* (owned) (nullable): for PROPERTY_SET */
  char           *address;        /* (owned) (nullable): where a generation 1 client expects
                                     signals; a generation 2 client sends no address with
                                     INIT_SIGNALS_HANDLING */
  guint16         port;           /* belongs to ADDRESS */
  char           *key;            /* (owned) (nullable): the public key of who joins */
  guint64         number;         /* see the kinds SUBSCRIBE, CREDIT and CANCEL */
  guint           native_version; /* offered with GET_INVENTORY; 0 if the client speaks JSON only */
} PlantRpcRequest;

/* FIND_PEER_ADDRESS cannot be packed, since a generation 2 server sends no signals after it. */
GBytes   *plant_rpc_request_pack   (const PlantRpcRequest  *self,
                                    GError                **error);
/* SELF must be zeroed. After a failure it is zeroed again, except FORMAT, in which the error is to
 * be sent, and except EVENT and NAME of a call whose parameters alone are wrong. */
gboolean  plant_rpc_request_unpack (PlantRpcRequest        *self,
                                    GBytes                 *payload,
                                    GError                **error);
void      plant_rpc_request_clear  (PlantRpcRequest        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcRequest, plant_rpc_request_clear)

G_END_DECLS
