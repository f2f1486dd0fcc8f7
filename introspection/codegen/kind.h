/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How values of a GVariant type are held in C and in Vala. */
typedef struct {
  const char *type_string;
  const char *c_in;         /* of a parameter, up to its name */
  const char *c_out;        /* of what the caller owns, up to its name */
  const char *zero;
  const char *gtype;
  const char *value_suffix; /* as in g_value_get_int () */
  const char *give;         /* as in g_value_take_string () */
  const char *verb;         /* of the function that returns it */
  const char *out_doc;
  const char *to_variant;   /* a printf() format, of an expression; (nullable) */
  const char *from_variant; /* the same */
  const char *pspec;        /* as in g_param_spec_int () (nullable) */
  const char *minimum;      /* (nullable) */
  const char *maximum;      /* (nullable) */
  const char *vala;         /* of a parameter */
  const char *vala_get;     /* as in variant.get_int32 () (nullable) */
  const char *vala_new;     /* as in new Variant.int32 () (nullable) */
  const char *vala_spec;    /* its GParamSpec, if that has a default */
} Kind;

/* Those without a type of their own in C, structured ones among them, are GVariants. */
const Kind *kind_of         (const char *type_string);
const Kind *kind_variant    (void);
const Kind *kind_enum       (void);
const Kind *kind_flags      (void);

/* Whether its values are pointers, and may be NULL. */
gboolean    kind_is_pointer (const Kind *self);
gboolean    kind_is_list    (const Kind *self);

G_END_DECLS
