/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-test-wait.h"

/* A thread that the test lets do one thing after another. */
typedef struct {
  PlantRpcHome *home;
  gint          step;    /* (atomic) */
  gint          allowed; /* (atomic) */
} Other;

static void
reach (Other *self,
       gint   step)
{
  g_atomic_int_set (&self->step, step);
  test_wait_for (g_atomic_int_get (&self->allowed) >= step);
}

static void
allow (Other *self,
       gint   step)
{
  g_atomic_int_set (&self->allowed, step);
}

/* ---- coming and going */

static void
test_identity (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcHome) one = plant_rpc_home_new (context);
  g_autoptr (PlantRpcHome) same = plant_rpc_home_new (context);
  g_autoptr (PlantRpcHome) other = plant_rpc_home_new (NULL);
  g_autoptr (PlantRpcHome) mine = NULL;

  g_assert_true (one == same);
  g_assert_true (one != other);
  g_assert_true (plant_rpc_home_get_context (other) == g_main_context_default ());
  plant_rpc_home_set_birthplace (context);
  mine = plant_rpc_home_new_for_object ();
  plant_rpc_home_set_birthplace (NULL);
  g_assert_true (mine == one);
}

static gpointer
stay_and_step_out (gpointer data)
{
  Other *self = data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);
  g_autoptr (PlantRpcHold) again = plant_rpc_home_enter (self->home);

  reach (self, 1);
  {
    g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

    reach (self, 2);
  }
  reach (self, 3);
  return NULL;
}

static gpointer
visit (gpointer data)
{
  Other *self = data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  g_atomic_int_inc (&self->step);
  return NULL;
}

static void
test_one_at_a_time (void)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  Other other = { .home = home };
  Other visitor = { .home = home };
  GThread *thread = g_thread_new ("other", stay_and_step_out, &other);
  GThread *visit_thread;

  test_wait_for (g_atomic_int_get (&other.step) == 1);
  visit_thread = g_thread_new ("visitor", visit, &visitor);
  g_assert_cmpint (g_atomic_int_get (&visitor.step), ==, 0);
  allow (&other, 1);
  test_wait_for (g_atomic_int_get (&other.step) == 2);
  g_thread_join (visit_thread);
  g_assert_cmpint (g_atomic_int_get (&visitor.step), ==, 1);
  allow (&other, 2);
  test_wait_for (g_atomic_int_get (&other.step) == 3);
  visit_thread = g_thread_new ("visitor", visit, &visitor);
  g_assert_cmpint (g_atomic_int_get (&visitor.step), ==, 1);
  allow (&other, 3);
  g_thread_join (thread);
  g_thread_join (visit_thread);
}

/* ---- who shows what */

static gpointer
look_at_ownership (gpointer data)
{
  Other *self = data;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  g_assert_false (plant_rpc_home_owns_context (self->home));
  g_assert_false (plant_rpc_home_is_shown_here (self->home));
  return NULL;
}

static void
test_ownership (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (context);
  Other other = { .home = home };

  plant_rpc_home_enter (home);
  g_assert_true (plant_rpc_home_is_shown_here (home));
  plant_rpc_home_block (home);
  g_assert_false (plant_rpc_home_is_shown_here (home));
  plant_rpc_home_unblock (home);
  g_assert_true (plant_rpc_home_is_shown_here (home));
  plant_rpc_home_leave (home);
  g_assert_false (g_main_context_is_owner (context));

  g_assert_true (g_main_context_acquire (context));
  g_thread_join (g_thread_new ("other", look_at_ownership, &other));
  g_main_context_release (context);
}

/* ---- the last reference, dropped while another thread is at home */

typedef struct {
  GObject       parent;
  PlantRpcHome *home;     /* (owned) */
  guint        *n_disposed;
  GThread     **released; /* by which thread the parts were */
} TestMortal;

typedef GObjectClass TestMortalClass;

GType test_mortal_get_type (void);
G_DEFINE_TYPE (TestMortal, test_mortal, G_TYPE_OBJECT)

static void
test_mortal_dispose (GObject *object)
{
  TestMortal *self = (TestMortal *) object;
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (self->home, object);

  ++*self->n_disposed;
  G_OBJECT_CLASS (test_mortal_parent_class)->dispose (object);
}

static void
test_mortal_finalize (GObject *object)
{
  TestMortal *self = (TestMortal *) object;

  g_assert_cmpuint (*self->n_disposed, >, 0);
  *self->released = g_thread_self ();
  plant_rpc_home_unref (self->home);
  G_OBJECT_CLASS (test_mortal_parent_class)->finalize (object);
}

static void
test_mortal_class_init (TestMortalClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_mortal_dispose;
  G_OBJECT_CLASS (klass)->finalize = test_mortal_finalize;
}

static void
test_mortal_init (TestMortal *self)
{
}

