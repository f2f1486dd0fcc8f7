/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* What must be readable, from a type and from JSON. */
PlantRpcInterfaceInfo *test_read_type         (GType                  type);
PlantRpcInterfaceInfo *test_read_json         (const char            *json);
/* It comes back as it was, from JSON and from its native form. */
void                   test_assert_round_trip (PlantRpcInterfaceInfo *info);

GType                  test_make_subclass     (const char            *name,
                                               GType                  parent);

G_END_DECLS
