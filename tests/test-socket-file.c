/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-socket-file-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-wait.h"

typedef struct {
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("plantrpc-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "camera", NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
}

static gboolean
exists (Fixture *self)
{
  return g_file_test (self->path, G_FILE_TEST_EXISTS);
}

static PlantRpcSocket *
bind_at (const char  *path,
         GError     **error)
{
  g_autofree char *url = g_strconcat ("ipc://", path, NULL);
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_ROUTER, error);

  g_assert_nonnull (socket);
  if (!plant_rpc_socket_bind (socket, url, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* A message goes from a client to the server. */
static void
assert_served (PlantRpcSocket *server,
               const char     *path)
{
  g_autofree char *url = g_strconcat ("ipc://", path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) client = plant_rpc_socket_new (ZMQ_DEALER, &error);
  g_auto (PlantRpcFrames) frames = { 0 };

  g_assert_true (plant_rpc_socket_connect (client, url, &error));
  g_assert_cmpint (zmq_send (plant_rpc_socket_get_handle (client), "x", 1, 0), ==, 1);
  test_wait_for (plant_rpc_socket_receive (server, &frames));
}

/* A server that runs keeps its path, and it goes with the server. */
static void
test_in_use (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) first = bind_at (self->path, &error);

  g_assert_no_error (error);
  g_assert_null (bind_at (self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, self->path));
  g_clear_error (&error);
  assert_served (first, self->path);
  g_clear_pointer (&first, plant_rpc_socket_free);
  g_assert_false (exists (self));
  first = bind_at (self->path, &error);
  g_assert_no_error (error);
  assert_served (first, self->path);
}

static void
test_not_a_socket (Fixture       *self,
                   gconstpointer  data)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (self->path, "measurements", -1, &error));
  g_assert_null (bind_at (self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, "there is a file that is no socket"));
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (self->path, &content, NULL, &error));
  g_assert_cmpstr (content, ==, "measurements");
  g_assert_cmpint (g_unlink (self->path), ==, 0);

  g_assert_cmpint (g_mkdir (self->path, 0700), ==, 0);
  g_assert_null (bind_at (self->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (g_rmdir (self->path), ==, 0);
}

/* Binds PATH without anybody who listens, as a process does that was killed. */
static void
leave_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <,
                    sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (const struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
}

static void
test_left_behind (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) server = NULL;

  leave_socket (self->path);
  g_assert_true (exists (self));
  server = bind_at (self->path, &error);
  g_assert_no_error (error);
  assert_served (server, self->path);
}

/* Whoever has the path by now keeps it. */
static void
test_not_ours (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) first = bind_at (self->path, &error);
  g_autoptr (PlantRpcSocket) second = NULL;

  g_assert_cmpint (g_unlink (self->path), ==, 0);
  second = bind_at (self->path, &error);
  g_assert_no_error (error);
  g_clear_pointer (&first, plant_rpc_socket_free);
  g_assert_true (exists (self));
  assert_served (second, self->path);
  g_clear_pointer (&second, plant_rpc_socket_free);
  g_assert_false (exists (self));
}

/* A symbolic link leads to the place of the socket, whether that is there or not, and stays. */
static void
test_link (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *link = g_build_filename (self->folder, "link", NULL);
  g_autofree char *second = g_build_filename (self->folder, "second", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) server = NULL;

  g_assert_cmpint (symlink ("camera", link), ==, 0);
  g_assert_cmpint (symlink (link, second), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      if (i == 1)
        leave_socket (self->path);
      server = bind_at (i == 2 ? link : second, &error);
      g_assert_no_error (error);
      assert_served (server, second);
      assert_served (server, self->path);
      g_assert_null (bind_at (link, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
      g_clear_error (&error);
      g_assert_null (bind_at (self->path, NULL));
      g_clear_pointer (&server, plant_rpc_socket_free);
      g_assert_false (exists (self));
      g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
    }
  g_assert_true (g_file_set_contents (self->path, "measurements", -1, &error));
  g_assert_null (bind_at (link, &error));
  g_assert_nonnull (strstr (error->message, "there is a file that is no socket"));
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (self->path), ==, 0);

  /* Links in a circle lead nowhere. */
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (symlink ("second", link), ==, 0);
  g_assert_null (bind_at (link, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (g_unlink (second), ==, 0);
}

/* A child that was forked does not own the path. */
static void
test_forked (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  int fd = -1, status;
  g_autoptr (PlantRpcSocketFile) file = plant_rpc_socket_file_new (self->path, 1, &fd, &error);
  pid_t child;

  g_assert_no_error (error);
  child = fork ();
  if (child == 0)
    {
      plant_rpc_socket_file_free (file);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (exists (self));
  close (fd);
}

static gpointer
try_to_bind (gpointer path)
{
  g_autoptr (GError) error = NULL;
  PlantRpcSocket *socket = bind_at (path, &error);

  if (socket == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  return socket;
}

/* Of several that find a socket that was left behind, one gets the path, and it is served. */
static void
test_at_the_same_time (Fixture       *self,
                       gconstpointer  data)
{
  GThread *threads[8];

  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (PlantRpcSocket) server = NULL;

      leave_socket (self->path);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("starter", try_to_bind, self->path);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        {
          PlantRpcSocket *bound = g_thread_join (threads[i]);

          g_assert_true (server == NULL || bound == NULL);
          if (bound != NULL)
            server = bound;
        }
      g_assert_nonnull (server);
      assert_served (server, self->path);
    }
}

static void
test_abstract (Fixture       *self,
               gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("@plantrpc-test-%d", (int) getpid ());
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) server = bind_at (name, &error);

  g_assert_no_error (error);
  assert_served (server, name);
  g_assert_null (bind_at (name, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
test_no_folder (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *path = g_build_filename (self->folder, "no", "such", "folder", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (bind_at (path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/socket-file/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("in-use", test_in_use);
  ADD ("not-a-socket", test_not_a_socket);
  ADD ("left-behind", test_left_behind);
  ADD ("not-ours", test_not_ours);
  ADD ("link", test_link);
  ADD ("forked", test_forked);
  ADD ("at-the-same-time", test_at_the_same_time);
  ADD ("abstract", test_abstract);
  ADD ("no-folder", test_no_folder);

  return g_test_run ();
}
