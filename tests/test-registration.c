/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registration-private.h"
#include "plant-rpc-test-registry.h"

/* A service and its registration, with a registry that answers as the test says. */
typedef struct {
  TestRegistry         *registry;
  GObject              *owner; /* also the object that is offered */
  PlantRpcOffer        *offer;
  PlantRpcService      *service;
  PlantRpcRegistration *registration;
  GString              *told;  /* a letter for each property that has changed */
  guint                 n_stops;
} Fixture;

static Fixture *current;

static void
on_offer_changed (gpointer owner)
{
}

static const PlantRpcOfferFuncs offer_funcs = { .changed = on_offer_changed };

static void
on_service_changed (gpointer               owner,
                    PlantRpcServerProperty property)
{
  if (property == PLANT_RPC_SERVER_PROP_NAME)
    g_string_append_c (current->told, 'n');
}

static const PlantRpcServerFuncs service_funcs = { .changed = on_service_changed };

static void
on_changed (gpointer               owner,
            PlantRpcServerProperty property)
{
  static const char letters[] = {
    [PLANT_RPC_SERVER_PROP_REGISTERED] = 'r',
    [PLANT_RPC_SERVER_PROP_UUID] = 'u',
  };

  g_assert_true (owner == current->owner);
  g_string_append_c (current->told, letters[property]);
}

static void
on_stop (gpointer owner)
{
  g_assert_true (owner == current->owner);
  current->n_stops++;
}

static const PlantRpcServerFuncs funcs = {
  .changed = on_changed,
  .stop = on_stop,
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  GMainContext *context = g_main_context_default ();
  g_autoptr (GError) error = NULL;

  current = self;
  self->told = g_string_new (NULL);
  self->registry = test_registry_new ();
  self->owner = G_OBJECT (test_gauge_new ());
  self->offer = plant_rpc_offer_new (context, G_TYPE_OBJECT, &offer_funcs, self->owner);
  self->service = plant_rpc_service_new (context, self->offer, &service_funcs, self);
  plant_rpc_service_set_url (self->service, "tcp://127.0.0.1:*");
  plant_rpc_service_set_name (self->service, "own");
  self->registration = plant_rpc_registration_new (context, self->service, &funcs, self->owner);
  plant_rpc_service_start (self->service, &error);
  g_assert_no_error (error);
}

static PlantRpcRegistrationState *
get_state (Fixture *self)
{
  return plant_rpc_registration_get_state (self->registration);
}

static const char *
get_name (Fixture *self)
{
  return plant_rpc_service_get_state (self->service)->name;
}

/* A registry that is gone is not waited for. */
static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_registry_free (self->registry);
  plant_rpc_registration_withdraw (self->registration, TRUE);
  plant_rpc_service_stop (self->service);
  plant_rpc_registration_free (self->registration);
  plant_rpc_service_free (self->service);
  plant_rpc_offer_free (self->offer);
  g_assert_finalize_object (self->owner);
  g_string_free (self->told, TRUE);
}

static void
keep_result (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
begin (Fixture       *self,
       GCancellable  *cancellable,
       GAsyncResult **result)
{
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = test_registry_get_url (self->registry),
    .device_type = "camera",
    .name = "cam",
    .overwrite = TRUE,
  };

  plant_rpc_registration_register (self->registration, &setup,
                                   g_task_new (self->owner, cancellable, keep_result, result));
}

static void
await (Fixture    *self,
       const char *event)
{
  g_autoptr (GVariant) payload = test_registry_await (self->registry, event);
}

static void
accept_as (Fixture    *self,
           const char *name)
{
  await (self, "REGISTER");
  test_registry_send (self->registry,
                      "{\"event\":\"REGISTER_ACK\",\"payload\":{\"name\":\"%s\",\"uuid\":\"u\"}}",
                      name);
  await (self, "CHECK_ALIVE");
  test_registry_send (self->registry, "{\"event\":\"ACK\",\"payload\":{\"success\":true}}");
}

