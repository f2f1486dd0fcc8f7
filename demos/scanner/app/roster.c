/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "roster.h"

struct _ScannerRoster
{
  GObject parent_instance;

  ScannerLog             *log;         /* (owned) */
  GListStore             *connections; /* (owned) (element-type ScannerConnection) */
  PlantRpcRegistryClient *registry;    /* (owned) (nullable) */
};

typedef enum
{
  PROP_REGISTRY_STATE = 1,
  PROP_REGISTRY_TEXT,
} ScannerRosterProperty;

static GParamSpec *properties[PROP_REGISTRY_TEXT + 1];

static void scanner_roster_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ScannerRoster, scanner_roster, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      scanner_roster_list_model_init))

static GType
get_item_type (GListModel *model)
{
  return SCANNER_TYPE_CONNECTION;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (SCANNER_ROSTER (model)->connections));
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  return g_list_model_get_item (G_LIST_MODEL (SCANNER_ROSTER (model)->connections), position);
}

static void
scanner_roster_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static ScannerConnection *
add (ScannerRoster *self,
     const char    *name,
     const char    *device_type,
     const char    *url)
{
  g_autoptr (ScannerConnection) connection = scanner_connection_new (name, device_type, url,
                                                                    self->log);

  g_list_store_append (self->connections, connection);
  return connection;
}

/* A registry that has proved who it is vouches for the keys that it lists. */
static void
believe (ScannerRoster  *self,
         PlantRpcDevice *device)
{
  const char *name = plant_rpc_device_get_name (device);
  const char *url = plant_rpc_device_get_url (device);
  g_autoptr (PlantRpcKnownDevices) known = NULL;
  g_autoptr (GError) error = NULL;

  if (strchr (scanner_roster_get_registry (self), '#') == NULL || strchr (url, '#') == NULL)
    return;
  known = plant_rpc_known_devices_new ();
  if (!plant_rpc_known_devices_remember (known, name, url, &error))
    g_debug ("%s", error->message);
}

static void
on_devices_changed (ScannerRoster *self,
                    guint          position,
                    guint          n_removed,
                    guint          n_added)
{
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (G_LIST_MODEL (self->registry), i);
      const char *name = plant_rpc_device_get_name (device);
      ScannerConnection *connection = scanner_roster_find (self, name);

      believe (self, device);
      if (connection == NULL)
        add (self, name, plant_rpc_device_get_device_type (device),
             plant_rpc_device_get_url (device));
      else
        scanner_connection_move (connection, plant_rpc_device_get_url (device));
    }
}

static void
on_registry_changed (ScannerRoster *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGISTRY_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGISTRY_TEXT]);
}

static char *
describe_registry (ScannerRoster *self)
{
  const char *url = scanner_roster_get_registry (self);
  const GError *error;

  if (url == NULL)
    return g_strdup (_("No registry"));
  if (plant_rpc_registry_client_get_state (self->registry) == PLANT_RPC_STATE_READY)
    return g_strdup_printf (_("Devices that register at %s appear here"), url);
  error = plant_rpc_registry_client_get_last_error (self->registry);
  if (error != NULL)
    return g_strdup (error->message);
  return g_strdup_printf (_("The registry at %s is not reachable yet"), url);
}

static void
scanner_roster_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ScannerRoster *self = SCANNER_ROSTER (object);

  switch ((ScannerRosterProperty) prop_id)
    {
    case PROP_REGISTRY_STATE:
      g_value_set_enum (value, self->registry != NULL
                                 ? plant_rpc_registry_client_get_state (self->registry)
                                 : PLANT_RPC_STATE_CLOSED);
      break;
    case PROP_REGISTRY_TEXT:
      g_value_take_string (value, describe_registry (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
drop_registry (ScannerRoster *self)
{
  if (self->registry == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->registry, self);
  plant_rpc_registry_client_close (self->registry);
  g_clear_object (&self->registry);
}

static void
scanner_roster_dispose (GObject *object)
{
  ScannerRoster *self = SCANNER_ROSTER (object);

  drop_registry (self);
  for (guint i = 0; i < get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr (ScannerConnection) connection = get_item (G_LIST_MODEL (self), i);

      scanner_connection_close (connection);
    }
  g_list_store_remove_all (self->connections);
  G_OBJECT_CLASS (scanner_roster_parent_class)->dispose (object);
}

static void
scanner_roster_finalize (GObject *object)
{
  ScannerRoster *self = SCANNER_ROSTER (object);

  g_object_unref (self->connections);
  g_object_unref (self->log);
  G_OBJECT_CLASS (scanner_roster_parent_class)->finalize (object);
}

static void
scanner_roster_class_init (ScannerRosterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = scanner_roster_get_property;
  object_class->dispose = scanner_roster_dispose;
  object_class->finalize = scanner_roster_finalize;

  properties[PROP_REGISTRY_STATE] = g_param_spec_enum ("registry-state", NULL, NULL,
                                                       PLANT_RPC_TYPE_STATE,
                                                       PLANT_RPC_STATE_CLOSED, flags);
  properties[PROP_REGISTRY_TEXT] = g_param_spec_string ("registry-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_roster_init (ScannerRoster *self)
{
  self->connections = g_list_store_new (SCANNER_TYPE_CONNECTION);
  g_signal_connect_swapped (self->connections, "items-changed",
                            G_CALLBACK (g_list_model_items_changed), self);
}

ScannerRoster *
scanner_roster_new (ScannerLog *log)
{
  ScannerRoster *self = g_object_new (SCANNER_TYPE_ROSTER, NULL);

  self->log = g_object_ref (log);
  return self;
}

/* The devices of the registry before stay. */
void
scanner_roster_set_registry (ScannerRoster *self,
                             const char    *url)
{
  drop_registry (self);
  self->registry = plant_rpc_registry_client_new (url);
  g_signal_connect_swapped (self->registry, "items-changed", G_CALLBACK (on_devices_changed), self);
  g_signal_connect_swapped (self->registry, "notify::state", G_CALLBACK (on_registry_changed),
                            self);
  g_signal_connect_swapped (self->registry, "notify::last-error",
                            G_CALLBACK (on_registry_changed), self);
  on_registry_changed (self);
}

const char *
scanner_roster_get_registry (ScannerRoster *self)
{
  return self->registry != NULL ? plant_rpc_registry_client_get_url (self->registry) : NULL;
}

/* (transfer none): the device at url, which bears its address for a name. */
ScannerConnection *
scanner_roster_connect (ScannerRoster *self,
                        const char    *url)
{
  ScannerConnection *connection = scanner_roster_find (self, url);

  return connection != NULL ? connection : add (self, url, "", url);
}

void
scanner_roster_forget (ScannerRoster     *self,
                       ScannerConnection *connection)
{
  guint position;

  if (!g_list_store_find (self->connections, connection, &position))
    return;
  scanner_connection_close (connection);
  g_list_store_remove (self->connections, position);
}

/* (transfer none) (nullable) */
ScannerConnection *
scanner_roster_find (ScannerRoster *self,
                     const char    *name)
{
  for (guint i = 0; i < get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr (ScannerConnection) connection = get_item (G_LIST_MODEL (self), i);

      /* The list keeps it. */
      if (g_str_equal (scanner_connection_get_name (connection), name))
        return connection;
    }
  return NULL;
}

ScannerLog *
scanner_roster_get_log (ScannerRoster *self)
{
  return self->log;
}
