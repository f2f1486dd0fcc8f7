/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

#include "kind.h"
#include "template.h"

G_BEGIN_DECLS

/* What an argument of a method or signal becomes. */
typedef struct {
  const Kind *kind;
  char       *type_string; /* (owned) */
  char       *identifier;  /* (owned): "arg_lores" */
  char       *wire_name;   /* (owned) (nullable): of a method's parameter */
  GVariant   *preset;      /* (owned) (nullable): its default */
} Argument;

/* A method, property or signal, with what templates ask for. */
typedef struct {
  Scope              *scope;     /* (owned) */
  const char         *name;      /* (nullable): GObject name of a property or signal */
  const char         *wire_name;
  GPtrArray          *arguments; /* (owned) (nullable) (element-type Argument) */
  guint               index;     /* of its handler */

  PlantRpcMethodInfo *method;    /* (unowned) (nullable) */
  gboolean            buffer;    /* whether the method returns a buffer */
  const char         *returned;  /* (nullable): the type that the method returns, if known */

  /* of a property */
  const Kind         *kind;
  GParamSpec         *pspec;     /* (owned) (nullable) */
  const char         *type_string;
  const char *const  *choices;   /* (nullable) */
  gboolean            readable;
  gboolean            writable;
  GVariant           *default_value; /* (unowned) (nullable) */
  GVariant           *minimum;       /* (unowned) (nullable) */
  GVariant           *maximum;       /* (unowned) (nullable) */
  double              step;          /* 0 if there is none */
  const char         *unit;          /* (nullable) */
  const char         *description;   /* (nullable) */
} Member;

/* One interface, as it is to be called in the language that is written. */
typedef struct {
  PlantRpcInterfaceInfo *info;       /* (owned) */
  gboolean               vala;
  Scope                 *scope;      /* (owned) */
  GHashTable            *taken;      /* (owned) (element-type utf8 utf8): identifier to member */
  GPtrArray             *methods;    /* (owned) (element-type Member) */
  GPtrArray             *properties; /* (owned) (element-type Member) */
  GPtrArray             *signals;    /* (owned) (element-type Member) */
  guint                  n_handlers;
} Model;

/* NULL with an error that names the member that cannot be. C_NAMESPACE may be NULL for Vala. */
Model      *model_new            (PlantRpcInterfaceInfo  *info,
                                  const char             *c_namespace,
                                  const char             *name,
                                  gboolean                vala,
                                  GError                **error);
void        model_free           (Model                  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Model, model_free)

/* Whether any method has some. */
gboolean    model_has_arguments    (Model                  *self);

/* An argument that is left out when it is NULL. */
gboolean    argument_is_omittable  (Argument               *self);
/* A method whose parameters are not known. */
gboolean    member_is_raw          (Member                 *self);
/* The number of a choice. */
int         member_get_number      (Member                 *self,
                                    guint                   choice);
/* The limit of a property without a default that is nearest to zero; NULL where zero is allowed. */
GVariant   *member_get_nearest     (Member                 *self);
/* What a method returns; NULL for nothing. */
const Kind *member_get_result      (Member                 *self);
/* Arguments before the first that can be left out go by their place, the others by their name. */
guint       member_count_placed    (Member                 *self);

G_END_DECLS
