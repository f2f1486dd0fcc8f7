/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Methods: values, errors, buffers, several at once, cancelled and late ones, all three forms. */

#include <gio/gio.h>
#include <string.h>

#include "talk.h"

#define TOLD PLANT_RPC_TIMEOUT_FROM_SERVER

/* Arguments go out and results come back as they were. */
static void
results (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  const char *echoes[] = { "true", "int64 -9223372036854775808", "uint64 18446744073709551615",
                           "1e300", "-0.0", "'a→b'", "''", "[<'x'>, <@av []>]",
                           "{'deep': <{'on': <true>, 'off': <@mv nothing>}>}", "@mv nothing" };

  for (guint i = 0; i < G_N_ELEMENTS (echoes); i++)
    {
      g_autofree char *args = g_strdup_printf ("(<%s>,)", echoes[i]);

      talk_assert_text (talk_call (client, "echo", args), echoes[i]);
    }
  talk_assert_text (talk_call (client, "echo", "[<'listed'>]"), "'listed'");
  g_variant_unref (talk_call (client, "arguments", "(1, 'x')"));
  talk_assert_text (talk_call (client, "nothing", NULL), "@mv nothing");
}

static gint64
get_sum (GVariant *sum)
{
  g_autoptr (GVariant) taken = sum;

  return g_variant_is_of_type (sum, G_VARIANT_TYPE_INT32) ? g_variant_get_int32 (sum)
                                                          : g_variant_get_int64 (sum);
}

/* By position, by name, and left out. */
static void
arguments (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GError) error = NULL;
  GVariant *named = g_variant_new_parsed ("{'b': <40>, 'a': <2>}");

  g_assert_cmpint (get_sum (talk_call (client, "add", "(2, 3)")), ==, 5);
  g_assert_cmpint (get_sum (talk_call (client, "add", "(2,)")), ==, 4);
  g_assert_cmpint (get_sum (plant_rpc_client_call_sync (client, "add", NULL, named, TOLD, NULL,
                                                        &error)), ==, 42);
  g_assert_no_error (error);
}

static GError *
fail_to (PlantRpcClient *client,
         const char     *method,
         const char     *args,
         int             code)
{
  GError *error = NULL;

  g_assert_null (talk_try (client, method, args, &error));
  g_assert_error (error, PLANT_RPC_ERROR, code);
  return error;
}

