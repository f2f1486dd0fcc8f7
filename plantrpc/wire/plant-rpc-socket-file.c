/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-socket-file-private.h"

/* Who replaces or removes a socket locks its folder meanwhile. If somebody else keeps the lock for
 * longer than this, it is done without. */
#define LOCK_TRIES   50
#define LOCK_WAIT_US (10 * 1000)

/* The most symbolic links from the path to the socket. */
#define MAX_LINKS 40

struct _PlantRpcSocketFile {
  char        *path;    /* (owned): without symbolic links at its end */
  gboolean     bound;   /* TRUE: there is a file */
  struct stat  made;    /* the file that was made */
  guint        process; /* that owns it */
};

typedef struct {
  struct sockaddr_un address;
  socklen_t          size;
} Name;

/* ---- the lock */

/* Returns -1 without a lock. */
static int
lock_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0 && i < LOCK_TRIES; i++)
    g_usleep (LOCK_WAIT_US);
  return fd;
}

static void
unlock_folder (int fd)
{
  if (fd >= 0)
    close (fd);
}

/* ---- binding */

static void
name_init (Name       *self,
           const char *path)
{
  const gsize length = MIN (strlen (path), sizeof self->address.sun_path - 1);
  const gboolean abstract = *path == '@';

  *self = (Name) { .address = { .sun_family = AF_UNIX } };
  memcpy (self->address.sun_path, path, length);
  if (abstract)
    self->address.sun_path[0] = '\0';
  self->size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
}

static int
open_socket (void)
{
  return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Nobody listens at a socket that refuses. Any other answer may be that of a server. */
static gboolean
is_left_behind (const Name *name)
{
  int fd = open_socket ();
  gboolean refused;

  if (fd < 0)
    return FALSE;
  refused = connect (fd, (const struct sockaddr *) &name->address, name->size) != 0 &&
            errno == ECONNREFUSED;
  close (fd);
  return refused;
}

/* Returns 0 or an errno. */
static int
bind_and_listen (int         fd,
                 const Name *name,
                 int         backlog)
{
  if (bind (fd, (const struct sockaddr *) &name->address, name->size) != 0)
    return errno;
  return listen (fd, backlog) == 0 ? 0 : errno;
}

static gboolean
fail (const char  *path,
      int          code,
      GError     **error)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code),
               /* Translators: an address, and an error of the system */
               _("Cannot listen at “ipc://%s”: %s"), path, g_strerror (code));
  return FALSE;
}

/* The system follows no symbolic link to make a socket. */
static char *
follow_links (const char *path)
{
  char *place = g_strdup (path);
  char *target;

  for (guint i = 0; i < MAX_LINKS && (target = g_file_read_link (place, NULL)) != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (place);

      g_free (place);
      place = g_path_is_absolute (target) ? g_strdup (target)
                                          : g_build_filename (folder, target, NULL);
      g_free (target);
    }
  return place;
}

/* The socket of a server that has ended is replaced. */
static gboolean
take_path (const char  *path,
           int          fd,
           int          backlog,
           GError     **error)
{
  struct stat there;
  Name name;
  int code;

  if (strlen (path) >= sizeof name.address.sun_path)
    return fail (path, ENAMETOOLONG, error);
  name_init (&name, path);
  code = bind_and_listen (fd, &name, backlog);
  if (code == EADDRINUSE && *path != '@' && lstat (path, &there) == 0)
    {
      if (!S_ISSOCK (there.st_mode))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                       _("Cannot listen at “ipc://%s”: there is a file that is no socket"), path);
          return FALSE;
        }
      if (is_left_behind (&name) && unlink (path) == 0)
        code = bind_and_listen (fd, &name, backlog);
    }
  return code == 0 || fail (path, code, error);
}

PlantRpcSocketFile *
plant_rpc_socket_file_new (const char  *path,
                           int          backlog,
                           int         *fd,
                           GError     **error)
{
  g_autoptr (PlantRpcSocketFile) self = g_new0 (PlantRpcSocketFile, 1);
  int lock = -1;
  gboolean taken;

  self->path = *path == '@' ? g_strdup (path) : follow_links (path);
  self->process = plant_rpc_init_get_process ();
  *fd = open_socket ();
  if (*fd < 0)
    {
      fail (path, errno, error);
      return NULL;
    }
  if (*path != '@')
    lock = lock_folder (self->path);
  taken = take_path (self->path, *fd, backlog, error);
  self->bound = taken && *path != '@' && lstat (self->path, &self->made) == 0;
  unlock_folder (lock);
  if (taken)
    return g_steal_pointer (&self);
  close (*fd);
  return NULL;
}

/* The number of a file that was removed may be given to the next one, but not its time. */
static gboolean
is_same_file (const struct stat *a,
              const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
remove_file (PlantRpcSocketFile *self)
{
  int lock = lock_folder (self->path);
  struct stat there;

  if (lstat (self->path, &there) == 0 && is_same_file (&there, &self->made))
    unlink (self->path);
  unlock_folder (lock);
}

void
plant_rpc_socket_file_free (PlantRpcSocketFile *self)
{
  if (self->bound && !plant_rpc_init_is_inherited (self->process))
    remove_file (self);
  g_free (self->path);
  g_free (self);
}
