/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-enums.h"

G_BEGIN_DECLS

/* The file that says who may connect to a secured server, and with which role. Each line has a
 * public key, a role and perhaps what people call the owner, with spaces between them; or it is
 * empty, or begins with “#”. Other lines are reported and allow nobody.
 *
 * The line of an invitation has a public key that may only join, the word “invited”, the role that
 * is given to who joins, for how many seconds it is good, and when it ends (ISO 8601, UTC). */

#define PLANT_RPC_ALLOWED_KEYS_MAX_SIZE (4 * 1024 * 1024) /* bytes of a file */

typedef struct {
  PlantRpcRole  role;     /* that of an invitation is PLANT_RPC_ROLE_NONE */
  char         *label;    /* (owned) (nullable) */
  PlantRpcRole  granted;  /* of an invitation: to who joins */
  guint         lifetime; /* s; 0: the key is no invitation */
  gint64        end;      /* of an invitation, by the clock on the wall: s since 1970 */
} PlantRpcAllowedKey;

/* Returns a table (element-type utf8 PlantRpcAllowedKey) by key. */
GHashTable *plant_rpc_allowed_keys_new       (void);
/* Returns FALSE and sets ERROR to G_IO_ERROR_INVALID_ARGUMENT if LABEL is not UTF-8, or has
 * characters that cannot stand in a line. */
gboolean    plant_rpc_allowed_keys_check_label (const char      *label,
                                                GError         **error);
/* Returns the table that is written in TEXT, which may have any bytes. PROBLEMS (element-type utf8,
 * nullable) get what is wrong with lines that are left out. */
GHashTable *plant_rpc_allowed_keys_parse     (const char        *text,
                                              gsize              length,
                                              GPtrArray         *problems);

/* Returns where the table of the server is whose pair of keys has that name; see
 * plant_rpc_keypair_find_path(). */
char       *plant_rpc_allowed_keys_find_path (const char        *name,
                                              GError           **error);
/* Reads a file. One that is not there allows nobody. Fails with G_IO_ERROR_PERMISSION_DENIED if
 * others than this user and root may write it, and with other errors of G_IO_ERROR. */
GHashTable *plant_rpc_allowed_keys_load      (const char        *path,
                                              GPtrArray         *problems,
                                              GError           **error);
/* Changes a file, which is made if it is not there: the lines of KEY are removed, and ALLOWED
 * (nullable) gets one. All other lines stay. Others may change it at the same time. */
gboolean    plant_rpc_allowed_keys_edit      (const char               *path,
                                              const char               *key,
                                              const PlantRpcAllowedKey *allowed,
                                              GError                  **error);
/* Changes a file at once, or not at all: the line of INVITATION, which must be there, is replaced
 * by one of KEY. KEY keeps the label that it has, and its role if that may do more. Sets ALLOWED to
 * what KEY has then. Fails with G_IO_ERROR_NOT_FOUND if there is no such invitation. */
gboolean    plant_rpc_allowed_keys_redeem    (const char               *path,
                                              const char               *invitation,
                                              const char               *key,
                                              PlantRpcAllowedKey       *allowed,
                                              GError                  **error);
/* ALLOWED, which is to replace FORMER (nullable), takes over what FORMER has and must keep. */
void        plant_rpc_allowed_key_keep       (PlantRpcAllowedKey       *allowed,
                                              const PlantRpcAllowedKey *former);

G_END_DECLS
