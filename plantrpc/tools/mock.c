/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock.h"

#include <glib/gi18n-lib.h>

/* The library makes the properties, and the signals are made after those of clients, whose types it
 * has worked out. A process has one mock. */

typedef struct {
  GObject  parent;
  GValue  *values; /* (owned) (array): by number of the property, from 1 */
} Mock;

typedef struct {
  GObjectClass           parent_class;
  GObjectClass          *model;      /* (owned): of the clients */
  PlantRpcInterfaceInfo *info;       /* (owned) */
  guint                  n_properties;
} MockClass;

static GObjectClass *parent_class;

static void
mock_get_property (GObject    *object,
                   guint       id,
                   GValue     *value,
                   GParamSpec *pspec)
{
  g_value_copy (&((Mock *) object)->values[id], value);
}

static gboolean
is_same (GParamSpec   *pspec,
         const GValue *a,
         const GValue *b)
{
  if (G_VALUE_HOLDS (a, G_TYPE_STRV) && g_value_get_boxed (a) != NULL &&
      g_value_get_boxed (b) != NULL)
    return g_strv_equal (g_value_get_boxed (a), g_value_get_boxed (b));
  return g_param_values_cmp (pspec, a, b) == 0;
}

static void
mock_set_property_value (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  Mock *self = (Mock *) object;

  if (is_same (pspec, value, &self->values[id]))
    return;
  g_value_copy (value, &self->values[id]);
  g_object_notify_by_pspec (object, pspec);
}

static void
mock_finalize (GObject *object)
{
  Mock *self = (Mock *) object;
  MockClass *klass = (MockClass *) G_OBJECT_GET_CLASS (object);

  for (guint i = 1; i <= klass->n_properties; i++)
    g_value_unset (&self->values[i]);
  g_free (self->values);
  parent_class->finalize (object);
}

static void
install_properties (MockClass    *klass,
                    GObjectClass *object_class,
                    GType         type)
{
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (klass->info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcPropertyInfo *property =
          plant_rpc_interface_info_lookup_property (klass->info, names[i]);
      g_autoptr (GParamSpec) pspec = plant_rpc_property_info_create_param_spec (property);
      const char *unit = plant_rpc_property_info_get_unit (property);
      double step = plant_rpc_property_info_get_step (property);

      g_object_class_install_property (object_class, i + 1, pspec);
      klass->n_properties = i + 1;
      plant_rpc_type_declare_wire_name (type, names[i],
                                        plant_rpc_property_info_get_wire_name (property));
      if (unit != NULL)
        plant_rpc_type_declare_unit (type, names[i], unit);
      if (step > 0)
        plant_rpc_type_declare_step (type, names[i], step);
    }
}

/* Those that tell of a property come of its notify. */
static void
install_signals (MockClass *klass,
                 GType      type)
{
  GType client_type = G_TYPE_FROM_CLASS (klass->model);
  g_auto (GStrv) names = plant_rpc_interface_info_list_signals (klass->info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (klass->info, names[i]);
      GSignalQuery query;

      if (plant_rpc_signal_info_get_property (signal) != NULL)
        continue;
      g_signal_query (g_signal_lookup (names[i], client_type), &query);
      g_signal_newv (names[i], type, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE,
                     query.n_params, (GType *) query.param_types);
      plant_rpc_type_declare_wire_name (type, names[i],
                                        plant_rpc_signal_info_get_wire_name (signal));
    }
}

static void
mock_class_init (gpointer g_class,
                 gpointer class_data)
{
  MockClass *klass = g_class;
  GObjectClass *object_class = g_class;
  GType type = G_TYPE_FROM_CLASS (g_class);
  GType client_type;

  parent_class = g_type_class_peek_parent (g_class);
  klass->info = class_data;
  client_type = plant_rpc_client_type_for_interface (klass->info, NULL);
  klass->model = g_type_class_ref (client_type);
  object_class->get_property = mock_get_property;
  object_class->set_property = mock_set_property_value;
  object_class->finalize = mock_finalize;
  install_properties (klass, object_class, type);
  install_signals (klass, type);
}

