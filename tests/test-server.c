/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-peer.h"

/* ---- urls and life */

/* It is told once, and only of a server that others can reach. */
static void
test_openness (void)
{
  g_autoptr (PlantRpcServer) near = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcServer) secured = plant_rpc_server_new (NULL, "tcp://*:*");
  g_autoptr (PlantRpcServer) open = plant_rpc_server_new (NULL, "tcp://*:*");
  g_autoptr (PlantRpcServer) other = plant_rpc_server_new (NULL, "tcp://*:*");
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  plant_rpc_server_set_keypair (secured, keypair);
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*is not secured*");
  g_assert_true (plant_rpc_server_start (near, NULL));
  g_assert_true (plant_rpc_server_start (secured, NULL));
  test_log_assert_missing ();
  g_assert_true (plant_rpc_server_start (open, NULL));
  test_log_assert_caught ();
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*is not secured*");
  g_assert_true (plant_rpc_server_start (other, NULL));
  test_log_assert_missing ();
  test_log_forget ();
}

static void
test_picked_port (void)
{
  g_autoptr (PlantRpcServer) first = plant_rpc_server_new (NULL, "tcp://127.0.0.1");
  g_autoptr (PlantRpcServer) second = plant_rpc_server_new (NULL, "tcp://*");
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  g_assert_cmpuint (plant_rpc_server_get_port (first), ==, 0);
  g_assert_cmpstr (plant_rpc_server_get_url (first), ==, "tcp://127.0.0.1");
  g_assert_true (plant_rpc_server_start (first, &error));
  g_assert_true (plant_rpc_server_start (second, &error));
  g_assert_cmpuint (plant_rpc_server_get_port (first), >=, 10000);
  g_assert_cmpuint (plant_rpc_server_get_port (first), <, 12000);
  url = g_strdup_printf ("tcp://127.0.0.1:%u", plant_rpc_server_get_port (first));
  g_assert_cmpstr (plant_rpc_server_get_url (first), ==, url);
  g_free (url);
  url = g_strdup_printf ("tcp://*:%u", plant_rpc_server_get_port (second));
  g_assert_cmpstr (plant_rpc_server_get_url (second), ==, url);
}

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              gpointer    user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
test_life (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;
  g_autofree char *uuid = NULL;
  guint n_running = 0, n_port = 0, n_url = 0, n_uuid = 0;

  g_signal_connect (server, "notify::running", G_CALLBACK (count_notify), &n_running);
  g_signal_connect (server, "notify::port", G_CALLBACK (count_notify), &n_port);
  g_signal_connect (server, "notify::url", G_CALLBACK (count_notify), &n_url);
  g_signal_connect (server, "notify::uuid", G_CALLBACK (count_notify), &n_uuid);
  g_assert_true (plant_rpc_server_get_object (server) == G_OBJECT (server));
  g_assert_null (plant_rpc_server_get_uuid (server));
  g_assert_true (plant_rpc_server_start (server, &error));
  g_assert_true (plant_rpc_server_start (server, &error));
  g_assert_cmpuint (n_running, ==, 1);
  g_assert_cmpuint (n_port, ==, 1);
  g_assert_cmpuint (n_url, ==, 1);
  g_assert_cmpuint (n_uuid, ==, 1);
  uuid = g_strdup (plant_rpc_server_get_uuid (server));
  g_assert_true (g_uuid_string_is_valid (uuid));

  plant_rpc_server_stop (server);
  plant_rpc_server_stop (server);
  g_assert_cmpuint (n_running, ==, 2);
  g_assert_cmpuint (n_port, ==, 2);
  g_assert_cmpuint (n_url, ==, 2);
  g_assert_cmpuint (n_uuid, ==, 1);
  g_assert_cmpuint (plant_rpc_server_get_port (server), ==, 0);
  g_assert_false (plant_rpc_server_get_running (server));
  g_assert_cmpstr (plant_rpc_server_get_url (server), ==, "tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_server_start (server, &error));
  g_assert_cmpstr (plant_rpc_server_get_uuid (server), !=, uuid);
}

static void
keep_call (PlantRpcInvocation  *invocation,
           gpointer             user_data,
           GError             **error)
{
  g_ptr_array_add (user_data, g_object_ref (invocation));
}

static void
test_limits (void)
{
  static const char call[] = "{\"event\": \"METHOD_CALL\", \"method\": \"keep\","
                             " \"params\": {\"args\": [], \"kwargs\": {}}}";
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (TestPeer) peer = NULL;
  guint n_notified = 0;

  g_assert_cmpuint (plant_rpc_server_get_max_peer_calls (server), ==, 1000);
  g_assert_cmpuint (plant_rpc_server_get_max_unread (server), ==, 512 * 1024 * 1024);
  g_signal_connect (server, "notify::max-peer-calls", G_CALLBACK (count_notify), &n_notified);
  g_signal_connect (server, "notify::max-unread", G_CALLBACK (count_notify), &n_notified);
  for (guint i = 0; i < 2; i++)
    {
      plant_rpc_server_set_max_peer_calls (server, 2);
      plant_rpc_server_set_max_unread (server, 1024 * 1024);
      g_assert_cmpuint (n_notified, ==, 2);
    }
  plant_rpc_server_register_method_json (server, "keep", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         keep_call, kept, NULL);
  g_assert_true (plant_rpc_server_start (server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  for (guint i = 0; i < 2; i++)
    test_peer_send_text (peer, "", call, NULL);
  test_peer_assert_refused (peer, call, "limit");
  g_assert_cmpuint (kept->len, ==, 2);
}

static void
test_restart_at_url (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1");
  g_autoptr (PlantRpcServer) fixed = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_server_start (server, &error));
  url = g_strdup (plant_rpc_server_get_url (server));
  fixed = plant_rpc_server_new (NULL, url);
  g_assert_false (plant_rpc_server_start (fixed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  plant_rpc_server_stop (server);
  test_wait_until (plant_rpc_server_start (fixed, NULL));
  plant_rpc_server_stop (fixed);
  test_wait_until (plant_rpc_server_start (fixed, NULL));
}

static void
test_bad_urls (void)
{
  static const char *const urls[] = {
    "", "127.0.0.1", "http://127.0.0.1", "tcp://", "tcp://h:99999", "inproc://x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, urls[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_server_start (server, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
      g_assert_false (plant_rpc_server_get_running (server));
    }
  {
    g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://203.0.113.1:5000");
    g_autoptr (GError) error = NULL;

    g_assert_false (plant_rpc_server_serve_forever (server, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == G_IO_ERROR);
  }
}

/* ---- what is offered */

static gboolean
lists (GVariant   *reply,
       const char *member,
       const char *name)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (reply, member, G_VARIANT_TYPE ("av"));
  GVariantIter iter;
  GVariant *item;
  gboolean found = FALSE;

  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "v", &item))
    found |= g_str_equal (g_variant_get_string (item, NULL), name);
  return found;
}

static void
test_hidden (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (gauge), "tcp://127.0.0.1:*");
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (GVariant) reply = NULL;

  plant_rpc_server_hide_member (server, "level");
  plant_rpc_server_hide_member (server, "measured");
  g_assert_true (plant_rpc_server_start (server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  reply = test_peer_ask_json (peer, "{\"event\": \"GET_INVENTORY\"}");
  g_assert_false (lists (reply, "properties", "level"));
  g_assert_false (lists (reply, "signals", "levelChanged"));
  g_assert_false (lists (reply, "signals", "measured"));
  g_assert_true (lists (reply, "properties", "mode"));
  test_peer_assert_refused (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                            "unknown-property");
}

/* ---- a device that is a server */

#define TEST_TYPE_THERMOMETER (test_thermometer_get_type ())
G_DECLARE_FINAL_TYPE (TestThermometer, test_thermometer, TEST, THERMOMETER, PlantRpcServer)

struct _TestThermometer {
  PlantRpcServer      parent_instance;
  double              celsius;
  PlantRpcInvocation *waiting; /* (owned) (nullable) */
  guint               n_asked;
};

G_DEFINE_FINAL_TYPE (TestThermometer, test_thermometer, PLANT_RPC_TYPE_SERVER)

static void
test_thermometer_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  g_value_set_double (value, TEST_THERMOMETER (object)->celsius);
}

static void
test_thermometer_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  TEST_THERMOMETER (object)->celsius = g_value_get_double (value);
}

/* Below 0 the class above decides, up to 30 is fine, up to 40 needs thought, up to 50 is done by
 * hand. */
static gboolean
test_thermometer_write_property (PlantRpcServer      *server,
                                 PlantRpcInvocation  *invocation,
                                 const char          *name,
                                 GVariant            *value,
                                 GError             **error)
{
  TestThermometer *self = TEST_THERMOMETER (server);
  double celsius = g_variant_get_double (value);

  self->n_asked++;
  g_assert_cmpstr (name, ==, "target-celsius");
  g_assert_cmpstr (plant_rpc_invocation_get_name (invocation), ==, name);
  g_assert_cmpvariant (plant_rpc_invocation_get_value (invocation), value);
  g_assert_cmpstr (plant_rpc_invocation_get_sender (invocation), ==, "127.0.0.1");
  if (celsius < 0)
    return PLANT_RPC_SERVER_CLASS (test_thermometer_parent_class)
        ->write_property (server, invocation, name, value, error);
  if (celsius <= 30)
    return TRUE;
  if (celsius <= 40)
    self->waiting = g_object_ref (invocation);
  else if (celsius <= 50)
    plant_rpc_invocation_return_value (invocation, NULL);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "too hot: %.0f", celsius);
  return FALSE;
}

