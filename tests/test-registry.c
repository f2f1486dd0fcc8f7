/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-peer.h"

/* The test replaces the wall clock too. */
gint64 __real_g_get_real_time (void);
gint64 __wrap_g_get_real_time (void);

static _Atomic gint64 real_step;

gint64
__wrap_g_get_real_time (void)
{
  return __real_g_get_real_time () + real_step;
}

typedef struct {
  PlantRpcRegistry *registry;
  TestPeer         *peer;
  GString          *journal; /* "+name" and "-name" */
  guint             n_changes;
} Fixture;

static void
on_added (PlantRpcRegistry *registry,
          PlantRpcDevice   *device,
          Fixture          *self)
{
  g_assert_true (plant_rpc_device_get_alive (device));
  g_string_append_printf (self->journal, "+%s ", plant_rpc_device_get_name (device));
}

static void
on_removed (PlantRpcRegistry *registry,
            PlantRpcDevice   *device,
            Fixture          *self)
{
  g_assert_false (plant_rpc_device_get_alive (device));
  g_string_append_printf (self->journal, "-%s ", plant_rpc_device_get_name (device));
}

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  Fixture    *self)
{
  self->n_changes += removed + added;
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (model, i);

      g_assert_true (PLANT_RPC_IS_DEVICE (device));
    }
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_clock_reset ();
  real_step = 0;
  self->journal = g_string_new (NULL);
  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_signal_connect (self->registry, "device-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->registry, "device-removed", G_CALLBACK (on_removed), self);
  g_signal_connect (self->registry, "items-changed", G_CALLBACK (on_items_changed), self);
  g_assert_true (plant_rpc_registry_start (self->registry, &error));
  g_assert_no_error (error);
  self->peer = test_peer_new (ZMQ_DEALER, plant_rpc_registry_get_url (self->registry));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_peer_free (self->peer);
  plant_rpc_registry_stop (self->registry);
  g_assert_finalize_object (self->registry);
  g_string_free (self->journal, TRUE);
}

static guint
count (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->registry));
}

/* The payload of the reply. */
static GVariant *
ask (Fixture    *self,
     const char *request,
     const char *event)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (self->peer, request);
  g_autoptr (GVariant) name = g_variant_lookup_value (reply, "event", G_VARIANT_TYPE_STRING);

  g_assert_nonnull (name);
  g_assert_cmpstr (g_variant_get_string (name, NULL), ==, event);
  return g_variant_lookup_value (reply, "payload", G_VARIANT_TYPE_VARDICT);
}

static char *
add (Fixture    *self,
     const char *name,
     const char *address)
{
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\","
                       "\"addr\":\"%s\",\"name\":\"%s\"}}",
                       address, name);
  g_autoptr (GVariant) payload = ask (self, request, "REGISTER_ACK");
  g_autofree char *accepted = NULL;
  char *uuid = NULL;

  g_assert_true (g_variant_lookup (payload, "name", "s", &accepted));
  g_assert_true (g_variant_lookup (payload, "uuid", "s", &uuid));
  g_assert_true (g_uuid_string_is_valid (uuid));
  return uuid;
}

static gboolean
beat (Fixture    *self,
      const char *event,
      const char *uuid,
      guint       timeout)
{
  g_autofree char *request = g_strdup_printf (
      "{\"event\":\"%s\",\"payload\":{\"uuid\":\"%s\",\"alive_timeout\":%u}}", event, uuid,
      timeout);
  g_autoptr (GVariant) payload = ask (self, request, "ACK");
  gboolean success;
  const char *name;

  g_assert_true (g_variant_lookup (payload, "success", "b", &success));
  g_assert_true (g_variant_lookup (payload, "req_event", "&s", &name));
  g_assert_cmpstr (name, ==, event);
  return success;
}

