/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>

#include "plant-rpc-error.h"
#include "plant-rpc-server-private.h"
#include "plant-rpc-source-private.h"

/* ---- the signals that end a process */

static gboolean
on_signal (gpointer user_data)
{
  plant_rpc_server_stop (user_data);
  return G_SOURCE_CONTINUE;
}

void
plant_rpc_server_update_signals (PlantRpcServer *self)
{
  static const int numbers[] = { SIGTERM, SIGINT };
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  gboolean wanted = priv->loop != NULL && priv->announcement != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (!wanted)
        plant_rpc_source_clear (&priv->signals[i]);
      if (!wanted || priv->signals[i] != NULL)
        continue;
      priv->signals[i] = g_unix_signal_source_new (numbers[i]);
      g_source_set_static_name (priv->signals[i], "[plantrpc] signals");
      g_source_set_callback (priv->signals[i], on_signal, self, NULL);
      g_source_attach (priv->signals[i], priv->context);
    }
}

/* ---- what the announcement tells */

static void
apply_registered (PlantRpcServer                 *self,
                  const PlantRpcAnnouncementNews *news)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  const char *uuid = news->registered ? news->uuid : NULL;

  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (priv->registry_uuid, uuid) != 0)
    {
      g_free (priv->registry_uuid);
      priv->registry_uuid = g_strdup (uuid);
      g_object_notify (G_OBJECT (self), "uuid");
    }
  if (news->registered)
    plant_rpc_server_set_name (self, news->name);
  if (priv->registered != news->registered)
    {
      priv->registered = news->registered;
      g_object_notify (G_OBJECT (self), "registered");
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static GTask *
steal_task (PlantRpcServerPrivate *priv)
{
  plant_rpc_source_clear (&priv->cancellation);
  return g_steal_pointer (&priv->registering);
}

static PlantRpcAnnouncement *
steal_announcement (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  PlantRpcAnnouncement *announcement = g_steal_pointer (&priv->announcement);

  plant_rpc_announcement_detach (announcement);
  plant_rpc_announcement_leave (announcement);
  plant_rpc_server_update_signals (self);
  return announcement;
}

/* Undoes what the registration has set. A registration that is under way ends with ERROR, whose
 * ownership is taken. */
static void
forget (PlantRpcServer *self,
        GError         *error)
{
  static const PlantRpcAnnouncementNews nothing = { 0 };
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_autoptr (GTask) task = steal_task (priv);
  g_autofree char *name = g_steal_pointer (&priv->own_name);

  apply_registered (self, &nothing);
  plant_rpc_server_set_name (self, name);
  if (task != NULL)
    g_task_return_error (task, error);
  else
    g_clear_error (&error);
}

static void
on_news (gpointer owner)
{
  g_autoptr (PlantRpcServer) self = g_object_ref (owner);
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_auto (PlantRpcAnnouncementNews) news = { 0 };
  g_autoptr (GTask) task = NULL;

  plant_rpc_announcement_get_news (priv->announcement, &news);
  if (news.left)
    {
      g_autoptr (PlantRpcAnnouncement) announcement = steal_announcement (self);

      forget (self, g_steal_pointer (&news.error));
      return;
    }
  apply_registered (self, &news);
  task = news.registered ? steal_task (priv) : NULL;
  if (task != NULL)
    g_task_return_pointer (task, g_strdup (news.name), g_free);
  if (news.abandoned && priv->exit_without_registry)
    plant_rpc_server_stop (self);
}

void
plant_rpc_server_withdraw (PlantRpcServer *self,
                           gboolean        wait)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;

  if (priv->announcement == NULL)
    return;
  announcement = steal_announcement (self);
  if (wait)
    plant_rpc_announcement_wait_left (announcement);
  forget (self, g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                                     _("The registration was withdrawn")));
}

/* ---- registering */

