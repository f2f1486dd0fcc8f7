/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-handshake-private.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-subscription.h"

/* A handshake without a session, whose deadlines the test checks. It writes down what it tells. */
typedef struct {
  PlantRpcLink          *link;         /* (owned) */
  PlantRpcServerProfile *profile;      /* (owned) */
  PlantRpcTimer         *timer;        /* (owned): of the handshake */
  PlantRpcTimer         *link_timer;   /* (owned) */
  PlantRpcSubscription  *subscription; /* (owned) */
  PlantRpcHandshake     *handshake;    /* (owned) */
  GString               *told;         /* (owned) */
} Bare;

static void
on_opened (gpointer owner)
{
  plant_rpc_handshake_start (((Bare *) owner)->handshake, TRUE);
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
}

static void
on_done (gpointer                       owner,
         const PlantRpcHandshakeResult *result)
{
  g_autofree char *values = g_variant_print (result->values, FALSE);

  g_string_append_printf (((Bare *) owner)->told, "%s ", values);
}

static void
on_warned (gpointer      owner,
           const GError *error)
{
  g_string_append_printf (((Bare *) owner)->told, "%s ", error->message);
}

static void
on_stands (gpointer owner)
{
  g_string_append (((Bare *) owner)->told, "stands ");
  plant_rpc_handshake_note_standing (((Bare *) owner)->handshake);
}

static void
on_left (gpointer owner)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "gone");

  g_string_append (((Bare *) owner)->told, "left ");
  if (!plant_rpc_handshake_note_left (((Bare *) owner)->handshake, reason))
    g_string_append (((Bare *) owner)->told, "unmet ");
}

/* Its signals come while CONTEXT runs. */
static Bare *
bare_new (TestDevice   *device,
          GMainContext *context)
{
  static const PlantRpcLinkFuncs link_funcs = { .opened = on_opened, .lost = on_lost };
  static const PlantRpcSubscriptionFuncs subscription_funcs = { .stands = on_stands,
                                                                .left = on_left };
  static const PlantRpcHandshakeFuncs funcs = { .done = on_done, .warned = on_warned };
  const char *url = test_device_get_url (device);
  Bare *self = g_new0 (Bare, 1);

  self->told = g_string_new (NULL);
  self->timer = test_timer_new ();
  self->link_timer = test_timer_new ();
  self->profile = plant_rpc_server_profile_new ();
  self->link = plant_rpc_link_new (url, g_main_context_default (), self->link_timer,
                                   &test_link_options, &link_funcs, self);
  self->subscription = plant_rpc_subscription_new (self->link, context, self->link_timer,
                                                   &subscription_funcs, self);
  self->handshake = plant_rpc_handshake_new (self->link, self->subscription, self->profile,
                                             self->timer, &funcs, self);
  return self;
}

#define INVENTORY(signals, properties)                                       \
  "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [" signals "]," \
  " \"properties\": [" properties "], \"name\": \"\"}"

static void
reply_inventory (TestDevice *device,
                 const char *text)
{
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);

  test_device_reply_text (device, inventory, text);
}

/* One whose device has said what it has. */
static Bare *
bare_new_met (TestDevice *device,
              const char *inventory)
{
  Bare *self = bare_new (device, g_main_context_default ());

  plant_rpc_link_connect (self->link);
  reply_inventory (device, inventory);
  return self;
}

static void
bare_free (Bare *self)
{
  plant_rpc_handshake_free (self->handshake);
  plant_rpc_subscription_free (self->subscription);
  plant_rpc_link_free (self->link);
  plant_rpc_server_profile_free (self->profile);
  plant_rpc_timer_free (self->timer);
  plant_rpc_timer_free (self->link_timer);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bare, bare_free)

static PlantRpcSnapshot *
snapshot (Bare *self)
{
  return plant_rpc_handshake_get_snapshot (self->handshake);
}

