/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-discovery-private.h"

/* Makes one client by a discovery that ends with that. */

static void
on_discovered (GObject      *discovery,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (discovery);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_pointer (task, plant_rpc_discovery_steal_client (self), g_object_unref);
  else
    g_task_return_error (task, error);
  /* A language may keep the result, and with it the discovery, for long. */
  plant_rpc_discovery_close (self);
}

/* Takes ownership of DISCOVERY. */
static void
begin (PlantRpcDiscovery   *discovery,
       int                  timeout,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data,
       gpointer             tag)
{
  g_autoptr (PlantRpcDiscovery) self = discovery;
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) inner = g_task_new (self, cancellable, on_discovered, task);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_check_cancellable (inner, FALSE);
  plant_rpc_discovery_add_task (self, inner, timeout);
}

static PlantRpcClient *
finish (GAsyncResult  *result,
        gpointer       tag,
        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Takes ownership of DISCOVERY. */
static PlantRpcClient *
run (PlantRpcDiscovery  *discovery,
     int                 timeout,
     GCancellable       *cancellable,
     GError            **error)
{
  g_autoptr (PlantRpcDiscovery) self = discovery;

  if (!plant_rpc_discovery_run (self, timeout, cancellable, error))
    return NULL;
  return plant_rpc_discovery_steal_client (self);
}

/**
 * plant_rpc_client_discover:
 * @url: where the server is
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Connects to a device, learns what it offers, and makes a client of a type made for it.
 *
 * A plantrpc server tells the types of its properties. A server of Plant Imager tells their names
 * only, so a property of it holds whatever comes, exactly: an integer, a double, a text, a list, or
 * nothing. To GObject it is a [struct@GLib.Variant] of a type of its own, which is
 * transformed to and from booleans, numbers, texts and lists of texts. So it can be bound to a
 * property of any of these types, and [method@GObject.Object.get_property] reads it as any of them.
 * What is no number is 0 there, and a number beyond the type is the nearest one. The argument of
 * the signal for its changes is such a GVariant, too.
 *
 * The type stays as it is when the device comes back as another: what it lacks by then is in
 * [property@Client:missing], what is new can be used by name. A [class@Discovery] makes another
 * client then.
 *
 * Since: 1.0
 */
void
plant_rpc_client_discover (const char          *url,
                           int                  timeout,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (url != NULL);

  begin (plant_rpc_discovery_new (url), timeout, cancellable, callback, user_data,
         plant_rpc_client_discover);
}

/**
 * plant_rpc_client_discover_finish:
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Finishes an operation started with [func@Client.discover].
 *
 * The error is %G_IO_ERROR_TIMED_OUT, with the reason, if the device was not ready in time,
 * %G_IO_ERROR_HOST_NOT_FOUND at once if there is no host with the name in the URL,
 * %G_IO_ERROR_PERMISSION_DENIED at once if keys keep the client from its server,
 * %PLANT_RPC_ERROR_INVALID_URL, %PLANT_RPC_ERROR_INVALID_INTERFACE, %PLANT_RPC_ERROR_LIMIT if
 * devices have described more interfaces than this process makes types for, or
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): a client that is ready
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_finish (GAsyncResult  *result,
                                  GError       **error)
{
  return finish (result, plant_rpc_client_discover, error);
}

/**
 * plant_rpc_client_discover_sync:
 * @url: where the server is
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Connects to a device, learns what it offers, and makes a client of a type made for it; blocks
 * until that is done.
 *
 * Errors are those of [func@Client.discover_finish].
 *
 * Returns: (transfer full): a client that is ready
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_sync (const char    *url,
                                int            timeout,
                                GCancellable  *cancellable,
                                GError       **error)
{
  g_return_val_if_fail (url != NULL, NULL);

  return run (plant_rpc_discovery_new (url), timeout, cancellable, error);
}

/* ---- by the name of a device */

/**
 * plant_rpc_client_discover_device:
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @device: the name of a device, or else the type of any, such as `camera`
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Finds a device that a registry lists, learns what it offers, and makes a client of a type made
 * for it, as [func@Client.discover] does for a url.
 *
 * It waits until the device is listed and answers. The client follows the device afterwards, as
 * [method@Client.follow_device] tells.
 *
 * Since: 1.0
 */
void
plant_rpc_client_discover_device (const char          *registry_url,
                                  const char          *device,
                                  int                  timeout,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (device != NULL);

  begin (plant_rpc_discovery_new_for_device (registry_url, device), timeout, cancellable, callback,
         user_data, plant_rpc_client_discover_device);
}

/**
 * plant_rpc_client_discover_device_finish:
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Finishes an operation started with [func@Client.discover_device].
 *
 * Errors are those of [func@Client.discover_finish]; %G_IO_ERROR_TIMED_OUT tells, too, that the
 * registry does not answer or does not list the device.
 *
 * Returns: (transfer full): a client that is ready
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_device_finish (GAsyncResult  *result,
                                         GError       **error)
{
  return finish (result, plant_rpc_client_discover_device, error);
}

/**
 * plant_rpc_client_discover_device_sync:
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @device: the name of a device, or else the type of any, such as `camera`
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Finds a device that a registry lists, learns what it offers, and makes a client of a type made
 * for it; blocks until that is done.
 *
 * Errors are those of [func@Client.discover_device_finish].
 *
 * Returns: (transfer full): a client that is ready, and follows the device
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_device_sync (const char    *registry_url,
                                       const char    *device,
                                       int            timeout,
                                       GCancellable  *cancellable,
                                       GError       **error)
{
  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (device != NULL, NULL);

  return run (plant_rpc_discovery_new_for_device (registry_url, device), timeout, cancellable,
              error);
}
