/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* ---- a main context that is not the default one
 *
 * The default context lives as long as the process. It would hide that something has kept it, or
 * that a source in it has leaked. */

typedef struct {
  GMainContext *context;
  gint          gone; /* (atomic) */
} Fixture;

static void
note_gone (gpointer data)
{
  g_atomic_int_set (&((Fixture *) data)->gone, TRUE);
}

static gboolean
never (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GSource) source = g_timeout_source_new_seconds (3600);

  self->context = g_main_context_new ();
  /* It goes together with the context. */
  g_source_set_callback (source, never, self, note_gone);
  g_source_attach (source, self->context);
  g_main_context_push_thread_default (self->context);
}

static gboolean
run (Fixture *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  return TRUE;
}

#define wait_until(expression) test_wait_until (run (self) && (expression))

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  run (self);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  test_wait_until (g_atomic_int_get (&self->gone));
}

static PlantRpcServer *
start_server (TestGauge *gauge)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (gauge), "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

/* ---- what lives in it */

static void
test_server (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  PlantRpcServer *server = start_server (gauge);
  PlantRpcClient *client = plant_rpc_client_new (plant_rpc_server_get_url (server));

  wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_assert_finalize_object (client);
  g_assert_finalize_object (server);
}

static gboolean
has_message (TestPeer *peer)
{
  char byte;

  return zmq_recv (test_peer_get_socket (peer), &byte, sizeof byte, ZMQ_DONTWAIT) >= 0;
}

static void
test_generation1 (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  PlantRpcServer *server = start_server (gauge);
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (server));
  g_autoptr (TestPeer) receiver = test_peer_new (ZMQ_REP, NULL);
  guint16 port = test_peer_bind (receiver);
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": %u}", port);

  test_peer_send_text (peer, "", request, NULL);
  wait_until (has_message (peer));
  test_gauge_ping (gauge);
  wait_until (has_message (receiver));
  g_assert_finalize_object (server);
}

static void
test_registry (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  PlantRpcServer *server = start_server (gauge);
  PlantRpcRegistry *registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  PlantRpcRegistryClient *client;
  g_autofree char *name = NULL;

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  client = plant_rpc_registry_client_new (plant_rpc_registry_get_url (registry));
  name = plant_rpc_server_register_to_registry_sync (
      server, "gauge", "g", plant_rpc_registry_get_url (registry), FALSE, NULL, NULL);
  g_assert_cmpstr (name, ==, "g");
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (client)) == 1 &&
              g_list_model_get_n_items (G_LIST_MODEL (registry)) == 1 &&
              plant_rpc_server_get_registered (server));
  g_assert_finalize_object (server);
  g_assert_finalize_object (client);
  g_assert_finalize_object (registry);
}

#define ADD(name, function) \
  g_test_add ("/context/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("server", test_server);
  ADD ("generation-1", test_generation1);
  ADD ("registry", test_registry);
  return g_test_run ();
}
