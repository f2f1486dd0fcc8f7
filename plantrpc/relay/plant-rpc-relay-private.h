/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-backing-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-relay.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_RELAY_PROP_DEVICE_URL = 1,
  PLANT_RPC_RELAY_PROP_REGISTRY_URL,
  PLANT_RPC_RELAY_PROP_DEVICE,
  PLANT_RPC_RELAY_PROP_DEVICE_INTERFACE,
  PLANT_RPC_RELAY_PROP_DEVICE_KEYPAIR,
  PLANT_RPC_RELAY_PROP_CLIENT,
  PLANT_RPC_RELAY_PROP_READY,
  PLANT_RPC_RELAY_PROP_LAST_ERROR,
} PlantRpcRelayProperty;

struct _PlantRpcRelay {
  PlantRpcServer         parent_instance;

  char                  *device_url;   /* (owned) (nullable) */
  char                  *registry_url; /* (owned) (nullable) */
  char                  *device;       /* (owned) (nullable) */
  PlantRpcInterfaceInfo *given;        /* (owned) (nullable): the interface that was given */
  PlantRpcKeypair       *keypair;      /* (owned) (nullable): for the device */
  char                  *id;           /* (owned): by which other relays know this one */
  PlantRpcBacking       *backing;      /* (owned) (nullable): NULL between two attempts */
  GSource               *alarm;        /* (owned) (nullable): NULL once disposed */
  GError                *refusal;      /* (owned) (nullable): why the device must not be used */
  char                  *passed_name;  /* (owned) (nullable): the device's, as last given to the
                                          server */
  /* What clients are offered: */
  PlantRpcClient        *client;       /* (owned) (nullable) */
  PlantRpcInterfaceInfo *interface;    /* (owned) (nullable) */
  GStrv                  relays;       /* (owned) (nullable) */
  GError                *absent;       /* (owned) (nullable) */
  /* As last notified: */
  gboolean               ready;
  GError                *error;        /* (owned) (nullable) */
};

/* Fills PROPERTIES by PlantRpcRelayProperty. */
void          plant_rpc_relay_make_properties (GParamSpec          **properties);

GMainContext *plant_rpc_relay_get_context     (PlantRpcRelay        *self);
/* Returns what the device is called in texts. */
const char   *plant_rpc_relay_get_label       (PlantRpcRelay        *self);
const char   *plant_rpc_relay_get_reason      (PlantRpcRelay        *self);

/* Offers clients what the device offers, or the reason why there is nothing. */
void          plant_rpc_relay_show_client     (PlantRpcRelay        *self,
                                               PlantRpcClient       *client);
void          plant_rpc_relay_show_absent     (PlantRpcRelay        *self);

/* The requests of clients. The first is a PlantRpcMethodHandler, whose user data is the relay. */
void          plant_rpc_relay_handle_call     (PlantRpcInvocation   *invocation,
                                               gpointer              relay,
                                               GError              **error);
gboolean      plant_rpc_relay_handle_write    (PlantRpcServer       *server,
                                               PlantRpcInvocation   *invocation,
                                               const char           *name,
                                               GVariant             *value,
                                               GError              **error);
gboolean      plant_rpc_relay_handle_read     (PlantRpcServer       *server,
                                               PlantRpcInvocation   *invocation,
                                               const char           *name,
                                               GError              **error);

G_END_DECLS
