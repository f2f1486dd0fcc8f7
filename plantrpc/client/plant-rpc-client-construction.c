/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"

/* Makes clients, and the types that they are of. */

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

/* A search for a device, whose type is made once a client that is used by name has reached it. */
typedef struct {
  PlantRpcClient *finder;       /* (owned) */
  char           *registry_url; /* (owned) */
  char           *device;       /* (owned) */
  gint64          deadline;     /* monotonic time in µs, or -1 */
} Search;

static Search *
search_new (const char *registry_url,
            const char *device,
            int         timeout)
{
  Search *self = g_new0 (Search, 1);

  self->finder = plant_rpc_client_new_for_device (G_TYPE_NONE, registry_url, device, NULL);
  self->registry_url = g_strdup (registry_url);
  self->device = g_strdup (device);
  self->deadline = timeout < 0 ? -1 : g_get_monotonic_time () + (gint64) timeout * 1000;
  return self;
}

static void
search_free (gpointer data)
{
  Search *self = data;

  plant_rpc_client_close (self->finder);
  g_object_unref (self->finder);
  g_free (self->registry_url);
  g_free (self->device);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Search, search_free)

/* Ends the search. Returns the time that is left, in ms, and sets URL (transfer full) to where the
 * device is. */
static int
search_end (Search  *self,
            char   **url)
{
  *url = g_strdup (plant_rpc_client_get_url (self->finder));
  plant_rpc_client_close (self->finder);
  if (self->deadline < 0)
    return PLANT_RPC_TIMEOUT_NONE;
  return (int) (MAX (self->deadline - g_get_monotonic_time (), 0) / 1000);
}

static void
on_device_discovered (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  PlantRpcClient *client = plant_rpc_client_discover_finish (result, &error);

  if (client == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  plant_rpc_client_follow_device (client, search->registry_url, search->device);
  g_task_return_pointer (task, client, g_object_unref);
}

static void
on_device_found (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autofree char *url = NULL;
  GError *error = NULL;
  gboolean found = plant_rpc_client_wait_ready_finish (search->finder, result, &error);
  /* A language may keep the result, and with it the search, for long. */
  int timeout = search_end (search, &url);

  if (!found)
    {
      g_task_return_error (task, error);
      return;
    }
  plant_rpc_client_discover (url, timeout, g_task_get_cancellable (task), on_device_discovered,
                             g_object_ref (task));
}

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
  GTask *task;
  Search *search;

  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (device != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  search = search_new (registry_url, device, timeout);
  g_task_set_source_tag (task, plant_rpc_client_discover_device);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, search, search_free);
  plant_rpc_client_wait_ready (search->finder, timeout, cancellable, on_device_found, task);
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
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, plant_rpc_client_discover_device), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
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
  g_autoptr (Search) search = NULL;
  g_autofree char *url = NULL;
  PlantRpcClient *client;
  int left;

  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (device != NULL, NULL);

  search = search_new (registry_url, device, timeout);
  if (!plant_rpc_client_wait_ready_sync (search->finder, timeout, cancellable, error))
    return NULL;
  left = search_end (search, &url);
  client = plant_rpc_client_discover_sync (url, left, cancellable, error);
  if (client != NULL)
    plant_rpc_client_follow_device (client, registry_url, device);
  return client;
}
