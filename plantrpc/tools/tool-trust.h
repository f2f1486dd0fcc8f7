/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-device.h"

G_BEGIN_DECLS

/* What keys and roles have to do with a device, for people who do not get in. */

/* Whether the URL of the device has its key. */
gboolean  tool_trust_is_secured         (PlantRpcClient *client);
/* Return what to do about ERROR, or NULL if it has nothing to do with keys. The first is for a
 * connection that failed, the second for a request. */
char     *tool_trust_explain_connection (PlantRpcClient *client,
                                         const GError   *error);
/* Likewise for a registry that was not reached. */
char     *tool_trust_explain_registry   (const char     *url,
                                         const GError   *error);
char     *tool_trust_explain_request    (ToolDevice     *device,
                                         const GError   *error);

G_END_DECLS
