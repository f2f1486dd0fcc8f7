/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-driver-private.h"

G_BEGIN_DECLS

/* Looks for one device in the list of a registry, and tells where it is, each time that changes.
 * Used from its context only. */
typedef struct _PlantRpcFollower PlantRpcFollower;

typedef struct {
  void     (*found)      (gpointer      owner,
                          const char   *url);
  /* It was never found so far. */
  void     (*missing)    (gpointer      owner,
                          const GError *reason);
  /* Whether the device that was found serves its purpose. */
  gboolean (*is_content) (gpointer      owner);
} PlantRpcFollowerFuncs;

/* A companion whose user data is the follower. */
extern const PlantRpcCompanion plant_rpc_follower_companion;

/* DEVICE: the name, or else the type. */
PlantRpcFollower *plant_rpc_follower_new   (const char                   *registry_url,
                                            const char                   *device,
                                            GMainContext                 *context,
                                            const PlantRpcFollowerFuncs  *funcs,
                                            gpointer                      owner);
/* May be called from within the callbacks; no other follows. */
void              plant_rpc_follower_free  (PlantRpcFollower             *self);
/* Looks again, later: the owner may be content no longer. */
void              plant_rpc_follower_check (PlantRpcFollower             *self);

G_END_DECLS
