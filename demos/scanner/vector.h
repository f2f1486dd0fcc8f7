/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

/* A point or direction: millimetres, z up, origin where the plant's axis meets the turntable. */
typedef struct
{
  gdouble x;
  gdouble y;
  gdouble z;
} ScannerVector;

static inline ScannerVector
scanner_vector (gdouble x, gdouble y, gdouble z)
{
  return (ScannerVector) { x, y, z };
}

/* a + b * scale */
static inline ScannerVector
scanner_vector_add (ScannerVector a, ScannerVector b, gdouble scale)
{
  return scanner_vector (a.x + b.x * scale, a.y + b.y * scale, a.z + b.z * scale);
}

static inline ScannerVector
scanner_vector_mix (ScannerVector a, ScannerVector b, gdouble t)
{
  return scanner_vector (a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t);
}

static inline gdouble
scanner_vector_dot (ScannerVector a, ScannerVector b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline ScannerVector
scanner_vector_cross (ScannerVector a, ScannerVector b)
{
  return scanner_vector (a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline ScannerVector
scanner_vector_scale (ScannerVector a, gdouble scale)
{
  return scanner_vector (a.x * scale, a.y * scale, a.z * scale);
}

static inline gdouble
scanner_vector_length (ScannerVector a)
{
  return sqrt (scanner_vector_dot (a, a));
}

static inline ScannerVector
scanner_vector_unit (ScannerVector a)
{
  gdouble length = scanner_vector_length (a);

  return length > 1e-9 ? scanner_vector_scale (a, 1 / length) : scanner_vector (0, 0, 1);
}

/* v turned by degrees around the unit vector axis, counter-clockwise seen from its tip. */
static inline ScannerVector
scanner_vector_turn (ScannerVector v, ScannerVector axis, gdouble degrees)
{
  gdouble c = cos (degrees * G_PI / 180), s = sin (degrees * G_PI / 180);
  ScannerVector turned = scanner_vector_scale (v, c);

  turned = scanner_vector_add (turned, scanner_vector_cross (axis, v), s);
  return scanner_vector_add (turned, axis, scanner_vector_dot (axis, v) * (1 - c));
}

G_END_DECLS
