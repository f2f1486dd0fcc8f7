/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-heartbeat-private.h"
#include "plant-rpc-test-device.h"

/* A heartbeat over a link to a scripted device, on a timer that the test rings. */
typedef struct {
  TestDevice        *device;    /* (owned) */
  PlantRpcTimer     *timer;     /* (owned): of the heartbeat */
  PlantRpcTimer     *link_timer; /* (owned) */
  PlantRpcLink      *link;      /* (owned) */
  PlantRpcHeartbeat *heartbeat; /* (owned) */
  guint              n_silent;
  guint              n_dead;
} Fixture;

/* A port that takes connections and nothing else, as the kernel does for a process that stands
 * still. If it is set, the heartbeat finds the server there. */
static char *mute_url; /* (owned) (nullable) */

const char *__real_plant_rpc_link_get_numeric_url (PlantRpcLink *self);
const char *__wrap_plant_rpc_link_get_numeric_url (PlantRpcLink *self);

const char *
__wrap_plant_rpc_link_get_numeric_url (PlantRpcLink *self)
{
  return mute_url != NULL ? mute_url : __real_plant_rpc_link_get_numeric_url (self);
}

/* How many further connections have been taken. */
static guint n_taken;

gboolean __real_plant_rpc_socket_next_event (PlantRpcSocket      *self,
                                             PlantRpcSocketEvent *event);
gboolean __wrap_plant_rpc_socket_next_event (PlantRpcSocket      *self,
                                             PlantRpcSocketEvent *event);

gboolean
__wrap_plant_rpc_socket_next_event (PlantRpcSocket      *self,
                                    PlantRpcSocketEvent *event)
{
  gboolean found = __real_plant_rpc_socket_next_event (self, event);

  n_taken += found && event->type == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  return found;
}

static GSocketListener *
stand_still (void)
{
  GSocketListener *listener = g_socket_listener_new ();

  mute_url = g_strdup_printf ("tcp://127.0.0.1:%u",
                              g_socket_listener_add_any_inet_port (listener, NULL, NULL));
  return listener;
}

static void
on_silent (gpointer owner)
{
  ((Fixture *) owner)->n_silent++;
}

static void
on_dead (gpointer owner)
{
  ((Fixture *) owner)->n_dead++;
}

static void
on_opened (gpointer owner)
{
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
}

static void
on_heard (gpointer owner)
{
  plant_rpc_heartbeat_note_heard (((Fixture *) owner)->heartbeat);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const PlantRpcLinkFuncs link_funcs = { .opened = on_opened, .lost = on_lost,
                                                .heard = on_heard };
  static const PlantRpcHeartbeatFuncs funcs = { .silent = on_silent, .dead = on_dead };

  self->device = test_device_new ();
  self->timer = test_timer_new ();
  self->link_timer = test_timer_new ();
  self->link = plant_rpc_link_new (test_device_get_url (self->device), g_main_context_default (),
                                   self->link_timer, &test_link_options, &link_funcs, self);
  self->heartbeat = plant_rpc_heartbeat_new (self->link, g_main_context_default (), self->timer,
                                              &funcs, self);
  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_heartbeat_free (self->heartbeat);
  plant_rpc_link_free (self->link);
  plant_rpc_timer_free (self->timer);
  plant_rpc_timer_free (self->link_timer);
  test_device_free (self->device);
}

/* Rings the alarm, which must lie MS after the time of the former one. */
static gint64
pass (Fixture *self,
      gint64   former,
      gint64   ms)
{
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);

  g_assert_cmpint (deadline, ==, former + ms * 1000);
  plant_rpc_timer_ring (self->timer, deadline);
  return deadline;
}

/* A server that stands still is asked after one half of the interval in which nothing was heard, is
 * reported once a whole interval later, and is asked again only after something was heard. */
static void
test_silence (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GSocketListener) mute = stand_still ();
  g_autoptr (TestRequest) request = NULL;
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  time = pass (self, time, 1000);
  g_assert_true (test_device_is_idle (self->device));
  time = pass (self, time, 1000);
  request = test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (request->request.name, ==, "");
  time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_silent, ==, 0);
  for (guint i = 0; i < 5; i++)
    {
      time = pass (self, time, 1000);
      g_assert_cmpuint (self->n_silent, ==, 1);
    }
  g_assert_true (test_device_is_idle (self->device));
  test_device_reply_value (self->device, request, g_variant_new_int32 (1));
  test_wait_until (!plant_rpc_link_is_waiting (self->link));
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET));
  g_assert_cmpuint (self->n_silent, ==, 1);
  g_clear_pointer (&mute_url, g_free);
}

/* A server that does not answer but still takes connections is busy, however long. It is reported
 * once it takes none any more. */
static void
test_alive (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GSocketListener) mute = NULL;
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET));
  n_taken = 0;
  for (guint i = 0; i < 30; i++)
    {
      time = pass (self, time, 1000);
      test_wait_until (n_taken == i + 1);
      time = pass (self, time, 1000);
      /* On one of the other connections it is asked, too. */
      if (i == 0)
        test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET));
      g_assert_cmpuint (self->n_silent, ==, 0);
    }
  g_assert_cmpuint (self->n_dead, ==, 0);
  g_assert_true (test_device_is_idle (self->device));
  mute = stand_still ();
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_silent, ==, 1);
  g_clear_pointer (&mute_url, g_free);
}

