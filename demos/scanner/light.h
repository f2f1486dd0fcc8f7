/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant.h"

G_BEGIN_DECLS

/* The lamp of the scanner, and which parts of one plant it reaches past the other leaves. */
typedef struct _ScannerLight ScannerLight;

ScannerLight *scanner_light_new           (ScannerPlant  *plant);
void          scanner_light_free          (ScannerLight  *self);
ScannerVector scanner_light_get_direction (void);
gdouble       scanner_light_reach         (ScannerLight  *self,
                                           ScannerVector  point);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScannerLight, scanner_light_free)

G_END_DECLS
