/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"

G_BEGIN_DECLS

/* What a getter returns without giving it away stays valid until the object changes. A thread that
 * is not the owner of the object's main context cannot know when that is, so it gets a copy, which
 * lives until that thread has been given 64 more. All VALUES are nullable. */

/* Must be called at home. */
gconstpointer  plant_rpc_loan_lend        (PlantRpcHome    *home,
                                           gconstpointer    value,
                                           GBoxedCopyFunc   copy,
                                           GBoxedFreeFunc   free);
const char    *plant_rpc_loan_lend_string (PlantRpcHome    *home,
                                           const char      *value);
const GError  *plant_rpc_loan_lend_error  (PlantRpcHome    *home,
                                           const GError    *value);

G_END_DECLS
