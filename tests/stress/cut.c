/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>

#include "stress-cable.h"
#include "stress.h"

/* The cable between client and server is cut, silently, and mended. No call here has a timeout, so
 * only the loss of the link can end one. The three kinds of servers suffer at once. */

#define SHORT_MS       1000 /* a cut that TCP gets over */
#define N_SIGNALS      50
#define N_MANY_SIGNALS 10000

static StressCable *cable;

typedef struct {
  StressServer   *server; /* (owned) */
  PlantRpcClient *client; /* (owned) */
  guint           n_losses;
  guint           n_captured;
  guint           n_ok;
  guint           n_lost;
} Party;

/* ---- at the far end */

typedef struct {
  StressServer *server;
  int         (*func) (StressServer *, int);
  int           number;
} Errand;

static gpointer
go (gpointer user_data)
{
  Errand *errand = user_data;

  stress_cable_cross (cable);
  return GINT_TO_POINTER (errand->func (errand->server, errand->number));
}

static int
send_on_errand (Party *party,
                int  (*func) (StressServer *, int),
                int    number)
{
  Errand errand = { party->server, func, number };

  return GPOINTER_TO_INT (g_thread_join (g_thread_new ("errand", go, &errand)));
}

static int
set_rotation (StressServer *server,
              int           number)
{
  stress_server_set_rotation (server, number);
  return number;
}

static int
burst (StressServer *server,
       int           number)
{
  stress_server_burst (server, number);
  return number;
}

/* A generation 1 server waits for the acknowledgement, so nobody waits for the server. */
static int
change_rotation (StressServer *server,
                 int           number)
{
  g_autofree char *json = NULL;
  g_autoptr (GVariant) answer = NULL;

  if (stress_server_get_kind (server) == STRESS_NATIVE)
    {
      stress_server_set_rotation (server, number);
      return number;
    }
  json = g_strdup_printf ("{\"command\": \"set\", \"property\": \"rotation\", \"value\": %d}",
                          number);
  answer = stress_server_command (server, json);
  return number;
}

/* How often it was asked for signals; natively that is no matter. */
static int
count_inits (StressServer *server,
             int           native)
{
  stress_server_assert_clean (server);
  if (stress_server_get_kind (server) == STRESS_NATIVE)
    return native;
  return stress_server_count (server, "state", "inits");
}

/* ---- parties */

static void
on_state (GObject    *client,
          GParamSpec *pspec,
          Party      *party)
{
  const GError *error = plant_rpc_client_get_last_error (party->client);

  if (stress_client_is_ready (party->client))
    return;
  party->n_losses++;
  g_test_message ("%s: %s", stress_kind_get_name (stress_server_get_kind (party->server)),
                  error != NULL ? error->message : "no reason");
}

static void
start (Party *parties)
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      Party *party = &parties[kind];

      *party = (Party) { 0 };
      party->server = stress_server_new (kind, STRESS_FAR_URL, NULL, stress_cable_cross, cable);
      party->client = stress_client_new (stress_server_get_url (party->server));
      stress_client_count (party->client, &party->n_captured);
      g_signal_connect (party->client, "notify::state", G_CALLBACK (on_state), party);
      STRESS_WAIT (stress_client_is_ready (party->client));
    }
}

static void
stop (Party *parties)
{
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      g_object_unref (parties[kind].client);
      stress_server_free (parties[kind].server);
    }
}

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  Party *party = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  if (error == NULL)
    {
      party->n_ok++;
      return;
    }
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  party->n_lost++;
}

static void
call (Party  *party,
      double  seconds)
{
  plant_rpc_client_call (party->client, "count", g_variant_new ("(sd)", "x", seconds), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, on_called, party);
}

static gboolean
is_lost (Party *party)
{
  PlantRpcState state = plant_rpc_client_get_state (party->client);

  return state == PLANT_RPC_STATE_DISCONNECTED || state == PLANT_RPC_STATE_CONNECTING;
}

static void
assert_losses (Party *parties)
{
  gint64 begin = g_get_monotonic_time ();

  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (is_lost (&parties[kind]));
      g_test_message ("%s: noticed after %.1f s", stress_kind_get_name (kind),
                      (g_get_monotonic_time () - begin) / (double) G_USEC_PER_SEC);
    }
}

/* Returns when the client has heard everything that the server has sent so far. */
static void
catch_up (Party *party)
{
  int value = stress_client_get_rotation (party->client) + 1;

  send_on_errand (party, set_rotation, value);
  STRESS_WAIT (stress_client_get_rotation (party->client) == value);
}

