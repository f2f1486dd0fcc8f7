/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"
#include "plant-rpc-invocation.h"

G_BEGIN_DECLS

/* These hand a request on to the device behind a client, in the order in which they are called. The
 * invocation gets the answer of the device, and its cancellation reaches the device. */

void plant_rpc_forward_call  (PlantRpcClient     *client,
                              PlantRpcInvocation *invocation,
                              PlantRpcMethodInfo *method);
void plant_rpc_forward_read  (PlantRpcClient     *client,
                              PlantRpcInvocation *invocation);
void plant_rpc_forward_write (PlantRpcClient     *client,
                              PlantRpcInvocation *invocation);

G_END_DECLS
