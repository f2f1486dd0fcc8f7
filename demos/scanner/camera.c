/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera.h"

#define FIELD_OF_VIEW 32.0  /* degrees, across the shorter side */
#define TARGET_HEIGHT 138.0 /* the point on the plant's axis in the middle of the picture */
#define NEAREST 20.0        /* what is nearer than this is not projected any larger */

void
scanner_camera_init (ScannerCamera *self, gint width, gint height, gdouble angle, gdouble elevation,
                     gdouble distance)
{
  gdouble turn = angle * G_PI / 180, lift = elevation * G_PI / 180;
  ScannerVector target = scanner_vector (0, 0, TARGET_HEIGHT);
  ScannerVector outward = scanner_vector (cos (lift) * cos (turn), cos (lift) * sin (turn),
                                          sin (lift));

  self->eye = scanner_vector_add (target, outward, distance);
  self->forward = scanner_vector (-outward.x, -outward.y, -outward.z);
  self->right = scanner_vector (-sin (turn), cos (turn), 0);
  self->up = scanner_vector_cross (self->right, self->forward);
  self->focal = 0.5 * MIN (width, height) / tan (FIELD_OF_VIEW / 2 * G_PI / 180);
  self->centre_x = width / 2.0;
  self->centre_y = height / 2.0;
}

ScannerPixel
scanner_camera_project (const ScannerCamera *self, ScannerVector point)
{
  ScannerVector ray = scanner_vector_add (point, self->eye, -1);
  gdouble depth = scanner_vector_dot (ray, self->forward);
  gdouble scale = self->focal / MAX (depth, NEAREST);

  return (ScannerPixel) { self->centre_x + scanner_vector_dot (ray, self->right) * scale,
                          self->centre_y - scanner_vector_dot (ray, self->up) * scale, depth };
}
