/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-generation1-subscriber-private.h"
#include "plant-rpc-publisher-private.h"
#include "plant-rpc-test-peer.h"

/* ---- the clients of generation 1 that come and go: the linker replaces the functions */

PlantRpcGeneration1Subscriber *
__real_plant_rpc_generation1_subscriber_new (const char               *address,
                                             guint16                   port,
                                             GBytes                   *peer,
                                             GMainContext             *context,
                                             PlantRpcGeneration1Func   gone,
                                             gpointer                  owner,
                                             GError                  **error);
PlantRpcGeneration1Subscriber *
__wrap_plant_rpc_generation1_subscriber_new (const char               *address,
                                             guint16                   port,
                                             GBytes                   *peer,
                                             GMainContext             *context,
                                             PlantRpcGeneration1Func   gone,
                                             gpointer                  owner,
                                             GError                  **error);

static PlantRpcGeneration1Subscriber *last_made;

PlantRpcGeneration1Subscriber *
__wrap_plant_rpc_generation1_subscriber_new (const char               *address,
                                             guint16                   port,
                                             GBytes                   *peer,
                                             GMainContext             *context,
                                             PlantRpcGeneration1Func   gone,
                                             gpointer                  owner,
                                             GError                  **error)
{
  last_made = __real_plant_rpc_generation1_subscriber_new (address, port, peer, context, gone,
                                                           owner, error);
  return last_made;
}

void __real_plant_rpc_generation1_subscriber_free (PlantRpcGeneration1Subscriber *self);
void __wrap_plant_rpc_generation1_subscriber_free (PlantRpcGeneration1Subscriber *self);

static guint n_dropped;
static PlantRpcGeneration1Subscriber *last_dropped; /* not to be used */

void
__wrap_plant_rpc_generation1_subscriber_free (PlantRpcGeneration1Subscriber *self)
{
  n_dropped++;
  last_dropped = self;
  __real_plant_rpc_generation1_subscriber_free (self);
}

/* ---- clients that are only numbers */

typedef struct {
  PlantRpcEndpoint  *endpoint;
  PlantRpcRouter    *router;
  PlantRpcPublisher *publisher;
  gboolean           heard;
} Stage;

typedef gboolean (*SubscribeFunc) (Stage   *stage,
                                   guint    number,
                                   GError **error);

static void
note_heard (gpointer owner,
            gboolean heard)
{
  ((Stage *) owner)->heard = heard;
}

static const PlantRpcPublisherFuncs publisher_funcs = { .heard = note_heard };

static void
stage_open (Stage *self)
{
  static const PlantRpcRouterFuncs funcs = { 0 };
  g_autoptr (GError) error = NULL;

  self->heard = FALSE;
  self->endpoint = plant_rpc_endpoint_parse ("tcp://127.0.0.1:*", &error);
  self->router = plant_rpc_router_new (self->endpoint, NULL, g_main_context_default (), G_MAXSIZE,
                                       &funcs, NULL, &error);
  g_assert_no_error (error);
  self->publisher = plant_rpc_publisher_new (self->router, self->endpoint,
                                             g_main_context_default (), &publisher_funcs, self);
}

static void
stage_close (Stage *self)
{
  plant_rpc_publisher_free (self->publisher);
  plant_rpc_router_free (self->router);
  plant_rpc_endpoint_free (self->endpoint);
}

static void
fill_envelope (PlantRpcEnvelope *envelope,
               guint             number)
{
  plant_rpc_envelope_init (envelope);
  plant_rpc_envelope_append (envelope, &number, sizeof number);
  envelope->connection = number;
}

static gboolean
subscribe_native (Stage   *stage,
                  guint    number,
                  GError **error)
{
  PlantRpcEnvelope envelope;

  fill_envelope (&envelope, number);
  return plant_rpc_publisher_subscribe_native (stage->publisher, &envelope, 1, FALSE, error);
}

static gboolean
subscribe_generation1 (Stage   *stage,
                       guint    number,
                       GError **error)
{
  PlantRpcEnvelope envelope;

  fill_envelope (&envelope, number);
  return plant_rpc_publisher_subscribe_generation1 (stage->publisher, &envelope, "127.0.0.1",
                                                    number, error);
}