static gint64
get_deadline (Bare *self)
{
  return plant_rpc_timer_get_deadline (self->timer);
}

/* Returns whether the next deadline is at most DELAY (µs) from now. */
static gboolean
is_due_within (Bare   *self,
               gint64  delay)
{
  gint64 deadline = get_deadline (self);

  return deadline >= 0 && deadline <= g_get_monotonic_time () + delay;
}

/* The deadline lies DELAY after a moment between SINCE and now, and
 * just before it nothing happens. */
static void
assert_deadline (Bare   *self,
                 gint64  since,
                 gint64  delay)
{
  g_autofree char *told = g_strdup (self->told->str);
  gint64 deadline = get_deadline (self);

  g_assert_cmpint (deadline, >=, since + delay);
  g_assert_cmpint (deadline, <=, g_get_monotonic_time () + delay);
  plant_rpc_timer_ring (self->timer, deadline - 1);
  g_assert_cmpint (get_deadline (self), ==, deadline);
  g_assert_cmpstr (self->told->str, ==, told);
}

static void
check_deadline (Bare *self)
{
  g_string_truncate (self->told, 0);
  plant_rpc_timer_ring (self->timer, get_deadline (self));
}

static void
reply_port (TestDevice *device,
            guint16     port)
{
  g_autoptr (TestRequest) init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", port);

  test_device_reply_text (device, init, reply);
}

static void
reply_level (TestDevice *device)
{
  g_autoptr (TestRequest) get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);

  test_device_reply_text (device, get, "{\"success\": true, \"value\": 5}");
}

/* It goes on without the signals after a while, tries again and again to subscribe, and reads the
 * values once more when that has succeeded. */
static void
test_mute_port (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GSocketListener) publisher = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (publisher, NULL, NULL);
  g_autoptr (Bare) self = bare_new_met (device, INVENTORY ("\"ping\"", "\"level\""));
  g_autofree char *warning =
      g_strdup_printf ("The port at which “%s” publishes its signals does not answer ",
                       test_device_get_url (device));
  gint64 since = g_get_monotonic_time ();

  reply_port (device, port);
  test_wait_until (is_due_within (self, 3 * G_USEC_PER_SEC));
  assert_deadline (self, since, 3 * G_USEC_PER_SEC);
  since = g_get_monotonic_time ();
  check_deadline (self);
  g_assert_cmpstr (self->told->str, ==, warning);
  reply_level (device);
  g_string_truncate (self->told, 0);
  test_wait_until (is_due_within (self, 2 * G_USEC_PER_SEC));
  for (guint i = 0; i < 3; i++)
    {
      assert_deadline (self, since, 2 * G_USEC_PER_SEC);
      since = g_get_monotonic_time ();
      check_deadline (self);
      g_assert_cmpstr (self->told->str, ==, "");
      g_assert_true (test_device_is_idle (device));
    }
  plant_rpc_handshake_note_standing (self->handshake);
  g_assert_false (is_due_within (self, 2 * G_USEC_PER_SEC));
  reply_level (device);
  test_wait_until (plant_rpc_snapshot_get_n_done (snapshot (self)) == 2);
  g_assert_false (plant_rpc_handshake_note_left (self->handshake, NULL));
}

/* Once the subscription stands the values are read at once, and once more a moment later. */
static void
test_second_snapshot (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  guint16 port = test_peer_bind (publisher);
  g_autoptr (Bare) self = bare_new_met (device, INVENTORY ("\"ping\"", ""));
  gint64 since = g_get_monotonic_time ();

  reply_port (device, port);
  test_wait_until (g_str_equal (self->told->str, "stands {} "));
  assert_deadline (self, since, 150 * 1000);
  check_deadline (self);
  g_assert_cmpint (get_deadline (self), ==, -1);
  g_assert_cmpstr (self->told->str, ==, "{} ");
}