static void
test_model (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  g_autofree char *other = add (self, "cam", "tcp://10.0.0.2:1000:1000");
  g_autoptr (PlantRpcDevice) device = NULL;
  g_autoptr (GDateTime) seen = NULL, now = g_date_time_new_now_local ();

  test_wait_until (count (self) == 2);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->registry)) ==
                 PLANT_RPC_TYPE_DEVICE);
  device = g_list_model_get_item (G_LIST_MODEL (self->registry), 1);
  g_assert_cmpstr (plant_rpc_device_get_name (device), ==, "cam-1");
  g_assert_cmpstr (plant_rpc_device_get_device_type (device), ==, "camera");
  g_assert_cmpstr (plant_rpc_device_get_url (device), ==, "tcp://10.0.0.2:1000");
  g_assert_cmpstr (plant_rpc_device_get_uuid (device), ==, other);
  seen = plant_rpc_device_get_last_seen (device);
  g_assert_cmpint (ABS (g_date_time_difference (now, seen)), <, 3600 * G_TIME_SPAN_SECOND);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (self->registry), 2));
  g_assert_true (plant_rpc_registry_find_device (self->registry, "cam-1") == device);
  g_assert_null (plant_rpc_registry_find_device (self->registry, "cam-2"));

  g_assert_true (beat (self, "UNREGISTER", other, 1));
  test_wait_until (count (self) == 1);
  g_assert_false (plant_rpc_device_get_alive (device));
  g_assert_false (beat (self, "UNREGISTER", other, 1));
  g_assert_cmpstr (self->journal->str, ==, "+cam +cam-1 -cam-1 ");
  g_assert_cmpuint (self->n_changes, ==, 3);
}

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              gpointer    user_data)
{
  (*(guint *) user_data)++;
}

static void
test_last_seen (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  g_autoptr (GArray) delays = NULL;
  guint n_seen = 0;

  test_wait_until (count (self) == 1);
  g_signal_connect (plant_rpc_registry_find_device (self->registry, "cam"), "notify::last-seen",
                    G_CALLBACK (count_notify), &n_seen);
  test_clock_record ("[plantrpc] devices");
  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 60));
  test_wait_until (n_seen > 0);
  /* Not at once, so that it is told together with others. */
  delays = test_clock_end_recording ();
  g_assert_cmpuint (delays->len, >, 0);
  g_assert_cmpint (g_array_index (delays, gint64, 0), <=, 250 * 1000);
}

/* It is answered, and the connection goes on. */
static void
test_long_request (Fixture       *self,
                   gconstpointer  data)
{
  static const char start[] = "{\"event\":\"LIST\",\"payload\":{}}";
  g_autofree char *longest =
      g_strdup_printf ("%-*s", PLANT_RPC_MAX_REGISTRY_REQUEST, start);
  g_autofree char *longer =
      g_strdup_printf ("%-*s", PLANT_RPC_MAX_REGISTRY_REQUEST + 1, start);
  g_autoptr (GVariant) list = ask (self, longest, "DEVICES");
  g_autoptr (GVariant) payload = ask (self, longer, "ACK");
  gboolean success = TRUE;
  const char *reason;

  g_assert_true (g_variant_lookup (payload, "success", "b", &success));
  g_assert_false (success);
  g_assert_true (g_variant_lookup (payload, "error", "&s", &reason));
  g_assert_nonnull (strstr (reason, "more than 65536"));
  g_assert_false (beat (self, "CHECK_ALIVE", "nobody", 60));
}

