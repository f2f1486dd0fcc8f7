/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the process can open N_MORE descriptors beside the PLANT_RPC_SPARE_DESCRIPTORS that are
 * left to the program. FD is any descriptor that is open. */
gboolean  plant_rpc_descriptors_are_left  (int    fd,
                                           guint  n_more);

G_END_DECLS
