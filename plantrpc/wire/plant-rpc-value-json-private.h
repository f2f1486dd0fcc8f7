/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-value.h"

G_BEGIN_DECLS

/* A whole call in JSON, so that the override for JavaScript makes one in one step. */

/* Returns VALUE as plant_rpc_value_to_json() has it, where an empty tuple is null, too, or NULL
 * where JSON does not tell it exactly. */
char *plant_rpc_value_tell_json    (GVariant *value);

/* Returns an array of ARGS (av), and of KWARGS (a{sv}) behind them where that has members, or NULL
 * where JSON does not tell them exactly. */
char *plant_rpc_value_call_to_json (GVariant *args,
                                    GVariant *kwargs);

G_END_DECLS
