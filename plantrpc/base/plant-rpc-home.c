/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "plant-rpc-home-parts-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-interpreter-private.h"

/* An object whose last reference was dropped by a thread that does not run the main context. */
typedef struct {
  PlantRpcHome *home;   /* (owned) */
  GObject      *object; /* (owned) */
} Dropped;

static GMutex homes_lock;
static GHashTable *homes; /* (mutex homes_lock) (element-type GMainContext PlantRpcHome) */

/* The library is loaded by languages, too, and must not pay for that with each access. The bytes
 * fit into what the loader keeps for such variables. */
#define THREAD_LOCAL static __thread __attribute__ ((tls_model ("initial-exec")))

/* Its address identifies the thread. */
THREAD_LOCAL struct {
  PlantRpcHome *at[PLANT_RPC_HOME_MAX_NESTED];
  guint         n_at;
  guint         n_notifying; /* above 0: it may be inside of g_object_unref() */
  gboolean      disposing;   /* likewise, until it leaves */
  gboolean      letting_go;  /* what it disposes of now, it has kept before */
  GSList       *dropped;     /* (element-type Dropped) */
} me;

THREAD_LOCAL GMainContext *birthplace; /* (unowned) (nullable) */

gpointer
plant_rpc_home_get_self (void)
{
  return &me;
}

gboolean
plant_rpc_home_is_mine (PlantRpcHome *self)
{
  return g_atomic_pointer_get (&self->holder) == &me;
}

/* ---- life */

PlantRpcHome *
plant_rpc_home_new (GMainContext *context)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&homes_lock);
  PlantRpcHome *self;

  if (context == NULL)
    context = g_main_context_default ();
  if (homes == NULL)
    homes = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (homes, context);
  if (self != NULL)
    return plant_rpc_home_ref (self);
  self = g_new0 (PlantRpcHome, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->queue);
  g_hash_table_insert (homes, context, self);
  return self;
}

void
plant_rpc_home_set_birthplace (GMainContext *context)
{
  birthplace = context;
}

PlantRpcHome *
plant_rpc_home_new_for_object (void)
{
  g_autoptr (GMainContext) context = birthplace != NULL ? g_main_context_ref (birthplace)
                                                        : g_main_context_ref_thread_default ();

  return plant_rpc_home_new (context);
}

PlantRpcHome *
plant_rpc_home_ref (PlantRpcHome *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/* The table has no reference. So the last one is dropped while nobody can look the home up. */
void
plant_rpc_home_unref (PlantRpcHome *self)
{
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 1)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count - 1))
        return;
      count = g_atomic_int_get (&self->ref_count);
    }
  g_mutex_lock (&homes_lock);
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_hash_table_remove (homes, self->context);
  else
    self = NULL;
  g_mutex_unlock (&homes_lock);
  if (self == NULL)
    return;
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->queue);
  g_free (self);
}

GMainContext *
plant_rpc_home_get_context (PlantRpcHome *self)
{
  return self->context;
}

/* ---- after a fork */

/* The child has only the thread that forked, so nobody else is at home there. */
static void
empty_in_child (PlantRpcHome *self)
{
  g_mutex_init (&self->queue);
  self->n_waiting = 0;
  self->sleepers = NULL;
  self->polling = FALSE;
  if (plant_rpc_home_is_mine (self))
    return;
  g_mutex_init (&self->mutex);
  self->holder = NULL;
}

static void
after_fork_in_child (void)
{
  GHashTableIter iter;
  gpointer home;

  if (homes == NULL)
    return;
  g_hash_table_iter_init (&iter, homes);
  while (g_hash_table_iter_next (&iter, NULL, &home))
    empty_in_child (home);
}

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&homes_lock, PLANT_RPC_LOCK_INNER);
  pthread_atfork (NULL, NULL, after_fork_in_child);
}

/* ---- coming and going */

void
plant_rpc_home_move_in (PlantRpcHome *self,
                        PlantRpcStay  stay)
{
  g_atomic_pointer_set (&self->holder, &me);
  self->stay = stay;
  if (me.n_at < G_N_ELEMENTS (me.at))
    me.at[me.n_at] = self;
  me.n_at++;
}

static void
wait_for_lock (PlantRpcHome *self)
{
  gpointer interpreter = plant_rpc_interpreter_unlock ();

  g_atomic_int_inc (&self->n_waiting);
  g_mutex_lock (&self->queue);
  g_mutex_lock (&self->mutex);
  g_mutex_unlock (&self->queue);
  g_atomic_int_add (&self->n_waiting, -1);
  plant_rpc_interpreter_lock (interpreter);
}

void
plant_rpc_home_lock (PlantRpcHome *self)
{
  /* A thread that waits comes next, before one that has just left and comes back at once. */
  if (g_atomic_int_get (&self->n_waiting) > 0 || !g_mutex_trylock (&self->mutex))
    wait_for_lock (self);
}

void
plant_rpc_home_unlock (PlantRpcHome *self)
{
  g_mutex_unlock (&self->mutex);
}

void
plant_rpc_home_wake_others (PlantRpcHome *self)
{
  for (PlantRpcSleeper *sleeper = self->sleepers; sleeper != NULL; sleeper = sleeper->next)
    {
      if (!sleeper->woken && sleeper->fd >= 0)
        eventfd_write (sleeper->fd, 1);
      sleeper->woken = TRUE;
    }
  if (self->polling)
    g_main_context_wakeup (self->context);
  self->polling = FALSE;
}

