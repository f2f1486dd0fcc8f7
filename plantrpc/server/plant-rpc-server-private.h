/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-announcement-private.h"
#include "plant-rpc-dispatcher-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-watchdog-private.h"

G_BEGIN_DECLS

/* A handler is counted, since it may be replaced while it is called. */
typedef struct {
  PlantRpcWriteHandler  handler;
  gpointer              user_data; /* (owned by notify) */
  GDestroyNotify        notify;
} PlantRpcWriter;

/* What the files of the server share: the object that it exports, what it offers, and how it
 * runs. */
typedef struct {
  GMainContext          *context;        /* (owned): where this was made */
  GObject               *object;         /* (owned) (nullable): NULL for the server itself */
  char                  *url;            /* (owned) (nullable): as given */
  char                  *bound_url;      /* (owned) (nullable): while running */
  char                  *name;           /* (owned) */
  char                  *uuid;           /* (owned) (nullable): identifies the latest start */
  char                  *peer_address;   /* (owned) (nullable) */
  gboolean               allow_stop;
  GPtrArray             *hidden;         /* (owned) (element-type utf8): ends with NULL */
  PlantRpcMethodTable   *methods;        /* (owned) */
  PlantRpcWriter        *writer;         /* (owned) (nullable): a g_rc_box */
  PlantRpcInterfaceInfo *interface;      /* (owned) (nullable): NULL if it must be made again */
  PlantRpcEndpoint      *endpoint;       /* (owned) (nullable): while running */
  PlantRpcDispatcher    *dispatcher;     /* (owned) (nullable): while running */
  PlantRpcWatchdog      *watchdog;       /* (owned) (nullable): while running */
  GMainLoop             *loop;           /* (unowned) (nullable): while serve_forever() runs */
  PlantRpcAnnouncement  *announcement;   /* (owned) (nullable): since a registration began */
  GTask                 *registering;    /* (owned) (nullable): until it is */
  GSource               *cancellation;   /* (owned) (nullable): what cancels REGISTERING */
  GSource               *signals[2];     /* (owned) (nullable): while registered, in LOOP */
  gboolean               registered;
  char                  *registry_uuid;  /* (owned) (nullable): while registered */
  char                  *own_name;       /* (owned) (nullable): before the registry gave a name */
  guint                  alive_timeout;  /* s */
  gboolean               exit_without_registry;
  guint                  max_peer_calls;
  guint64                max_unread;     /* bytes */
} PlantRpcServerPrivate;

PlantRpcServerPrivate *plant_rpc_server_get_private (PlantRpcServer *self);

/* Returns the interface of the object and the methods, which is made when it is needed. */
PlantRpcInterfaceInfo *plant_rpc_server_ensure_interface (PlantRpcServer  *self,
                                                          GError         **error);
/* Must be called after the interface or the name has changed. */
void                   plant_rpc_server_update_interface (PlantRpcServer  *self);
void                   plant_rpc_server_release_handlers (PlantRpcServer  *self);

/* Withdraws the registration, if there is one. With WAIT it waits for the registry, for a short
 * time at most. */
void                   plant_rpc_server_withdraw         (PlantRpcServer  *self,
                                                          gboolean         wait);
/* Must be called after the loop has been set or unset. While the server is registered and
 * serve_forever() runs, the signals that end a process stop the server. */
void                   plant_rpc_server_update_signals   (PlantRpcServer  *self);

/* Returns FALSE if all writes are accepted. */
gboolean               plant_rpc_server_decides_writes   (PlantRpcServer  *self);
gboolean               plant_rpc_server_decide_write     (PlantRpcServer      *self,
                                                          PlantRpcInvocation  *invocation,
                                                          const char          *name,
                                                          GVariant            *value,
                                                          GError             **error);
/* The default handlers of the class. */
gboolean               plant_rpc_server_accept_write     (PlantRpcServer      *self,
                                                          PlantRpcInvocation  *invocation,
                                                          const char          *name,
                                                          GVariant            *value,
                                                          GError             **error);

G_END_DECLS
