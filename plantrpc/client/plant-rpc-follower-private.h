/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-driver-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

/* Looks for one device in the list of a registry, and tells its owner where the device is whenever
 * that changes. It is used from its context only. */
typedef struct _PlantRpcFollower PlantRpcFollower;

typedef struct {
  void     (*found)      (gpointer      owner,
                          const char   *url);
  /* The device was found, and must not be connected to, unless REASON says otherwise later. */
  void     (*refused)    (gpointer      owner,
                          const GError *reason);
  /* The key of plant_rpc_follower_get_unknown_key() is another. */
  void     (*asked)      (gpointer      owner);
  /* The device has not been found yet. */
  void     (*missing)    (gpointer      owner,
                          const GError *reason);
  /* Returns whether the device that was found serves its purpose. */
  gboolean (*is_content) (gpointer      owner);
} PlantRpcFollowerFuncs;

/* A companion whose user data is the follower. */
extern const PlantRpcCompanion plant_rpc_follower_companion;

/* How a follower makes sure of a device. */
typedef struct {
  PlantRpcKeypair        *keypair; /* (nullable): by which a secured registry knows the client; NULL
                                      for that of the user */
  PlantRpcUnknownDevices  unknown;
} PlantRpcFollowerTrust;

/* DEVICE is a name, or the type of a device if no device has that name. */
PlantRpcFollower *plant_rpc_follower_new   (const char                   *registry_url,
                                            const char                   *device,
                                            const PlantRpcFollowerTrust  *trust,
                                            GMainContext                 *context,
                                            const PlantRpcFollowerFuncs  *funcs,
                                            gpointer                      owner);
/* It may be called from inside the callbacks. None is called afterwards. */
void              plant_rpc_follower_free  (PlantRpcFollower             *self);
/* Looks again from the main loop, since the owner may no longer be content. */
void              plant_rpc_follower_check (PlantRpcFollower             *self);
void              plant_rpc_follower_set_trust       (PlantRpcFollower             *self,
                                                      const PlantRpcFollowerTrust  *trust);
/* Returns (nullable) the key of a device that was found and waits to be accepted. */
const char       *plant_rpc_follower_get_unknown_key (PlantRpcFollower             *self);
/* Remembers the device that waits, if it has that key, and looks again from the main loop. Fails
 * with G_IO_ERROR_NOT_FOUND if it has not. */
gboolean          plant_rpc_follower_accept          (PlantRpcFollower             *self,
                                                      const char                   *key,
                                                      GError                      **error);

G_END_DECLS
