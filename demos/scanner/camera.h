/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vector.h"

G_BEGIN_DECLS

/* A pinhole camera on the arm, looking at the plant's axis. */
typedef struct
{
  ScannerVector eye;
  ScannerVector forward;
  ScannerVector right;
  ScannerVector up;
  gdouble       focal;    /* in pixels */
  gdouble       centre_x; /* of the picture, in pixels */
  gdouble       centre_y;
} ScannerCamera;

typedef struct
{
  gdouble x;     /* pixels */
  gdouble y;
  gdouble depth; /* millimetres in front of the eye */
} ScannerPixel;

void         scanner_camera_init    (ScannerCamera       *self,
                                     gint                 width,
                                     gint                 height,
                                     gdouble              angle,
                                     gdouble              elevation,
                                     gdouble              distance);
ScannerPixel scanner_camera_project (const ScannerCamera *self,
                                     ScannerVector        point);

G_END_DECLS
