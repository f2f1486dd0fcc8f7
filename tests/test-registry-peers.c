/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-connections-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-test-peer.h"

void __real_plant_rpc_connections_note_sent (PlantRpcConnections *self);
void __wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self);

static _Atomic guint n_noted; /* how often was told that something has been sent */

void
__wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self)
{
  n_noted++;
  __real_plant_rpc_connections_note_sent (self);
}

/* A registry, with one correct device and one correct client, beside the peers that attack it. */
typedef struct {
  PlantRpcRegistry       *registry;
  PlantRpcRegistryClient *client;
  TestPeer               *device;
  char                   *uuid;
  const char             *url;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GVariant) reply = NULL, payload = NULL;

  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (self->registry, NULL));
  self->url = plant_rpc_registry_get_url (self->registry);
  self->client = plant_rpc_registry_client_new (self->url);
  self->device = test_peer_new (ZMQ_DEALER, self->url);
  reply = test_peer_ask_json (self->device,
                              "{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\","
                              "\"addr\":\"tcp://10.0.0.1:1\",\"name\":\"honest\"}}");
  payload = g_variant_lookup_value (reply, "payload", NULL);
  g_assert_true (g_variant_lookup (payload, "uuid", "s", &self->uuid));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_peer_free (self->device);
  g_assert_finalize_object (self->client);
  g_assert_finalize_object (self->registry);
  g_free (self->uuid);
}

/* The correct device is still registered, and both lists have N devices with it among them. */
static void
assert_honest (Fixture *self,
               guint    n)
{
  g_autofree char *request = g_strdup_printf (
      "{\"event\":\"CHECK_ALIVE\",\"payload\":{\"uuid\":\"%s\",\"alive_timeout\":600}}",
      self->uuid);
  g_autoptr (GVariant) reply = test_peer_ask_json (self->device, request);
  g_autoptr (GVariant) payload = g_variant_lookup_value (reply, "payload", NULL);
  gboolean success = FALSE;

  g_assert_true (g_variant_lookup (payload, "success", "b", &success));
  g_assert_true (success);
  test_wait_until (plant_rpc_registry_client_get_state (self->client) == PLANT_RPC_STATE_READY);
  test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (self->registry)) == n);
  test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (self->client)) == n);
  g_assert_nonnull (plant_rpc_registry_client_find_device (self->client, "honest"));
}

/* ---- requests with wrong members of every kind */

typedef struct {
  const char *event;
  const char *members[5]; /* up to a NULL: each is a name and a valid value */
} Request;

static const Request requests[] = {
  { "REGISTER",
    { "\"device_type\":\"camera\"", "\"addr\":\"tcp://10.0.0.2:1\"", "\"name\":\"other\"",
      "\"overwrite\":false" } },
  { "UNREGISTER", { "\"uuid\":\"00000000-0000-0000-0000-000000000000\"" } },
  { "CHECK_ALIVE",
    { "\"uuid\":\"00000000-0000-0000-0000-000000000000\"", "\"alive_timeout\":20" } },
  { "LIST", { NULL } },
  { "WATCH", { NULL } },
};

static const char *const values[] = {
  NULL, "null", "true", "0", "-1", "1e300", "NaN", "18446744073709551615", "\"\"", "\"\\u0000\"",
  "\"\\u0007\\u009b\"", "\"\\u202e\"", "\"\\ud800\"", "\"\xff\"", "[]", "{}", "[[[[5]]]]",
  "{\"a\":{\"a\":null}}", "LONG", "LONGER", "DEEP",
};

static char *
expand (const char *value)
{
  if (g_str_equal (value, "LONG") || g_str_equal (value, "LONGER"))
    {
      gsize length = value[4] == '\0' ? PLANT_RPC_MAX_REGISTRY_TEXT : 60000;
      g_autofree char *text = g_strnfill (length, 'y');

      return g_strdup_printf ("\"%s\"", text);
    }
  if (g_str_equal (value, "DEEP"))
    {
      g_autofree char *open = g_strnfill (30000, '[');
      g_autofree char *closed = g_strnfill (30000, ']');

      return g_strconcat (open, closed, NULL);
    }
  return g_strdup (value);
}

