/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Python has a lock that only one of its threads holds. PyGObject keeps it while it makes an
 * object, sets a property, or drops a reference. A thread that waits for another one gives the lock
 * up meanwhile, since the other one may need it to come to an end. */

/* Returns what plant_rpc_interpreter_lock() needs, or NULL if this thread does not hold the
 * lock. */
gpointer plant_rpc_interpreter_unlock (void);
void     plant_rpc_interpreter_lock   (gpointer state);

G_END_DECLS
