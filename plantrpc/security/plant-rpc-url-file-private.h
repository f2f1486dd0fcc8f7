/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The file in which a server tells other programs of its user where it is reached. It counts while
 * the server holds a lock on it, so what a server that has crashed left behind counts no more. */
typedef struct _PlantRpcUrlFile PlantRpcUrlFile;

/* Returns the path beside that of a table of allowed keys. */
char            *plant_rpc_url_file_find_path (const char       *allowed_path);

/* Writes URL. Returns NULL if another server has the file, or if it cannot be written. */
PlantRpcUrlFile *plant_rpc_url_file_new       (const char       *path,
                                               const char       *url);
/* The file stays, and is empty. */
void             plant_rpc_url_file_free      (PlantRpcUrlFile  *self);
/* Returns what the file says. Fails with G_IO_ERROR_NOT_FOUND if no server runs that has written
 * it, and with G_IO_ERROR_PERMISSION_DENIED if others could have written it. */
char            *plant_rpc_url_file_read      (const char       *path,
                                               GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcUrlFile, plant_rpc_url_file_free)

G_END_DECLS