/* Returns the request in which member BAD is VALUE, or is missing. */
static char *
build (const Request *request,
       guint          bad,
       const char    *value)
{
  GString *json = g_string_new (NULL);
  const char *comma = "";

  g_string_printf (json, "{\"event\":\"%s\",\"payload\":{", request->event);
  for (guint i = 0; request->members[i] != NULL; i++)
    {
      const char *colon = strchr (request->members[i], ':');
      g_autofree char *expanded = i == bad && value != NULL ? expand (value) : NULL;

      if (i == bad && value == NULL)
        continue;
      g_string_append (json, comma);
      comma = ",";
      if (i == bad)
        g_string_append_printf (json, "%.*s%s", (int) (colon - request->members[i]) + 1,
                                request->members[i], expanded);
      else
        g_string_append (json, request->members[i]);
    }
  g_string_append (json, "}}");
  return g_string_free (json, FALSE);
}

/* Checks that the request has exactly one whole reply. A device that it registers is withdrawn. */
static void
ask (Fixture    *self,
     TestPeer   *peer,
     const char *request)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);
  g_autoptr (GVariant) payload = g_variant_lookup_value (reply, "payload", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) gone = NULL;
  g_autofree char *withdrawal = NULL;
  const char *event = NULL, *uuid = NULL;

  g_assert_nonnull (payload);
  g_assert_true (g_variant_lookup (reply, "event", "&s", &event));
  if (!g_str_equal (event, "REGISTER_ACK"))
    return;
  g_assert_true (g_variant_lookup (payload, "uuid", "&s", &uuid));
  withdrawal =
      g_strdup_printf ("{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":\"%s\"}}", uuid);
  gone = test_peer_ask_json (peer, withdrawal);
}

static void
test_members (Fixture       *self,
              gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);

      for (guint bad = 0; requests[i].members[bad] != NULL; bad++)
        {
          for (guint k = 0; k < G_N_ELEMENTS (values); k++)
            {
              g_autofree char *request = build (&requests[i], bad, values[k]);

              ask (self, peer, request);
            }
          assert_honest (self, 1);
        }
    }
}

/* Wrong values of the two members of every request, and of the whole message. */
static void
test_messages (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);

  for (guint k = 0; k < G_N_ELEMENTS (values); k++)
    {
      g_autofree char *value = values[k] != NULL ? expand (values[k]) : g_strdup ("7 8");
      g_autofree char *event = g_strdup_printf ("{\"event\":%s,\"payload\":{}}", value);

      ask (self, peer, value);
      ask (self, peer, event);
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *payload =
              g_strdup_printf ("{\"event\":\"%s\",\"payload\":%s}", requests[i].event, value);

          ask (self, peer, payload);
        }
    }
  assert_honest (self, 1);
}

static void
test_cut_messages (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);
  g_autofree char *whole = build (&requests[0], 9, NULL);
  guint n_before = n_noted;

  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autofree char *part = g_strndup (whole, length);

      ask (self, peer, part);
    }
  /* After each reply the registry looks whether the peer acknowledges it. */
  g_assert_cmpuint (n_noted, >=, n_before + strlen (whole));
  assert_honest (self, 1);
}

static void
test_frames (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);
  g_autofree char *long_name = g_strnfill (300, 'n');
  g_autofree char *huge = g_strnfill (PLANT_RPC_MAX_REGISTRY_FRAME + 1, ' ');

  test_peer_send_text (peer, "", NULL);
  test_peer_send_text (peer, "no delimiter", "{}", NULL);
  test_peer_send_text (peer, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "", "{}", NULL);
  test_peer_send_text (peer, long_name, "", "{}", NULL);
  test_peer_send_text (peer, "", "{}", "{}", NULL);
  test_peer_send_text (peer, "", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
                       "13", "14", "15", "16", "17", "18", "19", "20", NULL);
  assert_honest (self, 1);
  /* The connection of that peer ends, and no other. */
  test_peer_send_text (peer, "", huge, NULL);
  assert_honest (self, 1);
}

