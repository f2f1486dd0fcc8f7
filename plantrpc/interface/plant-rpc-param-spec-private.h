/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* The limits of a numeric GParamSpec and its default, each NULL where it says no more than the
 * type does. Never floating. */
void        plant_rpc_param_spec_read_limits  (GParamSpec            *pspec,
                                               GVariant             **minimum,
                                               GVariant             **maximum);
GVariant   *plant_rpc_param_spec_dup_default  (GParamSpec            *pspec);

/* The type string of its values; the declared one of a GVariant. NULL for what cannot travel. */
const char *plant_rpc_param_spec_type_string  (GParamSpec            *pspec);

/* A GParamSpec for the client's side under another NAME: read-write, EXPLICIT_NOTIFY, never
 * CONSTRUCT; with the same type, limits, default and texts. Floating. */
GParamSpec *plant_rpc_param_spec_clone        (GParamSpec            *pspec,
                                               const char            *name);

/* The same for a property that has no GParamSpec, with values of TYPE. Floating. */
GParamSpec *plant_rpc_param_spec_new_for_info (PlantRpcPropertyInfo  *info,
                                               GType                  type);

G_END_DECLS
