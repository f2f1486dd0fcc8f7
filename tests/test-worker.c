/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-wait.h"
#include "plant-rpc-worker-private.h"

typedef struct {
  PlantRpcWorker *worker;
  GMainContext   *seen;     /* (unowned): the thread's default context */
  gint            n_called; /* (atomic) */
  gint            n_let_go; /* (atomic) */
  gint            n_turns;  /* (atomic): of a source that is always ready */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->worker = plant_rpc_worker_new ("test worker", NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->worker, plant_rpc_worker_free);
  g_assert_cmpint (g_atomic_int_get (&self->n_let_go), ==, g_atomic_int_get (&self->n_called));
}

static gboolean
count_call (gpointer user_data)
{
  Fixture *self = user_data;

  self->seen = g_main_context_get_thread_default ();
  g_atomic_int_inc (&self->n_called);
  return G_SOURCE_REMOVE;
}

static void
let_go (gpointer user_data)
{
  g_atomic_int_inc (&((Fixture *) user_data)->n_let_go);
}

static void
call (Fixture *self)
{
  plant_rpc_worker_call (self->worker, count_call, self, let_go);
}

static void
test_call (Fixture       *self,
           gconstpointer  data)
{
  for (int i = 1; i <= 100; i++)
    {
      call (self);
      test_wait_for (g_atomic_int_get (&self->n_called) == i);
    }
  g_assert_true (self->seen == plant_rpc_worker_get_context (self->worker));
}

static gboolean
take_turn (gpointer user_data)
{
  g_atomic_int_inc (&((Fixture *) user_data)->n_turns);
  return G_SOURCE_CONTINUE;
}

/* A call, and the end, have their turn although there is always something else to do. */
static void
test_busy (Fixture       *self,
           gconstpointer  data)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, take_turn, self, NULL);
  g_source_attach (source, plant_rpc_worker_get_context (self->worker));
  test_wait_for (g_atomic_int_get (&self->n_turns) > 100);
  call (self);
  test_wait_for (g_atomic_int_get (&self->n_called) == 1);
  g_clear_pointer (&self->worker, plant_rpc_worker_free);
  g_source_destroy (source);
  g_source_unref (source);
}

/* What was to be called before the end is called. */
static void
test_end_at_once (Fixture       *self,
                  gconstpointer  data)
{
  for (int i = 0; i < 50; i++)
    call (self);
  g_clear_pointer (&self->worker, plant_rpc_worker_free);
  g_assert_cmpint (g_atomic_int_get (&self->n_called), ==, 50);
}

static gboolean
end_itself (gpointer user_data)
{
  Fixture *self = user_data;

  plant_rpc_worker_free (g_steal_pointer (&self->worker));
  g_atomic_int_inc (&self->n_called);
  return G_SOURCE_REMOVE;
}

static void
test_end_itself (Fixture       *self,
                 gconstpointer  data)
{
  plant_rpc_worker_call (self->worker, end_itself, self, let_go);
  test_wait_for (g_atomic_int_get (&self->n_let_go) == 1);
  g_assert_cmpint (g_atomic_int_get (&self->n_called), ==, 1);
}

/* GLib lists every context, which would hide that one has leaked, but not the descriptor in it. */
static void
test_descriptors (Fixture       *self,
                  gconstpointer  data)
{
  int free_fd = test_find_free_fd ();
  PlantRpcWorker *other = plant_rpc_worker_new ("other worker", NULL, NULL);

  g_assert_cmpint (test_find_free_fd (), !=, free_fd);
  plant_rpc_worker_free (other);
  g_assert_cmpint (test_find_free_fd (), ==, free_fd);
}

#define ADD(path, func) g_test_add ("/worker/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* The thread of a worker that ended itself may still close something. */
  ADD ("descriptors", test_descriptors);
  ADD ("call", test_call);
  ADD ("busy", test_busy);
  ADD ("end-at-once", test_end_at_once);
  ADD ("end-itself", test_end_itself);
  return g_test_run ();
}