/* ---- peers without libzmq */

static int
connect_raw (Fixture *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_port = htons ((guint16) plant_rpc_registry_get_port (self->registry));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static void
send_raw (int         fd,
          const char *data,
          gsize       length)
{
  /* The registry may have closed the connection. */
  if (send (fd, data, length, MSG_NOSIGNAL) < 0)
    return;
}

#define GREETING "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define READY "\4\x19\5READY\13Socket-Type\0\0\0\3REQ"

/* A conversation stops after each of its parts. */
static void
test_halves (Fixture       *self,
             gconstpointer  data)
{
  static const char first[] = "\1\0\0\x40{\"event\":\"REGISTER\",\"payload\":{\"device_type\"";
  int fds[200];
  guint n = 0;

  for (gsize length = 0; length < 64 && n < G_N_ELEMENTS (fds); length += 3)
    {
      fds[n] = connect_raw (self);
      send_raw (fds[n++], GREETING, length);
    }
  for (gsize length = 1; length < sizeof READY && n < G_N_ELEMENTS (fds); length += 2)
    {
      fds[n] = connect_raw (self);
      send_raw (fds[n], GREETING, 64);
      send_raw (fds[n++], READY, length);
    }
  for (gsize length = 1; length < sizeof first && n < G_N_ELEMENTS (fds); length += 2)
    {
      fds[n] = connect_raw (self);
      send_raw (fds[n], GREETING, 64);
      send_raw (fds[n], READY, sizeof READY - 1);
      send_raw (fds[n++], first, length);
    }
  assert_honest (self, 1);
  while (n > 0)
    close (fds[--n]);
  assert_honest (self, 1);
}

/* ---- floods */

/* More requests than any client sends. Their replies are not read. */
static void
test_floods (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);

  for (guint i = 0; i < 20000; i++)
    {
      const Request *request = &requests[1 + i % 4];
      g_autofree char *json = build (request, 9, NULL);

      /* What does not fit into the queues is not sent. */
      zmq_send (test_peer_get_socket (peer), "", 0, ZMQ_DONTWAIT | ZMQ_SNDMORE);
      zmq_send (test_peer_get_socket (peer), json, strlen (json), ZMQ_DONTWAIT);
      if (i % 2000 == 0)
        assert_honest (self, 1);
    }
  assert_honest (self, 1);
}

static char *
register_device (TestPeer   *peer,
                 const char *device_type,
                 guint       port)
{
  g_autofree char *request = g_strdup_printf (
      "{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"%s\",\"addr\":\"tcp://h:%u\","
      "\"name\":\"\"}}",
      device_type, port);
  g_autoptr (GPtrArray) frames = NULL;

  test_peer_send_text (peer, "", request, NULL);
  frames = test_peer_receive (peer);
  return test_frame_dup_text (frames, frames->len - 1);
}

/* One network address fills its share of the registry and leaves the rest. Clients can read all of
 * it. */
static guint
fill (TestPeer   *peer,
      const char *device_type)
{
  for (guint port = 1;; port++)
    {
      g_autofree char *reply = register_device (peer, device_type, port);

      if (strstr (reply, "REGISTER_ACK") != NULL)
        continue;
      g_assert_nonnull (strstr (reply, "from 127.0.0.1 "));
      return port - 1;
    }
}

static void
test_share (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);
  guint n = fill (peer, "t");

  /* The correct device has the same network address here. */
  g_assert_cmpuint (n, ==, PLANT_RPC_MAX_DEVICES_OF_PEER - 1);
  assert_honest (self, n + 1);
}

