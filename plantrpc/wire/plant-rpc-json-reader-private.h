/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads values from a text that has passed plant_rpc_json_check(). The text is trusted then: it is
 * read in place, and its end is not checked. If it ends in a number or a word, another byte, such
 * as a NUL, must follow it in memory. */

/* Returns the value at AT, never floating, converted as plant-rpc-json-private.h says. While it is
 * read it takes at most twelve times the memory of its text, if that is an array of single digits,
 * and at most eight times otherwise. */
GVariant   *plant_rpc_json_read        (const char  *at);

/* Returns the last value with that name in the object at AT, or NULL. No GVariant is built. */
const char *plant_rpc_json_find_member (const char  *at,
                                        const char  *name);

/* Returns the first byte of the value in the text. */
const char *plant_rpc_json_skip_space  (const char  *at);

G_END_DECLS
