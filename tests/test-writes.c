/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-stand.h"

static const char write_level[] =
    "{\"event\": \"PROPERTY_SET\", \"property\": \"level\", \"value\": 40}";

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

/* The handler goes before the class; an error counts whatever is returned. */
static void
test_handler (TestStand     *fixture,
              gconstpointer  data)
{
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup ("level"),
    .value = g_variant_ref_sink (g_variant_new_int32 (40)),
  };
  g_auto (PlantRpcReply) reply = { 0 };
  g_autofree char *name = NULL;

  plant_rpc_server_set_write_handler (fixture->server, refuse_write, NULL, NULL);
  test_peer_ask_native (fixture->peer, &request, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (reply.error->message, ==, "no: level");
  name = g_strdup_printf ("g-io-error-quark:%d", G_IO_ERROR_READ_ONLY);
  g_assert_cmpstr (plant_rpc_error_get_remote_name (reply.error), ==, name);
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 0);
  plant_rpc_server_set_write_handler (fixture->server, NULL, NULL, NULL);
  test_peer_assert_reply (fixture->peer, write_level, "{'success': <true>}");
}

static gboolean
answer_write (PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              gpointer             user_data,
              GError             **error)
{
  if (user_data == NULL)
    plant_rpc_invocation_accept (invocation);
  else
    plant_rpc_invocation_return_gerror (invocation, user_data);
  return TRUE;
}

/* A handler that has answered the write itself returns a value, which has no effect. */
static void
test_answered (TestStand     *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "no");

  plant_rpc_server_set_write_handler (fixture->server, answer_write, NULL, NULL);
  test_peer_assert_reply (fixture->peer, write_level, "{'success': <true>}");
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 40);
  test_gauge_set_level (fixture->gauge, 0);
  plant_rpc_server_set_write_handler (fixture->server, answer_write, error, NULL);
  test_peer_assert_refused (fixture->peer, write_level, "refused");
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 0);
  plant_rpc_server_set_write_handler (fixture->server, NULL, NULL, NULL);
}

static void
count_release (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static gboolean
answer_with_own_value (PlantRpcInvocation  *invocation,
                       const char          *name,
                       GVariant            *value,
                       gpointer             user_data,
                       GError             **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func ("own", 4, count_release, user_data);

  plant_rpc_invocation_return_value (
      invocation, g_variant_new_from_bytes (G_VARIANT_TYPE_STRING, bytes, TRUE));
  return FALSE;
}

static void
write_native (TestPeer      *peer,
              const char    *name,
              const char    *value,
              PlantRpcReply *reply)
{
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup (name),
    .value = g_variant_ref_sink (g_variant_new_parsed (value)),
  };

  test_peer_ask_native (peer, &request, reply);
  g_assert_no_error (reply->error);
}

/* The writer is told the value of the property, not that of the answer; none if it cannot be read,
 * and none on the older wires. */
static void
test_answered_value (TestStand     *fixture,
                     gconstpointer  data)
{
  g_auto (PlantRpcReply) level = { 0 }, secret = { 0 }, accepted = { 0 };
  guint n_released = 0;

  plant_rpc_server_set_write_handler (fixture->server, answer_with_own_value, &n_released, NULL);
  write_native (fixture->peer, "level", "40", &level);
  test_assert_variant (level.value, "0");
  write_native (fixture->peer, "secret", "'x'", &secret);
  g_assert_null (secret.value);
  test_peer_assert_reply (fixture->peer, write_level, "{'success': <true>}");
  g_assert_cmpuint (n_released, ==, 3);
  plant_rpc_server_set_write_handler (fixture->server, NULL, NULL, NULL);
  write_native (fixture->peer, "secret", "'x'", &accepted);
  g_assert_null (accepted.value);
}

static gboolean
keep_write (PlantRpcInvocation  *invocation,
            const char          *name,
            GVariant            *value,
            gpointer             user_data,
            GError             **error)
{
  g_set_object ((PlantRpcInvocation **) user_data, invocation);
  return FALSE;
}

