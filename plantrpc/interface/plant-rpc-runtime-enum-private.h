/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* The enumeration or flags type for the choices of INFO: the one called type_name if this process
 * has it with the same nicks and values, else one made for these choices, once. Thread-safe. */
GType plant_rpc_runtime_enum_get (PlantRpcPropertyInfo *info);

G_END_DECLS
