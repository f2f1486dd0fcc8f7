/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The set of addresses that belong to one server, by which a client tells its connections from
 * those of strangers: the address at which the client reached it; the addresses of its host name;
 * and, if the server runs on this computer, every address of this computer, since the system may
 * pick any of them. All functions may be called from any thread. */
typedef struct _PlantRpcOrigin PlantRpcOrigin;

/* URL is the server's URL, ADDRESS the numeric address at which the client reached it. A thread
 * resolves the host name in URL, since that may take long. Until it has finished only ADDRESS is in
 * the set. */
PlantRpcOrigin *plant_rpc_origin_new   (const char      *url,
                                        const char      *address);
PlantRpcOrigin *plant_rpc_origin_ref   (PlantRpcOrigin  *self);
void            plant_rpc_origin_unref (PlantRpcOrigin  *self);
/* Adds ADDRESS after the client has reached the server at another address. */
void            plant_rpc_origin_add   (PlantRpcOrigin  *self,
                                        const char      *address);
/* Returns TRUE if the set has ADDRESS, which is numeric. An IPv4 address may be written as IPv6. */
gboolean        plant_rpc_origin_has   (PlantRpcOrigin  *self,
                                        const char      *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcOrigin, plant_rpc_origin_unref)

G_END_DECLS
