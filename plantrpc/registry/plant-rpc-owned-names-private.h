/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The names of devices that belong to keys: a file beside the pair of keys of a secured registry.
 * Each line has a public key and a name, with a space between them; or it is empty, or begins with
 * “#”. A name whose key cannot be understood belongs to nobody, and nobody gets it.
 *
 * Names that look alike are the same name here: upper and lower case, spaces, and characters that
 * are not seen make no difference. */
typedef struct _PlantRpcOwnedNames PlantRpcOwnedNames;

PlantRpcOwnedNames *plant_rpc_owned_names_new       (const char         *path);
void                plant_rpc_owned_names_free      (PlantRpcOwnedNames *self);
/* Returns where the file is of the registry whose pair of keys has that name; see
 * plant_rpc_keypair_find_path(). */
char               *plant_rpc_owned_names_find_path (const char         *name,
                                                     GError            **error);

/* Reads the file if it has changed. After a failure every name has another owner. */
gboolean            plant_rpc_owned_names_refresh   (PlantRpcOwnedNames *self,
                                                     GError            **error);
/* Returns whether the name belongs to another key than KEY. */
gboolean            plant_rpc_owned_names_is_taken  (PlantRpcOwnedNames *self,
                                                     const char         *name,
                                                     const char         *key);
/* Gives the name to KEY and writes the file. Fails with PLANT_RPC_ERROR_REFUSED if it belongs to
 * another key, with PLANT_RPC_ERROR_LIMIT if KEY has too many, and with G_IO_ERROR if the file
 * cannot be read or written. */
gboolean            plant_rpc_owned_names_claim     (PlantRpcOwnedNames *self,
                                                     const char         *name,
                                                     const char         *key,
                                                     GError            **error);
/* Lets any key have the name again. Fails with G_IO_ERROR_NOT_FOUND if it belongs to none. */
gboolean            plant_rpc_owned_names_release   (const char         *path,
                                                     const char         *name,
                                                     GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcOwnedNames, plant_rpc_owned_names_free)

G_END_DECLS
