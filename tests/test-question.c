/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-question-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

#define MANY 100

/* One that asks. */
typedef struct {
  PlantRpcQuestion *question; /* (owned) (nullable) */
  gint              n_told;   /* (atomic) */
  gint              n_found;  /* (atomic): addresses, -1 for an error */
} Asker;

typedef struct {
  TestResolver *names; /* (owned) */
  Asker         askers[PLANT_RPC_MAX_LOOKUPS + 2];
  guint         n_askers;
} Fixture;

static gint no_threads; /* (atomic): TRUE: the system has no further thread */

int __real_pthread_create (pthread_t             *thread,
                           const pthread_attr_t  *attributes,
                           void                *(*start) (void *),
                           void                  *data);
int __wrap_pthread_create (pthread_t             *thread,
                           const pthread_attr_t  *attributes,
                           void                *(*start) (void *),
                           void                  *data);

int
__wrap_pthread_create (pthread_t             *thread,
                       const pthread_attr_t  *attributes,
                       void                *(*start) (void *),
                       void                  *data)
{
  if (g_atomic_int_get (&no_threads))
    return EAGAIN;
  return __real_pthread_create (thread, attributes, start, data);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->names = test_resolver_new ();
}

static void
leave (Asker *asker)
{
  g_clear_pointer (&asker->question, plant_rpc_question_free);
}

/* Waits for the threads, since the next test has other names. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  for (guint i = 0; i < self->n_askers; i++)
    leave (&self->askers[i]);
  test_wait_for (test_resolver_count_open (self->names) == 0);
  test_resolver_free (self->names);
  test_clock_reset ();
}

static void
on_answered (GPtrArray    *addresses,
             const GError *error,
             gpointer      user_data)
{
  Asker *asker = user_data;

  g_assert_true ((addresses == NULL) == (error != NULL));
  g_atomic_int_set (&asker->n_found, addresses != NULL ? (gint) addresses->len : -1);
  g_atomic_int_inc (&asker->n_told);
}

static Asker *
ask (Fixture    *self,
     const char *host)
{
  Asker *asker = &self->askers[self->n_askers++];

  g_assert_cmpuint (self->n_askers, <=, G_N_ELEMENTS (self->askers));
  asker->question = plant_rpc_question_new (host, on_answered, asker);
  return asker;
}

static gboolean
is_told (Asker *asker)
{
  return g_atomic_int_get (&asker->n_told) > 0;
}

static void
assert_found (Asker *asker,
              gint   n_addresses)
{
  test_wait_for (is_told (asker));
  g_assert_cmpint (g_atomic_int_get (&asker->n_found), ==, n_addresses);
  g_assert_cmpint (g_atomic_int_get (&asker->n_told), ==, 1);
}

static char *
make_name (guint i)
{
  return g_strdup_printf ("silent-%u", i);
}

static void
ask_silent (Fixture *self,
            guint    n_hosts)
{
  for (guint i = 0; i < n_hosts; i++)
    {
      g_autofree char *name = make_name (i);

      test_resolver_set_silent (self->names, name);
      ask (self, name);
    }
}

/* All who ask for a host share one question, and each of them gets the answer. */
static void
test_shared (Fixture       *self,
             gconstpointer  data)
{
  Asker *gone;

  test_resolver_set_silent (self->names, "camera");
  for (guint i = 0; i < MANY; i++)
    ask (self, "camera");
  gone = &self->askers[3];
  leave (gone);
  test_wait_for (test_resolver_count_open (self->names) == 1);
  test_resolver_set (self->names, "camera", "10.0.0.1 10.0.0.2");
  for (guint i = 0; i < MANY; i++)
    {
      if (&self->askers[i] != gone)
        assert_found (&self->askers[i], 2);
    }
  g_assert_false (is_told (gone));
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 1);

  /* The answer is not kept. */
  test_resolver_set_error (self->names, "camera", G_RESOLVER_ERROR_NOT_FOUND);
  assert_found (ask (self, "camera"), -1);
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 2);
}

/* Names that nobody answers hold up no other. */
static void
test_silent (Fixture       *self,
             gconstpointer  data)
{
  ask_silent (self, MANY);
  test_resolver_set (self->names, "near", "10.0.0.1");
  assert_found (ask (self, "near"), 1);
  for (guint i = 0; i < MANY; i++)
    g_assert_false (is_told (&self->askers[i]));
  test_wait_for (test_resolver_count_open (self->names) == MANY);
}

/* Who is told of an answer, or has gone, leaves its place to one that waits. One that has gone
 * while it waited for a place is not asked for. */
static void
test_full (Fixture       *self,
           gconstpointer  data)
{
  Asker *waits, *gone;

  ask_silent (self, PLANT_RPC_MAX_LOOKUPS);
  test_wait_for (test_resolver_count_open (self->names) == PLANT_RPC_MAX_LOOKUPS);
  test_resolver_set (self->names, "gone", "10.0.0.1");
  test_resolver_set (self->names, "near", "10.0.0.1");
  gone = ask (self, "gone");
  waits = ask (self, "near");
  leave (gone);
  g_assert_false (is_told (waits));
  leave (&self->askers[0]);
  assert_found (waits, 1);
  g_assert_cmpuint (test_resolver_count (self->names, "gone"), ==, 0);
  g_assert_false (is_told (gone));
}

