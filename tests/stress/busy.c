/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "stress-proxy.h"
#include "stress.h"

/* Busy is not dead: neither side takes a connection for lost because the other has no time. All
 * timers of ours are shorter than PAUSE_MS. The three kinds of servers pause at once. */

#define PAUSE_MS        7000
#define BUFFER_SIZE     (24 * 1024 * 1024)
#define TEXT_SIZE       (1024 * 1024)
#define N_BUFFERS       4 /* together more than the system takes for one connection */
#define N_SIGNALS       20000
#define N_REQUESTS      5000
#define REQUEST_SIZE    10000 /* and so are these */
#define LINE_RATE       "8M" /* bytes a second, with which a buffer takes three seconds */
#define MOMENT_MS       1000 /* ms in which a part of a buffer has arrived */

static char *self_path;

typedef struct {
  StressServer   *server; /* (owned) */
  StressProxy    *proxy;  /* (owned) (nullable) */
  PlantRpcClient *client; /* (owned) (nullable) */
  GSubprocess    *child;  /* (owned) (nullable): a client of its own */
  guint           n_losses;
  gboolean        still; /* the server stands still, or its line: it may be suspected */
  guint           n_captured;
  gint64          last_index;
  guint64         n_lost;
  guint           n_done;
} Party;

static void
on_state (GObject    *client,
          GParamSpec *pspec,
          Party      *party)
{
  if (party->still &&
      plant_rpc_client_get_state (PLANT_RPC_CLIENT (client)) == PLANT_RPC_STATE_SUSPECT)
    return;
  if (!stress_client_is_ready (PLANT_RPC_CLIENT (client)))
    party->n_losses++;
}

static void
on_captured (PlantRpcClient *client,
             const char     *what,
             gint64          index,
             Party          *party)
{
  g_assert_cmpint (index, >, party->last_index);
  party->last_index = index;
  party->n_captured++;
}

static void
on_lost (PlantRpcClient *client,
         guint64         n_lost,
         Party          *party)
{
  party->n_lost += n_lost;
}

static void
join_client (Party      *party,
             const char *url)
{
  party->client = stress_client_new (url);
  party->last_index = -1;
  STRESS_WAIT (stress_client_is_ready (party->client));
  g_signal_connect (party->client, "notify::state", G_CALLBACK (on_state), party);
  g_signal_connect (party->client, "captured", G_CALLBACK (on_captured), party);
  g_signal_connect (party->client, "signals-lost", G_CALLBACK (on_lost), party);
}

/* The connection is what it was all the time, and still good. */
static void
assert_undisturbed (Party *party)
{
  StressServer *server = party->server;
  int value = stress_client_get_rotation (party->client) + 1;

  g_assert_cmpuint (party->n_losses, ==, 0);
  stress_server_set_rotation (server, value);
  STRESS_WAIT (stress_client_get_rotation (party->client) == value);
  g_assert_cmpuint (party->n_losses, ==, 0);
  if (stress_server_get_kind (server) != STRESS_NATIVE)
    g_assert_cmpint (stress_server_count (server, "state", "inits"), ==, 1);
  stress_server_assert_clean (server);
}

static void
clear_party (Party *party)
{
  g_clear_object (&party->client);
  g_clear_object (&party->child);
  g_clear_pointer (&party->proxy, stress_proxy_free);
  g_clear_pointer (&party->server, stress_server_free);
}

static void
start_servers (Party *parties)
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    parties[kind] = (Party) {
      .server = stress_server_new (kind, STRESS_ANY_URL, NULL, NULL, NULL),
    };
}

/* ---- a slow line */

static void
on_buffer (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  Party *party = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = plant_rpc_client_call_buffer_finish (PLANT_RPC_CLIENT (client), result,
                                                                 NULL, &error);
  const guint8 *data;

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, BUFFER_SIZE);
  data = g_bytes_get_data (bytes, NULL);
  for (gsize i = 0; i < BUFFER_SIZE; i += 997)
    g_assert_cmpuint (data[i], ==, i % 251);
  party->n_done++;
}

static void
ask_for_buffer (Party *party)
{
  GVariant *args = g_variant_new ("(x)", (gint64) BUFFER_SIZE);

  plant_rpc_client_call_buffer (party->client, "get_bytes", args, NULL, PLANT_RPC_TIMEOUT_NONE,
                                NULL, on_buffer, party);
}

static void
on_echo (GObject      *client,
         GAsyncResult *result,
         gpointer      user_data)
{
  Party *party = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (g_variant_get_string (value, NULL)), >=, REQUEST_SIZE);
  party->n_done++;
}

static void
ask_for_echo (Party *party,
              gsize  size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  plant_rpc_client_call (party->client, "echo", g_variant_new ("(s)", text), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, on_echo, party);
}

static void
pause_lines (Party *parties)
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_assert_cmpuint (parties[kind].n_done, <, 2);
      parties[kind].still = TRUE;
      stress_proxy_do (parties[kind].proxy, "freeze");
    }
  stress_iterate_for (PAUSE_MS);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    stress_proxy_do (parties[kind].proxy, "thaw");
}

