/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"

/* How a client makes sure of the device that it finds by name. */

PlantRpcFollowerTrust
plant_rpc_client_get_trust (PlantRpcClient *self)
{
  return (PlantRpcFollowerTrust) {
    .keypair = plant_rpc_link_get_keypair (
        plant_rpc_session_get_link (plant_rpc_client_get_session (self))),
    .unknown = *plant_rpc_client_get_unknown (self),
  };
}

void
plant_rpc_client_update_trust (PlantRpcClient *self)
{
  const PlantRpcFollowerTrust trust = plant_rpc_client_get_trust (self);
  PlantRpcFollower *follower = plant_rpc_client_get_follower (self);

  if (follower != NULL)
    plant_rpc_follower_set_trust (follower, &trust);
}

/**
 * plant_rpc_client_get_unknown_devices:
 * @self: a client
 *
 * Gets what the client does about a device that is not known.
 *
 * Returns: what it does
 *
 * Since: 1.1
 */
PlantRpcUnknownDevices
plant_rpc_client_get_unknown_devices (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), PLANT_RPC_UNKNOWN_DEVICES_REFUSE);

  hold = plant_rpc_client_enter (self);
  return *plant_rpc_client_get_unknown (self);
}

/**
 * plant_rpc_client_set_unknown_devices:
 * @self: a client
 * @unknown_devices: what it does
 *
 * Sets what the client does about a device that is not known; see
 * [property@Client:unknown-devices].
 *
 * Since: 1.1
 */
void
plant_rpc_client_set_unknown_devices (PlantRpcClient         *self,
                                      PlantRpcUnknownDevices  unknown_devices)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (unknown_devices <= PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW);

  hold = plant_rpc_client_enter (self);
  if (*plant_rpc_client_get_unknown (self) == unknown_devices)
    return;
  *plant_rpc_client_get_unknown (self) = unknown_devices;
  plant_rpc_client_update_trust (self);
  g_object_notify (G_OBJECT (self), "unknown-devices");
}

/**
 * plant_rpc_client_dup_unknown_key:
 * @self: a client
 *
 * Gets the public key of a device that was found and waits to be accepted.
 *
 * Returns: (transfer full) (nullable): the key, or %NULL if no device waits
 *
 * Since: 1.1
 */
char *
plant_rpc_client_dup_unknown_key (PlantRpcClient *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcFollower *follower;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  follower = plant_rpc_client_get_follower (self);
  return follower != NULL ? g_strdup (plant_rpc_follower_get_unknown_key (follower)) : NULL;
}

/**
 * plant_rpc_client_accept_key:
 * @self: a client
 * @key: the public key that the user was shown
 * @error: return location for an error
 *
 * Remembers the device that waits to be accepted, and connects to it.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if no device with that key waits, such as when the registry has
 * listed it with another key meanwhile, and with the errors of [method@KnownDevices.remember].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_client_accept_key (PlantRpcClient  *self,
                             const char      *key,
                             GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcFollower *follower;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_client_enter (self);
  follower = plant_rpc_client_get_follower (self);
  if (follower != NULL)
    return plant_rpc_follower_accept (follower, key, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _("No device with that key waits to be accepted"));
  return FALSE;
}
