/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Settings come as an object of JSON or as what another GVariant program made: numbers and objects
 * of any type. What is absent leaves *value alone; what does not fit is an error. */

gboolean scanner_settings_get_group  (GVariant    *settings,
                                      const char  *name,
                                      GVariant   **group,
                                      GError     **error);
gboolean scanner_settings_get_number (GVariant    *settings,
                                      const char  *name,
                                      double       minimum,
                                      double       maximum,
                                      double      *value,
                                      GError     **error);

G_END_DECLS
