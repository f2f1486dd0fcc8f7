/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-test-registry.h"

typedef struct {
  PlantRpcRegistry       *registry;
  PlantRpcRegistryClient *client;
  TestPeer               *peer;
  char                   *url;
  GString                *journal; /* "+name" and "-name" */
} Fixture;

static void
on_device (Fixture        *self,
           PlantRpcDevice *device,
           char            mark)
{
  g_assert_true (plant_rpc_device_get_alive (device) == (mark == '+'));
  g_string_append_printf (self->journal, "%c%s ", mark, plant_rpc_device_get_name (device));
}

static void
on_added (PlantRpcRegistryClient *client,
          PlantRpcDevice         *device,
          Fixture                *self)
{
  on_device (self, device, '+');
}

static void
on_removed (PlantRpcRegistryClient *client,
            PlantRpcDevice         *device,
            Fixture                *self)
{
  on_device (self, device, '-');
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->journal = g_string_new (NULL);
  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (self->registry, &error));
  self->url = g_strdup (plant_rpc_registry_get_url (self->registry));
  self->peer = test_peer_new (ZMQ_DEALER, self->url);
  self->client = plant_rpc_registry_client_new (self->url);
  g_signal_connect (self->client, "device-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->client, "device-removed", G_CALLBACK (on_removed), self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->peer, test_peer_free);
  if (self->client != NULL)
    g_assert_finalize_object (self->client);
  g_clear_object (&self->registry);
  g_string_free (self->journal, TRUE);
  g_free (self->url);
}

static gboolean
is_ready (Fixture *self)
{
  return plant_rpc_registry_client_get_state (self->client) == PLANT_RPC_STATE_READY;
}

static guint
count (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->client));
}

static char *
add (TestPeer   *peer,
     const char *name,
     guint       port)
{
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\","
                       "\"addr\":\"tcp://10.0.0.1:%u\",\"name\":\"%s\"}}",
                       port, name);
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);
  g_autoptr (GVariant) payload = g_variant_lookup_value (reply, "payload", NULL);
  char *uuid = NULL;

  g_assert_true (g_variant_lookup (payload, "uuid", "s", &uuid));
  return uuid;
}

static void
drop (TestPeer   *peer,
      const char *uuid)
{
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":\"%s\"}}", uuid);
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);
}

static void
test_follow (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *first = add (self->peer, "first", 1);
  g_autofree char *second = NULL;
  PlantRpcDevice *device;

  test_wait_until (is_ready (self) && count (self) == 1);
  second = add (self->peer, "second", 2);
  test_wait_until (count (self) == 2);
  device = plant_rpc_registry_client_find_device (self->client, "second");
  g_assert_cmpstr (plant_rpc_device_get_url (device), ==, "tcp://10.0.0.1:2");
  g_assert_cmpstr (plant_rpc_device_get_uuid (device), ==, second);
  g_assert_cmpstr (plant_rpc_device_get_device_type (device), ==, "camera");
  drop (self->peer, first);
  test_wait_until (count (self) == 1);
  g_assert_cmpstr (self->journal->str, ==, "+first +second -first ");
}

static void
test_restart (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *uuid = add (self->peer, "first", 1);
  g_autofree char *other = NULL;
  g_autoptr (TestPeer) peer = NULL;

  test_wait_until (is_ready (self) && count (self) == 1);
  g_clear_object (&self->registry);
  test_wait_until (!is_ready (self));
  g_assert_nonnull (plant_rpc_registry_client_get_last_error (self->client));
  g_assert_cmpuint (count (self), ==, 1);

  self->registry = plant_rpc_registry_new (self->url);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
  test_wait_until (is_ready (self));
  g_assert_null (plant_rpc_registry_client_get_last_error (self->client));
  g_assert_cmpuint (count (self), ==, 0);
  peer = test_peer_new (ZMQ_DEALER, self->url);
  other = add (peer, "second", 2);
  test_wait_until (count (self) == 1);
}

static void
test_before_registry (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (PlantRpcRegistryClient) client = NULL;

  g_clear_object (&self->registry);
  client = plant_rpc_registry_client_new (self->url);
  self->registry = plant_rpc_registry_new (self->url);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
}