static void
assert_name (GAsyncResult **result,
             const char    *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  test_wait_until (*result != NULL);
  name = g_task_propagate_pointer (G_TASK (*result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, expected);
  g_clear_object (result);
}

static void
assert_failed (GAsyncResult **result,
               GQuark         domain,
               int            code)
{
  g_autoptr (GError) error = NULL;

  test_wait_until (*result != NULL);
  g_assert_null (g_task_propagate_pointer (G_TASK (*result), &error));
  g_assert_error (error, domain, code);
  g_clear_object (result);
}

static void
enter (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin (self, NULL, &result);
  accept_as (self, "cam-1");
  assert_name (&result, "cam-1");
}

static void
assert_unregistered (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (get_state (self)->registered);
  g_assert_null (get_state (self)->uuid);
  g_assert_cmpstr (get_name (self), ==, "own");
  g_assert_false (plant_rpc_registration_unregister_sync (self->registration, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* The name and the identifier are the registry's while it lists the service. */
static void
test_registered (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  assert_unregistered (self);
  g_string_truncate (self->told, 0);
  enter (self);
  g_assert_true (get_state (self)->registered);
  g_assert_cmpstr (get_state (self)->uuid, ==, "u");
  g_assert_cmpstr (get_name (self), ==, "cam-1");
  g_assert_cmpstr (self->told->str, ==, "unr");

  plant_rpc_registration_unregister (self->registration,
                                     g_task_new (self->owner, NULL, keep_result, &result));
  await (self, "UNREGISTER");
  test_registry_send (self->registry, "{\"event\":\"ACK\",\"payload\":{\"success\":true}}");
  test_wait_until (result != NULL);
  g_assert_true (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (self->told->str, ==, "unrurn");
  assert_unregistered (self);
}

static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin (self, NULL, &result);
  await (self, "REGISTER");
  test_registry_send (self->registry, "{\"event\":\"ACK\",\"payload\":{\"success\":false}}");
  assert_failed (&result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  assert_unregistered (self);
}

static void
test_not_running (Fixture       *self,
                  gconstpointer  data)
{
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = test_registry_get_url (self->registry),
    .device_type = "camera",
    .name = "cam",
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_service_stop (self->service);
  begin (self, NULL, &result);
  assert_failed (&result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_null (plant_rpc_registration_register_sync (self->registration, &setup, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  assert_unregistered (self);
  plant_rpc_service_start (self->service, NULL);
}

/* What has been done cannot be cancelled any more. */
static void
test_cancelled (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new (), late = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  begin (self, cancellable, &result);
  await (self, "REGISTER");
  g_cancellable_cancel (cancellable);
  assert_failed (&result, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_unregistered (self);

  begin (self, cancellable, &result);
  assert_failed (&result, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_unregistered (self);
  test_registry_leave (self->registry);
  test_registry_come_back (self->registry);

  begin (self, late, &result);
  accept_as (self, "cam-1");
  assert_name (&result, "cam-1");
  g_cancellable_cancel (late);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_true (get_state (self)->registered);
}

static void
test_withdrawn (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_registration_leave (self->registration);
  plant_rpc_registration_withdraw (self->registration, TRUE);
  begin (self, NULL, &result);
  await (self, "REGISTER");
  plant_rpc_registration_withdraw (self->registration, FALSE);
  assert_failed (&result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  assert_unregistered (self);
}

/* The registry hears of it while the service still runs. */
static void
test_leave (Fixture       *self,
            gconstpointer  data)
{
  enter (self);
  plant_rpc_registration_leave (self->registration);
  await (self, "UNREGISTER");
  test_registry_send (self->registry, "{\"event\":\"ACK\",\"payload\":{\"success\":true}}");
  test_wait_until (!get_state (self)->registered);
  assert_unregistered (self);
}

/* Only the latest registration counts, and ends with the name that the service had before all. */
static void
test_twice (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GAsyncResult) first = NULL, second = NULL;

  begin (self, NULL, &first);
  await (self, "REGISTER");
  begin (self, NULL, &second);
  assert_failed (&first, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  plant_rpc_registration_withdraw (self->registration, FALSE);
  assert_failed (&second, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  test_registry_leave (self->registry);
  test_registry_come_back (self->registry);

  enter (self);
  begin (self, NULL, &second);
  g_assert_cmpstr (get_name (self), ==, "own");
  plant_rpc_registration_withdraw (self->registration, FALSE);
  assert_failed (&second, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  assert_unregistered (self);
}

static void
test_settings (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GVariant) payload = NULL;
  double timeout = 0;
  gint64 seconds = 0;

  g_assert_cmpuint (get_state (self)->alive_timeout, ==, 60);
  get_state (self)->alive_timeout = 1;
  enter (self);
  payload = test_registry_await (self->registry, "CHECK_ALIVE");
  if (!g_variant_lookup (payload, "alive_timeout", "x", &seconds))
    g_assert_true (g_variant_lookup (payload, "alive_timeout", "d", &timeout));
  g_assert_cmpfloat (timeout + seconds, ==, 1);
}

static gboolean
is_default (int number)
{
  struct sigaction action;

  g_assert_cmpint (sigaction (number, NULL, &action), ==, 0);
  return action.sa_handler == SIG_DFL;
}

/* Only a registered server in its loop takes the signals that end a process. */
static void
test_signals (Fixture       *self,
              gconstpointer  data)
{
  static const int numbers[] = { SIGTERM, SIGINT };

  plant_rpc_registration_set_in_loop (self->registration, TRUE);
  g_assert_true (is_default (SIGTERM) && is_default (SIGINT));
  enter (self);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      raise (numbers[i]);
      test_wait_until (self->n_stops == i + 1);
    }
  plant_rpc_registration_set_in_loop (self->registration, FALSE);
  g_assert_true (is_default (SIGTERM) && is_default (SIGINT));
  plant_rpc_registration_set_in_loop (self->registration, TRUE);
  g_assert_false (is_default (SIGTERM) || is_default (SIGINT));
  plant_rpc_registration_withdraw (self->registration, FALSE);
  g_assert_true (is_default (SIGTERM) && is_default (SIGINT));
}

#define ADD(name, function) \
  g_test_add ("/registration/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("registered", test_registered);
  ADD ("refused", test_refused);
  ADD ("not-running", test_not_running);
  ADD ("cancelled", test_cancelled);
  ADD ("withdrawn", test_withdrawn);
  ADD ("leave", test_leave);
  ADD ("twice", test_twice);
  ADD ("settings", test_settings);
  ADD ("signals", test_signals);
  return g_test_run ();
}
