/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the arm holds the camera. */
typedef struct
{
  double pan;    /* around the plant, in degrees */
  double tilt;   /* above the horizon, in degrees */
  double radius; /* from the middle of the plant, in millimetres */
} ScannerPose;

/* A circle around the plant, in equal steps. */
typedef struct
{
  guint  n_points;
  double tilt;
  double radius;
} ScannerPath;

#define SCANNER_POSE_INIT { 0.0, 16.0, 740.0 }
#define SCANNER_PATH_INIT { 36, 16.0, 740.0 }
#define SCANNER_PATH_MAX_POINTS 360

gboolean    scanner_pose_read      (ScannerPose        *self,
                                    GVariant           *camera_config,
                                    GError            **error);
GVariant   *scanner_pose_write     (const ScannerPose  *self,
                                    GVariant           *camera_config);
gboolean    scanner_path_read      (ScannerPath        *self,
                                    GVariant           *scan_config,
                                    GError            **error);
GVariant   *scanner_path_write     (const ScannerPath  *self);
ScannerPose scanner_path_get_pose  (const ScannerPath  *self,
                                    guint               point);

G_END_DECLS
