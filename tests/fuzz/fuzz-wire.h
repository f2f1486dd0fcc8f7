/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Replaces the network of a fuzz target. The library's sockets use it in programs that are linked
 * with fuzz_wire_link_args of meson.build. A queued message arrives at the socket that was made
 * last. Nothing else happens at any socket. */

typedef void (*FuzzWireSentFunc) (const PlantRpcEnvelope *envelope,
                                  GBytes                 *payload);

/* SENT is called with each message that the library sends. */
void fuzz_wire_begin       (FuzzWireSentFunc   sent);
void fuzz_wire_end         (void);

void fuzz_wire_queue_event (int                type);
/* Takes FRAMES (element-type GBytes) over. */
void fuzz_wire_queue       (GPtrArray         *frames);
/* Calls the library's callbacks until nothing is queued that it would read. */
void fuzz_wire_run         (void);

G_END_DECLS
