/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Returns the enumeration or flags type for the choices of INFO. It is the type with that name if
 * this process has it with the same nicks and values. Otherwise it is a type that is made for these
 * choices once. Thread-safe. */
GType plant_rpc_runtime_enum_get (PlantRpcPropertyInfo *info);

G_END_DECLS
