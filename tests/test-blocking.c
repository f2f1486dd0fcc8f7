/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "plant-rpc-error.h"
#include "plant-rpc-subscription-private.h"
#include "plant-rpc-test-ipv6.h"
#include "plant-rpc-test-worker.h"

/* ---- everything arrives in the client's own context */

static void
on_captured (PlantRpcClient *client,
             const char     *name,
             int             number,
             gpointer        user_data)
{
  record (user_data, "%s:%d ", name, number);
  if (g_str_equal (name, "write"))
    g_object_set (client, "level", 99, NULL);
}

static void
be_shown (gpointer worker)
{
  Worker *self = worker;

  make_client (self);
  g_signal_connect (self->client, "captured", G_CALLBACK (on_captured), self);
  plant_rpc_client_call (self->client, "echo", NULL, NULL, 20000, NULL, on_called, self);
  run_until (self, g_str_has_suffix (self->told->str, "ready "));
  step (self);
  run_until (self, g_str_has_suffix (self->told->str, "level:30 failed:level "));
}

static void
test_context (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), be_shown);
  g_autoptr (TestRequest) request = NULL;

  test_device_greet (device, 10, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  allow (worker);
  test_device_push_signal (device, 1, "captured", captured ("a", 1));
  test_device_push_changed (device, 2, "level", g_variant_new_int32 (30));
  test_device_reply_value (device, request, g_variant_new_int32 (7));
  test_device_push_signal (device, 3, "captured", captured ("write", 3));
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_error (device, request, "no");
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==,
                   "level:10 ready a:1 level:30 reply:7 write:3 level:99 level:30 failed:level ");
}

/* ---- blocking lets nothing through */

static void
call_from_handler (PlantRpcClient *client,
                   const char     *name,
                   int             number,
                   gpointer        user_data)
{
  Worker *self = user_data;

  record (self, "%s:%d ", name, number);
  if (!g_str_equal (name, "call"))
    return;
  record (self, "( ");
  {
    g_autofree char *result = call_sync (self, "echo");

    record (self, "%s ) ", result);
  }
}

static void
block_in_handler (gpointer worker)
{
  Worker *self = worker;

  make_ready_client (self);
  g_signal_connect (self->client, "captured", G_CALLBACK (call_from_handler), self);
  plant_rpc_client_call (self->client, "patient", NULL, NULL, 20000, NULL, on_called, self);
  run_until (self, strstr (self->told->str, "end:") != NULL);
}

/* While a handler blocks for its call everything else waits, and comes in order afterwards. */
static void
test_in_handler (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), block_in_handler);
  g_autoptr (TestRequest) other = NULL, request = NULL;

  test_device_greet (device, 10, "x");
  other = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_push_signal (device, 1, "captured", captured ("call", 1));
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_push_signal (device, 2, "captured", captured ("a", 2));
  test_device_push_changed (device, 3, "level", g_variant_new_int32 (20));
  test_device_reply_value (device, other, g_variant_new_int32 (5));
  test_device_push_changed (device, 4, "level", g_variant_new_int32 (30));
  test_device_push_signal (device, 5, "captured", captured ("end", 3));
  test_device_reply_value (device, request, g_variant_new_int32 (6));
  worker_join (worker);
  /* Changes of one property are merged into the first of them. */
  g_assert_cmpstr (worker->told->str, ==, "call:1 ( 6 ) a:2 level:30 reply:5 end:3 ");
}

/* A handler that blocks in a handler that blocks. */
static void
block_twice (gpointer worker)
{
  Worker *self = worker;

  make_ready_client (self);
  g_signal_connect (self->client, "captured", G_CALLBACK (call_from_handler), self);
  step (self);
  run_until (self, strstr (self->told->str, "end:") != NULL);
}

