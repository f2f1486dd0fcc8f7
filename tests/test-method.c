/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* ---- a server with one method, and a peer */

typedef struct {
  TestGauge          *gauge;
  PlantRpcServer     *server;
  TestPeer           *peer;
  GThread            *thread;    /* that the handler ran on */
  GMutex              lock;
  GCond               cond;
  gboolean            entered;   /* (mutex lock) */
  gboolean            go_on;     /* (mutex lock) */
  gboolean            cancelled; /* (atomic) */
  int                 n_entered; /* (atomic) */
  int                 n_ended;   /* (atomic) */
  int                 n_released;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->gauge = test_gauge_new ();
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->cond);
  plant_rpc_server_start (fixture->server, &error);
  g_assert_no_error (error);
  fixture->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  test_peer_free (fixture->peer);
  g_assert_finalize_object (fixture->server);
  g_assert_finalize_object (fixture->gauge);
  g_mutex_clear (&fixture->lock);
  g_cond_clear (&fixture->cond);
}

static void
offer (Fixture               *fixture,
       PlantRpcMethodHandler  handler)
{
  plant_rpc_server_register_method_json (fixture->server, "run", "", 0,
                                         PLANT_RPC_METHOD_FLAGS_BLOCKING, handler, fixture, NULL);
}

static void
send_call (TestPeer *peer,
           guint64   id)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("run") };

  test_peer_send_native (peer, id, &request);
}

static void
take_reply (Fixture       *fixture,
            guint64        id,
            PlantRpcReply *reply)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);

  test_peer_take_reply (frames, id, PLANT_RPC_EVENT_METHOD_CALL, reply);
}

static void
block (PlantRpcInvocation  *invocation,
       gpointer             user_data,
       GError             **error)
{
  Fixture *fixture = user_data;

  g_mutex_lock (&fixture->lock);
  fixture->thread = g_thread_self ();
  fixture->entered = TRUE;
  g_atomic_int_inc (&fixture->n_entered);
  while (!fixture->go_on)
    g_cond_wait (&fixture->cond, &fixture->lock);
  g_mutex_unlock (&fixture->lock);
  plant_rpc_invocation_return_value (invocation, g_variant_new_string ("done"));
  g_atomic_int_inc (&fixture->n_ended);
}

static void
answer_at_once (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
  plant_rpc_invocation_return_value (invocation, NULL);
}

static gboolean
has_entered (Fixture *fixture)
{
  gboolean entered;

  g_mutex_lock (&fixture->lock);
  entered = fixture->entered;
  g_mutex_unlock (&fixture->lock);
  return entered;
}

static void
let_go_on (Fixture *fixture)
{
  g_mutex_lock (&fixture->lock);
  fixture->go_on = TRUE;
  g_cond_broadcast (&fixture->cond);
  g_mutex_unlock (&fixture->lock);
}

static void
test_blocking (Fixture       *fixture,
               gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block);
  send_call (fixture->peer, 9);
  test_wait_until (has_entered (fixture));
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  let_go_on (fixture);
  take_reply (fixture, 9, &reply);
  g_assert_cmpstr (g_variant_get_string (reply.value, NULL), ==, "done");
  g_assert_true (fixture->thread != g_thread_self ());
}

static void
block_until_cancelled (PlantRpcInvocation  *invocation,
                       gpointer             user_data,
                       GError             **error)
{
  Fixture *fixture = user_data;
  GCancellable *cancellable = plant_rpc_invocation_get_cancellable (invocation);
  GPollFD fd;

  g_mutex_lock (&fixture->lock);
  fixture->entered = TRUE;
  g_mutex_unlock (&fixture->lock);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_poll (&fd, 1, TEST_DEADLINE_S * 1000);
  g_cancellable_release_fd (cancellable);
  g_atomic_int_set (&fixture->cancelled, g_cancellable_is_cancelled (cancellable));
  g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  PlantRpcRequest other = { .event = PLANT_RPC_EVENT_CANCEL, .number = 32 };
  PlantRpcRequest cancel = { .event = PLANT_RPC_EVENT_CANCEL, .number = 31 };
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block_until_cancelled);
  send_call (fixture->peer, 31);
  test_wait_until (has_entered (fixture));
  test_peer_send_native (fixture->peer, 0, &other);
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  g_assert_false (g_atomic_int_get (&fixture->cancelled));
  test_peer_send_native (fixture->peer, 0, &cancel);
  take_reply (fixture, 31, &reply);
  g_assert_nonnull (reply.error);
  g_assert_true (g_atomic_int_get (&fixture->cancelled));
}

