/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-socket-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-wait.h"

/* One socket with a source in a main context of its own, and a raw peer in another zmq context. */
typedef struct {
  GMainContext *context;
  PlantRpcSocket *socket;
  GSource *source;
  void *peer_context;
  void *peer;
  guint n_dispatched;
  guint n_empty;    /* dispatches that found nothing */
  guint n_messages;
  guint batch; /* messages to take in one dispatch */
} Fixture;

static gboolean
take_messages (gpointer user_data)
{
  Fixture *self = user_data;
  guint n = 0;

  while (n < self->batch)
    {
      g_auto (PlantRpcFrames) frames = { 0 };

      if (!plant_rpc_socket_receive (self->socket, &frames))
        break;
      n++;
    }
  self->n_dispatched++;
  self->n_messages += n;
  self->n_empty += n == 0;
  return G_SOURCE_CONTINUE;
}

static void
fixture_start (Fixture *self,
               int      queue)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  int zero = 0;

  self->batch = PLANT_RPC_SOURCE_BATCH;
  self->context = g_main_context_new ();
  self->socket = plant_rpc_socket_new (ZMQ_PAIR, &error);
  plant_rpc_socket_set_int (self->socket, ZMQ_SNDHWM, queue);
  plant_rpc_socket_set_int (self->socket, ZMQ_RCVHWM, 0);
  plant_rpc_socket_bind (self->socket, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  endpoint = test_dup_endpoint (self->socket);
  self->peer_context = zmq_ctx_new ();
  self->peer = zmq_socket (self->peer_context, ZMQ_PAIR);
  zmq_setsockopt (self->peer, ZMQ_LINGER, &zero, sizeof zero);
  zmq_setsockopt (self->peer, ZMQ_RCVHWM, &queue, sizeof queue);
  zmq_setsockopt (self->peer, ZMQ_SNDHWM, &zero, sizeof zero);
  g_assert_cmpint (zmq_connect (self->peer, endpoint), ==, 0);
  self->source = plant_rpc_source_attach (plant_rpc_socket_get_handle (self->socket),
                                          plant_rpc_socket_get_quiet (self->socket), self->context,
                                          take_messages, self, "test");
}