static void
test_one_after_the_other (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), block_twice);
  g_autoptr (TestRequest) one = NULL, two = NULL;

  test_device_greet (device, 10, "x");
  allow (worker);
  test_device_push_signal (device, 1, "captured", captured ("call", 1));
  one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_push_signal (device, 2, "captured", captured ("call", 2));
  test_device_push_signal (device, 3, "captured", captured ("end", 3));
  test_device_reply_value (device, one, g_variant_new_int32 (1));
  two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, two, g_variant_new_int32 (2));
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "call:1 ( 1 ) call:2 ( 2 ) end:3 ");
}

/* ---- outcomes */

static void
call_once (gpointer worker)
{
  Worker *self = worker;
  g_autofree char *result = NULL;

  make_client (self);
  result = call_sync (self, "echo");
  run_pending (self);
  g_string_assign (self->told, result);
}

static void
test_before_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_once);
  g_autoptr (TestRequest) request = NULL;

  test_device_greet (device, 10, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "5");
}

static void
test_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_once);

  test_device_greet (device, 10, "x");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_cancellable_cancel (worker->cancellable);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_CANCEL));
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "g-io-error-quark:19");
}

static void
test_cancelled_before_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_once);

  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
  g_cancellable_cancel (worker->cancellable);
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "g-io-error-quark:19");
  g_assert_true (test_device_is_idle (device));
}

static void
test_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_once);
  g_autofree char *expected = g_strdup_printf ("%s:%d", g_quark_to_string (PLANT_RPC_ERROR),
                                               PLANT_RPC_ERROR_OUTCOME_UNKNOWN);

  test_device_greet (device, 10, "x");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_clear_pointer (&device, test_device_free);
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, expected);
}

static void
become_ready (gpointer worker)
{
  Worker *self = worker;

  make_client (self);
  self->blocking = TRUE;
  g_assert_true (plant_rpc_client_wait_ready_sync (self->client, 20000, NULL, NULL));
  self->blocking = FALSE;
  run_pending (self);
}

/* What arrived meanwhile is notified in the same order as without blocking: first the values. */
static void
test_values_before_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), become_ready);

  test_device_greet (device, 10, "x");
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "level:10 ready ");
}

static void
time_out (gpointer worker)
{
  Worker *self = worker;
  g_autoptr (GError) error = NULL;

  make_ready_client (self);
  g_assert_null (plant_rpc_client_call_sync (self->client, "told", NULL, NULL,
                                             PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (plant_rpc_client_get_state (self->client), ==, PLANT_RPC_STATE_SUSPECT);
  g_clear_error (&error);
  g_assert_true (plant_rpc_client_wait_ready_sync (self->client, 20000, NULL, &error));
}

static void
test_timed_out (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), time_out);
  g_autoptr (TestRequest) probe = NULL;

  test_device_greet (device, 10, "x");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  probe = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, probe, "{}");
  worker_join (worker);
}

/* Returns the descriptor of this process that is connected to URL. */
static int
find_connected (const char *url)
{
  const guint16 port = htons (g_ascii_strtoull (strrchr (url, ':') + 1, NULL, 10));

  for (int fd = 0; fd < 1024; fd++)
    {
      struct sockaddr_in6 peer = { 0 };
      socklen_t size = sizeof peer;

      /* The port has the same place in an address of IPv4. */
      if (getpeername (fd, (struct sockaddr *) &peer, &size) == 0 &&
          (peer.sin6_family == AF_INET || peer.sin6_family == AF_INET6) && peer.sin6_port == port)
        return fd;
    }
  g_assert_not_reached ();
}

static ino_t
get_inode (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 ? status.st_ino : 0;
}

static void
call_after_restart (gpointer worker)
{
  Worker *self = worker;
  g_autofree char *end = NULL;

  make_ready_client (self);
  step (self);
  end = call_sync (self, "echo");
  g_string_append (self->told, end);
}

/* A script runs no loop, so it does not know yet that the device has restarted. Its call was
 * certainly not sent to the former process. */
