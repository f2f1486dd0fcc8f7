/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-calls.h"

static void
test_in_order (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  g_autoptr (TestRequest) a = NULL, b = NULL, c = NULL;

  g_assert_nonnull (test_calls_add (self, "a", 1000, NULL));
  g_assert_nonnull (test_calls_add (self, "b", PLANT_RPC_TIMEOUT_NONE, NULL));
  g_assert_true (test_device_is_idle (device));
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
  g_assert_nonnull (test_calls_add (self, "c", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL));
  a = test_device_expect_call (device, "a");
  b = test_device_expect_call (device, "b");
  c = test_device_expect_call (device, "c");
  test_device_reply_value (device, c, g_variant_new_string ("3"));
  test_device_reply_value (device, a, g_variant_new_int32 (1));
  test_device_reply_value (device, b, NULL);
  assert_told (self, "c:'3' a:1 b:done ");
  g_assert_cmpuint (self->n_quiet, ==, 0);
}

static void
test_formats (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_JSON);
  g_autoptr (TestRequest) a = NULL;

  test_calls_add (self, "a", 1000, NULL);
  a = test_device_expect_call (device, "a");
  g_assert_cmpint (a->request.format, ==, PLANT_RPC_FORMAT_JSON);
  test_device_reply_text (device, a, "{\"success\": true, \"result\": 1}");
  assert_told (self, "a:1 ");
}

/* The deadline lies MS after a moment between SINCE and now. Just before it nothing happens. */
static void
pass_deadline (TestCalls *self,
               gint64     since,
               int        ms)
{
  g_autofree char *told = g_strdup (self->told->str);
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);

  g_assert_cmpint (deadline, >=, since + (gint64) ms * 1000);
  g_assert_cmpint (deadline, <=, g_get_monotonic_time () + (gint64) ms * 1000);
  plant_rpc_timer_ring (self->timer, deadline - 1);
  g_assert_cmpstr (self->told->str, ==, told);
  plant_rpc_timer_ring (self->timer, deadline);
}

static void
test_not_sent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  gint64 since = g_get_monotonic_time ();

  test_calls_add (self, "a", 100, NULL);
  test_calls_add (self, "b", 1000, NULL);
  test_calls_add (self, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  test_calls_add (self, "ever", PLANT_RPC_TIMEOUT_NONE, NULL);
  pass_deadline (self, since, 100);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent ");
  pass_deadline (self, since, 1000);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent b:not-sent ");
  pass_deadline (self, since, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent b:not-sent told:not-sent ");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  /* Nobody was quiet: nothing was asked. */
  g_assert_cmpuint (self->n_quiet, ==, 0);
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
  test_request_free (test_device_expect_call (device, "ever"));
  g_assert_true (test_device_is_idle (device));
}

/* A call whose time was over before it began does not go out, also if there is a connection. */
static void
test_time_before (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);

  g_assert_null (test_calls_add (self, "a", -2, NULL));
  g_assert_cmpstr (self->told->str, ==, "a:not-sent ");
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
  g_assert_null (test_calls_add (self, "b", G_MININT, NULL));
  g_assert_cmpstr (self->told->str, ==, "a:not-sent b:not-sent ");
  test_calls_add (self, "c", 1000, NULL);
  test_request_free (test_device_expect_call (device, "c"));
  g_assert_true (test_device_is_idle (device));
}

/* A read has the time for properties, whatever else the server says. */
static void
test_property_timeout (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  PlantRpcRequest read = { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = g_strdup ("a") };
  PlantRpcRequest write = { .event = PLANT_RPC_EVENT_PROPERTY_SET, .name = g_strdup ("b") };
  gint64 since = g_get_monotonic_time ();

  g_assert_cmpint (plant_rpc_calls_get_property_timeout (self->calls), ==,
                   PLANT_RPC_TIMEOUT_DEFAULT);
  self->server_timeout = 100;
  plant_rpc_calls_set_property_timeout (self->calls, 300);
  test_calls_add_request (self, &read, FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, FALSE);
  pass_deadline (self, since, 300);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent ");
  plant_rpc_calls_set_property_timeout (self->calls, PLANT_RPC_TIMEOUT_NONE);
  write.value = g_variant_ref_sink (g_variant_new_int32 (1));
  test_calls_add_request (self, &write, FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, FALSE);
  test_calls_pass (self, G_MAXINT);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent ");
}

