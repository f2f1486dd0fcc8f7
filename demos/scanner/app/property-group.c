/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "property-group.h"

struct _ScannerPropertyGroup
{
  AdwPreferencesGroup parent_instance;

  PlantRpcClient *client; /* (owned) (nullable) */
  GPtrArray      *rows;   /* (element-type ScannerPropertyRow) */
};

typedef enum
{
  PROP_CLIENT = 1,
} ScannerPropertyGroupProperty;

G_DEFINE_FINAL_TYPE (ScannerPropertyGroup, scanner_property_group, ADW_TYPE_PREFERENCES_GROUP)

/* What can be changed comes first, and first of that what is small. */
static int
rank (PlantRpcPropertyInfo *property)
{
  const char *type_string = plant_rpc_property_info_get_type_string (property);

  if (!plant_rpc_property_info_get_writable (property))
    return 2;
  return g_str_equal (type_string, "v") || g_str_equal (type_string, "a{sv}") ? 1 : 0;
}

static void
add_rows (ScannerPropertyGroup *self)
{
  PlantRpcInterfaceInfo *info = plant_rpc_client_get_interface (self->client);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; i < 3 * g_strv_length (names); i++)
    {
      const char *name = names[i % g_strv_length (names)];
      PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, name);
      GtkWidget *row;

      if (rank (property) != (int) (i / g_strv_length (names)))
        continue;
      row = scanner_property_row_new (self->client, property);
      g_ptr_array_add (self->rows, row);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
    }
}

static void
remove_rows (ScannerPropertyGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
}

static void
scanner_property_group_set_property (GObject      *object,
                                     guint         prop_id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  ScannerPropertyGroup *self = SCANNER_PROPERTY_GROUP (object);

  switch ((ScannerPropertyGroupProperty) prop_id)
    {
    case PROP_CLIENT:
      if (!g_set_object (&self->client, g_value_get_object (value)))
        break;
      remove_rows (self);
      if (self->client != NULL)
        add_rows (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_property_group_dispose (GObject *object)
{
  ScannerPropertyGroup *self = SCANNER_PROPERTY_GROUP (object);

  g_clear_object (&self->client);
  G_OBJECT_CLASS (scanner_property_group_parent_class)->dispose (object);
}

static void
scanner_property_group_finalize (GObject *object)
{
  g_ptr_array_unref (SCANNER_PROPERTY_GROUP (object)->rows);
  G_OBJECT_CLASS (scanner_property_group_parent_class)->finalize (object);
}

static void
scanner_property_group_class_init (ScannerPropertyGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = scanner_property_group_set_property;
  object_class->dispose = scanner_property_group_dispose;
  object_class->finalize = scanner_property_group_finalize;
  g_object_class_install_property (
      object_class, PROP_CLIENT,
      g_param_spec_object ("client", NULL, NULL, PLANT_RPC_TYPE_CLIENT,
                           G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
}

static void
scanner_property_group_init (ScannerPropertyGroup *self)
{
  self->rows = g_ptr_array_new ();
}

/* (transfer none) (nullable): name as of the GObject property. */
ScannerPropertyRow *
scanner_property_group_find_row (ScannerPropertyGroup *self,
                                 const char           *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      ScannerPropertyRow *row = g_ptr_array_index (self->rows, i);

      if (g_str_equal (plant_rpc_property_get_name (scanner_property_row_get_property (row)), name))
        return row;
    }
  return NULL;
}
