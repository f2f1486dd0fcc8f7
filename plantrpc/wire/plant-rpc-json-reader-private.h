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

/* The members of an object. Several of them are looked for, and the text is gone through once. */
typedef struct {
  const char *text;          /* points to the opening bracket */
  struct {
    const char *name;        /* points to the opening quote */
    const char *name_end;    /* behind the closing quote */
    const char *value;
  }           found[12];
  guint       n_found;
  const char *rest;          /* (nullable): the first member that there was no place for */
} PlantRpcJsonMembers;

/* Goes through the object at AT. */
void        plant_rpc_json_find_members (const char          *at,
                                         PlantRpcJsonMembers *members);
/* Returns the last value with that name, or NULL. No GVariant is built. */
const char *plant_rpc_json_find_member (const PlantRpcJsonMembers *members,
                                        const char                *name);

/* Returns the first byte of the value in the text. */
const char *plant_rpc_json_skip_space  (const char  *at);

G_END_DECLS