static void
test_thermometer_class_init (TestThermometerClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = test_thermometer_get_property;
  G_OBJECT_CLASS (klass)->set_property = test_thermometer_set_property;
  PLANT_RPC_SERVER_CLASS (klass)->write_property = test_thermometer_write_property;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
                                   g_param_spec_double ("target-celsius", NULL, NULL, -50, 100, 20,
                                                        G_PARAM_READWRITE));
}

static void
test_thermometer_init (TestThermometer *self)
{
}

static const char write_format[] =
    "{\"event\": \"PROPERTY_SET\", \"property\": \"target_celsius\", \"value\": %s}";

static void
test_subclass (void)
{
  TestThermometer *device = g_object_new (TEST_TYPE_THERMOMETER, "url", "tcp://127.0.0.1:*", NULL);
  TestThermometer *gone = device;
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (GVariant) inventory = NULL, properties = NULL;

  g_object_add_weak_pointer (G_OBJECT (device), (gpointer *) &gone);
  g_assert_true (plant_rpc_server_start (PLANT_RPC_SERVER (device), NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (PLANT_RPC_SERVER (device)));
  inventory = test_peer_ask_json (peer, "{\"event\": \"GET_INVENTORY\"}");
  properties = g_variant_lookup_value (inventory, "properties", NULL);
  g_assert_cmpuint (g_variant_n_children (properties), ==, 1);
  g_assert_true (lists (inventory, "properties", "target_celsius"));
  g_object_unref (device);
  g_assert_null (gone);
}

static void
test_decisions (void)
{
  g_autoptr (TestThermometer) device =
      g_object_new (TEST_TYPE_THERMOMETER, "url", "tcp://127.0.0.1:*", NULL);
  g_autofree char *above = g_strdup_printf (write_format, "-5");
  g_autofree char *good = g_strdup_printf (write_format, "25");
  g_autofree char *later = g_strdup_printf (write_format, "35");
  g_autofree char *by_hand = g_strdup_printf (write_format, "45");
  g_autofree char *bad = g_strdup_printf (write_format, "60");
  g_autofree char *wrong = g_strdup_printf (write_format, "1000");
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (GVariant) refusal = NULL;
  g_autoptr (GPtrArray) frames = NULL;

  g_assert_true (plant_rpc_server_start (PLANT_RPC_SERVER (device), NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (PLANT_RPC_SERVER (device)));
  test_peer_assert_reply (peer, above, "{'success': <true>}");
  g_assert_cmpfloat (device->celsius, ==, -5);
  test_peer_assert_reply (peer, good, "{'success': <true>}");
  g_assert_cmpfloat (device->celsius, ==, 25);
  test_peer_assert_reply (peer, by_hand, "{'success': <true>}");
  g_assert_cmpfloat (device->celsius, ==, 25);
  refusal = test_peer_ask_json (peer, bad);
  test_assert_error (refusal, NULL, "too hot: 60");
  g_assert_cmpuint (device->n_asked, ==, 4);
  test_peer_assert_refused (peer, wrong, "invalid-value");
  g_assert_cmpuint (device->n_asked, ==, 4);

  /* Reads go on while a write is thought about. */
  test_peer_send_text (peer, "", later, NULL);
  test_peer_assert_reply (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"target_celsius\"}",
                          "{'success': <true>, 'value': <25.0>}");
  plant_rpc_invocation_accept (device->waiting);
  g_clear_object (&device->waiting);
  /* Answers given outside the loop wait for it. */
  frames = test_peer_receive (peer);
  g_assert_cmpuint (frames->len, ==, 2);
  g_assert_cmpfloat (device->celsius, ==, 35);
}

/* ---- handlers are let go of */

static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GVariant) message = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &message);
  plant_rpc_invocation_return_value (invocation, message);
}

