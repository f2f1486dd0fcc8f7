/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-stand.h"
#include "plant-rpc-test-variant.h"
#include "plant-rpc-text-private.h"

static const char read_level[] = "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}";
static const char read_label[] = "{\"event\": \"PROPERTY_GET\", \"property\": \"label\"}";

/* What the handler does with the reads of "level"; all others are left to the server. */
typedef struct {
  const char         *message; /* (nullable): it fails with this message */
  GVariant           *value;   /* (owned) (nullable): it answers with this value */
  gboolean            keeps;   /* it keeps the invocation, to answer it later */
  PlantRpcInvocation *kept;    /* (owned) (nullable) */
  GThread            *thread;  /* (unowned) (nullable): where it ran last */
  guint               n_asked;
  PlantRpcServer     *server;  /* (unowned) (nullable): called when a read is cancelled */
  PlantRpcInvocation *other;   /* (owned) (nullable): answered then */
} Decision;

static void
decision_clear (Decision *self)
{
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_object (&self->kept);
  g_clear_object (&self->other);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decision, decision_clear)

static gpointer
get_port (gpointer server)
{
  return GUINT_TO_POINTER (plant_rpc_server_get_port (server));
}

/* Code of the application may answer another read, and wait for another thread. */
static void
on_cancelled (GCancellable *cancellable,
              Decision     *decision)
{
  if (decision->other != NULL)
    plant_rpc_invocation_return_value (decision->other, g_variant_new_int32 (55));
  g_thread_join (g_thread_new ("other", get_port, decision->server));
}

static gboolean
decide_read (PlantRpcInvocation  *invocation,
             const char          *name,
             gpointer             user_data,
             GError             **error)
{
  Decision *decision = user_data;

  g_assert_cmpstr (plant_rpc_invocation_get_name (invocation), ==, name);
  g_assert_null (plant_rpc_invocation_get_value (invocation));
  if (!g_str_equal (name, "level"))
    return TRUE;
  decision->n_asked++;
  decision->thread = g_thread_self ();
  if (decision->server != NULL)
    g_signal_connect (plant_rpc_invocation_get_cancellable (invocation), "cancelled",
                      G_CALLBACK (on_cancelled), decision);
  if (decision->message != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "%s", decision->message);
  else if (decision->value != NULL)
    plant_rpc_invocation_return_value (invocation, decision->value);
  else if (decision->keeps)
    g_set_object (&decision->kept, invocation);
  else
    return TRUE;
  return FALSE;
}

static void
assert_answer (TestPeer   *peer,
               const char *expected)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (peer);
  g_autoptr (GVariant) answer = test_frame_parse (frames, frames->len - 1);

  test_assert_variant (answer, expected);
}

static void
decide_with (TestStand *fixture,
             Decision  *decision)
{
  plant_rpc_server_set_read_handler (fixture->server, decide_read, decision, NULL);
}

static void
set_value (Decision   *decision,
           const char *text)
{
  g_clear_pointer (&decision->value, g_variant_unref);
  decision->value = g_variant_ref_sink (g_variant_new_parsed (text));
}

static void
read_all (TestPeer      *peer,
          PlantRpcReply *reply)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_ALL };

  test_peer_ask_native (peer, &request, reply);
  g_assert_no_error (reply->error);
}

static void
assert_level (GVariant   *values,
              const char *expected)
{
  g_autoptr (GVariant) level = g_variant_lookup_value (values, "level", NULL);
  g_autoptr (GVariant) serial = g_variant_lookup_value (values, "serial", G_VARIANT_TYPE_STRING);
  g_autofree char *text = level != NULL ? g_variant_print (level, FALSE) : NULL;

  g_assert_cmpstr (text, ==, expected);
  g_assert_nonnull (serial);
}

/* The handler leaves the read to the server, or gives a value itself, which is converted. */
static void
test_value (TestStand     *fixture,
            gconstpointer  data)
{
  g_auto (Decision) decision = { NULL };

  test_gauge_set_level (fixture->gauge, 40);
  decide_with (fixture, &decision);
  test_peer_assert_reply (fixture->peer, read_level, "{'success': <true>, 'value': <int64 40>}");
  set_value (&decision, "@x 70");
  test_peer_assert_reply (fixture->peer, read_level, "{'success': <true>, 'value': <int64 70>}");
  g_assert_cmpuint (decision.n_asked, ==, 2);
  plant_rpc_server_set_read_handler (fixture->server, NULL, NULL, NULL);
  test_peer_assert_reply (fixture->peer, read_level, "{'success': <true>, 'value': <int64 40>}");
  g_assert_cmpuint (decision.n_asked, ==, 2);
}

