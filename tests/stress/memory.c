/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "stress-memory.h"
#include "stress.h"

/* After a warm-up, more of the same takes neither memory nor descriptors, on both sides. */

#define LIMIT     (256 * 1024) /* bytes */
#define BATCH     100
#define N_WARM_UP 10000
#define N_CALLS   100000
#define N_SIGNALS 100000
#define N_MEET    2000
#define N_BLOCKED 30000 /* each with PER_CALL signals */
#define PER_CALL  3
#define PART      20 /* a server in Python gets that part of it */

#define OVERFLOW          1000 /* signals in one call */
#define N_UNTIL_LANE      50
#define N_OVERFLOW        30
#define N_OVERFLOW_NATIVE 300

typedef struct {
  StressServer   *server; /* (owned) */
  PlantRpcClient *client; /* (owned) */
  guint           part;
  guint           n_done;
  guint           n_captured;
} Fixture;

typedef struct {
  StressMemory client;
  StressMemory server;
} Level;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  StressKind kind = GPOINTER_TO_INT (data);

  fixture->server = stress_server_new (kind, STRESS_ANY_URL, NULL, NULL, NULL);
  fixture->client = stress_client_new (stress_server_get_url (fixture->server));
  fixture->part = kind == STRESS_NATIVE ? 1 : PART;
  stress_client_count (fixture->client, &fixture->n_captured);
  STRESS_WAIT (stress_client_is_ready (fixture->client));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  stress_server_assert_clean (fixture->server);
  g_object_unref (fixture->client);
  stress_server_free (fixture->server);
}

/* ---- levels */

static void
measure_server (Fixture      *fixture,
                StressMemory *memory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = plant_rpc_client_call_sync (
      fixture->client, "measure", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL, &error);

  g_assert_no_error (error);
  g_variant_lookup (value, "resident", "x", &memory->resident);
  g_variant_lookup (value, "used", "x", &memory->used);
  g_variant_lookup (value, "fds", "x", &memory->n_fds);
}

static void
measure (Fixture *fixture,
         Level   *level)
{
  *level = (Level) { 0 };
  if (stress_server_get_kind (fixture->server) == STRESS_NATIVE)
    measure_server (fixture, &level->server);
  stress_memory_measure (&level->client);
}

static void
tell (const char         *side,
      const StressMemory *before,
      const StressMemory *after)
{
  g_test_message ("%s: %+.1f KiB resident, %+.1f KiB used, %+d descriptors", side,
                  (after->resident - before->resident) / 1024.0,
                  (after->used - before->used) / 1024.0, (int) (after->n_fds - before->n_fds));
}

static gboolean
is_flat (const StressMemory *before,
         const StressMemory *after)
{
  return after->resident - before->resident < LIMIT && after->used - before->used < LIMIT &&
         after->n_fds <= before->n_fds;
}

/* A thread of libzmq closes sockets, and frees what belongs to connections, in its own time. */
static gboolean
has_settled (Fixture     *fixture,
             const Level *before,
             Level       *after)
{
  measure (fixture, after);
  return is_flat (&before->client, &after->client) && is_flat (&before->server, &after->server);
}

static void
assert_flat (Fixture     *fixture,
             const Level *before)
{
  Level after;

  STRESS_WAIT (has_settled (fixture, before, &after));
  tell ("client", &before->client, &after.client);
  if (stress_server_get_kind (fixture->server) == STRESS_NATIVE)
    tell ("server", &before->server, &after.server);
}

static void
run (Fixture *fixture,
     void   (*work) (Fixture *, guint),
     guint    n_warm_up,
     guint    n)
{
  Level before;

  work (fixture, n_warm_up / fixture->part);
  /* The lane is opened once some messages have come, and costs descriptors from then on. */
  for (guint i = 0; i < N_UNTIL_LANE; i++)
    measure (fixture, &before);
  work (fixture, n / fixture->part);
  assert_flat (fixture, &before);
}

/* ---- calls */

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_no_error (error);
  fixture->n_done++;
}

static void
call (Fixture *fixture,
      guint    n)
{
  fixture->n_done = 0;
  for (guint i = 0; i < n; i++)
    {
      plant_rpc_client_call (fixture->client, "echo", g_variant_new ("(s)", "as it was"), NULL,
                             PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, on_called, fixture);
      if ((i + 1) % BATCH == 0)
        STRESS_WAIT (fixture->n_done == i + 1);
    }
  STRESS_WAIT (fixture->n_done == n);
}

static void
test_calls (Fixture       *fixture,
            gconstpointer  data)
{
  run (fixture, call, N_WARM_UP, N_CALLS);
}

/* ---- signals */

static void
hear (Fixture *fixture,
      guint    n)
{
  for (guint i = 0; i < n; i += BATCH)
    {
      fixture->n_captured = 0;
      stress_server_burst (fixture->server, BATCH);
      STRESS_WAIT (fixture->n_captured == BATCH);
    }
}

static void
test_signals (Fixture       *fixture,
              gconstpointer  data)
{
  run (fixture, hear, N_WARM_UP, N_SIGNALS);
}

/* ---- connects */

static void
meet (Fixture *fixture,
      guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      PlantRpcClient *client = stress_client_new (stress_server_get_url (fixture->server));

      STRESS_WAIT (stress_client_is_ready (client));
      g_object_unref (client);
    }
}

static void
test_connects (Fixture       *fixture,
               gconstpointer  data)
{
  run (fixture, meet, N_MEET / 4, N_MEET);
}

static void
discover (Fixture *fixture,
          guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcClient) client = plant_rpc_client_discover_sync (
          stress_server_get_url (fixture->server), PLANT_RPC_TIMEOUT_NONE, NULL, &error);

      g_assert_no_error (error);
    }
}

static void
test_discoveries (Fixture       *fixture,
                  gconstpointer  data)
{
  run (fixture, discover, N_MEET / 4, N_MEET / 2);
}

/* ---- a script: no loop ever runs, and signals come all the time */

static void
call_burst (Fixture *fixture,
            gint64   n_signals)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_sync (fixture->client, "burst", g_variant_new ("(x)", n_signals), NULL,
                                  PLANT_RPC_TIMEOUT_NONE, NULL, &error);

  g_assert_no_error (error);
}

/* More than is kept anywhere for a loop that does not run. */
static void
overflow (Fixture *fixture)
{
  const guint n_bursts = fixture->part == 1 ? N_OVERFLOW_NATIVE : N_OVERFLOW;

  for (guint i = 0; i < n_bursts; i++)
    call_burst (fixture, OVERFLOW);
}

static void
block (Fixture *fixture,
       guint    n)
{
  for (guint i = 0; i < n; i++)
    call_burst (fixture, PER_CALL);
}

static void
test_blocked (Fixture       *fixture,
              gconstpointer  data)
{
  overflow (fixture);
  run (fixture, block, N_BLOCKED / 10, N_BLOCKED);
}

static void
add_for_each_kind (const char *name,
                   void      (*test) (Fixture *, gconstpointer))
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_autofree char *path = g_strdup_printf ("/memory/%s/%s", name, stress_kind_get_name (kind));

      g_test_add (path, Fixture, GINT_TO_POINTER (kind), set_up, test, tear_down);
    }
}

int
main (int    argc,
      char **argv)
{
  stress_memory_prepare ();
  g_test_init (&argc, &argv, NULL);
  add_for_each_kind ("calls", test_calls);
  add_for_each_kind ("signals", test_signals);
  add_for_each_kind ("connects", test_connects);
  add_for_each_kind ("discoveries", test_discoveries);
  add_for_each_kind ("blocked", test_blocked);
  return g_test_run ();
}
