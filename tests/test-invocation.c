/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-peer.h"

/* ---- the memory that libzmq is given: calls of it are taken over by the linker */

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

static const void *last_data = NULL;

int
__wrap_zmq_msg_init_data (zmq_msg_t   *message,
                          void        *data,
                          size_t       size,
                          zmq_free_fn *free_func,
                          void        *hint)
{
  last_data = data;
  return __real_zmq_msg_init_data (message, data, size, free_func, hint);
}

/* ---- a server with one method, and a peer */

typedef struct {
  TestGauge          *gauge;
  PlantRpcServer     *server;
  TestPeer           *peer;
  PlantRpcInvocation *kept;   /* (owned) (nullable) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->gauge = test_gauge_new ();
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  plant_rpc_server_start (fixture->server, &error);
  g_assert_no_error (error);
  fixture->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->kept);
  test_peer_free (fixture->peer);
  g_assert_finalize_object (fixture->server);
  g_assert_finalize_object (fixture->gauge);
}

static void
offer (Fixture               *fixture,
       const char            *signature,
       PlantRpcMethodFlags    flags,
       PlantRpcMethodHandler  handler)
{
  plant_rpc_server_register_method_json (fixture->server, "run", signature, 0, flags, handler,
                                         fixture, NULL);
}

static void
offer_buffer (Fixture               *fixture,
              PlantRpcMethodHandler  handler)
{
  plant_rpc_server_register_method_buffer (fixture->server, "run", "", 0,
                                           PLANT_RPC_METHOD_FLAGS_NONE, handler, fixture, NULL);
}

static PlantRpcRequest
make_call (const char *args,
           const char *kwargs)
{
  return (PlantRpcRequest) {
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = g_strdup ("run"),
    .args = g_variant_ref_sink (g_variant_new_parsed (args)),
    .kwargs = g_variant_ref_sink (g_variant_new_parsed (kwargs)),
  };
}

static void
call (Fixture       *fixture,
      const char    *args,
      const char    *kwargs,
      PlantRpcReply *reply)
{
  PlantRpcRequest request = make_call (args, kwargs);

  test_peer_ask_native (fixture->peer, &request, reply);
}

static void
send_call (Fixture *fixture,
           guint64  id)
{
  PlantRpcRequest request = make_call ("@av []", "@a{sv} {}");

  test_peer_send_native (fixture->peer, id, &request);
}

static void
take_reply (Fixture       *fixture,
            guint64        id,
            PlantRpcReply *reply)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (fixture->peer);

  test_peer_take_reply (frames, id, PLANT_RPC_EVENT_METHOD_CALL, reply);
}

/* ---- arguments */

static void
answer_arguments (PlantRpcInvocation  *invocation,
                  gpointer             user_data,
                  GError             **error)
{
  g_assert_cmpstr (plant_rpc_invocation_get_name (invocation), ==, "run");
  g_assert_cmpstr (plant_rpc_invocation_get_sender (invocation), ==, "127.0.0.1");
  g_assert_null (plant_rpc_invocation_get_value (invocation));
  g_assert_false (plant_rpc_invocation_get_answered (invocation));
  plant_rpc_invocation_return_value (
      invocation, g_variant_new ("(@av@a{sv})", plant_rpc_invocation_get_args (invocation),
                                 plant_rpc_invocation_get_kwargs (invocation)));
  g_assert_true (plant_rpc_invocation_get_answered (invocation));
}

static const struct {
  const char *signature;
  const char *args;
  const char *kwargs;
  const char *result; /* NULL: refused */
} bindings[] = {
  { "a: i, b: i = 7", "[<1>]", "@a{sv} {}", "([<1>, <7>], @a{sv} {})" },
  { "a: i, b: i = 7", "@av []", "{'b': <2>, 'a': <1>}", "([<1>, <2>], @a{sv} {})" },
  { "a: i, b: i = 7", "[<1>]", "{'b': <@x 2>}", "([<1>, <2>], @a{sv} {})" },
  { "a: i, b: i = 7", "@av []", "@a{sv} {}", NULL },
  { "a: i, b: i = 7", "[<1>, <2>, <3>]", "@a{sv} {}", NULL },
  { "a: i, b: i = 7", "[<1>]", "{'a': <1>}", NULL },
  { "a: i, b: i = 7", "[<1>]", "{'c': <1>}", NULL },
  { "a: i, b: i = 7", "[<'1'>]", "@a{sv} {}", NULL },
  { "", "@av []", "@a{sv} {}", "(@av [], @a{sv} {})" },
  { "", "[<1>]", "@a{sv} {}", NULL },
  { NULL, "[<1>, <'x'>]", "{'k': <true>}", "([<1>, <'x'>], {'k': <true>})" },
};

static void
test_arguments (Fixture       *fixture,
                gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    {
      g_auto (PlantRpcReply) reply = { 0 };

      offer (fixture, bindings[i].signature, PLANT_RPC_METHOD_FLAGS_NONE, answer_arguments);
      call (fixture, bindings[i].args, bindings[i].kwargs, &reply);
      if (bindings[i].result == NULL)
        {
          g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
          continue;
        }
      g_assert_no_error (reply.error);
      test_assert_variant (reply.value, bindings[i].result);
    }
}

static void
test_unknown_method (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree char *name = g_strnfill (100000, 'x');
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = g_steal_pointer (&name),
  };
  g_auto (PlantRpcReply) reply = { 0 }, long_reply = { 0 };

  call (fixture, "@av []", "@a{sv} {}", &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD);
  g_assert_cmpstr (reply.error->message, ==, "Method run not implemented");
  test_peer_ask_native (fixture->peer, &request, &long_reply);
  g_assert_error (long_reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD);
  g_assert_cmpuint (strlen (long_reply.error->message), <, 400);
}