/* Until it is sent a call waits for a shorter time than then. */
static void
test_send_timeout (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  gint64 since = g_get_monotonic_time ();

  g_assert_cmpint (plant_rpc_calls_get_send_timeout (self->calls), ==, PLANT_RPC_TIMEOUT_NONE);
  plant_rpc_calls_set_send_timeout (self->calls, 200);
  test_calls_add (self, "short", 100, NULL);
  test_calls_add (self, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  test_calls_add (self, "ever", PLANT_RPC_TIMEOUT_NONE, NULL);
  pass_deadline (self, since, 100);
  g_assert_cmpstr (self->told->str, ==, "short:not-sent ");
  test_calls_pass (self, 200);
  g_assert_nonnull (strstr (self->told->str, "told:not-sent "));
  g_assert_nonnull (strstr (self->told->str, "ever:not-sent "));

  g_string_truncate (self->told, 0);
  since = g_get_monotonic_time ();
  test_calls_add (self, "a", 1000, NULL);
  test_calls_add (self, "b", PLANT_RPC_TIMEOUT_NONE, NULL);
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
  test_request_free (test_device_expect_call (device, "a"));
  test_calls_pass (self, 200);
  g_assert_cmpstr (self->told->str, ==, "");
  pass_deadline (self, since, 1000);
  test_calls_pass (self, G_MAXINT);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out ");

  plant_rpc_calls_pause (self->calls);
  plant_rpc_calls_set_send_timeout (self->calls, 0);
  test_calls_add (self, "c", 1000, NULL);
  test_calls_pass (self, 1);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out c:not-sent ");
}

static void
keep_error (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  *(GError **) user_data = g_error_copy (error);
}

/* The reason for there being no connection is told, but not one that is over. */
static void
test_reason (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "dog bites");

  for (guint i = 0; i < 3; i++)
    {
      PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("a") };
      g_autoptr (GError) error = NULL;

      plant_rpc_calls_set_reason (self->calls, i == 1 ? reason : NULL);
      plant_rpc_calls_add (self->calls, &request, FALSE, 100, NULL, FALSE, keep_error, &error);
      test_calls_pass (self, 100);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
      g_assert_true ((strstr (error->message, "dog bites") != NULL) == (i == 1));
    }
}

/* Only the reply to a call may be larger than what is held of a connection. */
static void
test_large_reply (void)
{
  static const PlantRpcEvent events[] = { PLANT_RPC_EVENT_METHOD_CALL,
                                          PLANT_RPC_EVENT_PROPERTY_GET };
  const gsize size = PLANT_RPC_MAX_UNFINISHED + 1024 * 1024;
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (size), size);

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
      PlantRpcRequest request = { .event = events[i], .name = g_strdup ("a") };
      g_autoptr (TestRequest) asked = NULL;

      test_calls_add_request (self, &request, TRUE, 100000, NULL, FALSE);
      asked = test_device_expect (device, events[i]);
      test_device_reply (device, asked, large, NULL);
      test_wait_until (self->told->len > 0);
      g_assert_cmpint (g_str_equal (self->told->str, "a:outcome-unknown "), ==, i == 1);
    }
}

/* The late reply is dropped, and the next call does not get it. */
static void
test_timed_out (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  self->server_timeout = 300;
  test_calls_add (self, "a", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  a = test_device_expect_call (device, "a");
  test_calls_pass (self, 200);
  g_assert_cmpstr (self->told->str, ==, "");
  test_calls_pass (self, 300);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out ");
  g_assert_cmpuint (self->n_quiet, ==, 1);
  test_calls_add (self, "b", 10000, NULL);
  test_device_reply_value (device, a, g_variant_new_string ("late"));
  b = test_device_expect_call (device, "b");
  test_device_reply_value (device, b, g_variant_new_string ("right"));
  assert_told (self, "a:timed-out b:'right' ");
  g_assert_cmpuint (plant_rpc_link_get_n_late (self->link), ==, 1);
}

static void
ring_next (gpointer owner)
{
  TestCalls *self = owner;
  gint64 deadline;

  while ((deadline = plant_rpc_timer_get_deadline (self->timer)) >= 0)
    plant_rpc_timer_ring (self->timer, deadline);
  g_string_append (self->told, ". ");
}

/* The end of one call may run a main loop, in which the others end in their time. */
static void
test_timed_out_inside (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);

  for (guint i = 0; i < 2; i++)
    {
      g_string_truncate (self->told, 0);
      test_calls_add (self, "a", 100, NULL);
      test_calls_add (self, "b", i == 0 ? 1000 : 100, NULL);
      self->action = ring_next;
      plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer) + 1000);
      g_assert_true (g_str_has_suffix (self->told->str, ":not-sent . "));
      g_assert_nonnull (strstr (self->told->str, "a:not-sent"));
      g_assert_nonnull (strstr (self->told->str, "b:not-sent"));
      g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
    }
}

/* Who blocks looks at the clock itself. */
static void
test_blocking (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("a") };
  PlantRpcCall *call = test_calls_add_request (self, &request, FALSE, 100, NULL, TRUE);

  g_assert_cmpint (*plant_rpc_call_get_deadline (call), <=, g_get_monotonic_time () + 100 * 1000);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  test_calls_add (self, "b", 50, NULL);
  test_calls_pass (self, 200);
  g_assert_cmpstr (self->told->str, ==, "b:timed-out ");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  plant_rpc_call_expire (call);
  g_assert_cmpstr (self->told->str, ==, "b:timed-out a:timed-out ");
}

