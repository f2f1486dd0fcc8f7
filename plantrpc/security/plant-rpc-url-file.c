/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks of open file descriptions, which a thread of this process does not release by accident. */
#define _GNU_SOURCE
#include "config.h"

#include "plant-rpc-url-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-key-file-private.h"
#include "plant-rpc-text.h"

#define ALLOWED_END ".allowed"
#define FILE_END    ".url"

#define MAX_SIZE 4096 /* bytes */

struct _PlantRpcUrlFile {
  int   fd;
  pid_t process; /* that has written it */
};

char *
plant_rpc_url_file_find_path (const char *allowed_path)
{
  g_autofree char *stem = g_strndup (allowed_path, strlen (allowed_path) - strlen (ALLOWED_END));

  return g_strconcat (stem, FILE_END, NULL);
}

static gboolean
lock (int fd)
{
  struct flock request = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_SETLK, &request) == 0;
}

static gboolean
is_locked (int fd)
{
  struct flock request = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_GETLK, &request) == 0 && request.l_type != F_UNLCK;
}

PlantRpcUrlFile *
plant_rpc_url_file_new (const char *path,
                        const char *url)
{
  g_autofree char *line = g_strconcat (url, "\n", NULL);
  const gsize length = strlen (line);
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  PlantRpcUrlFile *self;

  if (fd < 0)
    return NULL;
  if (!lock (fd) || ftruncate (fd, 0) != 0 || pwrite (fd, line, length, 0) != (gssize) length)
    {
      close (fd);
      return NULL;
    }
  self = g_new (PlantRpcUrlFile, 1);
  self->fd = fd;
  self->process = getpid ();
  return self;
}

/* A file that cannot be emptied counts no more without the lock either. In a forked child it is
 * the parent's. */
void
plant_rpc_url_file_free (PlantRpcUrlFile *self)
{
  if (self->process == getpid () && ftruncate (self->fd, 0) != 0)
    errno = 0;
  close (self->fd);
  g_free (self);
}

static gboolean
check (const char  *path,
       int          fd,
       GError     **error)
{
  g_autofree char *shown = plant_rpc_text_escape (path);
  struct stat status;

  if (fstat (fd, &status) != 0)
    return plant_rpc_key_file_fail_to_read (error, path, errno);
  if (S_ISREG (status.st_mode) && (status.st_uid == geteuid () || status.st_uid == 0) &&
      (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _("Others may write “%s”, so the address in it is not used"), shown);
  return FALSE;
}

static char *
read_line (int fd)
{
  char text[MAX_SIZE];
  const gssize length = is_locked (fd) ? pread (fd, text, sizeof text, 0) : 0;
  const char *end = length > 0 ? memchr (text, '\n', (gsize) length) : NULL;

  return end != NULL ? g_utf8_make_valid (text, end - text) : NULL;
}

char *
plant_rpc_url_file_read (const char  *path,
                         GError     **error)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  char *url = NULL;

  if (fd < 0 && errno != ENOENT)
    {
      plant_rpc_key_file_fail_to_read (error, path, errno);
      return NULL;
    }
  if (fd >= 0 && !check (path, fd, error))
    {
      close (fd);
      return NULL;
    }
  if (fd >= 0)
    {
      url = read_line (fd);
      close (fd);
    }
  if (url == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         _("No server runs that has these keys, so its address is not known"));
  return url;
}
