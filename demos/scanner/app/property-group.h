/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "property-row.h"

G_BEGIN_DECLS

/* All that a device has, a row each. */
#define SCANNER_TYPE_PROPERTY_GROUP (scanner_property_group_get_type ())

G_DECLARE_FINAL_TYPE (ScannerPropertyGroup, scanner_property_group, SCANNER, PROPERTY_GROUP,
                      AdwPreferencesGroup)

ScannerPropertyRow *scanner_property_group_find_row (ScannerPropertyGroup *self,
                                                     const char           *name);

G_END_DECLS
