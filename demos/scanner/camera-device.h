/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imager-camera.h"
#include "plant.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_CAMERA_DEVICE (scanner_camera_device_get_type ())
G_DECLARE_FINAL_TYPE (ScannerCameraDevice, scanner_camera_device, SCANNER, CAMERA_DEVICE,
                      ImagerCameraSkeleton)

ScannerCameraDevice *scanner_camera_device_new          (ScannerPlant         *plant);
gboolean             scanner_camera_device_set_rotation (ScannerCameraDevice  *self,
                                                         int                   rotation);

G_END_DECLS
