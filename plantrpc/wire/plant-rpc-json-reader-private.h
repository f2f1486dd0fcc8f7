/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Values of a text that plant_rpc_json_check() has passed, which is trusted from then on: it is
 * read in place, without a look at where it ends. A number or a word at the very end of the text
 * has to have something behind it, if only a NUL. */

/* The value at AT, as plant-rpc-json-private.h tells: never floating. While it is read it takes at
 * most twelve times its text, where that is an array of single digits, and at most eight times
 * where it is anything else. */
GVariant   *plant_rpc_json_read        (const char  *at);

/* The last value of that name in the object at AT, or NULL. No value is built for it. */
const char *plant_rpc_json_find_member (const char  *at,
                                        const char  *name);

/* The first byte of the text's value. */
const char *plant_rpc_json_skip_space  (const char  *at);

G_END_DECLS
