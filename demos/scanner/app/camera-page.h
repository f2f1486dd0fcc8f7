/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "connection.h"
#include "live-view.h"
#include "property-group.h"

G_BEGIN_DECLS

/* A camera: what it sees, and its settings. */
#define SCANNER_TYPE_CAMERA_PAGE (scanner_camera_page_get_type ())

G_DECLARE_FINAL_TYPE (ScannerCameraPage, scanner_camera_page, SCANNER, CAMERA_PAGE, AdwBin)

ScannerLiveView      *scanner_camera_page_get_view     (ScannerCameraPage *self);
ScannerPropertyGroup *scanner_camera_page_get_settings (ScannerCameraPage *self);

G_END_DECLS
