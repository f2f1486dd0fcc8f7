/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns the zmq context of this process, or NULL with errno set if it cannot be made. The caller
 * releases the context once for each acquire, after it has closed its socket. If the process ends
 * while no acquire is open, libzmq still sends the messages that linger. */
void *plant_rpc_init_acquire_context (void);
void  plant_rpc_init_release_context (void);

/* Returns a number that differs between a process and the children that it forks. What was made
 * with another number belongs to the parent. */
guint    plant_rpc_init_get_process  (void);
/* Returns whether what was made with PROCESS belongs to the parent of this process. */
gboolean plant_rpc_init_is_inherited (guint process);

typedef enum {
  PLANT_RPC_LOCK_OUTER, /* inner ones may be locked while it is */
  PLANT_RPC_LOCK_INNER, /* no other one is locked while it is */
} PlantRpcLockRank;

/* For a constructor: LOCK, which is static and held only for moments, is also held while this
 * process forks. So a child finds it free, and what it guards whole. */
void     plant_rpc_init_lock_for_forks (GMutex           *lock,
                                        PlantRpcLockRank  rank);

G_END_DECLS