/* Each peer numbers its own requests, so the same number of another peer is another call. */
static void
test_cancel_other (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) other =
      test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  PlantRpcRequest cancel = { .event = PLANT_RPC_EVENT_CANCEL, .number = 31 };
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block_until_cancelled);
  send_call (fixture->peer, 31);
  test_wait_until (has_entered (fixture));
  test_peer_send_native (other, 0, &cancel);
  test_peer_assert_reply (other, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  g_assert_false (g_atomic_int_get (&fixture->cancelled));
  cancel = (PlantRpcRequest) { .event = PLANT_RPC_EVENT_CANCEL, .number = 31 };
  test_peer_send_native (fixture->peer, 0, &cancel);
  take_reply (fixture, 31, &reply);
  g_assert_true (g_atomic_int_get (&fixture->cancelled));
}

/* A subscriber that vanishes is found by sending it something. */
static void
test_cancel_left (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) peer =
      test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  PlantRpcRequest subscribe = { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = 100000 };
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block_until_cancelled);
  test_peer_ask_native (peer, &subscribe, &reply);
  send_call (peer, 8);
  test_wait_until (has_entered (fixture));
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (g_atomic_int_get (&fixture->cancelled));
}

/* It makes no difference whether the peer has subscribed, or which wire it uses. */
static void
test_cancel_left_json (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (TestPeer) peer =
      test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));

  offer (fixture, block_until_cancelled);
  test_peer_send_text (peer, "",
                       "{\"event\": \"METHOD_CALL\", \"method\": \"run\","
                       " \"params\": {\"args\": [], \"kwargs\": {}}}", NULL);
  test_wait_until (has_entered (fixture));
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (g_atomic_int_get (&fixture->cancelled));
}

/* The worker may still be in its handler when the server is long gone. */
static void
test_cancel_stopped (Fixture       *fixture,
                     gconstpointer  data)
{
  offer (fixture, block_until_cancelled);
  send_call (fixture->peer, 8);
  test_wait_until (has_entered (fixture));
  plant_rpc_server_stop (fixture->server);
  test_wait_until (g_atomic_int_get (&fixture->cancelled));
}

static void
emit_and_answer (PlantRpcInvocation  *invocation,
                 gpointer             user_data,
                 GError             **error)
{
  Fixture *fixture = user_data;

  for (int i = 1; i <= 10; i++)
    {
      test_gauge_measure (fixture->gauge, i, "V");
      test_gauge_set_level (fixture->gauge, i * 5);
    }
  plant_rpc_invocation_return_value (invocation, g_variant_new_string ("done"));
}

/* What a handler emits on its worker comes before its answer, in order. */
static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  PlantRpcRequest subscribe = { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = 100000 };
  g_auto (PlantRpcReply) values = { 0 }, reply = { 0 };
  int n_measured = 0, last_level = 0;

  offer (fixture, emit_and_answer);
  test_peer_ask_native (fixture->peer, &subscribe, &values);
  send_call (fixture->peer, 12);
  while (reply.value == NULL)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);
      g_auto (PlantRpcEmission) emission = { 0 };
      guint64 sequence;

      if (!test_peer_take_push (frames, &sequence, &emission))
        {
          test_peer_take_reply (frames, 12, PLANT_RPC_EVENT_METHOD_CALL, &reply);
        }
      else if (emission.type == PLANT_RPC_EMISSION_SIGNAL)
        {
          g_autoptr (GVariant) arg = NULL;

          g_variant_get_child (emission.value, 0, "v", &arg);
          g_assert_cmpfloat (g_variant_get_double (arg), ==, ++n_measured);
        }
      else
        {
          /* The value is the latest: it can be ahead, never behind. */
          g_assert_cmpint (g_variant_get_int32 (emission.value), >=, last_level);
          last_level = g_variant_get_int32 (emission.value);
        }
    }
  g_assert_cmpint (n_measured, ==, 10);
  g_assert_cmpint (last_level, ==, 50);
}

/* A cancelled call that waits for a thread is answered at once and never starts, although all
 * threads of its peer stay busy. */
static void
test_cancel_waiting (Fixture       *fixture,
                     gconstpointer  data)
{
  PlantRpcRequest cancel = {
    .event = PLANT_RPC_EVENT_CANCEL,
    .number = PLANT_RPC_MAX_PEER_WORKERS + 1,
  };
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block);
  for (guint i = 1; i <= PLANT_RPC_MAX_PEER_WORKERS + 1; i++)
    send_call (fixture->peer, i);
  test_wait_until (g_atomic_int_get (&fixture->n_entered) == PLANT_RPC_MAX_PEER_WORKERS);
  test_peer_send_native (fixture->peer, 0, &cancel);
  take_reply (fixture, PLANT_RPC_MAX_PEER_WORKERS + 1, &reply);
  g_assert_nonnull (reply.error);
  let_go_on (fixture);
  for (guint i = 1; i <= PLANT_RPC_MAX_PEER_WORKERS; i++)
    g_ptr_array_unref (test_peer_receive (fixture->peer));
  test_wait_until (g_atomic_int_get (&fixture->n_ended) == PLANT_RPC_MAX_PEER_WORKERS);
}

