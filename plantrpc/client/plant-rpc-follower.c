/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-follower-private.h"
#include "plant-rpc-registry-client-private.h"
#include "plant-rpc-source-private.h"

struct _PlantRpcFollower {
  PlantRpcRegistryClient      *registry; /* (owned) */
  char                        *device;   /* (owned): what is looked for */
  const PlantRpcFollowerFuncs *funcs;
  gpointer                     owner;
  GSource                     *look; /* (owned) */
  char                        *name; /* (owned) (nullable): of the device found last */
  char                        *url;  /* (owned) (nullable): likewise */
};

static PlantRpcDevice *
find_of_type (PlantRpcFollower *self)
{
  GListModel *model = G_LIST_MODEL (self->registry);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (model, i);

      /* The list keeps a reference. */
      if (g_str_equal (plant_rpc_device_get_device_type (device), self->device))
        return device;
    }
  return NULL;
}

/* Returns the device of that name, or else the device that was found before. If there is neither,
 * or if that one does not serve its purpose, it returns any device of the type. */
static PlantRpcDevice *
find (PlantRpcFollower *self)
{
  PlantRpcDevice *device = plant_rpc_registry_client_find_device (self->registry, self->device);

  if (device == NULL && self->name != NULL)
    device = plant_rpc_registry_client_find_device (self->registry, self->name);
  if (device == NULL && (self->name == NULL || !self->funcs->is_content (self->owner)))
    device = find_of_type (self);
  return device;
}

static void
tell_missing (PlantRpcFollower *self)
{
  const GError *reason = plant_rpc_registry_client_get_last_error (self->registry);
  const char *url = plant_rpc_registry_client_get_url (self->registry);
  g_autoptr (GError) error = NULL;

  if (reason != NULL)
    error = g_error_copy (reason);
  else if (plant_rpc_registry_client_get_state (self->registry) == PLANT_RPC_STATE_READY)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 /* Translators: the name of a device, and the address of a registry */
                 _("No “%s” is registered at “%s” yet"), self->device, url);
  else
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                 _("The registry at “%s” is not connected yet"), url);
  self->funcs->missing (self->owner, error);
}

static void
look (PlantRpcFollower *self)
{
  PlantRpcDevice *device;
  const char *url;

  g_source_set_ready_time (self->look, -1);
  device = find (self);
  if (device == NULL && self->url == NULL)
    tell_missing (self);
  if (device == NULL)
    return;
  url = plant_rpc_device_get_url (device);
  g_free (self->name);
  self->name = g_strdup (plant_rpc_device_get_name (device));
  if (g_strcmp0 (url, self->url) == 0)
    return;
  g_free (self->url);
  self->url = g_strdup (url);
  self->funcs->found (self->owner, self->url);
}

static gboolean
on_look (gpointer user_data)
{
  look (user_data);
  return G_SOURCE_CONTINUE;
}

/* A device that registers again leaves the list for a moment. So the list is searched only after
 * all of its changes have been notified. */
void
plant_rpc_follower_check (PlantRpcFollower *self)
{
  g_source_set_ready_time (self->look, 0);
}

static void
on_registry (gpointer user_data)
{
  plant_rpc_follower_check (user_data);
}

PlantRpcFollower *
plant_rpc_follower_new (const char                  *registry_url,
                        const char                  *device,
                        GMainContext                *context,
                        const PlantRpcFollowerFuncs *funcs,
                        gpointer                     owner)
{
  PlantRpcFollower *self = g_new0 (PlantRpcFollower, 1);

  self->device = g_strdup (device);
  self->funcs = funcs;
  self->owner = owner;
  self->look = plant_rpc_source_new_alarm (context, on_look, self, "[plantrpc] follower");
  plant_rpc_home_set_birthplace (context);
  self->registry = plant_rpc_registry_client_new (registry_url);
  plant_rpc_home_set_birthplace (NULL);
  plant_rpc_registry_client_set_watch (self->registry, on_registry, self);
  plant_rpc_follower_check (self);
  return self;
}

void
plant_rpc_follower_free (PlantRpcFollower *self)
{
  plant_rpc_registry_client_set_watch (self->registry, NULL, NULL);
  plant_rpc_registry_client_close (self->registry);
  g_object_unref (self->registry);
  plant_rpc_source_clear (&self->look);
  g_free (self->device);
  g_free (self->name);
  g_free (self->url);
  g_free (self);
}

static guint
fill_poll (gpointer        user_data,
           zmq_pollitem_t *items)
{
  return plant_rpc_registry_client_fill_poll (((PlantRpcFollower *) user_data)->registry, items);
}

static gint64
get_deadline (gpointer user_data)
{
  PlantRpcFollower *self = user_data;

  if (g_source_get_ready_time (self->look) >= 0)
    return g_source_get_ready_time (self->look);
  return plant_rpc_registry_client_get_deadline (self->registry);
}

static void
process (gpointer user_data)
{
  PlantRpcFollower *self = user_data;

  plant_rpc_registry_client_process (self->registry);
  if (g_source_get_ready_time (self->look) >= 0)
    look (self);
}

const PlantRpcCompanion plant_rpc_follower_companion = {
  .fill_poll = fill_poll,
  .get_deadline = get_deadline,
  .process = process,
};
