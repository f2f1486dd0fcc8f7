/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "connection-row.h"

struct _ScannerConnectionRow
{
  AdwBin parent_instance;

  ScannerConnection *connection; /* (owned) (nullable) */
};

typedef enum
{
  PROP_CONNECTION = 1,
} ScannerConnectionRowProperty;

G_DEFINE_FINAL_TYPE (ScannerConnectionRow, scanner_connection_row, ADW_TYPE_BIN)

static char **
choose_classes (ScannerConnectionRow   *self,
                ScannerConnectionState  state)
{
  static const char *const classes[][2] = {
    [SCANNER_CONNECTION_CONNECTING] = { "dim-label" },
    [SCANNER_CONNECTION_CONNECTED] = { "success" },
    [SCANNER_CONNECTION_BUSY] = { "accent" },
    [SCANNER_CONNECTION_STALE] = { "warning" },
    [SCANNER_CONNECTION_REFUSED] = { "warning" },
    [SCANNER_CONNECTION_GONE] = { "error" },
    [SCANNER_CONNECTION_LOCKED] = { "error" },
    [SCANNER_CONNECTION_DOUBTED] = { "warning" },
  };

  return g_strdupv ((char **) classes[state]);
}

static void
scanner_connection_row_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  switch ((ScannerConnectionRowProperty) prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, SCANNER_CONNECTION_ROW (object)->connection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_connection_row_set_property (GObject      *object,
                                     guint         prop_id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  switch ((ScannerConnectionRowProperty) prop_id)
    {
    case PROP_CONNECTION:
      if (g_set_object (&SCANNER_CONNECTION_ROW (object)->connection, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_connection_row_dispose (GObject *object)
{
  g_clear_object (&SCANNER_CONNECTION_ROW (object)->connection);
  gtk_widget_dispose_template (GTK_WIDGET (object), SCANNER_TYPE_CONNECTION_ROW);
  G_OBJECT_CLASS (scanner_connection_row_parent_class)->dispose (object);
}

static void
scanner_connection_row_class_init (ScannerConnectionRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = scanner_connection_row_get_property;
  object_class->set_property = scanner_connection_row_set_property;
  object_class->dispose = scanner_connection_row_dispose;
  g_object_class_install_property (
      object_class, PROP_CONNECTION,
      g_param_spec_object ("connection", NULL, NULL, SCANNER_TYPE_CONNECTION,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/connection-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, choose_classes);
}

static void
scanner_connection_row_init (ScannerConnectionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
