/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-authenticator-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-offer-private.h"

G_BEGIN_DECLS

/* The running part of a server. It hands each request to the part that answers it, and makes sure
 * that the request gets exactly one reply. */
typedef struct _PlantRpcDispatcher PlantRpcDispatcher;

/* The state of a service, which the dispatcher reads. The settings at its end are for the owner of
 * the service to change; the rest only its functions change. */
typedef struct {
  char             *url;            /* (owned) (nullable): with the port, while it runs */
  guint16           port;           /* 0 unless it runs, and over ipc */
  gboolean          running;
  PlantRpcEndpoint *endpoint;       /* (owned) (nullable): while it runs */
  char             *name;           /* (owned): "" for none */
  char             *uuid;           /* (owned) (nullable): identifies the latest start */
  char             *peer_address;   /* (owned) (nullable): of the client that connected last */

  gboolean          legacy;         /* TRUE: the read handler is asked for unknown names, too, and
                                       signals have the types that clients declare */
  gboolean          allow_stop;     /* TRUE: clients may stop the server */
  guint             max_peer_calls; /* from the next start on */
  guint64           max_unread;     /* bytes, from the next start on */

  GStrv             relays;         /* (owned) (nullable): the ids of the relay that the server is,
                                       and of those behind it */
  GError           *absent;         /* (owned) (nullable): why there is nothing to offer, which is
                                       the answer to every request */

  PlantRpcKeypair       *keypair;       /* (owned) (nullable): NULL: the server is not secured */
  PlantRpcAuthenticator *authenticator; /* (owned) (nullable): NULL: nobody is let in if the server
                                           is secured */
  char                  *unsecured_url;  /* (owned) (nullable): where a secured server lets in
                                            everybody; with the port, while it runs */
  PlantRpcRole           unsecured_role; /* of who comes in there, from the next start on */
} PlantRpcServiceState;

/* Where a dispatcher listens. */
typedef struct {
  const PlantRpcEndpoint *endpoint; /* must live as long as the dispatcher */
  gboolean                secured;  /* FALSE: everybody is let in */
  PlantRpcRole            role;     /* of everybody, unless it is secured */
} PlantRpcEntrance;

/* All are called in the context. Any of them may stop the server. */
typedef struct {
  void (*stop)      (gpointer    owner);
  void (*connected) (gpointer    owner,
                     const char *address);
} PlantRpcDispatcherFuncs;

/* Binds and serves. STATE and OFFER are unowned, and must live until close(). */
PlantRpcDispatcher *plant_rpc_dispatcher_new      (const PlantRpcServiceState     *state,
                                                   const PlantRpcEntrance         *entrance,
                                                   PlantRpcOffer                  *offer,
                                                   GMainContext                   *context,
                                                   const PlantRpcDispatcherFuncs  *funcs,
                                                   gpointer                        owner,
                                                   GError                        **error);
/* It may be called from inside callbacks and handlers. None of them is called afterwards. */
void                plant_rpc_dispatcher_close    (PlantRpcDispatcher *self);

guint16             plant_rpc_dispatcher_get_port (PlantRpcDispatcher *self);
/* Must be called after the interface of the offer or the name has changed. */
void                plant_rpc_dispatcher_update   (PlantRpcDispatcher *self);
/* Goes on with another object of the offer, or other relays. Clients lose their connections, so
 * that they learn anew what is offered, and requests under way are cancelled. Fails, and changes
 * nothing, if the interface of the offer cannot be made. */
gboolean            plant_rpc_dispatcher_replace  (PlantRpcDispatcher  *self,
                                                   GError             **error);
/* The property of that wire name has changed, although the object has not notified of it. */
void                plant_rpc_dispatcher_note_change (PlantRpcDispatcher *self,
                                                      const char         *wire_name);

G_END_DECLS