static gboolean
refuse_write (PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              gpointer             user_data,
              GError             **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY, "no: %s", name);
  return TRUE;
}

static void
count_release (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
assert_n_methods (PlantRpcServer *server,
                  guint           n)
{
  g_autoptr (PlantRpcInterfaceInfo) interface = plant_rpc_server_dup_interface (server);

  g_assert_cmpuint (interface->methods.list->len, ==, n);
}

static void
test_releases_handlers (void)
{
  PlantRpcServer *server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  guint n_released = 0;

  plant_rpc_server_register_method_json (server, "a", NULL, 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_echo, &n_released, count_release);
  plant_rpc_server_register_method_json (server, "a", NULL, 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_echo, &n_released, count_release);
  g_assert_cmpuint (n_released, ==, 1);
  plant_rpc_server_register_method_buffer (server, "b", NULL, 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                           handle_echo, &n_released, count_release);
  plant_rpc_server_set_write_handler (server, refuse_write, &n_released, count_release);
  g_assert_true (plant_rpc_server_start (server, NULL));
  assert_n_methods (server, 2);
  plant_rpc_server_stop (server);
  g_assert_cmpuint (n_released, ==, 4);
  assert_n_methods (server, 0);
  plant_rpc_server_register_method_json (server, "a", NULL, 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_echo, &n_released, count_release);
  g_assert_finalize_object (server);
  g_assert_cmpuint (n_released, ==, 5);
}

static void
handle_stop (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  PlantRpcServer *server = user_data;

  plant_rpc_invocation_return_value (invocation, NULL);
  plant_rpc_server_stop (server);
  g_assert_false (plant_rpc_server_get_running (server));
}

/* The handler's data keeps the server until the handler is let go of, in the middle of its call. */
static void
test_stops_itself (void)
{
  PlantRpcServer *server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  PlantRpcServer *gone = server;
  g_autoptr (TestPeer) peer = NULL;

  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *) &gone);
  plant_rpc_server_register_method_json (server, "quit", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_stop, server, g_object_unref);
  g_assert_true (plant_rpc_server_start (server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  test_peer_assert_reply (peer,
                          "{\"event\": \"METHOD_CALL\", \"method\": \"quit\","
                          " \"params\": {\"args\": [], \"kwargs\": {}}}",
                          "{'success': <true>, 'result': <@mv nothing>}");
  g_assert_null (gone);
}

static void
test_bad_signature (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  guint n_released = 0;

  test_log_expect (G_LOG_LEVEL_CRITICAL, "*cannot be registered*");
  plant_rpc_server_register_method_json (server, "a", "x: no-type", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_echo, &n_released, count_release);
  test_log_assert_caught ();
  g_assert_cmpuint (n_released, ==, 1);
}

/* ---- serving for ever */

typedef struct {
  PlantRpcServer *server;
  GMainContext   *context;    /* that of the server */
  gboolean        in_context; /* it was the thread's default while the loop ran */
  gboolean        had_signal; /* one that ends a process was taken over */
} Serving;

/* Whoever runs the tests may ignore a signal, and programs inherit that. */
static void
reset_signals (void)
{
  signal (SIGTERM, SIG_DFL);
  signal (SIGINT, SIG_DFL);
}

static gboolean
has_handler (int number)
{
  struct sigaction action;

  g_assert_cmpint (sigaction (number, NULL, &action), ==, 0);
  return action.sa_handler != SIG_DFL;
}

static gboolean
takes_signals (void)
{
  return has_handler (SIGTERM) || has_handler (SIGINT);
}

static gboolean
look_and_stop (gpointer user_data)
{
  Serving *serving = user_data;

  serving->in_context = g_main_context_get_thread_default () == serving->context;
  serving->had_signal = takes_signals ();
  plant_rpc_server_stop (serving->server);
  return G_SOURCE_REMOVE;
}

/* What handlers begin belongs to the context of the server, and signals end a process as usual if
 * the server is not registered anywhere. */
static void
test_serve_forever (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GSource) source = g_idle_source_new ();
  Serving serving = { 0 };

  g_main_context_push_thread_default (context);
  server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_main_context_pop_thread_default (context);
  serving = (Serving) { server, context };
  g_source_set_callback (source, look_and_stop, &serving, NULL);
  g_source_attach (source, context);
  reset_signals ();
  g_assert_true (plant_rpc_server_serve_forever (server, NULL));
  g_assert_true (serving.in_context);
  g_assert_false (serving.had_signal);
  g_assert_null (g_main_context_get_thread_default ());
}