/* What nothing is known of is nothing. */
static void
set_first_value (PlantRpcPropertyInfo *property,
                 GParamSpec           *pspec,
                 GValue               *value)
{
  GVariant *given = plant_rpc_property_info_get_default (property);

  if (given == NULL)
    g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (pspec));
  else if (plant_rpc_value_from_variant (given, G_PARAM_SPEC_VALUE_TYPE (pspec), value, NULL))
    return;
  if (G_VALUE_HOLDS_VARIANT (value))
    {
      g_value_take_variant (value, g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
      return;
    }
  g_param_value_set_default (pspec, value);
  if (G_VALUE_HOLDS (value, G_TYPE_STRV) && g_value_get_boxed (value) == NULL)
    g_value_take_boxed (value, g_new0 (char *, 1));
  else if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) == NULL)
    g_value_set_static_string (value, "");
}

static void
mock_init (GTypeInstance *instance,
           gpointer       g_class)
{
  Mock *self = (Mock *) instance;
  MockClass *klass = g_class;
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (klass->info);

  self->values = g_new0 (GValue, klass->n_properties + 1);
  for (guint i = 0; names[i] != NULL; i++)
    set_first_value (plant_rpc_interface_info_lookup_property (klass->info, names[i]),
                     g_object_class_find_property (g_class, names[i]), &self->values[i + 1]);
}

/* Fails with PLANT_RPC_ERROR_INVALID_INTERFACE for what cannot be a GObject. */
GObject *
mock_new (PlantRpcInterfaceInfo  *info,
          GError                **error)
{
  const GTypeInfo type_info = {
    .class_size = sizeof (MockClass),
    .class_init = mock_class_init,
    .class_data = plant_rpc_interface_info_ref (info),
    .instance_size = sizeof (Mock),
    .instance_init = mock_init,
  };

  if (plant_rpc_client_type_for_interface (info, error) == G_TYPE_INVALID)
    return NULL;
  return g_object_new (g_type_register_static (G_TYPE_OBJECT, "Mock", &type_info, 0), NULL);
}

/* Also of a property that clients cannot write. */
gboolean
mock_set_property (GObject     *self,
                   const char  *name,
                   GVariant    *value,
                   GError     **error)
{
  MockClass *klass = (MockClass *) G_OBJECT_GET_CLASS (self);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_CLASS (klass), name);
  g_autoptr (GVariant) fitted = plant_rpc_property_info_fit_value (
      plant_rpc_interface_info_lookup_property (klass->info, name), value, error);
  g_auto (GValue) converted = G_VALUE_INIT;

  if (fitted == NULL || !plant_rpc_value_from_variant (fitted, G_PARAM_SPEC_VALUE_TYPE (pspec),
                                                       &converted, error))
    return FALSE;
  mock_set_property_value (self, pspec->param_id, &converted, pspec);
  return TRUE;
}

static gboolean
fill_values (GArray              *values,
             const GSignalQuery  *query,
             GVariant            *args,
             GError             **error)
{
  for (guint i = 0; i < query->n_params; i++)
    {
      GType type = query->param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE;
      GValue *value = &g_array_index (values, GValue, i + 1);
      g_autoptr (GVariant) arg = NULL;

      if (i >= g_variant_n_children (args))
        {
          g_value_init (value, type);
          continue;
        }
      arg = g_variant_get_child_value (args, i);
      if (!plant_rpc_value_from_variant (arg, type, value, error))
        return FALSE;
    }
  return TRUE;
}

/* ARGS are an av. */
gboolean
mock_emit (GObject             *self,
           PlantRpcSignalInfo  *signal,
           GVariant            *args,
           GError             **error)
{
  const char *name = plant_rpc_signal_info_get_name (signal);
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_autoptr (GVariant) checked = plant_rpc_signal_info_validate_args (signal, args, FALSE, error);
  guint id = g_signal_lookup (name, G_OBJECT_TYPE (self));
  GSignalQuery query;

  if (checked == NULL)
    return FALSE;
  if (id == 0)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("“%s” tells of a property: set that instead"), name);
      return FALSE;
    }
  g_signal_query (id, &query);
  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  g_array_set_size (values, query.n_params + 1);
  g_value_init (&g_array_index (values, GValue, 0), G_OBJECT_TYPE (self));
  g_value_set_object (&g_array_index (values, GValue, 0), self);
  if (!fill_values (values, &query, checked, error))
    return FALSE;
  g_signal_emitv ((GValue *) (void *) values->data, id, 0, NULL);
  return TRUE;
}
