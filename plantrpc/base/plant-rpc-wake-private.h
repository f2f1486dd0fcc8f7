/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Returns an eventfd of the calling thread, by which others wake it, or -1 if no descriptor is
 * left. It is closed when the thread ends. */
int plant_rpc_wake_get_descriptor (void);
