/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The file of a socket of the Unix domain, for which its owner listens. libzmq would remove
 * whatever has that path before, and whatever has it when the socket is closed. This only replaces
 * the socket of a server that has ended, and only removes what it has made. */
typedef struct _PlantRpcSocketFile PlantRpcSocketFile;

/* Makes a socket, which FD is set to and the caller owns, and listens at PATH; an abstract name
 * starts with @. BACKLOG connections may wait. Fails with G_IO_ERROR; it is
 * G_IO_ERROR_ADDRESS_IN_USE if a server runs at PATH, or if that is no socket. */
PlantRpcSocketFile *plant_rpc_socket_file_new  (const char          *path,
                                                int                  backlog,
                                                int                 *fd,
                                                GError             **error);
/* Removes the file, unless another one has its path by now. */
void                plant_rpc_socket_file_free (PlantRpcSocketFile  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSocketFile, plant_rpc_socket_file_free)

G_END_DECLS