/* ---- answers */

static void
keep (PlantRpcInvocation  *invocation,
      gpointer             user_data,
      GError             **error)
{
  Fixture *fixture = user_data;

  g_set_object (&fixture->kept, invocation);
}

/* Other requests, of the same client too, are served while an answer is outstanding. */
static void
test_later (Fixture       *fixture,
            gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, keep);
  send_call (fixture, 77);
  test_wait_until (fixture->kept != NULL);
  test_peer_assert_reply (fixture->peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  plant_rpc_invocation_return_value (fixture->kept, g_variant_new_string ("at last"));
  take_reply (fixture, 77, &reply);
  g_assert_cmpstr (g_variant_get_string (reply.value, NULL), ==, "at last");
}

static gpointer
answer_on_thread (gpointer user_data)
{
  plant_rpc_invocation_return_value (user_data, g_variant_new_int32 (4));
  g_object_unref (user_data);
  return NULL;
}

static void
test_from_thread (Fixture       *fixture,
                  gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, keep);
  send_call (fixture, 5);
  test_wait_until (fixture->kept != NULL);
  g_thread_join (g_thread_new ("answer", answer_on_thread, g_steal_pointer (&fixture->kept)));
  take_reply (fixture, 5, &reply);
  g_assert_cmpint (g_variant_get_int32 (reply.value), ==, 4);
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, keep);
  send_call (fixture, 6);
  test_wait_until (fixture->kept != NULL);
  g_clear_object (&fixture->kept);
  take_reply (fixture, 6, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NO_REPLY);
}

static void
answer_nothing (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
}

static void
set_error (PlantRpcInvocation  *invocation,
           gpointer             user_data,
           GError             **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "not now");
}

static void
fail (PlantRpcInvocation  *invocation,
      gpointer             user_data,
      GError             **error)
{
  plant_rpc_invocation_return_failure (invocation, "it broke", "line 1\nline 2\n");
}

static void
test_errors (Fixture       *fixture,
             gconstpointer  data)
{
  g_auto (PlantRpcReply) nothing = { 0 }, busy = { 0 }, failure = { 0 };
  g_autofree char *busy_name = g_strdup_printf ("g-io-error-quark:%d", G_IO_ERROR_BUSY);

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, answer_nothing);
  call (fixture, "@av []", "@a{sv} {}", &nothing);
  g_assert_error (nothing.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NO_REPLY);

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, set_error);
  call (fixture, "@av []", "@a{sv} {}", &busy);
  g_assert_error (busy.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (busy.error->message, ==, "not now");
  g_assert_cmpstr (plant_rpc_error_get_remote_name (busy.error), ==, busy_name);

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, fail);
  call (fixture, "@av []", "@a{sv} {}", &failure);
  g_assert_error (failure.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (plant_rpc_error_get_traceback (failure.error), ==, "line 1\nline 2\n");
}