static void
restart (const char *host)
{
  g_autoptr (TestDevice) device = test_device_new_at (host);
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (Worker) worker = worker_new (url, call_after_restart);
  g_autoptr (TestRequest) request = NULL;
  ino_t inode;
  int fd;

  test_device_greet (device, 10, "x");
  test_wait_until (g_atomic_int_get (&worker->step) == 2);
  fd = find_connected (url);
  inode = get_inode (fd);
  g_clear_pointer (&device, test_device_free);
  test_wait_until (get_inode (fd) != inode);
  device = test_device_new_at (url);
  allow (worker);
  test_device_greet (device, 20, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "5");
}

static void
test_restarted (void)
{
  restart ("tcp://127.0.0.1:*");
}

static void
test_restarted_ipv6 (void)
{
  if (test_has_ipv6 ())
    restart ("tcp://[::1]:*");
  else
    g_test_skip ("this machine has no IPv6");
}

static void
not_send (gpointer worker)
{
  Worker *self = worker;
  g_autoptr (GError) error = NULL;

  make_client (self);
  g_assert_null (plant_rpc_client_call_sync (self->client, "echo", NULL, NULL, 30, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_sync (self->client, 30, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_not_sent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (Worker) silent = NULL, nobody = NULL;

  silent = worker_new (url, not_send);
  worker_join (silent);
  g_clear_pointer (&device, test_device_free);
  nobody = worker_new (url, not_send);
  worker_join (nobody);
}

/* ---- properties */

static void
write_and_flush (gpointer worker)
{
  Worker *self = worker;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) read = NULL;
  int level;

  make_ready_client (self);
  g_object_set (self->client, "level", 20, NULL);
  g_object_set (self->client, "level", 30, NULL);
  self->blocking = TRUE;
  g_assert_true (plant_rpc_client_flush_sync (self->client, NULL, &error));
  g_object_get (self->client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 21);
  g_assert_true (plant_rpc_client_write_property_sync (self->client, "level",
                                                       g_variant_new_int32 (40), NULL, &error));
  g_object_get (self->client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 41);
  read = plant_rpc_client_read_property_sync (self->client, "level", NULL, &error);
  g_assert_cmpint (g_variant_get_int32 (read), ==, 42);
  g_assert_true (plant_rpc_client_refresh_sync (self->client, NULL, &error));
  g_object_get (self->client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 43);
  self->blocking = FALSE;
  run_pending (self);
}

static void
test_properties (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), write_and_flush);
  g_autoptr (TestRequest) one = NULL, two = NULL, three = NULL, four = NULL, five = NULL;

  test_device_greet (device, 10, "x");
  one = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_value (device, one, g_variant_new_int32 (21));
  two = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_error (device, two, "no");
  three = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_value (device, three, g_variant_new_int32 (41));
  four = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_value (device, four, g_variant_new_int32 (42));
  five = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, five, g_variant_new_parsed ("{'level': <43>}"));
  worker_join (worker);
  g_assert_cmpstr (worker->told->str, ==, "level:20 level:30 level:43 failed:level ");
}

/* ---- what arrives meanwhile is bounded */

static void
on_counted (PlantRpcClient *client,
            const char     *name,
            int             number,
            gpointer        user_data)
{
  Worker *self = user_data;

  g_assert_false (self->blocking);
  g_assert_cmpint (number, ==, self->n_counted);
  self->n_counted++;
}

static void
call_under_stream (gpointer worker)
{
  Worker *self = worker;

  make_ready_client (self);
  g_signal_connect (self->client, "captured", G_CALLBACK (on_counted), self);
  g_free (call_sync (self, "echo"));
  g_assert_cmpint (self->n_counted, ==, 0);
  step (self);
  run_until (self, self->n_counted == 2000);
}

