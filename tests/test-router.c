/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-reply-sender-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-stand.h"
#include "plant-rpc-test-zmtp.h"

/* ---- the random number that is drawn for a port: the linker replaces the function */

gint32 __real_g_random_int_range (gint32 begin, gint32 end);
gint32 __wrap_g_random_int_range (gint32 begin, gint32 end);

static gint32 drawn; /* 0: a random number */
static gint32 drawn_from[2];

gint32
__wrap_g_random_int_range (gint32 begin,
                           gint32 end)
{
  drawn_from[0] = begin;
  drawn_from[1] = end;
  return drawn != 0 ? drawn : __real_g_random_int_range (begin, end);
}

/* ---- the ports in use: the linker replaces this function too */

int __real_zmq_bind (void *socket, const char *url);
int __wrap_zmq_bind (void *socket, const char *url);

static GHashTable *tried; /* (nullable): URLs; NULL: ports are free */
static guint n_bound;

int
__wrap_zmq_bind (void       *socket,
                 const char *url)
{
  if (tried == NULL)
    {
      const int result = __real_zmq_bind (socket, url);

      n_bound += result == 0;
      return result;
    }
  g_hash_table_add (tried, g_strdup (url));
  errno = EADDRINUSE;
  return -1;
}

/* ---- returning memory to the system, without the seconds in between: the linker replaces these
 * functions too */

GSource *__real_g_timeout_source_new (guint interval);
GSource *__wrap_g_timeout_source_new (guint interval);

GSource *
__wrap_g_timeout_source_new (guint interval)
{
  return __real_g_timeout_source_new (MIN (interval, 10));
}

int __wrap_malloc_trim (gsize pad);

static guint n_trimmed;

int
__wrap_malloc_trim (gsize pad)
{
  n_trimmed++;
  return 0;
}

/* ---- a client that does not read */

#define N_UNREAD 20000

/* More than the queues of both sides and the kernel hold: the rest waits here, in order. */
static void
test_slow_reader (TestStand     *fixture,
                  gconstpointer  data)
{
  g_autofree char *text = g_strnfill (2000, 'x');
  const char *url = plant_rpc_server_get_url (fixture->server);
  g_autoptr (TestPeer) other = test_peer_new (ZMQ_DEALER, url);

  for (guint i = 0; i < N_UNREAD; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *request = g_strdup_printf (
          "{\"event\": \"METHOD_CALL\", \"method\": \"echo\", \"params\": {\"args\": [\"%s\"],"
          " \"kwargs\": {}}}", text);

      test_peer_send_text (fixture->peer, id, "", request, NULL);
    }
  test_peer_assert_reply (other, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  for (guint i = 0; i < N_UNREAD; i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);
      g_autofree char *id = test_frame_dup_text (frames, 0);

      g_assert_cmpuint (g_ascii_strtoull (id, NULL, 10), ==, i);
    }
}

#define PICTURE_SIZE   (24 * 1024 * 1024)
#define N_PICTURES     40
#define N_ON_THEIR_WAY 6

typedef struct {
  GBytes *picture; /* (owned) */
  guint   n_taken;
} TestCamera;

static void
take_picture (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  TestCamera *camera = user_data;

  camera->n_taken++;
  plant_rpc_invocation_return_buffer (invocation, camera->picture, NULL);
}

static void
ask_for_pictures (TestPeer *peer,
                  guint     n)
{
  for (guint i = 0; i < n; i++)
    test_peer_send_text (peer, "",
                         "{\"event\": \"METHOD_CALL\", \"method\": \"take\","
                         " \"params\": {\"args\": [], \"kwargs\": {}}}", NULL);
}

/* How many of N replies bring one; the others are errors. */
static guint
read_pictures (TestPeer *peer,
               guint     n)
{
  guint n_pictures = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (peer);
      g_autoptr (GVariant) reply = test_frame_parse (frames, 1);

      if (frames->len == 2)
        {
          test_assert_error (reply, "limit", NULL);
          continue;
        }
      g_assert_cmpuint (g_bytes_get_size (frames->pdata[2]), ==, PICTURE_SIZE);
      n_pictures++;
    }
  return n_pictures;
}