static gboolean
announce (PlantRpcServer  *self,
          const char      *device_type,
          const char      *name,
          const char      *registry_url,
          gboolean         overwrite,
          GError         **error)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = registry_url,
    .device_type = device_type,
    .name = name != NULL ? name : "",
    .overwrite = overwrite,
    .endpoint = priv->endpoint,
    .port = plant_rpc_server_get_port (self),
    .alive_timeout = (gint64) priv->alive_timeout * G_USEC_PER_SEC,
  };
  PlantRpcAnnouncement *announcement;

  if (priv->dispatcher == NULL)
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                           _("A server that does not run cannot be registered"));
      return FALSE;
    }
  announcement = plant_rpc_announcement_new (&setup, priv->context, on_news, self, error);
  if (announcement == NULL)
    return FALSE;
  plant_rpc_server_withdraw (self, FALSE);
  priv->own_name = g_strdup (priv->name);
  priv->announcement = announcement;
  plant_rpc_server_update_signals (self);
  return TRUE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr (PlantRpcServer) self = g_object_ref (user_data);
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_autoptr (GTask) task = steal_task (priv);

  plant_rpc_server_withdraw (self, FALSE);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/**
 * plant_rpc_server_register_to_registry:
 * @self: a server that runs
 * @device_type: what kind of device it is, such as `camera`
 * @name: (nullable): the name to ask for; empty or %NULL to let the registry choose
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @overwrite: whether a device that has the name already is to be removed
 * @cancellable: (nullable): cancels it, and withdraws what was registered meanwhile
 * @callback: (scope async): called in the context of the server once the registry has accepted it
 * @user_data: data for @callback
 *
 * Registers the server with a registry.
 *
 * It waits for a registry that is not there yet, without limit. Once accepted, the server stays
 * registered: signs of life are sent from a thread of their own, whatever the handlers do; where
 * the registry was restarted, or has forgotten the server, it registers again under its present
 * name. [property@Server:registered] tells how it stands, [property@Server:name] the accepted name.
 * It is withdrawn when the server is stopped, by whatever means, or goes.
 *
 * The registry is told one address that clients can connect to: where the server listens on all
 * interfaces, it is the one from which the registry is reached.
 *
 * A server is registered with one registry at most: with the former it is withdrawn.
 *
 * Fails with %PLANT_RPC_ERROR_CLOSED if the server does not run or is stopped,
 * %PLANT_RPC_ERROR_INVALID_URL, and %PLANT_RPC_ERROR_REFUSED if the registry does not want it.
 *
 * Counterpart of `RPCServer.register_to_registry`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_register_to_registry (PlantRpcServer      *self,
                                       const char          *device_type,
                                       const char          *name,
                                       const char          *registry_url,
                                       gboolean             overwrite,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  PlantRpcServerPrivate *priv;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (device_type != NULL);
  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  priv = plant_rpc_server_get_private (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_register_to_registry);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!announce (self, device_type, name, registry_url, overwrite, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  priv->registering = g_steal_pointer (&task);
  if (cancellable == NULL)
    return;
  priv->cancellation = g_cancellable_source_new (cancellable);
  g_source_set_static_name (priv->cancellation, "[plantrpc] cancellation");
  g_source_set_callback (priv->cancellation, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (priv->cancellation, priv->context);
}

/**
 * plant_rpc_server_register_to_registry_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends what [method@Server.register_to_registry] began.
 *
 * Errors are those of [method@Server.register_to_registry], with %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the name that the registry accepted, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
plant_rpc_server_register_to_registry_finish (PlantRpcServer  *self,
                                              GAsyncResult    *result,
                                              GError         **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * plant_rpc_server_register_to_registry_sync:
 * @self: a server that runs
 * @device_type: what kind of device it is, such as `camera`
 * @name: (nullable): the name to ask for; empty or %NULL to let the registry choose
 * @registry_url: where the registry is
 * @overwrite: whether a device that has the name already is to be removed
 * @cancellable: (nullable): cancels it, from another thread
 * @error: return location for an error
 *
 * Registers the server with a registry, as [method@Server.register_to_registry] does, and waits
 * until that has accepted it. No request is served meanwhile. A registry that is not there is
 * waited for without limit: only @cancellable ends that.
 *
 * Errors are those of [method@Server.register_to_registry_finish].
 *
 * Returns: (transfer full): the name that the registry accepted, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
plant_rpc_server_register_to_registry_sync (PlantRpcServer  *self,
                                            const char      *device_type,
                                            const char      *name,
                                            const char      *registry_url,
                                            gboolean         overwrite,
                                            GCancellable    *cancellable,
                                            GError         **error)
{
  PlantRpcServerPrivate *priv;
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  g_return_val_if_fail (device_type != NULL, NULL);
  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  priv = plant_rpc_server_get_private (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !announce (self, device_type, name, registry_url, overwrite, error))
    return NULL;
  plant_rpc_announcement_wait (priv->announcement, cancellable);
  plant_rpc_announcement_get_news (priv->announcement, &news);
  if (news.registered)
    {
      apply_registered (self, &news);
      return g_strdup (news.name);
    }
  plant_rpc_server_withdraw (self, FALSE);
  if (news.error != NULL)
    g_propagate_error (error, g_steal_pointer (&news.error));
  else
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return NULL;
}

/* ---- unregistering */

