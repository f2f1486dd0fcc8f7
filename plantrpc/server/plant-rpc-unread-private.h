/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes: as many of these as libzmq may hold for a peer are not worth counting. */
#define PLANT_RPC_SMALL_MESSAGE 4096

/* How much of what was sent each peer has not taken yet: what libzmq holds for it, which it bounds
 * by number alone. */
typedef struct _PlantRpcUnread PlantRpcUnread;

PlantRpcUnread *plant_rpc_unread_new   (void);
/* What is still held goes on without it. */
void            plant_rpc_unread_free  (PlantRpcUnread  *self);
/* The same bytes, which count for PEER until they are let go of, on whichever thread. */
GBytes         *plant_rpc_unread_count (PlantRpcUnread  *self,
                                        GBytes          *peer,
                                        GBytes          *bytes);
gsize           plant_rpc_unread_get   (PlantRpcUnread  *self,
                                        GBytes          *peer);

G_END_DECLS
