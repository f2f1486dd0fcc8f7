/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-serial-view-private.h"

G_BEGIN_DECLS

/* What is checked in bytes before GVariant reads them as a value, since GVariant would lose what is
 * nested too deeply, allocate much for long types, or read behind the end. Whether the value is in
 * normal form GVariant checks itself, except of what most values are made of. */

/* Whether VALUE is in normal form, holds no more than PLANT_RPC_MAX_DEPTH levels, and is a variant,
 * a list (av) or a dictionary (a{sv}) of plain values, or one of these that is no basic value:
 * booleans, numbers, strings, nothing (mv), lists of numbers or of strings, and lists and
 * dictionaries of the same. FALSE says nothing. GVariant takes several times as long. */
gboolean  plant_rpc_native_is_plain     (const PlantRpcSerialView  *value);

/* Fails with PLANT_RPC_ERROR_LIMIT for more than PLANT_RPC_MAX_DEPTH levels. VALUE is in normal
 * form. */
gboolean  plant_rpc_native_check_depth  (const PlantRpcSerialView  *value,
                                         GError                   **error);
/* Fails with PLANT_RPC_ERROR_LIMIT if the type of a variant's child has more than
 * PLANT_RPC_MAX_TYPE_LENGTH characters. */
gboolean  plant_rpc_native_check_types  (const PlantRpcSerialView  *value,
                                         GError                   **error);
/* If a tuple ends within padding, GVariant reads one byte behind it. Returns PAYLOAD, or if needed
 * a copy with room for that byte. */
GBytes   *plant_rpc_native_ref_readable (GBytes                    *payload,
                                         const char                *type_string);

G_END_DECLS
