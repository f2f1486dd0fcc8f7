/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* JSON, which must be good, laid out to be read and edited: one member a line, but an object or
 * array within a member on one line where that has at most 100 bytes. Strings and numbers stay byte
 * for byte. There is no line break at the end. */
char *plant_rpc_json_lay_out (const char *json);

G_END_DECLS
