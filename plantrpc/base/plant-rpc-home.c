/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-wake-private.h"

#ifdef __SANITIZE_THREAD__
/* GLib's mutexes are no functions that the thread sanitizer sees. */
void __tsan_acquire (void *address);
void __tsan_release (void *address);
# define TELL_LOCKED(self)   __tsan_acquire (self)
# define TELL_UNLOCKED(self) __tsan_release (self)
#else
# define TELL_LOCKED(self)
# define TELL_UNLOCKED(self)
#endif

/* How long plant_rpc_home_try_enter() waits, in ms. */
#define PATIENCE_MS 100

/* µs within which a thread that has iterated the context is expected to do so again. */
#define DWELLER_PAUSE (500 * 1000)

/* A thread that waits in plant_rpc_home_poll(). */
typedef struct _Sleeper Sleeper;
struct _Sleeper {
  int       fd;
  gboolean  woken;
  Sleeper  *next;
};

struct _PlantRpcHome {
  gatomicrefcount  ref_count;
  GMainContext    *context;   /* (owned) */
  GMutex           mutex;     /* held by the thread at home */
  GMutex           queue;     /* held by the first of those that wait, so that it comes next */
  guint            n_waiting; /* (atomic) */
  gpointer         holder;    /* (atomic) (nullable): identifies the thread at home */
  PlantRpcStay     stay;      /* (mutex mutex) */
  gboolean         polling;   /* (mutex mutex): the owner of the main context may be polling */
  Sleeper         *sleepers;  /* (mutex mutex) */
  GMutex           lock;      /* only for a moment */
  GSList          *dying;     /* (mutex lock) (element-type Burial): what others have left */
  gboolean         has_dying; /* (atomic) */
  gpointer         dweller;   /* (mutex mutex) (nullable): identifies the thread that polled last */
  gint64           dwelt;     /* (mutex mutex): monotonic µs: when that was */
};

/* What a thread leaves to the one at home. */
typedef struct {
  GDestroyNotify func;
  gpointer       data;
} Burial;

/* An object whose last reference was dropped while another thread was at home. */
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
  GSList       *dropped;     /* (element-type Dropped) */
} me;

THREAD_LOCAL GMainContext *birthplace; /* (unowned) (nullable) */

static gboolean
is_mine (PlantRpcHome *self)
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
  g_mutex_init (&self->lock);
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
  g_mutex_clear (&self->lock);
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
  g_mutex_init (&self->lock);
  self->n_waiting = 0;
  self->sleepers = NULL;
  self->polling = FALSE;
  if (is_mine (self))
    return;
  g_mutex_init (&self->mutex);
  self->holder = NULL;
}

static void
before_fork (void)
{
  g_mutex_lock (&homes_lock);
}

static void
after_fork (void)
{
  g_mutex_unlock (&homes_lock);
}

static void
after_fork_in_child (void)
{
  GHashTableIter iter;
  gpointer home;

  if (homes != NULL)
    {
      g_hash_table_iter_init (&iter, homes);
      while (g_hash_table_iter_next (&iter, NULL, &home))
        empty_in_child (home);
    }
  g_mutex_unlock (&homes_lock);
}

__attribute__ ((constructor))
static void
watch_forks (void)
{
  pthread_atfork (before_fork, after_fork, after_fork_in_child);
}

/* ---- coming and going */

static void
move_in (PlantRpcHome *self,
         PlantRpcStay  stay)
{
  g_atomic_pointer_set (&self->holder, &me);
  self->stay = stay;
  if (me.n_at < G_N_ELEMENTS (me.at))
    me.at[me.n_at] = self;
  me.n_at++;
}

static gboolean
try_lock_now (PlantRpcHome *self)
{
  if (!g_mutex_trylock (&self->mutex))
    return FALSE;
  TELL_LOCKED (self);
  return TRUE;
}

static void
wait_for_lock (PlantRpcHome *self)
{
  g_atomic_int_inc (&self->n_waiting);
  g_mutex_lock (&self->queue);
  g_mutex_lock (&self->mutex);
  g_mutex_unlock (&self->queue);
  g_atomic_int_add (&self->n_waiting, -1);
}

static void
lock (PlantRpcHome *self)
{
  /* A thread that waits comes next, before one that has just left and comes back at once. */
  if (g_atomic_int_get (&self->n_waiting) > 0 || !g_mutex_trylock (&self->mutex))
    wait_for_lock (self);
  TELL_LOCKED (self);
}