static int
get_option (int fd,
            int level,
            int name)
{
  int value = -1;
  socklen_t size = sizeof value;

  return getsockopt (fd, level, name, &value, &size) == 0 ? value : -1;
}

/* Returns TRUE if FD is one end of a connection over TCP. */
static gboolean
is_connection (int fd)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;

  return get_option (fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP &&
         getpeername (fd, (struct sockaddr *) &address, &size) == 0;
}

#define MAX_DESCRIPTOR 1024

static guint
count_connections (void)
{
  guint n = 0;

  for (int fd = 0; fd < MAX_DESCRIPTOR; fd++)
    n += is_connection (fd) ? 1 : 0;
  return n;
}

/* Either end notices within a few seconds that the other one is gone. */
static void
test_keepalive (Fixture       *self,
                gconstpointer  data)
{
  test_wait_until (is_ready (self));
  /* The two ends are what is left. */
  g_clear_pointer (&self->peer, test_peer_free);
  test_wait_until (count_connections () == 2);
  for (int fd = 0; fd < MAX_DESCRIPTOR; fd++)
    {
      if (!is_connection (fd))
        continue;
      g_assert_cmpint (get_option (fd, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
      g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, 2);
      g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPINTVL), ==, 1);
      g_assert_cmpint (get_option (fd, IPPROTO_TCP, TCP_KEEPCNT), ==, 2);
    }
}

/* Connected, but without a list, and with the reason. */
static gboolean
is_refused (PlantRpcRegistryClient *client)
{
  return plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_CONNECTING &&
         plant_rpc_registry_client_get_last_error (client) != NULL;
}

/* All at once: each is listed, in both places, under its own name. */
static void
test_many (Fixture       *self,
           gconstpointer  data)
{
  enum { N = 500 };
  TestPeer *peers[20];
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  test_wait_until (is_ready (self));
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = test_peer_new (ZMQ_DEALER, self->url);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *request =
          g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\","
                           "\"addr\":\"tcp://10.0.0.1:%u\",\"name\":\"n%u\"}}",
                           i + 1, i);

      test_peer_send_text (peers[i % G_N_ELEMENTS (peers)], "", request, NULL);
    }
  for (guint i = 0; i < N; i++)
    g_ptr_array_unref (test_peer_receive (peers[i % G_N_ELEMENTS (peers)]));
  test_wait_until (count (self) == N);
  test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (self->registry)) == N);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      PlantRpcDevice *device = plant_rpc_registry_client_find_device (self->client, name);
      g_autofree char *url = g_strdup_printf ("tcp://10.0.0.1:%u", i + 1);

      g_assert_nonnull (device);
      g_assert_cmpstr (plant_rpc_device_get_url (device), ==, url);
    }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    test_peer_free (peers[i]);
}

/* As the registry of Plant Imager answers. */
static void
test_old_registry (void)
{
  g_autoptr (TestPeer) old = test_peer_new (ZMQ_REP, NULL);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (old));
  g_autoptr (PlantRpcRegistryClient) client = plant_rpc_registry_client_new (url);
  g_autoptr (GPtrArray) frames = test_peer_receive (old);
  g_autofree char *request = test_frame_dup_text (frames, 0);

  g_assert_cmpuint (frames->len, ==, 1);
  g_assert_nonnull (strstr (request, "\"event\""));
  g_assert_nonnull (strstr (request, "\"payload\""));
  test_peer_send_text (old, "{\"event\": \"UNSUPPORTED\", \"payload\": {\"req_event\": \"WATCH\"}}",
                       NULL);
  test_wait_until (is_refused (client));
  g_assert_error (plant_rpc_registry_client_get_last_error (client), G_IO_ERROR,
                  G_IO_ERROR_NOT_SUPPORTED);
}

static void
assert_mismatch (const char *text,
                 GQuark      domain,
                 int         code)
{
  g_autoptr (TestPeer) registry = test_peer_new (ZMQ_REP, NULL);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (registry));
  g_autoptr (PlantRpcRegistryClient) client = plant_rpc_registry_client_new (url);

  g_test_message ("%s", text);
  g_ptr_array_unref (test_peer_receive (registry));
  test_peer_send_text (registry, text, NULL);
  test_wait_until (is_refused (client));
  g_assert_error (plant_rpc_registry_client_get_last_error (client), domain, code);
}

