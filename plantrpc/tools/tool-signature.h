/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* What stands before the arrow; NULL for what is not known. */
char     *tool_signature_dup_parameters (PlantRpcMethodInfo  *method);
gboolean  tool_signature_bind           (PlantRpcMethodInfo  *method,
                                         char               **texts,
                                         GVariant           **args,
                                         GVariant           **kwargs,
                                         GError             **error);

G_END_DECLS
