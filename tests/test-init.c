/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-wait.h"

#define N_MESSAGES 20
#define SIZE       200000 /* bytes of each: more than fits into the kernel's buffers together */

static char *program; /* (owned): this one */

static PlantRpcSocket *
new_bound (char **endpoint)
{
  g_autoptr (GError) error = NULL;
  PlantRpcSocket *self = plant_rpc_socket_new (ZMQ_PAIR, &error);

  plant_rpc_socket_bind (self, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  *endpoint = test_dup_endpoint (self);
  return self;
}

static PlantRpcSocket *
new_connected (const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  PlantRpcSocket *self = plant_rpc_socket_new (ZMQ_PAIR, &error);

  plant_rpc_socket_connect (self, endpoint, &error);
  g_assert_no_error (error);
  return self;
}

static void
send_image (PlantRpcSocket *self)
{
  static guint8 image[SIZE];
  g_autoptr (GBytes) payload = g_bytes_new_static (image, sizeof image);
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  g_assert_cmpint (plant_rpc_socket_send (self, &envelope, payload, NULL), ==, PLANT_RPC_SEND_DONE);
}

static void
receive_image (PlantRpcSocket *self)
{
  g_auto (PlantRpcFrames) frames = { 0 };

  test_wait_for (plant_rpc_socket_receive (self, &frames));
  g_assert_cmpuint (frames.n_frames, ==, 1);
  g_assert_cmpuint (zmq_msg_size (&frames.frames[0]), ==, SIZE);
}

/* The child: sends, closes, and is gone. */
static int
send_and_exit (const char *endpoint)
{
  PlantRpcSocket *socket = new_connected (endpoint);

  for (guint i = 0; i < N_MESSAGES; i++)
    send_image (socket);
  plant_rpc_socket_free (socket);
  return 0;
}

static void
test_lingers (void)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (PlantRpcSocket) socket = new_bound (&endpoint);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--send", endpoint, NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < N_MESSAGES; i++)
    receive_image (socket);
  g_subprocess_wait_check (child, NULL, &error);
  g_assert_no_error (error);
}

/* A socket that is still open at the end does not keep the process. */
static int
send_and_leave_open (const char *endpoint)
{
  static PlantRpcSocket *volatile socket; /* still to be found at the end: no leak */

  socket = new_connected (endpoint);
  send_image (socket);
  return 0;
}

static void
test_left_open (void)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (PlantRpcSocket) socket = new_bound (&endpoint);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--leave", endpoint, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (child, NULL, &error);
  g_assert_no_error (error);
}

static void
test_shared (void)
{
  void *first = plant_rpc_init_acquire_context ();
  void *second = plant_rpc_init_acquire_context ();

  g_assert_nonnull (first);
  g_assert_true (first == second);
  plant_rpc_init_release_context ();
  g_assert_true (plant_rpc_init_acquire_context () == first);
  plant_rpc_init_release_context ();
  plant_rpc_init_release_context ();
}

/* In the forked child: a context of its own, with threads of its own. */
static void
run_forked (void *context_of_parent)
{
  g_autofree char *endpoint = NULL;
  PlantRpcSocket *bound = new_bound (&endpoint);
  PlantRpcSocket *connected = new_connected (endpoint);
  void *context = plant_rpc_init_acquire_context ();

  g_assert_true (context != context_of_parent);
  plant_rpc_init_release_context ();
  send_image (connected);
  receive_image (bound);
  plant_rpc_socket_free (connected);
  plant_rpc_socket_free (bound);
  exit (7);
}

G_GNUC_UNUSED static void
test_fork (void)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (PlantRpcSocket) bound = new_bound (&endpoint);
  g_autoptr (PlantRpcSocket) connected = new_connected (endpoint);
  void *context = plant_rpc_init_acquire_context ();
  int status = 0;
  pid_t child;

  plant_rpc_init_release_context ();
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    run_forked (context);
  test_wait_for (waitpid (child, &status, WNOHANG) == child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);

  send_image (connected);
  receive_image (bound);
}

/* A forked child that uses no socket leaves its parent's context alone, and ends. */
G_GNUC_UNUSED static void
test_fork_unused (void)
{
  int status = 0;
  pid_t child;

  g_assert_nonnull (plant_rpc_init_acquire_context ());
  plant_rpc_init_release_context ();
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    exit (7);
  test_wait_for (waitpid (child, &status, WNOHANG) == child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
}

/* ---- locks */

typedef struct {
  gint  end;    /* (atomic) */
  guint before; /* (mutex guarded) */
  guint after;  /* (mutex guarded): the same */
} Pair;

static GMutex guarded;

static gpointer
count (gpointer data)
{
  Pair *self = data;

  while (!g_atomic_int_get (&self->end))
    {
      g_mutex_lock (&guarded);
      self->before++;
      g_usleep (100);
      self->after++;
      g_mutex_unlock (&guarded);
    }
  return NULL;
}

static int
check_whole (Pair *self)
{
  if (!g_mutex_trylock (&guarded))
    return 1;
  return self->before == self->after ? 0 : 2;
}

static void
test_fork_with_lock (void)
{
  Pair pair = { 0 };
  GThread *thread;

  plant_rpc_init_lock_for_forks (&guarded, PLANT_RPC_LOCK_OUTER);
  thread = g_thread_new ("count", count, &pair);
  for (guint i = 0; i < 50; i++)
    {
      pid_t child = fork ();
      int status = -1;

      if (child == 0)
        _exit (check_whole (&pair));
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
  g_atomic_int_set (&pair.end, TRUE);
  g_thread_join (thread);
}

/* A program may have a socket for each descriptor, and memory is not filled for more. */
static void
test_max_sockets (void)
{
  const struct rlimit cases[] = { { 256, 256 }, { 12000, 12000 }, { 70000, 70000 } };
  const int expected[] = { 8191, 12000, 65535 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        {
          /* Where the limit cannot be raised, there is nothing to see. */
          if (setrlimit (RLIMIT_NOFILE, &cases[i]) != 0)
            _exit (0);
          _exit (zmq_ctx_get (plant_rpc_init_acquire_context (), ZMQ_MAX_SOCKETS) != expected[i]);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--send"))
    return send_and_exit (argv[2]);
  if (argc == 3 && g_str_equal (argv[1], "--leave"))
    return send_and_leave_open (argv[2]);

  g_test_init (&argc, &argv, NULL);
  program = g_file_read_link ("/proc/self/exe", NULL);
  g_test_add_func ("/init/shared", test_shared);
/* A forked child may find the allocator of the one sanitizer locked for ever, and must not start
 * threads with the other one. */
#if !defined (__SANITIZE_ADDRESS__) && !defined (__SANITIZE_THREAD__)
  g_test_add_func ("/init/fork", test_fork);
  g_test_add_func ("/init/fork/unused", test_fork_unused);
  g_test_add_func ("/init/max-sockets", test_max_sockets);
#endif
  g_test_add_func ("/init/fork/lock", test_fork_with_lock);
  g_test_add_func ("/init/lingers", test_lingers);
  g_test_add_func ("/init/left-open", test_left_open);
  status = g_test_run ();
  g_free (program);
  return status;
}