/* The first ones come, whole; what would have filled the memory has become errors. */
static void
test_unread_pictures (TestStand     *fixture,
                      gconstpointer  data)
{
  TestCamera camera = { g_bytes_new_take (g_malloc0 (PICTURE_SIZE), PICTURE_SIZE), 0 };
  g_autoptr (TestPeer) reader = test_peer_new (ZMQ_DEALER, NULL);
  const int one = 1;
  guint n_pictures;

  zmq_setsockopt (test_peer_get_socket (reader), ZMQ_RCVHWM, &one, sizeof one);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (reader),
                                plant_rpc_server_get_url (fixture->server)), ==, 0);
  plant_rpc_server_register_method_buffer (fixture->server, "take", "", PLANT_RPC_TIMEOUT_NONE,
                                           PLANT_RPC_METHOD_FLAGS_NONE, take_picture, &camera,
                                           NULL);
  ask_for_pictures (reader, N_PICTURES);
  test_wait_until (camera.n_taken == N_PICTURES);
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");

  n_pictures = read_pictures (reader, N_PICTURES);
  g_assert_cmpuint (n_pictures, >, PLANT_RPC_MAX_UNREAD / PICTURE_SIZE);
  /* A few of them had reached the client, or were on their way, before. */
  g_assert_cmpuint (n_pictures, <=, PLANT_RPC_MAX_UNREAD / PICTURE_SIZE + N_ON_THEIR_WAY);
  ask_for_pictures (reader, 1);
  g_assert_cmpuint (read_pictures (reader, 1), ==, 1);
  g_bytes_unref (camera.picture);
}

static void
return_too_much (PlantRpcInvocation  *invocation,
                 gpointer             user_data,
                 GError             **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", PLANT_RPC_MAX_REPLY_SIZE + 1);

  plant_rpc_invocation_return_buffer (invocation, bytes, NULL);
}

/* The buffer must not be read: it claims to be too large, but only one byte of it exists. */
static void
test_too_large (TestStand     *fixture,
                gconstpointer  data)
{
  plant_rpc_server_register_method_buffer (fixture->server, "take", "", PLANT_RPC_TIMEOUT_NONE,
                                           PLANT_RPC_METHOD_FLAGS_NONE, return_too_much, NULL,
                                           NULL);
  test_peer_assert_refused (fixture->peer,
                            "{\"event\": \"METHOD_CALL\", \"method\": \"take\","
                            " \"params\": {\"args\": [], \"kwargs\": {}}}", "limit");
}

/* ---- a routing id that another peer claims */

static TestPeer *
connect_as (TestStand  *fixture,
            const char *routing_id)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (peer);

  zmq_setsockopt (socket, ZMQ_ROUTING_ID, routing_id, strlen (routing_id));
  g_assert_cmpint (zmq_connect (socket, plant_rpc_server_get_url (fixture->server)), ==, 0);
  return peer;
}

static void
keep_invocation (PlantRpcInvocation  *invocation,
                 gpointer             user_data,
                 GError             **error)
{
  PlantRpcInvocation **kept = user_data;

  g_set_object (kept, invocation);
}

/* A peer that claims the routing id of one that has left gets nothing meant for that one. */
static void
test_claimed_id (TestStand     *fixture,
                 gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_as (fixture, "camera");
  g_autoptr (TestPeer) thief = NULL;
  PlantRpcInvocation *kept = NULL;

  plant_rpc_server_register_method_json (fixture->server, "later", "", PLANT_RPC_TIMEOUT_NONE,
                                         PLANT_RPC_METHOD_FLAGS_NONE, keep_invocation, &kept, NULL);
  test_peer_send_text (peer, "",
                       "{\"event\": \"METHOD_CALL\", \"method\": \"later\","
                       " \"params\": {\"args\": [], \"kwargs\": {}}}", NULL);
  test_wait_until (kept != NULL);
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (kept)));

  thief = connect_as (fixture, "camera");
  test_peer_assert_reply (thief, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  plant_rpc_invocation_return_value (kept, g_variant_new_string ("secret"));
  g_clear_object (&kept);
  test_peer_assert_reply (thief, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  g_assert_null (test_peer_try_receive (thief));
}

/* Connects a peer that reads no more than a message ahead, and makes a call that is never answered.
 * The cancellable of the call shows when the connection has ended. */
static TestPeer *
connect_reader (TestStand           *fixture,
                PlantRpcInvocation **kept)
{
  TestPeer *reader = test_peer_new (ZMQ_DEALER, NULL);
  const int one = 1, never = -1;

  zmq_setsockopt (test_peer_get_socket (reader), ZMQ_RCVHWM, &one, sizeof one);
  zmq_setsockopt (test_peer_get_socket (reader), ZMQ_RECONNECT_IVL, &never, sizeof never);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (reader),
                                plant_rpc_server_get_url (fixture->server)), ==, 0);
  plant_rpc_server_register_method_json (fixture->server, "later", "", PLANT_RPC_TIMEOUT_NONE,
                                         PLANT_RPC_METHOD_FLAGS_NONE, keep_invocation, kept, NULL);
  test_peer_send_text (reader, "",
                       "{\"event\": \"METHOD_CALL\", \"method\": \"later\","
                       " \"params\": {\"args\": [], \"kwargs\": {}}}", NULL);
  test_wait_until (*kept != NULL);
  return reader;
}

