/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-service-private.h"
#include "plant-rpc-test-peer.h"

typedef struct {
  GObject         *gauge;
  PlantRpcOffer   *offer;
  PlantRpcService *service;
  GString         *told; /* a letter for each property that has changed */
  guint            n_stops;
} Fixture;

static void
on_offer_changed (gpointer owner)
{
}

static gboolean
decides_writes (gpointer owner)
{
  return FALSE;
}

static const PlantRpcOfferFuncs offer_funcs = {
  .changed = on_offer_changed,
  .decides_writes = decides_writes,
};

static void
on_changed (gpointer               owner,
            PlantRpcServerProperty property)
{
  static const char letters[] = {
    [PLANT_RPC_SERVER_PROP_URL] = 'l',
    [PLANT_RPC_SERVER_PROP_PORT] = 'p',
    [PLANT_RPC_SERVER_PROP_RUNNING] = 'r',
    [PLANT_RPC_SERVER_PROP_NAME] = 'n',
    [PLANT_RPC_SERVER_PROP_UUID] = 'u',
    [PLANT_RPC_SERVER_PROP_PEER_ADDRESS] = 'a',
  };
  Fixture *self = owner;

  g_string_append_c (self->told, letters[property]);
}

static void
on_stop (gpointer owner)
{
  Fixture *self = owner;

  self->n_stops++;
  plant_rpc_service_stop (self->service);
}

static const PlantRpcServerFuncs funcs = {
  .changed = on_changed,
  .stop = on_stop,
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->gauge = G_OBJECT (test_gauge_new ());
  self->offer =
      plant_rpc_offer_new (g_main_context_default (), G_TYPE_OBJECT, &offer_funcs, self->gauge);
  self->service =
      plant_rpc_service_new (g_main_context_default (), self->offer, &funcs, self);
  plant_rpc_service_set_url (self->service, "tcp://127.0.0.1:*");
  self->told = g_string_new (NULL);
}

static const PlantRpcServiceState *
get_state (Fixture *self)
{
  return plant_rpc_service_get_state (self->service);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  if (get_state (self)->running)
    plant_rpc_service_stop (self->service);
  plant_rpc_service_free (self->service);
  plant_rpc_offer_free (self->offer);
  g_assert_finalize_object (self->gauge);
  g_string_free (self->told, TRUE);
}

static void
assert_told (Fixture    *self,
             const char *expected)
{
  g_assert_cmpstr (self->told->str, ==, expected);
  g_string_truncate (self->told, 0);
}

static void
start (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_service_start (self->service, &error));
  g_assert_no_error (error);
}

static void
test_start (Fixture       *self,
            gconstpointer  data)
{
  const PlantRpcServiceState *state = get_state (self);
  g_autofree char *url = NULL, *uuid = NULL;

  g_assert_cmpstr (state->url, ==, "tcp://127.0.0.1:*");
  g_assert_null (state->uuid);
  start (self);
  assert_told (self, "ulpr");
  g_assert_true (state->running);
  url = g_strdup_printf ("tcp://127.0.0.1:%u", state->port);
  g_assert_cmpstr (state->url, ==, url);
  g_assert_cmpuint (state->port, >, 0);
  g_assert_cmpstr (state->endpoint->host, ==, "127.0.0.1");
  uuid = g_strdup (state->uuid);
  start (self);
  assert_told (self, "");
  g_assert_cmpstr (state->uuid, ==, uuid);

  plant_rpc_service_stop (self->service);
  assert_told (self, "lpr");
  g_assert_false (state->running);
  g_assert_cmpuint (state->port, ==, 0);
  g_assert_null (state->endpoint);
  g_assert_cmpstr (state->url, ==, "tcp://127.0.0.1:*");
  g_assert_cmpstr (state->uuid, ==, uuid);
  start (self);
  g_assert_cmpstr (state->uuid, !=, uuid);
}

