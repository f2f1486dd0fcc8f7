/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-device.h"

const PlantRpcLinkOptions test_link_options = {
  .name = "test",
  .max_unread = PLANT_RPC_MAX_UNREAD_MESSAGES,
  .max_frame = PLANT_RPC_MAX_REPLY_SIZE,
  .last_retry = 2 * G_USEC_PER_SEC,
};

PlantRpcTimer *
test_timer_new (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  return plant_rpc_timer_new (context, "test");
}

struct _TestDevice {
  TestPeer *peer;     /* (owned) */
  char     *url;      /* (owned) */
  GBytes   *identity; /* (owned) (nullable): who asked last */
};

static TestPeer *
new_router (void)
{
  TestPeer *peer = test_peer_new (ZMQ_ROUTER, NULL);
  int none = 0;

  /* It would throw away what is too much. */
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_SNDHWM, &none, sizeof none);
  return peer;
}

TestDevice *
test_device_new (void)
{
  TestDevice *self = g_new0 (TestDevice, 1);

  self->peer = new_router ();
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (self->peer));
  return self;
}

TestDevice *
test_device_new_at (const char *url)
{
  TestDevice *self = g_new0 (TestDevice, 1);
  int ipv6 = strchr (url, '[') != NULL;
  char bound[256];
  gsize length = sizeof bound;
  void *socket;

  self->peer = new_router ();
  socket = test_peer_get_socket (self->peer);
  zmq_setsockopt (socket, ZMQ_IPV6, &ipv6, sizeof ipv6);
  test_wait_until (zmq_bind (socket, url) == 0);
  g_assert_cmpint (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, bound, &length), ==, 0);
  self->url = g_strdup (bound);
  return self;
}

void
test_device_free (TestDevice *self)
{
  test_peer_free (self->peer);
  g_clear_pointer (&self->identity, g_bytes_unref);
  g_free (self->url);
  g_free (self);
}

const char *
test_device_get_url (TestDevice *self)
{
  return self->url;
}

void
test_device_set_linger (TestDevice *self,
                        int         linger)
{
  zmq_setsockopt (test_peer_get_socket (self->peer), ZMQ_LINGER, &linger, sizeof linger);
}

void
test_request_free (TestRequest *self)
{
  g_bytes_unref (self->identity);
  g_bytes_unref (self->id);
  plant_rpc_request_clear (&self->request);
  g_free (self);
}

TestRequest *
test_device_next (TestDevice *self)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (self->peer);
  TestRequest *request = g_new0 (TestRequest, 1);
  g_autoptr (GError) error = NULL;

  /* Identity, id, delimiter, and one frame of payload: no server takes anything else. */
  g_assert_cmpuint (frames->len, ==, 4);
  g_assert_cmpuint (g_bytes_get_size (frames->pdata[1]), ==, sizeof (guint64));
  g_assert_cmpuint (g_bytes_get_size (frames->pdata[2]), ==, 0);
  request->identity = g_bytes_ref (frames->pdata[0]);
  request->id = g_bytes_ref (frames->pdata[1]);
  plant_rpc_request_unpack (&request->request, frames->pdata[3], &error);
  g_assert_no_error (error);
  g_clear_pointer (&self->identity, g_bytes_unref);
  self->identity = g_bytes_ref (request->identity);
  return request;
}

TestRequest *
test_device_expect (TestDevice    *self,
                    PlantRpcEvent  event)
{
  TestRequest *request = test_device_next (self);

  g_assert_cmpint (request->request.event, ==, event);
  return request;
}

TestRequest *
test_device_expect_soon (TestDevice    *self,
                         PlantRpcEvent  event)
{
  for (;;)
    {
      TestRequest *request = test_device_next (self);

      if (request->request.event == event)
        return request;
      g_assert_true (request->request.event == PLANT_RPC_EVENT_CREDIT ||
                     request->request.event == PLANT_RPC_EVENT_CANCEL);
      test_request_free (request);
    }
}

gboolean
test_device_is_idle (TestDevice *self)
{
  zmq_pollitem_t item = { test_peer_get_socket (self->peer), 0, ZMQ_POLLIN, 0 };

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return zmq_poll (&item, 1, 50) == 0;
}

static GPtrArray *
new_frames (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
send_to (TestDevice *self,
         GBytes     *identity,
         GPtrArray  *frames)
{
  g_autoptr (GPtrArray) all = new_frames ();

  g_ptr_array_add (all, g_bytes_ref (identity));
  for (guint i = 0; i < frames->len; i++)
    g_ptr_array_add (all, g_bytes_ref (frames->pdata[i]));
  test_peer_send (self->peer, all);
}

void
test_device_send (TestDevice *self,
                  GPtrArray  *frames)
{
  g_assert_nonnull (self->identity);
  send_to (self, self->identity, frames);
}

void
test_device_reply (TestDevice  *self,
                   TestRequest *request,
                   GBytes      *payload,
                   GBytes      *buffer)
{
  g_autoptr (GPtrArray) frames = new_frames ();

  g_ptr_array_add (frames, g_bytes_ref (request->id));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  if (payload != NULL)
    g_ptr_array_add (frames, g_bytes_ref (payload));
  if (buffer != NULL)
    g_ptr_array_add (frames, g_bytes_ref (buffer));
  send_to (self, request->identity, frames);
}

void
test_device_reply_text (TestDevice  *self,
                        TestRequest *request,
                        const char  *text)
{
  g_autoptr (GBytes) payload = g_bytes_new (text, strlen (text));

  test_device_reply (self, request, payload, NULL);
}

static void
reply_packed (TestDevice    *self,
              TestRequest   *request,
              PlantRpcReply *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_reply_pack (reply, request->request.format,
                                                    request->request.event, &error);

  g_assert_no_error (error);
  test_device_reply (self, request, payload, NULL);
}

void
test_device_reply_value (TestDevice  *self,
                         TestRequest *request,
                         GVariant    *value)
{
  g_auto (PlantRpcReply) reply = { 0 };

  if (value != NULL)
    reply.value = g_variant_ref_sink (value);
  reply_packed (self, request, &reply);
}

void
test_device_reply_error (TestDevice  *self,
                         TestRequest *request,
                         const char  *message)
{
  g_auto (PlantRpcReply) reply = { 0 };

  reply.error = g_error_new_literal (g_quark_from_static_string ("device"), 3, message);
  reply_packed (self, request, &reply);
}

void
test_device_push_bytes (TestDevice *self,
                        guint64     sequence,
                        GBytes     *payload)
{
  g_autoptr (GPtrArray) frames = new_frames ();
  guint64 number = GUINT64_TO_LE (sequence | PLANT_RPC_PUSH_BIT);

  g_ptr_array_add (frames, g_bytes_new (&number, sizeof number));
  g_ptr_array_add (frames, g_bytes_ref (payload));
  test_device_send (self, frames);
}

static void
push (TestDevice       *self,
      guint64           sequence,
      PlantRpcEmission *emission)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (emission, PLANT_RPC_FORMAT_NATIVE, &error);

  g_assert_no_error (error);
  test_device_push_bytes (self, sequence, payload);
}

