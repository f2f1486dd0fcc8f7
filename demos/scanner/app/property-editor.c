/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "property-editor.h"

#include "value-entry.h"
#include "value-text.h"

#define MAX_DIGITS 6
#define LIMIT 1e9 /* of numbers whose device tells none */

#define BOTH_WAYS (G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE)

/* ---- values of any type as text */

static gboolean
to_text (GBinding     *binding,
         const GValue *from,
         GValue       *to,
         gpointer      info)
{
  g_autoptr (GObject) client = g_binding_dup_source (binding);
  PlantRpcProperty *property = NULL;
  g_autoptr (GVariant) value = NULL;

  if (client != NULL)
    property = plant_rpc_client_lookup_property (PLANT_RPC_CLIENT (client),
                                                 plant_rpc_property_info_get_name (info));
  if (property != NULL)
    value = plant_rpc_property_dup_value (property);
  if (value == NULL)
    g_value_set_static_string (to, "");
  else
    g_value_take_string (to, scanner_value_text_of (value));
  return TRUE;
}

static gboolean
from_text (GBinding     *binding,
           const GValue *from,
           GValue       *to,
           gpointer      info)
{
  g_autoptr (GVariant) value =
    scanner_value_text_parse (g_value_get_string (from),
                              plant_rpc_property_info_get_type_string (info), NULL);

  if (value == NULL)
    return FALSE;
  if (G_VALUE_HOLDS_STRING (to))
    g_value_set_string (to, g_variant_get_string (value, NULL));
  else if (G_VALUE_HOLDS (to, G_TYPE_STRV))
    g_value_take_boxed (to, g_variant_dup_strv (value, NULL));
  else
    g_value_set_variant (to, value);
  return TRUE;
}

static GtkWidget *
new_entry (PlantRpcClient       *client,
           PlantRpcPropertyInfo *info)
{
  GtkWidget *entry = scanner_value_entry_new (plant_rpc_property_info_get_type_string (info));

  g_object_bind_property_full (client, plant_rpc_property_info_get_name (info), entry, "text",
                               BOTH_WAYS, to_text, from_text, plant_rpc_property_info_ref (info),
                               (GDestroyNotify) plant_rpc_property_info_unref);
  return entry;
}

/* Nothing is shown as such. */
static gboolean
to_label (GBinding     *binding,
          const GValue *from,
          GValue       *to,
          gpointer      info)
{
  to_text (binding, from, to, info);
  if (*g_value_get_string (to) == '\0')
    g_value_set_static_string (to, "—");
  else
    g_value_take_string (to, plant_rpc_text_escape (g_value_get_string (to)));
  return TRUE;
}

static GtkWidget *
new_label (PlantRpcClient       *client,
           PlantRpcPropertyInfo *info)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "selectable", TRUE, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "natural-wrap-mode",
                                   GTK_NATURAL_WRAP_NONE, "xalign", 1.0, NULL);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "numeric");
  g_object_bind_property_full (client, plant_rpc_property_info_get_name (info), label, "label",
                               G_BINDING_SYNC_CREATE, to_label, NULL,
                               plant_rpc_property_info_ref (info),
                               (GDestroyNotify) plant_rpc_property_info_unref);
  return label;
}

/* ---- choices */

static gboolean
to_position (GBinding     *binding,
             const GValue *from,
             GValue       *to,
             gpointer      user_data)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (from));
  GEnumClass *enumeration = G_ENUM_CLASS (klass);

  for (guint i = 0; i < enumeration->n_values; i++)
    {
      if (enumeration->values[i].value == g_value_get_enum (from))
        g_value_set_uint (to, i);
    }
  return TRUE;
}

static gboolean
from_position (GBinding     *binding,
               const GValue *from,
               GValue       *to,
               gpointer      user_data)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (to));
  GEnumClass *enumeration = G_ENUM_CLASS (klass);
  guint position = g_value_get_uint (from);

  if (position >= enumeration->n_values)
    return FALSE;
  g_value_set_enum (to, enumeration->values[position].value);
  return TRUE;
}

