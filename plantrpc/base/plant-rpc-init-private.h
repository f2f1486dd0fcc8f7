/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns the zmq context of this process, or NULL with errno set if it cannot be made. The caller
 * releases the context once for each acquire, after it has closed its socket. If the process ends
 * while no acquire is open, libzmq still sends the messages that linger. */
void *plant_rpc_init_acquire_context (void);
void  plant_rpc_init_release_context (void);

G_END_DECLS
