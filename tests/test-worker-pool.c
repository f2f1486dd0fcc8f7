/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-wait.h"
#include "plant-rpc-worker-pool-private.h"

/* ---- tasks that run until the test lets them end, and that record the order in which they
 * began */

typedef struct {
  PlantRpcWorkerTask task;
  char               name;
  int                begun; /* (atomic) */
  int                done;  /* (atomic): TRUE: the task may end */
  int                ended; /* (atomic) */
} Task;

static GMutex lock;
static GString *order; /* (mutex lock): names of the tasks */
static int n_running;  /* (atomic) */
static GSList *pools;  /* (element-type PlantRpcWorkerPool): a pool is never freed */

static void
run_task (PlantRpcWorkerTask *task)
{
  Task *self = (Task *) task;

  g_atomic_int_inc (&n_running);
  g_mutex_lock (&lock);
  g_string_append_c (order, self->name);
  g_mutex_unlock (&lock);
  g_atomic_int_set (&self->begun, TRUE);
  test_wait_for (g_atomic_int_get (&self->done));
  g_atomic_int_set (&self->ended, TRUE);
  g_atomic_int_add (&n_running, -1);
}

/* Pushes N tasks of PEER. */
static void
push (PlantRpcWorkerPool *pool,
      guint64             peer,
      Task               *tasks,
      guint               n)
{
  for (guint i = 0; i < n; i++)
    {
      tasks[i] = (Task) { .task.run = run_task, .name = '0' + peer };
      plant_rpc_worker_pool_push (pool, &tasks[i].task, peer);
    }
}

static void
end (Task  *tasks,
     guint  n)
{
  for (guint i = 0; i < n; i++)
    g_atomic_int_set (&tasks[i].done, TRUE);
}

static guint
count_begun (Task  *tasks,
             guint  n)
{
  guint n_begun = 0;

  for (guint i = 0; i < n; i++)
    n_begun += g_atomic_int_get (&tasks[i].begun);
  return n_begun;
}

/* ---- tests */

static void
set_up (void)
{
  order = g_string_new (NULL);
}

/* All tasks of the test that were not withdrawn must have begun. */
static void
tear_down (PlantRpcWorkerPool *pool)
{
  test_wait_for (g_atomic_int_get (&n_running) == 0);
  pools = g_slist_prepend (pools, pool);
  g_string_free (order, TRUE);
}

/* A peer with more tasks than its share keeps no other peer out, and gets no further thread when
 * others end. */
static void
test_share (void)
{
  PlantRpcWorkerPool *pool = plant_rpc_worker_pool_new (6, 2);
  Task busy[5], other[2];

  set_up ();
  push (pool, 1, busy, 5);
  push (pool, 2, other, 2);
  test_wait_for (count_begun (busy, 5) == 2 && count_begun (other, 2) == 2);
  end (other, 2);
  test_wait_for (g_atomic_int_get (&other[0].ended) && g_atomic_int_get (&other[1].ended));
  push (pool, 2, other, 2);
  test_wait_for (count_begun (other, 2) == 2);
  g_assert_cmpuint (count_begun (busy, 5), ==, 2);
  g_assert_true (busy[0].begun && busy[1].begun);

  end (busy, 2);
  test_wait_for (count_begun (busy, 5) == 4);
  end (busy, 5);
  end (other, 2);
  test_wait_for (g_atomic_int_get (&busy[4].ended));
  tear_down (pool);
}

/* Several busy peers leave a thread for one more: each has at most as many as the others leave. */
static void
test_left_over (void)
{
  PlantRpcWorkerPool *pool = plant_rpc_worker_pool_new (4, 4);
  Task first[4], second[4], third[4], fourth[1];

  set_up ();
  push (pool, 1, first, 4);
  push (pool, 2, second, 4);
  push (pool, 3, third, 4);
  push (pool, 4, fourth, 1);
  test_wait_for (count_begun (first, 4) == 2 && count_begun (second, 4) == 1 &&
                 count_begun (third, 4) == 1);
  g_assert_false (fourth[0].begun);
  /* The peer without a thread is next, although it came last. */
  end (first, 1);
  test_wait_for (g_atomic_int_get (&fourth[0].begun));
  g_assert_cmpuint (count_begun (first, 4) + count_begun (second, 4) + count_begun (third, 4), ==,
                    4);
  end (first, 4);
  end (second, 4);
  end (third, 4);
  end (fourth, 1);
  test_wait_for (count_begun (first, 4) + count_begun (second, 4) + count_begun (third, 4) == 12);
  tear_down (pool);
}

static void
test_turns (void)
{
  PlantRpcWorkerPool *pool = plant_rpc_worker_pool_new (1, 1);
  Task first[4], second[2], third[2];

  set_up ();
  push (pool, 1, first, 4);
  test_wait_for (g_atomic_int_get (&first[0].begun));
  push (pool, 2, second, 2);
  push (pool, 3, third, 2);
  end (first, 4);
  end (second, 2);
  end (third, 2);
  test_wait_for (g_atomic_int_get (&first[3].ended));
  g_assert_cmpstr (order->str, ==, "11231231");
  tear_down (pool);
}

static void
test_withdraw (void)
{
  PlantRpcWorkerPool *pool = plant_rpc_worker_pool_new (2, 1);
  Task tasks[4] = { 0 }, unknown = { 0 };

  set_up ();
  push (pool, 1, tasks, 4);
  test_wait_for (g_atomic_int_get (&tasks[0].begun));
  g_assert_false (plant_rpc_worker_pool_withdraw (pool, &tasks[0].task));
  g_assert_false (plant_rpc_worker_pool_withdraw (pool, &unknown.task));
  g_assert_true (plant_rpc_worker_pool_withdraw (pool, &tasks[1].task));
  g_assert_false (plant_rpc_worker_pool_withdraw (pool, &tasks[1].task));
  g_assert_true (plant_rpc_worker_pool_withdraw (pool, &tasks[3].task));
  end (tasks, 4);
  test_wait_for (g_atomic_int_get (&tasks[2].ended));
  tear_down (pool);
  g_assert_false (tasks[1].begun || tasks[3].begun);
}

/* All waiting tasks are withdrawn while the peer still runs one. The peer is kept until that one
 * ends. */
static void
test_withdraw_all (void)
{
  PlantRpcWorkerPool *pool = plant_rpc_worker_pool_new (2, 1);
  Task tasks[3], again[1];

  set_up ();
  push (pool, 1, tasks, 3);
  test_wait_for (g_atomic_int_get (&tasks[0].begun));
  g_assert_true (plant_rpc_worker_pool_withdraw (pool, &tasks[1].task));
  g_assert_true (plant_rpc_worker_pool_withdraw (pool, &tasks[2].task));
  push (pool, 1, again, 1);
  end (tasks, 1);
  test_wait_for (g_atomic_int_get (&again[0].begun));
  g_assert_true (tasks[0].ended);
  end (again, 1);
  test_wait_for (g_atomic_int_get (&again[0].ended));
  tear_down (pool);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/worker-pool/share", test_share);
  g_test_add_func ("/worker-pool/left-over", test_left_over);
  g_test_add_func ("/worker-pool/turns", test_turns);
  g_test_add_func ("/worker-pool/withdraw", test_withdraw);
  g_test_add_func ("/worker-pool/withdraw-all", test_withdraw_all);
  return g_test_run ();
}
