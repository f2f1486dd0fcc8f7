/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-json-private.h"
#include "stress-device.h"
#include "stress-proxy.h"
#include "stress.h"

/* A server sends many signals to three subscribers at once: a fast one, one behind a slow line, and
 * one behind a frozen line. None of them may delay another, and the server may not hold more than
 * its limit. */

#define N_SIGNALS  100000
#define BATCH      1000
#define SLOW_RATE  "512K"
/* bytes; without a limit, all signals for two subscribers would take 200 MB */
#define MAX_KEPT   (64 * 1024 * 1024)
#define MAX_LEFT   (2 * 1024 * 1024)  /* bytes that may remain after the test */

typedef struct {
  const char     *name;
  StressProxy    *proxy;      /* (owned) (nullable) */
  PlantRpcClient *client;     /* (owned): a native client */
  void           *socket;     /* (owned): a SUB socket, a subscriber of generation 2 */
  gint64          last;
  guint           n_captured;
  guint64         n_lost;
} Party;

typedef struct {
  StressServer   *server;
  Party           fast, slow, frozen;
  PlantRpcClient *caller;
  gint64          asked;    /* monotonic µs when a call was sent; 0: no call is under way */
  gint64          longest;  /* µs that the slowest call has taken */
  StressMemory    before;
  gint64          most;     /* the most bytes that the server has held */
  void           *context;  /* of the SUB sockets */
} Flood;

/* ---- the caller */

static void
on_echo (GObject      *client,
         GAsyncResult *result,
         gpointer      user_data)
{
  Flood *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_no_error (error);
  self->longest = MAX (self->longest, g_get_monotonic_time () - self->asked);
  self->asked = 0;
}

static void
ask (Flood *self)
{
  self->asked = g_get_monotonic_time ();
  plant_rpc_client_call (self->caller, "echo", g_variant_new ("(s)", "well?"), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, on_echo, self);
}

/* ---- the server */

static void
look_at_server (Flood *self)
{
  StressMemory memory;

  stress_server_measure (self->server, &memory);
  self->most = MAX (self->most, memory.used - self->before.used);
}

static gboolean
is_light (Flood *self)
{
  StressMemory after;

  stress_server_measure (self->server, &after);
  return after.used < self->before.used + MAX_LEFT;
}

static void
set_up (Flood *self)
{
  *self = (Flood) { .fast.name = "fast", .slow.name = "slow", .frozen.name = "frozen" };
  self->server = stress_server_new (STRESS_NATIVE, STRESS_ANY_URL, NULL, NULL, NULL);
  self->slow.proxy = stress_proxy_new (stress_server_get_url (self->server), NULL);
  self->frozen.proxy = stress_proxy_new (stress_server_get_url (self->server), NULL);
  self->caller = stress_client_new (stress_server_get_url (self->server));
  STRESS_WAIT (stress_client_is_ready (self->caller));
}

static void
tear_down (Flood *self)
{
  g_test_message ("the server held %.1f MiB at most; an answer took %.0f ms at most",
                  self->most / 1048576.0, self->longest / 1000.0);
  g_object_unref (self->caller);
  stress_proxy_free (self->slow.proxy);
  stress_proxy_free (self->frozen.proxy);
  stress_server_free (self->server);
}

static void
begin (Flood *self)
{
  g_autofree char *rate = g_strconcat ("rate ", SLOW_RATE, NULL);

  stress_server_measure (self->server, &self->before);
  stress_proxy_do (self->slow.proxy, rate);
  stress_proxy_do (self->frozen.proxy, "freeze");
}

/* Emits a batch of signals while the caller sends calls. */
static void
emit_batch (Flood  *self,
            gint64  first)
{
  stress_server_begin_flood (self->server, first, BATCH);
  ask (self);
  STRESS_WAIT (self->asked == 0);
  stress_server_settle (self->server);
}