/* The threads that wait for something here see whether it has come. */
static void
wake_others (PlantRpcHome *self)
{
  for (Sleeper *sleeper = self->sleepers; sleeper != NULL; sleeper = sleeper->next)
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
    wake_others (self);
  g_atomic_pointer_set (&self->holder, NULL);
  TELL_UNLOCKED (self);
  g_mutex_unlock (&self->mutex);
}

static GSList *
take_dying (PlantRpcHome *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_atomic_int_set (&self->has_dying, FALSE);
  return g_steal_pointer (&self->dying);
}

static void
carry_out (gpointer data)
{
  Burial *burial = data;

  burial->func (burial->data);
  g_free (burial);
}

/* Does what others have left. If another thread has come, it does that when it leaves. */
static void
bury (PlantRpcHome *self)
{
  g_autoptr (PlantRpcHome) guard = plant_rpc_home_ref (self);

  while (g_atomic_int_get (&self->has_dying) && try_lock_now (self))
    {
      move_in (self, (PlantRpcStay) { .home = self, .depth = 1, .stirred = TRUE });
      g_slist_free_full (take_dying (self), carry_out);
      disown (self);
      move_out (self);
    }
}

static void
leave_behind (PlantRpcHome   *self,
              GDestroyNotify  func,
              gpointer        data)
{
  Burial *burial = g_new (Burial, 1);

  *burial = (Burial) { func, data };
  g_mutex_lock (&self->lock);
  self->dying = g_slist_append (self->dying, burial);
  g_atomic_int_set (&self->has_dying, TRUE);
  g_mutex_unlock (&self->lock);
  bury (self);
}

static void
let_go (gpointer data)
{
  Dropped *dropped = data;

  leave_behind (dropped->home, g_object_unref, dropped->object);
  plant_rpc_home_unref (dropped->home);
  g_free (dropped);
}

static void
let_all_go (gpointer data)
{
  g_slist_free_full (g_steal_pointer (&me.dropped), let_go);
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
  me.disposing = is_mine (self);
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
  if (g_atomic_int_get (&self->has_dying))
    bury (self);
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
  move_in (plant_rpc_home_ref (self),
           (PlantRpcStay) { .home = self, .depth = 1, .stirred = TRUE, .kept = TRUE });
  return self;
}

PlantRpcHold *
plant_rpc_home_enter (PlantRpcHome *self)
{
  if (is_mine (self))
    {
      self->stay.depth++;
      return self;
    }
  lock (self);
  return stay (self);
}

PlantRpcHold *
plant_rpc_home_try_enter (PlantRpcHome *self)
{
  if (is_mine (self))
    return plant_rpc_home_enter (self);
  for (guint i = 0; i < PATIENCE_MS; i++)
    {
      if (try_lock_now (self))
        return stay (self);
      g_usleep (1000);
    }
  return NULL;
}

PlantRpcHold *
plant_rpc_home_enter_dispose (PlantRpcHome *self,
                              GObject      *object)
{
  const gboolean mine = is_mine (self);
  PlantRpcHold *hold;

  let_dropped_go ();
  hold = plant_rpc_home_try_enter (self);
  if (mine || (hold != NULL && plant_rpc_home_owns_context (self)))
    return hold;
  keep (self, object);
  if (hold != NULL)
    return hold;
  leave_behind (self, (GDestroyNotify) g_object_run_dispose, object);
  return NULL;
}

void
plant_rpc_home_release (PlantRpcHome   *self,
                        GDestroyNotify  func,
                        gpointer        data)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_try_enter (self);

  if (hold != NULL)
    func (data);
  else
    leave_behind (self, func, data);
}

/* ---- the sources of the main context */

static PlantRpcHold *
enter_for (PlantRpcHome *self,
           GSource      *source,
           PlantRpcStay  as)
{
  as.home = self;
  as.depth = 1;
  as.ownership = PLANT_RPC_OWNERSHIP_HELD;
  if (is_mine (self))
    {
      self->stay.depth++;
    }
  else
    {
      lock (self);
      move_in (self, as);
    }
  if (!g_source_is_destroyed (source))
    return self;
  plant_rpc_home_leave (self);
  return NULL;
}

