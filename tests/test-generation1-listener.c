/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-origin-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-zmtp.h"

/* An address that this computer does not have, so a peer on loopback is a stranger to that
 * server. */
#define ELSEWHERE "192.0.2.1"

#define SIGNAL(name) \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"" name "\", \"args\": [1], \"blocking\": false}"
#define YES "{\"success\": true}"
#define NO  "{\"success\": false}"

/* If it is set, every signal seems to come from there. The receiver's thread reads it. */
static const char *_Atomic pretended;

char *__real_plant_rpc_frames_dup_address (const PlantRpcFrames *self);
char *__wrap_plant_rpc_frames_dup_address (const PlantRpcFrames *self);

char *
__wrap_plant_rpc_frames_dup_address (const PlantRpcFrames *self)
{
  const char *address = pretended;

  return address != NULL ? g_strdup (address) : __real_plant_rpc_frames_dup_address (self);
}

/* The calls of a listener's callbacks. */
typedef struct {
  PlantRpcGeneration1Listener *listener; /* (owned) */
  GString                     *told;     /* (owned) */
} Owner;

static void
on_received (PlantRpcEmission *emission,
             gpointer          owner)
{
  g_string_append_printf (((Owner *) owner)->told, "%s ", emission->name);
}

static void
on_overflowed (guint64  n_lost,
               gpointer owner)
{
  g_string_append (((Owner *) owner)->told, "overflowed ");
}

static void
on_left (gpointer owner)
{
  g_string_append (((Owner *) owner)->told, "left ");
}

static const PlantRpcGeneration1ListenerFuncs funcs = { on_received, on_overflowed, on_left };

static Owner *
owner_new (const char *url,
           const char *server_address)
{
  Owner *self = g_new0 (Owner, 1);
  g_autoptr (GError) error = NULL;

  self->told = g_string_new (NULL);
  self->listener =
      plant_rpc_generation1_listener_new (url, server_address, "127.0.0.1",
                                          g_main_context_default (), &funcs, self, &error);
  g_assert_no_error (error);
  return self;
}

static void
owner_free (Owner *self)
{
  plant_rpc_generation1_listener_free (self->listener, FALSE);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

static TestPeer *
connect_pusher (Owner *self,
                int    type)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u",
                                          plant_rpc_generation1_listener_get_port (self->listener));

  return test_peer_new (type, url);
}

static void
assert_acknowledged (TestPeer   *pusher,
                     const char *text,
                     const char *expected)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *reply = NULL;

  test_peer_send_text (pusher, text, NULL);
  frames = test_peer_receive (pusher);
  reply = test_frame_dup_text (frames, 0);
  g_assert_cmpstr (reply, ==, expected);
}

/* A stranger gets an acknowledgement, and its signal is not shown. */
static void
test_stranger (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://192.0.2.1:5000", ELSEWHERE);
  g_autoptr (TestPeer) stranger = connect_pusher (self, ZMQ_REQ);

  for (guint i = 0; i < 100; i++)
    assert_acknowledged (stranger, SIGNAL ("a"), NO);
  g_assert_cmpuint (plant_rpc_generation1_listener_get_n_malformed (self->listener), ==, 100);
  g_assert_false (plant_rpc_generation1_listener_is_connected (self->listener));
  g_clear_pointer (&stranger, test_peer_free);
  stranger = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (stranger, SIGNAL ("a"), NO);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (self->told->str, ==, "");
}

/* When a stranger connects and leaves, the server does not seem to have left. */
static void
test_stranger_beside_server (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:5001", "127.0.0.1");
  g_autoptr (Owner) other = owner_new ("tcp://192.0.2.1:5001", ELSEWHERE);
  g_autoptr (TestPeer) server = connect_pusher (self, ZMQ_REQ);
  g_autoptr (TestPeer) stranger = connect_pusher (other, ZMQ_REQ);

  assert_acknowledged (server, SIGNAL ("a"), YES);
  assert_acknowledged (stranger, SIGNAL ("b"), NO);
  test_wait_until (plant_rpc_generation1_listener_is_connected (self->listener));
  g_clear_pointer (&stranger, test_peer_free);
  assert_acknowledged (server, SIGNAL ("c"), YES);
  test_wait_until (g_str_equal (self->told->str, "a c "));
  g_assert_cmpstr (other->told->str, ==, "");
  g_clear_pointer (&server, test_peer_free);
  test_wait_until (g_str_equal (self->told->str, "a c left "));
  g_assert_cmpstr (other->told->str, ==, "");
  /* That it has left is told once. */
  server = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (server, SIGNAL ("d"), YES);
  assert_acknowledged (server, SIGNAL ("e"), YES);
  test_wait_until (g_str_has_suffix (self->told->str, "e "));
  g_assert_cmpstr (self->told->str, ==, "a c left d e ");
}

