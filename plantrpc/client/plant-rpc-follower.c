/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-follower-private.h"
#include "plant-rpc-known-devices.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-public-key-private.h"
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
  gboolean                     secured;      /* TRUE: the registry has proved that it has its key */
  PlantRpcUnknownDevices       unknown;
  char                        *unknown_name; /* (owned) (nullable): of a device that waits to be
                                                accepted */
  char                        *unknown_url;  /* (owned) (nullable): likewise */
  char                        *unknown_key;  /* (owned) (nullable): likewise */
};

/* µs between two looks at the file of the known devices while a device is refused */
#define LOOK_INTERVAL (2 * G_USEC_PER_SEC)

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

/* ---- whether the device is the one that is known */

/* All are NULL if no device waits. */
static void
set_unknown (PlantRpcFollower *self,
             const char       *name,
             const char       *url)
{
  g_autoptr (PlantRpcEndpoint) endpoint = url != NULL ? plant_rpc_endpoint_parse (url, NULL) : NULL;
  const char *key = endpoint != NULL ? endpoint->key : NULL;
  gboolean changed = g_strcmp0 (key, self->unknown_key) != 0;

  g_free (self->unknown_name);
  self->unknown_name = g_strdup (name);
  g_free (self->unknown_url);
  self->unknown_url = g_strdup (url);
  g_free (self->unknown_key);
  self->unknown_key = g_strdup (key);
  if (changed)
    self->funcs->asked (self->owner);
}

/* A registry that has proved who it is vouches for the key, also where nothing can be written. */
static gboolean
remember (PlantRpcFollower      *self,
          PlantRpcKnownDevices  *known,
          const char            *name,
          const char            *url,
          GError               **error)
{
  g_autoptr (GError) failure = NULL;

  if (plant_rpc_known_devices_remember (known, name, url, &failure))
    return TRUE;
  if (!self->secured || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  plant_rpc_message ("The key of “%s” is not remembered: %s", name, failure->message);
  return TRUE;
}

/* Fails with G_IO_ERROR_PENDING while the user is asked. */
static gboolean
check_device (PlantRpcFollower  *self,
              const char        *name,
              const char        *url,
              GError           **error)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) failure = NULL;

  if (plant_rpc_known_devices_check (known, name, url, &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      if (self->secured || self->unknown == PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW)
        return remember (self, known, name, url, error);
      if (self->unknown == PLANT_RPC_UNKNOWN_DEVICES_ASK)
        failure->code = G_IO_ERROR_PENDING;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
is_trusted (PlantRpcFollower *self,
            const char       *name,
            const char       *url)
{
  g_autoptr (GError) error = NULL;
  gboolean trusted = check_device (self, name, url, &error);
  gboolean asks = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING);

  set_unknown (self, asks ? name : NULL, asks ? url : NULL);
  if (trusted)
    return TRUE;
  /* Without the file nobody can tell whether the key has changed. */
  if (error->domain == G_IO_ERROR && !asks)
    error->code = G_IO_ERROR_PERMISSION_DENIED;
  /* The device may be remembered, or forgotten, by another program. */
  g_source_set_ready_time (self->look, g_get_monotonic_time () + LOOK_INTERVAL);
  self->funcs->refused (self->owner, error);
  return FALSE;
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
  if (g_strcmp0 (url, self->url) != 0 &&
      !is_trusted (self, plant_rpc_device_get_name (device), url))
    return;
  g_free (self->name);
  self->name = g_strdup (plant_rpc_device_get_name (device));
  if (g_strcmp0 (url, self->url) == 0)
    {
      set_unknown (self, NULL, NULL);
      return;
    }
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
                        const PlantRpcFollowerTrust *trust,
                        GMainContext                *context,
                        const PlantRpcFollowerFuncs *funcs,
                        gpointer                     owner)
{
  PlantRpcFollower *self = g_new0 (PlantRpcFollower, 1);
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (registry_url, NULL);

  self->device = g_strdup (device);
  self->funcs = funcs;
  self->owner = owner;
  self->look = plant_rpc_source_new_alarm (context, on_look, self, "[plantrpc] follower");
  plant_rpc_home_set_birthplace (context);
  self->secured = endpoint != NULL && endpoint->key != NULL;
  self->unknown = trust->unknown;
  self->registry = g_object_new (PLANT_RPC_TYPE_REGISTRY_CLIENT, "url", registry_url, "keypair",
                                 trust->keypair, NULL);
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
  g_free (self->unknown_name);
  g_free (self->unknown_url);
  g_free (self->unknown_key);
  g_free (self);
}

void
plant_rpc_follower_set_trust (PlantRpcFollower            *self,
                              const PlantRpcFollowerTrust *trust)
{
  plant_rpc_registry_client_set_keypair (self->registry, trust->keypair);
  self->unknown = trust->unknown;
  plant_rpc_follower_check (self);
}

const char *
plant_rpc_follower_get_unknown_key (PlantRpcFollower *self)
{
  return self->unknown_key;
}

gboolean
plant_rpc_follower_accept (PlantRpcFollower  *self,
                           const char        *key,
                           GError           **error)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  char canonical[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  if (plant_rpc_public_key_parse (key, bytes))
    plant_rpc_public_key_print (bytes, canonical);
  else
    *canonical = '\0';
  if (g_strcmp0 (canonical, self->unknown_key) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _("No device with that key waits to be accepted"));
      return FALSE;
    }
  if (!plant_rpc_known_devices_remember (known, self->unknown_name, self->unknown_url, error))
    return FALSE;
  plant_rpc_follower_check (self);
  return TRUE;
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
  gint64 look = g_source_get_ready_time (self->look);
  gint64 deadline = plant_rpc_registry_client_get_deadline (self->registry);

  if (look < 0 || deadline < 0)
    return MAX (look, deadline);
  return MIN (look, deadline);
}

static void
process (gpointer user_data)
{
  PlantRpcFollower *self = user_data;

  plant_rpc_registry_client_process (self->registry);
  if (g_source_get_ready_time (self->look) >= 0 &&
      g_source_get_ready_time (self->look) <= g_get_monotonic_time ())
    look (self);
}

const PlantRpcCompanion plant_rpc_follower_companion = {
  .fill_poll = fill_poll,
  .get_deadline = get_deadline,
  .process = process,
};
