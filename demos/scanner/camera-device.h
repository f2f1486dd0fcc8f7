/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "camera-contract.h"
#include "plant.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_CAMERA_DEVICE (scanner_camera_device_get_type ())
G_DECLARE_FINAL_TYPE (ScannerCameraDevice, scanner_camera_device, SCANNER, CAMERA_DEVICE, GObject)

ScannerCameraDevice *scanner_camera_device_new          (ScannerPlant         *plant);
gboolean             scanner_camera_device_set_rotation (ScannerCameraDevice  *self,
                                                         int                   rotation);
void                 scanner_camera_device_offer        (ScannerCameraDevice  *self,
                                                         PlantRpcServer       *server);

G_END_DECLS