/* A server that answers on another connection: either only this one stands still, or the server had
 * been busy and now answers on both. */
static void
test_stalled (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (TestRequest) asked = NULL, elsewhere = NULL;
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  asked = test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET);
  n_taken = 0;
  time = pass (self, time, 1000);
  test_wait_until (n_taken == 1);
  time = pass (self, time, 1000);
  elsewhere = test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_false (g_bytes_equal (elsewhere->identity, asked->identity));
  if (data != NULL)
    test_device_reply_value (self->device, asked, g_variant_new_int32 (1));
  test_device_reply_value (self->device, elsewhere, g_variant_new_int32 (1));
  if (data == NULL)
    test_wait_until ((time = pass (self, time, 1000), self->n_dead == 1));
  test_wait_until (data == NULL || !plant_rpc_link_is_waiting (self->link));
  for (guint i = 0; data != NULL && i < 3; i++)
    time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_dead, ==, data != NULL ? 0 : 1);
}

/* A server that stands still has some time to come back. */
static void
test_patience (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GSocketListener) mute = stand_still ();
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  for (guint i = 0; i < 2 * PLANT_RPC_HEARTBEAT_PATIENCE; i++)
    time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_silent, ==, 1);
  g_assert_cmpuint (self->n_dead, ==, 0);
  for (guint i = 0; i < 6 && self->n_dead == 0; i++)
    time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_dead, ==, 1);
  g_assert_cmpuint (self->n_silent, ==, 1);
  g_clear_pointer (&mute_url, g_free);
}

/* A server that sends anything is not asked. */
static void
test_heard (Fixture       *self,
            gconstpointer  data)
{
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  for (guint i = 0; i < 10; i++)
    {
      time = pass (self, time, 1000);
      plant_rpc_heartbeat_note_heard (self->heartbeat);
    }
  g_assert_true (test_device_is_idle (self->device));
}

static void
ignore_reply (GBytes       *payload,
              GBytes       *buffer,
              const GError *error,
              gpointer      user_data)
{
}

/* A server of Plant Imager has one request at a time, and knows the question. A native one may have
 * others. */
static void
test_busy (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"event\": \"STOP_SERVER\"}", 24);
  g_autoptr (TestRequest) busy = NULL;
  gint64 time;

  plant_rpc_link_send (self->link, payload, ignore_reply, NULL);
  busy = test_device_expect (self->device, PLANT_RPC_EVENT_STOP_SERVER);
  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_JSON);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  n_taken = 0;
  for (guint i = 0; i < 10; i++)
    {
      time = pass (self, time, 1000);
      /* The server takes other connections meanwhile. */
      if (i >= 2 && i % 2 == 0)
        test_wait_until (n_taken == i / 2);
    }
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_GET_INVENTORY));
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpuint (self->n_silent, ==, 0);
  test_device_reply_text (self->device, busy, "{\"success\": true}");
  test_wait_until (!plant_rpc_link_is_waiting (self->link));
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_GET_INVENTORY));
  plant_rpc_link_send (self->link, payload, ignore_reply, NULL);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_STOP_SERVER));
  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  time = pass (self, time, 1000);
  time = pass (self, time, 1000);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET));
}

/* A server that stands still is noticed during a request, too, which nobody asks twice. */
static void
test_busy_then_still (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (GSocketListener) mute = stand_still ();
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"event\": \"STOP_SERVER\"}", 24);
  gint64 time;

  plant_rpc_link_send (self->link, payload, ignore_reply, NULL);
  test_request_free (test_device_expect (self->device, PLANT_RPC_EVENT_STOP_SERVER));
  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_JSON);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  for (guint i = 0; i < 4; i++)
    time = pass (self, time, 1000);
  g_assert_cmpuint (self->n_silent, ==, 1);
  g_assert_true (test_device_is_idle (self->device));
  g_clear_pointer (&mute_url, g_free);
}

static guint64 n_received; /* bytes: if it is not 0, the link has received so many */

guint64 __real_plant_rpc_link_count_received (PlantRpcLink *self);
guint64 __wrap_plant_rpc_link_count_received (PlantRpcLink *self);

guint64
__wrap_plant_rpc_link_count_received (PlantRpcLink *self)
{
  return n_received > 0 ? n_received : __real_plant_rpc_link_count_received (self);
}

/* A server whose long message arrives is not asked. */
static void
test_long_message (Fixture       *self,
                   gconstpointer  data)
{
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  for (n_received = 1000; n_received < 1010; n_received++)
    time = pass (self, time, 1000);
  g_assert_true (test_device_is_idle (self->device));
  n_received = 0;
}