static void
mend (Flood *self)
{
  look_at_server (self);
  g_assert_cmpint (self->most, <, MAX_KEPT);
  stress_proxy_do (self->slow.proxy, "rate 0");
  stress_proxy_do (self->frozen.proxy, "thaw");
}

/* ---- native subscribers */

static void
on_captured (PlantRpcClient *client,
             const char     *what,
             gint64          number,
             Party          *party)
{
  g_assert_cmpint (number, >, party->last);
  g_assert_cmpuint (strlen (what), ==, STRESS_FLOOD_SIZE);
  party->last = number;
  party->n_captured++;
}

static void
on_lost (PlantRpcClient *client,
         guint64         n_lost,
         Party          *party)
{
  g_assert_cmpuint (n_lost, >, 0);
  party->n_lost += n_lost;
}

static void
join_natively (Party      *party,
               const char *url)
{
  party->client = stress_client_new (url);
  STRESS_WAIT (stress_client_is_ready (party->client));
  g_signal_connect (party->client, "captured", G_CALLBACK (on_captured), party);
  g_signal_connect (party->client, "signals-lost", G_CALLBACK (on_lost), party);
}

/* Each signal must have arrived once, or its loss must have been reported. */
static void
leave_natively (Party *party)
{
  STRESS_WAIT (party->n_captured + party->n_lost == N_SIGNALS);
  g_test_message ("%s: %u signals, %" G_GUINT64_FORMAT " lost", party->name, party->n_captured,
                  party->n_lost);
  g_assert_true (stress_client_is_ready (party->client));
  g_object_unref (party->client);
}

static void
assert_recovers (Flood *self,
                 Party *party)
{
  int value = stress_client_get_rotation (party->client) + 1;

  stress_server_set_rotation (self->server, value);
  STRESS_WAIT (stress_client_get_rotation (party->client) == value);
}

static void
test_native (void)
{
  Flood self;

  set_up (&self);
  join_natively (&self.fast, stress_server_get_url (self.server));
  join_natively (&self.slow, stress_proxy_get_url (self.slow.proxy));
  join_natively (&self.frozen, stress_proxy_get_url (self.frozen.proxy));
  begin (&self);
  for (guint n = 0; n < N_SIGNALS; n += BATCH)
    {
      emit_batch (&self, n + 1);
      STRESS_WAIT (self.fast.n_captured == n + BATCH);
      if (n % (10 * BATCH) == 0)
        look_at_server (&self);
    }
  g_assert_cmpuint (self.fast.n_lost, ==, 0);
  g_assert_cmpuint (self.frozen.n_captured, <, N_SIGNALS / 2);
  mend (&self);
  assert_recovers (&self, &self.slow);
  assert_recovers (&self, &self.frozen);
  leave_natively (&self.fast);
  leave_natively (&self.slow);
  leave_natively (&self.frozen);
  g_assert_cmpuint (self.frozen.n_lost, >, 0);
  STRESS_WAIT (is_light (&self));
  tear_down (&self);
}

/* ---- generation 2 */

static GVariant *
receive (void *socket,
         int   flags)
{
  zmq_msg_t frame;
  GVariant *message;

  zmq_msg_init (&frame);
  if (zmq_msg_recv (&frame, socket, flags) < 0)
    {
      zmq_msg_close (&frame);
      return NULL;
    }
  message = plant_rpc_json_parse (zmq_msg_data (&frame), zmq_msg_size (&frame), NULL);
  zmq_msg_close (&frame);
  g_assert_nonnull (message);
  return message;
}

/* Asks the server for the address of its publisher. */
static char *
find_publisher (Flood      *self,
                const char *url)
{
  static const char request[] = "{\"event\": \"INIT_SIGNALS_HANDLING\"}";
  void *asking = zmq_socket (self->context, ZMQ_REQ);
  g_autoptr (GVariant) answer = NULL;
  gint64 port = 0;

  g_assert_cmpint (zmq_connect (asking, url), ==, 0);
  g_assert_cmpint (zmq_send (asking, request, strlen (request), 0), >, 0);
  answer = receive (asking, 0);
  zmq_close (asking);
  g_assert_true (g_variant_lookup (answer, "signal_port", "x", &port));
  return g_strdup_printf ("tcp://127.0.0.1:%" G_GINT64_FORMAT, port);
}