/* Each way to fail has its own code; what certainly did not run says so. */
static void
refused_calls (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  int code = talk->native ? PLANT_RPC_ERROR_INVALID_ARGUMENTS : PLANT_RPC_ERROR_REMOTE;
  g_autoptr (GError) unknown = fail_to (client, "no_such", NULL, PLANT_RPC_ERROR_UNKNOWN_METHOD);
  g_autoptr (GError) unread = NULL;
  g_autoptr (GError) unwritten = NULL;

  g_assert_false (plant_rpc_error_may_have_run (unknown));
  g_error_free (fail_to (client, "add", NULL, code));
  g_error_free (fail_to (client, "add", "(1, 2, 3)", code));
  if (talk->native)
    g_error_free (fail_to (client, "add", "('1', '2')", code));
  g_assert_null (plant_rpc_client_read_property_sync (client, "no-such", NULL, &unread));
  g_assert_error (unread, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
  g_assert_false (plant_rpc_client_write_property_sync (client, "no-such",
                                                        g_variant_new_int32 (1), NULL,
                                                        &unwritten));
  g_assert_error (unwritten, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
}

/* A remote failure has its message, its traceback, and the name the peer gave it. */
static void
failed_calls (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GError) failed = fail_to (client, "fail", NULL, PLANT_RPC_ERROR_REMOTE);
  g_autoptr (GError) refused =
      fail_to (client, "refuse", NULL,
               talk->native ? PLANT_RPC_ERROR_REFUSED : PLANT_RPC_ERROR_REMOTE);

  g_assert_true (plant_rpc_error_may_have_run (failed));
  g_assert_nonnull (strstr (failed->message, "deliberate failure"));
  g_assert_nonnull (strstr (refused->message, "not now"));
  if (talk->native)
    {
      g_assert_cmpstr (plant_rpc_error_get_remote_name (failed), ==, "g-io-error-quark:1");
      g_assert_cmpstr (plant_rpc_error_get_remote_name (refused), ==, "refused");
      g_assert_null (plant_rpc_error_get_traceback (refused));
      return;
    }
  g_assert_nonnull (strstr (plant_rpc_error_get_traceback (refused), "Refused: not now"));
  g_assert_nonnull (strstr (plant_rpc_client_get_last_traceback (client), "Refused: not now"));
  g_assert_null (plant_rpc_error_get_remote_name (refused));
}

/* A handler that breaks, and one that forgets to answer. */
static void
broken_handlers (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GError) crashed = NULL;
  g_autoptr (GError) dropped = NULL;

  if (!talk->native)
    return;
  broken = fail_to (client, "break_down", NULL, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (plant_rpc_error_get_traceback (broken), ==, "first line\nsecond line");
  g_assert_cmpstr (plant_rpc_client_get_last_traceback (client), ==, "first line\nsecond line");
  crashed = fail_to (client, "crash", NULL, PLANT_RPC_ERROR_REMOTE);
  g_assert_nonnull (strstr (crashed->message, "deliberate crash"));
  dropped = fail_to (client, "drop", NULL, PLANT_RPC_ERROR_NO_REPLY);
  g_assert_true (plant_rpc_error_may_have_run (dropped));
}

/* What an old device may answer; and values asked for as buffers, and the reverse. */
static void
odd_answers (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, G_TYPE_INVALID);
  g_autoptr (GError) error = NULL;

  g_error_free (fail_to (client, "get_image", NULL, PLANT_RPC_ERROR_INVALID_ARGUMENTS));
  g_assert_null (plant_rpc_client_call_buffer_sync (client, "add", g_variant_new ("(ii)", 1, 2),
                                                    NULL, TOLD, NULL, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  if (talk->native)
    return;
  talk_assert_text (talk_call (client, "nan_result", NULL), "nan");
  talk_assert_text (talk_call (client, "inf_result", NULL), "[<inf>, <-inf>]");
  talk_assert_text (talk_call (client, "big_int", NULL), "{byte 0x00, '1180591620717411303424'}");
  g_assert_null (plant_rpc_client_call_buffer_sync (client, "buffer_info_error_key", NULL, NULL,
                                                    TOLD, NULL, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_clear_error (&error);
  plant_rpc_client_write_property_sync (client, "resolution", g_variant_new ("(ii)", 800, 600),
                                        NULL, &error);
  g_assert_no_error (error);
  talk_assert_text (plant_rpc_client_read_property_sync (client, "resolution", NULL, &error),
                    "[<int64 800>, <int64 600>]");
}

static void
assert_picture (GBytes *bytes,
                gsize   size)
{
  g_autoptr (GBytes) expected = test_probe_new_pattern (size);

  g_assert_nonnull (bytes);
  g_assert_true (g_bytes_equal (bytes, expected));
}

/* Bytes with their information, blocking and not. */
static void
buffers (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GBytes) small = NULL;
  g_autoptr (GBytes) large = NULL;
  g_autoptr (GBytes) empty = NULL;
  g_autoptr (GError) error = NULL;
  const char *format = NULL;

  small = plant_rpc_client_call_buffer_sync (client, "get_image", g_variant_new_parsed ("(true,)"),
                                             NULL, TOLD, NULL, &info, &error);
  assert_picture (small, TEST_THUMBNAIL_SIZE);
  g_assert_true (g_variant_lookup (info, "format", "&s", &format));
  g_assert_cmpstr (format, ==, "raw");

  plant_rpc_client_call_buffer (client, "get_image", NULL,
                                g_variant_new_parsed ("{'lores': <false>}"), TOLD, NULL,
                                talk_keep_result, &result);
  talk_wait (result != NULL);
  large = plant_rpc_client_call_buffer_finish (client, result, NULL, &error);
  assert_picture (large, TEST_IMAGE_SIZE);
  empty = plant_rpc_client_call_buffer_sync (client, "empty", NULL, NULL, TOLD, NULL, NULL, &error);
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
  g_assert_null (plant_rpc_client_call_buffer_sync (client, "no_light", NULL, NULL, TOLD, NULL,
                                                    NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

#define N_CALLS 20

/* Several calls under way on one client, each with its own answer. */
static void
several_at_once (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  GAsyncResult *ready[N_CALLS] = { NULL };

  for (int i = 0; i < N_CALLS; i++)
    plant_rpc_client_call (client, i % 2 ? "later" : "add",
                           i % 2 ? g_variant_new ("(s)", "late") : g_variant_new ("(ii)", i, 0),
                           NULL, TOLD, NULL, talk_keep_result, &ready[i]);
  for (int i = 0; i < N_CALLS; i++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *answer;

      talk_wait (ready[i] != NULL);
      answer = plant_rpc_client_call_finish (client, ready[i], &error);
      g_assert_no_error (error);
      if (i % 2)
        talk_assert_text (answer, "'late'");
      else
        g_assert_cmpint (get_sum (answer), ==, i);
      g_object_unref (ready[i]);
    }
}

/* While a method blocks in the device, others are answered. */
static void
blocking_method (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (GError) error = NULL;

  if (!talk->native)
    return;
  plant_rpc_client_call (client, "block", g_variant_new ("(s)", "held"), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, talk_keep_result, &ready);
  g_assert_cmpint (get_sum (talk_call (client, "add", "(1, 1)")), ==, 2);
  g_variant_unref (plant_rpc_client_read_property_sync (client, "label", NULL, &error));
  g_assert_null (ready);
  g_variant_unref (talk_call (client, "unblock", NULL));
  talk_wait (ready != NULL);
  talk_assert_text (plant_rpc_client_call_finish (client, ready, &error), "'held'");
  talk_assert_text (talk_call (client, "sender", NULL), "'127.0.0.1'");
}

static void
give_up (Talk           *talk,
         PlantRpcClient *client)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_call (client, "slow", g_variant_new ("(i)", 500), NULL, TOLD, cancellable,
                         talk_keep_result, &ready);
  g_cancellable_cancel (cancellable);
  talk_wait (ready != NULL);
  g_assert_null (plant_rpc_client_call_finish (client, ready, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (talk->native)
    talk_wait (get_sum (talk_call (client, "cancelled", NULL)) >= 1);
}

/* A call that is cancelled or takes too long ends; the client goes on. */
static void
given_up (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GError) error = NULL;

  give_up (talk, client);
  g_assert_null (plant_rpc_client_call_sync (client, "slow", g_variant_new ("(i)", 300), NULL, 50,
                                             NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_true (plant_rpc_error_may_have_run (error));
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_SUSPECT);
  g_assert_cmpint (get_sum (talk_call (client, "add", "(20, 3)")), ==, 23);
  talk_wait (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  talk_wait (plant_rpc_client_get_n_late_replies (client) >= 1);
}

/* Waits for what was begun. */
static GAsyncResult *
end (GAsyncResult **ready)
{
  talk_wait (*ready != NULL);
  return *ready;
}

static void
check_properties_later (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) flushed = NULL;
  g_autoptr (GAsyncResult) refreshed = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_write_property (client, "count", g_variant_new_int32 (3), NULL,
                                   talk_keep_result, &written);
  g_assert_true (plant_rpc_client_write_property_finish (client, end (&written), &error));
  plant_rpc_client_read_property (client, "count", NULL, talk_keep_result, &read);
  talk_assert_text (plant_rpc_client_read_property_finish (client, end (&read), &error), "3");
  talk_set_property (client, "count", "4");
  plant_rpc_client_flush (client, NULL, talk_keep_result, &flushed);
  g_assert_true (plant_rpc_client_flush_finish (client, end (&flushed), &error));
  talk_assert_text (plant_rpc_client_get_cached_property (client, "count"), "4");
  plant_rpc_client_refresh (client, NULL, talk_keep_result, &refreshed);
  g_assert_true (plant_rpc_client_refresh_finish (client, end (&refreshed), &error));
  g_assert_true (plant_rpc_client_refresh_sync (client, NULL, &error));
}

/* What blocks has a form that does not. */
static void
three_forms (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_type (TEST_TYPE_PROBE, talk->url, &error);
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (GAsyncResult) failed = NULL;

  plant_rpc_client_wait_ready (client, TALK_CONNECT_MS, NULL, talk_keep_result, &ready);
  g_assert_true (plant_rpc_client_wait_ready_finish (client, end (&ready), &error));
  check_properties_later (client);
  plant_rpc_client_call (client, "fail", NULL, NULL, TOLD, NULL, talk_keep_result, &failed);
  g_assert_null (plant_rpc_client_call_finish (client, end (&failed), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

/* The old servers send each signal once for each client that ever came. */
static void
check_order (Talk   *talk,
             Record *shots,
             int     count)
{
  int previous = -1;

  for (guint i = 0; i < shots->emissions->len; i++)
    {
      int index = atoi ((char *) shots->emissions->pdata[i] + strlen (" 'shot' "));

      g_assert_true (index == previous + 1 || (!talk->native && index == previous));
      previous = index;
    }
  g_assert_cmpint (previous, ==, count - 1);
}

/* Signals arrive in order, with arguments of their types. */
static void
signals (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_listener (talk, TEST_TYPE_PROBE);
  g_autoptr (Record) shots = record_new (client, "captured");
  g_autoptr (Record) pings = record_new (client, "ping");
  g_autoptr (Record) mixed = record_new (client, "mixed");
  g_autoptr (Record) generic = record_new (client, "signal-received::captured");
  g_autoptr (Record) lost = record_new (client, "signals-lost");
  g_autoptr (Record) wrong = record_new (client, "protocol-error");
  int count = talk->native ? 500 : 10;
  g_autofree char *args = g_strdup_printf ("(%d,)", count);

  g_variant_unref (talk_call (client, "shoot", args));
  g_assert_cmpuint (shots->emissions->len, ==, 0);
  g_variant_unref (talk_call (client, "mix", NULL));
  talk_wait (shots->emissions->len >= (guint) count && mixed->emissions->len > 0);
  check_order (talk, shots, count);
  g_assert_cmpuint (generic->emissions->len, ==, shots->emissions->len);
  g_assert_cmpuint (pings->emissions->len, >, 0);
  g_assert_true (g_str_has_prefix (record_get_last (mixed),
                                   "true 4294967295 -4503599627370496 4503599627370496 -0.5 "
                                   "'a→b' ['x', ''] "));
  g_assert_true (g_str_has_suffix (record_get_last (mixed),
                                   " 'for-session' ['close-source', 'close-target']"));
  g_assert_cmpuint (lost->emissions->len + wrong->emissions->len, ==, 0);
}

static void
refuse_to_stop (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) ready = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (plant_rpc_client_stop_server_sync (client, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_clear_error (&error);
  plant_rpc_client_stop_server (client, NULL, talk_keep_result, &ready);
  g_assert_false (plant_rpc_client_stop_server_finish (client, end (&ready), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_variant_unref (talk_call (client, "let_stop", "(true,)"));
}

/* A device is stopped by a client where it permits that; calls then end. */
static void
stopping (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (GError) error = NULL;

  if (talk->native)
    refuse_to_stop (client);
  g_assert_true (plant_rpc_client_stop_server_sync (client, NULL, &error));
  talk_wait (plant_rpc_client_get_state (client) <= PLANT_RPC_STATE_CONNECTING);
  g_assert_cmpint (
      plant_rpc_property_get_state (plant_rpc_client_lookup_property (client, "count")), ==,
      PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_null (plant_rpc_client_call_sync (client, "add", g_variant_new ("(i)", 1), NULL, 100,
                                             NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_false (plant_rpc_error_may_have_run (error));
  plant_rpc_client_close (client);
  talk_wait (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_CLOSED);
  g_error_free (fail_to (client, "add", "(1,)", PLANT_RPC_ERROR_CLOSED));
  g_assert_finalize_object (g_steal_pointer (&client));
}

const TalkStep talk_calls[] = {
  { "results", results },
  { "arguments", arguments },
  { "refused calls", refused_calls },
  { "failed calls", failed_calls },
  { "broken handlers", broken_handlers },
  { "odd answers", odd_answers },
  { "buffers", buffers },
  { "several at once", several_at_once },
  { "blocking method", blocking_method },
  { "given up", given_up },
  { "three forms", three_forms },
  { "signals", signals },
  { NULL, NULL },
};

const TalkStep talk_last[] = {
  { "stopping", stopping },
  { NULL, NULL },
};
