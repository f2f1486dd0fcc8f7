/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

/**
 * PLANT_RPC_CHECK_VERSION:
 * @major: the first number
 * @minor: the second number
 * @micro: the third number
 *
 * Tells whether a program is compiled with the given version or a newer one. The preprocessor can
 * evaluate it, too.
 *
 * Since: 1.0
 */
#define PLANT_RPC_CHECK_VERSION(major, minor, micro)                             \
  (PLANT_RPC_MAJOR_VERSION > (major) ||                                          \
   (PLANT_RPC_MAJOR_VERSION == (major) && PLANT_RPC_MINOR_VERSION > (minor)) ||  \
   (PLANT_RPC_MAJOR_VERSION == (major) && PLANT_RPC_MINOR_VERSION == (minor) &&  \
    PLANT_RPC_MICRO_VERSION >= (micro)))

PLANT_RPC_AVAILABLE_IN_1_0
guint    plant_rpc_get_major_version (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
guint    plant_rpc_get_minor_version (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
guint    plant_rpc_get_micro_version (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
gboolean plant_rpc_check_version     (guint major,
                                      guint minor,
                                      guint micro) G_GNUC_CONST;

G_END_DECLS
