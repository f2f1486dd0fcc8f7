/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imager-camera.h"
#include "imager-controller.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_CONTROLLER_DEVICE (scanner_controller_device_get_type ())
G_DECLARE_FINAL_TYPE (ScannerControllerDevice, scanner_controller_device, SCANNER,
                      CONTROLLER_DEVICE, ImagerControllerSkeleton)

ScannerControllerDevice *scanner_controller_device_new (ImagerCameraClient *camera);

G_END_DECLS
