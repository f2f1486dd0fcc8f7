/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which addresses belong to one server, so that what comes from elsewhere can be told from it: the
 * address that it was reached at; what its name stands for; and, if it is on this computer, each
 * address of this computer, since the system picks any of them. May be used from any thread. */
typedef struct _PlantRpcOrigin PlantRpcOrigin;

/* URL is that of the server, ADDRESS the numeric one that it was reached at. A name in URL is looked up
 * on a thread, since that may take long: until then ADDRESS alone counts. */
PlantRpcOrigin *plant_rpc_origin_new   (const char      *url,
                                        const char      *address);
PlantRpcOrigin *plant_rpc_origin_ref   (PlantRpcOrigin  *self);
void            plant_rpc_origin_unref (PlantRpcOrigin  *self);
/* It was reached at another address since. */
void            plant_rpc_origin_add   (PlantRpcOrigin  *self,
                                        const char      *address);
/* ADDRESS is numeric; an IPv4 address may be written as IPv6. */
gboolean        plant_rpc_origin_has   (PlantRpcOrigin  *self,
                                        const char      *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcOrigin, plant_rpc_origin_unref)

G_END_DECLS
