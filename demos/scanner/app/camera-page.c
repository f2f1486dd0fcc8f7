/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera-page.h"

#include "columns.h"

struct _ScannerCameraPage
{
  AdwBin parent_instance;

  ScannerConnection *connection; /* (owned) (nullable) */

  ScannerLiveView      *view;
  ScannerPropertyGroup *settings;
};

typedef enum
{
  PROP_CONNECTION = 1,
} ScannerCameraPageProperty;

static GParamSpec *properties[PROP_CONNECTION + 1];

G_DEFINE_FINAL_TYPE (ScannerCameraPage, scanner_camera_page, ADW_TYPE_BIN)

static void
scanner_camera_page_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  switch ((ScannerCameraPageProperty) prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, SCANNER_CAMERA_PAGE (object)->connection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_camera_page_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  switch ((ScannerCameraPageProperty) prop_id)
    {
    case PROP_CONNECTION:
      if (g_set_object (&SCANNER_CAMERA_PAGE (object)->connection, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
scanner_camera_page_dispose (GObject *object)
{
  g_clear_object (&SCANNER_CAMERA_PAGE (object)->connection);
  gtk_widget_dispose_template (GTK_WIDGET (object), SCANNER_TYPE_CAMERA_PAGE);
  G_OBJECT_CLASS (scanner_camera_page_parent_class)->dispose (object);
}

static void
scanner_camera_page_class_init (ScannerCameraPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = scanner_camera_page_get_property;
  object_class->set_property = scanner_camera_page_set_property;
  object_class->dispose = scanner_camera_page_dispose;

  properties[PROP_CONNECTION] =
      g_param_spec_object ("connection", NULL, NULL, SCANNER_TYPE_CONNECTION,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  g_type_ensure (SCANNER_TYPE_COLUMNS);
  g_type_ensure (SCANNER_TYPE_LIVE_VIEW);
  g_type_ensure (SCANNER_TYPE_PROPERTY_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/plantrpc/Scanner/camera-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ScannerCameraPage, view);
  gtk_widget_class_bind_template_child (widget_class, ScannerCameraPage, settings);
}

static void
scanner_camera_page_init (ScannerCameraPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

ScannerLiveView *
scanner_camera_page_get_view (ScannerCameraPage *self)
{
  return self->view;
}

ScannerPropertyGroup *
scanner_camera_page_get_settings (ScannerCameraPage *self)
{
  return self->settings;
}
