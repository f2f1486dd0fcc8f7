/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "stress.h"

/* Clients of a generation 1 server come and go. That server waits without limit for the
 * acknowledgement of each signal, so a client object that has gone must leave somebody behind who
 * gives it. */

#define N_SIGNALS 200
#define N_HASTY   8
#define N_TIMES   8

static char *self_path;

typedef struct {
  StressServer *server; /* (owned) */
  int           last_value;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->server = stress_server_new (STRESS_GENERATION_1, STRESS_ANY_URL, NULL, NULL, NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  stress_server_free (fixture->server);
}

static PlantRpcClient *
join (Fixture *fixture,
      guint   *n_captured)
{
  PlantRpcClient *client = stress_client_new (stress_server_get_url (fixture->server));

  stress_client_count (client, n_captured);
  STRESS_WAIT (stress_client_is_ready (client));
  return client;
}

/* It has sent all that it has emitted, and all of that was acknowledged. */
static void
assert_alive (Fixture *fixture)
{
  g_autoptr (GVariant) counters = NULL;
  gint64 n_sent = 0, n_acknowledged = 0;

  stress_server_set_rotation (fixture->server, ++fixture->last_value);
  counters = stress_server_command (fixture->server, "{\"command\": \"counters\"}");
  g_variant_lookup (counters, "messages", "x", &n_sent);
  g_variant_lookup (counters, "acknowledged", "x", &n_acknowledged);
  g_assert_cmpint (n_sent, ==, n_acknowledged);
  stress_server_assert_clean (fixture->server);
}

static void
assert_signals (Fixture *fixture,
                guint   *n_captured,
                guint    n_copies)
{
  *n_captured = 0;
  stress_server_burst (fixture->server, N_SIGNALS);
  STRESS_WAIT (*n_captured == N_SIGNALS * n_copies);
}

/* The client goes in the middle of a burst, and nobody follows it for a while. */
static void
test_object (Fixture       *fixture,
             gconstpointer  data)
{
  guint n_captured = 0;
  PlantRpcClient *client = join (fixture, &n_captured);

  assert_signals (fixture, &n_captured, 1);
  n_captured = 0;
  stress_server_begin_burst (fixture->server, 20 * N_SIGNALS);
  STRESS_WAIT (n_captured > 0);
  g_object_unref (client);
  stress_server_end_burst (fixture->server);
  assert_alive (fixture);
  assert_alive (fixture);

  client = join (fixture, &n_captured);
  assert_signals (fixture, &n_captured, 1);
  STRESS_WAIT (stress_client_get_rotation (client) == fixture->last_value);
  /* The connection that the first one left behind served the second. */
  g_assert_cmpint (stress_server_count (fixture->server, "state", "inits"), ==, 1);
  g_object_unref (client);
  assert_alive (fixture);
}

/* Clients go before they are ready, at any moment of that, until one stays. */
static void
test_hasty (Fixture       *fixture,
            gconstpointer  data)
{
  guint n_captured = 0;
  g_autoptr (PlantRpcClient) client = NULL;
  gint64 n_inits;

  for (guint i = 0; i < N_HASTY; i++)
    {
      client = stress_client_new (stress_server_get_url (fixture->server));
      for (int n = g_test_rand_int_range (0, 10); n > 0; n--)
        stress_iterate (G_MAXINT64, "", "", 0);
      g_clear_object (&client);
      if (g_test_rand_int_range (0, 4) == 0)
        assert_alive (fixture);
    }
  client = join (fixture, &n_captured);
  n_inits = stress_server_count (fixture->server, "state", "inits");
  g_test_message ("asked for signals %d times", (int) n_inits);
  g_assert_cmpint (n_inits, >, 0);
  assert_signals (fixture, &n_captured, n_inits);
  assert_alive (fixture);
}

/* Two at a time: the one that goes takes nothing from the other. */
static void
test_pair (Fixture       *fixture,
           gconstpointer  data)
{
  guint n_first = 0, n_second = 0;
  PlantRpcClient *first = join (fixture, &n_first), *second;

  /* Once the server has connected, its connection is shared. */
  assert_signals (fixture, &n_first, 1);
  second = join (fixture, &n_second);
  g_assert_cmpint (stress_server_count (fixture->server, "state", "inits"), ==, 1);
  n_first = 0;
  stress_server_burst (fixture->server, N_SIGNALS);
  STRESS_WAIT (n_first == N_SIGNALS && n_second == N_SIGNALS);
  g_object_unref (first);
  assert_signals (fixture, &n_second, 1);
  g_object_unref (second);
  assert_alive (fixture);
}

/* ---- a process */

static int
run_child (const char *url)
{
  guint n_captured = 0;
  PlantRpcClient *client = stress_client_new (url);

  stress_client_count (client, &n_captured);
  STRESS_WAIT (n_captured > 0);
  g_print ("heard\n");
  STRESS_WAIT (FALSE);
  return 1;
}

static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
hear (GSubprocess *child)
{
  g_autoptr (GDataInputStream) output =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, NULL);

  g_assert_cmpstr (line, ==, "heard");
}

static GSubprocess *
start_child (Fixture *fixture)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *child;

  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  child = g_subprocess_launcher_spawn (launcher, &error, self_path, "--client",
                                       stress_server_get_url (fixture->server), NULL);
  g_assert_no_error (error);
  return child;
}

/* Killed while nothing is emitted: that server survives no more than this. */
static void
test_process (Fixture       *fixture,
              gconstpointer  data)
{
  const guint n_children = 3;
  guint n_captured = 0;
  g_autoptr (PlantRpcClient) client = NULL;

  for (guint i = 0; i < n_children; i++)
    {
      g_autoptr (GSubprocess) child = start_child (fixture);

      STRESS_WAIT (stress_server_count (fixture->server, "state", "inits") == i + 1);
      stress_server_burst (fixture->server, 1);
      hear (child);
      g_subprocess_force_exit (child);
      g_subprocess_wait (child, NULL, NULL);
    }
  client = join (fixture, &n_captured);
  assert_signals (fixture, &n_captured, n_children + 1);
  assert_alive (fixture);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--client"))
    return run_child (argv[2]);
  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/dropped/object", Fixture, NULL, set_up, test_object, tear_down);
  for (guint i = 0; i < N_TIMES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/dropped/hasty/%u", i);

      g_test_add (path, Fixture, NULL, set_up, test_hasty, tear_down);
    }
  g_test_add ("/dropped/pair", Fixture, NULL, set_up, test_pair, tear_down);
  g_test_add ("/dropped/process", Fixture, NULL, set_up, test_process, tear_down);
  return g_test_run ();
}
