/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"

/* Buffers are never copied in this process: what a handler gives is the memory of the frame that is
 * sent, and what a caller gets is the memory of the frame that was received. */

#define LENGTH ((gsize) 3 * 1024 * 1024)

static gconstpointer sent;     /* the large frame that libzmq was given last */
static gconstpointer received; /* the large frame that it gave last */

int __real_zmq_msg_init_data (zmq_msg_t   *message,
                              void        *data,
                              size_t       size,
                              zmq_free_fn *free_func,
                              void        *hint);
int __wrap_zmq_msg_init_data (zmq_msg_t   *message,
                              void        *data,
                              size_t       size,
                              zmq_free_fn *free_func,
                              void        *hint);
int __real_zmq_msg_recv (zmq_msg_t *message,
                         void      *socket,
                         int        flags);
int __wrap_zmq_msg_recv (zmq_msg_t *message,
                         void      *socket,
                         int        flags);

int
__wrap_zmq_msg_init_data (zmq_msg_t   *message,
                          void        *data,
                          size_t       size,
                          zmq_free_fn *free_func,
                          void        *hint)
{
  if (size == LENGTH)
    sent = data;
  return __real_zmq_msg_init_data (message, data, size, free_func, hint);
}

int
__wrap_zmq_msg_recv (zmq_msg_t *message,
                     void      *socket,
                     int        flags)
{
  int size = __real_zmq_msg_recv (message, socket, flags);

  if (size == (int) LENGTH)
    received = zmq_msg_data (message);
  return size;
}

static gconstpointer offered; /* by the handler */
static guint n_freed;

static void
picture_free (gpointer data)
{
  g_free (data);
  g_atomic_int_inc (&n_freed);
}

static void
on_get_image (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  gpointer data = g_malloc0 (LENGTH);
  g_autoptr (GBytes) picture = g_bytes_new_with_free_func (data, LENGTH, picture_free, data);

  offered = data;
  plant_rpc_invocation_return_buffer (invocation, picture, g_variant_new_parsed ("@a{sv} {}"));
}

static PlantRpcServer *
server_new (PlantRpcMethodFlags flags)
{
  PlantRpcServer *server = plant_rpc_server_new (NULL, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  plant_rpc_server_register_method_buffer (server, "get_image", "", 10000, flags, on_get_image,
                                           NULL, NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

static void
check_call (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GError) error = NULL;

  n_freed = 0;
  sent = received = offered = NULL;
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &result);
  test_wait_until (result != NULL);
  buffer = plant_rpc_client_call_buffer_finish (client, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (buffer), ==, LENGTH);
  g_assert_nonnull (offered);
  g_assert_true (sent == offered);
  g_assert_nonnull (received);
  g_assert_true (g_bytes_get_data (buffer, NULL) == received);
  /* The handler's memory is let go of once it is out. */
  test_wait_until (g_atomic_int_get (&n_freed) == 1);
}

static void
test_native (void)
{
  g_autoptr (PlantRpcServer) server = server_new (PLANT_RPC_METHOD_FLAGS_NONE);
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (plant_rpc_server_get_url (server));

  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_NATIVE);
  check_call (client);
  plant_rpc_server_stop (server);
}

static void
test_blocking_handler (void)
{
  g_autoptr (PlantRpcServer) server = server_new (PLANT_RPC_METHOD_FLAGS_BLOCKING);
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (plant_rpc_server_get_url (server));

  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  check_call (client);
  plant_rpc_server_stop (server);
}

/* The same from a server that speaks JSON alone. */
static void
test_json_client (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"a\": 1}", 8);
  g_autoptr (GBytes) picture = g_bytes_new_take (g_malloc0 (LENGTH), LENGTH);
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) request = NULL;
  g_autoptr (GVariant) info = NULL;

  test_device_greet_json (device, 1, "x", "{\"success\": true}");
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &result);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  received = NULL;
  test_device_reply (device, request, payload, picture);
  test_wait_until (result != NULL);
  buffer = plant_rpc_client_call_buffer_finish (client, result, &info, NULL);
  g_assert_true (g_bytes_equal (buffer, picture));
  g_assert_nonnull (received);
  g_assert_true (g_bytes_get_data (buffer, NULL) == received);
}

static void
test_json_server (void)
{
  g_autoptr (PlantRpcServer) server = server_new (PLANT_RPC_METHOD_FLAGS_NONE);
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  g_autoptr (GPtrArray) frames = NULL;

  sent = offered = NULL;
  test_peer_send_text (peer, "",
                       "{\"event\": \"METHOD_CALL\", \"method\": \"get_image\","
                       " \"params\": {\"args\": [], \"kwargs\": {}}}",
                       NULL);
  frames = test_peer_receive (peer);
  g_assert_cmpuint (frames->len, ==, 3);
  g_assert_cmpuint (g_bytes_get_size (frames->pdata[2]), ==, LENGTH);
  g_assert_nonnull (offered);
  g_assert_true (sent == offered);
  plant_rpc_server_stop (server);
}

/* A buffer outlives the call, the client and the server. */
static void
test_outlives (void)
{
  g_autoptr (PlantRpcServer) server = server_new (PLANT_RPC_METHOD_FLAGS_NONE);
  PlantRpcClient *client = plant_rpc_client_new (plant_rpc_server_get_url (server));
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  const guint8 *data;

  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &result);
  test_wait_until (result != NULL);
  buffer = plant_rpc_client_call_buffer_finish (client, result, NULL, NULL);
  g_clear_object (&result);
  g_assert_finalize_object (client);
  plant_rpc_server_stop (server);
  data = g_bytes_get_data (buffer, NULL);
  g_assert_cmpuint (data[0] + data[LENGTH - 1], ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/copies/native", test_native);
  g_test_add_func ("/copies/blocking-handler", test_blocking_handler);
  g_test_add_func ("/copies/json-client", test_json_client);
  g_test_add_func ("/copies/json-server", test_json_server);
  g_test_add_func ("/copies/outlives", test_outlives);

  return g_test_run ();
}