static gboolean
register_and_stop (gpointer user_data)
{
  Serving *serving = user_data;

  plant_rpc_server_register_to_registry (serving->server, "camera", "cam", "tcp://127.0.0.1:1",
                                         FALSE, NULL, NULL, NULL);
  serving->had_signal = has_handler (SIGTERM) && has_handler (SIGINT);
  plant_rpc_server_stop (serving->server);
  return G_SOURCE_REMOVE;
}

/* From the registration on, a signal must not end the process before it is withdrawn. */
static void
test_serve_forever_registered (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  Serving serving = { server };

  reset_signals ();
  g_idle_add (register_and_stop, &serving);
  g_assert_true (plant_rpc_server_serve_forever (server, NULL));
  g_assert_true (serving.had_signal);
  g_assert_false (takes_signals ());
}

static gboolean
restart_and_register (gpointer user_data)
{
  PlantRpcServer *server = user_data;

  plant_rpc_server_stop (server);
  g_assert_true (plant_rpc_server_start (server, NULL));
  plant_rpc_server_register_to_registry (server, "camera", "cam", "tcp://127.0.0.1:1", FALSE, NULL,
                                         NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* Once nobody runs the loop for it, a registered server leaves the signals alone. */
static void
test_serve_forever_restarted (void)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");

  reset_signals ();
  g_idle_add (restart_and_register, server);
  g_assert_true (plant_rpc_server_serve_forever (server, NULL));
  g_assert_true (plant_rpc_server_get_running (server));
  g_assert_false (takes_signals ());
  plant_rpc_server_stop (server);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_log_init ();

  g_test_add_func ("/server/openness", test_openness);
  g_test_add_func ("/server/hidden", test_hidden);
  g_test_add_func ("/server/picked-port", test_picked_port);
  g_test_add_func ("/server/life", test_life);
  g_test_add_func ("/server/limits", test_limits);
  g_test_add_func ("/server/restart-at-url", test_restart_at_url);
  g_test_add_func ("/server/bad-urls", test_bad_urls);
  g_test_add_func ("/server/subclass", test_subclass);
  g_test_add_func ("/server/decisions", test_decisions);
  g_test_add_func ("/server/releases-handlers", test_releases_handlers);
  g_test_add_func ("/server/stops-itself", test_stops_itself);
  g_test_add_func ("/server/bad-signature", test_bad_signature);
  g_test_add_func ("/server/serve-forever", test_serve_forever);
  g_test_add_func ("/server/serve-forever/registered", test_serve_forever_registered);
  g_test_add_func ("/server/serve-forever/restarted", test_serve_forever_restarted);
  return g_test_run ();
}
