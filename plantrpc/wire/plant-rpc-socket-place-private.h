/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The address at which libzmq listens. libzmq closes a socket in threads of its own, so the address
 * is in use for a moment longer, and a server that starts there at once would fail. */
typedef struct _PlantRpcSocketPlace PlantRpcSocketPlace;

/* Returns where HANDLE, a socket of libzmq, was bound last, or NULL with errno set. */
PlantRpcSocketPlace *plant_rpc_socket_place_new      (void                *handle);
/* Returns the TCP port, or 0 if that is none. */
guint16              plant_rpc_socket_place_get_port (PlantRpcSocketPlace *self);
/* Waits until the address is free. Its socket must have been closed. */
void                 plant_rpc_socket_place_free     (PlantRpcSocketPlace *self);
/* Does not wait. It is for a forked child, whose parent still listens. */
void                 plant_rpc_socket_place_abandon  (PlantRpcSocketPlace *self);

G_END_DECLS
