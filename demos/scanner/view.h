/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "plant.h"

G_BEGIN_DECLS

/* Where the camera stands and what it is set to. */
typedef struct
{
  gint    width;     /* of the sensor, in pixels: before rotation */
  gint    height;
  gint    rotation;  /* of the picture, clockwise: 0, 90, 180 or 270 degrees */
  gdouble angle;     /* of the arm around the plant, in degrees */
  gdouble elevation; /* of the camera above the horizon, in degrees */
  gdouble distance;  /* from the middle of the plant, in millimetres */
} ScannerView;

#define SCANNER_VIEW_INIT { 640, 480, 0, 0.0, 16.0, 740.0 }
#define SCANNER_VIEW_MAX_SIDE 8192

gboolean         scanner_view_is_valid (const ScannerView *self);
cairo_surface_t *scanner_view_render   (const ScannerView *self,
                                        ScannerPlant      *plant);

G_END_DECLS