/* Nothing of it may end the registry, and each request has one reply. */
static void
test_malformed (Fixture       *self,
                gconstpointer  data)
{
  static const char *const failures[] = {
    "no json",
    "[]",
    "5",
    "{}",
    "{\"payload\":{}}",
    "{\"event\":\"CHECK_ALIVE\"}",
    "{\"event\":\"CHECK_ALIVE\",\"payload\":null}",
    "{\"event\":\"CHECK_ALIVE\",\"payload\":[]}",
    "{\"event\":\"CHECK_ALIVE\",\"payload\":{}}",
    "{\"event\":\"CHECK_ALIVE\",\"payload\":{\"uuid\":5}}",
    "{\"event\":\"CHECK_ALIVE\",\"payload\":{\"uuid\":\"x\",\"alive_timeout\":\"60\"}}",
    "{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":null}}",
    "{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\",\"name\":\"c\"}}",
    "{\"event\":\"REGISTER\",\"payload\":{\"addr\":\"tcp://h:1\",\"name\":\"c\"}}",
    "{\"event\":\"REGISTER\",\"payload\":{\"addr\":\"tcp://h:1\",\"device_type\":\"c\"}}",
    "{\"event\":\"REGISTER\",\"payload\":{\"addr\":1,\"device_type\":\"c\",\"name\":\"\"}}",
  };
  static const char *const unsupported[] = {
    "{\"event\":\"NO_SUCH_EVENT\",\"payload\":{\"x\":1}}",
    "{\"event\":5,\"payload\":{}}",
    "{\"event\":null}",
    "{\"event\":{\"a\":[1]},\"payload\":7}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (GVariant) payload = ask (self, failures[i], "ACK");
      g_autofree char *text = NULL;
      gboolean success = TRUE;

      g_assert_true (g_variant_lookup (payload, "success", "b", &success));
      g_assert_false (success);
      g_assert_true (g_variant_lookup (payload, "error", "s", &text));
    }
  for (guint i = 0; i < G_N_ELEMENTS (unsupported); i++)
    {
      g_autoptr (GVariant) payload = ask (self, unsupported[i], "UNSUPPORTED");
      g_autoptr (GVariant) sent = g_variant_lookup_value (payload, "req_event", NULL);

      g_assert_nonnull (sent);
    }
  test_peer_send_text (self->peer, "no delimiter", NULL);
  test_peer_send_text (self->peer, "", "{\"event\":\"LIST\",\"payload\":{}}", "more", NULL);
  {
    g_autoptr (GPtrArray) frames = test_peer_receive (self->peer);
    g_autofree char *text = test_frame_dup_text (frames, frames->len - 1);

    g_assert_nonnull (strstr (text, "\"success\":false"));
  }
  g_assert_cmpuint (count (self), ==, 0);
}

static void
test_list (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  g_autoptr (GVariant) payload = ask (self, "{\"event\":\"LIST\",\"payload\":{}}", "DEVICES");
  g_autoptr (GVariant) devices = g_variant_lookup_value (payload, "devices", NULL);
  g_autoptr (GVariant) child = g_variant_get_child_value (devices, 0);
  g_autoptr (GVariant) device = g_variant_get_variant (child);
  const char *name = NULL;

  g_assert_cmpuint (g_variant_n_children (devices), ==, 1);
  g_assert_true (g_variant_lookup (device, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "cam");
}

static guint
count_listed (GVariant *payload)
{
  g_autoptr (GVariant) devices = g_variant_lookup_value (payload, "devices", NULL);

  return (guint) g_variant_n_children (devices);
}

/* The list is current, however often it is requested. */
static void
test_list_is_current (Fixture       *self,
                      gconstpointer  data)
{
  for (guint i = 1; i <= 20; i++)
    {
      g_autofree char *address = g_strdup_printf ("tcp://10.0.0.1:%u", i);
      g_autofree char *uuid = add (self, "cam", address);
      g_autoptr (GVariant) payload = ask (self, "{\"event\":\"LIST\",\"payload\":{}}", "DEVICES");
      g_autoptr (GVariant) again = ask (self, "{\"event\":\"LIST\",\"payload\":{}}", "DEVICES");
      gint64 serial = 0;

      g_assert_cmpuint (count_listed (payload), ==, i);
      g_assert_cmpuint (count_listed (again), ==, i);
      g_assert_true (g_variant_lookup (payload, "serial", "x", &serial));
      g_assert_cmpint (serial, ==, i);
    }
}

static double
get_age (Fixture *self)
{
  g_autoptr (GVariant) payload = ask (self, "{\"event\":\"LIST\",\"payload\":{}}", "DEVICES");
  g_autoptr (GVariant) devices = g_variant_lookup_value (payload, "devices", NULL);
  g_autoptr (GVariant) child = g_variant_get_child_value (devices, 0);
  g_autoptr (GVariant) device = g_variant_get_variant (child);
  double age = -1;

  g_assert_true (g_variant_lookup (device, "age", "d", &age));
  return age;
}

/* The ages grow although nothing has changed. */
static void
test_ages (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");

  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 6000));
  g_assert_cmpfloat (get_age (self), <, 40);
  test_clock_step (100 * G_USEC_PER_SEC);
  g_assert_cmpfloat (get_age (self), >=, 100);
  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 6000));
  test_clock_step (101 * G_USEC_PER_SEC);
  g_assert_cmpfloat (get_age (self), <, 90);
}