static void
test_rubbish (void)
{
  static const char *const garbled[] = {
    "", "no json", "{}", "{\"event\":\"DEVICES\",\"payload\":null}",
    "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1,\"devices\":5}}",
    "{\"event\":\"REGISTER_ACK\",\"payload\":{}}", "{\"event\":\"ODD\",\"payload\":{}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (garbled); i++)
    assert_mismatch (garbled[i], PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  assert_mismatch ("{\"event\":\"ACK\",\"payload\":{}}", G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

#define LIST(devices) "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1,\"devices\":[" devices "]}}"
#define DEVICE(name, address)                                                                \
  "{\"name\":\"" name "\",\"device_type\":\"t\",\"addr\":\"" address "\",\"uuid\":\"" name "\"}"

/* Sends the frames of TEXTS behind the routing id of REQUEST and a number, which is the first
 * NUMBER_SIZE bytes of its own. */
static void
answer (TestPeer          *registry,
        GPtrArray         *request,
        gsize              number_size,
        const char *const *texts)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (frames, g_bytes_ref (g_ptr_array_index (request, 0)));
  g_ptr_array_add (frames,
                   g_bytes_new_from_bytes (g_ptr_array_index (request, 1), 0, number_size));
  for (; *texts != NULL; texts++)
    g_ptr_array_add (frames, g_bytes_new (*texts, strlen (*texts)));
  test_peer_send (registry, frames);
}

/* A message that has not the frames of a reply is none. */
static void
test_frames (void)
{
  static const char list[] = LIST (DEVICE ("wrong", "tcp://h:1"));
  g_autoptr (TestPeer) registry = test_peer_new (ZMQ_ROUTER, NULL);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (registry));
  g_autoptr (PlantRpcRegistryClient) client = plant_rpc_registry_client_new (url);
  g_autoptr (GPtrArray) request = test_peer_receive (registry);

  answer (registry, request, 8, (const char *[]) { NULL });
  answer (registry, request, 8, (const char *[]) { list, NULL });
  answer (registry, request, 8, (const char *[]) { "", list, "more", NULL });
  answer (registry, request, 4, (const char *[]) { "", list, NULL });
  answer (registry, request, 8, (const char *[]) { "", LIST (""), NULL });
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (client)), ==, 0);
}

/* A reply that is too large is not received: the connection ends. */
static void
test_too_large (void)
{
  g_autoptr (TestRegistry) registry = test_registry_new ();
  g_autoptr (PlantRpcRegistryClient) client =
      plant_rpc_registry_client_new (test_registry_get_url (registry));
  g_autofree char *fill = g_strnfill (PLANT_RPC_MAX_REGISTRY_REPLY + 1, ' ');

  g_variant_unref (test_registry_await (registry, "WATCH"));
  test_registry_send (registry, "%s", fill);
  test_wait_until (plant_rpc_registry_client_get_last_error (client) != NULL);
  g_assert_error (plant_rpc_registry_client_get_last_error (client), G_IO_ERROR,
                  G_IO_ERROR_CONNECTION_CLOSED);
  fill[PLANT_RPC_MAX_REGISTRY_REPLY] = '\0';
  g_variant_unref (test_registry_await (registry, "WATCH"));
  test_registry_send (registry, "%s", fill);
  test_wait_until (is_refused (client));
  g_assert_error (plant_rpc_registry_client_get_last_error (client), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_LIMIT);
}

/* An address that tells its port twice is shown with one. Others are shown as they are. */
static void
test_addresses (void)
{
  static const char list[] =
      LIST (DEVICE ("double", "tcp://10.0.0.1:7:7") "," DEVICE ("plain", "tcp://10.0.0.1:8") ","
            DEVICE ("odd", "somewhere"));
  static const char *const expected[][2] = {
    { "double", "tcp://10.0.0.1:7" }, { "plain", "tcp://10.0.0.1:8" }, { "odd", "somewhere" },
  };
  g_autoptr (TestRegistry) registry = test_registry_new ();
  g_autoptr (PlantRpcRegistryClient) client =
      plant_rpc_registry_client_new (test_registry_get_url (registry));

  g_variant_unref (test_registry_await (registry, "WATCH"));
  test_registry_send (registry, "%s", list);
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      PlantRpcDevice *device = plant_rpc_registry_client_find_device (client, expected[i][0]);

      g_assert_cmpstr (plant_rpc_device_get_url (device), ==, expected[i][1]);
    }
}

