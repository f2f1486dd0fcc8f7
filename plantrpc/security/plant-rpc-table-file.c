/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-table-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-key-file-private.h"
#include "plant-rpc-text.h"

/* ---- reading */

/* Whoever can write the file decides whom to trust. */
static gboolean
check_status (const char  *path,
              int          fd,
              gsize        max_size,
              GError     **error)
{
  g_autofree char *shown = plant_rpc_text_escape (path);
  struct stat status;

  if (fstat (fd, &status) != 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (!S_ISREG (status.st_mode) || status.st_size < 0 || (guint64) status.st_size > max_size)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _("Cannot read “%s”: it is no regular file, or too large"), shown);
  else if ((status.st_uid != geteuid () && status.st_uid != 0) ||
           (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _("Others may write “%s”, so the keys in it are not allowed"), shown);
  else
    return TRUE;
  return FALSE;
}

gboolean
plant_rpc_table_file_read (const char  *path,
                           gsize        max_size,
                           char       **text,
                           gsize       *length,
                           GError     **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *bytes = NULL;
  gssize n = 1;

  *text = NULL;
  *length = 0;
  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (!check_status (path, fd, max_size, error))
    {
      close (fd);
      return FALSE;
    }
  bytes = g_malloc (max_size);
  while (n != 0 && *length < max_size)
    {
      n = read (fd, bytes + *length, max_size - *length);
      if (n < 0 && errno != EINTR)
        break;
      *length += n > 0 ? (gsize) n : 0;
    }
  close (fd);
  if (n < 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  *text = g_strndup ("", *length);
  memcpy (*text, bytes, *length);
  return TRUE;
}

/* ---- changes */

void
plant_rpc_table_file_copy_lines (GString     *out,
                                 const char  *text,
                                 gboolean   (*drops) (const char *line,
                                                      gpointer    user_data),
                                 gpointer     user_data)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (*lines[i] != '\0' && !drops (lines[i], user_data))
        g_string_append_printf (out, "%s\n", lines[i]);
    }
}

static gboolean
change_file (const char             *path,
             gsize                   max_size,
             int                     mode,
             PlantRpcTableFileFunc   func,
             gpointer                user_data,
             GError                **error)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = plant_rpc_text_escape (path);
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) local_error = NULL;
  gsize length;

  if (!plant_rpc_table_file_read (path, max_size, &text, &length, error))
    return FALSE;
  if (text != NULL && memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("“%s” is not UTF-8, so it is not changed"), shown);
      return FALSE;
    }
  changed = func (text != NULL ? text : "", user_data, error);
  if (changed == NULL || (text != NULL && g_str_equal (changed->str, text)))
    return changed != NULL;
  if (changed->len > max_size)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 /* Translators: a path */
                 _("“%s” is full, so it is not changed"), shown);
  else if (g_file_set_contents_full (path, changed->str, (gssize) changed->len,
                                     G_FILE_SET_CONTENTS_CONSISTENT, mode, &local_error))
    return TRUE;
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", local_error->message);
  return FALSE;
}

/* A symbolic link stays one. */
static char *
find_target (const char *path)
{
  char *target = realpath (path, NULL);
  char *copy = g_strdup (target != NULL ? target : path);

  free (target);
  return copy;
}

gboolean
plant_rpc_table_file_edit (const char             *path,
                           gsize                   max_size,
                           int                     mode,
                           PlantRpcTableFileFunc   func,
                           gpointer                user_data,
                           GError                **error)
{
  g_autofree char *target = find_target (path);
  g_autofree char *folder = g_path_get_dirname (target);
  gboolean changed;
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return plant_rpc_key_file_fail_to_read (error, folder, errno);
  /* Two commands at the same time must not undo each other. The lock ends with the descriptor. */
  while (flock (fd, LOCK_EX) != 0 && errno == EINTR)
    continue;
  changed = change_file (target, max_size, mode, func, user_data, error);
  close (fd);
  return changed;
}
