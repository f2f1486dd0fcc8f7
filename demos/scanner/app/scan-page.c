/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "columns.h"
#include "focus.h"
#include "plan-view.h"
#include "scan-page.h"
#include "thumbnail.h"
#include "window.h"

struct _ScannerScanPage
{
  AdwBin parent_instance;

  ScannerScan *scan; /* (owned) */

  ScannerPlanView     *plan;
  AdwPreferencesGroup *form;
  AdwEntryRow         *dataset;
  GtkSpinButton       *n_points;
  GtkSpinButton       *tilt;
  GtkSpinButton       *radius;
  GtkFlowBox          *thumbnails;
};

typedef enum
{
  PROP_CONNECTION = 1,
  PROP_SCAN,
} ScannerScanPageProperty;

static GParamSpec *properties[PROP_SCAN + 1];

G_DEFINE_FINAL_TYPE (ScannerScanPage, scanner_scan_page, ADW_TYPE_BIN)

static GtkWidget *
create_thumbnail (gpointer item,
                  gpointer user_data)
{
  GdkTexture *texture = scanner_thumbnail_get_texture (item);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  GtkWidget *child = gtk_flow_box_child_new ();
  g_autofree char *description = scanner_thumbnail_describe (item);

  gtk_picture_set_alternative_text (GTK_PICTURE (picture), description);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), FALSE);
  gtk_widget_set_halign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "thumbnail");
  gtk_widget_set_tooltip_text (child, description);
  gtk_widget_set_focusable (child, FALSE);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), picture);
  return child;
}

static void
on_run (GtkWidget  *widget,
        const char *name,
        GVariant   *parameter)
{
  scanner_scan_run (SCANNER_SCAN_PAGE (widget)->scan);
}

static void
on_abort (GtkWidget  *widget,
          const char *name,
          GVariant   *parameter)
{
  scanner_scan_abort (SCANNER_SCAN_PAGE (widget)->scan);
}

static void
on_scan_changed (ScannerScanPage *self)
{
  gboolean can_run, can_abort;

  g_object_get (self->scan, "can-run", &can_run, "can-abort", &can_abort, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "scan.run", can_run);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "scan.abort", can_abort);
  if (scanner_scan_get_running (self->scan))
    scanner_focus_release (GTK_WIDGET (self->form));
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), !scanner_scan_get_running (self->scan));
}

static void
on_ended (ScannerScanPage *self,
          const char      *message)
{
  GtkRoot *window = gtk_widget_get_root (GTK_WIDGET (self));

  if (SCANNER_IS_WINDOW (window))
    scanner_window_toast (SCANNER_WINDOW (window),
                          *message != '\0' ? message : _("The scan is complete"));
}

static void
scanner_scan_page_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  switch ((ScannerScanPageProperty) prop_id)
    {
    case PROP_SCAN:
      g_value_set_object (value, SCANNER_SCAN_PAGE (object)->scan);
      break;
    case PROP_CONNECTION:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_scan_page_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  switch ((ScannerScanPageProperty) prop_id)
    {
    case PROP_CONNECTION:
      scanner_scan_set_connection (SCANNER_SCAN_PAGE (object)->scan, g_value_get_object (value));
      break;
    case PROP_SCAN:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_scan_page_dispose (GObject *object)
{
  ScannerScanPage *self = SCANNER_SCAN_PAGE (object);

  if (self->scan != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->scan, self);
      scanner_scan_set_connection (self->scan, NULL);
    }
  g_clear_object (&self->scan);
  gtk_widget_dispose_template (GTK_WIDGET (object), SCANNER_TYPE_SCAN_PAGE);
  G_OBJECT_CLASS (scanner_scan_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, plan);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, form);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, dataset);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, n_points);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, tilt);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, radius);
  gtk_widget_class_bind_template_child (widget_class, ScannerScanPage, thumbnails);
}

static void
scanner_scan_page_class_init (ScannerScanPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = scanner_scan_page_get_property;
  object_class->set_property = scanner_scan_page_set_property;
  object_class->dispose = scanner_scan_page_dispose;

  properties[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL,
                                                     SCANNER_TYPE_CONNECTION,
                                                     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SCAN] = g_param_spec_object ("scan", NULL, NULL, SCANNER_TYPE_SCAN,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  g_type_ensure (SCANNER_TYPE_COLUMNS);
  g_type_ensure (SCANNER_TYPE_PLAN_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/scan-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "scan.run", NULL, on_run);
  gtk_widget_class_install_action (widget_class, "scan.abort", NULL, on_abort);
}

static void
scanner_scan_page_init (ScannerScanPage *self)
{
  const GBindingFlags flags = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

  self->scan = scanner_scan_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  scanner_plan_view_set_scan (self->plan, self->scan);
  g_object_bind_property (self->scan, "dataset", self->dataset, "text", flags);
  g_object_bind_property (self->scan, "n-points", self->n_points, "value", flags);
  g_object_bind_property (self->scan, "tilt", self->tilt, "value", flags);
  g_object_bind_property (self->scan, "radius", self->radius, "value", flags);
  gtk_flow_box_bind_model (self->thumbnails, scanner_scan_get_pictures (self->scan),
                           create_thumbnail, NULL, NULL);
  g_signal_connect_swapped (self->scan, "notify", G_CALLBACK (on_scan_changed), self);
  g_signal_connect_swapped (self->scan, "ended", G_CALLBACK (on_ended), self);
  on_scan_changed (self);
}

ScannerScan *
scanner_scan_page_get_scan (ScannerScanPage *self)
{
  return self->scan;
}
