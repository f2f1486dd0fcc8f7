/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "property-row.h"

#include "focus.h"
#include "property-editor.h"
#include "value-entry.h"

struct _ScannerPropertyRow
{
  AdwPreferencesRow parent_instance;

  PlantRpcProperty *property; /* (owned) */
  GtkWidget        *editor;
  char             *mistake;  /* (owned) (nullable): why what was typed was not sent */

  GtkLabel *title;
  GtkLabel *pending;
  GtkLabel *message;
  AdwBin   *narrow;
  AdwBin   *wide;
};

typedef enum
{
  PROP_PROPERTY = 1,
  PROP_MISTAKE,
} ScannerPropertyRowProperty;

static GParamSpec *properties[PROP_MISTAKE + 1];

G_DEFINE_FINAL_TYPE (ScannerPropertyRow, scanner_property_row, ADW_TYPE_PREFERENCES_ROW)

/* ---- what the template looks at */

static char **
choose_classes (ScannerPropertyRow    *self,
                PlantRpcPropertyState  state)
{
  static const char *const stale[] = { "dim-label", NULL };
  static const char *const current[] = { NULL };
  gboolean old = state == PLANT_RPC_PROPERTY_STATE_STALE || state == PLANT_RPC_PROPERTY_STATE_UNSET;

  return g_strdupv ((char **) (old ? stale : current));
}

static gboolean
is_pending (ScannerPropertyRow    *self,
            PlantRpcPropertyState  state)
{
  return state == PLANT_RPC_PROPERTY_STATE_PENDING;
}

static gboolean
has_text (ScannerPropertyRow *self,
          const char         *text)
{
  return text != NULL && *text != '\0';
}

static char *
show_text (ScannerPropertyRow *self,
           const char         *text)
{
  return text != NULL ? plant_rpc_text_escape (text) : NULL;
}

static char *
choose_message (ScannerPropertyRow *self,
                const char         *message,
                const char         *mistake)
{
  return show_text (self, mistake != NULL ? mistake : message);
}

/* ---- the object */

static void
scanner_property_row_get_gobject_property (GObject    *object,
                                           guint       prop_id,
                                           GValue     *value,
                                           GParamSpec *pspec)
{
  ScannerPropertyRow *self = SCANNER_PROPERTY_ROW (object);

  switch ((ScannerPropertyRowProperty) prop_id)
    {
    case PROP_PROPERTY:
      g_value_set_object (value, self->property);
      break;
    case PROP_MISTAKE:
      g_value_set_string (value, self->mistake);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_property_row_set_gobject_property (GObject      *object,
                                           guint         prop_id,
                                           const GValue *value,
                                           GParamSpec   *pspec)
{
  ScannerPropertyRow *self = SCANNER_PROPERTY_ROW (object);

  switch ((ScannerPropertyRowProperty) prop_id)
    {
    case PROP_PROPERTY:
      self->property = g_value_dup_object (value);
      g_object_notify_by_pspec (object, properties[PROP_PROPERTY]);
      break;
    case PROP_MISTAKE:
      g_free (self->mistake);
      self->mistake = g_value_dup_string (value);
      g_object_notify_by_pspec (object, properties[PROP_MISTAKE]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_property_row_dispose (GObject *object)
{
  ScannerPropertyRow *self = SCANNER_PROPERTY_ROW (object);

  g_clear_object (&self->property);
  g_clear_pointer (&self->mistake, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), SCANNER_TYPE_PROPERTY_ROW);
  G_OBJECT_CLASS (scanner_property_row_parent_class)->dispose (object);
}

static void
scanner_property_row_class_init (ScannerPropertyRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = scanner_property_row_get_gobject_property;
  object_class->set_property = scanner_property_row_set_gobject_property;
  object_class->dispose = scanner_property_row_dispose;

  properties[PROP_PROPERTY] =
      g_param_spec_object ("property", NULL, NULL, PLANT_RPC_TYPE_PROPERTY,
                           flags | G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_MISTAKE] = g_param_spec_string ("mistake", NULL, NULL, NULL,
                                                  flags | G_PARAM_WRITABLE);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/property-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ScannerPropertyRow, title);
  gtk_widget_class_bind_template_child (widget_class, ScannerPropertyRow, pending);
  gtk_widget_class_bind_template_child (widget_class, ScannerPropertyRow, message);
  gtk_widget_class_bind_template_child (widget_class, ScannerPropertyRow, narrow);
  gtk_widget_class_bind_template_child (widget_class, ScannerPropertyRow, wide);
  gtk_widget_class_bind_template_callback (widget_class, choose_classes);
  gtk_widget_class_bind_template_callback (widget_class, is_pending);
  gtk_widget_class_bind_template_callback (widget_class, has_text);
  gtk_widget_class_bind_template_callback (widget_class, show_text);
  gtk_widget_class_bind_template_callback (widget_class, choose_message);
}

static void
scanner_property_row_init (ScannerPropertyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* “video-url” is shown as “Video url”. */
static char *
make_title (const char *name)
{
  char *title = g_strdup (name);

  g_strdelimit (title, "-_", ' ');
  *title = g_ascii_toupper (*title);
  return title;
}

static void
set_editor (ScannerPropertyRow *self,
            GtkWidget          *editor)
{
  gboolean wide = scanner_property_editor_is_wide (editor);

  self->editor = editor;
  gtk_widget_set_visible (GTK_WIDGET (self->wide), wide);
  adw_bin_set_child (wide ? self->wide : self->narrow, editor);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (editor), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  self->title, NULL, -1);
  if (GTK_IS_LABEL (editor))
    return;
  g_signal_connect_object (self->property, "notify::writable",
                           G_CALLBACK (scanner_focus_release), editor, G_CONNECT_SWAPPED);
  g_object_bind_property (self->property, "writable", editor, "sensitive", G_BINDING_SYNC_CREATE);
  if (SCANNER_IS_VALUE_ENTRY (editor))
    g_object_bind_property (editor, "error", self, "mistake", G_BINDING_DEFAULT);
}

GtkWidget *
scanner_property_row_new (PlantRpcClient       *client,
                          PlantRpcPropertyInfo *info)
{
  const char *name = plant_rpc_property_info_get_name (info);
  g_autofree char *title = make_title (name);
  ScannerPropertyRow *self =
    g_object_new (SCANNER_TYPE_PROPERTY_ROW, "property",
                  plant_rpc_client_lookup_property (client, name), "title", title, NULL);

  set_editor (self, scanner_property_editor_new (client, info));
  return GTK_WIDGET (self);
}

PlantRpcProperty *
scanner_property_row_get_property (ScannerPropertyRow *self)
{
  return self->property;
}

GtkWidget *
scanner_property_row_get_editor (ScannerPropertyRow *self)
{
  return self->editor;
}
