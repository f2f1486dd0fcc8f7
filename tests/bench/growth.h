/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

#include "bench.h"

/* A device with any number of properties, of four types in turn, that is offered and opened. */

#define GROWTH_TIMEOUT_MS 120000

/* Returns the type of a device with so many properties. */
GType           growth_device_type (guint       n_properties);

/* Waits until the client is ready. */
void            growth_wait        (PlantRpcClient *client);
/* The same, and until its changes are told. The loop of many clients takes its time. */
void            growth_settle      (PlantRpcClient *client);

/* Serves at URL, and says that with bench_ready(). Never returns. */
_Noreturn void  growth_serve       (const char *url,
                                    guint       n_properties);
/* Binds a ROUTER socket of libzmq, and nothing else, likewise. */
_Noreturn void  growth_route       (const char *url);