static void
fixture_clear (Fixture *self)
{
  plant_rpc_source_clear (&self->source);
  plant_rpc_socket_free (self->socket);
  zmq_close (self->peer);
  zmq_ctx_term (self->peer_context);
  g_main_context_unref (self->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static gboolean
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

static GSource *
start_deadline (GMainContext *context,
                gboolean     *late)
{
  GSource *deadline = g_timeout_source_new_seconds (TEST_WAIT_S);

  *late = FALSE;
  g_source_set_callback (deadline, set_flag, late, NULL);
  g_source_attach (deadline, context);
  return deadline;
}

/* Sleeps in the poll as an application does: nothing but the sources wakes it. */
#define run_until(self, expression)                                              \
  G_STMT_START                                                                   \
    {                                                                            \
      gboolean test_late;                                                        \
      GSource *test_deadline = start_deadline ((self)->context, &test_late);     \
                                                                                 \
      while (!(expression) && !test_late)                                        \
        g_main_context_iteration ((self)->context, TRUE);                        \
      if (test_late)                                                             \
        g_error ("%s:%d: no wake-up: %s", __FILE__, __LINE__, #expression);      \
      plant_rpc_source_clear (&test_deadline);                                   \
    }                                                                            \
  G_STMT_END

static void
peer_send (Fixture *self,
           guint    n)
{
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (zmq_send (self->peer, "message", 7, 0), ==, 7);
}

static PlantRpcSendResult
send_bytes (Fixture *self,
            gsize    size)
{
  static guint8 image[100000];
  g_autoptr (GBytes) payload = g_bytes_new_static (image, size);
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  g_assert_true (plant_rpc_envelope_append (&envelope, "x", 1));
  return plant_rpc_socket_send (self->socket, &envelope, payload, NULL);
}

static gboolean
is_stirred (Fixture *self)
{
  GPollFD poll = { .events = G_IO_IN };
  int fd = -1;
  gsize size = sizeof fd;

  zmq_getsockopt (plant_rpc_socket_get_handle (self->socket), ZMQ_FD, &fd, &size);
  poll.fd = fd;
  return g_poll (&poll, 1, 0) == 1;
}

/* Another send takes note of the message that has arrived, and the descriptor is quiet from then
 * on: who sleeps on it alone sleeps for ever. */
static void
test_wake_up (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_start (&fixture, 0);
  peer_send (&fixture, 1);
  run_until (&fixture, fixture.n_messages == 1);
  for (guint i = 0; i < 20; i++)
    {
      char byte[8];

      peer_send (&fixture, 1);
      test_wait_for (is_stirred (&fixture));
      do
        {
          g_assert_cmpint (send_bytes (&fixture, 1), ==, PLANT_RPC_SEND_DONE);
          for (guint frame = 0; frame < 2; frame++)
            g_assert_cmpint (zmq_recv (fixture.peer, byte, sizeof byte, 0), ==, 1);
        }
      while (is_stirred (&fixture));
      run_until (&fixture, fixture.n_messages == i + 2);
    }
}

typedef struct {
  void *socket;
  guint n;
} Flood;

/* Answers each message with one. */
static gpointer
echo (gpointer data)
{
  Flood *flood = data;

  for (guint i = 0; i < flood->n; i++)
    {
      char bytes[8];

      for (guint frame = 0; frame < 2; frame++)
        g_assert_cmpint (zmq_recv (flood->socket, bytes, sizeof bytes, 0), ==, 1);
      g_assert_cmpint (zmq_send (flood->socket, "message", 7, 0), ==, 7);
    }
  return NULL;
}

/* Answers arrive while the next questions are sent, whenever they like. */
static void
test_stress (void)
{
  g_auto (Fixture) fixture = { 0 };
  Flood flood = { .n = 20000 };
  guint n_sent = 0;
  GThread *thread;

  fixture_start (&fixture, 0);
  flood.socket = fixture.peer;
  thread = g_thread_new ("echo", echo, &flood);
  while (fixture.n_messages < flood.n)
    {
      guint n_wanted = MIN (n_sent + 1 + n_sent % 7, flood.n);

      while (n_sent < n_wanted && send_bytes (&fixture, 1) == PLANT_RPC_SEND_DONE)
        n_sent++;
      run_until (&fixture, fixture.n_messages == n_sent);
    }
  g_thread_join (thread);
  g_assert_cmpuint (fixture.n_messages, ==, flood.n);
}

/* ---- writing */

static guint
fill (Fixture *self)
{
  guint n = 0;

  while (send_bytes (self, 100000) == PLANT_RPC_SEND_DONE)
    g_assert_cmpuint (++n, <, 10000);
  return n;
}

static void
drain (Fixture *self,
       guint    n)
{
  static guint8 image[100000];

  for (guint i = 0; i < n * 2; i++)
    test_wait_for (zmq_recv (self->peer, image, sizeof image, ZMQ_DONTWAIT) >= 0);
}

static void
test_wants_write (void)
{
  g_auto (Fixture) fixture = { 0 };
  guint n;

  fixture_start (&fixture, 2);
  peer_send (&fixture, 1);
  run_until (&fixture, fixture.n_messages == 1);
  n = fill (&fixture);
  g_assert_cmpuint (n, >, 0);

  plant_rpc_source_set_wants_write (fixture.source, TRUE);
  drain (&fixture, n);
  run_until (&fixture, fixture.n_empty > 0 && send_bytes (&fixture, 1) == PLANT_RPC_SEND_DONE);
}

typedef struct {
  Fixture *fixture;
  guint n;
  gboolean done;
} Drain;

static gpointer
drain_in_thread (gpointer data)
{
  Drain *self = data;

  drain (self->fixture, self->n);
  g_main_context_invoke (self->fixture->context, set_flag, &self->done);
  return NULL;
}

/* While the loop sleeps the queue drains, and nobody asked to be told. */
static void
test_wants_no_write (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_start (&fixture, 2);
  peer_send (&fixture, 1);
  run_until (&fixture, fixture.n_messages == 1);
  plant_rpc_source_set_wants_write (fixture.source, TRUE);
  plant_rpc_source_set_wants_write (fixture.source, FALSE);
  for (guint i = 0; i < 10; i++)
    {
      Drain draining = { &fixture, fill (&fixture), FALSE };
      GThread *thread = g_thread_new ("drain", drain_in_thread, &draining);

      run_until (&fixture, draining.done);
      g_thread_join (thread);
    }
  g_assert_cmpuint (fixture.n_empty, ==, 0);
}

/* ---- among others */

static void
test_several (void)
{
  Fixture fixtures[4] = { 0 };
  GMainContext *shared = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      fixture_start (&fixtures[i], 0);
      if (shared == NULL)
        shared = fixtures[i].context;
      plant_rpc_source_clear (&fixtures[i].source);
      fixtures[i].source =
        plant_rpc_source_attach (plant_rpc_socket_get_handle (fixtures[i].socket), NULL, shared,
                                 take_messages, &fixtures[i], "test");
    }
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    peer_send (&fixtures[i], 100 * (i + 1));
  run_until (&fixtures[0], fixtures[0].n_messages == 100 && fixtures[1].n_messages == 200 &&
                             fixtures[2].n_messages == 300 && fixtures[3].n_messages == 400);
  for (guint i = G_N_ELEMENTS (fixtures); i > 0; i--)
    fixture_clear (&fixtures[i - 1]);
}

static gboolean
count (gpointer n)
{
  ++*(guint *) n;
  return G_SOURCE_CONTINUE;
}

/* What was left in the socket is taken up again, after others have had a turn. */
static void
test_bounded (void)
{
  g_auto (Fixture) fixture = { 0 };
  GSource *other = g_idle_source_new ();
  guint n_turns = 0;

  fixture_start (&fixture, 0);
  fixture.batch = 10;
  peer_send (&fixture, 1000);
  g_source_set_priority (other, G_PRIORITY_DEFAULT);
  g_source_set_callback (other, count, &n_turns, NULL);
  g_source_attach (other, fixture.context);
  run_until (&fixture, fixture.n_messages == 1000);
  g_assert_cmpuint (fixture.n_dispatched, >=, 100);
  g_assert_cmpuint (n_turns, >=, 99);
  plant_rpc_source_clear (&other);
}

/* ---- life */

static gboolean
take_and_leave (gpointer user_data)
{
  take_messages (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_removed (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_start (&fixture, 0);
  g_source_set_callback (fixture.source, take_and_leave, &fixture, NULL);
  peer_send (&fixture, 1);
  run_until (&fixture, fixture.n_messages == 1);
  g_assert_true (g_source_is_destroyed (fixture.source));
}

static void
test_clear (void)
{
  g_auto (Fixture) fixture = { 0 };
  GSource *source;

  fixture_start (&fixture, 0);
  source = g_source_ref (fixture.source);
  g_assert_cmpstr (g_source_get_name (source), ==, "test");
  peer_send (&fixture, 1);
  test_wait_for (g_main_context_pending (fixture.context));
  plant_rpc_source_clear (&fixture.source);
  g_assert_null (fixture.source);
  g_assert_true (g_source_is_destroyed (source));
  plant_rpc_source_clear (&fixture.source);
  g_source_unref (source);
  while (g_main_context_iteration (fixture.context, FALSE))
    g_assert_not_reached ();
  g_assert_cmpuint (fixture.n_dispatched, ==, 0);
}

/* A callback that runs a loop gets the messages that come meanwhile. */
static gboolean
take_within (gpointer user_data)
{
  Fixture *self = user_data;
  guint n_before = self->n_messages;

  take_messages (self);
  if (n_before > 0)
    return G_SOURCE_CONTINUE;
  peer_send (self, 1);
  run_until (self, self->n_messages == 2);
  return G_SOURCE_CONTINUE;
}

static void
test_recursion (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_start (&fixture, 0);
  g_source_set_callback (fixture.source, take_within, &fixture, NULL);
  peer_send (&fixture, 1);
  run_until (&fixture, fixture.n_messages == 2);
}

/* ---- alarms */

typedef struct {
  GMainContext *context;
  GSource *alarm;
  guint n_rung;
} Bell;

static gboolean
ring (gpointer user_data)
{
  Bell *self = user_data;

  self->n_rung++;
  g_source_set_ready_time (self->alarm, -1);
  if (self->n_rung == 1)
    {
      g_source_set_ready_time (self->alarm, 0);
      run_until (self, self->n_rung == 2);
    }
  return G_SOURCE_CONTINUE;
}

static void
test_alarm (void)
{
  Bell bell = { .context = g_main_context_new () };

  bell.alarm = plant_rpc_source_new_alarm (bell.context, ring, &bell, "alarm");
  g_assert_cmpstr (g_source_get_name (bell.alarm), ==, "alarm");
  g_assert_false (g_main_context_pending (bell.context));
  g_source_set_ready_time (bell.alarm, g_get_monotonic_time () + 10000);
  run_until (&bell, bell.n_rung == 2);
  g_assert_false (g_main_context_pending (bell.context));
  g_source_set_ready_time (bell.alarm, 0);
  plant_rpc_source_clear (&bell.alarm);
  g_assert_false (g_main_context_pending (bell.context));
  g_assert_cmpuint (bell.n_rung, ==, 2);
  g_main_context_unref (bell.context);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source/wake-up", test_wake_up);
  g_test_add_func ("/source/stress", test_stress);
  g_test_add_func ("/source/wants-write", test_wants_write);
  g_test_add_func ("/source/wants-no-write", test_wants_no_write);
  g_test_add_func ("/source/several", test_several);
  g_test_add_func ("/source/bounded", test_bounded);
  g_test_add_func ("/source/removed", test_removed);
  g_test_add_func ("/source/clear", test_clear);
  g_test_add_func ("/source/recursion", test_recursion);
  g_test_add_func ("/source/alarm", test_alarm);
  return g_test_run ();
}
