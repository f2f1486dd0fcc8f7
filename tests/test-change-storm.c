/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-recorder.h"
#include "plant-rpc-test-wait.h"

/* A device that changes faster than the handlers of the application can follow. */

#define N_PLOTS 60
/* What the device sends while a handler runs. */
#define N_CHANGES 3

typedef struct {
  TestDevice     *device;    /* (owned) */
  TestPeer       *publisher; /* (owned) (nullable): the socket of an old device for signals */
  gboolean        waits;     /* TRUE: the device is of generation 1, and waits for each
                                acknowledgement */
  PlantRpcClient *client;    /* (owned) */
  guint64         n_pushed;  /* pushes over the native wire */
  int             level;     /* of the device */
  int             captured;  /* number of the last signal of the device */
  int             oldest;    /* how many changes old the oldest value was that was shown */
  guint           n_plots;   /* handlers that were run for changes */
  guint           n_frames;
  guint           n_heard;   /* signals of the device */
  gint64          ahead;     /* µs of the clock */
  guint           frames;    /* source that draws the window */
} Storm;

/* The acknowledgement is awaited without the main loop, in which a handler may cause the next
 * signal. */
static void
emit (Storm      *self,
      const char *text)
{
  zmq_pollitem_t item = { test_peer_get_socket (self->publisher), 0, ZMQ_POLLIN, 0 };

  test_peer_send_text (self->publisher, text, NULL);
  if (!self->waits)
    return;
  g_assert_cmpint (zmq_poll (&item, 1, TEST_WAIT_S * 1000), ==, 1);
  g_ptr_array_unref (test_peer_try_receive (self->publisher));
}

static void
push_change (Storm *self)
{
  g_autofree char *text = NULL;

  self->level++;
  if (self->publisher == NULL)
    {
      test_device_push_changed (self->device, ++self->n_pushed, "level",
                                g_variant_new_int32 (self->level));
      return;
    }
  text = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"levelChanged\","
                          " \"args\": [%d], \"blocking\": false}", self->level);
  emit (self, text);
}

static void
push_captured (Storm *self)
{
  g_autofree char *text = NULL;

  self->captured++;
  if (self->publisher == NULL)
    {
      test_device_push_signal (self->device, ++self->n_pushed, "captured",
                               test_captured ("x", self->captured));
      return;
    }
  text = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"captured\","
                          " \"args\": [\"x\", %d], \"blocking\": false}", self->captured);
  emit (self, text);
}

/* A handler takes its time, as one that draws a plot does. */
static void
take_time (Storm *self)
{
  self->ahead += 3 * PLANT_RPC_SOURCE_BATCH_USEC;
  test_clock_step (self->ahead);
}

static void
on_level (GObject    *client,
          GParamSpec *pspec,
          gpointer    user_data)
{
  Storm *self = user_data;
  int level;

  g_object_get (client, "level", &level, NULL);
  self->oldest = MAX (self->oldest, self->level - level);
  take_time (self);
  if (++self->n_plots >= N_PLOTS)
    return;
  for (guint i = 0; i < N_CHANGES; i++)
    push_change (self);
}

static void
on_captured (PlantRpcClient *client,
             const char     *name,
             int             number,
             gpointer        user_data)
{
  Storm *self = user_data;

  g_assert_cmpint (number, ==, self->n_heard + 1);
  self->n_heard++;
}

static gboolean
on_frame (gpointer user_data)
{
  ((Storm *) user_data)->n_frames++;
  return G_SOURCE_CONTINUE;
}

static void
connect_published (Storm *self)
{
  g_autofree char *reply = NULL;

  self->publisher = test_peer_new (ZMQ_XPUB, NULL);
  reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}",
                           test_peer_bind (self->publisher));
  self->client = test_client_new (test_device_get_url (self->device));
  test_device_greet_json (self->device, 10, "x", reply);
  test_client_wait_state (self->client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  g_ptr_array_unref (test_peer_receive (self->publisher));
}

/* An old device has two properties. */
static void
answer_get (Storm       *self,
            TestRequest *request)
{
  g_autofree char *level = g_strdup_printf ("{\"success\": true, \"value\": %d}", self->level);
  const gboolean is_level = g_str_equal (request->request.name, "level");

  test_device_reply_text (self->device, request,
                          is_level ? level : "{\"success\": true, \"value\": \"x\"}");
}

