/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends numbers as JSON. The locale has no influence. */
void plant_rpc_json_append_unsigned (GString *out,
                                     guint64  number);
/* Prints NUMBER into TEXT, which has G_ASCII_DTOSTR_BUF_SIZE bytes, with the fewest digits that
 * read back as the same number, such as 90 and 1e+300. */
void plant_rpc_json_print_double    (char    *text,
                                     double   number);
/* NUMBER is finite. It gets the fewest digits that read back as the same number, and always a
 * fraction or an exponent. */
void plant_rpc_json_append_double   (GString *out,
                                     double   number);

G_END_DECLS
