/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-peer.h"

/* An address that this computer does not have, so a peer on loopback is a stranger to that
 * server. */
#define ELSEWHERE "192.0.2.1"

#define SIGNAL(name) \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"" name "\", \"args\": [1], \"blocking\": false}"
#define YES "{\"success\": true}"
#define NO  "{\"success\": false}"

/* The calls of a listener's callbacks. */
typedef struct {
  PlantRpcGeneration1Listener *listener; /* (owned) (nullable): NULL once freed */
  GString                     *told;     /* (owned) */
  const char                  *last;     /* (nullable): what is told when the listener is freed */
} Owner;

static void
tell (Owner      *self,
      const char *what)
{
  g_assert_nonnull (self->listener);
  g_string_append_printf (self->told, "%s ", what);
  if (g_strcmp0 (what, self->last) == 0)
    plant_rpc_generation1_listener_free (g_steal_pointer (&self->listener), FALSE);
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission)
{
  tell (owner, emission->name);
}

static void
on_overflowed (gpointer owner,
               guint64  n_lost)
{
  g_autofree char *what = g_strdup_printf ("overflowed:%" G_GUINT64_FORMAT, n_lost);

  tell (owner, what);
}

static void
on_left (gpointer owner)
{
  tell (owner, "left");
}

static void
on_returned (gpointer owner)
{
  tell (owner, "returned");
}

static const PlantRpcGeneration1ListenerFuncs funcs = { on_received, on_overflowed, on_left,
                                                        on_returned };

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
  if (self->listener != NULL)
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
  /* That it has left, and is back, is told once. */
  server = connect_pusher (self, ZMQ_REQ);
  test_wait_until (g_str_equal (self->told->str, "a c left returned "));
  assert_acknowledged (server, SIGNAL ("d"), YES);
  assert_acknowledged (server, SIGNAL ("e"), YES);
  test_wait_until (g_str_has_suffix (self->told->str, "e "));
  g_assert_cmpstr (self->told->str, ==, "a c left returned d e ");
}

/* Pushes a signal with so many numbers, of which each takes 20 bytes while it waits. */
static void
push_numbers (TestPeer *server,
              gsize     n_numbers)
{
  g_autofree char *numbers = g_strnfill (2 * n_numbers - 1, '1');
  g_autofree char *text = NULL;

  for (gsize i = 1; i < 2 * n_numbers - 1; i += 2)
    numbers[i] = ',';
  text = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"large\", \"args\": [%s],"
                          " \"blocking\": false}", numbers);
  assert_acknowledged (server, text, YES);
}

#define ROOM (PLANT_RPC_MAX_QUEUED_SIGNALS / 20) /* numbers that may wait */

/* That a signal was lost is told although none waits. What was delivered takes no room. */
static void
test_overflow (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:5006", "127.0.0.1");
  g_autoptr (TestPeer) server = connect_pusher (self, ZMQ_REQ);

  push_numbers (server, ROOM + 1);
  test_wait_until (g_str_equal (self->told->str, "overflowed:1 "));
  push_numbers (server, ROOM / 2 + 1);
  test_wait_until (g_str_equal (self->told->str, "overflowed:1 large "));
  push_numbers (server, ROOM / 2 + 1);
  test_wait_until (g_str_equal (self->told->str, "overflowed:1 large large "));
}

/* While the context is busy everything waits, and is told in order. A callback may free the
 * listener, and then nothing follows. */
static void
test_waiting (gconstpointer last)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Owner *self = g_new0 (Owner, 1);
  g_autoptr (Owner) other = NULL;
  g_autoptr (TestPeer) server = NULL;
  const char *const all = "a b overflowed:1 left ";

  self->told = g_string_new (NULL);
  self->last = last;
  self->listener = plant_rpc_generation1_listener_new ("tcp://127.0.0.1:5007", "127.0.0.1",
                                                       "127.0.0.1", context, &funcs, self, NULL);
  server = connect_pusher (self, ZMQ_REQ);
  assert_acknowledged (server, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_generation1_listener_is_connected (self->listener));
  other = owner_new ("tcp://127.0.0.1:5007", "127.0.0.1");
  push_numbers (server, ROOM + 1);
  assert_acknowledged (server, SIGNAL ("b"), YES);
  g_clear_pointer (&server, test_peer_free);
  test_wait_until (g_str_has_suffix (other->told->str, "left "));
  g_assert_cmpstr (self->told->str, ==, "");
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_assert_true (g_str_has_prefix (all, self->told->str));
  g_assert_true (last == NULL ? g_str_equal (self->told->str, all)
                              : self->listener == NULL);
  owner_free (self);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/generation1-listener/stranger", test_stranger);
  g_test_add_func ("/generation1-listener/stranger-beside-server", test_stranger_beside_server);
  g_test_add_func ("/generation1-listener/overflow", test_overflow);
  g_test_add_data_func ("/generation1-listener/waiting", NULL, test_waiting);
  g_test_add_data_func ("/generation1-listener/freed/received", "a", test_waiting);
  g_test_add_data_func ("/generation1-listener/freed/overflowed", "overflowed:1", test_waiting);
  g_test_add_data_func ("/generation1-listener/freed/left", "left", test_waiting);

  return g_test_run ();
}