static void
connect_pushed (Storm *self)
{
  g_autoptr (TestRequest) inventory = NULL, init = NULL;
  g_autofree char *url = NULL;

  self->client = test_client_new (test_device_get_url (self->device));
  inventory = test_device_expect (self->device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (self->device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  init = test_device_expect (self->device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  url = g_strdup_printf ("tcp://127.0.0.1:%u", init->request.port);
  self->publisher = test_peer_new (ZMQ_REQ, url);
  self->waits = TRUE;
  emit (self, "{}");
  test_device_reply_text (self->device, init, "{\"success\": true}");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRequest) get = test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET);

      answer_get (self, get);
    }
  test_client_wait_state (self->client, PLANT_RPC_STATE_READY);
}

static void
set_up (Storm         *self,
        gconstpointer  generation)
{
  self->device = test_device_new ();
  self->level = 10;
  if (generation == NULL)
    self->client = test_client_new_ready (self->device);
  else if (g_str_equal (generation, "1"))
    connect_pushed (self);
  else
    connect_published (self);
  self->frames = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, on_frame, self, NULL);
  g_signal_connect (self->client, "captured", G_CALLBACK (on_captured), self);
}

static void
tear_down (Storm         *self,
           gconstpointer  data)
{
  g_source_remove (self->frames);
  g_assert_finalize_object (self->client);
  g_clear_pointer (&self->publisher, test_peer_free);
  g_clear_pointer (&self->device, test_device_free);
  test_clock_reset ();
}

static int
get_level (Storm *self)
{
  int level;

  g_object_get (self->client, "level", &level, NULL);
  return level;
}

/* A client of an old device reads its properties once more, a moment after it is ready. */
static TestRequest *
expect_call (Storm *self)
{
  TestRequest *request;

  while ((request = test_device_next (self->device))->request.event !=
         PLANT_RPC_EVENT_METHOD_CALL)
    {
      answer_get (self, request);
      test_request_free (request);
    }
  return request;
}

/* The window is drawn, what is shown is recent, the last value arrives, and a call is answered. */
static void
test_slow_handler (Storm         *self,
                   gconstpointer  generation)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) request = NULL;
  guint n_frames;

  g_signal_connect (self->client, "notify::level", G_CALLBACK (on_level), self);
  push_change (self);
  test_wait_until (self->n_plots >= N_PLOTS / 2);
  n_frames = self->n_frames;
  test_call (self->client, "echo", 10000, NULL, &result);
  request = expect_call (self);
  if (generation != NULL)
    test_device_reply_text (self->device, request, "{\"success\": true, \"result\": 5}");
  else
    test_device_reply_value (self->device, request, NULL);
  test_wait_until (result != NULL && self->n_plots >= N_PLOTS && get_level (self) == self->level);
  g_assert_cmpuint (n_frames, >=, N_PLOTS / 4);
  /* What is under way in the network may be missing. */
  g_assert_cmpint (self->oldest, <=, 3 * N_CHANGES);
  g_assert_cmpuint (self->n_plots, <, (guint) self->level);
}

/* Signals come one by one and in order, whatever becomes of the changes between them. */
static void
test_signals (Storm         *self,
              gconstpointer  generation)
{
  g_signal_connect (self->client, "notify::level", G_CALLBACK (on_level), self);
  for (guint i = 0; i < 200; i++)
    {
      push_change (self);
      push_captured (self);
      if (i % 50 == 0)
        test_iterate ();
    }
  test_wait_until (self->n_heard == 200 && self->n_plots >= N_PLOTS &&
                   get_level (self) == self->level);
  g_assert_cmpuint (self->n_plots, <, 200);
}

/* Many changes of a turn are one. */
static void
test_merged (Storm         *self,
             gconstpointer  generation)
{
  g_signal_connect (self->client, "notify::level", G_CALLBACK (on_level), self);
  self->n_plots = N_PLOTS;
  for (guint i = 0; i < 200; i++)
    push_change (self);
  test_wait_until (get_level (self) == self->level && self->n_plots > N_PLOTS);
  g_assert_cmpuint (self->n_plots - N_PLOTS, <, 50);
}

#define ADD(name, generation, func) \
  g_test_add ("/change-storm/" name, Storm, generation, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("native/slow-handler", NULL, test_slow_handler);
  ADD ("native/signals", NULL, test_signals);
  ADD ("native/merged", NULL, test_merged);
  ADD ("generation1/slow-handler", "1", test_slow_handler);
  ADD ("generation1/signals", "1", test_signals);
  ADD ("generation1/merged", "1", test_merged);
  ADD ("generation2/slow-handler", "2", test_slow_handler);
  ADD ("generation2/signals", "2", test_signals);
  ADD ("generation2/merged", "2", test_merged);

  return g_test_run ();
}