static void
answer_twice (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  static const char pattern[] = "*answered already*";
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GError) own_error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  plant_rpc_invocation_return_value (invocation, g_variant_new_int32 (1));
  test_log_expect (G_LOG_LEVEL_CRITICAL, pattern);
  plant_rpc_invocation_return_value (invocation, g_variant_new_int32 (2));
  test_log_expect (G_LOG_LEVEL_CRITICAL, pattern);
  plant_rpc_invocation_return_buffer (invocation, bytes, NULL);
  test_log_expect (G_LOG_LEVEL_CRITICAL, pattern);
  plant_rpc_invocation_return_gerror (invocation, own_error);
  test_log_expect (G_LOG_LEVEL_CRITICAL, pattern);
  plant_rpc_invocation_return_failure (invocation, "x", NULL);
  test_log_assert_caught ();
  test_log_expect (G_LOG_LEVEL_WARNING, "*failed after it had answered*");
  g_propagate_error (error, g_steal_pointer (&own_error));
}

static void
test_twice (Fixture       *fixture,
            gconstpointer  data)
{
  g_auto (PlantRpcReply) first = { 0 }, second = { 0 };

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, answer_twice);
  call (fixture, "@av []", "@a{sv} {}", &first);
  test_log_assert_caught ();
  g_assert_cmpint (g_variant_get_int32 (first.value), ==, 1);
  /* One reply: what comes next belongs to the next request. */
  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, fail);
  call (fixture, "@av []", "@a{sv} {}", &second);
  g_assert_error (second.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

/* ---- in one step, for JavaScript */

static void
answer_by_json (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
  g_autofree char *given = plant_rpc_invocation_get_json (invocation);

  g_assert_cmpstr (given, ==, "[5,{\"b\":[true]}]");
  g_assert_false (plant_rpc_invocation_return_json (invocation, "["));
  g_assert_false (plant_rpc_invocation_get_answered (invocation));
  g_assert_true (plant_rpc_invocation_return_json (invocation, "[1,\"a\"]"));
  g_assert_true (plant_rpc_invocation_return_json (invocation, "\"late\""));
}

static void
test_by_json (Fixture       *fixture,
              gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, NULL, PLANT_RPC_METHOD_FLAGS_NONE, answer_by_json);
  call (fixture, "[<5>]", "{'b': <[true]>}", &reply);
  g_assert_no_error (reply.error);
  test_assert_variant (reply.value, "[<int64 1>, <'a'>]");
}

/* ---- buffers */

#define N_BYTES (3 * 1024 * 1024)

static const void *buffer_data = NULL;

static void
answer_buffer (PlantRpcInvocation  *invocation,
               gpointer             user_data,
               GError             **error)
{
  g_autofree guint8 *data = g_malloc (N_BYTES);
  g_autoptr (GBytes) buffer = NULL;

  memset (data, 0x5a, N_BYTES);
  buffer_data = data;
  buffer = g_bytes_new_take (g_steal_pointer (&data), N_BYTES);
  plant_rpc_invocation_return_buffer (invocation, buffer, g_variant_new_parsed ("{'n': <1>}"));
}

static void
test_buffer (Fixture       *fixture,
             gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer_buffer (fixture, answer_buffer);
  call (fixture, "@av []", "@a{sv} {}", &reply);
  g_assert_no_error (reply.error);
  g_assert_cmpuint (g_bytes_get_size (reply.buffer), ==, N_BYTES);
  test_assert_variant (reply.value, "{'n': <1>}");
  g_assert_true (last_data == buffer_data);
}

/* What the override for JavaScript does. */
static void
answer_buffer_by_json (PlantRpcInvocation  *invocation,
                       gpointer             user_data,
                       GError             **error)
{
  static const char *const misfits[] = { "[]", "5", "{" };
  g_autofree char *given = plant_rpc_invocation_get_json (invocation);

  g_assert_cmpstr (given, ==, "[]");
  for (guint i = 0; i < G_N_ELEMENTS (misfits); i++)
    g_assert_false (plant_rpc_invocation_return_buffer_json (
        invocation, (guint8 *) g_strdup ("x"), 1, misfits[i]));
  g_assert_false (plant_rpc_invocation_get_answered (invocation));
  g_assert_true (plant_rpc_invocation_return_buffer_json (
      invocation, (guint8 *) g_strdup ("ab"), 2, "{\"n\":1}"));
  g_assert_true (plant_rpc_invocation_return_buffer_json (
      invocation, (guint8 *) g_strdup ("late"), 4, NULL));
}

