/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-key-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-key-wipe-private.h"
#include "plant-rpc-text.h"

struct _PlantRpcKeyDraft {
  char *path;      /* (owned): where the file is to be */
  char *temporary; /* (owned): where it is */
};

gboolean
plant_rpc_key_file_fail_to_read (GError     **error,
                                 const char  *path,
                                 int          code)
{
  g_autofree char *shown = plant_rpc_text_escape (path);

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), _("Cannot read “%s”: %s"),
               shown, g_strerror (code));
  return FALSE;
}

static gboolean
fail_to_write (GError     **error,
               const char  *path,
               int          code)
{
  g_autofree char *shown = plant_rpc_text_escape (path);

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), _("Cannot write “%s”: %s"),
               shown, g_strerror (code));
  return FALSE;
}

/* ---- reading */

/* Returns COMMAND with PATH as its last argument, for a shell. */
static char *
show_command (const char *command,
              const char *path)
{
  g_autofree char *quoted = g_shell_quote (path);
  g_autofree char *line = g_strconcat (command, " ", quoted, NULL);

  return plant_rpc_text_escape (line);
}

static gboolean
refuse_owner (GError     **error,
              const char  *path,
              guint        owner)
{
  g_autofree char *shown = plant_rpc_text_escape (path);
  g_autofree char *chown = g_strdup_printf ("chown %u", (guint) geteuid ());
  g_autofree char *command = show_command (chown, path);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               /* Translators: a path, the number of a user, and a command */
               _("“%s” belongs to user %u, so its secret key is not used. Root can change that: "
                 "%s"),
               shown, owner, command);
  return FALSE;
}

static gboolean
refuse_mode (GError     **error,
             const char  *path,
             guint        mode)
{
  g_autofree char *shown = plant_rpc_text_escape (path);
  g_autofree char *command = show_command ("chmod 600", path);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               /* Translators: a path, the permissions of the file, and a command */
               _("Others have access to “%s” (mode %04o), so its secret key is not used. You can "
                 "change that: %s"),
               shown, mode, command);
  return FALSE;
}

/* What ssh requires of a secret key. */
static gboolean
check_secrecy (const char         *path,
               const struct stat  *status,
               GError            **error)
{
  if (status->st_uid != geteuid () && status->st_uid != 0)
    return refuse_owner (error, path, (guint) status->st_uid);
  if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refuse_mode (error, path, (guint) (status->st_mode & 07777));
  return TRUE;
}

static gboolean
check_status (const char  *path,
              int          fd,
              gboolean     secret,
              GError     **error)
{
  struct stat status;
  g_autofree char *shown = plant_rpc_text_escape (path);

  if (fstat (fd, &status) != 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   _("Cannot read “%s”: it is no regular file"), shown);
      return FALSE;
    }
  return !secret || check_secrecy (path, &status, error);
}

/* Returns 0 or an errno. Reads SIZE bytes at most. */
static int
read_bytes (int    fd,
            char  *bytes,
            gsize  size,
            gsize *n_read)
{
  gssize n = 1;

  *n_read = 0;
  while (*n_read < size && n != 0)
    {
      n = read (fd, bytes + *n_read, size - *n_read);
      if (n < 0 && errno != EINTR)
        return errno;
      if (n > 0)
        *n_read += (gsize) n;
    }
  return 0;
}

static gboolean
read_keys (const char       *path,
           int               fd,
           PlantRpcKeyText  *keys,
           GError          **error)
{
  const gsize size = PLANT_RPC_KEY_MAX_TEXT + 1;
  g_autofree char *text = g_malloc (size);
  g_autofree char *shown = plant_rpc_text_escape (path);
  gsize length;
  int code = read_bytes (fd, text, size, &length);
  gboolean good = code == 0 ? plant_rpc_key_text_parse (keys, text, length, error)
                            : plant_rpc_key_file_fail_to_read (error, path, code);

  plant_rpc_key_wipe (text, length);
  if (!good && code == 0)
    /* Translators: a path; what is wrong with the file follows */
    g_prefix_error (error, _("“%s” is no file of keys: "), shown);
  return good;
}

/* A named pipe, which the path may be, does not block the caller. */
static gboolean
read_file (const char       *path,
           gboolean          secret,
           PlantRpcKeyText  *keys,
           GError          **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gboolean good;

  if (fd < 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  good = check_status (path, fd, secret, error) && read_keys (path, fd, keys, error);
  close (fd);
  return good;
}

gboolean
plant_rpc_key_file_read (const char       *path,
                         PlantRpcKeyText  *keys,
                         GError          **error)
{
  return read_file (path, FALSE, keys, error);
}

gboolean
plant_rpc_key_file_read_secret (const char       *path,
                                PlantRpcKeyText  *keys,
                                GError          **error)
{
  g_autofree char *shown = plant_rpc_text_escape (path);

  if (!read_file (path, TRUE, keys, error))
    return FALSE;
  if (*keys->secret_key != '\0')
    return TRUE;
  plant_rpc_key_text_clear (keys);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               _("“%s” has no secret key, only a public key"), shown);
  return FALSE;
}

/* ---- writing */

/* Returns 0 or an errno. */
static int
write_bytes (int         fd,
             const char *bytes,
             gsize       size)
{
  while (size > 0)
    {
      gssize n = write (fd, bytes, size);

      if (n < 0 && errno != EINTR)
        return errno;
      if (n > 0)
        {
          bytes += n;
          size -= (gsize) n;
        }
    }
  return fsync (fd) == 0 ? 0 : errno;
}

/* A new name, which appears or not, is safe from a crash once its folder is on the disk. Some file
 * systems cannot do that, and the file is there all the same. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

static char *
name_temporary (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_build_filename (folder, ".plantrpc-key-XXXXXX", NULL);
}

PlantRpcKeyDraft *
plant_rpc_key_draft_new (const char             *path,
                         const PlantRpcKeyText  *keys,
                         GError                **error)
{
  g_autoptr (PlantRpcKeyDraft) self = NULL;
  g_autofree char *temporary = name_temporary (path);
  const int mode = *keys->secret_key != '\0' ? 0600 : 0644;
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
  char *text;
  int code;

  if (fd < 0)
    {
      fail_to_write (error, path, errno);
      return NULL;
    }
  self = g_new0 (PlantRpcKeyDraft, 1);
  self->path = g_strdup (path);
  self->temporary = g_steal_pointer (&temporary);
  text = plant_rpc_key_text_print (keys);
  code = write_bytes (fd, text, strlen (text));
  plant_rpc_key_wipe (text, strlen (text));
  g_free (text);
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code == 0)
    return g_steal_pointer (&self);
  fail_to_write (error, path, code);
  return NULL;
}

gboolean
plant_rpc_key_draft_publish (PlantRpcKeyDraft  *self,
                             GError           **error)
{
  if (link (self->temporary, self->path) != 0)
    return fail_to_write (error, self->path, errno);
  sync_folder (self->path);
  return TRUE;
}

gboolean
plant_rpc_key_draft_replace (PlantRpcKeyDraft  *self,
                             GError           **error)
{
  if (rename (self->temporary, self->path) != 0)
    return fail_to_write (error, self->path, errno);
  sync_folder (self->path);
  return TRUE;
}

void
plant_rpc_key_draft_free (PlantRpcKeyDraft *self)
{
  g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}
