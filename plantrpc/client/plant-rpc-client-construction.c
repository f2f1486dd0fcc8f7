/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* Makes clients, and the types that they are of. */

/* Returns NULL if the type could not be made, and so is G_TYPE_INVALID. */
static PlantRpcClient *
create (GType       type,
        const char *url)
{
  return type != G_TYPE_INVALID ? g_object_new (type, "url", url, NULL) : NULL;
}

/**
 * plant_rpc_client_new:
 * @url: where the server is
 *
 * Makes a client that is used by name. It connects by itself.
 *
 * Returns: (transfer full): a new client
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_new (const char *url)
{
  g_return_val_if_fail (url != NULL, NULL);

  return create (PLANT_RPC_TYPE_CLIENT, url);
}

/**
 * plant_rpc_client_type_for_type:
 * @type: a template: an interface or a class that declares properties and signals
 * @error: return location for an error
 *
 * Gets the type of clients made for a template, to be instantiated or subclassed.
 *
 * The same template always gives the same type. It may be called from any thread.
 *
 * Returns: a subclass of [class@Client], or %G_TYPE_INVALID with %PLANT_RPC_ERROR_INVALID_INTERFACE
 *   if a member of the template cannot be remote
 *
 * Since: 1.0
 */
GType
plant_rpc_client_type_for_type (GType    type,
                                GError **error)
{
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_for_type (type, error);

  if (info == NULL)
    return G_TYPE_INVALID;
  return plant_rpc_client_make_type (info, type, NULL, error);
}

/**
 * plant_rpc_client_type_for_interface:
 * @info: what devices offer
 * @error: return location for an error
 *
 * Gets the type of clients made for an interface, to be instantiated or subclassed.
 *
 * Interfaces read from the same description give the same type; one made from a template has a type
 * of its own. It may be called from any thread.
 *
 * Returns: a subclass of [class@Client], or %G_TYPE_INVALID with %PLANT_RPC_ERROR_INVALID_INTERFACE
 *   if a member cannot be a GObject member
 *
 * Since: 1.0
 */
GType
plant_rpc_client_type_for_interface (PlantRpcInterfaceInfo  *info,
                                     GError                **error)
{
  g_return_val_if_fail (info != NULL, G_TYPE_INVALID);

  return plant_rpc_client_make_type (info, G_TYPE_INVALID, NULL, error);
}

/**
 * plant_rpc_client_new_for_type:
 * @type: a template: an interface or a class that declares properties and signals
 * @url: where the server is
 * @error: return location for an error
 *
 * Makes a client that has the properties and signals of a template.
 *
 * It exists at once with the declared defaults, before the device is switched on, and becomes ready
 * by itself. Members that the device lacks are listed in [property@Client:missing]; the rest works.
 * Counterpart of `RPCClient.register_interface`.
 *
 * Returns: (transfer full): a new client, or %NULL with %PLANT_RPC_ERROR_INVALID_INTERFACE
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_new_for_type (GType        type,
                               const char  *url,
                               GError     **error)
{
  g_return_val_if_fail (url != NULL, NULL);

  return create (plant_rpc_client_type_for_type (type, error), url);
}

/**
 * plant_rpc_client_new_for_interface:
 * @info: what the device offers
 * @url: where the server is
 * @error: return location for an error
 *
 * Makes a client that has the properties and signals of an interface, as read from a file.
 *
 * Returns: (transfer full): a new client, or %NULL with %PLANT_RPC_ERROR_INVALID_INTERFACE
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_new_for_interface (PlantRpcInterfaceInfo  *info,
                                    const char             *url,
                                    GError                **error)
{
  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (url != NULL, NULL);

  return create (plant_rpc_client_type_for_interface (info, error), url);
}

/* ---- by the name of a device */

static void
on_missing (gpointer      owner,
            const GError *reason)
{
  g_autoptr (PlantRpcClient) self = g_object_ref (owner);

  /* A client that was given a URL uses it until the device is found. */
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

  /* A client that was given the URL of the device has moved there already. */
  if (g_strcmp0 (plant_rpc_client_get_url (self), url) != 0 || !is_content (self))
    plant_rpc_client_move (self, url);
}

/* A connection that stands goes to the device that is known. */
static void
on_refused (gpointer      owner,
            const GError *reason)
{
  g_autoptr (PlantRpcClient) self = g_object_ref (owner);

  if (!is_content (self))
    plant_rpc_session_explain (plant_rpc_client_get_session (self), reason);
}

static void
on_asked (gpointer owner)
{
  plant_rpc_client_note_unknown_key (owner);
}

static const PlantRpcFollowerFuncs follower_funcs = {
  .found = on_found,
  .refused = on_refused,
  .asked = on_asked,
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
 * must be a [class@Registry]. The URL of a secured one ends with its key, after a `#`.
 *
 * A registry may list a device with a key. If the device is among the user's [class@KnownDevices],
 * the client goes to it only if the key is the one that is known. If the key is another, or is
 * missing, [property@Client:last-error] is %G_IO_ERROR_PERMISSION_DENIED until the device was
 * forgotten. If the device is not known, the client remembers the key that a secured registry
 * lists, and does what [property@Client:unknown-devices] says for one that is not secured. A device
 * that has no key, and is not known, is connected to as it is.
 *
 * Since: 1.0
 */
void
plant_rpc_client_follow_device (PlantRpcClient *self,
                                const char     *registry_url,
                                const char     *device)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcFollowerTrust trust;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (device != NULL);
  g_return_if_fail (plant_rpc_client_get_state (self) != PLANT_RPC_STATE_CLOSED);

  hold = plant_rpc_client_enter (self);
  trust = plant_rpc_client_get_trust (self);
  plant_rpc_client_take_follower (
      self,
      plant_rpc_follower_new (registry_url, device, &trust,
                              plant_rpc_home_get_context (plant_rpc_client_get_home (self)),
                              &follower_funcs, self),
      device);
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
  self = create (runtime_type, NULL);
  if (self != NULL)
    plant_rpc_client_follow_device (self, registry_url, device);
  return self;
}
