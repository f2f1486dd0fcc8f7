/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Set the limits of a numeric GParamSpec and its default, never floating. Each is NULL if it
 * follows from the type. */
void        plant_rpc_param_spec_read_limits  (GParamSpec            *pspec,
                                               GVariant             **minimum,
                                               GVariant             **maximum);
GVariant   *plant_rpc_param_spec_dup_default  (GParamSpec            *pspec);

/* Returns the type string of the values, which a GVariant's GParamSpec declares. Returns NULL if
 * they cannot travel. */
const char *plant_rpc_param_spec_type_string  (GParamSpec            *pspec);

/* Returns a GParamSpec like that of a GVariant of any type, for values of one type. It has the same
 * name and flags. Returns NULL if PSPEC is for other values. */
GParamSpec *plant_rpc_param_spec_new_of_variant_type (GParamSpec *pspec,
                                                      const char *type_string);

/* Returns a floating GParamSpec for the client's side, with the same type, limits, default and
 * texts under another NAME. It is readable, writable and EXPLICIT_NOTIFY, and never CONSTRUCT. */
GParamSpec *plant_rpc_param_spec_clone        (GParamSpec            *pspec,
                                               const char            *name);

/* The same for a property that has no GParamSpec. Its values are of TYPE. */
GParamSpec *plant_rpc_param_spec_new_for_info (PlantRpcPropertyInfo  *info,
                                               GType                  type);

G_END_DECLS