static gboolean
has_left (PlantRpcInvocation *kept)
{
  return g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (kept));
}

static void
call_mutely (TestZmtp   *peer,
             const char *method)
{
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"METHOD_CALL\", \"method\": \"%s\","
      " \"params\": {\"args\": [], \"kwargs\": {}}}", method);

  g_assert_true (test_zmtp_send_frame (peer, "", 0, TRUE));
  g_assert_true (test_zmtp_send_frame (peer, request, strlen (request), FALSE));
}

/* As connect_reader(), but for a peer that reads nothing at all. libzmq reads ahead, and how far
 * depends on the time that it has. */
static TestZmtp *
connect_mute (TestStand           *fixture,
              PlantRpcInvocation **kept)
{
  const char *port = strrchr (plant_rpc_server_get_url (fixture->server), ':') + 1;
  TestZmtp *peer = test_zmtp_new (g_ascii_strtoull (port, NULL, 10));

  g_assert_true (test_zmtp_shake_hands (peer, "DEALER"));
  plant_rpc_server_register_method_json (fixture->server, "later", "", PLANT_RPC_TIMEOUT_NONE,
                                         PLANT_RPC_METHOD_FLAGS_NONE, keep_invocation, kept, NULL);
  call_mutely (peer, "later");
  test_wait_until (*kept != NULL);
  return peer;
}

/* A peer that reads gets its replies, although others make the server hold all that it may. The one
 * that holds the most loses its connection, and its memory is returned. */
static void
test_total (TestStand     *fixture,
            gconstpointer  data)
{
  TestCamera camera = { g_bytes_new_take (g_malloc0 (PICTURE_SIZE), PICTURE_SIZE), 0 };
  g_autoptr (PlantRpcInvocation) kept = NULL;
  g_autoptr (TestPeer) honest = NULL;
  g_autoptr (TestZmtp) mute = NULL;

  plant_rpc_server_stop (fixture->server);
  plant_rpc_server_set_max_unread (fixture->server, 3 * PICTURE_SIZE - 1);
  plant_rpc_server_register_method_buffer (fixture->server, "take", "", PLANT_RPC_TIMEOUT_NONE,
                                           PLANT_RPC_METHOD_FLAGS_NONE, take_picture, &camera,
                                           NULL);
  g_assert_true (plant_rpc_server_start (fixture->server, NULL));
  mute = connect_mute (fixture, &kept);
  for (guint i = 0; i < 8; i++)
    call_mutely (mute, "take");
  test_wait_until (camera.n_taken == 8);
  g_assert_false (has_left (kept));

  n_trimmed = 0;
  honest = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  ask_for_pictures (honest, 1);
  g_assert_cmpuint (read_pictures (honest, 1), ==, 1);
  test_wait_until (has_left (kept));
  test_wait_until (n_trimmed > 0);
  g_bytes_unref (camera.picture);
}

/* What is made of a large request takes several times as much memory, which is returned afterwards,
 * a few times, since libzmq is still at it the first time. */
static void
test_large_request (TestStand     *fixture,
                    gconstpointer  data)
{
  g_autofree char *text = g_strnfill (PLANT_RPC_MAX_JSON_SIZE / 3, 'x');
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"METHOD_CALL\", \"method\": \"none\", \"params\": {\"args\": [\"%s\"],"
      " \"kwargs\": {}}}", text);

  n_trimmed = 0;
  test_peer_assert_refused (fixture->peer, request, "unknown-method");
  test_wait_until (n_trimmed == 3);
}

