/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* Whether a property has the value that somebody has typed: values are compared as what they are,
 * not by their types or by how they are written. */

/* Returns VALUE as the property would have it: the nick for a number, flags in their order. A value
 * that does not fit is returned as it is. */
GVariant *tool_compare_fit    (PlantRpcPropertyInfo  *property,
                               GVariant              *value);
/* Returns the order of A and B, 0 if they are equal. If they are neither two numbers nor two texts,
 * they have no order, and COMPARABLE is set to FALSE. */
int       tool_compare_values (GVariant              *a,
                               GVariant              *b,
                               gboolean              *comparable);

G_END_DECLS