static void
disown (PlantRpcHome *self)
{
  if (self->stay.ownership == PLANT_RPC_OWNERSHIP_ACQUIRED)
    g_main_context_release (self->context);
  self->stay.ownership = PLANT_RPC_OWNERSHIP_UNKNOWN;
}

static void
move_out (PlantRpcHome *self)
{
  me.n_at--;
  if (self->stay.stirred && (self->sleepers != NULL || self->polling))
    plant_rpc_home_wake_others (self);
  g_atomic_pointer_set (&self->holder, NULL);
  plant_rpc_home_unlock (self);
}

static void
let_go (gpointer data)
{
  Dropped *dropped = data;

  g_object_unref (dropped->object);
  plant_rpc_home_unref (dropped->home);
  g_free (dropped);
}

static void
let_all_go (gpointer data)
{
  const gboolean was_letting_go = me.letting_go;

  me.letting_go = TRUE;
  g_slist_free_full (g_steal_pointer (&me.dropped), let_go);
  me.letting_go = was_letting_go;
}

/* g_object_unref() uses an object that its dispose has kept. So the reference that keeps it goes
 * only when the thread comes back, or ends. */
static void
keep (PlantRpcHome *self,
      GObject      *object)
{
  static GPrivate ends = G_PRIVATE_INIT (let_all_go);
  Dropped *dropped = g_new (Dropped, 1);

  *dropped = (Dropped) { plant_rpc_home_ref (self), g_object_ref (object) };
  me.dropped = g_slist_prepend (me.dropped, dropped);
  me.disposing = plant_rpc_home_is_mine (self);
  g_private_set (&ends, &me);
}

static void
let_dropped_go (void)
{
  if (me.dropped != NULL && me.n_at == 0 && me.n_notifying == 0 && !me.disposing)
    let_all_go (NULL);
}

void
plant_rpc_home_set_notifying (gboolean notifying)
{
  me.n_notifying += notifying ? 1 : -1;
}

void
plant_rpc_home_leave (PlantRpcHome *self)
{
  gboolean kept = self->stay.kept;

  if (--self->stay.depth > 0)
    return;
  disown (self);
  move_out (self);
  let_dropped_go ();
  if (me.n_at == 0)
    me.disposing = FALSE;
  if (kept)
    plant_rpc_home_unref (self);
}

/* The stay keeps the home, since the object that is used may be freed meanwhile. */
static PlantRpcHold *
stay (PlantRpcHome *self)
{
  plant_rpc_home_move_in (plant_rpc_home_ref (self),
                          (PlantRpcStay) { .home = self, .depth = 1, .stirred = TRUE,
                                           .kept = TRUE });
  return self;
}

PlantRpcHold *
plant_rpc_home_enter (PlantRpcHome *self)
{
  if (plant_rpc_home_is_mine (self))
    {
      self->stay.depth++;
      return self;
    }
  plant_rpc_home_lock (self);
  return stay (self);
}

PlantRpcHold *
plant_rpc_home_enter_dispose (PlantRpcHome *self,
                              GObject      *object)
{
  const gboolean mine = plant_rpc_home_is_mine (self);
  PlantRpcHold *hold;

  let_dropped_go ();
  hold = plant_rpc_home_enter (self);
  if (!mine && !me.letting_go && !plant_rpc_home_owns_context (self))
    keep (self, object);
  return hold;
}

/* ---- stepping out */

PlantRpcOutside
plant_rpc_home_step_out (void)
{
  PlantRpcOutside outside = { .n_stays = 0 };

  /* What a thread has entered beyond that, it keeps. */
  if (me.n_at > G_N_ELEMENTS (me.at))
    return outside;
  while (me.n_at > 0)
    {
      PlantRpcHome *home = me.at[me.n_at - 1];

      outside.stays[outside.n_stays++] = home->stay;
      move_out (home);
    }
  return outside;
}

void
plant_rpc_home_step_in (PlantRpcOutside *outside)
{
  while (outside->n_stays > 0)
    {
      const PlantRpcStay *stay = &outside->stays[--outside->n_stays];

      plant_rpc_home_lock (stay->home);
      plant_rpc_home_move_in (stay->home, *stay);
    }
}

/* ---- the owner of the context */

gboolean
plant_rpc_home_owns_context (PlantRpcHome *self)
{
  PlantRpcOwnership *ownership = &self->stay.ownership;

  if (*ownership == PLANT_RPC_OWNERSHIP_UNKNOWN && g_main_context_is_owner (self->context))
    *ownership = PLANT_RPC_OWNERSHIP_HELD;
  else if (*ownership == PLANT_RPC_OWNERSHIP_UNKNOWN)
    *ownership = g_main_context_acquire (self->context) ? PLANT_RPC_OWNERSHIP_ACQUIRED
                                                        : PLANT_RPC_OWNERSHIP_NONE;
  return *ownership != PLANT_RPC_OWNERSHIP_NONE;
}

void
plant_rpc_home_give_up_context (PlantRpcHome *self)
{
  if (plant_rpc_home_is_mine (self))
    disown (self);
}
