/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-registry-client-private.h"

void
plant_rpc_registry_client_make_properties (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcRegistryClient:url: (getter get_url)
   *
   * The URL of the registry, such as `tcp://192.168.1.2:5555`. The public key of a secured registry
   * follows after a `#`.
   *
   * If the URL cannot be understood, the client stays disconnected, and its
   * [property@RegistryClient:last-error] is %PLANT_RPC_ERROR_INVALID_URL.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_REGISTRY_CLIENT_PROP_URL] = g_param_spec_string (
      "url", NULL, NULL, NULL,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * PlantRpcRegistryClient:keypair: (getter get_keypair) (setter set_keypair)
   *
   * The key pair by which a secured registry knows the client. With %NULL, the default, it is that
   * of the user, which [ctor@Keypair.ensure] makes under the name `default` when it is first
   * needed. A change takes effect with the next connection.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_REGISTRY_CLIENT_PROP_KEYPAIR] = g_param_spec_boxed (
      "keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcRegistryClient:state: (getter get_state)
   *
   * The state of the connection. While it is %PLANT_RPC_STATE_READY, the list is that of the
   * registry.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_REGISTRY_CLIENT_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLANT_RPC_TYPE_STATE, PLANT_RPC_STATE_DISCONNECTED,
                         flags);
  /**
   * PlantRpcRegistryClient:last-error: (getter get_last_error)
   *
   * Why the client is not ready, or %NULL. If keys keep the client from the registry, it is
   * %G_IO_ERROR_PERMISSION_DENIED.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_REGISTRY_CLIENT_PROP_LAST_ERROR] =
      g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, flags);
}
