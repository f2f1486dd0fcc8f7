/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-registration-private.h"
#include "plant-rpc-source-private.h"

static const int signal_numbers[] = { SIGTERM, SIGINT };

struct _PlantRpcRegistration {
  PlantRpcServerFuncs        funcs;
  GObject                   *owner;        /* (unowned) */
  GMainContext              *context;      /* (owned) */
  PlantRpcService           *service;      /* (unowned) */
  PlantRpcRegistrationState  state;
  PlantRpcAnnouncement      *announcement; /* (owned) (nullable): since a registration began */
  GTask                     *registering;  /* (owned) (nullable): until the registry has answered */
  GSource                   *cancellation; /* (owned) (nullable): cancels REGISTERING */
  char                      *own_name;     /* (owned) (nullable): before the registry gave a name */
  GSource                   *signals[G_N_ELEMENTS (signal_numbers)]; /* (owned) (nullable) */
};

PlantRpcRegistration *
plant_rpc_registration_new (GMainContext              *context,
                            PlantRpcService           *service,
                            const PlantRpcServerFuncs *funcs,
                            GObject                   *owner)
{
  PlantRpcRegistration *self = g_new0 (PlantRpcRegistration, 1);

  self->funcs = *funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  self->service = service;
  self->state.alive_timeout = 60;
  return self;
}

void
plant_rpc_registration_free (PlantRpcRegistration *self)
{
  g_free (self->state.uuid);
  g_free (self->own_name);
  g_main_context_unref (self->context);
  g_free (self);
}

PlantRpcRegistrationState *
plant_rpc_registration_get_state (PlantRpcRegistration *self)
{
  return &self->state;
}

static void
tell (PlantRpcRegistration   *self,
      PlantRpcServerProperty  property)
{
  self->funcs.changed (self->owner, property);
}

/* ---- the signals that end a process */

static gboolean
on_signal (gpointer user_data)
{
  PlantRpcRegistration *self = user_data;
  g_autoptr (GObject) owner = g_object_ref (self->owner);

  self->funcs.stop (owner);
  return G_SOURCE_CONTINUE;
}

static void
update_signals (PlantRpcRegistration *self)
{
  gboolean wanted = self->state.in_loop && self->announcement != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (signal_numbers); i++)
    {
      if (!wanted)
        plant_rpc_source_clear (&self->signals[i]);
      if (!wanted || self->signals[i] != NULL)
        continue;
      self->signals[i] =
          plant_rpc_source_start (g_unix_signal_source_new (signal_numbers[i]), self->context,
                                  on_signal, self, "[plantrpc] signals");
      g_source_set_can_recurse (self->signals[i], FALSE);
    }
}

void
plant_rpc_registration_set_in_loop (PlantRpcRegistration *self,
                                    gboolean              in_loop)
{
  self->state.in_loop = in_loop;
  update_signals (self);
}

/* ---- what the announcement tells */

static void
apply_registered (PlantRpcRegistration           *self,
                  const PlantRpcAnnouncementNews *news)
{
  const char *uuid = news->registered ? news->uuid : NULL;

  g_object_freeze_notify (self->owner);
  if (g_strcmp0 (self->state.uuid, uuid) != 0)
    {
      g_free (self->state.uuid);
      self->state.uuid = g_strdup (uuid);
      tell (self, PLANT_RPC_SERVER_PROP_UUID);
    }
  if (news->registered)
    plant_rpc_service_set_name (self->service, news->name);
  if (self->state.registered != news->registered)
    {
      self->state.registered = news->registered;
      tell (self, PLANT_RPC_SERVER_PROP_REGISTERED);
    }
  g_object_thaw_notify (self->owner);
}

static GTask *
steal_task (PlantRpcRegistration *self)
{
  plant_rpc_source_clear (&self->cancellation);
  return g_steal_pointer (&self->registering);
}

static PlantRpcAnnouncement *
steal_announcement (PlantRpcRegistration *self)
{
  PlantRpcAnnouncement *announcement = g_steal_pointer (&self->announcement);

  plant_rpc_announcement_detach (announcement);
  plant_rpc_announcement_leave (announcement);
  update_signals (self);
  return announcement;
}

/* Takes ownership of ERROR. */
static void
end_task (GTask  *task,
          GError *error)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_task_return_error (task, error);
}

static void
end_with_name (GTask      *task,
               const char *name)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_task_return_pointer (task, g_strdup (name), g_free);
}

/* Undoes what the registration has set. A registration that is under way ends with ERROR, whose
 * ownership is taken. */
static void
forget (PlantRpcRegistration *self,
        GError               *error)
{
  static const PlantRpcAnnouncementNews nothing = { 0 };
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_autoptr (GTask) task = steal_task (self);
  g_autofree char *name = g_steal_pointer (&self->own_name);

  g_object_freeze_notify (owner);
  apply_registered (self, &nothing);
  plant_rpc_service_set_name (self->service, name);
  g_object_thaw_notify (owner);
  if (task != NULL)
    end_task (task, error);
  else
    g_clear_error (&error);
}

static void
on_news (gpointer user_data)
{
  PlantRpcRegistration *self = user_data;
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_auto (PlantRpcAnnouncementNews) news = { 0 };
  g_autoptr (GTask) task = NULL;

  plant_rpc_announcement_get_news (self->announcement, &news);
  if (news.left)
    {
      g_autoptr (PlantRpcAnnouncement) announcement = steal_announcement (self);

      forget (self, g_steal_pointer (&news.error));
      return;
    }
  /* A handler may register anew. */
  task = news.registered ? steal_task (self) : NULL;
  apply_registered (self, &news);
  if (task != NULL)
    end_with_name (task, news.name);
  if (news.abandoned && self->state.exit_without_registry)
    self->funcs.stop (owner);
}

