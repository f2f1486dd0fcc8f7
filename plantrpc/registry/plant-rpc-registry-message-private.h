/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-record-private.h"
#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* The messages of a registry: one JSON object each, with "event" and "payload". LIST, WATCH and
 * what answers them are ours; another registry answers them UNSUPPORTED. No socket and no loop
 * here. */

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
  char                  *device_type;   /* (owned): REGISTER */
  char                  *url;           /* (owned): REGISTER; a doubled port is repaired */
  char                  *name;          /* (owned): REGISTER; "": choose one */
  gboolean               overwrite;     /* REGISTER */
  char                  *uuid;          /* (owned): UNREGISTER, CHECK_ALIVE */
  gint64                 alive_timeout; /* µs: CHECK_ALIVE */
} PlantRpcRegistryRequest;

typedef enum {
  PLANT_RPC_REGISTRY_ACK,
  PLANT_RPC_REGISTRY_REGISTER_ACK,
  PLANT_RPC_REGISTRY_UNSUPPORTED,
  PLANT_RPC_REGISTRY_DEVICES,        /* answers LIST and WATCH */
  PLANT_RPC_REGISTRY_DEVICE_ADDED,   /* pushed to those that watch */
  PLANT_RPC_REGISTRY_DEVICE_REMOVED, /* likewise */
} PlantRpcRegistryReplyType;

typedef struct {
  PlantRpcRegistryReplyType  type;
  GVariant                  *sent;    /* (owned) (nullable): ACK, UNSUPPORTED: what is answered */
  gboolean                   success; /* ACK */
  char                      *error;   /* (owned) (nullable): ACK: why there is no success */
  char                      *name;    /* (owned): REGISTER_ACK */
  char                      *uuid;    /* (owned): REGISTER_ACK, DEVICE_REMOVED */
  gint64                     serial;  /* DEVICES, DEVICE_…: how many changes there have been */
  GPtrArray                 *records; /* (owned) (element-type PlantRpcDeviceRecord): of DEVICES and
                                         DEVICE_ADDED, those that could be read */
} PlantRpcRegistryReply;

void      plant_rpc_registry_request_clear  (PlantRpcRegistryRequest       *self);
GBytes   *plant_rpc_registry_request_pack   (const PlantRpcRegistryRequest *self);
/* On failure too, SENT is set if there was an event. */
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
