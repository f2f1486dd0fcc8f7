/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "torture.h"

/* A registry, a device that registers, and clients that look for it. */

static PlantRpcRegistry *
open_registry (void)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  return torture_check (plant_rpc_registry_start (registry, &error), &error)
           ? g_steal_pointer (&registry)
           : NULL;
}

static gboolean
register_device (PlantRpcServer   *server,
                 PlantRpcRegistry *registry)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  plant_rpc_server_register_to_registry (server, "gauge", "g",
                                         plant_rpc_registry_get_url (registry), TRUE, NULL,
                                         torture_keep, &result);
  torture_expect (result != NULL);
  name = plant_rpc_server_register_to_registry_finish (server, result, &error);
  return torture_check (name != NULL, &error);
}

static gboolean
unregister_device (PlantRpcServer *server)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_unregister (server, NULL, torture_keep, &result);
  torture_expect (result != NULL);
  return torture_check (plant_rpc_server_unregister_finish (server, result, &error), &error);
}

static gboolean
is_listed (PlantRpcRegistryClient *client)
{
  return plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY &&
         plant_rpc_registry_client_find_device (client, "g") != NULL;
}

static gboolean
is_not_listed (PlantRpcRegistryClient *client)
{
  return plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY &&
         plant_rpc_registry_client_find_device (client, "g") == NULL;
}

void
torture_registry (void)
{
  g_autoptr (PlantRpcRegistry) registry = open_registry ();
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autoptr (PlantRpcRegistryClient) client = NULL;

  if (registry == NULL || server == NULL)
    return;
  client = plant_rpc_registry_client_new (plant_rpc_registry_get_url (registry));
  torture_expect (is_not_listed (client));
  if (register_device (server, registry))
    {
      torture_expect (is_listed (client));
      /* If this fails, the registry removes the device later, after its timeout. */
      if (unregister_device (server))
        torture_expect (is_not_listed (client));
    }
  torture_check_served (plant_rpc_server_get_url (server));
  plant_rpc_registry_client_close (client);
  plant_rpc_registry_stop (registry);
}

/* A client finds its device by name, also after the device has moved. */
void
torture_follow (void)
{
  g_autoptr (PlantRpcRegistry) registry = open_registry ();
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (registry == NULL || server == NULL || !register_device (server, registry))
    return;
  client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  plant_rpc_client_follow_device (client, plant_rpc_registry_get_url (registry), "g");
  torture_expect (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  plant_rpc_client_call (client, "echo", g_variant_new_parsed ("[<1>]"), NULL, 5000, NULL,
                         torture_keep, &result);
  torture_expect (result != NULL);
  value = plant_rpc_client_call_finish (client, result, &error);
  torture_check (value != NULL, &error);
  plant_rpc_client_close (client);
}