/* The reader gets the error, the others their values, and the log has it once. */
static void
test_failure (TestStand     *fixture,
              gconstpointer  data)
{
  g_auto (Decision) decision = { .message = "no probe" };
  g_auto (PlantRpcReply) reply = { 0 }, all = { 0 }, again = { 0 };
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = g_strdup ("level") };

  decide_with (fixture, &decision);
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*“level” cannot be read: no probe");
  test_peer_assert_refused (fixture->peer, read_level, NULL);
  test_peer_ask_native (fixture->peer, &request, &reply);
  g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (reply.error->message, ==, "no probe");
  read_all (fixture->peer, &all);
  assert_level (all.value, NULL);
  test_log_assert_caught ();
  test_peer_assert_reply (fixture->peer, read_label, "{'success': <true>, 'value': <@mv nothing>}");
  /* It has been read, so the next failure is news. */
  decision.message = NULL;
  read_all (fixture->peer, &again);
  assert_level (again.value, "0");
  decision.message = "no probe";
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*“level” cannot be read: no probe");
  test_peer_assert_refused (fixture->peer, read_level, NULL);
  test_log_assert_caught ();
}

/* All that a peer reads says why a value is missing, under a key that is no property. */
static void
test_reasons (TestStand     *fixture,
              gconstpointer  data)
{
  g_auto (Decision) decision = { .message = "no probe" };
  g_auto (PlantRpcReply) all = { 0 };
  g_autoptr (GVariant) reasons = NULL;
  g_autofree char *expected =
      g_strdup_printf ("{'level': <('g-io-error-quark:%d', 'no probe', '')>}",
                       G_IO_ERROR_NOT_CONNECTED);

  decide_with (fixture, &decision);
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*no probe");
  read_all (fixture->peer, &all);
  test_log_assert_caught ();
  reasons = g_variant_lookup_value (all.value, PLANT_RPC_FAILURES_KEY, NULL);
  test_assert_variant (reasons, expected);
}

static void
test_misfit (TestStand     *fixture,
             gconstpointer  data)
{
  g_auto (Decision) decision = { NULL };

  set_value (&decision, "2.5");
  decide_with (fixture, &decision);
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*The value of “level” is not of type i: *");
  test_peer_assert_refused (fixture->peer, read_level, "remote");
  test_log_assert_caught ();
}

/* Others are served meanwhile. A handler that lets go of the read has answered with an error. */
static void
test_later (TestStand     *fixture,
            gconstpointer  data)
{
  g_auto (Decision) decision = { .keeps = TRUE };
  g_autoptr (TestPeer) other = test_peer_new (ZMQ_DEALER,
                                              plant_rpc_server_get_url (fixture->server));

  test_gauge_set_level (fixture->gauge, 40);
  decide_with (fixture, &decision);
  test_peer_send_text (other, "", read_level, NULL);
  test_wait_until (decision.kept != NULL);
  test_peer_assert_reply (fixture->peer, read_label, "{'success': <true>, 'value': <@mv nothing>}");
  plant_rpc_invocation_return_value (decision.kept, g_variant_new_int32 (55));
  assert_answer (other, "{'success': <true>, 'value': <int64 55>}");
  test_peer_send_text (other, "", read_level, NULL);
  test_wait_until (decision.n_asked == 2);
  plant_rpc_invocation_accept (decision.kept);
  assert_answer (other, "{'success': <true>, 'value': <int64 40>}");
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*“level” cannot be read: The device let go of *");
  test_peer_send_text (other, "", read_level, NULL);
  test_wait_until (decision.n_asked == 3);
  g_clear_object (&decision.kept);
  g_ptr_array_unref (test_peer_receive (other));
  test_log_assert_caught ();
}

/* Where all are read, nobody waits for it. */
static void
test_left_out (TestStand     *fixture,
               gconstpointer  data)
{
  g_auto (Decision) decision = { .keeps = TRUE, .server = fixture->server };
  g_auto (PlantRpcReply) all = { 0 };

  decide_with (fixture, &decision);
  read_all (fixture->peer, &all);
  assert_level (all.value, NULL);
  g_assert_null (g_variant_lookup_value (all.value, PLANT_RPC_FAILURES_KEY, NULL));
  g_assert_true (g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (decision.kept)));
  plant_rpc_invocation_return_value (decision.kept, g_variant_new_int32 (55));
}