/* The interval can be changed and switched off, also before there is a connection. */
static void
test_interval (Fixture       *self,
               gconstpointer  data)
{
  gint64 since = g_get_monotonic_time ();

  g_assert_cmpuint (plant_rpc_heartbeat_get_interval (self->heartbeat), ==, 2000);
  plant_rpc_heartbeat_set_interval (self->heartbeat, 0);
  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  plant_rpc_heartbeat_set_interval (self->heartbeat, 500);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), >=, since + 250 * 1000);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), <=,
                   g_get_monotonic_time () + 250 * 1000);
  plant_rpc_heartbeat_stop (self->heartbeat);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  plant_rpc_heartbeat_set_interval (self->heartbeat, G_MAXUINT);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), >=,
                   since + (gint64) G_MAXUINT * 500);
}

/* Nothing is asked over a connection that is lost. */
static void
test_lost (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "lost");
  gint64 time;

  plant_rpc_heartbeat_start (self->heartbeat, PLANT_RPC_FORMAT_NATIVE);
  time = plant_rpc_timer_get_deadline (self->timer) - 1000 * 1000;
  plant_rpc_link_disconnect (self->link, reason);
  pass (self, time, 1000);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  g_assert_cmpuint (self->n_silent, ==, 0);
}

static void
wait_state (PlantRpcClient *client,
            PlantRpcState   state)
{
  test_wait_until (plant_rpc_client_get_state (client) == state);
}

/* A client whose device does not answer is suspect, with the reason, until it answers. */
static void
test_client (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = g_object_new (
      PLANT_RPC_TYPE_CLIENT, "url", test_device_get_url (device), "heartbeat-interval", 50, NULL);
  g_autoptr (GSocketListener) mute = stand_still ();
  g_autoptr (TestRequest) question = NULL;

  g_assert_cmpuint (plant_rpc_client_get_heartbeat_interval (client), ==, 50);
  test_device_greet (device, 1, "x");
  wait_state (client, PLANT_RPC_STATE_READY);
  question = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  wait_state (client, PLANT_RPC_STATE_SUSPECT);
  g_assert_false (plant_rpc_client_is_ready (client));
  g_assert_error (plant_rpc_client_get_last_error (client), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  /* A signal tells as much as a reply. */
  test_device_push_signal (device, 1, "ping",
                           g_variant_new_array (G_VARIANT_TYPE_VARIANT, NULL, 0));
  wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_null (plant_rpc_client_get_last_error (client));
  wait_state (client, PLANT_RPC_STATE_SUSPECT);
  test_device_reply_value (device, question, g_variant_new_int32 (1));
  wait_state (client, PLANT_RPC_STATE_READY);
  plant_rpc_client_set_heartbeat_interval (client, 0);
  g_assert_true (plant_rpc_client_is_ready (client));
  g_clear_pointer (&mute_url, g_free);
}

/* A connection that stands still is replaced. What was sent over it may have run. */
static void
test_client_of_tunnel (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = g_object_new (
      PLANT_RPC_TYPE_CLIENT, "url", test_device_get_url (device), "heartbeat-interval", 50, NULL);
  g_autoptr (TestRequest) first = NULL, other = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  test_device_greet (device, 1, "x");
  wait_state (client, PLANT_RPC_STATE_READY);
  plant_rpc_client_call (client, "patient", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                         test_keep_result, &result);
  first = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  do
    {
      g_clear_pointer (&other, test_request_free);
      other = test_device_next (device);
    }
  while (g_bytes_equal (other->identity, first->identity));
  test_device_reply_value (device, other, g_variant_new_int32 (1));
  test_wait_until (result != NULL);
  value = plant_rpc_client_call_finish (client, result, &error);
  g_assert_null (value);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  test_device_greet (device, 2, "y");
  wait_state (client, PLANT_RPC_STATE_READY);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/heartbeat/silence", Fixture, NULL, set_up, test_silence, tear_down);
  g_test_add ("/heartbeat/alive", Fixture, NULL, set_up, test_alive, tear_down);
  g_test_add ("/heartbeat/stalled", Fixture, NULL, set_up, test_stalled, tear_down);
  g_test_add ("/heartbeat/busy-then-free", Fixture, "free", set_up, test_stalled, tear_down);
  g_test_add ("/heartbeat/patience", Fixture, NULL, set_up, test_patience, tear_down);
  g_test_add ("/heartbeat/heard", Fixture, NULL, set_up, test_heard, tear_down);
  g_test_add ("/heartbeat/busy", Fixture, NULL, set_up, test_busy, tear_down);
  g_test_add ("/heartbeat/busy-then-still", Fixture, NULL, set_up, test_busy_then_still,
              tear_down);
  g_test_add ("/heartbeat/long-message", Fixture, NULL, set_up, test_long_message, tear_down);
  g_test_add ("/heartbeat/interval", Fixture, NULL, set_up, test_interval, tear_down);
  g_test_add ("/heartbeat/lost", Fixture, NULL, set_up, test_lost, tear_down);
  g_test_add_func ("/heartbeat/client", test_client);
  g_test_add_func ("/heartbeat/client-of-tunnel", test_client_of_tunnel);

  return g_test_run ();
}
