/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* How a client, and the type it is of, come to be. */

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

  return g_object_new (PLANT_RPC_TYPE_CLIENT, "url", url, NULL);
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
  GType runtime_type;

  g_return_val_if_fail (url != NULL, NULL);

  runtime_type = plant_rpc_client_type_for_type (type, error);
  if (runtime_type == G_TYPE_INVALID)
    return NULL;
  return g_object_new (runtime_type, "url", url, NULL);
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
  GType runtime_type;

  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (url != NULL, NULL);

  runtime_type = plant_rpc_client_type_for_interface (info, error);
  if (runtime_type == G_TYPE_INVALID)
    return NULL;
  return g_object_new (runtime_type, "url", url, NULL);
}
