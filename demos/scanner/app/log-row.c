/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "log-row.h"

struct _ScannerLogRow
{
  AdwBin parent_instance;

  ScannerLogEntry *entry; /* (owned) (nullable) */
};

typedef enum
{
  PROP_ENTRY = 1,
} ScannerLogRowProperty;

G_DEFINE_FINAL_TYPE (ScannerLogRow, scanner_log_row, ADW_TYPE_BIN)

static const struct
{
  const char *icon;
  const char *text;
} kinds[] = {
  [SCANNER_LOG_CALL] = { "send-to-symbolic", N_("Call") },
  [SCANNER_LOG_SIGNAL] = { "preferences-system-notifications-symbolic", N_("Signal") },
  [SCANNER_LOG_CHANGE] = { "document-edit-symbolic", N_("Property") },
  [SCANNER_LOG_STATE] = { "network-wired-symbolic", N_("Connection") },
};

static char *
choose_icon (ScannerLogRow  *self,
             ScannerLogKind  kind)
{
  return g_strdup (kinds[kind].icon);
}

static char *
describe_kind (ScannerLogRow  *self,
               ScannerLogKind  kind)
{
  return g_strdup (_(kinds[kind].text));
}

static char *
tell_count (ScannerLogRow *self,
            guint          count)
{
  return count > 1 ? g_strdup_printf ("× %u", count) : g_strdup ("");
}

static char *
describe (ScannerLogRow *self,
          const char    *time,
          const char    *device,
          const char    *outcome)
{
  if (time == NULL)
    return g_strdup ("");
  return g_strjoin (" · ", time, device, outcome, NULL);
}

static char **
choose_classes (ScannerLogRow *self,
                gboolean       failed)
{
  const char *classes[] = { "caption", "numeric", failed ? "error" : "dim-label", NULL };

  return g_strdupv ((char **) classes);
}

static void
scanner_log_row_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch ((ScannerLogRowProperty) prop_id)
    {
    case PROP_ENTRY:
      g_value_set_object (value, SCANNER_LOG_ROW (object)->entry);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_log_row_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  switch ((ScannerLogRowProperty) prop_id)
    {
    case PROP_ENTRY:
      if (g_set_object (&SCANNER_LOG_ROW (object)->entry, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_log_row_dispose (GObject *object)
{
  g_clear_object (&SCANNER_LOG_ROW (object)->entry);
  gtk_widget_dispose_template (GTK_WIDGET (object), SCANNER_TYPE_LOG_ROW);
  G_OBJECT_CLASS (scanner_log_row_parent_class)->dispose (object);
}

static void
scanner_log_row_class_init (ScannerLogRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = scanner_log_row_get_property;
  object_class->set_property = scanner_log_row_set_property;
  object_class->dispose = scanner_log_row_dispose;
  g_object_class_install_property (
      object_class, PROP_ENTRY,
      g_param_spec_object ("entry", NULL, NULL, SCANNER_TYPE_LOG_ENTRY,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  gtk_widget_class_set_template_from_resource (widget_class, "/org/plantrpc/Scanner/log-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, choose_icon);
  gtk_widget_class_bind_template_callback (widget_class, describe_kind);
  gtk_widget_class_bind_template_callback (widget_class, tell_count);
  gtk_widget_class_bind_template_callback (widget_class, describe);
  gtk_widget_class_bind_template_callback (widget_class, choose_classes);
}

static void
scanner_log_row_init (ScannerLogRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