static void
assert_limit (SubscribeFunc subscribe_one,
              guint         limit)
{
  g_autoptr (GError) error = NULL;
  Stage stage;

  stage_open (&stage);
  for (guint i = 1; i <= limit; i++)
    g_assert_true (subscribe_one (&stage, i, NULL));
  g_assert_true (stage.heard);
  g_assert_false (subscribe_one (&stage, limit + 1, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  /* A client that has subscribed already may subscribe again. */
  g_assert_true (subscribe_one (&stage, 1, NULL));
  stage_close (&stage);
}

/* The owner learns when the last client has left. */
static void
test_heard (void)
{
  Stage stage;

  stage_open (&stage);
  g_assert_true (subscribe_native (&stage, 1, NULL));
  g_assert_true (subscribe_native (&stage, 2, NULL));
  plant_rpc_publisher_remove_connection (stage.publisher, 1);
  g_assert_true (stage.heard);
  plant_rpc_publisher_remove_connection (stage.publisher, 2);
  g_assert_false (stage.heard);
  stage_close (&stage);
}

static void
test_limits (void)
{
  assert_limit (subscribe_native, PLANT_RPC_MAX_NATIVE_SUBSCRIBERS);
  assert_limit (subscribe_generation1, PLANT_RPC_MAX_GENERATION1_SUBSCRIBERS);
}

/* Emits a signal with a text of that many bytes. */
static void
emit (Stage *stage,
      gsize  size)
{
  g_autofree char *text = g_strnfill (size, 'x');
  GVariant *arg = g_variant_new_variant (g_variant_new_string (text));
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_array (NULL, &arg, 1));
  const PlantRpcEmission emission = {
    .type = PLANT_RPC_EMISSION_SIGNAL,
    .name = (char *) "measured",
    .value = args,
  };

  plant_rpc_publisher_emit (stage->publisher, &emission);
}

/* If all clients together leave too much unacknowledged, clients are dropped until the limit
 * holds. */
static void
test_generation1_total (void)
{
  Stage stage;

  stage_open (&stage);
  for (guint i = 1; i <= 4; i++)
    g_assert_true (subscribe_generation1 (&stage, i, NULL));
  n_dropped = 0;
  emit (&stage, PLANT_RPC_MAX_ALL_UNACKNOWLEDGED / 2);
  g_assert_cmpuint (n_dropped, ==, 3);
  g_assert_true (stage.heard);
  stage_close (&stage);
}

/* The one with the most unacknowledged bytes gives way, also if it came later. */
static void
test_generation1_most (void)
{
  g_autoptr (TestPeer) good = test_peer_new (ZMQ_REP, NULL), silent = test_peer_new (ZMQ_REP, NULL);
  const gsize large = PLANT_RPC_MAX_ALL_UNACKNOWLEDGED / 2 - 1024 * 1024;
  PlantRpcGeneration1Subscriber *first, *second;
  g_autoptr (GPtrArray) frames = NULL;
  Stage stage;

  stage_open (&stage);
  g_assert_true (subscribe_generation1 (&stage, test_peer_bind (good), NULL));
  first = last_made;
  g_assert_true (subscribe_generation1 (&stage, test_peer_bind (silent), NULL));
  second = last_made;
  n_dropped = 0;
  emit (&stage, large);
  frames = test_peer_receive (good);
  test_peer_send_text (good, "", NULL);
  test_wait_until (plant_rpc_generation1_subscriber_get_unacknowledged (first) == 0);
  emit (&stage, PLANT_RPC_MAX_UNACKNOWLEDGED / 2);
  g_assert_cmpuint (n_dropped, ==, 0);
  g_assert_true (subscribe_generation1 (&stage, 1, NULL));
  emit (&stage, PLANT_RPC_MAX_UNACKNOWLEDGED / 2 - 512 * 1024);
  g_assert_cmpuint (n_dropped, ==, 1);
  g_assert_true (last_dropped == second);
  stage_close (&stage);
}

/* The owner learns, too, when the last one has been dropped for what it does not acknowledge. */
static void
test_generation1_dropped (void)
{
  Stage stage;

  stage_open (&stage);
  g_assert_true (subscribe_generation1 (&stage, 1, NULL));
  emit (&stage, PLANT_RPC_MAX_UNACKNOWLEDGED + 1);
  g_assert_true (stage.heard);
  n_dropped = 0;
  emit (&stage, PLANT_RPC_MAX_UNACKNOWLEDGED + 1);
  g_assert_cmpuint (n_dropped, ==, 1);
  g_assert_false (stage.heard);
  stage_close (&stage);
}

/* The owner learns when the last one has gone by itself. */
static void
test_generation1_gone (void)
{
  g_autoptr (TestPeer) stays = test_peer_new (ZMQ_REP, NULL);
  Stage stage;

  stage_open (&stage);
  n_dropped = 0;
  g_assert_true (subscribe_generation1 (&stage, test_peer_bind (stays), NULL));
  /* Nobody listens at this port. */
  g_assert_true (subscribe_generation1 (&stage, 1, NULL));
  test_wait_until (n_dropped == 1);
  g_assert_true (stage.heard);
  g_clear_pointer (&stays, test_peer_free);
  test_wait_until (n_dropped == 2);
  g_assert_false (stage.heard);
  stage_close (&stage);
}

/* Who could not subscribe hears nothing, and takes nobody's place but its own. */
static void
test_generation1_failed (void)
{
  g_autoptr (GError) error = NULL;
  PlantRpcEnvelope envelope;
  Stage stage;

  stage_open (&stage);
  fill_envelope (&envelope, 1);
  g_assert_false (plant_rpc_publisher_subscribe_generation1 (stage.publisher, &envelope, "0.0.0.0",
                                                             1, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
  g_assert_false (stage.heard);
  g_assert_true (subscribe_generation1 (&stage, 1, NULL));
  g_assert_true (subscribe_generation1 (&stage, 2, NULL));
  n_dropped = 0;
  g_assert_false (plant_rpc_publisher_subscribe_generation1 (stage.publisher, &envelope, "0.0.0.0",
                                                             1, NULL));
  g_assert_cmpuint (n_dropped, ==, 1);
  g_assert_true (stage.heard);
  fill_envelope (&envelope, 2);
  g_assert_false (plant_rpc_publisher_subscribe_generation1 (stage.publisher, &envelope, "0.0.0.0",
                                                             1, NULL));
  g_assert_false (stage.heard);
  stage_close (&stage);
}

/* What waits for the subscribers of one connection gives way, and nothing else. */
static void
test_give_way (void)
{
  PlantRpcEnvelope envelope;
  Stage stage;

  stage_open (&stage);
  g_assert_true (subscribe_native (&stage, 1, NULL));
  g_assert_true (subscribe_native (&stage, 2, NULL));
  /* Another peer that came by the same connection. */
  fill_envelope (&envelope, 3);
  envelope.connection = 1;
  g_assert_true (plant_rpc_publisher_subscribe_native (stage.publisher, &envelope, 1, FALSE, NULL));
  emit (&stage, 10000);
  g_assert_cmpuint (plant_rpc_publisher_give_way (stage.publisher, 4), ==, 0);
  g_assert_cmpuint (plant_rpc_publisher_give_way (stage.publisher, 1), >=, 2 * 10000);
  g_assert_cmpuint (plant_rpc_publisher_give_way (stage.publisher, 1), ==, 0);
  g_assert_cmpuint (plant_rpc_publisher_give_way (stage.publisher, 2), >=, 10000);
  plant_rpc_publisher_remove_connection (stage.publisher, 1);
  g_assert_true (stage.heard);
  plant_rpc_publisher_remove_connection (stage.publisher, 2);
  g_assert_false (stage.heard);
  stage_close (&stage);
}

/* Nobody tells who hears what is published, so it counts from the first question on. The port stays
 * the same. */
static void
test_generation2 (void)
{
  Stage stage;
  guint16 port;

  stage_open (&stage);
  port = plant_rpc_publisher_subscribe_generation2 (stage.publisher, NULL);
  g_assert_cmpuint (port, !=, 0);
  g_assert_true (stage.heard);
  g_assert_cmpuint (plant_rpc_publisher_subscribe_generation2 (stage.publisher, NULL), ==, port);
  emit (&stage, 1);
  plant_rpc_publisher_remove_connection (stage.publisher, 1);
  g_assert_true (stage.heard);
  stage_close (&stage);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/subscriptions/heard", test_heard);
  g_test_add_func ("/subscriptions/limits", test_limits);
  g_test_add_func ("/subscriptions/generation-1/total", test_generation1_total);
  g_test_add_func ("/subscriptions/generation-1/most", test_generation1_most);
  g_test_add_func ("/subscriptions/generation-1/dropped", test_generation1_dropped);
  g_test_add_func ("/subscriptions/generation-1/gone", test_generation1_gone);
  g_test_add_func ("/subscriptions/generation-1/failed", test_generation1_failed);
  g_test_add_func ("/subscriptions/generation-2", test_generation2);
  g_test_add_func ("/subscriptions/give-way", test_give_way);
  return g_test_run ();
}
