/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-arguments-private.h"
#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

/* Natively these are pushed over the connection of the calls, as [sequence number, 8 bytes,
 * highest bit set][payload]: no reply has such an id. */
#define PLANT_RPC_PUSH_BIT ((guint64) 1 << 63)

/* What a push counts for beyond its payload, in bytes, where credit is reckoned. */
#define PLANT_RPC_PUSH_OVERHEAD 64

typedef enum {
  PLANT_RPC_EMISSION_SIGNAL,
  PLANT_RPC_EMISSION_CHANGED, /* native only: a property has a new value */
  PLANT_RPC_EMISSION_LOST,    /* native only: signals were thrown away here */
} PlantRpcEmissionType;

/* What a server tells without being asked. */
typedef struct {
  PlantRpcEmissionType     type;
  char                    *name;   /* (owned) (nullable): of signal or property, as on the wire */
  GVariant                *value;  /* (owned) (nullable): args (av), or the property's value */
  const PlantRpcArguments *plain;  /* (unowned) (nullable): args instead of VALUE */
  guint64                  n_lost;
} PlantRpcEmission;

GBytes   *plant_rpc_emission_pack         (const PlantRpcEmission  *self,
                                           PlantRpcFormat           format,
                                           GError                 **error);
/* SELF is all zero before, and after a failure. */
gboolean  plant_rpc_emission_unpack       (PlantRpcEmission        *self,
                                           GBytes                  *payload,
                                           GError                 **error);
/* Of a native signal, with its arguments in PLAIN. FALSE: use the other. */
gboolean  plant_rpc_emission_unpack_plain (PlantRpcEmission        *self,
                                           PlantRpcArguments       *plain,
                                           GBytes                  *payload);
void      plant_rpc_emission_clear        (PlantRpcEmission        *self);
/* The arguments of a signal as av, never floating. */
GVariant *plant_rpc_emission_dup_args     (const PlantRpcEmission  *self);

/* What a generation 1 client answers to each. */
GBytes   *plant_rpc_emission_pack_acknowledgement (gboolean  success);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcEmission, plant_rpc_emission_clear)

G_END_DECLS
