/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include "settings.h"

/* The arm is simulated with the camera, whose setting "pose" stands in for it:
 * {"pose": {"pan": 90, "tilt": 16, "radius": 740}}. Each member may be absent. */

#define MAX_TILT 80.0
#define MIN_RADIUS 400.0
#define MAX_RADIUS 5000.0

/* Reads the pose from the config of a camera; what is absent there stays as it is. */
gboolean
scanner_pose_read (ScannerPose  *self,
                   GVariant     *camera_config,
                   GError      **error)
{
  g_autoptr (GVariant) pose = NULL;

  return scanner_settings_get_group (camera_config, "pose", &pose, error) &&
         scanner_settings_get_number (pose, "pan", -360, 360, &self->pan, error) &&
         scanner_settings_get_number (pose, "tilt", 0, MAX_TILT, &self->tilt, error) &&
         scanner_settings_get_number (pose, "radius", MIN_RADIUS, MAX_RADIUS, &self->radius, error);
}

/* (transfer floating): the config of a camera with another pose. */
GVariant *
scanner_pose_write (const ScannerPose *self,
                    GVariant          *camera_config)
{
  g_auto (GVariantDict) config = G_VARIANT_DICT_INIT (camera_config);
  g_auto (GVariantDict) pose = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&pose, "pan", "d", self->pan);
  g_variant_dict_insert (&pose, "tilt", "d", self->tilt);
  g_variant_dict_insert (&pose, "radius", "d", self->radius);
  g_variant_dict_insert_value (&config, "pose", g_variant_dict_end (&pose));
  return g_variant_dict_end (&config);
}

/* Reads the path from the config of a scan, as Plant Imager writes it:
 * {"ScanPath": {"kwargs": {"n_points": 36, "tilt": 16, "radius": 740}}}. What is absent there stays
 * as it is, and settings of scanners with more axes mean nothing to this one. */
gboolean
scanner_path_read (ScannerPath  *self,
                   GVariant     *scan_config,
                   GError      **error)
{
  g_autoptr (GVariant) path = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  double n_points = self->n_points;

  if (!scanner_settings_get_group (scan_config, "ScanPath", &path, error) ||
      !scanner_settings_get_group (path, "kwargs", &kwargs, error) ||
      !scanner_settings_get_number (kwargs, "n_points", 1, SCANNER_PATH_MAX_POINTS, &n_points,
                                    error) ||
      !scanner_settings_get_number (kwargs, "tilt", 0, MAX_TILT, &self->tilt, error) ||
      !scanner_settings_get_number (kwargs, "radius", MIN_RADIUS, MAX_RADIUS, &self->radius, error))
    return FALSE;
  self->n_points = (guint) n_points;
  return TRUE;
}

/* (transfer floating): the config of a scan along the path. */
GVariant *
scanner_path_write (const ScannerPath *self)
{
  return g_variant_new_parsed ("{'ScanPath': <{'class_name': <'Circle'>, 'kwargs': <{"
                               "'n_points': <%u>, 'tilt': <%d>, 'radius': <%d>}>}>}",
                               self->n_points, self->tilt, self->radius);
}

ScannerPose
scanner_path_get_pose (const ScannerPath *self,
                       guint              point)
{
  return (ScannerPose) { 360.0 * point / self->n_points, self->tilt, self->radius };
}
