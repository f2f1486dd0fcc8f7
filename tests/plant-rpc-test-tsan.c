/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells the thread sanitizer what GLib does, which is not built with it. The tests are linked with
 * the library and with this file, so what they and the library call is found here first. */

#include "config.h"

#include <dlfcn.h>
#include <gio/gio.h>
#include <poll.h>
#include <sanitizer/tsan_interface.h>

#define REAL(name) \
  static __typeof__ (&name) real; \
\
  if (g_atomic_pointer_get (&real) == NULL) \
    g_atomic_pointer_set (&real, dlsym (RTLD_NEXT, #name))

/* ---- locks */

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);
  __tsan_mutex_pre_lock (mutex, __tsan_mutex_linker_init);
  real (mutex);
  __tsan_mutex_post_lock (mutex, __tsan_mutex_linker_init, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  const unsigned flags = __tsan_mutex_linker_init | __tsan_mutex_try_lock;
  gboolean locked;

  REAL (g_mutex_trylock);
  __tsan_mutex_pre_lock (mutex, flags);
  locked = real (mutex);
  __tsan_mutex_post_lock (mutex, locked ? flags : flags | __tsan_mutex_try_lock_failed, 0);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);
  __tsan_mutex_pre_unlock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

void
g_mutex_init (GMutex *mutex)
{
  REAL (g_mutex_init);
  real (mutex);
  __tsan_mutex_create (mutex, 0);
}

void
g_mutex_clear (GMutex *mutex)
{
  REAL (g_mutex_clear);
  __tsan_mutex_destroy (mutex, 0);
  real (mutex);
}

static void
begin_wait (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  __tsan_mutex_pre_lock (mutex, 0);
}

void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  REAL (g_cond_wait);
  begin_wait (mutex);
  real (cond, mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_cond_wait_until (GCond  *cond,
                   GMutex *mutex,
                   gint64  end)
{
  gboolean signalled;

  REAL (g_cond_wait_until);
  begin_wait (mutex);
  signalled = real (cond, mutex, end);
  __tsan_mutex_post_lock (mutex, 0, 0);
  return signalled;
}

/* ---- references */

/* What others did before they dropped theirs has happened before an object is freed. */
#define UNREF(name, type) \
  void name (type object) \
  { \
    REAL (name); \
    __tsan_release (object); \
    __tsan_acquire (object); \
    real (object); \
  }

UNREF (g_object_unref, gpointer)
UNREF (g_bytes_unref, GBytes *)
UNREF (g_variant_unref, GVariant *)
UNREF (g_main_context_unref, GMainContext *)
UNREF (g_main_loop_unref, GMainLoop *)
UNREF (g_atomic_rc_box_release, gpointer)
UNREF (g_param_spec_unref, GParamSpec *)

gboolean
(g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  REAL (g_atomic_ref_count_dec);
  __tsan_release (count);
  __tsan_acquire (count);
  return real (count);
}

void
g_atomic_rc_box_release_full (gpointer       box,
                              GDestroyNotify clear)
{
  REAL (g_atomic_rc_box_release_full);
  __tsan_release (box);
  __tsan_acquire (box);
  real (box, clear);
}

gpointer
g_weak_ref_get (GWeakRef *weak)
{
  gpointer object;

  REAL (g_weak_ref_get);
  object = real (weak);
  if (object != NULL)
    __tsan_acquire (object);
  return object;
}

/* ---- main contexts */

/* The contexts that this thread runs, the innermost first. */
typedef struct _Running Running;
struct _Running {
  GMainContext *context;
  Running      *outer;
};

static __thread Running *running;

static GMainContext *
or_default (GMainContext *context)
{
  return context != NULL ? context : g_main_context_default ();
}

/* Each turn of a loop polls. */
int
poll (struct pollfd *fds,
      nfds_t         n_fds,
      int            timeout)
{
  int n_ready;

  REAL (poll);
  n_ready = real (fds, n_fds, timeout);
  for (Running *one = running; one != NULL; one = one->outer)
    __tsan_acquire (one->context);
  return n_ready;
}

static Running
begin_run (GMainContext *context)
{
  return (Running) { or_default (context), running };
}

gboolean
g_main_context_iteration (GMainContext *context,
                          gboolean      may_block)
{
  Running one = begin_run (context);
  gboolean dispatched;

  REAL (g_main_context_iteration);
  running = &one;
  dispatched = real (context, may_block);
  running = one.outer;
  __tsan_release (one.context);
  return dispatched;
}

void
g_main_loop_run (GMainLoop *loop)
{
  Running one = begin_run (g_main_loop_get_context (loop));

  REAL (g_main_loop_run);
  running = &one;
  real (loop);
  running = one.outer;
  __tsan_acquire (loop);
  __tsan_release (one.context);
}

void
g_main_loop_quit (GMainLoop *loop)
{
  REAL (g_main_loop_quit);
  __tsan_release (loop);
  real (loop);
}

gboolean
g_main_context_acquire (GMainContext *context)
{
  gboolean acquired;

  REAL (g_main_context_acquire);
  acquired = real (context);
  if (acquired)
    __tsan_acquire (or_default (context));
  return acquired;
}

void
g_main_context_release (GMainContext *context)
{
  REAL (g_main_context_release);
  __tsan_release (or_default (context));
  real (context);
}

/* The functions of a source with what the thread sanitizer must know of them. */
typedef struct {
  GSourceFuncs        funcs; /* comes first */
  const GSourceFuncs *inner;
} Told;

static const GSourceFuncs *
begin_call (GSource *source)
{
  __tsan_acquire (source);
  return ((Told *) source->source_funcs)->inner;
}

static gboolean
prepare (GSource *source,
         int     *timeout)
{
  gboolean ready = begin_call (source)->prepare (source, timeout);

  __tsan_release (source);
  return ready;
}

static gboolean
check (GSource *source)
{
  gboolean ready = begin_call (source)->check (source);

  __tsan_release (source);
  return ready;
}

static gboolean
dispatch (GSource     *source,
          GSourceFunc  callback,
          gpointer     data)
{
  gboolean again = begin_call (source)->dispatch (source, callback, data);

  __tsan_release (source);
  return again;
}

static void
finalize (GSource *source)
{
  begin_call (source)->finalize (source);
}

static GSourceFuncs *
tell_about (const GSourceFuncs *inner)
{
  Told *told = g_new0 (Told, 1);

  told->funcs = *inner;
  if (inner->prepare != NULL)
    told->funcs.prepare = prepare;
  if (inner->check != NULL)
    told->funcs.check = check;
  told->funcs.dispatch = dispatch;
  if (inner->finalize != NULL)
    told->funcs.finalize = finalize;
  told->inner = inner;
  return &told->funcs;
}

guint
g_source_attach (GSource      *source,
                 GMainContext *context)
{
  REAL (g_source_attach);
  if (source->source_funcs->dispatch != dispatch)
    source->source_funcs = tell_about (source->source_funcs);
  __tsan_release (source);
  return real (source, context);
}

void
g_source_set_ready_time (GSource *source,
                         gint64   time)
{
  REAL (g_source_set_ready_time);
  __tsan_release (source);
  real (source, time);
}

void
g_source_destroy (GSource *source)
{
  REAL (g_source_destroy);
  __tsan_release (source);
  real (source);
}

void
g_source_unref (GSource *source)
{
  REAL (g_source_unref);
  __tsan_release (source);
  real (source);
}

guint
g_idle_add_full (int            priority,
                 GSourceFunc    func,
                 gpointer       data,
                 GDestroyNotify destroy)
{
  REAL (g_idle_add_full);
  __tsan_release (g_main_context_default ());
  return real (priority, func, data, destroy);
}

guint
g_idle_add (GSourceFunc func,
            gpointer    data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

void
g_main_context_invoke_full (GMainContext   *context,
                            int             priority,
                            GSourceFunc     func,
                            gpointer        data,
                            GDestroyNotify  destroy)
{
  REAL (g_main_context_invoke_full);
  __tsan_release (or_default (context));
  real (context, priority, func, data, destroy);
}

void
g_main_context_invoke (GMainContext *context,
                       GSourceFunc   func,
                       gpointer      data)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

/* ---- tasks, threads and queues */

gpointer
g_task_get_task_data (GTask *task)
{
  REAL (g_task_get_task_data);
  __tsan_acquire (task);
  return real (task);
}

void
g_task_run_in_thread (GTask           *task,
                      GTaskThreadFunc  func)
{
  REAL (g_task_run_in_thread);
  __tsan_release (task);
  real (task, func);
}

#define RETURN(name, type) \
  void name (GTask *task, type value) \
  { \
    REAL (name); \
    __tsan_release (task); \
    real (task, value); \
  }

RETURN (g_task_return_boolean, gboolean)
RETURN (g_task_return_error, GError *)

void
g_task_return_pointer (GTask          *task,
                       gpointer        value,
                       GDestroyNotify  destroy)
{
  REAL (g_task_return_pointer);
  __tsan_release (task);
  real (task, value, destroy);
}

#define PROPAGATE(name, type) \
  type name (GTask *task, GError **error) \
  { \
    REAL (name); \
    __tsan_acquire (task); \
    return real (task, error); \
  }

PROPAGATE (g_task_propagate_boolean, gboolean)
PROPAGATE (g_task_propagate_pointer, gpointer)

void
g_cancellable_cancel (GCancellable *cancellable)
{
  REAL (g_cancellable_cancel);
  if (cancellable != NULL)
    __tsan_release (cancellable);
  real (cancellable);
}

gboolean
g_cancellable_is_cancelled (GCancellable *cancellable)
{
  REAL (g_cancellable_is_cancelled);
  if (cancellable != NULL)
    __tsan_acquire (cancellable);
  return real (cancellable);
}

void
g_async_queue_push (GAsyncQueue *queue,
                    gpointer     data)
{
  REAL (g_async_queue_push);
  __tsan_release (queue);
  real (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data;

  REAL (g_async_queue_pop);
  data = real (queue);
  __tsan_acquire (queue);
  return data;
}

/* A pool, as its functions get it. */
typedef struct {
  GFunc    func;
  gpointer user_data;
} TestPool;

static void
run_in_pool (gpointer data,
             gpointer user_data)
{
  TestPool *pool = user_data;

  __tsan_acquire (data);
  pool->func (data, pool->user_data);
}

GThreadPool *
g_thread_pool_new (GFunc      func,
                   gpointer   user_data,
                   int        max_threads,
                   gboolean   exclusive,
                   GError   **error)
{
  TestPool *pool = g_new (TestPool, 1);

  REAL (g_thread_pool_new);
  *pool = (TestPool) { func, user_data };
  return real (run_in_pool, pool, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool  *pool,
                    gpointer      data,
                    GError      **error)
{
  REAL (g_thread_pool_push);
  __tsan_release (data);
  return real (pool, data, error);
}