/* Names that were not answered the last time leave half of the places to others. */
static void
test_silent_before (Fixture       *self,
                    gconstpointer  data)
{
  for (guint i = 0; i < PLANT_RPC_MAX_LOOKUPS; i++)
    {
      g_autofree char *name = make_name (i);

      test_resolver_set_error (self->names, name, G_RESOLVER_ERROR_TEMPORARY_FAILURE);
      assert_found (ask (self, name), -1);
      leave (&self->askers[i]);
    }
  self->n_askers = 0;
  for (guint i = 0; i < PLANT_RPC_MAX_LOOKUPS; i++)
    self->askers[i] = (Asker) { 0 };
  ask_silent (self, PLANT_RPC_MAX_LOOKUPS);
  test_wait_for (test_resolver_count_open (self->names) == PLANT_RPC_MAX_LOOKUPS / 2);
  test_resolver_set (self->names, "near", "10.0.0.1");
  assert_found (ask (self, "near"), 1);
  g_assert_cmpuint (test_resolver_count_open (self->names), ==, PLANT_RPC_MAX_LOOKUPS / 2);

  /* They have their turn. */
  for (guint i = 0; i < PLANT_RPC_MAX_LOOKUPS; i++)
    {
      g_autofree char *name = make_name (i);

      test_resolver_set (self->names, name, "10.0.0.1");
    }
  for (guint i = 0; i < PLANT_RPC_MAX_LOOKUPS; i++)
    assert_found (&self->askers[i], 1);
}

/* Without a thread, questions wait for the one that runs. If none does, all of them fail. */
static void
test_no_thread (Fixture       *self,
                gconstpointer  data)
{
  Asker *runs;

  ask_silent (self, 1);
  runs = &self->askers[0];
  test_wait_for (test_resolver_count_open (self->names) == 1);
  g_atomic_int_set (&no_threads, TRUE);
  ask_silent (self, 3);
  for (guint i = 1; i < self->n_askers; i++)
    g_assert_false (is_told (&self->askers[i]));
  test_resolver_set (self->names, "silent-0", "10.0.0.1");
  assert_found (runs, 1);
  for (guint i = 1; i < self->n_askers; i++)
    assert_found (&self->askers[i], i == 1 ? 1 : -1);
  assert_found (ask (self, "near"), -1);
  g_atomic_int_set (&no_threads, FALSE);
}

/* Who asks for a host that the one before has given up gets an answer, not the cancellation. */
static void
test_again (Fixture       *self,
            gconstpointer  data)
{
  for (guint i = 0; i < MANY; i++)
    {
      Asker *second;

      test_resolver_set_silent (self->names, "camera");
      leave (ask (self, "camera"));
      second = ask (self, "camera");
      test_resolver_set (self->names, "camera", "10.0.0.1");
      assert_found (second, 1);
    }
}

/* A look-up that takes very long does not keep those that ask later waiting. */
static void
test_stale (Fixture       *self,
            gconstpointer  data)
{
  Asker *first, *second;

  test_resolver_set_silent (self->names, "camera");
  first = ask (self, "camera");
  test_wait_for (test_resolver_count_open (self->names) == 1);
  g_assert_false (plant_rpc_question_is_stale (first->question));
  test_clock_step (31 * G_USEC_PER_SEC);
  g_assert_true (plant_rpc_question_is_stale (first->question));
  second = ask (self, "camera");
  test_wait_for (test_resolver_count_open (self->names) == 2);
  g_assert_false (plant_rpc_question_is_stale (second->question));
  ask (self, "camera");
  test_resolver_set (self->names, "camera", "10.0.0.1");
  assert_found (first, 1);
  assert_found (second, 1);
  g_assert_cmpuint (test_resolver_count (self->names, "camera"), ==, 2);
}

/* The look-ups of a process are not those of the one that it was forked from. */
static void
run_child (Fixture *self)
{
  alarm (TEST_WAIT_S);
  test_resolver_set (self->names, "near", "10.0.0.1");
  test_resolver_set (self->names, "silent-0", "10.0.0.1");
  assert_found (ask (self, "near"), 1);
  assert_found (ask (self, "silent-0"), 1);
  g_assert_false (is_told (&self->askers[0]));
  leave (&self->askers[0]);
  _exit (0);
}

static void
test_fork (Fixture       *self,
           gconstpointer  data)
{
  int status = -1;
  pid_t pid;

  ask_silent (self, 3);
  test_wait_for (test_resolver_count_open (self->names) == 3);
  pid = fork ();
  if (pid == 0)
    run_child (self);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  test_resolver_set (self->names, "silent-0", "10.0.0.1");
  assert_found (&self->askers[0], 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/question/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("shared", test_shared);
  ADD ("silent", test_silent);
  ADD ("full", test_full);
  ADD ("silent-before", test_silent_before);
  ADD ("no-thread", test_no_thread);
  ADD ("again", test_again);
  ADD ("stale", test_stale);
  ADD ("fork", test_fork);

  return g_test_run ();
}