void
test_device_push_signal (TestDevice *self,
                         guint64     sequence,
                         const char *name,
                         GVariant   *args)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (args);
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) name,
                                .value = owned };

  push (self, sequence, &emission);
}

void
test_device_push_changed (TestDevice *self,
                          guint64     sequence,
                          const char *name,
                          GVariant   *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_CHANGED, .name = (char *) name,
                                .value = owned };

  push (self, sequence, &emission);
}

void
test_device_push_lost (TestDevice *self,
                       guint64     sequence,
                       guint64     n_lost)
{
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = n_lost };

  push (self, sequence, &emission);
}

void
test_device_greet (TestDevice *self,
                   int         level,
                   const char *mode)
{
  g_autoptr (TestRequest) inventory = test_device_expect (self, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) subscribe = NULL;

  g_assert_cmpuint (inventory->request.native_version, ==, PLANT_RPC_NATIVE_VERSION);
  test_device_reply_text (self, inventory,
                          "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 1, \"instance\":"
                          " \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
  subscribe = test_device_expect (self, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (self, subscribe,
                           g_variant_new_parsed ("{'level': <%i>, 'mode': <%s>}", level, mode));
}

static void
answer_get (TestDevice *self,
            int         level,
            const char *mode)
{
  g_autoptr (TestRequest) get = test_device_expect (self, PLANT_RPC_EVENT_PROPERTY_GET);

  test_device_reply_value (self, get,
                           g_str_equal (get->request.name, "level") ? g_variant_new_int64 (level)
                                                                    : g_variant_new_string (mode));
}

/* The names of VALUES (a{sv}) as a list in JSON. */
static char *
list_names (GVariant *values)
{
  g_autoptr (GString) names = g_string_new ("[");
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, NULL))
    g_string_append_printf (names, "%s\"%s\"", names->len > 1 ? "," : "", name);
  return g_strconcat (names->str, "]", NULL);
}

void
test_device_greet_with (TestDevice *self,
                        const char *interface,
                        const char *values)
{
  g_autoptr (TestRequest) inventory = test_device_expect (self, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (GVariant) parsed = g_variant_ref_sink (g_variant_new_parsed (values));
  g_autofree char *names = list_names (parsed);
  g_autofree char *text = g_strdup_printf (
      "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [], \"properties\": %s,"
      " \"name\": \"\", \"plantrpc\": {\"version\": 1, \"instance\": \"\", \"interface\": %s}}",
      names, interface);
  g_autoptr (TestRequest) subscribe = NULL;

  test_device_reply_text (self, inventory, text);
  subscribe = test_device_expect (self, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (self, subscribe, parsed);
}

void
test_device_greet_json (TestDevice *self,
                        int         level,
                        const char *mode,
                        const char *signals)
{
  g_autoptr (TestRequest) inventory = test_device_expect (self, PLANT_RPC_EVENT_GET_INVENTORY);

  test_device_reply_text (self, inventory, "{" TEST_DEVICE_INVENTORY "}");
  if (signals != NULL)
    {
      g_autoptr (TestRequest) init = test_device_expect (self,
                                                        PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);

      g_assert_cmpstr (init->request.address, ==, "127.0.0.1");
      g_assert_cmpuint (init->request.port, >, 0);
      test_device_reply_text (self, init, signals);
    }
  answer_get (self, level, mode);
  answer_get (self, level, mode);
}

void
test_client_wait_state (PlantRpcClient *client,
                        PlantRpcState   state)
{
  test_wait_until (plant_rpc_client_get_state (client) == state);
}

PlantRpcClient *
test_client_new (const char *url)
{
  g_autoptr (PlantRpcInterfaceInfo) info =
      plant_rpc_interface_info_new_from_json (TEST_DEVICE_INTERFACE, NULL);
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = plant_rpc_client_new_for_interface (info, url, &error);

  g_assert_no_error (error);
  plant_rpc_client_set_heartbeat_interval (client, 0);
  return client;
}

PlantRpcClient *
test_client_new_plain (const char *url)
{
  PlantRpcClient *client = plant_rpc_client_new (url);

  plant_rpc_client_set_heartbeat_interval (client, 0);
  return client;
}

void
test_keep_result (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}