/* The longest type leaves no room for a name made from it. A device that has room can be read. */
static void
test_longest (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);
  g_autofree char *longest = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT, 'y');
  g_autofree char *shorter = g_strnfill (PLANT_RPC_MAX_REGISTRY_TEXT - 2, 'z');
  g_autofree char *name = g_strconcat (shorter, "-0", NULL);
  g_autofree char *refused = register_device (peer, longest, 1);
  g_autofree char *accepted = register_device (peer, shorter, 1);

  g_assert_nonnull (strstr (refused, "has 1025 bytes, more than 1023"));
  g_assert_nonnull (strstr (accepted, "REGISTER_ACK"));
  assert_honest (self, 2);
  g_assert_nonnull (plant_rpc_registry_client_find_device (self->client, name));
}

/* A text of the greatest length, which is twice as long in JSON. */
static void
fill_with_text (TestPeer *peer)
{
  GString *device_type = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    g_string_append (device_type, "\\\"");
  g_assert_cmpuint (fill (peer, device_type->str), >, 200);
  g_string_free (device_type, TRUE);
}

static const char list_request[] = "{\"event\":\"LIST\",\"payload\":{}}";

/* Returns TRUE if the reply has the list, FALSE if it has an error. */
static gboolean
has_list (TestPeer *peer)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (peer);
  g_autofree char *text = test_frame_dup_text (frames, frames->len - 1);

  if (strstr (text, "\"devices\":[") != NULL)
    return TRUE;
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "not been read"));
  return FALSE;
}

/* A peer that reads little. Its libzmq queues one message. */
static TestPeer *
connect_lazy (Fixture *self)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  int one = 1, small = 4096;

  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVHWM, &one, sizeof one);
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVBUF, &small, sizeof small);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (peer), self->url), ==, 0);
  return peer;
}

static void
test_unread_lists (Fixture       *self,
                   gconstpointer  data)
{
  enum { N = 60 };
  g_autoptr (TestPeer) filler = test_peer_new (ZMQ_DEALER, self->url);
  g_autoptr (TestPeer) lazy = connect_lazy (self);
  guint n_lists = 0;

  fill_with_text (filler);
  for (guint i = 0; i < N; i++)
    test_peer_send_text (lazy, "", list_request, NULL);
  test_peer_send_text (filler, "", list_request, NULL);
  g_assert_true (has_list (filler));
  for (guint i = 0; i < N; i++)
    n_lists += has_list (lazy) ? 1 : 0;
  g_assert_cmpuint (n_lists, >=, 4);
  g_assert_cmpuint (n_lists, <, N);
  /* After it has read the lists it gets more. */
  test_peer_send_text (lazy, "", list_request, NULL);
  g_assert_true (has_list (lazy));
}

/* Many peers are sent different lists, and read none of them. */
static void
test_held_lists (Fixture       *self,
                 gconstpointer  data)
{
  enum { N_PEERS = 30, N_LISTS = 12 };
  TestPeer *lazy[N_PEERS];
  g_autoptr (TestPeer) filler = test_peer_new (ZMQ_DEALER, self->url);
  gboolean refused = FALSE;

  fill_with_text (filler);
  for (guint i = 0; i < N_PEERS; i++)
    lazy[i] = connect_lazy (self);
  for (guint k = 0; k < N_LISTS * N_PEERS && !refused; k++)
    {
      g_autofree char *reply = register_device (filler, "t", 1);

      test_peer_send_text (lazy[k % N_PEERS], "", list_request, NULL);
      test_peer_send_text (filler, "", list_request, NULL);
      refused = !has_list (filler);
    }
  g_assert_true (refused);
  for (guint i = 0; i < N_PEERS; i++)
    test_peer_free (lazy[i]);
  do
    test_peer_send_text (filler, "", list_request, NULL);
  while (!has_list (filler));
}

/* ---- routing ids */

static TestPeer *
connect_as (Fixture    *self,
            const char *identity)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (peer);

  zmq_setsockopt (socket, ZMQ_ROUTING_ID, identity, strlen (identity));
  g_assert_cmpint (zmq_connect (socket, self->url), ==, 0);
  return peer;
}

/* µs after which libzmq has most likely noticed that a peer has left, and µs that the next one has
 * to be answered */
