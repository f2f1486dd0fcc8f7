/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-test-device.h"

/* A client in a thread and a context of its own, which blocks there while the main thread is the
 * device. What it is shown is written down, with a mark where it is shown on the wrong thread. */
typedef struct {
  char            *url;     /* (owned) */
  GThread         *thread;  /* (owned) */
  GMainContext    *context; /* (owned) */
  void           (*body) (gpointer worker);
  gint             done;    /* (atomic) */
  gint             step;    /* (atomic): how far the body is */
  gint             allowed; /* (atomic): how far it may go */

  PlantRpcClient *client;      /* (owned) (nullable): of the thread */
  GString        *told;        /* (owned): of the thread, and later of whoever joins it */
  gboolean        blocking;
  int             n_counted;   /* signals */
  GCancellable   *cancellable; /* (owned) */
} Worker;

static inline void
record (Worker     *self,
        const char *format,
        ...)
{
  va_list args;

  g_assert_true (g_thread_self () == self->thread);
  g_assert_true (g_main_context_is_owner (self->context));
  g_assert_false (self->blocking);
  va_start (args, format);
  g_string_append_vprintf (self->told, format, args);
  va_end (args);
}

static inline void
on_level (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  int level;

  g_object_get (object, "level", &level, NULL);
  record (user_data, "level:%d ", level);
}

static inline void
on_state (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);
  PlantRpcState state = plant_rpc_client_get_state (PLANT_RPC_CLIENT (object));

  record (user_data, "%s ", g_enum_get_value (states, state)->value_nick);
}

static inline void
on_signals_lost (PlantRpcClient *client,
                 guint64         n_lost,
                 gpointer        user_data)
{
  record (user_data, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static inline void
on_write_failed (PlantRpcClient *client,
                 const char     *name,
                 const GError   *error,
                 gpointer        user_data)
{
  record (user_data, "failed:%s ", name);
}

static inline void
on_called (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (object), result, NULL);
  g_autofree char *text = value != NULL ? g_variant_print (value, FALSE) : g_strdup ("error");

  record (user_data, "reply:%s ", text);
}

/* ---- on the worker's thread */

/* Runs the thread's loop until EXPRESSION holds. */
#define run_until(self, expression)                                                    \
  G_STMT_START                                                                         \
    {                                                                                  \
      gint64 run_end = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;     \
                                                                                       \
      while (!(expression))                                                            \
        {                                                                              \
          if (g_get_monotonic_time () > run_end)                                       \
            g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #expression);       \
          if (!g_main_context_iteration ((self)->context, FALSE))                      \
            g_poll (NULL, 0, 1);                                                       \
        }                                                                              \
    }                                                                                  \
  G_STMT_END

static inline void
run_pending (Worker *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    continue;
}

/* Tells the main thread how far it is, and waits until it may go on, without running a loop. */
static inline void
step (Worker *self)
{
  int number = g_atomic_int_add (&self->step, 1) + 1;

  while (g_atomic_int_get (&self->allowed) < number)
    g_poll (NULL, 0, 1);
}

static inline char *
call_sync (Worker     *self,
           const char *method)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;

  self->blocking = TRUE;
  value = plant_rpc_client_call_sync (self->client, method, NULL, NULL, 20000, self->cancellable,
                                      &error);
  self->blocking = FALSE;
  return value != NULL ? g_variant_print (value, FALSE)
                       : g_strdup_printf ("%s:%d", g_quark_to_string (error->domain), error->code);
}

static inline void
make_client (Worker *self)
{
  self->client = test_client_new (self->url);
  g_signal_connect (self->client, "notify::level", G_CALLBACK (on_level), self);
  g_signal_connect (self->client, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (self->client, "signals-lost", G_CALLBACK (on_signals_lost), self);
  g_signal_connect (self->client, "write-failed", G_CALLBACK (on_write_failed), self);
}

static inline void
make_ready_client (Worker *self)
{
  g_autoptr (GError) error = NULL;

  make_client (self);
  self->blocking = TRUE;
  plant_rpc_client_wait_ready_sync (self->client, 20000, NULL, &error);
  self->blocking = FALSE;
  g_assert_no_error (error);
  run_pending (self);
  g_string_truncate (self->told, 0);
}

static inline gpointer
run_worker (gpointer data)
{
  Worker *self = data;

  /* Who started it has noted the thread by then. */
  step (self);
  g_main_context_push_thread_default (self->context);
  self->body (self);
  if (self->client != NULL)
    g_assert_finalize_object (g_steal_pointer (&self->client));
  run_pending (self);
  g_main_context_pop_thread_default (self->context);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

/* ---- on the main thread */

static inline void
allow (Worker *self)
{
  int number = g_atomic_int_add (&self->allowed, 1) + 1;

  test_wait_until (g_atomic_int_get (&self->step) >= number);
}

static inline Worker *
worker_new (const char *url,
            void      (*body) (gpointer worker))
{
  Worker *self = g_new0 (Worker, 1);

  self->url = g_strdup (url);
  self->told = g_string_new (NULL);
  self->context = g_main_context_new ();
  self->cancellable = g_cancellable_new ();
  self->body = body;
  self->thread = g_thread_new ("worker", run_worker, self);
  allow (self);
  return self;
}

static inline void
worker_join (Worker *self)
{
  test_wait_until (g_atomic_int_get (&self->done));
  g_thread_join (g_steal_pointer (&self->thread));
}

static inline void
worker_free (Worker *self)
{
  if (self->thread != NULL)
    worker_join (self);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  g_string_free (self->told, TRUE);
  g_free (self->url);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Worker, worker_free)

static inline GVariant *
captured (const char *name,
          int         number)
{
  return g_variant_new_parsed ("[<%s>, <%i>]", name, number);
}
