/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "camera.h"
#include "plant.h"

G_BEGIN_DECLS

#define SCANNER_POT_HEIGHT 92.0

void scanner_stage_draw_room   (cairo_t             *cr,
                                const ScannerCamera *camera);
void scanner_stage_draw_table  (cairo_t             *cr,
                                const ScannerCamera *camera);
void scanner_stage_draw_shadow (cairo_t             *cr,
                                const ScannerCamera *camera,
                                ScannerPlant        *plant);
void scanner_stage_draw_pot    (cairo_t             *cr,
                                const ScannerCamera *camera);
void scanner_stage_draw_lens   (cairo_t             *cr,
                                const ScannerCamera *camera);

G_END_DECLS
