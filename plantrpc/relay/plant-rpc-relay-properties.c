/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-relay-private.h"

void
plant_rpc_relay_make_properties (GParamSpec **properties)
{
  const GParamFlags made =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcRelay:device-url:
   *
   * Where the device is, as in [property@Client:url], or %NULL if a registry says so.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_DEVICE_URL] =
      g_param_spec_string ("device-url", NULL, NULL, NULL, made);
  /**
   * PlantRpcRelay:registry-url:
   *
   * Where the registry is that lists the device, or %NULL.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_REGISTRY_URL] =
      g_param_spec_string ("registry-url", NULL, NULL, NULL, made);
  /**
   * PlantRpcRelay:device:
   *
   * The name of the device in the registry, or else the type of any, or %NULL.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_DEVICE] =
      g_param_spec_string ("device", NULL, NULL, NULL, made);
  /**
   * PlantRpcRelay:device-interface:
   *
   * What is offered of the device, or %NULL for all that it tells.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_DEVICE_INTERFACE] = g_param_spec_boxed (
      "device-interface", NULL, NULL, PLANT_RPC_TYPE_INTERFACE_INFO, made);
  /**
   * PlantRpcRelay:device-keypair:
   *
   * The key pair by which a secured device knows the relay, as [property@Client:keypair] is, or
   * %NULL for that of the user. Clients know the relay by [property@Server:keypair].
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_DEVICE_KEYPAIR] =
      g_param_spec_boxed ("device-keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR, made);
  /**
   * PlantRpcRelay:client:
   *
   * The client of the device. It is %NULL until it is known what the device offers. If the device
   * comes back with another interface, it is replaced.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_CLIENT] =
      g_param_spec_object ("client", NULL, NULL, PLANT_RPC_TYPE_CLIENT, told);
  /**
   * PlantRpcRelay:ready: (getter is_ready)
   *
   * Whether the device is there.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_READY] =
      g_param_spec_boolean ("ready", NULL, NULL, FALSE, told);
  /**
   * PlantRpcRelay:last-error: (getter get_last_error)
   *
   * Why the device is not there, or %NULL.
   *
   * Since: 1.1
   */
  properties[PLANT_RPC_RELAY_PROP_LAST_ERROR] =
      g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, told);
}
