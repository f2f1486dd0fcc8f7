/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Values as people read and write them: a text as it is, several with commas, a size as
 * 640 × 480, all else as JSON. */

char     *scanner_value_text_of           (GVariant    *value);
char     *scanner_value_text_of_arguments (GVariant    *args);
char     *scanner_value_text_to_markup    (const char  *text);
GVariant *scanner_value_text_parse        (const char  *text,
                                           const char  *type_string,
                                           GError     **error);
gboolean  scanner_value_text_is_size      (const char  *type_string);

G_END_DECLS
