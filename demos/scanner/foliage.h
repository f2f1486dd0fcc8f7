/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "camera.h"
#include "plant.h"

G_BEGIN_DECLS

void scanner_foliage_draw (cairo_t             *cr,
                           const ScannerCamera *camera,
                           ScannerPlant        *plant);

G_END_DECLS