/* Nothing is acknowledged that the application has not seen. */
static void
test_stream (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_under_stream);
  g_autoptr (TestRequest) request = NULL, credit = NULL;
  guint64 sequence = 0;

  test_device_greet (device, 10, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  for (int i = 0; i < 2000; i++)
    {
      test_device_push_signal (device, ++sequence, "captured", captured ("stream", i));
      test_device_push_changed (device, ++sequence, "level", g_variant_new_int32 (i));
    }
  test_device_reply_value (device, request, NULL);
  test_wait_until (g_atomic_int_get (&worker->step) == 2);
  while (!test_device_is_idle (device))
    {
      g_clear_pointer (&credit, test_request_free);
      credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
      g_assert_cmpuint (credit->request.number, ==, 0);
    }
  allow (worker);
  do
    {
      g_clear_pointer (&credit, test_request_free);
      credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
    }
  while (credit->request.number < sequence - 1000);
  worker_join (worker);
}

/* A server that does not care for credit. */
static void
call_under_flood (gpointer worker)
{
  Worker *self = worker;

  make_ready_client (self);
  g_free (call_sync (self, "echo"));
  g_free (call_sync (self, "echo"));
  run_until (self, g_str_has_prefix (self->told->str, "lost:") ||
                       strstr (self->told->str, " lost:") != NULL);
}

static void
test_flood (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) worker = worker_new (test_device_get_url (device), call_under_flood);
  g_autoptr (TestRequest) one = NULL, two = NULL, all = NULL;
  guint64 n = 0;

  test_device_greet (device, 10, "x");
  one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  for (int i = 0; i < 5000; i++)
    test_device_push_signal (device, i + 1, "captured", captured ("flood", i));
  test_device_reply_value (device, one, NULL);
  two = test_device_expect_soon (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, two, NULL);
  worker_join (worker);
  n = g_ascii_strtoull (strstr (worker->told->str, "lost:") + 5, NULL, 10);
  g_assert_cmpuint (n, ==, 5000 - 4096);
}

/* ---- discovery */

static void
discover (gpointer worker)
{
  Worker *self = worker;
  g_autoptr (GError) error = NULL;

  self->client = plant_rpc_client_discover_sync (self->url, 20000, self->cancellable, &error);
  if (error != NULL)
    g_string_append_printf (self->told, "%s:%d", g_quark_to_string (error->domain), error->code);
  else
    g_string_append (self->told, "found");
}

static void
test_discover (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Worker) good = worker_new (test_device_get_url (device), discover);
  g_autoptr (Worker) cancelled = NULL;

  test_device_greet (device, 10, "x");
  worker_join (good);
  g_assert_cmpstr (good->told->str, ==, "found");
  cancelled = worker_new (test_device_get_url (device), discover);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
  g_cancellable_cancel (cancelled->cancellable);
  worker_join (cancelled);
  g_assert_cmpstr (cancelled->told->str, ==, "g-io-error-quark:19");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/blocking/context", test_context);
  g_test_add_func ("/blocking/in-handler", test_in_handler);
  g_test_add_func ("/blocking/one-after-the-other", test_one_after_the_other);
  g_test_add_func ("/blocking/before-ready", test_before_ready);
  g_test_add_func ("/blocking/cancelled", test_cancelled);
  g_test_add_func ("/blocking/cancelled-before-ready", test_cancelled_before_ready);
  g_test_add_func ("/blocking/lost", test_lost);
  g_test_add_func ("/blocking/restarted", test_restarted);
  g_test_add_func ("/blocking/restarted-ipv6", test_restarted_ipv6);
  g_test_add_func ("/blocking/values-before-ready", test_values_before_ready);
  g_test_add_func ("/blocking/timed-out", test_timed_out);
  g_test_add_func ("/blocking/not-sent", test_not_sent);
  g_test_add_func ("/blocking/properties", test_properties);
  g_test_add_func ("/blocking/stream", test_stream);
  g_test_add_func ("/blocking/flood", test_flood);
  g_test_add_func ("/blocking/discover", test_discover);

  return g_test_run ();
}
