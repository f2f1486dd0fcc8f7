/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

G_BEGIN_DECLS

/* TEXT as a literal within an attribute: what it says goes into a literal of C as it is. */
char *vala_attribute_literal (const char *text);
char *vala_timeout           (int         timeout);

/* The default of a property, as an expression; NULL if none is to be written. */
char *vala_value             (Member     *member);

/* Sets what calls and handlers of a method take and do with it, and what they return. */
void  vala_set_call          (Member     *member);
void  vala_set_handler       (Member     *member);
void  vala_set_result        (Member     *member);

/* Statements that give GParamSpecs what properties in Vala do not declare: limits, types of
 * variants, some defaults. Each is found by an expression that begins with FIND. */
char *vala_specs             (Model      *model,
                              const char *find);

G_END_DECLS