static void
test_buffer_by_json (Fixture       *fixture,
                     gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer_buffer (fixture, answer_buffer_by_json);
  call (fixture, "@av []", "@a{sv} {}", &reply);
  g_assert_no_error (reply.error);
  g_assert_cmpmem (g_bytes_get_data (reply.buffer, NULL), g_bytes_get_size (reply.buffer), "ab", 2);
  test_assert_variant (reply.value, "{'n': <int64 1>}");
}

static void
answer_empty_buffer (PlantRpcInvocation  *invocation,
                     gpointer             user_data,
                     GError             **error)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static (NULL, 0);

  plant_rpc_invocation_return_buffer (invocation, buffer, NULL);
}

static void
answer_bad_info (PlantRpcInvocation  *invocation,
                 gpointer             user_data,
                 GError             **error)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static ("x", 1);

  plant_rpc_invocation_return_buffer (invocation, buffer, g_variant_new_int32 (1));
}

static void
answer_info_with_error (PlantRpcInvocation  *invocation,
                        gpointer             user_data,
                        GError             **error)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static ("x", 1);

  plant_rpc_invocation_return_buffer (invocation, buffer, g_variant_new_parsed ("{'error': <1>}"));
}

static void
answer_value (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  plant_rpc_invocation_return_value (invocation, g_variant_new_int32 (1));
}

static void
test_mismatches (Fixture       *fixture,
                 gconstpointer  data)
{
  static const struct {
    gboolean               buffer;
    PlantRpcMethodHandler  handler;
    int                    code; /* -1: none */
  } cases[] = {
    { TRUE, answer_empty_buffer, -1 },
    { TRUE, answer_value, PLANT_RPC_ERROR_REMOTE },
    { TRUE, answer_bad_info, PLANT_RPC_ERROR_REMOTE },
    { TRUE, answer_info_with_error, PLANT_RPC_ERROR_REMOTE },
    { TRUE, fail, PLANT_RPC_ERROR_REMOTE },
    { FALSE, answer_empty_buffer, PLANT_RPC_ERROR_REMOTE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlantRpcReply) reply = { 0 };

      if (cases[i].buffer)
        offer_buffer (fixture, cases[i].handler);
      else
        offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, cases[i].handler);
      call (fixture, "@av []", "@a{sv} {}", &reply);
      if (cases[i].code < 0)
        g_assert_no_error (reply.error);
      else
        g_assert_error (reply.error, PLANT_RPC_ERROR, cases[i].code);
    }
}

/* What is too deep to be sent gets an error as its reply, on either wire. */
static void
answer_deep (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  GVariant *value = g_variant_new_int32 (1);

  for (guint i = 0; i < 110; i++)
    value = g_variant_new_variant (value);
  plant_rpc_invocation_return_value (invocation, value);
}

static void
test_deep (Fixture       *fixture,
           gconstpointer  data)
{
  g_auto (PlantRpcReply) reply = { 0 };

  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, answer_deep);
  call (fixture, "@av []", "@a{sv} {}", &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
test_answer_after_stop (Fixture       *fixture,
                        gconstpointer  data)
{
  offer (fixture, "", PLANT_RPC_METHOD_FLAGS_NONE, keep);
  send_call (fixture, 8);
  test_wait_until (fixture->kept != NULL);
  plant_rpc_server_stop (fixture->server);
  g_assert_true (g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (fixture->kept)));
  plant_rpc_invocation_return_value (fixture->kept, NULL);
}

#define ADD(name, function) \
  g_test_add ("/invocation/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_log_init ();

  ADD ("arguments", test_arguments);
  ADD ("unknown-method", test_unknown_method);
  ADD ("later", test_later);
  ADD ("from-thread", test_from_thread);
  ADD ("dropped", test_dropped);
  ADD ("errors", test_errors);
  ADD ("twice", test_twice);
  ADD ("by-json", test_by_json);
  ADD ("buffer", test_buffer);
  ADD ("buffer-by-json", test_buffer_by_json);
  ADD ("mismatches", test_mismatches);
  ADD ("deep", test_deep);
  ADD ("answer-after-stop", test_answer_after_stop);
  return g_test_run ();
}
