/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <zmq.h>

#include "plant-rpc-init-private.h"

#define MIN_SOCKETS 8191
#define MAX_SOCKETS 65535 /* libzmq has no more */

static GMutex lock;
static void *context;         /* (mutex lock) (nullable) */
static guint n_sockets;       /* (mutex lock): open in this context */
static guint context_process; /* (mutex lock): a forked child has none of its threads */
static guint process = 1;     /* changed only in a child that has one thread */

/* When the last value of a type is freed, GLib forgets what it has worked out of the type, and
 * works it out again for the next value. So one value of each type of a message is kept. */
static const char *const types[] = { "(ysava{sv})", "(ysv)", "(yv)", "(ya{sv})", "as" };
static GVariant *kept[G_N_ELEMENTS (types)]; /* (owned) */

static void
keep_types (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    kept[i] = g_variant_ref_sink (
        g_variant_new_from_data (G_VARIANT_TYPE (types[i]), "", 0, FALSE, NULL, NULL));
}

static void
forget_types (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    g_clear_pointer (&kept[i], g_variant_unref);
}

/* Without this a reply written just before the process ends would be lost with the I/O thread. */
static void
terminate_context (void)
{
  void *last = NULL;

  g_mutex_lock (&lock);
  if (context_process == process && n_sockets == 0)
    last = g_steal_pointer (&context);
  g_mutex_unlock (&lock);

  if (last != NULL)
    zmq_ctx_term (last);
}

/* If plantrpc runs without being installed, the environment variable PLANT_RPC_LOCALEDIR says where
 * the catalogs are. This happens when the library is loaded, since errors may be created before any
 * object is. */
__attribute__ ((constructor))
static void
bind_text_domain (void)
{
  const char *directory = g_getenv ("PLANT_RPC_LOCALEDIR");

  bindtextdomain (GETTEXT_PACKAGE, directory != NULL ? directory : PLANT_RPC_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

/* ---- forks */

/* There are more places than locks in the library. */
static struct {
  GMutex *locks[16];
  guint   n_locks;
} ranks[PLANT_RPC_LOCK_INNER + 1];

static void
before_fork (void)
{
  for (guint rank = 0; rank < G_N_ELEMENTS (ranks); rank++)
    {
      for (guint i = 0; i < ranks[rank].n_locks; i++)
        g_mutex_lock (ranks[rank].locks[i]);
    }
}

static void
after_fork (void)
{
  for (guint rank = 0; rank < G_N_ELEMENTS (ranks); rank++)
    {
      for (guint i = 0; i < ranks[rank].n_locks; i++)
        g_mutex_unlock (ranks[rank].locks[i]);
    }
}

static void
after_fork_in_child (void)
{
  process++;
  after_fork ();
}

void
plant_rpc_init_lock_for_forks (GMutex           *one,
                               PlantRpcLockRank  rank)
{
  g_assert (ranks[rank].n_locks < G_N_ELEMENTS (ranks[rank].locks));
  ranks[rank].locks[ranks[rank].n_locks++] = one;
}

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
  pthread_atfork (before_fork, after_fork, after_fork_in_child);
}

guint
plant_rpc_init_get_process (void)
{
  return process;
}

gboolean
plant_rpc_init_is_inherited (guint made_in)
{
  return made_in != process;
}

static void
set_up (void)
{
  static gsize done = 0;

  if (!g_once_init_enter (&done))
    return;
  keep_types ();
  atexit (forget_types);
  atexit (terminate_context);
  g_once_init_leave (&done, 1);
}

/* libzmq fills 12 bytes for each socket that there may be. Each has a descriptor, so there cannot
 * be more of them than descriptors. The program may raise that limit later, within reason. */
static int
choose_max_sockets (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return MAX_SOCKETS;
  return (int) CLAMP (limit.rlim_cur, MIN_SOCKETS, MAX_SOCKETS);
}

void *
plant_rpc_init_acquire_context (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  set_up ();
  if (context == NULL || context_process != process)
    {
      context = zmq_ctx_new ();
      context_process = process;
      n_sockets = 0;
      if (context != NULL)
        zmq_ctx_set (context, ZMQ_MAX_SOCKETS, choose_max_sockets ());
    }
  if (context != NULL)
    n_sockets++;
  return context;
}

void
plant_rpc_init_release_context (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (context_process == process && n_sockets > 0)
    n_sockets--;
}
