/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-address-listener-private.h"
#include "plant-rpc-dispatcher-private.h"
#include "plant-rpc-exported-object-private.h"
#include "plant-rpc-guard-private.h"
#include "plant-rpc-jobs-private.h"
#include "plant-rpc-publisher-private.h"
#include "plant-rpc-reader-private.h"

G_BEGIN_DECLS

/* The parts of a dispatcher, for its files alone. It is an rc box: a reference is held during each
 * callback that may stop the server. */
struct _PlantRpcDispatcher {
  const PlantRpcDispatcherFuncs *funcs;
  gpointer                       owner;
  const PlantRpcServiceState    *state;     /* (unowned) */
  PlantRpcEntrance               entrance;
  PlantRpcOffer                 *offer;     /* (unowned) */
  PlantRpcInterfaceInfo         *interface; /* (owned) */
  GBytes                        *inventories[PLANT_RPC_ROLE_ADMINISTRATOR + 2];
                                            /* (owned) (nullable): by the role that the extension
                                               tells; the last one without the extension */
  PlantRpcGuard                 *guard;     /* (owned) (nullable): NULL if the entrance is not
                                               secured, or closed */
  gboolean                       closed;    /* TRUE: close() was called, and all below are NULL */
  PlantRpcHandover              *handover;  /* (owned) */
  PlantRpcRouter                *router;    /* (owned) */
  PlantRpcExportedObject        *exported;  /* (owned) */
  PlantRpcReader                *reader;    /* (owned) */
  PlantRpcPublisher             *publisher; /* (owned) */
  PlantRpcJobs                  *jobs;      /* (owned) */
  PlantRpcAddressListener       *listener;  /* (owned) */
};

/* The request that is being handled. */
typedef struct {
  const PlantRpcEnvelope *envelope;
  const PlantRpcArrived  *arrived;
  PlantRpcRequest        *request;
  PlantRpcRole            role;    /* of the sender */
} PlantRpcIncoming;

void     plant_rpc_dispatcher_unref        (PlantRpcDispatcher     *self);

/* Nothing is sent once the dispatcher is closed. */
void     plant_rpc_dispatcher_send         (PlantRpcDispatcher     *self,
                                            const PlantRpcEnvelope *envelope,
                                            PlantRpcFormat          format,
                                            PlantRpcEvent           event,
                                            const PlantRpcReply    *reply);
void     plant_rpc_dispatcher_answer       (PlantRpcDispatcher     *self,
                                            const PlantRpcIncoming *incoming,
                                            const PlantRpcReply    *reply);
/* Takes ownership of ERROR. */
void     plant_rpc_dispatcher_answer_error (PlantRpcDispatcher     *self,
                                            const PlantRpcIncoming *incoming,
                                            GError                 *error);

/* The requests that concern one property. */
void     plant_rpc_dispatcher_handle_get   (PlantRpcDispatcher     *self,
                                            const PlantRpcIncoming *incoming);
void     plant_rpc_dispatcher_handle_set   (PlantRpcDispatcher     *self,
                                            const PlantRpcIncoming *incoming);
/* For PlantRpcJobs, PlantRpcExportedObject and PlantRpcReader. */
void     plant_rpc_dispatcher_finish_job   (gpointer                dispatcher,
                                            const PlantRpcJob      *job,
                                            PlantRpcReply          *reply,
                                            gboolean                accepted);
void     plant_rpc_dispatcher_take_change  (gpointer                dispatcher,
                                            PlantRpcPropertyInfo   *property);
void     plant_rpc_dispatcher_tell_change  (gpointer                dispatcher,
                                            PlantRpcPropertyInfo   *property,
                                            GVariant               *value,
                                            const GError           *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcDispatcher, plant_rpc_dispatcher_unref)

G_END_DECLS
