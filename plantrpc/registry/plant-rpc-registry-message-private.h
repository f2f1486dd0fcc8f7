/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"
#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* The messages of a registry. Each is a JSON object with the members “event” and “payload”, as the
 * page “The registry protocol” in introspection/docs specifies. Only plantrpc has LIST, WATCH and
 * their replies, and other registries answer them with UNSUPPORTED. This file knows neither sockets
 * nor loops. */

/* µs that a WATCH lasts unless it is repeated */
#define PLANT_RPC_WATCH_LEASE (20 * G_USEC_PER_SEC)
/* The most bytes that must be added to the result of plant_rpc_registry_write_record(). */
#define PLANT_RPC_REGISTRY_AGE_SIZE 24

typedef enum {
  PLANT_RPC_REGISTRY_UNKNOWN,
  PLANT_RPC_REGISTRY_REGISTER,
  PLANT_RPC_REGISTRY_UNREGISTER,
  PLANT_RPC_REGISTRY_CHECK_ALIVE,
  PLANT_RPC_REGISTRY_LIST,
  PLANT_RPC_REGISTRY_WATCH,
} PlantRpcRegistryEvent;

typedef struct {
  PlantRpcRegistryEvent  event;
  GVariant              *sent;          /* (owned) (nullable): the event as received, or a part of
                                           it that is small enough to be sent back */
  char                  *device_type;   /* (owned): of REGISTER */
  char                  *url;           /* (owned): of REGISTER; with its port once */
  char                  *name;          /* (owned): of REGISTER; "" if one shall be chosen */
  gboolean               overwrite;     /* of REGISTER */
  char                  *uuid;          /* (owned): of UNREGISTER and CHECK_ALIVE */
  gint64                 alive_timeout; /* of CHECK_ALIVE, in µs */
} PlantRpcRegistryRequest;

typedef enum {
  PLANT_RPC_REGISTRY_ACK,
  PLANT_RPC_REGISTRY_REGISTER_ACK,
  PLANT_RPC_REGISTRY_UNSUPPORTED,
  PLANT_RPC_REGISTRY_DEVICES,        /* the reply to LIST and WATCH */
  PLANT_RPC_REGISTRY_DEVICE_ADDED,   /* pushed to watchers */
  PLANT_RPC_REGISTRY_DEVICE_REMOVED, /* pushed to watchers */
} PlantRpcRegistryReplyType;

typedef struct {
  PlantRpcRegistryReplyType  type;
  GVariant                  *sent;    /* (owned) (nullable): of ACK, UNSUPPORTED: what it answers */
  gboolean                   success; /* of ACK */
  char                      *error;   /* (owned) (nullable): of ACK: why there is no success */
  char                      *name;    /* (owned): of REGISTER_ACK */
  char                      *uuid;    /* (owned): of REGISTER_ACK and DEVICE_REMOVED */
  gint64                     serial;  /* of DEVICES and DEVICE_…: the number of changes so far */
  GPtrArray                 *records; /* (owned) (element-type PlantRpcDeviceRecord): of DEVICES and
                                         DEVICE_ADDED: the devices that could be read */
} PlantRpcRegistryReply;

void      plant_rpc_registry_request_clear  (PlantRpcRegistryRequest       *self);
GBytes   *plant_rpc_registry_request_pack   (const PlantRpcRegistryRequest *self);
/* SENT is set also on failure, if there was an event. */
gboolean  plant_rpc_registry_request_unpack (PlantRpcRegistryRequest       *self,
                                             GBytes                        *payload,
                                             GError                       **error);

/* Returns the text for PlantRpcDeviceRecord.written. */
char     *plant_rpc_registry_write_record   (const PlantRpcDeviceRecord    *record);

void      plant_rpc_registry_reply_clear    (PlantRpcRegistryReply         *self);
GBytes   *plant_rpc_registry_reply_pack     (const PlantRpcRegistryReply   *self);
gboolean  plant_rpc_registry_reply_unpack   (PlantRpcRegistryReply         *self,
                                             GBytes                        *payload,
                                             GError                       **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcRegistryRequest, plant_rpc_registry_request_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcRegistryReply, plant_rpc_registry_reply_clear)

G_END_DECLS
