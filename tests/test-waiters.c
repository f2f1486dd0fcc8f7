/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-device.h"
#include "plant-rpc-waiters-private.h"

/* Of the timer that was made last, in ms; 0: none was made. */
static guint interval;

GSource *__real_g_timeout_source_new (guint ms);
GSource *__wrap_g_timeout_source_new (guint ms);

GSource *
__wrap_g_timeout_source_new (guint ms)
{
  interval = ms;
  return __real_g_timeout_source_new (ms);
}

/* The condition that is waited for: a number has been reached. */
typedef struct {
  PlantRpcWaiters *waiters; /* (owned) */
  GObject         *source;  /* (owned): source object of the tasks */
  guint            number;
  gboolean         failed;
  GString         *told; /* (owned): how each task ended */
} Owner;

static gboolean
is_reached (gpointer   owner,
            guint      data,
            GError   **error)
{
  Owner *self = owner;

  if (self->failed)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "failed");
  return !self->failed && self->number >= data;
}

static GError *
excuse (gpointer owner)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "late");
}

static Owner *
owner_new (void)
{
  Owner *self = g_new0 (Owner, 1);

  self->waiters = plant_rpc_waiters_new (g_main_context_default (), self);
  self->source = g_object_new (G_TYPE_OBJECT, NULL);
  self->told = g_string_new (NULL);
  return self;
}

static void
owner_free (Owner *self)
{
  /* Each task that waits holds the source. */
  g_assert_finalize_object (self->source);
  plant_rpc_waiters_free (self->waiters);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

typedef struct {
  Owner   *owner;
  guint    number;
  gboolean goes_on; /* TRUE: its callback waits for the next number */
} Wait;

static void wait_for (Owner        *self,
                      guint         number,
                      int           timeout,
                      GCancellable *cancellable,
                      gboolean      goes_on);

static void
on_ended (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autofree Wait *wait = user_data;
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  g_string_append_printf (wait->owner->told, "%u:%s ", wait->number,
                          error != NULL ? error->message : "good");
  if (wait->goes_on)
    wait_for (wait->owner, wait->number + 1, PLANT_RPC_TIMEOUT_NONE, NULL, FALSE);
}

static void
wait_for (Owner        *self,
          guint         number,
          int           timeout,
          GCancellable *cancellable,
          gboolean      goes_on)
{
  Wait *wait = g_new (Wait, 1);
  g_autoptr (GTask) task = g_task_new (self->source, cancellable, on_ended, wait);

  *wait = (Wait) { self, number, goes_on };
  plant_rpc_waiters_add (self->waiters, task,
                         (PlantRpcWait) { is_reached, number, timeout, excuse });
}

static void
reach (Owner *self,
       guint  number)
{
  self->number = number;
  plant_rpc_waiters_check (self->waiters);
}

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

/* A timeout of 0 is valid. */
static void
test_timeouts (void)
{
  g_autoptr (Owner) self = owner_new ();

  wait_for (self, 1, 0, NULL, FALSE);
  wait_for (self, 2, 20, NULL, FALSE);
  wait_for (self, 3, PLANT_RPC_TIMEOUT_NONE, NULL, FALSE);
  assert_told (self, "1:late 2:late ");
  reach (self, 3);
  assert_told (self, "1:late 2:late 3:good ");
  /* A condition that holds already is in time. */
  wait_for (self, 3, 0, NULL, FALSE);
  assert_told (self, "1:late 2:late 3:good 3:good ");
}

/* Only PLANT_RPC_TIMEOUT_NONE is for ever. */
static void
test_time_before (void)
{
  g_autoptr (Owner) self = owner_new ();

  wait_for (self, 1, -2, NULL, FALSE);
  assert_told (self, "1:late ");
  wait_for (self, 1, G_MININT, NULL, FALSE);
  assert_told (self, "1:late 1:late ");
  reach (self, 1);
  wait_for (self, 1, -2, NULL, FALSE);
  assert_told (self, "1:late 1:late 1:good ");
}

/* The waiters end in the order in which they came, and each once. */
static void
test_order (void)
{
  g_autoptr (Owner) self = owner_new ();

  wait_for (self, 2, 10000, NULL, FALSE);
  wait_for (self, 1, 10000, NULL, FALSE);
  wait_for (self, 3, 10000, NULL, FALSE);
  wait_for (self, 1, 10000, NULL, TRUE);
  reach (self, 1);
  assert_told (self, "1:good 1:good ");
  reach (self, 3);
  assert_told (self, "1:good 1:good 2:good 3:good 2:good ");
}

static void
test_ended_otherwise (void)
{
  g_autoptr (Owner) self = owner_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) before = g_cancellable_new ();

  g_cancellable_cancel (before);
  wait_for (self, 1, 10000, before, FALSE);
  test_wait_until (self->told->len > 0);
  wait_for (self, 2, 10000, cancellable, FALSE);
  wait_for (self, 3, 10000, NULL, FALSE);
  g_cancellable_cancel (cancellable);
  assert_told (self, "1:Operation was cancelled 2:Operation was cancelled ");
  self->failed = TRUE;
  reach (self, 0);
  assert_told (self, "1:Operation was cancelled 2:Operation was cancelled 3:failed ");
}

