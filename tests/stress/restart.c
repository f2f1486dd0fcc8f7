/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "stress-calls.h"
#include "stress.h"

/* A server is killed and started again while calls and writes are under way and more are made, at
 * one url, of another kind each time. */

#define N_CYCLES          50
#define PATIENT_MS        600000 /* far more than any deadline here: only the loss can end these */
#define N_ROUND_TRIPS     20
#define N_ANSWERED        300 /* more than one turn of the loop takes */

typedef struct {
  char           *directory;  /* (owned) */
  char           *journal;    /* (owned) */
  char           *url;        /* (owned) */
  StressServer   *server;     /* (owned) (nullable): while one runs */
  PlantRpcClient *client;     /* (owned) */
  GPtrArray      *calls;      /* (element-type StressCall) */
  GArray         *edits;      /* (element-type int): values given to the GObject property */
  int             last_value; /* each that is written is another one */
  guint           n_captured;
  guint           n_notified;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->directory = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  fixture->journal = g_build_filename (fixture->directory, "journal", NULL);
  fixture->calls = stress_calls_new ();
  fixture->edits = g_array_new (FALSE, FALSE, sizeof (int));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->client);
  g_clear_pointer (&fixture->server, stress_server_free);
  g_ptr_array_unref (fixture->calls);
  g_array_unref (fixture->edits);
  g_remove (fixture->journal);
  g_rmdir (fixture->directory);
  g_free (fixture->journal);
  g_free (fixture->directory);
  g_free (fixture->url);
}

static void
start_server (Fixture    *fixture,
              StressKind  kind)
{
  const char *url = fixture->url != NULL ? fixture->url : STRESS_ANY_URL;

  fixture->server = stress_server_new (kind, url, fixture->journal, NULL, NULL);
  if (fixture->url == NULL)
    fixture->url = g_strdup (stress_server_get_url (fixture->server));
}

static void
kill_server (Fixture *fixture)
{
  stress_server_kill (fixture->server);
  g_clear_pointer (&fixture->server, stress_server_free);
}

static void
on_notify_rotation (GObject    *client,
                    GParamSpec *pspec,
                    Fixture    *fixture)
{
  fixture->n_notified++;
}

static void
make_client (Fixture *fixture)
{
  fixture->client = stress_client_new (fixture->url);
  stress_client_count (fixture->client, &fixture->n_captured);
  g_signal_connect (fixture->client, "notify::rotation", G_CALLBACK (on_notify_rotation), fixture);
}

/* ---- calls */

static StressCall *
call_count (Fixture *fixture,
            double   seconds,
            int      timeout)
{
  return stress_calls_count (fixture->calls, fixture->client, seconds, timeout);
}

static void
write_rotation (Fixture *fixture)
{
  stress_calls_write (fixture->calls, fixture->client, ++fixture->last_value);
}

static void
edit_rotation (Fixture *fixture)
{
  int value = ++fixture->last_value;

  g_array_append_val (fixture->edits, value);
  g_object_set (fixture->client, "rotation", value, NULL);
}

static void
do_something (Fixture *fixture,
              int      hasty_ms)
{
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
    case 1:
      write_rotation (fixture);
      break;
    case 2:
      edit_rotation (fixture);
      break;
    case 3:
      call_count (fixture, 0.1, PATIENT_MS);
      break;
    case 4:
    case 5:
      call_count (fixture, 0, hasty_ms);
      break;
    default:
      call_count (fixture, 0, PATIENT_MS);
    }
}

static void
do_things (Fixture *fixture,
           int      hasty_ms)
{
  int n = g_test_rand_int_range (1, 12);

  for (int i = 0; i < n; i++)
    {
      do_something (fixture, hasty_ms);
      if (g_test_rand_int_range (0, 4) == 0)
        stress_iterate_for (g_test_rand_int_range (0, 20));
    }
}

/* ---- what must be right afterwards */