/* The server sends from the address at which another client has reached it since. */
static void
test_other_address (void)
{
  g_autoptr (Owner) first = owner_new ("tcp://127.0.0.1:5005", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (first, ZMQ_REQ);
  g_autoptr (Owner) second = NULL;

  assert_acknowledged (server, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_generation1_listener_is_connected (first->listener));
  pretended = ELSEWHERE;
  assert_acknowledged (server, SIGNAL ("b"), NO);
  second = owner_new ("tcp://127.0.0.1:5005", ELSEWHERE);
  g_assert_cmpuint (plant_rpc_generation1_listener_get_port (second->listener), ==,
                    plant_rpc_generation1_listener_get_port (first->listener));
  assert_acknowledged (server, SIGNAL ("c"), YES);
  pretended = NULL;
  test_wait_until (g_str_equal (first->told->str, "a c "));
}

/* A signal has exactly one frame. */
static void
test_frames (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:5002", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (self, ZMQ_REQ);
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *reply = NULL;

  test_peer_send_text (server, SIGNAL ("a"), SIGNAL ("b"), NULL);
  frames = test_peer_receive (server);
  reply = test_frame_dup_text (frames, 0);
  g_assert_cmpstr (reply, ==, NO);
  assert_acknowledged (server, SIGNAL ("c"), YES);
  test_wait_until (g_str_equal (self->told->str, "c "));
  g_assert_cmpuint (plant_rpc_generation1_listener_get_n_malformed (self->listener), ==, 1);
}

static guint
count_open (GPtrArray *connections)
{
  guint n_open = 0;

  for (guint i = 0; i < connections->len; i++)
    {
      GSocket *socket = g_socket_connection_get_socket (connections->pdata[i]);
      char byte;

      g_socket_set_blocking (socket, FALSE);
      /* Reads the greeting of the other end until the end of the connection, which is 0. */
      while (g_socket_receive (socket, &byte, 1, NULL, NULL) > 0)
        continue;
      n_open += g_socket_receive (socket, &byte, 1, NULL, NULL) != 0;
    }
  return n_open;
}

static void
connect_many (Owner     *self,
              GPtrArray *connections,
              guint      n_connections)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  while (connections->len < n_connections)
    {
      g_autoptr (GError) error = NULL;
      GSocketConnection *connection = g_socket_client_connect_to_host (
          client, "127.0.0.1", plant_rpc_generation1_listener_get_port (self->listener), NULL,
          &error);

      g_assert_no_error (error);
      g_ptr_array_add (connections, connection);
    }
}

/* Strangers can neither use up the descriptors nor take the place of the server. */
static void
test_too_many (void)
{
  static const char *const addresses[] = { ELSEWHERE, "127.0.0.1" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (Owner) self = owner_new ("tcp://192.0.2.1:5003", addresses[i]);
      g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (TestPeer) pusher = NULL;

      connect_many (self, connections, PLANT_RPC_MAX_CALLERS + 5);
      test_wait_until (count_open (connections) == PLANT_RPC_MAX_CALLERS);
      g_ptr_array_set_size (connections, 0);
      pusher = connect_pusher (self, ZMQ_REQ);
      assert_acknowledged (pusher, SIGNAL ("a"), i == 0 ? NO : YES);
    }
}

/* A connection whose message never ends is ended. */
static void
test_endless_message (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:5004", "127.0.0.1");
  g_autoptr (TestZmtp) attacker =
      test_zmtp_new (plant_rpc_generation1_listener_get_port (self->listener));
  g_autoptr (TestPeer) server = NULL;
  const gsize size = 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);
  gsize sent = 0;

  g_assert_true (test_zmtp_shake_hands (attacker, "REQ"));
  g_assert_true (test_zmtp_send_frame (attacker, "", 0, TRUE));
  while (sent < 8 * PLANT_RPC_MAX_UNFINISHED && test_zmtp_send_frame (attacker, data, size, TRUE))
    sent += size;
  test_wait_until (test_zmtp_is_closed (attacker));
  g_assert_cmpuint (sent, >, PLANT_RPC_MAX_REQUEST_SIZE);
  test_wait_until (g_str_equal (self->told->str, "left "));
  server = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (server, SIGNAL ("a"), YES);
}

/* ---- addresses */