static gboolean
wait_withdrawn (PlantRpcAnnouncement  *announcement,
                GError               **error)
{
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  plant_rpc_announcement_wait_left (announcement);
  plant_rpc_announcement_get_news (announcement, &news);
  if (!news.withdrawn)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                         _("The registry has not confirmed it; it will forget by itself"));
  return news.withdrawn;
}

/* Returns NULL if there is none. */
static PlantRpcAnnouncement *
start_unregistering (PlantRpcServer  *self,
                     GError         **error)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;

  if (priv->announcement == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _("The server is not registered"));
      return NULL;
    }
  announcement = plant_rpc_announcement_ref (priv->announcement);
  plant_rpc_server_withdraw (self, FALSE);
  return g_steal_pointer (&announcement);
}

static void
wait_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;

  if (wait_withdrawn (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * plant_rpc_server_unregister:
 * @self: a server
 * @cancellable: (nullable): cancels the waiting for the registry's answer
 * @callback: (scope async): called in the context of the server once the registry has answered, or
 *   has not for a second
 * @user_data: data for @callback
 *
 * Withdraws the server from its registry. It goes on serving, under the name that it had before.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if it is not registered, and with %G_IO_ERROR_TIMED_OUT if the
 * registry has not confirmed it; withdrawn it is in either case.
 *
 * Counterpart of `unregister_device`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_unregister (PlantRpcServer      *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  PlantRpcAnnouncement *announcement;
  GError *error = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_unregister);
  announcement = start_unregistering (self, &error);
  if (announcement == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, announcement, (GDestroyNotify) plant_rpc_announcement_unref);
  g_task_run_in_thread (task, wait_in_thread);
}

/**
 * plant_rpc_server_unregister_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends what [method@Server.unregister] began.
 *
 * Errors are those of [method@Server.unregister], with %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether the registry has confirmed it
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_unregister_finish (PlantRpcServer  *self,
                                    GAsyncResult    *result,
                                    GError         **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * plant_rpc_server_unregister_sync:
 * @self: a server
 * @cancellable: (nullable): if cancelled already, nothing is done
 * @error: return location for an error
 *
 * Withdraws the server from its registry, as [method@Server.unregister] does, and waits for the
 * registry's answer, for a second at most.
 *
 * Errors are those of [method@Server.unregister_finish].
 *
 * Returns: whether the registry has confirmed it
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_unregister_sync (PlantRpcServer  *self,
                                  GCancellable    *cancellable,
                                  GError         **error)
{
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  announcement = start_unregistering (self, error);
  return announcement != NULL && wait_withdrawn (announcement, error);
}

/* ---- properties */

/**
 * plant_rpc_server_get_registered:
 * @self: a server
 *
 * Tells whether a registry lists the server, as far as is known.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_registered (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  return plant_rpc_server_get_private (self)->registered;
}

/**
 * plant_rpc_server_get_alive_timeout:
 * @self: a server
 *
 * Gets after how much silence a registry is to forget the server.
 *
 * Returns: the time in s
 *
 * Since: 1.0
 */
guint
plant_rpc_server_get_alive_timeout (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);
  return plant_rpc_server_get_private (self)->alive_timeout;
}

/**
 * plant_rpc_server_set_alive_timeout:
 * @self: a server
 * @seconds: the time in s, more than 0
 *
 * Sets after how much silence a registry is to forget the server, for registrations made later.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_alive_timeout (PlantRpcServer *self,
                                    guint           seconds)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (seconds > 0);

  priv = plant_rpc_server_get_private (self);
  if (priv->alive_timeout == seconds)
    return;
  priv->alive_timeout = seconds;
  g_object_notify (G_OBJECT (self), "alive-timeout");
}

/**
 * plant_rpc_server_get_exit_without_registry:
 * @self: a server
 *
 * Tells whether the server stops when its registry is gone.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_exit_without_registry (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  return plant_rpc_server_get_private (self)->exit_without_registry;
}

/**
 * plant_rpc_server_set_exit_without_registry:
 * @self: a server
 * @exit: whether it stops
 *
 * Sets whether the server stops when its registry is gone; at first it goes on.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_exit_without_registry (PlantRpcServer *self,
                                            gboolean        exit)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_private (self);
  if (priv->exit_without_registry == !!exit)
    return;
  priv->exit_without_registry = !!exit;
  g_object_notify (G_OBJECT (self), "exit-without-registry");
}