/* Reads the messages that have arrived. */
static void
take (Party *party)
{
  g_autoptr (GVariant) message = NULL;

  while ((message = receive (party->socket, ZMQ_DONTWAIT)) != NULL)
    {
      g_autoptr (GVariant) args = g_variant_lookup_value (message, "args", NULL);
      g_autoptr (GVariant) number = NULL;

      g_clear_pointer (&message, g_variant_unref);
      g_variant_get_child (args, 1, "v", &number);
      g_assert_cmpint (g_variant_get_int64 (number), >, party->last);
      party->last = g_variant_get_int64 (number);
      party->n_captured += party->last > 0;
    }
}

static gboolean
has_heard (Party  *party,
           gint64  number)
{
  take (party);
  return party->last >= number;
}

static void
subscribe (Flood      *self,
           Party      *party,
           const char *url)
{
  g_autofree char *publisher = find_publisher (self, url);
  int no_limit = 0;

  party->last = G_MININT64;
  party->socket = zmq_socket (self->context, ZMQ_SUB);
  zmq_setsockopt (party->socket, ZMQ_RCVHWM, &no_limit, sizeof no_limit);
  zmq_setsockopt (party->socket, ZMQ_SUBSCRIBE, "", 0);
  g_assert_cmpint (zmq_connect (party->socket, publisher), ==, 0);
}

/* A signal may be lost until the subscription has arrived, or the line is fast again. */
static void
await (Flood  *self,
       Party  *party,
       gint64 *number)
{
  gint64 end = g_get_monotonic_time () + STRESS_DEADLINE_S * G_USEC_PER_SEC;
  gint64 first = *number;

  while (!has_heard (party, first))
    {
      stress_server_begin_number (self->server, (*number)++);
      stress_server_settle (self->server);
      stress_iterate (end, party->name, __FILE__, __LINE__);
    }
}

static void
test_generation_2 (void)
{
  Flood self;
  Party *parties[] = { &self.fast, &self.slow, &self.frozen };
  gint64 number = -1000000;

  set_up (&self);
  self.context = zmq_ctx_new ();
  subscribe (&self, &self.fast, stress_server_get_url (self.server));
  subscribe (&self, &self.slow, stress_proxy_get_url (self.slow.proxy));
  subscribe (&self, &self.frozen, stress_proxy_get_url (self.frozen.proxy));
  for (guint i = 0; i < G_N_ELEMENTS (parties); i++)
    await (&self, parties[i], &number);
  begin (&self);
  for (guint n = 0; n < N_SIGNALS; n += BATCH)
    {
      emit_batch (&self, n + 1);
      STRESS_WAIT (has_heard (&self.fast, n + BATCH));
      take (&self.slow);
      if (n % (10 * BATCH) == 0)
        look_at_server (&self);
    }
  g_assert_cmpuint (self.fast.n_captured, ==, N_SIGNALS);
  mend (&self);
  number = N_SIGNALS + 1;
  for (guint i = 0; i < G_N_ELEMENTS (parties); i++)
    {
      await (&self, parties[i], &number);
      g_test_message ("%s: %u signals", parties[i]->name, parties[i]->n_captured);
    }
  STRESS_WAIT (is_light (&self));
  for (guint i = 0; i < G_N_ELEMENTS (parties); i++)
    zmq_close (parties[i]->socket);
  zmq_ctx_term (self.context);
  tear_down (&self);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flood/native", test_native);
  g_test_add_func ("/flood/generation-2", test_generation_2);
  return g_test_run ();
}