static void
test_not_started (Fixture       *self,
                  gconstpointer  data)
{
  static const char *const urls[] = { NULL, "nonsense" };
  PlantRpcService *other =
      plant_rpc_service_new (g_main_context_default (), self->offer, &funcs, self);
  g_autoptr (GError) in_use = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GError) error = NULL;

      plant_rpc_service_set_url (other, urls[i]);
      g_assert_false (plant_rpc_service_start (other, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
    }
  start (self);
  assert_told (self, "ulpr");
  plant_rpc_service_set_url (other, get_state (self)->url);
  g_assert_false (plant_rpc_service_start (other, &in_use));
  g_assert_error (in_use, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_false (plant_rpc_service_get_state (other)->running);
  g_assert_null (plant_rpc_service_get_state (other)->uuid);
  assert_told (self, "");
  plant_rpc_service_free (other);
}

/* A name that it has already is not told. */
static void
test_name (Fixture       *self,
               gconstpointer  data)
{
  const PlantRpcServiceState *state = get_state (self);

  for (guint i = 0; i < 2; i++)
    plant_rpc_service_set_name (self->service, "cam");
  assert_told (self, "n");
  g_assert_cmpstr (state->name, ==, "cam");
  plant_rpc_service_set_name (self->service, state->name);
  plant_rpc_service_set_name (self->service, NULL);
  assert_told (self, "n");
  g_assert_cmpstr (state->name, ==, "");
}

static void
handle_nothing (PlantRpcInvocation  *invocation,
                gpointer             user_data,
                GError             **error)
{
}

static void
assert_inventory (TestPeer   *peer,
                  const char *name,
                  guint       n_methods)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, "{\"event\": \"GET_INVENTORY\"}");
  g_autoptr (GVariant) methods = NULL;
  g_autofree char *text = g_variant_print (reply, FALSE);
  const char *told = NULL;

  if (!g_variant_lookup (reply, "name", "&s", &told))
    g_error ("%s", text);
  g_assert_cmpstr (told, ==, name);
  methods = g_variant_lookup_value (reply, "json_methods", NULL);
  g_assert_cmpuint (g_variant_n_children (methods), ==, n_methods);
}

/* A client that asks again learns what has changed meanwhile. */
static void
test_update (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  start (self);
  peer = test_peer_new (ZMQ_DEALER, get_state (self)->url);
  assert_inventory (peer, "", 0);
  plant_rpc_service_set_name (self->service, "cam");
  assert_inventory (peer, "cam", 0);
  plant_rpc_offer_add_method (self->offer, plant_rpc_method_info_new ("m", "", FALSE, 0, NULL),
                              PLANT_RPC_METHOD_FLAGS_NONE, handle_nothing, NULL, NULL);
  plant_rpc_service_update (self->service);
  assert_inventory (peer, "cam", 1);
}

static void
test_peer_address (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) first = NULL, second = NULL;

  start (self);
  g_assert_null (get_state (self)->peer_address);
  first = test_peer_new (ZMQ_DEALER, get_state (self)->url);
  test_wait_until (get_state (self)->peer_address != NULL);
  g_assert_cmpstr (get_state (self)->peer_address, ==, "127.0.0.1");
  second = test_peer_new (ZMQ_DEALER, get_state (self)->url);
  assert_inventory (second, "", 0);
  assert_told (self, "ulpra");
}

static void
test_stop (Fixture       *self,
           gconstpointer  data)
{
  static const char ask[] = "{\"event\": \"STOP_SERVER\"}";
  g_autoptr (TestPeer) peer = NULL;

  start (self);
  peer = test_peer_new (ZMQ_DEALER, get_state (self)->url);
  test_peer_assert_refused (peer, ask, "refused");
  g_assert_cmpuint (self->n_stops, ==, 0);
  plant_rpc_service_get_state (self->service)->allow_stop = TRUE;
  test_peer_assert_reply (peer, ask, "{'success': <true>}");
  g_assert_cmpuint (self->n_stops, ==, 1);
  g_assert_false (get_state (self)->running);
}

static gboolean
stop_in_loop (gpointer user_data)
{
  Fixture *self = user_data;

  plant_rpc_service_stop (self->service);
  return G_SOURCE_REMOVE;
}

/* The loop ends with the run, and does not begin without one. */
static void
test_loop (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_service_run_loop (self->service);
  start (self);
  g_idle_add (stop_in_loop, self);
  plant_rpc_service_run_loop (self->service);
  g_assert_false (get_state (self)->running);
}

#define ADD(name, function) \
  g_test_add ("/service/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("start", test_start);
  ADD ("not-started", test_not_started);
  ADD ("name", test_name);
  ADD ("update", test_update);
  ADD ("peer-address", test_peer_address);
  ADD ("stop", test_stop);
  ADD ("loop", test_loop);
  return g_test_run ();
}