static void
test_blocking (TestStand     *fixture,
               gconstpointer  data)
{
  g_auto (Decision) decision = { NULL };
  g_auto (PlantRpcReply) all = { 0 };

  set_value (&decision, "55");
  plant_rpc_server_set_read_flags (fixture->server, "level", PLANT_RPC_METHOD_FLAGS_BLOCKING);
  decide_with (fixture, &decision);
  test_peer_assert_reply (fixture->peer, read_level, "{'success': <true>, 'value': <int64 55>}");
  g_assert_true (decision.thread != g_thread_self ());
  decision.message = "no probe";
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*no probe");
  test_peer_assert_refused (fixture->peer, read_level, NULL);
  test_log_assert_caught ();
  read_all (fixture->peer, &all);
  assert_level (all.value, NULL);
  g_assert_cmpuint (decision.n_asked, ==, 2);
  decision.message = NULL;
  plant_rpc_server_set_read_flags (fixture->server, "level", PLANT_RPC_METHOD_FLAGS_NONE);
  test_peer_assert_reply (fixture->peer, read_level, "{'success': <true>, 'value': <int64 55>}");
  g_assert_true (decision.thread == g_thread_self ());
}

/* A write is confirmed even if the new value cannot be read. */
static void
test_write (TestStand     *fixture,
            gconstpointer  data)
{
  g_auto (Decision) decision = { .message = "no probe" };
  g_auto (PlantRpcReply) reply = { 0 };
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup ("level"),
    .value = g_variant_ref_sink (g_variant_new_int32 (40)),
  };

  decide_with (fixture, &decision);
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*no probe");
  test_peer_ask_native (fixture->peer, &request, &reply);
  test_log_assert_caught ();
  g_assert_no_error (reply.error);
  g_assert_null (reply.value);
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 40);
}

static void
subscribe (TestPeer *peer)
{
  g_auto (PlantRpcReply) reply = { 0 };
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = 65536 };

  test_peer_ask_native (peer, &request, &reply);
  g_assert_no_error (reply.error);
}

static void
assert_pushed (TestPeer   *peer,
               const char *name,
               const char *value)
{
  g_auto (PlantRpcEmission) push = { 0 };

  test_peer_receive_push (peer, &push);
  g_assert_cmpstr (push.name, ==, name);
  test_assert_variant (push.value, value);
}

/* Of a change that cannot be read it is told why, and one that takes its time is sent when it is
 * there. What changes meanwhile is read once more. */
static void
test_change (TestStand     *fixture,
             gconstpointer  data)
{
  g_auto (Decision) decision = { NULL };
  g_autoptr (PlantRpcInvocation) first = NULL;

  decide_with (fixture, &decision);
  subscribe (fixture->peer);
  decision.message = "no probe";
  test_log_expect (G_LOG_LEVEL_MESSAGE, "*no probe");
  test_gauge_set_level (fixture->gauge, 10);
  test_log_assert_caught ();
  assert_pushed (fixture->peer, "level", "('g-io-error-quark:45', 'no probe', '')");
  decision.message = NULL;
  decision.keeps = TRUE;
  decision.n_asked = 0;
  test_gauge_set_level (fixture->gauge, 20);
  first = g_steal_pointer (&decision.kept);
  g_assert_nonnull (first);
  test_gauge_set_level (fixture->gauge, 30);
  test_gauge_set_level (fixture->gauge, 40);
  g_assert_cmpuint (decision.n_asked, ==, 1);
  decision.keeps = FALSE;
  plant_rpc_invocation_return_value (first, g_variant_new_int32 (20));
  assert_pushed (fixture->peer, "level", "20");
  assert_pushed (fixture->peer, "level", "40");
  g_assert_cmpuint (decision.n_asked, ==, 2);
}

static void
fail_with (PlantRpcInvocation  *invocation,
           gpointer             text,
           GError             **error)
{
  plant_rpc_invocation_return_failure (invocation, text, text);
}

/* Texts that are no UTF-8, or too long, travel all the same. */
static void
test_texts (TestStand     *fixture,
            gconstpointer  data)
{
  static const char call[] = "{\"event\": \"METHOD_CALL\", \"method\": \"fail\","
                             " \"params\": {\"args\": [], \"kwargs\": {}}}";
  g_autofree char *large = g_strnfill (4 * 1024 * 1024, '\xe9');
  const char *texts[] = { "caf\xe9", "\xff\xfe", large };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("fail") };
      g_auto (PlantRpcReply) reply = { 0 };
      g_autofree char *expected = plant_rpc_text_shorten (texts[i], PLANT_RPC_MAX_ERROR_TEXT);

      plant_rpc_server_register_method_json (fixture->server, "fail", NULL, 0,
                                             PLANT_RPC_METHOD_FLAGS_NONE, fail_with,
                                             (gpointer) texts[i], NULL);
      test_peer_ask_native (fixture->peer, &request, &reply);
      g_assert_error (reply.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
      g_assert_cmpstr (reply.error->message, ==, expected);
      test_peer_assert_refused (fixture->peer, call, "remote");
    }
}

