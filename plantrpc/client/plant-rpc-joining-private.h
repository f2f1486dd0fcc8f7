/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-invitation-private.h"

G_BEGIN_DECLS

/* Joins a secured server by an invitation. It connects by the pair of keys of the invitation and
 * sends the public key of its own pair. If that does not lead to an answer that is good, it sees
 * whether its own pair is let in. It is used from its context only. */
typedef struct _PlantRpcJoining PlantRpcJoining;

/* URL is that of the server from now on, or NULL with ERROR. The function may free the joining. */
typedef void (*PlantRpcJoiningFunc) (gpointer      owner,
                                     const char   *url,
                                     const GError *error);

/* KEYPAIR and NAME are nullable; see plant_rpc_pair(). */
PlantRpcJoining *plant_rpc_joining_new   (const char           *link,
                                          PlantRpcKeypair      *keypair,
                                          const char           *name,
                                          GMainContext         *context,
                                          GError              **error);
/* FUNC is called once, from the main loop. */
void             plant_rpc_joining_begin (PlantRpcJoining      *self,
                                          PlantRpcJoiningFunc   func,
                                          gpointer              owner);
/* FUNC is not called afterwards. */
void             plant_rpc_joining_free  (PlantRpcJoining      *self);

G_END_DECLS