static void
test_watch (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (TestPeer) watcher =
      test_peer_new (ZMQ_DEALER, plant_rpc_registry_get_url (self->registry));
  g_autoptr (GVariant) reply =
      test_peer_ask_json (watcher, "{\"event\":\"WATCH\",\"payload\":{}}");
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  static const char *const expected[] = { "DEVICE_ADDED", "DEVICE_REMOVED" };

  g_assert_true (beat (self, "UNREGISTER", uuid, 1));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (watcher);
      g_autoptr (GVariant) pushed = test_frame_parse (frames, frames->len - 1);
      g_autoptr (GVariant) payload =
          g_variant_lookup_value (pushed, "payload", G_VARIANT_TYPE_VARDICT);
      const char *event = NULL, *left = NULL;
      gint64 serial = 0;

      g_assert_true (g_variant_lookup (pushed, "event", "&s", &event));
      g_assert_cmpstr (event, ==, expected[i]);
      g_assert_true (g_variant_lookup (payload, "serial", "x", &serial));
      g_assert_cmpint (serial, ==, i + 1);
      if (i == 0)
        continue;
      g_assert_true (g_variant_lookup (payload, "uuid", "&s", &left));
      g_assert_cmpstr (left, ==, uuid);
    }
}

/* Watchers that have left make room at once, not only when their lease is over. */
static void
test_watchers_leave (Fixture       *self,
                     gconstpointer  data)
{
  const char *request = "{\"event\":\"WATCH\",\"payload\":{}}";
  TestPeer *watchers[PLANT_RPC_MAX_WATCHERS_OF_PEER];
  gboolean accepted = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    {
      g_autoptr (GVariant) reply = NULL;

      watchers[i] = test_peer_new (ZMQ_DEALER, plant_rpc_registry_get_url (self->registry));
      reply = test_peer_ask_json (watchers[i], request);
    }
  g_variant_unref (ask (self, request, "ACK"));
  test_clock_step (-(gint64) 3600 * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    test_peer_free (watchers[i]);
  for (gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
       !accepted && g_get_monotonic_time () < end;)
    {
      g_autoptr (GVariant) reply = test_peer_ask_json (self->peer, request);
      const char *event = NULL;

      g_assert_true (g_variant_lookup (reply, "event", "&s", &event));
      accepted = g_str_equal (event, "DEVICES");
    }
  g_assert_true (accepted);
}

/* While the application does something else, here wait for the reply without a loop. */
static void
test_busy_application (Fixture       *self,
                       gconstpointer  data)
{
  void *context = zmq_ctx_new ();
  void *socket = zmq_socket (context, ZMQ_REQ);
  static const char request[] = "{\"event\":\"LIST\",\"payload\":{}}";
  char reply[256];
  int wait = TEST_DEADLINE_S * 1000;

  zmq_setsockopt (socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
  zmq_connect (socket, plant_rpc_registry_get_url (self->registry));
  zmq_send (socket, request, sizeof request - 1, 0);
  g_assert_cmpint (zmq_recv (socket, reply, sizeof reply, 0), >, 0);
  zmq_close (socket);
  zmq_ctx_term (context);
}

static void
test_clock (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");

  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 600));
  test_wait_until (count (self) == 1);
  real_step = (gint64) 10 * 365 * 24 * 3600 * G_USEC_PER_SEC;
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *other = add (self, "other", "tcp://10.0.0.2:1000");

      g_assert_true (beat (self, "CHECK_ALIVE", uuid, 600));
      g_assert_true (beat (self, "UNREGISTER", other, 1));
    }
  g_assert_nonnull (plant_rpc_registry_find_device (self->registry, "cam"));

  test_clock_step ((gint64) 599 * G_USEC_PER_SEC);
  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 600));
  test_clock_step ((gint64) 1300 * G_USEC_PER_SEC);
  test_wait_until (count (self) == 0);
}

