/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

G_BEGIN_DECLS

/* The header and the source of the typed client and the skeleton; INCLUDE is how the header is
 * included. */
void  c_write               (Model       *model,
                             const char  *include,
                             char       **header,
                             char       **source);

/* Parts of them, in this order: what later parts ask of the scopes is set by former ones. */
char *c_write_header        (Model       *model);
void  c_append_interface    (GString     *out,
                             Model       *model);
void  c_append_client       (GString     *out,
                             Model       *model);
void  c_append_skeleton     (GString     *out,
                             Model       *model);
void  c_append_handlers     (GString     *out,
                             Model       *model);

/* What the method of MEMBER, which returns no buffer, returns. */
void  c_set_result          (Member      *member);

/* A value of a property, as an expression of C; NULL stands for the one that is meant where none
 * is declared. */
char *c_value               (Member      *member,
                             GVariant    *value);
/* The GParamSpec of a property, as an expression. */
char *c_param_spec          (Member      *member);

G_END_DECLS
