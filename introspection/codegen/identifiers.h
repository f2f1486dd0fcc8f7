/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

G_BEGIN_DECLS

/* What members are called in the language that is written. Two that would be called the same, and
 * one that cannot be called anything, are errors; the names of members are in snake case. */
gboolean    identifiers_set_names    (Model                 *model,
                                      const char            *c_namespace,
                                      const char            *name,
                                      GError               **error);
char       *identifiers_for_method   (Model                 *model,
                                      PlantRpcMethodInfo    *info,
                                      GError               **error);
char       *identifiers_for_property (Model                 *model,
                                      PlantRpcPropertyInfo  *info,
                                      const char            *verb,
                                      GError               **error);
char       *identifiers_for_signal   (Model                 *model,
                                      PlantRpcSignalInfo    *info,
                                      GError               **error);

/* The function that gets a property. */
const char *identifiers_get_getter   (Model                 *model,
                                      Member                *member);

/* Sets what the enumeration of a property is called. */
void        identifiers_set_enum     (Model                 *model,
                                      Member                *member);
/* The name of one of its values. */
char       *identifiers_for_choice   (Model                 *model,
                                      Member                *member,
                                      guint                  index);

G_END_DECLS
