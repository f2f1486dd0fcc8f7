/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <zmq.h>

G_BEGIN_DECLS

/* Looks up the addresses of a host. The question is asked on another thread, so the answer also
 * reaches a caller that blocks and runs no main loop. */
typedef struct _PlantRpcLookup PlantRpcLookup;

/* The look-up is over. It is called once, in the context or by plant_rpc_lookup_process(), and may
 * free the look-up. */
typedef void (*PlantRpcLookupFunc) (gpointer owner);

PlantRpcLookup *plant_rpc_lookup_new       (const char          *host,
                                            GMainContext        *context,
                                            PlantRpcLookupFunc   over,
                                            gpointer             owner,
                                            GError             **error);
void            plant_rpc_lookup_free      (PlantRpcLookup      *self);
const char     *plant_rpc_lookup_get_host  (PlantRpcLookup      *self);
/* Returns TRUE if it has taken so long, or is so long over, that another one should be begun. */
gboolean        plant_rpc_lookup_is_stale  (PlantRpcLookup      *self);
gboolean        plant_rpc_lookup_is_over   (PlantRpcLookup      *self);
/* Returns the numeric addresses in the order in which RFC 8305 tries them: that of the system, but
 * with the families in turn. Fails with G_IO_ERROR_HOST_NOT_FOUND if there is no such host, and
 * with G_IO_ERROR_HOST_UNREACHABLE if that could not be found out now. It must be over. */
GPtrArray      *plant_rpc_lookup_list      (PlantRpcLookup      *self,
                                            GError             **error);

/* These are for a caller that blocks: one fills at most one item for zmq_poll() and returns their
 * number, the other handles an answer that has arrived. */
guint           plant_rpc_lookup_fill_poll (PlantRpcLookup      *self,
                                            zmq_pollitem_t      *items);
void            plant_rpc_lookup_process   (PlantRpcLookup      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLookup, plant_rpc_lookup_free)

G_END_DECLS
