/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "controller-contract.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_CONTROLLER_DEVICE (scanner_controller_device_get_type ())
G_DECLARE_FINAL_TYPE (ScannerControllerDevice, scanner_controller_device, SCANNER,
                      CONTROLLER_DEVICE, GObject)

ScannerControllerDevice *scanner_controller_device_new   (PlantRpcClient           *camera);
void                     scanner_controller_device_offer (ScannerControllerDevice  *self,
                                                          PlantRpcServer           *server);

G_END_DECLS