/* A device that was heard of is announced late. A device that is new is announced at once. */
static void
test_news (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  g_autofree char *other = NULL;

  test_wait_until (count (self) == 1);
  test_clock_stretch (10000);
  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 600));
  test_clock_step (G_USEC_PER_SEC);
  other = add (self, "lamp", "tcp://10.0.0.2:1000");
  test_wait_until (count (self) == 2);
}

/* Devices that come and go all the time are announced together, at intervals. */
static void
test_changes_together (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");

  test_wait_until (count (self) == 1);
  test_clock_step (G_USEC_PER_SEC);
  test_clock_stretch (10);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *again = add (self, "lamp", "tcp://10.0.0.2:1000");
    }
  test_wait_until (plant_rpc_registry_find_device (self->registry, "lamp") != NULL);
  test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (self->registry)) == 2);
  g_assert_cmpuint (self->n_changes, <, 20);
}

/* A timeout that is not a number, or too long, is replaced by a valid one. */
static void
test_alive_timeouts (Fixture       *self,
                     gconstpointer  data)
{
  static const char *const timeouts[] = {
    "1e300", "9223372036854775807", "18446744073709551615", "86400", "1e5",
  };
  static const char *const short_ones[] = {
    "-5", "0", "-1e300", "false", "true", "0.5", "NaN", "null",
  };

  for (guint i = 0; i < G_N_ELEMENTS (timeouts) + G_N_ELEMENTS (short_ones); i++)
    {
      gboolean lasts = i < G_N_ELEMENTS (timeouts);
      const char *timeout = lasts ? timeouts[i] : short_ones[i - G_N_ELEMENTS (timeouts)];
      g_autofree char *uuid = NULL, *request = NULL;
      g_autoptr (GVariant) payload = NULL;
      gboolean success = FALSE;

      test_clock_reset ();
      uuid = add (self, "cam", "tcp://10.0.0.1:1000");
      request = g_strdup_printf (
          "{\"event\":\"CHECK_ALIVE\",\"payload\":{\"uuid\":\"%s\",\"alive_timeout\":%s}}", uuid,
          timeout);
      payload = ask (self, request, "ACK");
      g_assert_true (g_variant_lookup (payload, "success", "b", &success));
      g_assert_true (success);
      test_wait_until (count (self) == 1);
      /* The longest timeout is a day. The timeout is 20 s if it is not a number. */
      test_clock_step ((gint64) (lasts ? 86390 : 10) * G_USEC_PER_SEC);
      if (lasts || g_str_equal (timeout, "NaN") || g_str_equal (timeout, "null"))
        g_assert_true (beat (self, "CHECK_ALIVE", uuid, 0));
      test_clock_step ((gint64) (lasts ? 2 * 86400 : 30) * G_USEC_PER_SEC);
      test_wait_until (count (self) == 0);
    }
}

static void
test_too_long_alive (Fixture       *self,
                     gconstpointer  data)
{
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");

  g_assert_true (beat (self, "CHECK_ALIVE", uuid, 4000000000u));
  test_wait_until (count (self) == 1);
  test_clock_step ((gint64) 86402 * G_USEC_PER_SEC);
  test_wait_until (count (self) == 0);
}