/* What it makes of signals that end, in each step. */
static void
test_left (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GSocketListener) publisher = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (publisher, NULL, NULL);
  g_autoptr (Bare) self = bare_new (device, g_main_context_default ());
  g_autoptr (TestRequest) inventory = NULL, init = NULL;
  g_autofree char *reply = NULL;
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "gone");

  g_assert_false (plant_rpc_handshake_note_left (self->handshake, reason));
  plant_rpc_link_connect (self->link);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_assert_true (plant_rpc_handshake_note_left (self->handshake, reason));
  test_device_reply_text (device, inventory, INVENTORY ("\"ping\"", ""));
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  g_assert_false (plant_rpc_handshake_note_left (self->handshake, reason));
  g_assert_cmpstr (self->told->str, ==, "");
  reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", port);
  test_device_reply_text (device, init, reply);
  test_wait_until (is_due_within (self, 3 * G_USEC_PER_SEC));
  g_assert_true (plant_rpc_handshake_note_left (self->handshake, reason));
  g_assert_cmpstr (self->told->str, ==, "gone {} ");
  /* It goes on trying. */
  g_assert_true (plant_rpc_handshake_note_left (self->handshake, reason));
  g_assert_cmpstr (self->told->str, ==, "gone {} ");
  g_assert_cmpint (get_deadline (self), >=, 0);
  plant_rpc_handshake_abort (self->handshake);
  g_assert_cmpint (get_deadline (self), ==, -1);
  g_assert_false (plant_rpc_handshake_note_left (self->handshake, reason));
}

/* Signals that ended unnoticed before they were needed again are asked for anew. */
static void
test_left_unnoticed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  guint16 port = test_peer_bind (publisher);
  g_autoptr (GMainContext) elsewhere = g_main_context_new ();
  g_autoptr (Bare) self = bare_new (device, elsewhere);
  PlantRpcEvent asked = PLANT_RPC_EVENT_PROPERTY_GET;

  plant_rpc_link_connect (self->link);
  reply_inventory (device, INVENTORY ("\"ping\"", "\"level\""));
  reply_port (device, port);
  test_wait_until (is_due_within (self, 3 * G_USEC_PER_SEC));
  while (self->told->len == 0)
    g_main_context_iteration (elsewhere, TRUE);
  reply_level (device);
  test_wait_until (g_str_equal (self->told->str, "stands {'level': <int64 5>} "));
  g_clear_pointer (&publisher, test_peer_free);
  /* Until the end has arrived the signals count as kept. */
  while (asked == PLANT_RPC_EVENT_PROPERTY_GET)
    {
      g_autoptr (TestRequest) request = NULL;

      g_string_truncate (self->told, 0);
      plant_rpc_handshake_start (self->handshake, TRUE);
      reply_inventory (device, INVENTORY ("\"ping\"", "\"level\""));
      request = test_device_next (device);
      asked = request->request.event;
    }
  g_assert_cmpint (asked, ==, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  g_assert_cmpstr (self->told->str, ==, "left ");
}

/* A publisher that another client of this process keeps is left when it does not answer, and the
 * server is asked for another. */
static void
test_borrowed_port_left (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestSubscription) other = test_subscription_new_stale (test_device_get_url (device));
  g_autoptr (Bare) self = bare_new_met (device, INVENTORY ("\"ping\"", ""));

  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
  g_assert_cmpstr (self->told->str, ==, "left ");
  g_assert_false (is_due_within (self, 3 * G_USEC_PER_SEC));
}

/* If the inventory does not come, it is asked for again, each time after a longer while. Of several
 * replies the first counts. */