static void
test_for_ever (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->server_timeout = PLANT_RPC_TIMEOUT_NONE;
  test_calls_add (self, "a", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  test_calls_add (self, "b", PLANT_RPC_TIMEOUT_NONE, NULL);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  test_calls_pass (self, G_MAXINT);
  g_assert_cmpstr (self->told->str, ==, "");
}

static void
test_unknown (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);

  self->unknown = TRUE;
  test_calls_add (self, "a", 1000, NULL);
  g_assert_cmpstr (self->told->str, ==, "");
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_JSON);
  g_assert_cmpstr (self->told->str, ==, "a:unknown-method ");
  g_assert_null (test_calls_add (self, "b", 1000, NULL));
  g_assert_cmpstr (self->told->str, ==, "a:unknown-method b:unknown-method ");
  g_assert_true (test_device_is_idle (device));
}

static void
test_errors (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  test_calls_add (self, "a", 1000, NULL);
  a = test_device_expect_call (device, "a");
  test_device_reply_error (device, a, "broken");
  assert_told (self, "a:remote ");
  test_calls_add (self, "b", 1000, NULL);
  b = test_device_expect_call (device, "b");
  test_device_reply_text (device, b, "{\"success\": false, \"error\": \"x\"}");
  assert_told (self, "a:remote b:remote ");
}

static void
reply_named (TestDevice *device,
             const char *method,
             const char *name)
{
  g_autoptr (TestRequest) request = test_device_expect_call (device, method);
  g_autofree char *text = g_strdup_printf (
      "{\"success\": false, \"error\": \"x\", \"name\": \"%s\"}", name);

  test_device_reply_text (device, request, text);
}

/* Only a relay knows what became of a request behind it. */
static void
test_relay (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  static const char *const names[] = { "not-sent", "outcome-unknown", "closed" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (names); i++)
    {
      const gsize length = self->told->len;

      self->is_relay = i >= G_N_ELEMENTS (names);
      test_calls_add (self, "a", 1000, NULL);
      reply_named (device, "a", names[i % G_N_ELEMENTS (names)]);
      test_wait_until (self->told->len > length);
    }
  g_assert_cmpstr (self->told->str, ==, "a:remote a:remote a:remote a:not-sent"
                                        " a:outcome-unknown a:remote ");
}

/* What is not the protocol is an error of that call alone. */
static void
test_rubbish (void)
{
  static const char *const replies[] = {
    "",       "x",         "[]",          "{}",         "{\"success\": true",
    "\x90",   "\x90xyz",   "\x92",        "\x94\xff",   "{\"success\": true}",
    "\x93",   "\xff\xff",  "\x91 x",   "\xa0",       "{\"success\": 1, \"error\": 2}",
    "\x90\xff\xff\xff",
  };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (TestRequest) request = NULL;

      g_string_truncate (self->told, 0);
      test_calls_add (self, "a", 1000, NULL);
      request = test_device_expect_call (device, "a");
      test_device_reply_text (device, request, replies[i]);
      test_wait_until (self->told->len > 0);
      g_assert_cmpstr (self->told->str, ==, "a:protocol ");
    }
  g_string_truncate (self->told, 0);
  test_calls_add (self, "b", 1000, NULL);
  last = test_device_expect_call (device, "b");
  test_device_reply_value (device, last, NULL);
  assert_told (self, "b:done ");
}

static void
test_without_payload (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) request = NULL;

  test_calls_add (self, "a", 100, NULL);
  request = test_device_expect_call (device, "a");
  test_device_reply (device, request, NULL, NULL);
  test_wait_until (plant_rpc_link_get_n_malformed (self->link) == 1);
  test_calls_pass (self, 100);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/calls/in-order", test_in_order);
  g_test_add_func ("/calls/formats", test_formats);
  g_test_add_func ("/calls/not-sent", test_not_sent);
  g_test_add_func ("/calls/time-before", test_time_before);
  g_test_add_func ("/calls/property-timeout", test_property_timeout);
  g_test_add_func ("/calls/send-timeout", test_send_timeout);
  g_test_add_func ("/calls/timed-out-inside", test_timed_out_inside);
  g_test_add_func ("/calls/blocking", test_blocking);
  g_test_add_func ("/calls/reason", test_reason);
  g_test_add_func ("/calls/large-reply", test_large_reply);
  g_test_add_func ("/calls/timed-out", test_timed_out);
  g_test_add_func ("/calls/for-ever", test_for_ever);
  g_test_add_func ("/calls/unknown", test_unknown);
  g_test_add_func ("/calls/errors", test_errors);
  g_test_add_func ("/calls/relay", test_relay);
  g_test_add_func ("/calls/rubbish", test_rubbish);
  g_test_add_func ("/calls/without-payload", test_without_payload);

  return g_test_run ();
}