/* The event is sent back as far as it is small. */
static void
test_events (Fixture       *self,
             gconstpointer  data)
{
  static const char *const whole[] = { "5", "-2.5", "null", "true", "\"x\"", "\"\"", "\"é\"" };
  g_autofree char *text = g_strnfill (50000, 'x');
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"%s\",\"payload\":{}}", text);
  g_autoptr (GVariant) payload = ask (self, request, "UNSUPPORTED");
  const char *sent = NULL;

  g_assert_true (g_variant_lookup (payload, "req_event", "&s", &sent));
  g_assert_cmpuint (strlen (sent), <=, 1024);
  g_assert_true (g_str_has_prefix (sent, "xxxx"));
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      g_autofree char *asked = g_strdup_printf ("{\"event\":%s}", whole[i]);
      g_autofree char *expected = g_strdup_printf ("{\"req_event\":%s}", whole[i]);
      g_autoptr (GVariant) got = ask (self, asked, "UNSUPPORTED");
      g_autoptr (GVariant) wanted =
          plant_rpc_json_parse (expected, strlen (expected), NULL);

      g_assert_true (g_variant_equal (got, wanted));
    }
}

/* The reply is whole however deep the event is nested. */
static void
test_deep_events (Fixture       *self,
                  gconstpointer  data)
{
  for (guint depth = 1; depth < 45; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '[');
      g_autofree char *closed = g_strnfill (depth, ']');
      g_autofree char *request =
          g_strdup_printf ("{\"event\":%s%s,\"payload\":{}}", open, closed);
      g_autoptr (GVariant) reply = test_peer_ask_json (self->peer, request);
      g_autoptr (GVariant) payload = g_variant_lookup_value (reply, "payload", NULL);
      g_autoptr (GVariant) sent = g_variant_lookup_value (payload, "req_event", NULL);

      g_assert_nonnull (sent);
      g_assert_true (g_variant_is_of_type (sent, G_VARIANT_TYPE_MAYBE));
    }
}

static void
note_running (PlantRpcRegistry *registry,
              GParamSpec       *pspec,
              guint            *n)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (registry)), ==, 0);
  (*n)++;
}

static void
test_restart (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *url = g_strdup (plant_rpc_registry_get_url (self->registry));
  g_autofree char *uuid = add (self, "cam", "tcp://10.0.0.1:1000");
  g_autoptr (PlantRpcRegistry) second = plant_rpc_registry_new (url);
  g_autoptr (GError) error = NULL;
  guint n_told = 0;

  test_wait_until (count (self) == 1);
  g_assert_cmpuint (plant_rpc_registry_get_port (self->registry), >, 0);
  g_assert_false (plant_rpc_registry_start (second, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  /* The list is empty by the time that it is told. */
  g_signal_connect (self->registry, "notify::running", G_CALLBACK (note_running), &n_told);
  plant_rpc_registry_stop (self->registry);
  g_assert_cmpuint (n_told, ==, 1);
  g_signal_handlers_disconnect_by_data (self->registry, &n_told);
  g_assert_false (plant_rpc_registry_get_running (self->registry));
  g_assert_cmpuint (plant_rpc_registry_get_port (self->registry), ==, 0);
  g_assert_cmpuint (count (self), ==, 0);
  g_assert_cmpstr (self->journal->str, ==, "+cam -cam ");
  test_wait_until (plant_rpc_registry_start (second, NULL));
  plant_rpc_registry_stop (second);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/registry/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("model", test_model);
  ADD ("last-seen", test_last_seen);
  ADD ("long-request", test_long_request);
  ADD ("malformed", test_malformed);
  ADD ("list", test_list);
  ADD ("list-is-current", test_list_is_current);
  ADD ("ages", test_ages);
  ADD ("watch", test_watch);
  ADD ("watchers-leave", test_watchers_leave);
  ADD ("busy-application", test_busy_application);
  ADD ("clock", test_clock);
  ADD ("news", test_news);
  ADD ("changes-together", test_changes_together);
  ADD ("alive-timeouts", test_alive_timeouts);
  ADD ("too-long-alive", test_too_long_alive);
  ADD ("events", test_events);
  ADD ("deep-events", test_deep_events);
  ADD ("restart", test_restart);
  return g_test_run ();
}
