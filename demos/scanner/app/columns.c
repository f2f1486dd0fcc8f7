/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "columns.h"

#define THRESHOLD 660 /* pixels: what is narrower has one column */
#define SIDE 340      /* pixels: the width of the second column */
#define SPACING 18

struct _ScannerColumns
{
  GtkWidget parent_instance;

  GtkWidget *main; /* (nullable) */
  GtkWidget *side; /* (nullable) */
};

typedef enum
{
  PROP_MAIN = 1,
  PROP_SIDE,
} ScannerColumnsProperty;

static GParamSpec *properties[PROP_SIDE + 1];

G_DEFINE_FINAL_TYPE (ScannerColumns, scanner_columns, GTK_TYPE_WIDGET)

static GtkSizeRequestMode
scanner_columns_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (ScannerColumns *self,
               int            *minimum,
               int            *natural)
{
  int side;

  gtk_widget_measure (self->main, GTK_ORIENTATION_HORIZONTAL, -1, minimum, NULL, NULL, NULL);
  gtk_widget_measure (self->side, GTK_ORIENTATION_HORIZONTAL, -1, &side, NULL, NULL, NULL);
  *minimum = MAX (*minimum, side);
  *natural = MAX (*minimum, THRESHOLD);
}

static void
measure_height (ScannerColumns *self,
                int             width,
                int            *minimum,
                int            *natural)
{
  gboolean wide = width >= THRESHOLD;
  int side;

  gtk_widget_measure (self->main, GTK_ORIENTATION_VERTICAL,
                      wide ? width - SIDE - SPACING : width, NULL, natural, NULL, NULL);
  gtk_widget_measure (self->side, GTK_ORIENTATION_VERTICAL, wide ? SIDE : width, NULL, &side, NULL,
                      NULL);
  *natural = wide ? MAX (*natural, side) : *natural + SPACING + side;
  *minimum = *natural;
}

static void
scanner_columns_measure (GtkWidget      *widget,
                         GtkOrientation  orientation,
                         int             for_size,
                         int            *minimum,
                         int            *natural,
                         int            *minimum_baseline,
                         int            *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (SCANNER_COLUMNS (widget), minimum, natural);
  else
    measure_height (SCANNER_COLUMNS (widget), for_size, minimum, natural);
}

static void
scanner_columns_size_allocate (GtkWidget *widget,
                               int        width,
                               int        height,
                               int        baseline)
{
  ScannerColumns *self = SCANNER_COLUMNS (widget);
  gboolean wide = width >= THRESHOLD;
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation main = { 0, 0, wide ? width - SIDE - SPACING : width, height };
  GtkAllocation side = { 0, 0, wide ? SIDE : width, height };

  if (wide)
    {
      main.x = mirrored ? SIDE + SPACING : 0;
      side.x = mirrored ? 0 : width - SIDE;
      gtk_widget_measure (self->main, GTK_ORIENTATION_VERTICAL, main.width, NULL, &main.height,
                          NULL, NULL);
    }
  else
    {
      gtk_widget_measure (self->main, GTK_ORIENTATION_VERTICAL, width, NULL, &main.height, NULL,
                          NULL);
      side.y = main.height + SPACING;
      side.height = height - side.y;
    }
  gtk_widget_size_allocate (self->main, &main, -1);
  gtk_widget_size_allocate (self->side, &side, -1);
}

static void
scanner_columns_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  ScannerColumns *self = SCANNER_COLUMNS (object);
  GtkWidget **child = prop_id == PROP_MAIN ? &self->main : &self->side;

  *child = g_value_get_object (value);
  gtk_widget_set_parent (*child, GTK_WIDGET (self));
}

static void
scanner_columns_dispose (GObject *object)
{
  ScannerColumns *self = SCANNER_COLUMNS (object);

  g_clear_pointer (&self->main, gtk_widget_unparent);
  g_clear_pointer (&self->side, gtk_widget_unparent);
  G_OBJECT_CLASS (scanner_columns_parent_class)->dispose (object);
}

static void
scanner_columns_class_init (ScannerColumnsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = scanner_columns_set_property;
  object_class->dispose = scanner_columns_dispose;
  widget_class->get_request_mode = scanner_columns_get_request_mode;
  widget_class->measure = scanner_columns_measure;
  widget_class->size_allocate = scanner_columns_size_allocate;

  properties[PROP_MAIN] = g_param_spec_object ("main", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SIDE] = g_param_spec_object ("side", NULL, NULL, GTK_TYPE_WIDGET, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
scanner_columns_init (ScannerColumns *self)
{
}