static void
on_flushed (GObject      *client,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_client_flush_finish (PLANT_RPC_CLIENT (client), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
flush (PlantRpcClient *client)
{
  gboolean done = FALSE;

  plant_rpc_client_flush (client, NULL, on_flushed, &done);
  STRESS_WAIT (done);
}

static void
assert_values (Fixture *fixture)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  int rotation;

  flush (fixture->client);
  value = plant_rpc_client_read_property_sync (fixture->client, "rotation", NULL, &error);
  g_assert_no_error (error);
  /* JSON has integers of one kind only. */
  rotation = g_variant_is_of_type (value, G_VARIANT_TYPE_INT64) ? g_variant_get_int64 (value)
                                                                : g_variant_get_int32 (value);
  STRESS_WAIT (stress_client_get_rotation (fixture->client) == rotation);
}

static void
assert_changes (Fixture *fixture)
{
  int value = ++fixture->last_value;

  /* What a blocking call has met is notified from a later turn of the loop. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  fixture->n_notified = 0;
  stress_server_set_rotation (fixture->server, value);
  /* A value can be read before it is notified, from a later turn of the loop. */
  STRESS_WAIT (stress_client_get_rotation (fixture->client) == value && fixture->n_notified > 0);
  g_assert_cmpuint (fixture->n_notified, ==, 1);
}

static void
assert_signals (Fixture *fixture)
{
  const guint n_signals = 20;

  fixture->n_captured = 0;
  stress_server_burst (fixture->server, n_signals);
  STRESS_WAIT (fixture->n_captured >= n_signals);
  /* What came after them would have come by the time that this has. */
  assert_changes (fixture);
  g_assert_cmpuint (fixture->n_captured, ==, n_signals);
}

static void
assert_right (Fixture *fixture)
{
  stress_calls_reach (fixture->calls, fixture->client, PATIENT_MS);
  g_assert_true (stress_client_is_ready (fixture->client));
  STRESS_WAIT (stress_calls_have_ended (fixture->calls, fixture->calls->len));
  g_assert_cmpint (plant_rpc_client_get_wire (fixture->client), ==,
                   stress_kind_get_wire (stress_server_get_kind (fixture->server)));
  assert_values (fixture);
  assert_changes (fixture);
  assert_signals (fixture);
  if (stress_server_get_kind (fixture->server) != STRESS_NATIVE)
    g_assert_cmpint (stress_server_count (fixture->server, "state", "inits"), ==, 1);
  stress_server_assert_clean (fixture->server);
}

static gboolean
has_code (StressCall    *call,
          PlantRpcError  code)
{
  return g_error_matches (call->error, PLANT_RPC_ERROR, code);
}

static void
assert_journal (Fixture *fixture)
{
  g_autoptr (GHashTable) journal = stress_journal_read (fixture->journal);
  guint n_ok = 0, n_not_sent = 0, n_unknown = 0;

  for (guint i = 0; i < fixture->calls->len; i++)
    {
      StressCall *call = fixture->calls->pdata[i];

      stress_call_assert (call, journal);
      /* A call waits for the next connection unless it was given to a lane that has ended. */
      if (call->error != NULL && call->timeout == PATIENT_MS)
        g_assert_true (has_code (call, PLANT_RPC_ERROR_OUTCOME_UNKNOWN) ||
                       has_code (call, PLANT_RPC_ERROR_NOT_SENT));
      if (call->error == NULL)
        n_ok++;
      else if (has_code (call, PLANT_RPC_ERROR_NOT_SENT))
        n_not_sent++;
      else
        n_unknown++;
    }
  for (guint i = 0; i < fixture->edits->len; i++)
    g_assert_cmpuint (stress_journal_count_set (journal, "rotation",
                                                g_array_index (fixture->edits, int, i)), <=, 1);
  g_test_message ("%u calls and writes done, %u not sent, %u of unknown outcome; %u edits", n_ok,
                  n_not_sent, n_unknown, fixture->edits->len);
  /* The test has tried what it is for. */
  g_assert_cmpuint (n_ok, >, 0);
  g_assert_cmpuint (n_not_sent, >, 0);
  g_assert_cmpuint (n_unknown, >, 0);
}

static void
run_cycle (Fixture    *fixture,
           StressKind  next)
{
  guint n_before;

  do_things (fixture, 10000);
  stress_iterate_for (g_test_rand_int_range (0, 30));
  do_things (fixture, 10000);
  n_before = fixture->calls->len;
  kill_server (fixture);
  do_things (fixture, g_test_rand_int_range (1, 200));
  if (g_test_rand_int_range (0, 2) == 0)
    STRESS_WAIT (stress_calls_have_ended (fixture->calls, n_before));
  do_things (fixture, g_test_rand_int_range (1, 200));
  start_server (fixture, next);
  do_things (fixture, 10000);
  assert_right (fixture);
}

static void
test_restarts (Fixture       *fixture,
               gconstpointer  data)
{
  start_server (fixture, g_test_rand_int_range (0, STRESS_N_KINDS));
  make_client (fixture);
  assert_right (fixture);
  for (guint i = 0; i < N_CYCLES; i++)
    run_cycle (fixture, g_test_rand_int_range (0, STRESS_N_KINDS));
  assert_journal (fixture);
}

/* ---- a reply that had arrived */

/* The client's loop does not run, but what the server sent it before these has arrived by their
 * end: the same threads of libzmq carry both. */
static void
make_round_trips (Fixture *fixture)
{
  g_autoptr (PlantRpcClient) other = stress_client_new (fixture->url);

  for (guint i = 0; i < N_ROUND_TRIPS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = plant_rpc_client_call_sync (
          other, "echo", g_variant_new ("(i)", i), NULL, PATIENT_MS, NULL, &error);

      g_assert_no_error (error);
    }
}

static void
wait_for_journal (Fixture *fixture,
                  StressCall *call)
{
  gint64 end = g_get_monotonic_time () + STRESS_DEADLINE_S * G_USEC_PER_SEC;

  while (!stress_journal_has (fixture->journal, call->token))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
}

static void
test_arrived (Fixture       *fixture,
              gconstpointer  data)
{
  StressCall *answered[N_ANSWERED], *lost;

  start_server (fixture, GPOINTER_TO_INT (data));
  make_client (fixture);
  for (guint i = 0; i < 3; i++)
    {
      STRESS_WAIT (stress_client_is_ready (fixture->client));
      for (guint k = 0; k < N_ANSWERED; k++)
        answered[k] = call_count (fixture, 0, PATIENT_MS);
      wait_for_journal (fixture, answered[N_ANSWERED - 1]);
      make_round_trips (fixture);
      lost = call_count (fixture, 1000, PATIENT_MS);
      wait_for_journal (fixture, lost);
      kill_server (fixture);
      STRESS_WAIT (lost->ended);
      g_assert_error (lost->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
      for (guint k = 0; k < N_ANSWERED; k++)
        {
          g_assert_true (answered[k]->ended);
          g_assert_no_error (answered[k]->error);
        }
      start_server (fixture, GPOINTER_TO_INT (data));
    }
}

/* ---- the form that blocks */

static gpointer
kill_when_called (gpointer user_data)
{
  Fixture *fixture = user_data;

  while (!stress_journal_has (fixture->journal, "blocking"))
    g_usleep (1000);
  stress_server_send_signal (fixture->server, SIGKILL);
  return NULL;
}

static void
test_blocking (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  GThread *killer;

  start_server (fixture, GPOINTER_TO_INT (data));
  make_client (fixture);
  killer = g_thread_new ("killer", kill_when_called, fixture);
  value = plant_rpc_client_call_sync (fixture->client, "count",
                                      g_variant_new ("(sd)", "blocking", 1000.0), NULL, PATIENT_MS,
                                      NULL, &error);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  g_thread_join (killer);
  kill_server (fixture);

  g_clear_error (&error);
  value = plant_rpc_client_call_sync (fixture->client, "count", g_variant_new ("(s)", "down"), NULL,
                                      50, NULL, &error);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  start_server (fixture, GPOINTER_TO_INT (data));
  g_clear_error (&error);
  value = plant_rpc_client_call_sync (fixture->client, "count", g_variant_new ("(s)", "up"), NULL,
                                      PATIENT_MS, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 1);
  g_assert_false (stress_journal_has (fixture->journal, "down"));
}

static void
add_for_each_kind (const char *name,
                   void      (*test) (Fixture *, gconstpointer))
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_autofree char *path = g_strdup_printf ("/restart/%s/%s", name, stress_kind_get_name (kind));

      g_test_add (path, Fixture, GINT_TO_POINTER (kind), set_up, test, tear_down);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_each_kind ("arrived", test_arrived);
  add_for_each_kind ("blocking", test_blocking);
  g_test_add ("/restart/any", Fixture, NULL, set_up, test_restarts, tear_down);
  return g_test_run ();
}
