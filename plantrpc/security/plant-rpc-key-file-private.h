/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-key-text-private.h"

G_BEGIN_DECLS

/* Files of keys. All functions fail with G_IO_ERROR, and name the file. */

/* Reads a file that anybody may read. */
gboolean plant_rpc_key_file_read        (const char             *path,
                                         PlantRpcKeyText        *keys,
                                         GError                **error);
/* Reads a file that has a secret key. It is refused with G_IO_ERROR_PERMISSION_DENIED unless it
 * belongs to this user or root and nobody else may use it. */
gboolean plant_rpc_key_file_read_secret (const char             *path,
                                         PlantRpcKeyText        *keys,
                                         GError                **error);

/* Tells that PATH cannot be read, for the reason that errno had as CODE. Returns FALSE. */
gboolean plant_rpc_key_file_fail_to_read (GError               **error,
                                          const char            *path,
                                          int                    code);

/* A new file, complete and on the disk, under a temporary name in the folder of PATH. */
typedef struct _PlantRpcKeyDraft PlantRpcKeyDraft;

PlantRpcKeyDraft *plant_rpc_key_draft_new     (const char             *path,
                                               const PlantRpcKeyText  *keys,
                                               GError                **error);
/* Gives it its name. Fails with G_IO_ERROR_EXISTS if there is a file of that name. */
gboolean          plant_rpc_key_draft_publish (PlantRpcKeyDraft       *self,
                                               GError                **error);
/* Gives it its name, which a file had that is replaced. */
gboolean          plant_rpc_key_draft_replace (PlantRpcKeyDraft       *self,
                                               GError                **error);
/* Removes the temporary name. */
void              plant_rpc_key_draft_free    (PlantRpcKeyDraft       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcKeyDraft, plant_rpc_key_draft_free)

G_END_DECLS