static GtkWidget *
new_choice (PlantRpcClient       *client,
            PlantRpcPropertyInfo *info,
            GType                 type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  GtkStringList *choices = gtk_string_list_new (NULL);
  GtkWidget *choice;

  for (guint i = 0; i < G_ENUM_CLASS (klass)->n_values; i++)
    gtk_string_list_take (choices,
                          plant_rpc_text_escape (G_ENUM_CLASS (klass)->values[i].value_nick));
  choice = gtk_drop_down_new (G_LIST_MODEL (choices), NULL);
  g_object_bind_property_full (client, plant_rpc_property_info_get_name (info), choice, "selected",
                               BOTH_WAYS, to_position, from_position, NULL, NULL);
  return choice;
}

/* ---- numbers */

/* No more digits than the number has: what is rounded for show must not be written back. */
static gboolean
show_number (GtkSpinButton *spin)
{
  g_autofree char *text = g_strdup_printf ("%.10g", gtk_spin_button_get_value (spin));

  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (spin)), text))
    gtk_editable_set_text (GTK_EDITABLE (spin), text);
  return TRUE;
}

static GtkWidget *
new_number (PlantRpcClient       *client,
            PlantRpcPropertyInfo *info,
            GType                 type)
{
  const char *name = plant_rpc_property_info_get_name (info);
  PlantRpcProperty *property = plant_rpc_client_lookup_property (client, name);
  double minimum = CLAMP (plant_rpc_property_get_minimum (property), -LIMIT, LIMIT);
  double maximum = CLAMP (plant_rpc_property_get_maximum (property), -LIMIT, LIMIT);
  GtkAdjustment *adjustment = gtk_adjustment_new (minimum, minimum, maximum, 1, 10, 0);
  gboolean fractions = type == G_TYPE_DOUBLE || type == G_TYPE_FLOAT;
  GtkWidget *spin = gtk_spin_button_new (adjustment, 0, fractions ? MAX_DIGITS : 0);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 5);
  g_signal_connect (spin, "output", G_CALLBACK (show_number), NULL);
  g_object_bind_property (client, name, spin, "value", BOTH_WAYS);
  return spin;
}

static GtkWidget *
new_switch (PlantRpcClient       *client,
            PlantRpcPropertyInfo *info)
{
  GtkWidget *widget = gtk_switch_new ();

  g_object_bind_property (client, plant_rpc_property_info_get_name (info), widget, "active",
                          BOTH_WAYS);
  return widget;
}

/* A device that tells no types may have any value: the one that it told first decides. */
static GType
get_kind (PlantRpcClient       *client,
          PlantRpcPropertyInfo *info)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (client),
                                                    plant_rpc_property_info_get_name (info));
  const char *type_string = plant_rpc_property_info_get_type_string (info);

  if (!g_type_is_a (pspec->value_type, G_TYPE_VARIANT))
    return pspec->value_type;
  if (g_str_equal (type_string, "b"))
    return G_TYPE_BOOLEAN;
  return g_str_equal (type_string, "d") ? G_TYPE_DOUBLE : G_TYPE_VARIANT;
}

GtkWidget *
scanner_property_editor_new (PlantRpcClient       *client,
                             PlantRpcPropertyInfo *info)
{
  GType type = get_kind (client, info);

  if (!plant_rpc_property_info_get_writable (info))
    return new_label (client, info);
  if (type == G_TYPE_BOOLEAN)
    return new_switch (client, info);
  if (G_TYPE_IS_ENUM (type))
    return new_choice (client, info, type);
  if (g_value_type_transformable (type, G_TYPE_DOUBLE) && type != G_TYPE_STRING)
    return new_number (client, info, type);
  return new_entry (client, info);
}

gboolean
scanner_property_editor_is_wide (GtkWidget *editor)
{
  const char *type_string;

  if (!SCANNER_IS_VALUE_ENTRY (editor))
    return FALSE;
  type_string = scanner_value_entry_get_type_string (SCANNER_VALUE_ENTRY (editor));
  return !g_str_equal (type_string, "s") && !scanner_value_text_is_size (type_string);
}