static void
test_lost_inventory (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Bare) self = bare_new (device, g_main_context_default ());
  g_autoptr (TestRequest) first = NULL;
  gint64 since = g_get_monotonic_time ();

  plant_rpc_link_connect (self->link);
  first = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  for (guint i = 0; i < 2; i++)
    {
      assert_deadline (self, since, (10 << i) * G_USEC_PER_SEC);
      since = g_get_monotonic_time ();
      check_deadline (self);
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
    }
  check_deadline (self);
  test_device_reply_text (device, first, INVENTORY ("", ""));
  test_wait_until (g_str_equal (self->told->str, "{} "));
  reply_inventory (device, INVENTORY ("\"ping\"", "\"level\""));
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpint (get_deadline (self), ==, -1);
  g_assert_cmpstr (self->told->str, ==, "{} ");
}

/* If the reply to the request for signals does not come, signals are asked for again, unless the
 * server has connected by then. */
static void
test_lost_offer (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Bare) self = bare_new_met (device, INVENTORY ("\"ping\"", ""));
  g_autoptr (TestRequest) again = NULL;
  g_autoptr (TestPeer) pusher = NULL;
  g_autofree char *offered = NULL;

  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
  g_assert_true (is_due_within (self, 60 * G_USEC_PER_SEC));
  g_assert_false (is_due_within (self, 50 * G_USEC_PER_SEC));
  check_deadline (self);
  again = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  g_assert_cmpstr (self->told->str, ==, "");
  offered = g_strdup_printf ("tcp://127.0.0.1:%u", again->request.port);
  pusher = test_peer_new (ZMQ_REQ, offered);
  test_wait_until (plant_rpc_subscription_is_standing (self->subscription));
  check_deadline (self);
  g_assert_cmpstr (self->told->str, ==, "{} ");
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
  /* The reply was not lost after all. */
  test_device_reply_text (device, again, "{\"success\": true, \"signal_port\": 1}");
  g_assert_true (test_device_is_idle (device));
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
}

/* What a server of generation 1 has accepted outlives the connection of the calls. */
static void
test_offer_kept (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Bare) self = bare_new_met (device, INVENTORY ("\"ping\"", ""));
  g_autoptr (TestRequest) init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);

  g_assert_false (plant_rpc_subscription_is_pushed (self->subscription));
  test_device_reply_text (device, init, "{\"success\": true}");
  test_wait_until (g_str_equal (self->told->str, "{} "));
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
  plant_rpc_handshake_abort (self->handshake);
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
  g_assert_cmpint (get_deadline (self), ==, -1);
}

/* Signals that are pushed stand, although a port that was tried before has not answered yet. */
static void
test_offer_after_port (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GSocketListener) mute = g_socket_listener_new ();
  g_autofree char *published = g_strdup_printf (
      "tcp://127.0.0.1:%u", g_socket_listener_add_any_inet_port (mute, NULL, NULL));
  g_autoptr (Bare) self = bare_new (device, g_main_context_default ());
  g_autoptr (TestPeer) pusher = NULL;
  g_autofree char *offered = NULL;
  guint16 port;

  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
  g_assert_true (plant_rpc_subscription_connect (self->subscription, published, NULL));
  g_assert_true (plant_rpc_subscription_offer (self->subscription, &port, NULL));
  offered = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  pusher = test_peer_new (ZMQ_REQ, offered);
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
  plant_rpc_subscription_accept_offer (self->subscription);
  test_wait_until (plant_rpc_subscription_is_standing (self->subscription));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/handshake/steps/mute-port", test_mute_port);
  g_test_add_func ("/handshake/steps/second-snapshot", test_second_snapshot);
  g_test_add_func ("/handshake/steps/left", test_left);
  g_test_add_func ("/handshake/steps/left-unnoticed", test_left_unnoticed);
  g_test_add_func ("/handshake/steps/borrowed-port-left", test_borrowed_port_left);
  g_test_add_func ("/handshake/steps/lost-inventory", test_lost_inventory);
  g_test_add_func ("/handshake/steps/lost-offer", test_lost_offer);
  g_test_add_func ("/handshake/steps/offer-kept", test_offer_kept);
  g_test_add_func ("/handshake/steps/offer-after-port", test_offer_after_port);

  return g_test_run ();
}