/* Nothing inside enters again, so this is less than a stay. */
PlantRpcLook
plant_rpc_home_look_in (PlantRpcHome *self,
                        GSource      *source,
                        gboolean      polls)
{
  PlantRpcLook look = { .home = is_mine (self) ? NULL : self };

  if (look.home != NULL)
    lock (self);
  look.exists = !g_source_is_destroyed (source);
  if (look.exists)
    self->polling = polls;
  if (polls)
    {
      self->dweller = &me;
      self->dwelt = g_get_monotonic_time ();
    }
  return look;
}

void
plant_rpc_home_look_out (PlantRpcLook *look)
{
  if (look->home != NULL)
    {
      TELL_UNLOCKED (look->home);
      g_mutex_unlock (&look->home->mutex);
    }
}

PlantRpcHold *
plant_rpc_home_enter_source (PlantRpcHome *self,
                             GSource      *source)
{
  return enter_for (self, source, (PlantRpcStay) { .stirred = TRUE });
}

void
plant_rpc_home_give_up_context (PlantRpcHome *self)
{
  if (is_mine (self))
    disown (self);
}

/* A thread that iterates the context now and then is its owner for moments only. */
static gboolean
has_other_dweller (PlantRpcHome *self)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self);

  return self->dweller != NULL && self->dweller != &me &&
         g_get_monotonic_time () - self->dwelt < DWELLER_PAUSE;
}

PlantRpcDweller
plant_rpc_home_find_dweller (PlantRpcHome *self)
{
  if (g_main_context_is_owner (self->context))
    return PLANT_RPC_DWELLER_SELF;
  if (has_other_dweller (self) || !g_main_context_acquire (self->context))
    return PLANT_RPC_DWELLER_OTHER;
  g_main_context_release (self->context);
  return PLANT_RPC_DWELLER_NONE;
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

      lock (stay->home);
      move_in (stay->home, *stay);
    }
}

/* ---- what is shown */

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

gboolean
plant_rpc_home_is_shown_here (PlantRpcHome *self)
{
  return self->stay.n_blocks == 0 && plant_rpc_home_owns_context (self);
}

void
plant_rpc_home_block (PlantRpcHome *self)
{
  plant_rpc_home_enter (self);
  self->stay.n_blocks++;
}

void
plant_rpc_home_unblock (PlantRpcHome *self)
{
  g_assert (self->stay.n_blocks > 0);
  self->stay.n_blocks--;
  plant_rpc_home_leave (self);
}

/* ---- waiting */

/* Without a descriptor that wakes it, the thread looks again after this time. */
#define BLIND_MS 20

static int
left_until (gint64   deadline,
            gboolean blind)
{
  gint64 left = deadline < 0 ? -1 : (MAX (deadline - g_get_monotonic_time (), 0) + 999) / 1000;

  if (blind && (left < 0 || left > BLIND_MS))
    return BLIND_MS;
  return (int) MIN (left, G_MAXINT);
}

static void
remove_sleeper (PlantRpcHome *self,
                Sleeper      *sleeper)
{
  Sleeper **link = &self->sleepers;
  eventfd_t n_wakes;

  while (*link != sleeper)
    link = &(*link)->next;
  *link = sleeper->next;
  if (sleeper->woken && sleeper->fd >= 0)
    eventfd_read (sleeper->fd, &n_wakes);
}

static void
sleep_outside (GPollFD *fds,
               guint    n_fds,
               int      timeout)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_poll (fds, n_fds, timeout);
}

gboolean
plant_rpc_home_poll (PlantRpcHome *self,
                     GPollFD      *fds,
                     guint         n_fds,
                     gint64        deadline)
{
  Sleeper sleeper = { .fd = plant_rpc_wake_get_descriptor () };
  gboolean ready = FALSE;

  fds[n_fds] = (GPollFD) { .fd = sleeper.fd, .events = G_IO_IN };
  for (guint i = 0; i <= n_fds; i++)
    fds[i].revents = 0;
  /* The others are woken here, since this thread must not wake itself. */
  if (self->stay.stirred)
    wake_others (self);
  self->stay.stirred = FALSE;
  sleeper.next = self->sleepers;
  self->sleepers = &sleeper;
  disown (self);
  sleep_outside (fds, n_fds + 1, left_until (deadline, sleeper.fd < 0));
  remove_sleeper (self, &sleeper);
  for (guint i = 0; i < n_fds; i++)
    ready = ready || fds[i].revents != 0;
  return ready;
}

void
plant_rpc_home_note_change (PlantRpcHome *self)
{
  self->stay.stirred = TRUE;
}