/* more than libzmq and the kernel hold, and than may wait in the router */
#define N_WAITING 40000

/* The messages that wait for one peer are limited too. At the limit its connection is ended. */
static void
test_waiting (TestStand     *fixture,
              gconstpointer  data)
{
  g_autoptr (PlantRpcInvocation) kept = NULL;
  g_autoptr (TestPeer) reader = connect_reader (fixture, &kept);
  g_autofree char *text = g_strnfill (4000, 'x');
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"METHOD_CALL\", \"method\": \"echo\", \"params\": {\"args\": [\"%s\"],"
      " \"kwargs\": {}}}", text);
  void *socket = test_peer_get_socket (reader);
  guint n = 0;

  /* After the connection has ended nothing can be sent. */
  while (n < N_WAITING && !has_left (kept))
    {
      if (zmq_send (socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) == 0 &&
          zmq_send (socket, request, strlen (request), ZMQ_DONTWAIT) > 0 && ++n % 64 != 0)
        continue;
      test_iterate ();
    }
  test_wait_until (has_left (kept));
  g_assert_cmpuint (n, >, PLANT_RPC_MAX_WAITING / 5000);
}

/* ---- other sources of the loop run while requests come without end */

#define N_CALLS 500 /* fewer than libzmq lets wait */

typedef struct {
  TestPeer *peer;
  guint     usec;   /* µs that each call takes */
  guint     n_sent;
  guint     n_run;
} Flood;

static void
call_flood (Flood *flood)
{
  test_peer_send_text (flood->peer, "",
                       "{\"event\": \"METHOD_CALL\", \"method\": \"flood\","
                       " \"params\": {\"args\": [], \"kwargs\": {}}}", NULL);
  flood->n_sent++;
}

/* Each call sends two others, so there is always a next one. */
static void
handle_flood (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  Flood *flood = user_data;

  flood->n_run++;
  for (guint i = 0; i < 2 && flood->n_sent < N_CALLS; i++)
    call_flood (flood);
  if (flood->usec > 0)
    g_usleep (flood->usec);
  plant_rpc_invocation_return_value (invocation, NULL);
}

/* Returns the most calls that one turn of the loop has served. */
static guint
run_flood (TestStand *fixture,
           guint      usec,
           guint      n_calls)
{
  Flood flood = { fixture->peer, usec, 0, 0 };
  guint n_most = 0;

  plant_rpc_server_register_method_json (fixture->server, "flood", "", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_flood, &flood, NULL);
  call_flood (&flood);
  while (flood.n_run < n_calls)
    {
      const guint n_before = flood.n_run;

      test_iterate ();
      n_most = MAX (n_most, flood.n_run - n_before);
    }
  flood.n_sent = N_CALLS;
  return n_most;
}

static void
test_batch (TestStand     *fixture,
            gconstpointer  data)
{
  const guint n_most = run_flood (fixture, 0, N_CALLS);

  g_assert_cmpuint (n_most, >, 1);
  g_assert_cmpuint (n_most, <=, PLANT_RPC_SOURCE_BATCH);
}

static void
test_heavy_batch (TestStand     *fixture,
                  gconstpointer  data)
{
  g_assert_cmpuint (run_flood (fixture, PLANT_RPC_SOURCE_BATCH_USEC + 1000, 20), ==, 1);
}

/* ---- connections */

static void
test_peer_address (TestStand     *fixture,
                   gconstpointer  url)
{
  const gboolean ipv6 = url != NULL && strstr (url, "[::1]") != NULL;

  test_wait_until (plant_rpc_server_get_peer_address (fixture->server) != NULL);
  g_assert_cmpstr (plant_rpc_server_get_peer_address (fixture->server), ==,
                   ipv6 ? "::1" : "127.0.0.1");
}

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              gpointer    user_data)
{
  guint *n = user_data;

  (*n)++;
}

/* Connects a peer from that address of the machine. */
static TestPeer *
connect_from (TestStand  *fixture,
              const char *address)
{
  g_autofree char *url = g_strdup_printf ("tcp://%s:0;127.0.0.1:%u", address,
                                          plant_rpc_server_get_port (fixture->server));

  return test_peer_new (ZMQ_DEALER, url);
}

