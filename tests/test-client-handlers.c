/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-recorder.h"

static void
do_unref (gpointer recorder)
{
  TestRecorder *self = recorder;

  g_object_unref (g_steal_pointer (&self->client));
}

/* Whatever comes when, the last reference may go in it. */
static void
test_last_unref (void)
{
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      PlantRpcClient *client = test_client_new_ready (device);
      g_autoptr (TestRecorder) recorder = test_recorder_new (client);
      g_autoptr (TestRequest) request = NULL;

      g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
      recorder->action = do_unref;
      switch (i)
        {
        case 0:
          test_device_push_signal (device, 1, "captured", test_captured ("a", 1));
          test_device_push_signal (device, 2, "captured", test_captured ("b", 1));
          break;
        case 1:
          test_device_push_changed (device, 1, "level", g_variant_new_int32 (5));
          test_device_push_changed (device, 2, "mode", g_variant_new_string ("y"));
          break;
        case 2:
          test_device_push_signal (device, 5, "captured", test_captured ("a", 1));
          break;
        case 3:
          test_device_push_changed (device, 1, "level", g_variant_new_string ("x"));
          break;
        case 4:
          test_device_restart (&device);
          break;
        case 5:
          recorder->action = NULL;
          g_object_set (client, "level", 20, NULL);
          g_string_truncate (recorder->told, 0);
          recorder->action = do_unref;
          request = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
          test_device_reply_error (device, request, "no");
          break;
        default:
          plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, test_record_reply,
                                 recorder);
          request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
          test_device_reply_value (device, request, NULL);
          test_device_push_signal (device, 1, "captured", test_captured ("a", 1));
          break;
        }
      test_wait_until (client == NULL);
      test_run_pending ();
      g_assert_null (recorder->client);
      /* Nothing came after it. */
      g_assert_cmpstr (strchr (recorder->told->str, ' '), ==, " ");
    }
}

/* The first setter's own notification. */
static void
test_last_unref_in_snapshot (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  PlantRpcClient *client = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);

  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
  recorder->action = do_unref;
  test_device_greet (device, 10, "x");
  test_wait_until (client == NULL);
  test_run_pending ();
}

static void
do_close (gpointer recorder)
{
  plant_rpc_client_close (((TestRecorder *) recorder)->client);
}

static void
test_closed_by_handler (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) result = NULL;

  recorder->action = do_close;
  test_call (client, "echo", 10000, NULL, &result);
  test_device_push_changed (device, 1, "level", g_variant_new_int32 (5));
  test_device_push_signal (device, 2, "captured", test_captured ("a", 1));
  test_wait_until (result != NULL);
  test_assert_failed (client, result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  test_run_pending ();
  g_assert_cmpstr (recorder->told->str, ==, "level:5 closed ");
}

static void
do_run_loop (gpointer recorder)
{
  TestRecorder *self = recorder;

  g_string_append (self->told, "( ");
  test_wait_until (strstr (self->told->str, "end:") != NULL);
  g_string_append (self->told, ") ");
}

/* A loop of its own gets everything, in order. */
static void
test_loop_in_handler (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
      g_autoptr (TestRecorder) recorder = test_recorder_new (client);
      g_autoptr (TestRequest) one = NULL, two = NULL;
      const char *const first[] = { "a:1 ", "level:5 ", "reply " };
      g_autofree char *expected = g_strdup_printf ("%s( mode:y b:2 reply end:3 ) ", first[i]);
      guint64 sequence = 0;

      plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, test_record_reply, recorder);
      one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
      if (i == 2)
        {
          plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, test_record_reply,
                                 recorder);
          two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
        }
      recorder->action = do_run_loop;
      if (i == 0)
        test_device_push_signal (device, ++sequence, "captured", test_captured ("a", 1));
      else if (i == 1)
        test_device_push_changed (device, ++sequence, "level", g_variant_new_int32 (5));
      else
        test_device_reply_value (device, two, NULL);
      /* GObject notifies one property anew only after the handler. */
      test_device_push_changed (device, ++sequence, "mode", g_variant_new_string ("y"));
      test_device_push_signal (device, ++sequence, "captured", test_captured ("b", 2));
      test_device_reply_value (device, one, NULL);
      test_device_push_signal (device, ++sequence, "captured", test_captured ("end", 3));
      test_assert_told (recorder, expected);
    }
}

static TestDevice *restarted, *moved;

static void
do_restart (gpointer recorder)
{
  TestRecorder *self = recorder;

  if (moved != NULL)
    {
      plant_rpc_client_move (self->client, test_device_get_url (moved));
      return;
    }
  test_device_restart (&restarted);
  test_client_wait_state (self->client, PLANT_RPC_STATE_DISCONNECTED);
  test_client_wait_state (self->client, PLANT_RPC_STATE_CONNECTING);
}

/* While values are shown the next connection is made: what the former one told
 * makes it no better. */
static void
test_reconnected_by_handler (void)
{
  for (guint first = 0; first < 2; first++)
    {
      g_autoptr (PlantRpcClient) client = NULL;
      g_autoptr (TestRecorder) recorder = NULL;
      g_autoptr (TestRequest) request = NULL;

      restarted = test_device_new ();
      client = first ? test_client_new (test_device_get_url (restarted))
                     : test_client_new_ready (restarted);
      recorder = test_recorder_new (client);
      recorder->action = do_restart;
      if (first)
        {
          test_device_greet (restarted, 20, "x");
        }
      else
        {
          plant_rpc_client_refresh (client, NULL, NULL, NULL);
          request = test_device_expect (restarted, PLANT_RPC_EVENT_GET_ALL);
          test_device_reply_value (restarted, request, g_variant_new_parsed ("{'level': <20>}"));
        }
      test_wait_until (recorder->told->len > 0);
      test_run_pending ();
      g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_CONNECTING);
      test_device_greet (restarted, 30, "x");
      test_client_wait_state (client, PLANT_RPC_STATE_READY);
      test_run_pending ();
      g_assert_true (g_str_has_suffix (recorder->told->str, "level:30 ready "));
      g_clear_pointer (&restarted, test_device_free);
    }
}

/* The same for one that goes to another device. */
static void
test_moved_by_handler (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);

  moved = test_device_new ();
  recorder->action = do_restart;
  test_device_greet (device, 20, "x");
  test_wait_until (recorder->told->len > 0);
  test_run_pending ();
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_CONNECTING);
  test_device_greet (moved, 30, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_clear_pointer (&moved, test_device_free);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client-handlers/last-unref", test_last_unref);
  g_test_add_func ("/client-handlers/last-unref-in-snapshot", test_last_unref_in_snapshot);
  g_test_add_func ("/client-handlers/closes", test_closed_by_handler);
  g_test_add_func ("/client-handlers/runs-loop", test_loop_in_handler);
  g_test_add_func ("/client-handlers/reconnected", test_reconnected_by_handler);
  g_test_add_func ("/client-handlers/moved", test_moved_by_handler);

  return g_test_run ();
}