/* One that has ended is left alone by its cancellable. */
static void
test_cancelled_after_end (void)
{
  g_autoptr (Owner) self = owner_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  wait_for (self, 1, 10000, cancellable, FALSE);
  reach (self, 1);
  assert_told (self, "1:good ");
  g_assert_finalize_object (g_steal_pointer (&cancellable));
}

/* A refresh waits as long as a read, and while the client is not ready as long as a read waits to
 * be sent. EXPECTED is 0 for ever. */
static void
assert_refresh (PlantRpcClient *client,
                int             property_timeout,
                int             send_timeout,
                guint           expected)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) refreshed = NULL;

  plant_rpc_client_set_property_timeout (client, property_timeout);
  plant_rpc_client_set_send_timeout (client, send_timeout);
  interval = 0;
  plant_rpc_client_refresh (client, cancellable, test_keep_result, &refreshed);
  g_assert_cmpuint (interval, ==, expected);
  g_cancellable_cancel (cancellable);
  test_wait_until (refreshed != NULL);
}

/* How long the operations of a client wait. */
static void
test_of_client (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GAsyncResult) soon = NULL, ever = NULL, refreshed = NULL, flushed = NULL;
  g_autoptr (TestRequest) set = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_wait_ready (client, 12345, NULL, test_keep_result, &soon);
  g_assert_cmpuint (interval, ==, 12345);
  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  g_assert_cmpuint (interval, ==, 10000);
  assert_refresh (client, 2000, PLANT_RPC_TIMEOUT_NONE, 2000);
  assert_refresh (client, 2000, 3000, 2000);
  assert_refresh (client, 2000, 300, 300);
  assert_refresh (client, PLANT_RPC_TIMEOUT_NONE, 300, 300);
  assert_refresh (client, 2000, 0, 1);
  assert_refresh (client, PLANT_RPC_TIMEOUT_NONE, PLANT_RPC_TIMEOUT_NONE, 0);
  interval = 0;
  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &ever);
  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  interval = 0;
  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, NULL, test_keep_result, &flushed);
  g_assert_cmpuint (interval, ==, 0);
  set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_value (device, set, g_variant_new_int32 (20));
  test_wait_until (soon != NULL && ever != NULL && refreshed != NULL && flushed != NULL);
  g_assert_true (plant_rpc_client_wait_ready_finish (client, soon, &error));
  g_assert_true (plant_rpc_client_wait_ready_finish (client, ever, &error));
  g_assert_true (plant_rpc_client_refresh_finish (client, refreshed, &error));
  g_assert_true (plant_rpc_client_flush_finish (client, flushed, &error));
  g_assert_no_error (error);
  assert_refresh (client, 2000, 300, 2000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/waiters/timeouts", test_timeouts);
  g_test_add_func ("/waiters/time-before", test_time_before);
  g_test_add_func ("/waiters/order", test_order);
  g_test_add_func ("/waiters/ended-otherwise", test_ended_otherwise);
  g_test_add_func ("/waiters/cancelled-after-end", test_cancelled_after_end);
  g_test_add_func ("/waiters/of-client", test_of_client);

  return g_test_run ();
}
