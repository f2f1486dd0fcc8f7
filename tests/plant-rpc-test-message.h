/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-request-private.h"

G_BEGIN_DECLS

/* What a payload was understood as, a line a member, values in GVariant text format. */
char *test_message_describe_request   (const PlantRpcRequest   *request);
char *test_message_describe_reply     (const PlantRpcReply     *reply);
char *test_message_describe_inventory (const PlantRpcInventory *inventory);
char *test_message_describe_emission  (const PlantRpcEmission  *emission);

/* Unpacks PAYLOAD as what NAME begins with, and describes it; NULL with the error set where it is
 * refused. Names begin with "request-", "inventory-", "emission-", or "reply-" and what was asked
 * for: "call-", "get-", "set-", "all-", "subscribe-", "init-", "stop-"; "buffer-" has the frame
 * behind the payload that a buffer method's reply has, "bufferless-" lacks it. */
char *test_message_read               (const char              *name,
                                       GBytes                  *payload,
                                       GError                 **error);

G_END_DECLS
