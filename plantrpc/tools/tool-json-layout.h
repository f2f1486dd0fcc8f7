/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lays out JSON for people. Each member has a line, but an object or array inside a member stays on
 * one line if that has at most 100 bytes. Strings and numbers are not changed. There is no line
 * break at the end. JSON must be valid. */
char *tool_json_lay_out (const char *json);

/* Returns JSON with the escapes of plant_rpc_text_escape(), by which a program reads the same. */
char *tool_json_escape  (const char *json);

G_END_DECLS
