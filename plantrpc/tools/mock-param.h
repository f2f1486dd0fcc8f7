/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

GParamSpec *mock_param_new (PlantRpcPropertyInfo *property,
                            GParamSpec           *model);

G_END_DECLS
