/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "camera.h"
#include "plant.h"

G_BEGIN_DECLS

/* A soft shadow on the turntable. */
typedef struct _ScannerShadow ScannerShadow;

ScannerShadow *scanner_shadow_new       (const ScannerCamera *camera);
void           scanner_shadow_free      (ScannerShadow       *self);
void           scanner_shadow_add_disc  (ScannerShadow       *self,
                                         ScannerVector        centre,
                                         gdouble              radius);
void           scanner_shadow_add_plant (ScannerShadow       *self,
                                         ScannerPlant        *plant,
                                         ScannerVector        towards);
void           scanner_shadow_paint     (ScannerShadow       *self,
                                         cairo_t             *cr);

G_END_DECLS
