/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-discovery-private.h"

void
plant_rpc_discovery_make_properties (GParamSpec **properties)
{
  const GParamFlags made =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcDiscovery:url:
   *
   * Where the device is, or %NULL if a registry says so.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_DISCOVERY_PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, made);
  /**
   * PlantRpcDiscovery:registry-url:
   *
   * Where the registry is that lists the device, or %NULL.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_DISCOVERY_PROP_REGISTRY_URL] =
      g_param_spec_string ("registry-url", NULL, NULL, NULL, made);
  /**
   * PlantRpcDiscovery:device:
   *
   * The name of the device in the registry, or else the type of any, or %NULL.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_DISCOVERY_PROP_DEVICE] =
      g_param_spec_string ("device", NULL, NULL, NULL, made);
  /**
   * PlantRpcDiscovery:keypair:
   *
   * The key pair by which a secured device or registry knows this program, or %NULL for that of the
   * user; see [property@Client:keypair]. The client has it, too.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_DISCOVERY_PROP_KEYPAIR] =
      g_param_spec_boxed ("keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR, made);
  /**
   * PlantRpcDiscovery:unknown-devices:
   *
   * What is done about a device with a key that is not known; see
   * [property@Client:unknown-devices]. The client does the same.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_DISCOVERY_PROP_UNKNOWN_DEVICES] =
      g_param_spec_enum ("unknown-devices", NULL, NULL, PLANT_RPC_TYPE_UNKNOWN_DEVICES,
                         PLANT_RPC_UNKNOWN_DEVICES_REFUSE, made);
  /**
   * PlantRpcDiscovery:client:
   *
   * The client, of a type made for what the device offers. It is %NULL until the device was there
   * once.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_DISCOVERY_PROP_CLIENT] =
      g_param_spec_object ("client", NULL, NULL, PLANT_RPC_TYPE_CLIENT, told);
  /**
   * PlantRpcDiscovery:unknown-key: (getter dup_unknown_key)
   *
   * The public key of a device that was found and waits to be accepted, or %NULL; see
   * [property@Client:unknown-key].
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_DISCOVERY_PROP_UNKNOWN_KEY] =
      g_param_spec_string ("unknown-key", NULL, NULL, NULL, told);
  /**
   * PlantRpcDiscovery:last-error: (getter get_last_error)
   *
   * Why there is no client yet, or no client for what the device offers now, or %NULL.
   *
   * Since: 1.0
   */
  properties[PLANT_RPC_DISCOVERY_PROP_LAST_ERROR] =
      g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, told);
}
