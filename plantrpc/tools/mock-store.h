/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* The values that a mock was given, in a file that outlives it. */
typedef struct _MockStore MockStore;

MockStore *mock_store_new  (Tool                   *tool,
                            const char             *path);
gboolean   mock_store_load (MockStore              *self,
                            PlantRpcInterfaceInfo  *info,
                            GObject                *object,
                            GError                **error);
void       mock_store_note (MockStore              *self,
                            const char             *wire_name,
                            GVariant               *value);
void       mock_store_free (MockStore              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MockStore, mock_store_free)

G_END_DECLS