/* Everything is as it should be, and comes once. */
static void
assert_good (Party *party)
{
  STRESS_WAIT (stress_client_is_ready (party->client) &&
               send_on_errand (party, count_inits, 1) > 0);
  catch_up (party);
  party->n_captured = 0;
  send_on_errand (party, burst, N_SIGNALS);
  STRESS_WAIT (party->n_captured >= N_SIGNALS);
  catch_up (party);
  g_assert_cmpuint (party->n_captured, ==, N_SIGNALS);
  g_assert_cmpint (send_on_errand (party, count_inits, 1), ==, 1);
}

/* ---- tests */

static void
test_idle (void)
{
  Party parties[STRESS_N_KINDS];

  start (parties);
  stress_cable_cut (cable);
  assert_losses (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    send_on_errand (&parties[kind], change_rotation, 1000 + kind);
  stress_cable_mend (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (stress_client_is_ready (parties[kind].client));
      g_assert_cmpint (stress_client_get_rotation (parties[kind].client), ==, 1000 + kind);
      assert_good (&parties[kind]);
    }
  stop (parties);
}

static void
test_calling (void)
{
  Party parties[STRESS_N_KINDS];

  start (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    call (&parties[kind], 20);
  stress_iterate_for (200);
  stress_cable_cut (cable);
  /* These have not even arrived. */
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    call (&parties[kind], 0);
  assert_losses (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (parties[kind].n_ok + parties[kind].n_lost == 2);
      g_assert_cmpuint (parties[kind].n_lost, ==, 2);
    }
  stress_cable_mend (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    assert_good (&parties[kind]);
  stop (parties);
}

/* The device loses its power, and is back before the cable is. */
static void
test_power (void)
{
  Party parties[STRESS_N_KINDS];

  start (parties);
  stress_cable_cut (cable);
  assert_losses (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      Party *party = &parties[kind];
      g_autofree char *url = g_strdup (stress_server_get_url (party->server));

      stress_server_kill (party->server);
      stress_server_free (party->server);
      party->server = stress_server_new (kind, url, NULL, stress_cable_cross, cable);
    }
  stress_cable_mend (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    assert_good (&parties[kind]);
  stop (parties);
}

static void
test_short (void)
{
  Party parties[STRESS_N_KINDS];

  start (parties);
  stress_cable_cut (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    call (&parties[kind], 0);
  stress_iterate_for (SHORT_MS);
  stress_cable_mend (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    {
      STRESS_WAIT (parties[kind].n_ok == 1);
      assert_good (&parties[kind]);
      g_assert_cmpuint (parties[kind].n_losses, ==, 0);
    }
  stop (parties);
}

/* What the clients send last is no call: acknowledgements of signals that came before the cut. */
static void
test_signals (void)
{
  Party parties[STRESS_N_KINDS];

  start (parties);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    stress_server_burst (parties[kind].server, N_MANY_SIGNALS);
  stress_cable_cut (cable);
  assert_losses (parties);
  stress_cable_mend (cable);
  for (int kind = 0; kind < STRESS_N_KINDS; kind++)
    assert_good (&parties[kind]);
  stop (parties);
}

/* ---- what the server keeps for those that are cut off */

static int
count_fds (StressServer *server,
           int           number)
{
  return stress_server_count_fds (server);
}

static void
test_server (void)
{
  Party parties[STRESS_N_KINDS];
  Party *party = &parties[STRESS_NATIVE];
  int n_fds;

  start (parties);
  n_fds = send_on_errand (party, count_fds, 0);
  stress_cable_cut (cable);
  stress_server_burst (party->server, N_MANY_SIGNALS);
  STRESS_WAIT (send_on_errand (party, count_fds, 0) < n_fds);
  assert_losses (parties);
  stress_cable_mend (cable);
  assert_good (party);
  stop (parties);
}

static void
test_nothing (gconstpointer reason)
{
  g_test_skip (reason);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  cable = stress_cable_new (&error);
  g_test_init (&argc, &argv, NULL);
  if (cable == NULL)
    {
      g_test_add_data_func ("/cut", error->message, test_nothing);
      return g_test_run ();
    }
  g_test_add_func ("/cut/idle", test_idle);
  g_test_add_func ("/cut/calling", test_calling);
  g_test_add_func ("/cut/power", test_power);
  g_test_add_func ("/cut/short", test_short);
  g_test_add_func ("/cut/signals", test_signals);
  g_test_add_func ("/cut/server", test_server);
  status = g_test_run ();
  stress_cable_free (cable);
  return status;
}