static gboolean
stop_server (PlantRpcInvocation  *invocation,
             const char          *name,
             gpointer             user_data,
             GError             **error)
{
  plant_rpc_server_stop (user_data);
  return TRUE;
}

/* The handler may stop the server, whoever asks. */
static void
test_stopping (TestStand     *fixture,
               gconstpointer  data)
{
  for (guint i = 0; i < 3; i++)
    {
      PlantRpcRequest request = { .event = PLANT_RPC_EVENT_GET_ALL };
      g_autoptr (TestPeer) peer = NULL;

      g_assert_true (plant_rpc_server_start (fixture->server, NULL));
      peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
      subscribe (peer);
      plant_rpc_server_set_read_handler (fixture->server, stop_server, fixture->server, NULL);
      if (i == 0)
        test_peer_send_text (peer, "", read_level, NULL);
      else if (i == 1)
        test_peer_send_native (peer, 1, &request);
      else
        test_gauge_set_level (fixture->gauge, 15);
      test_wait_until (!plant_rpc_server_get_running (fixture->server));
    }
}

/* A change that is being read when the server stops is cancelled. */
static void
test_stopped (TestStand     *fixture,
              gconstpointer  data)
{
  g_auto (Decision) decision = { .keeps = TRUE };

  decide_with (fixture, &decision);
  subscribe (fixture->peer);
  test_peer_send_text (fixture->peer, "", read_level, NULL);
  test_wait_until (decision.kept != NULL);
  decision.other = g_steal_pointer (&decision.kept);
  decision.server = fixture->server;
  test_gauge_set_level (fixture->gauge, 10);
  g_assert_nonnull (decision.kept);
  plant_rpc_server_stop (fixture->server);
  g_assert_true (g_cancellable_is_cancelled (plant_rpc_invocation_get_cancellable (decision.kept)));
  plant_rpc_invocation_return_value (decision.kept, g_variant_new_int32 (55));
}

#define ADD(name, function) \
  g_test_add ("/reads/" name, TestStand, NULL, test_stand_set_up, function, test_stand_tear_down)

/* A name that only a legacy server asks for. It is answered by the handler alone. */
static gboolean
lend (PlantRpcInvocation  *invocation,
      const char          *name,
      gpointer             user_data,
      GError             **error)
{
  if (g_str_equal (name, "port"))
    plant_rpc_invocation_return_value (invocation, g_variant_new_string ("serial"));
  else if (g_str_equal (name, "none"))
    plant_rpc_invocation_return_value (invocation, NULL);
  else if (g_str_equal (name, "lost"))
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "unplugged");
  else
    return TRUE;
  return FALSE;
}

static void
test_legacy (TestStand     *fixture,
             gconstpointer  data)
{
  static const char *const names[] = { "port", "none", "lost", "other", "level" };
  static const char *const answers[][2] = {
    { NULL, "{'success': <true>, 'value': <'serial'>}" },
    { NULL, "{'success': <true>, 'value': <@mv nothing>}" },
    { "refused", "unplugged" },
    { "unknown-property", "There is no property “other”" },
    { NULL, "{'success': <true>, 'value': <@x 0>}" },
  };
  g_autoptr (PlantRpcServer) server =
      g_object_new (PLANT_RPC_TYPE_SERVER, "object", fixture->gauge, "url", "tcp://127.0.0.1:*",
                    "legacy", TRUE, NULL);
  g_autoptr (TestPeer) peer = NULL;
  gboolean legacy;

  g_object_get (server, "legacy", &legacy, NULL);
  g_assert_true (legacy);
  plant_rpc_server_set_read_handler (server, lend, NULL, NULL);
  g_assert_true (plant_rpc_server_start (server, NULL));
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *request =
          g_strdup_printf ("{\"event\": \"PROPERTY_GET\", \"property\": \"%s\"}", names[i]);
      g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);

      if (answers[i][0] != NULL)
        test_assert_error (reply, answers[i][0], answers[i][1]);
      else
        test_assert_variant (reply, answers[i][1]);
    }
  plant_rpc_server_stop (server);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_log_init ();
  /* Changes on this thread are told at once, as within the loop. */
  g_assert_true (g_main_context_acquire (NULL));

  ADD ("value", test_value);
  ADD ("failure", test_failure);
  ADD ("reasons", test_reasons);
  ADD ("misfit", test_misfit);
  ADD ("later", test_later);
  ADD ("left-out", test_left_out);
  ADD ("blocking", test_blocking);
  ADD ("write", test_write);
  ADD ("change", test_change);
  ADD ("texts", test_texts);
  ADD ("stopping", test_stopping);
  ADD ("stopped", test_stopped);
  ADD ("legacy", test_legacy);
  return g_test_run ();
}
