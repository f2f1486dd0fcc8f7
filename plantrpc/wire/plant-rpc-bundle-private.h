/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"

G_BEGIN_DECLS

/* Emissions that travel together, as one message of the type (yav) whose variants are the messages
 * of the single ones. They are packed once, whoever gets them, and any part of them can be sent. */
typedef struct _PlantRpcBundle PlantRpcBundle;

/* The largest payload that is put into a bundle, since a bundle is a copy. */
#define PLANT_RPC_MAX_BUNDLED_PAYLOAD 4096

PlantRpcBundle *plant_rpc_bundle_new            (void);
PlantRpcBundle *plant_rpc_bundle_ref            (PlantRpcBundle         *self);
void            plant_rpc_bundle_unref          (PlantRpcBundle         *self);

/* Packs a signal of plain arguments. Returns FALSE if it is none, or too large. */
gboolean        plant_rpc_bundle_append_plain   (PlantRpcBundle         *self,
                                                 const PlantRpcEmission *emission);
/* PAYLOAD is a packed emission, of at most PLANT_RPC_MAX_BUNDLED_PAYLOAD bytes. */
void            plant_rpc_bundle_append_payload (PlantRpcBundle         *self,
                                                 GBytes                 *payload);
guint           plant_rpc_bundle_get_n          (PlantRpcBundle         *self);
/* Returns TRUE once nothing more should be appended. */
gboolean        plant_rpc_bundle_is_full        (PlantRpcBundle         *self);

/* With the first call of one of the following functions the bundle is complete. */

/* Returns the bytes of the payload of an emission. */
gsize           plant_rpc_bundle_measure        (PlantRpcBundle         *self,
                                                 guint                   index);
/* Returns the bytes of all payloads. */
gsize           plant_rpc_bundle_measure_all    (PlantRpcBundle         *self);
/* Returns the name of the property, or NULL if the emission is not a change. */
const char     *plant_rpc_bundle_peek_property  (PlantRpcBundle         *self,
                                                 guint                   index);
/* Returns the payload of one emission. */
GBytes         *plant_rpc_bundle_dup_payload    (PlantRpcBundle         *self,
                                                 guint                   index);
/* Returns the payload of the N emissions from FIRST on, which is that of one emission if N is 1. */
GBytes         *plant_rpc_bundle_pack           (PlantRpcBundle         *self,
                                                 guint                   first,
                                                 guint                   n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcBundle, plant_rpc_bundle_unref)

/* ---- the receiver */

/* The emissions of a message that was received, from a place in it on. */
typedef struct {
  GBytes       *payload; /* (unowned) */
  const guint8 *start;   /* the first emission of all */
  const guint8 *end;     /* where the end of the next one is stored */
  guint         end_size;
  guint         n_left;
  gsize         place;   /* the end of the former one, from START on */
} PlantRpcBundleIter;

/* Checks all that is around the payloads, in time that is proportional to the bytes, and allocates
 * nothing. */
gboolean        plant_rpc_bundle_iter_init      (PlantRpcBundleIter     *self,
                                                 GBytes                 *payload,
                                                 GError                **error);
/* Sets DATA and SIZE to the payload of the next emission, which is not checked. Returns FALSE after
 * the last one. */
gboolean        plant_rpc_bundle_iter_next      (PlantRpcBundleIter     *self,
                                                 const guint8          **data,
                                                 gsize                  *size);

G_END_DECLS