/* The blocking calls of one peer leave threads for others. */
static void
test_share (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (TestPeer) other =
      test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  PlantRpcRequest quick = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("quick") };
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, block);
  plant_rpc_server_register_method_json (fixture->server, "quick", "", 0,
                                         PLANT_RPC_METHOD_FLAGS_BLOCKING, answer_at_once, NULL,
                                         NULL);
  for (guint i = 1; i <= PLANT_RPC_MAX_WORKERS * 2; i++)
    send_call (fixture->peer, i);
  test_wait_until (g_atomic_int_get (&fixture->n_entered) == PLANT_RPC_MAX_PEER_WORKERS);
  test_peer_ask_native (other, &quick, &reply);
  g_assert_no_error (reply.error);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_entered), ==, PLANT_RPC_MAX_PEER_WORKERS);
  let_go_on (fixture);
  for (guint i = 1; i <= PLANT_RPC_MAX_WORKERS * 2; i++)
    g_ptr_array_unref (test_peer_receive (fixture->peer));
}

static gboolean
go_on_for_ever (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
note_released (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* What a handler was given is let go of soon after it has ended, however busy the loop is. */
static void
test_released (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GSource) busy = g_idle_source_new ();
  gboolean released = FALSE;
  g_auto (PlantRpcReply) reply = { 0 };

  plant_rpc_server_register_method_json (fixture->server, "run", "", 0,
                                         PLANT_RPC_METHOD_FLAGS_BLOCKING, answer_at_once,
                                         &released, note_released);
  g_source_set_priority (busy, G_PRIORITY_DEFAULT);
  g_source_set_callback (busy, go_on_for_ever, NULL, NULL);
  g_source_attach (busy, NULL);
  send_call (fixture->peer, 3);
  take_reply (fixture, 3, &reply);
  /* Another handler replaces it: only the call that has ended may keep it. */
  offer (fixture, answer_at_once);
  test_wait_until (released);
  g_source_destroy (busy);
}

static void
count_released (gpointer data)
{
  ((Fixture *) data)->n_released++;
}

static int
run_and_count_ended (Fixture      *fixture,
                     GMainContext *context)
{
  g_main_context_iteration (context, FALSE);
  return g_atomic_int_get (&fixture->n_ended);
}

static int
run_and_count_released (Fixture      *fixture,
                        GMainContext *context)
{
  g_main_context_iteration (context, FALSE);
  return fixture->n_released;
}

/* The default context lives as long as the process, so it would hide that a source has leaked. */
static void
test_context (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (TestPeer) peer = NULL;

  g_main_context_push_thread_default (context);
  server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  plant_rpc_server_register_method_json (server, "run", "", 0, PLANT_RPC_METHOD_FLAGS_BLOCKING,
                                         block, fixture, count_released);
  g_assert_true (plant_rpc_server_start (server, NULL));
  let_go_on (fixture);
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  send_call (peer, 3);
  test_wait_until (run_and_count_ended (fixture, context) == 1);
  plant_rpc_server_register_method_json (server, "run", "", 0, 0, answer_at_once, NULL, NULL);
  test_wait_until (run_and_count_released (fixture, context) == 1);
  g_assert_finalize_object (g_steal_pointer (&server));
  g_main_context_pop_thread_default (context);
}

/* More calls than threads: each gets its turn and its answer. */
static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  offer (fixture, block);
  for (guint i = 1; i <= 100; i++)
    send_call (fixture->peer, i);
  test_wait_until (has_entered (fixture));
  let_go_on (fixture);
  for (guint i = 1; i <= 100; i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);
      guint64 id;

      memcpy (&id, g_bytes_get_data (g_ptr_array_index (frames, 0), NULL), sizeof id);
      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (GUINT64_FROM_LE (id))));
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 100);
}

#define ADD(name, function) \
  g_test_add ("/method/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("blocking", test_blocking);
  ADD ("cancel", test_cancel);
  ADD ("cancel-other", test_cancel_other);
  ADD ("cancel-left", test_cancel_left);
  ADD ("cancel-left/json", test_cancel_left_json);
  ADD ("cancel-stopped", test_cancel_stopped);
  ADD ("cancel-waiting", test_cancel_waiting);
  ADD ("order", test_order);
  ADD ("share", test_share);
  ADD ("released", test_released);
  ADD ("context", test_context);
  ADD ("many", test_many);
  return g_test_run ();
}
