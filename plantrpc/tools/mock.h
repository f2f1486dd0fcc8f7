/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* An object with the properties and signals of an interface, which remembers what it is given. */
GObject  *mock_new          (PlantRpcInterfaceInfo  *info,
                             GError                **error);
gboolean  mock_set_property (GObject                *self,
                             const char             *name,
                             GVariant               *value,
                             GError                **error);
gboolean  mock_emit         (GObject                *self,
                             PlantRpcSignalInfo     *signal,
                             GVariant               *args,
                             GError                **error);

G_END_DECLS