static void
test_addresses (void)
{
  g_autoptr (PlantRpcOrigin) remote = plant_rpc_origin_new ("tcp://192.0.2.1:5", "192.0.2.1");
  g_autoptr (PlantRpcOrigin) six = plant_rpc_origin_new ("tcp://[2001:db8::1]:5", "2001:db8::1");
  g_autoptr (PlantRpcOrigin) local = plant_rpc_origin_new ("tcp://127.0.0.1:5", "127.0.0.1");
  static const char *const wrong[] = { "192.0.2.2", "127.0.0.1", "::1", "", "x", "192.0.2.1x",
                                       "::192.0.2.1" };

  g_assert_true (plant_rpc_origin_has (remote, "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (remote, "::ffff:192.0.2.1"));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (plant_rpc_origin_has (remote, wrong[i]));
  g_assert_true (plant_rpc_origin_has (six, "2001:0db8:0:0::1"));
  g_assert_true (plant_rpc_origin_has (six, "2001:db8::1%lo"));
  g_assert_false (plant_rpc_origin_has (six, "2001:db8::2"));
  /* The system may pick any address of this computer. */
  g_assert_true (plant_rpc_origin_has (local, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (local, "::ffff:127.0.0.2"));
  g_assert_true (plant_rpc_origin_has (local, "::1"));
  g_assert_false (plant_rpc_origin_has (local, "192.0.2.1"));
  plant_rpc_origin_add (local, "192.0.2.1");
  g_assert_true (plant_rpc_origin_has (local, "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (local, "127.0.0.1"));
  g_assert_true (plant_rpc_origin_has (local, "127.0.0.2"));
}

/* However many addresses there were, memory is limited, and the latest one counts. */
static void
test_many_addresses (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5", "192.0.2.1");

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i % 256);

      plant_rpc_origin_add (self, address);
      g_assert_true (plant_rpc_origin_has (self, address));
    }
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
}

/* So many addresses count as the limit says. */
static void
test_limit_of_addresses (void)
{
  g_autoptr (PlantRpcOrigin) self = plant_rpc_origin_new ("tcp://192.0.2.1:5", "192.0.2.1");

  for (guint i = 1; i < PLANT_RPC_MAX_SERVER_ADDRESSES; i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i);

      plant_rpc_origin_add (self, address);
      g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
    }
  plant_rpc_origin_add (self, "198.51.100.250");
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.1"));
  g_assert_true (plant_rpc_origin_has (self, "198.51.100.250"));
}

/* A resolver whose names have several addresses. */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver {
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GList *
look_up (GResolver     *resolver,
         const char    *name,
         GCancellable  *cancellable,
         GError       **error)
{
  if (!g_str_equal (name, "lab.example"))
    {
      g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, name);
      return NULL;
    }
  return g_list_append (g_list_append (NULL, g_inet_address_new_from_string ("192.0.2.7")),
                        g_inet_address_new_from_string ("2001:db8::7"));
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name = look_up;
}

static void
test_resolver_init (TestResolver *self)
{
}

static void
test_names (void)
{
  g_autoptr (GResolver) former = g_resolver_get_default ();
  g_autoptr (GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_autoptr (PlantRpcOrigin) self = NULL, unknown = NULL;

  g_resolver_set_default (resolver);
  self = plant_rpc_origin_new ("tcp://lab.example:5", "192.0.2.1");
  unknown = plant_rpc_origin_new ("tcp://other.example:5", "192.0.2.1");
  test_wait_until (plant_rpc_origin_has (self, "192.0.2.7") &&
                   plant_rpc_origin_has (self, "2001:db8::7"));
  g_assert_true (plant_rpc_origin_has (self, "192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (self, "192.0.2.8"));
  g_assert_true (plant_rpc_origin_has (unknown, "192.0.2.1"));
  g_assert_false (plant_rpc_origin_has (unknown, "192.0.2.7"));
  g_resolver_set_default (former);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/generation1-listener/stranger", test_stranger);
  g_test_add_func ("/generation1-listener/stranger-beside-server", test_stranger_beside_server);
  g_test_add_func ("/generation1-listener/other-address", test_other_address);
  g_test_add_func ("/generation1-listener/frames", test_frames);
  g_test_add_func ("/generation1-listener/too-many", test_too_many);
  g_test_add_func ("/generation1-listener/endless-message", test_endless_message);
  g_test_add_func ("/generation1-listener/addresses", test_addresses);
  g_test_add_func ("/generation1-listener/many-addresses", test_many_addresses);
  g_test_add_func ("/generation1-listener/limit-of-addresses", test_limit_of_addresses);
  g_test_add_func ("/generation1-listener/names", test_names);

  return g_test_run ();
}
