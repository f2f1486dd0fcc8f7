/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* From a registry to the object. */

static void
on_missing (gpointer      owner,
            const GError *reason)
{
  g_autoptr (PlantRpcClient) self = g_object_ref (owner);

  /* One that was given a url goes on with that until the device is found. */
  if (plant_rpc_client_get_url (self) == NULL)
    plant_rpc_session_explain (plant_rpc_client_get_session (self), reason);
}

static gboolean
is_content (gpointer owner)
{
  PlantRpcState state = plant_rpc_client_get_state (owner);

  return state != PLANT_RPC_STATE_DISCONNECTED;
}

static void
on_found (gpointer    owner,
          const char *url)
{
  g_autoptr (PlantRpcClient) self = g_object_ref (owner);

  /* One that was given the url of the device is there already. */
  if (g_strcmp0 (plant_rpc_client_get_url (self), url) != 0 || !is_content (self))
    plant_rpc_client_move (self, url);
}

static const PlantRpcFollowerFuncs follower_funcs = {
  .found = on_found,
  .missing = on_missing,
  .is_content = is_content,
};

/**
 * plant_rpc_client_follow_device:
 * @self: a client
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @device: the name of a device, or else the type of any, such as `camera`
 *
 * Connects to a device that a registry lists, wherever it is.
 *
 * The client waits until the device appears; until then it is
 * %PLANT_RPC_STATE_DISCONNECTED, [property@Client:last-error] says why, and calls wait within their
 * timeout. When the device comes back at another address under its name the client goes there, as
 * after any loss of the connection: properties keep their bindings. Given a type, it stays with
 * the device that it found first, unless that is gone and there is another.
 *
 * It replaces the url that the client was made with, or the device that it followed. The registry
 * must be a [class@Registry].
 *
 * Since: 1.0
 */
void
plant_rpc_client_follow_device (PlantRpcClient *self,
                                const char     *registry_url,
                                const char     *device)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (device != NULL);
  g_return_if_fail (plant_rpc_client_get_state (self) != PLANT_RPC_STATE_CLOSED);

  plant_rpc_client_take_follower (
      self, plant_rpc_follower_new (registry_url, device, context, &follower_funcs, self), device);
}

/**
 * plant_rpc_client_new_for_device:
 * @type: a template, as for [ctor@Client.new_for_type], or %G_TYPE_NONE for a client that is used
 *   by name
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @device: the name of a device, or else the type of any, such as `camera`
 * @error: return location for an error
 *
 * Makes a client for a device that a registry lists, wherever it is, as
 * [method@Client.follow_device] tells. Neither the device nor the registry needs to be there yet.
 *
 * Returns: (transfer full): a new client, or %NULL with %PLANT_RPC_ERROR_INVALID_INTERFACE
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_new_for_device (GType        type,
                                 const char  *registry_url,
                                 const char  *device,
                                 GError     **error)
{
  GType runtime_type = PLANT_RPC_TYPE_CLIENT;
  PlantRpcClient *self;

  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (device != NULL, NULL);

  if (type != G_TYPE_INVALID && type != G_TYPE_NONE)
    runtime_type = plant_rpc_client_type_for_type (type, error);
  if (runtime_type == G_TYPE_INVALID)
    return NULL;
  self = g_object_new (runtime_type, NULL);
  plant_rpc_client_follow_device (self, registry_url, device);
  return self;
}