static void
test_bad_url (void)
{
  g_autoptr (PlantRpcRegistryClient) client = plant_rpc_registry_client_new ("nonsense");

  g_assert_error (plant_rpc_registry_client_get_last_error (client), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_INVALID_URL);
  g_assert_cmpint (plant_rpc_registry_client_get_state (client), ==,
                   PLANT_RPC_STATE_DISCONNECTED);
  plant_rpc_registry_client_close (client);
  g_assert_cmpint (plant_rpc_registry_client_get_state (client), ==, PLANT_RPC_STATE_CLOSED);
}

static void
note_error (PlantRpcRegistryClient *client,
            GParamSpec             *pspec,
            GString                *journal)
{
  g_string_append (journal, plant_rpc_registry_client_get_last_error (client) != NULL ? "+" : "-");
}

static void
note_state (PlantRpcRegistryClient *client,
            GParamSpec             *pspec,
            GString                *journal)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);
  PlantRpcState state = plant_rpc_registry_client_get_state (client);

  g_string_append_printf (journal, "%s ", g_enum_get_value (states, (int) state)->value_nick);
}

/* Each error is told when it comes and when it goes, and each state once. */
static void
test_notify (void)
{
  g_autoptr (TestRegistry) place = test_registry_new ();
  g_autoptr (GString) errors = g_string_new (NULL);
  g_autoptr (GString) states = g_string_new (NULL);
  PlantRpcRegistryClient *client = NULL;

  test_registry_leave (place);
  client = plant_rpc_registry_client_new (test_registry_get_url (place));
  g_signal_connect (client, "notify::last-error", G_CALLBACK (note_error), errors);
  g_signal_connect (client, "notify::state", G_CALLBACK (note_state), states);
  test_wait_until (plant_rpc_registry_client_get_last_error (client) != NULL);
  g_assert_cmpstr (errors->str, ==, "+");
  g_assert_cmpstr (states->str, ==, "");
  test_registry_come_back (place);
  g_variant_unref (test_registry_await (place, "WATCH"));
  test_registry_send (place, "%s", LIST (""));
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_assert_cmpstr (errors->str, ==, "+-");
  g_assert_cmpstr (states->str, ==, "connecting ready ");
  plant_rpc_registry_client_close (client);
  g_assert_cmpstr (errors->str, ==, "+-");
  g_assert_cmpstr (states->str, ==, "connecting ready closed ");
  g_assert_finalize_object (client);
}

static void
test_nobody_there (void)
{
  g_autoptr (TestRegistry) place = test_registry_new ();
  const char *url = test_registry_get_url (place);
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (url);
  g_autoptr (PlantRpcRegistryClient) client = NULL;

  /* It keeps its port, so no other process gets it. */
  test_registry_leave (place);
  client = plant_rpc_registry_client_new (url);
  test_wait_until (plant_rpc_registry_client_get_last_error (client) != NULL);
  g_assert_error (plant_rpc_registry_client_get_last_error (client), G_IO_ERROR,
                  G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpint (plant_rpc_registry_client_get_state (client), ==,
                   PLANT_RPC_STATE_DISCONNECTED);
  test_wait_until (plant_rpc_registry_start (registry, NULL));
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_assert_null (plant_rpc_registry_client_get_last_error (client));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                      \
  g_test_add ("/registry-client/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("follow", test_follow);
  ADD ("restart", test_restart);
  ADD ("before-registry", test_before_registry);
  ADD ("keepalive", test_keepalive);
  ADD ("many", test_many);
  g_test_add_func ("/registry-client/nobody-there", test_nobody_there);
  g_test_add_func ("/registry-client/notify", test_notify);
  g_test_add_func ("/registry-client/old-registry", test_old_registry);
  g_test_add_func ("/registry-client/rubbish", test_rubbish);
  g_test_add_func ("/registry-client/frames", test_frames);
  g_test_add_func ("/registry-client/too-large", test_too_large);
  g_test_add_func ("/registry-client/addresses", test_addresses);
  g_test_add_func ("/registry-client/bad-url", test_bad_url);
  return g_test_run ();
}