void
plant_rpc_registration_leave (PlantRpcRegistration *self)
{
  if (self->announcement != NULL)
    plant_rpc_announcement_leave (self->announcement);
}

void
plant_rpc_registration_withdraw (PlantRpcRegistration *self,
                                 gboolean              wait)
{
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;

  if (self->announcement == NULL)
    return;
  announcement = steal_announcement (self);
  if (wait)
    plant_rpc_announcement_wait_left (announcement);
  forget (self, g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                                     _("The registration was withdrawn")));
}

void
plant_rpc_registration_abandon (PlantRpcRegistration *self)
{
  if (self->announcement == NULL)
    return;
  self->announcement = NULL;
  update_signals (self);
  forget (self, g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                                     _("The registration was withdrawn")));
}

/* ---- registering */

/* The owner's notifications are frozen, since a handler may register anew, or stop the server. */
static gboolean
announce (PlantRpcRegistration             *self,
          const PlantRpcAnnouncementSetup  *setup,
          GError                          **error)
{
  const PlantRpcServiceState *state = plant_rpc_service_get_state (self->service);
  PlantRpcAnnouncementSetup full = *setup;
  PlantRpcAnnouncement *announcement;

  full.keypair = state->keypair;
  full.endpoint = state->endpoint;
  full.port = state->port;
  full.alive_timeout = (gint64) self->state.alive_timeout * G_USEC_PER_SEC;
  if (!state->running)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_CLOSED,
                                 _("A server that does not run cannot be registered"));
  if (!plant_rpc_service_check_own (self->service, error))
    return FALSE;
  announcement = plant_rpc_announcement_new (&full, self->context, on_news, self, error);
  if (announcement == NULL)
    return FALSE;
  plant_rpc_registration_withdraw (self, FALSE);
  self->own_name = g_strdup (state->name);
  self->announcement = announcement;
  update_signals (self);
  return TRUE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  PlantRpcRegistration *self = user_data;
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_autoptr (GTask) task = steal_task (self);
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  plant_rpc_registration_withdraw (self, FALSE);
  outside = plant_rpc_home_step_out ();
  /* The cancellable may have been reset since. */
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", g_strerror (ECANCELED));
  return G_SOURCE_REMOVE;
}

/* Takes ownership of TASK. */
static void
keep_task (PlantRpcRegistration *self,
           GTask                *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->registering = task;
  if (cancellable == NULL)
    return;
  self->cancellation =
      plant_rpc_source_new_cancelled (cancellable, self->context, on_cancelled, self);
}

void
plant_rpc_registration_register (PlantRpcRegistration            *self,
                                 const PlantRpcAnnouncementSetup *setup,
                                 GTask                           *task)
{
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_autoptr (GTask) owned = task;
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  g_object_freeze_notify (owner);
  if (announce (self, setup, &error))
    keep_task (self, g_steal_pointer (&owned));
  else
    g_task_return_error (task, error);
  g_object_thaw_notify (owner);
}

char *
plant_rpc_registration_register_sync (PlantRpcRegistration             *self,
                                      const PlantRpcAnnouncementSetup  *setup,
                                      GCancellable                     *cancellable,
                                      GError                          **error)
{
  g_autoptr (GObject) owner = g_object_ref (self->owner);
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;
  g_auto (PlantRpcAnnouncementNews) news = { 0 };

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  g_object_freeze_notify (owner);
  if (announce (self, setup, error))
    announcement = plant_rpc_announcement_ref (self->announcement);
  g_object_thaw_notify (owner);
  if (announcement == NULL)
    return NULL;
  if (announcement != self->announcement)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_CLOSED,
                                      _("The registration was withdrawn"));
  plant_rpc_announcement_wait (announcement, cancellable);
  plant_rpc_announcement_get_news (announcement, &news);
  if (news.registered)
    {
      if (announcement == self->announcement)
        apply_registered (self, &news);
      return g_strdup (news.name);
    }
  if (announcement == self->announcement)
    plant_rpc_registration_withdraw (self, FALSE);
  if (news.error != NULL)
    g_propagate_error (error, g_steal_pointer (&news.error));
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    plant_rpc_error_fail (error, PLANT_RPC_ERROR_CLOSED, _("The registration was withdrawn"));
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
start_unregistering (PlantRpcRegistration  *self,
                     GError               **error)
{
  g_autoptr (PlantRpcAnnouncement) announcement = NULL;

  if (!plant_rpc_service_check_own (self->service, error))
    return NULL;
  if (self->announcement == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _("The server is not registered"));
      return NULL;
    }
  announcement = plant_rpc_announcement_ref (self->announcement);
  plant_rpc_registration_withdraw (self, FALSE);
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

void
plant_rpc_registration_unregister (PlantRpcRegistration *self,
                                   GTask                *task)
{
  g_autoptr (GTask) owned = task;
  GError *error = NULL;
  PlantRpcAnnouncement *announcement = start_unregistering (self, &error);

  if (announcement == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, announcement, (GDestroyNotify) plant_rpc_announcement_unref);
  g_task_run_in_thread (task, wait_in_thread);
}

gboolean
plant_rpc_registration_unregister_sync (PlantRpcRegistration  *self,
                                        GError               **error)
{
  g_autoptr (PlantRpcAnnouncement) announcement = start_unregistering (self, error);

  return announcement != NULL && wait_withdrawn (announcement, error);
}
