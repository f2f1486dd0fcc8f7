/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-registry-client-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-registry.h"

#define HOUR ((gint64) 3600 * G_USEC_PER_SEC)

/* The client's context is never run, as that of a caller that blocks: the test does what is due. */
typedef struct {
  GMainContext           *context; /* (owned) */
  TestRegistry           *registry;
  PlantRpcRegistryClient *client;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  test_clock_reset ();
  self->registry = test_registry_new ();
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->client = plant_rpc_registry_client_new (test_registry_get_url (self->registry));
  g_main_context_pop_thread_default (self->context);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->client);
  test_registry_free (self->registry);
  g_main_context_unref (self->context);
}

/* Waits as a caller that blocks does, and then does what is due. */
static void
step (Fixture *self)
{
  zmq_pollitem_t items[2];
  guint n_items = plant_rpc_registry_client_fill_poll (self->client, items);
  gint64 deadline = plant_rpc_registry_client_get_deadline (self->client);
  gint64 left = deadline >= 0 ? MAX (deadline - g_get_monotonic_time (), 0) : G_MAXINT32;

  g_assert_cmpuint (n_items, <=, G_N_ELEMENTS (items));
  /* Not longer, since the registry is in this thread too. */
  zmq_poll (items, (int) n_items, (long) MIN (left / 1000, 10));
  plant_rpc_registry_client_process (self->client);
}

static gboolean
step_until_ready (Fixture *self)
{
  step (self);
  return plant_rpc_registry_client_get_state (self->client) == PLANT_RPC_STATE_READY;
}

static gboolean
step_until_asked (Fixture *self)
{
  step (self);
  return test_registry_try_await (self->registry);
}

static guint
step_and_count (Fixture *self)
{
  step (self);
  return g_list_model_get_n_items (G_LIST_MODEL (self->client));
}

#define DEVICE(name)                                                                         \
  "{\"name\":\"" name "\",\"device_type\":\"t\",\"addr\":\"tcp://h:1\",\"uuid\":\"" name "\"}"

static void
begin (Fixture *self)
{
  test_wait_until (step_until_asked (self));
  test_registry_send (self->registry,
                      "{\"event\":\"DEVICES\",\"payload\":{\"serial\":5,\"devices\":["
                      DEVICE ("a") "]}}");
  test_wait_until (step_until_ready (self));
}

static void
send_added (Fixture *self)
{
  test_registry_send (self->registry,
                      "{\"event\":\"DEVICE_ADDED\",\"payload\":{\"serial\":6,\"devices\":["
                      DEVICE ("b") "]}}");
}

/* It connects at once, then renews its lease, and shows changes that come too fast a little later;
 * all in its own time, without a main loop. */
static void
test_steps (Fixture       *self,
            gconstpointer  data)
{
  g_assert_cmpint (plant_rpc_registry_client_get_deadline (self->client), >=, 0);
  g_assert_cmpint (plant_rpc_registry_client_get_deadline (self->client), <=,
                   g_get_monotonic_time ());
  test_clock_stretch (0.01);
  begin (self);
  test_wait_until (step_until_asked (self));
  begin (self);
  send_added (self);
  test_wait_until (step_and_count (self) == 2);
}

/* The deadline is the earliest of all. */
static void
test_deadline (Fixture       *self,
               gconstpointer  data)
{
  gint64 renewal, deadline;

  begin (self);
  renewal = plant_rpc_registry_client_get_deadline (self->client);
  g_assert_cmpint (renewal, <=, g_get_monotonic_time () + 5 * G_USEC_PER_SEC);
  /* The clock goes back, so however late the change comes, it is soon after the list. When it is
   * shown is an hour later than the renewal, which was set before. */
  test_clock_step (-HOUR);
  test_clock_record ("changes of a list");
  send_added (self);
  test_wait_until ((step (self), test_clock_count () > 0));
  g_array_unref (test_clock_end_recording ());
  deadline = plant_rpc_registry_client_get_deadline (self->client);
  g_assert_cmpint (deadline, <, renewal + HOUR / 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->client)), ==, 1);
}

/* A client that is closed waits for nothing. */
static void
test_closed (Fixture       *self,
             gconstpointer  data)
{
  zmq_pollitem_t items[2];

  begin (self);
  plant_rpc_registry_client_close (self->client);
  g_assert_cmpint (plant_rpc_registry_client_get_deadline (self->client), <, 0);
  g_assert_cmpuint (plant_rpc_registry_client_fill_poll (self->client, items), ==, 0);
  plant_rpc_registry_client_process (self->client);
  g_assert_cmpint (plant_rpc_registry_client_get_state (self->client), ==,
                   PLANT_RPC_STATE_CLOSED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                      \
  g_test_add ("/registry-blocking/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("steps", test_steps);
  ADD ("deadline", test_deadline);
  ADD ("closed", test_closed);
  return g_test_run ();
}
