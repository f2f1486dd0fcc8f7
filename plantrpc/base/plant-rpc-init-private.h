/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The zmq context of this process; NULL, with errno, if there cannot be one. Each call that gives
 * one is to be paired with a release once the socket made in it is closed: when the process ends
 * with none left, what lingers is still sent. */
void *plant_rpc_init_acquire_context (void);
void  plant_rpc_init_release_context (void);

G_END_DECLS