static TestMortal *
make_mortal (PlantRpcHome *home,
             guint        *n_disposed,
             GThread     **released)
{
  TestMortal *self = g_object_new (test_mortal_get_type (), NULL);

  self->home = plant_rpc_home_ref (home);
  self->n_disposed = n_disposed;
  self->released = released;
  return self;
}

static gpointer
drop (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

/* Who drops the last reference waits for the thread at home. */
static void
test_dispose_meanwhile (void)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  GThread *released = NULL;
  guint n_disposed = 0;
  TestMortal *object = make_mortal (home, &n_disposed, &released);
  GThread *thread;

  plant_rpc_home_enter (home);
  thread = g_thread_new ("drop", drop, object);
  g_assert_cmpuint (g_atomic_int_get (&n_disposed), ==, 0);
  plant_rpc_home_leave (home);
  g_thread_join (thread);
  g_assert_cmpuint (n_disposed, >, 0);
  g_assert_true (released == thread);
}

/* While the main context is that of another thread, an object outlives the call that drops its last
 * reference, but not the next one. */
static gpointer
drop_two (gpointer data)
{
  TestMortal **objects = data;
  GThread **released = objects[0]->released;

  g_object_unref (objects[0]);
  g_assert_null (*released);
  g_object_unref (objects[1]);
  g_assert_true (*released == g_thread_self ());
  return NULL;
}

static void
test_dispose_beside_loop (void)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  GThread *released[2] = { NULL, NULL };
  guint n_disposed[2] = { 0, 0 };
  TestMortal *objects[2];
  GThread *thread;

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    objects[i] = make_mortal (home, &n_disposed[i], &released[i]);
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("drop", drop_two, objects);
  g_thread_join (thread);
  g_main_context_release (NULL);
  g_assert_cmpuint (n_disposed[0], >, 0);
  g_assert_cmpuint (n_disposed[1], >, 0);
  g_assert_nonnull (released[1]);
}

/* ---- while another thread is at home */

/* Two threads, each at a home of its own, may ask for the other one. */
static void
test_dweller_elsewhere (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  g_autoptr (PlantRpcHome) elsewhere = plant_rpc_home_new (context);
  Other other = { .home = elsewhere };
  GThread *thread = g_thread_new ("other", stay_and_step_out, &other);

  test_wait_for (g_atomic_int_get (&other.step) == 1);
  plant_rpc_home_enter (home);
  g_assert_false (plant_rpc_home_has_other_dweller (elsewhere));
  g_assert_cmpint (plant_rpc_home_find_dweller (elsewhere), ==, PLANT_RPC_DWELLER_NONE);
  plant_rpc_home_leave (home);
  allow (&other, 3);
  g_thread_join (thread);
}

/* ---- waiting */

static void
test_poll (void)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  Other other = { .home = home };
  GPollFD polls[2];
  GThread *thread;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  polls[0] = (GPollFD) { .fd = fds[0], .events = G_IO_IN };
  plant_rpc_home_enter (home);
  g_assert_false (plant_rpc_home_poll (home, polls, 1, g_get_monotonic_time ()));
  thread = g_thread_new ("visitor", visit, &other);
  g_assert_false (plant_rpc_home_poll (home, polls, 1, -1));
  g_thread_join (thread);
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  g_assert_true (plant_rpc_home_poll (home, polls, 1, -1));
  plant_rpc_home_leave (home);
  close (fds[0]);
  close (fds[1]);
}

/* ---- processes that fork */

static int
check_in_child (PlantRpcHome *home,
                guint         process)
{
  if (!plant_rpc_init_is_inherited (process) ||
      plant_rpc_init_get_process () == process)
    return 1;
  /* The other thread is not here, so this does not wait. */
  plant_rpc_home_enter (home);
  plant_rpc_home_leave (home);
  return 0;
}

static void
test_fork (void)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (NULL);
  const guint process = plant_rpc_init_get_process ();
  Other other = { .home = home };
  GThread *thread = g_thread_new ("other", stay_and_step_out, &other);
  pid_t child;
  int status;

  test_wait_for (g_atomic_int_get (&other.step) == 1);
  child = fork ();
  if (child == 0)
    _exit (check_in_child (home, process));
  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_false (plant_rpc_init_is_inherited (process));
  allow (&other, 3);
  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/home/identity", test_identity);
  g_test_add_func ("/home/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/home/ownership", test_ownership);
  g_test_add_func ("/home/dispose-meanwhile", test_dispose_meanwhile);
  g_test_add_func ("/home/dispose-beside-loop", test_dispose_beside_loop);
  g_test_add_func ("/home/dweller-elsewhere", test_dweller_elsewhere);
  g_test_add_func ("/home/poll", test_poll);
  g_test_add_func ("/home/fork", test_fork);
  return g_test_run ();
}
