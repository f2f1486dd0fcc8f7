/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* A network that is the target's: linked with fuzz_wire_link_args of meson.build, sockets of the library take
 * part in it in place of the real one. What the target queues arrives at the last socket that was
 * made; nothing else happens at any socket. */

typedef void (*FuzzWireSentFunc) (const PlantRpcEnvelope *envelope,
                                  GBytes                 *payload);

/* SENT is told of each message that goes out. */
void fuzz_wire_begin       (FuzzWireSentFunc   sent);
void fuzz_wire_end         (void);

void fuzz_wire_queue_event (int                type);
/* FRAMES (element-type GBytes) is taken over. */
void fuzz_wire_queue       (GPtrArray         *frames);
/* Calls the library's callbacks until nothing is queued that it wants. */
void fuzz_wire_run         (void);

G_END_DECLS