static void
test_slow_line (void)
{
  Party parties[STRESS_N_KINDS];

  start_servers (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      Party *party = &parties[kind];

      party->proxy = stress_proxy_new (stress_server_get_url (party->server), "--rate", LINE_RATE,
                                       NULL);
      join_client (party, stress_proxy_get_url (party->proxy));
    }
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      ask_for_echo (&parties[kind], TEXT_SIZE);
      ask_for_buffer (&parties[kind]);
    }
  stress_iterate_for (MOMENT_MS);
  pause_lines (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (parties[kind].n_done == 2);
      assert_undisturbed (&parties[kind]);
      clear_party (&parties[kind]);
    }
}

/* ---- a client whose loop does not run */

static void
assert_all_came (Party *party)
{
  g_test_message ("%s: %u signals, %" G_GUINT64_FORMAT " lost",
                  stress_kind_get_name (stress_server_get_kind (party->server)), party->n_captured,
                  party->n_lost);
  /* A publisher of generation 2 throws away what a queue of its own cannot take, untold. */
  if (stress_server_get_kind (party->server) == STRESS_GENERATION_2)
    return;
  g_assert_cmpuint (party->n_lost, ==, 0);
  g_assert_cmpuint (party->n_captured, ==, N_SIGNALS);
}

static void
test_blocked_client (void)
{
  Party parties[STRESS_N_KINDS];

  start_servers (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    join_client (&parties[kind], stress_server_get_url (parties[kind].server));
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    stress_server_begin_burst (parties[kind].server, N_SIGNALS);
  g_usleep (PAUSE_MS * 1000);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      stress_server_end_burst (parties[kind].server);
      assert_undisturbed (&parties[kind]);
      assert_all_came (&parties[kind]);
      clear_party (&parties[kind]);
    }
}

/* ---- a server that does not take what is sent */

static void
test_stopped_server (void)
{
  Party parties[STRESS_N_KINDS];

  start_servers (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      join_client (&parties[kind], stress_server_get_url (parties[kind].server));
      parties[kind].still = TRUE;
      stress_server_send_signal (parties[kind].server, SIGSTOP);
      for (guint i = 0; i < N_REQUESTS; i++)
        ask_for_echo (&parties[kind], REQUEST_SIZE);
    }
  stress_iterate_for (PAUSE_MS);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    stress_server_send_signal (parties[kind].server, SIGCONT);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (parties[kind].n_done == N_REQUESTS);
      assert_undisturbed (&parties[kind]);
      clear_party (&parties[kind]);
    }
}

/* ---- a client that does not take what is sent */

/* The other process. */
static int
run_child (const char *url)
{
  Party party = { 0 };

  join_client (&party, url);
  for (guint i = 0; i < N_BUFFERS; i++)
    ask_for_buffer (&party);
  g_print ("asked\n");
  STRESS_WAIT (party.n_done == N_BUFFERS);
  /* The last of what the server did while this process stood still. */
  STRESS_WAIT (stress_client_get_rotation (party.client) == -1);
  g_assert_cmpuint (party.n_losses, ==, 0);
  g_print ("%u %" G_GUINT64_FORMAT "\n", party.n_captured, party.n_lost);
  g_object_unref (party.client);
  return 0;
}

static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_child (Party *party)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  party->child = g_subprocess_launcher_spawn (launcher, &error, self_path, "--client",
                                              stress_server_get_url (party->server), NULL);
  g_assert_no_error (error);
}

static char *
read_child (Party *party)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (party->child);
  GString *line = g_string_new (NULL);
  char c;

  while (g_input_stream_read (output, &c, 1, NULL, NULL) == 1 && c != '\n')
    g_string_append_c (line, c);
  return g_string_free (line, FALSE);
}

static void
assert_child (Party *party)
{
  g_autofree char *line = NULL;
  guint n_captured;
  guint64 n_lost;

  stress_server_end_burst (party->server);
  stress_server_set_rotation (party->server, -1);
  line = read_child (party);
  g_assert_cmpint (sscanf (line, "%u %" G_GUINT64_FORMAT, &n_captured, &n_lost), ==, 2);
  party->n_captured = n_captured;
  party->n_lost = n_lost;
  assert_all_came (party);
  g_assert_true (g_subprocess_wait_check (party->child, NULL, NULL));
}

static void
test_stopped_client (void)
{
  Party parties[STRESS_N_KINDS];

  start_servers (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_autofree char *line = NULL;

      start_child (&parties[kind]);
      line = read_child (&parties[kind]);
      g_assert_cmpstr (line, ==, "asked");
      g_subprocess_send_signal (parties[kind].child, SIGSTOP);
      stress_server_begin_burst (parties[kind].server, N_SIGNALS);
    }
  g_usleep (PAUSE_MS * 1000);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    g_subprocess_send_signal (parties[kind].child, SIGCONT);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      assert_child (&parties[kind]);
      clear_party (&parties[kind]);
    }
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--client"))
    return run_child (argv[2]);
  self_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/busy/slow-line", test_slow_line);
  g_test_add_func ("/busy/blocked-client", test_blocked_client);
  g_test_add_func ("/busy/stopped-server", test_stopped_server);
  g_test_add_func ("/busy/stopped-client", test_stopped_client);
  return g_test_run ();
}