static void
keep_result (GObject      *client,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Writes that nobody has decided about count towards the limit of a client. */
static void
test_limit (TestStand     *fixture,
            gconstpointer  data)
{
  g_autoptr (PlantRpcInvocation) kept = NULL;
  g_autoptr (TestPeer) peer = NULL;

  plant_rpc_server_stop (fixture->server);
  plant_rpc_server_set_max_peer_calls (fixture->server, 1);
  plant_rpc_server_set_write_handler (fixture->server, keep_write, &kept, NULL);
  g_assert_true (plant_rpc_server_start (fixture->server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  test_peer_send_text (peer, "", write_level, NULL);
  test_peer_assert_refused (peer, write_level, "limit");
  g_assert_nonnull (kept);
  plant_rpc_invocation_accept (kept);
  g_ptr_array_unref (test_peer_receive (peer));
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 40);
}

typedef struct {
  PlantRpcServer *server;
  gboolean        released;
} Replaced;

static void
note_released (gpointer user_data)
{
  ((Replaced *) user_data)->released = TRUE;
}

static gboolean
replace_itself (PlantRpcInvocation  *invocation,
                const char          *name,
                GVariant            *value,
                gpointer             user_data,
                GError             **error)
{
  Replaced *replaced = user_data;

  plant_rpc_server_set_write_handler (replaced->server, refuse_write, NULL, NULL);
  g_assert_false (replaced->released);
  return TRUE;
}

/* A handler that is replaced while it runs is let go of when it returns. */
static void
test_replaced (TestStand     *fixture,
               gconstpointer  data)
{
  Replaced replaced = { fixture->server, FALSE };

  plant_rpc_server_set_write_handler (fixture->server, replace_itself, &replaced, note_released);
  test_peer_assert_reply (fixture->peer, write_level, "{'success': <true>}");
  g_assert_true (replaced.released);
  test_peer_assert_refused (fixture->peer, write_level, NULL);
}

#define N_CLIENTS 4
#define N_ROUNDS  30

static gboolean
agree (TestStand       *fixture,
       PlantRpcClient **clients)
{
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      int level;

      g_object_get (clients[i], "level", &level, NULL);
      if (level != test_gauge_get_level (fixture->gauge))
        return FALSE;
    }
  return TRUE;
}

static void
on_write_failed (void)
{
  g_assert_not_reached ();
}

/* Several clients write one property in turn, each while the writes of the others are under way.
 * The last one to arrive wins, and all of them show that, without an echo among them. */
static void
test_at_once (TestStand     *fixture,
              gconstpointer  data)
{
  PlantRpcClient *clients[N_CLIENTS];
  GAsyncResult *flushed[N_CLIENTS] = { NULL };
  int level;

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = plant_rpc_client_new_for_type (
          TEST_TYPE_GAUGE, plant_rpc_server_get_url (fixture->server), NULL);
      g_signal_connect (clients[i], "write-failed", on_write_failed, NULL);
      test_wait_until (plant_rpc_client_is_ready (clients[i]));
    }
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < N_CLIENTS; i++)
        g_object_set (clients[i], "level", (int) (5 * ((round * 7 + i) % 20)), NULL);
      if (round % 3 != 0)
        g_main_context_iteration (NULL, FALSE);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    plant_rpc_client_flush (clients[i], NULL, keep_result, &flushed[i]);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      test_wait_until (flushed[i] != NULL);
      g_assert_true (plant_rpc_client_flush_finish (clients[i], flushed[i], NULL));
      g_object_unref (flushed[i]);
    }
  test_wait_until (agree (fixture, clients));
  level = test_gauge_get_level (fixture->gauge);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_true (agree (fixture, clients));
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, level);
  for (guint i = 0; i < N_CLIENTS; i++)
    g_assert_finalize_object (clients[i]);
}

#define ADD(name, function) \
  g_test_add ("/writes/" name, TestStand, NULL, test_stand_set_up, function, test_stand_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("handler", test_handler);
  ADD ("answered", test_answered);
  ADD ("answered/value", test_answered_value);
  ADD ("limit", test_limit);
  ADD ("replaced", test_replaced);
  ADD ("at-once", test_at_once);
  return g_test_run ();
}
