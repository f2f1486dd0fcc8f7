/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Small files of lines that say whom to trust. People may edit them, and several programs may
 * change them at the same time. All functions fail with G_IO_ERROR, and name the file. */

/* Returns the text with a change, or NULL with ERROR set. */
typedef GString *(*PlantRpcTableFileFunc)   (const char             *text,
                                             gpointer                user_data,
                                             GError                **error);

/* Sets TEXT to NULL if there is no such file. Fails with G_IO_ERROR_PERMISSION_DENIED if others
 * than this user and root may write it. */
gboolean plant_rpc_table_file_read          (const char             *path,
                                             gsize                   max_size,
                                             char                  **text,
                                             gsize                  *length,
                                             GError                **error);
/* Replaces the text, which is empty if there is no such file, by what FUNC returns. The file is
 * whole at any time, and a symbolic link stays one. */
gboolean plant_rpc_table_file_edit          (const char             *path,
                                             gsize                   max_size,
                                             int                     mode,
                                             PlantRpcTableFileFunc   func,
                                             gpointer                user_data,
                                             GError                **error);
/* Appends the lines of TEXT for which DROPS returns FALSE. Empty lines are left out. */
void     plant_rpc_table_file_copy_lines    (GString                *out,
                                             const char             *text,
                                             gboolean (*drops) (const char *line,
                                                                gpointer    user_data),
                                             gpointer                user_data);

G_END_DECLS