/* It is told when it changes, and only then. */
static void
test_peer_address_told (TestStand     *fixture,
                        gconstpointer  url)
{
  g_autoptr (TestPeer) same = NULL, other = NULL;
  guint n_notified = 0;

  test_wait_until (plant_rpc_server_get_peer_address (fixture->server) != NULL);
  g_signal_connect (fixture->server, "notify::peer-address", G_CALLBACK (count_notify),
                    &n_notified);
  same = connect_from (fixture, "127.0.0.1");
  test_peer_assert_reply (same, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  other = connect_from (fixture, "127.0.0.2");
  test_wait_until (
      g_str_equal (plant_rpc_server_get_peer_address (fixture->server), "127.0.0.2"));
  g_assert_cmpuint (n_notified, ==, 1);
}

/* One free port is found, however often a port in use is drawn. */
static void
test_any_port (TestStand     *fixture,
               gconstpointer  url)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, url);
  g_autoptr (PlantRpcServer) other = plant_rpc_server_new (NULL, url);
  g_autoptr (GError) error = NULL;

  n_bound = 0;
  g_assert_true (plant_rpc_server_start (other, NULL));
  g_assert_cmpuint (n_bound, ==, 1);
  drawn = plant_rpc_server_get_port (fixture->server);
  g_assert_cmpint (drawn, >=, PLANT_RPC_FIRST_PORT);
  g_assert_cmpint (drawn, <=, PLANT_RPC_LAST_PORT);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_bound, ==, 2);
  g_assert_cmpuint (plant_rpc_server_get_port (server), !=, drawn);
  g_assert_cmpuint (plant_rpc_server_get_port (server), >=, PLANT_RPC_FIRST_PORT);
  g_assert_cmpuint (plant_rpc_server_get_port (server), <=, PLANT_RPC_LAST_PORT);
  drawn = 0;
}

/* Each port of the range is tried, and no other. */
static void
test_no_port (TestStand     *fixture,
              gconstpointer  url)
{
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (NULL, url);
  g_autoptr (GError) error = NULL;

  tried = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_assert_false (plant_rpc_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (drawn_from[0], ==, PLANT_RPC_FIRST_PORT);
  g_assert_cmpint (drawn_from[1], ==, PLANT_RPC_LAST_PORT + 1);
  g_assert_cmpuint (g_hash_table_size (tried), ==, PLANT_RPC_LAST_PORT - PLANT_RPC_FIRST_PORT + 1);
  for (guint port = PLANT_RPC_FIRST_PORT; port <= PLANT_RPC_LAST_PORT; port++)
    {
      g_autofree char *tried_url = g_strdup_printf ("%s:%u", (const char *) url, port);

      g_assert_true (g_hash_table_contains (tried, tried_url));
    }
  g_clear_pointer (&tried, g_hash_table_unref);
}

static void
test_ipc (TestStand     *fixture,
          gconstpointer  url)
{
  g_autofree char *own_url = test_make_own_url (url);

  g_assert_cmpuint (plant_rpc_server_get_port (fixture->server), ==, 0);
  g_assert_cmpstr (plant_rpc_server_get_url (fixture->server), ==, own_url);
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  test_peer_assert_refused (fixture->peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}", "refused");
}

#define ADD(name, url, function) \
  g_test_add ("/router/" name, TestStand, url, test_stand_set_up, function, \
              test_stand_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("slow-reader", NULL, test_slow_reader);
  ADD ("unread-pictures", NULL, test_unread_pictures);
  ADD ("too-large", NULL, test_too_large);
  ADD ("claimed-id", NULL, test_claimed_id);
  ADD ("total", NULL, test_total);
  ADD ("large-request", NULL, test_large_request);
  ADD ("waiting", NULL, test_waiting);
  ADD ("batch", NULL, test_batch);
  ADD ("heavy-batch", NULL, test_heavy_batch);
  ADD ("peer-address", NULL, test_peer_address);
  ADD ("peer-address/told", NULL, test_peer_address_told);
  ADD ("peer-address/ipv6", "tcp://[::1]:*", test_peer_address);
  ADD ("any-port", "tcp://127.0.0.1", test_any_port);
  ADD ("no-port", "tcp://127.0.0.1", test_no_port);
  ADD ("ipc", "ipc://@plantrpc-test-dispatcher", test_ipc);
  return g_test_run ();
}