#define PAUSE    (300 * 1000)
#define PATIENCE (5 * G_USEC_PER_SEC)

/* Connects under the routing id of a peer that has left. libzmq ignores for good who comes before
 * it has noticed that, so the next one tries then. */
static TestPeer *
replace (Fixture    *self,
         const char *routing_id)
{
  for (;;)
    {
      g_autoptr (TestPeer) peer = NULL;
      g_autoptr (GPtrArray) frames = NULL;
      gint64 end;

      g_usleep (PAUSE);
      peer = connect_as (self, routing_id);
      test_peer_send_text (peer, "", list_request, NULL);
      end = g_get_monotonic_time () + PATIENCE;
      while (frames == NULL && g_get_monotonic_time () < end)
        {
          g_main_context_iteration (NULL, FALSE);
          frames = test_peer_try_receive (peer);
        }
      if (frames != NULL)
        return g_steal_pointer (&peer);
    }
}

/* A peer that claims the routing id of a watcher that has left gets none of its messages. */
static void
test_stolen_identity (Fixture       *self,
                      gconstpointer  data)
{
  TestPeer *watcher = connect_as (self, "somebody");
  g_autoptr (TestPeer) thief = NULL;
  g_autoptr (TestPeer) other = test_peer_new (ZMQ_DEALER, self->url);
  g_autofree char *reply = NULL;

  test_peer_send_text (watcher, "", "{\"event\":\"WATCH\",\"payload\":{}}", NULL);
  g_assert_true (has_list (watcher));
  test_peer_free (watcher);
  thief = replace (self, "somebody");
  reply = register_device (other, "t", 1);
  assert_honest (self, 2);
  /* The next message that it gets is the reply to its own request. */
  test_peer_send_text (thief, "", list_request, NULL);
  g_assert_true (has_list (thief));
}

/* What listens on all addresses is listed under the one that it came from. */
static void
test_wildcards (Fixture       *self,
                gconstpointer  data)
{
  static const char *const addresses[] = { "tcp://0.0.0.0:7", "tcp://*:8", "tcp://[::]:9:9" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u", i);
      g_autofree char *expected = g_strdup_printf ("tcp://127.0.0.1:%u", i + 7);
      g_autofree char *request = g_strdup_printf (
          "{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"t\",\"addr\":\"%s\","
          "\"name\":\"%s\"}}", addresses[i], name);
      g_autoptr (GVariant) reply = test_peer_ask_json (self->device, request);
      PlantRpcDevice *device;

      test_wait_until ((device = plant_rpc_registry_find_device (self->registry, name)) != NULL);
      g_assert_cmpstr (plant_rpc_device_get_url (device), ==, expected);
    }
}

/* Peers on the same machine have no network address, and no share of one. */
static void
test_ipc (void)
{
  g_autofree char *url = g_strdup_printf ("ipc://@plantrpc-test-registry-peers-%d", getpid ());
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (url);
  TestPeer *watchers[PLANT_RPC_MAX_WATCHERS_OF_PEER + 1];

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    {
      watchers[i] = test_peer_new (ZMQ_DEALER, url);
      test_peer_send_text (watchers[i], "", "{\"event\":\"WATCH\",\"payload\":{}}", NULL);
      g_assert_true (has_list (watchers[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    test_peer_free (watchers[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                      \
  g_test_add ("/registry-peers/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("members", test_members);
  ADD ("messages", test_messages);
  ADD ("cut-messages", test_cut_messages);
  ADD ("frames", test_frames);
  ADD ("halves", test_halves);
  ADD ("floods", test_floods);
  ADD ("share", test_share);
  ADD ("longest", test_longest);
  ADD ("unread-lists", test_unread_lists);
  ADD ("held-lists", test_held_lists);
  ADD ("stolen-identity", test_stolen_identity);
  ADD ("wildcards", test_wildcards);
  g_test_add_func ("/registry-peers/ipc", test_ipc);
  return g_test_run ();
}
