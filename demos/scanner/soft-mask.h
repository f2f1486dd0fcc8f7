/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "camera.h"

G_BEGIN_DECLS

/* A shape without sharp edges: draw it, then paint the picture through it. */
typedef struct _ScannerSoftMask ScannerSoftMask;

ScannerSoftMask *scanner_soft_mask_new         (const ScannerCamera *camera);
void             scanner_soft_mask_free        (ScannerSoftMask     *self);
cairo_t         *scanner_soft_mask_get_context (ScannerSoftMask     *self);
void             scanner_soft_mask_paint       (ScannerSoftMask     *self,
                                                cairo_t             *cr,
                                                cairo_pattern_t     *source,
                                                gdouble              softness);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScannerSoftMask, scanner_soft_mask_free)

G_END_DECLS
