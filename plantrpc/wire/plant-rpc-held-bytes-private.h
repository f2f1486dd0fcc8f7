/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* bytes; messages up to this size are not counted, since libzmq holds a limited number of them */
#define PLANT_RPC_SMALL_MESSAGE 4096

/* Counts the bytes that libzmq holds for each peer, since libzmq limits only the number of
 * messages. */
typedef struct _PlantRpcHeldBytes PlantRpcHeldBytes;

PlantRpcHeldBytes *plant_rpc_held_bytes_new   (void);
/* Bytes that are still held are freed later. */
void               plant_rpc_held_bytes_free  (PlantRpcHeldBytes *self);
/* Returns the same bytes. They count for PEER until they are freed, on any thread. */
GBytes            *plant_rpc_held_bytes_count (PlantRpcHeldBytes *self,
                                               GBytes            *peer,
                                               GBytes            *bytes);
gsize              plant_rpc_held_bytes_get   (PlantRpcHeldBytes *self,
                                               GBytes            *peer);

G_END_DECLS
