/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-driver-private.h"

G_BEGIN_DECLS

/* Looks for one device in the list of a registry, and tells its owner where the device is whenever
 * that changes. It is used from its context only. */
typedef struct _PlantRpcFollower PlantRpcFollower;

typedef struct {
  void     (*found)      (gpointer      owner,
                          const char   *url);
  /* The device has not been found yet. */
  void     (*missing)    (gpointer      owner,
                          const GError *reason);
  /* Returns whether the device that was found serves its purpose. */
  gboolean (*is_content) (gpointer      owner);
} PlantRpcFollowerFuncs;

/* A companion whose user data is the follower. */
extern const PlantRpcCompanion plant_rpc_follower_companion;

/* DEVICE is a name, or the type of a device if no device has that name. */
PlantRpcFollower *plant_rpc_follower_new   (const char                   *registry_url,
                                            const char                   *device,
                                            GMainContext                 *context,
                                            const PlantRpcFollowerFuncs  *funcs,
                                            gpointer                      owner);
/* It may be called from inside the callbacks. None is called afterwards. */
void              plant_rpc_follower_free  (PlantRpcFollower             *self);
/* Looks again from the main loop, since the owner may no longer be content. */
void              plant_rpc_follower_check (PlantRpcFollower             *self);

G_END_DECLS
