/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-worker-pool-private.h"

static GMutex pool_lock;

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&pool_lock, PLANT_RPC_LOCK_INNER);
}

/* A peer with tasks that wait or run. */
typedef struct {
  guint64 number;
  guint   n_running;
  GQueue  waiting; /* (element-type PlantRpcWorkerTask) */
  GList   turn;    /* its place in TURNS while a task of it waits */
} Peer;

struct _PlantRpcWorkerPool {
  GThreadPool *threads;   /* (owned): gets only tasks that may run at once */
  guint        n_threads;
  guint        share;     /* threads that one peer may use */
  GMutex       lock;
  guint        n_running; /* (mutex lock) */
  GHashTable  *peers;     /* (mutex lock) (owned) (element-type guint64 Peer) */
  GQueue       turns;     /* (mutex lock) (element-type Peer): the peers with tasks that wait */
};

/* The argument of a thread of the pool. */
typedef struct {
  PlantRpcWorkerTask *task; /* (unowned) */
  Peer               *peer; /* (unowned): kept while the task runs */
} Start;

static Peer *
ensure_peer (PlantRpcWorkerPool *self,
             guint64             number)
{
  Peer *peer = g_hash_table_lookup (self->peers, &number);

  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->number = number;
  peer->turn.data = peer;
  g_queue_init (&peer->waiting);
  g_hash_table_insert (self->peers, &peer->number, peer);
  return peer;
}

static void
release_peer (PlantRpcWorkerPool *self,
              Peer               *peer)
{
  if (peer->n_running == 0 && g_queue_is_empty (&peer->waiting))
    g_hash_table_remove (self->peers, &peer->number);
}

/* Removes a waiting task from the queue of its peer. */
static void
unlink_task (PlantRpcWorkerPool *self,
             PlantRpcWorkerTask *task)
{
  Peer *peer = task->peer;

  g_queue_unlink (&peer->waiting, &task->link);
  task->peer = NULL;
  if (g_queue_is_empty (&peer->waiting))
    g_queue_unlink (&self->turns, &peer->turn);
}

/* A peer may use one more thread only while more threads are free than it uses. So several busy
 * peers leave threads for peers that come later. */
static gboolean
may_run (PlantRpcWorkerPool *self,
         Peer               *peer)
{
  return peer->n_running < MIN (self->share, self->n_threads - self->n_running);
}

static Peer *
find_next (PlantRpcWorkerPool *self)
{
  for (GList *l = self->turns.head; l != NULL; l = l->next)
    {
      if (may_run (self, l->data))
        return l->data;
    }
  return NULL;
}

static void
start_next (PlantRpcWorkerPool *self)
{
  Peer *peer;

  while ((peer = find_next (self)) != NULL)
    {
      Start *start = g_new (Start, 1);

      *start = (Start) { g_queue_peek_head (&peer->waiting), peer };
      unlink_task (self, start->task);
      if (!g_queue_is_empty (&peer->waiting))
        {
          g_queue_unlink (&self->turns, &peer->turn);
          g_queue_push_tail_link (&self->turns, &peer->turn);
        }
      peer->n_running++;
      self->n_running++;
      g_thread_pool_push (self->threads, start, NULL);
    }
}

static void
run (gpointer data,
     gpointer user_data)
{
  PlantRpcWorkerPool *self = user_data;
  g_autofree Start *start = data;

  start->task->run (start->task);
  g_mutex_lock (&self->lock);
  start->peer->n_running--;
  self->n_running--;
  release_peer (self, start->peer);
  start_next (self);
  g_mutex_unlock (&self->lock);
}

PlantRpcWorkerPool *
plant_rpc_worker_pool_new (guint n_threads,
                           guint share)
{
  PlantRpcWorkerPool *self = g_new0 (PlantRpcWorkerPool, 1);

  self->threads = g_thread_pool_new (run, self, n_threads, FALSE, NULL);
  self->n_threads = n_threads;
  self->share = share;
  g_mutex_init (&self->lock);
  self->peers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_queue_init (&self->turns);
  return self;
}

/* A forked child has none of the threads, so it gets a pool of its own. */
PlantRpcWorkerPool *
plant_rpc_worker_pool_get_default (void)
{
  static PlantRpcWorkerPool *pool; /* (mutex pool_lock) */
  static guint process;            /* (mutex pool_lock) */
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&pool_lock);

  if (pool == NULL || plant_rpc_init_is_inherited (process))
    pool = plant_rpc_worker_pool_new (PLANT_RPC_MAX_WORKERS, PLANT_RPC_MAX_PEER_WORKERS);
  process = plant_rpc_init_get_process ();
  return pool;
}

void
plant_rpc_worker_pool_push (PlantRpcWorkerPool *self,
                            PlantRpcWorkerTask *task,
                            guint64             number)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Peer *peer = ensure_peer (self, number);

  if (g_queue_is_empty (&peer->waiting))
    g_queue_push_tail_link (&self->turns, &peer->turn);
  task->peer = peer;
  task->link.data = task;
  g_queue_push_tail_link (&peer->waiting, &task->link);
  start_next (self);
}

gboolean
plant_rpc_worker_pool_withdraw (PlantRpcWorkerPool *self,
                                PlantRpcWorkerTask *task)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Peer *peer = task->peer;

  if (peer == NULL)
    return FALSE;
  unlink_task (self, task);
  release_peer (self, peer);
  return TRUE;
}
