/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Named texts; those of the parent are seen, too, unless it has its own. */
typedef struct _Scope Scope;

Scope      *scope_new        (Scope         *parent);
void        scope_free       (Scope         *self);
void        scope_set        (Scope         *self,
                              const char    *name,
                              const char    *text);
void        scope_take       (Scope         *self,
                              const char    *name,
                              char          *text);
const char *scope_get        (Scope         *self,
                              const char    *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scope, scope_free)

/* Appends a section of a file of templates, "header.tmpl", to OUT, with "$name$" replaced. */
void        template_append  (GString       *out,
                              const char    *file,
                              const char    *section,
                              Scope         *scope);
/* The same behind an empty line. */
void        template_append_block (GString    *out,
                                   const char *file,
                                   const char *section,
                                   Scope      *scope);
char       *template_fill    (const char    *file,
                              const char    *section,
                              Scope         *scope);

G_END_DECLS
