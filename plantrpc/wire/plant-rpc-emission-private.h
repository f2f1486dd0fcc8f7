/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-arguments-private.h"
#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

/* A native server pushes emissions over the connection of the calls, with a sequence number of 8
 * bytes where a reply has the id of its request. Its highest bit is set, and no request has such an
 * id. */
#define PLANT_RPC_PUSH_BIT ((guint64) 1 << 63)

/* bytes that a push counts in addition to its payload when credit is computed */
#define PLANT_RPC_PUSH_OVERHEAD 64

typedef enum {
  PLANT_RPC_EMISSION_SIGNAL,
  PLANT_RPC_EMISSION_CHANGED, /* native only: a property has a new value */
  PLANT_RPC_EMISSION_LOST,    /* native only: signals were thrown away here */
  PLANT_RPC_EMISSION_FAILED,  /* native only: the value of a property is no longer known */
} PlantRpcEmissionType;

/* What a server sends without a request. The older wires have signals only, and there the change of
 * a property is a signal, too. */
typedef struct {
  PlantRpcEmissionType     type;
  char                    *name;   /* (owned) (nullable): of a signal or property, as on the wire */
  GVariant                *value;  /* (owned) (nullable): the arguments of the signal (av), or the
                                      value of the property, or why that is not known: (sss) as
                                      of plant_rpc_reply_build_failure() */
  const PlantRpcArguments *plain;  /* (unowned) (nullable): the arguments, if VALUE is NULL */
  guint64                  n_lost; /* how many signals were dropped before this one */
  gboolean                 typed;  /* TRUE: the arguments have the types that clients of Plant
                                      Imager declare, so that such clients may be sent a null */
} PlantRpcEmission;

GBytes   *plant_rpc_emission_pack         (const PlantRpcEmission  *self,
                                           PlantRpcFormat           format,
                                           GError                 **error);
/* SELF must be zeroed, and is zeroed again after a failure. */
gboolean  plant_rpc_emission_unpack       (PlantRpcEmission        *self,
                                           GBytes                  *payload,
                                           GError                 **error);
/* Unpacks a native signal, with its arguments into PLAIN. Returns FALSE for anything else, for
 * which there is plant_rpc_emission_unpack(). */
gboolean  plant_rpc_emission_unpack_plain (PlantRpcEmission        *self,
                                           PlantRpcArguments       *plain,
                                           GBytes                  *payload);
void      plant_rpc_emission_clear        (PlantRpcEmission        *self);
/* The arguments of a signal as av, never floating. */
GVariant *plant_rpc_emission_dup_args     (const PlantRpcEmission  *self);

/* Returns what a generation 1 client replies to each signal. */
GBytes   *plant_rpc_emission_pack_acknowledgement (gboolean  success);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcEmission, plant_rpc_emission_clear)

G_END_DECLS
