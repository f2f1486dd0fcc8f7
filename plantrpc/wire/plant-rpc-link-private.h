/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The connection to a server or a registry, which is made again after each loss, and the requests
 * that wait for a reply on it. The link knows ids and bytes, not what they mean. */
typedef struct _PlantRpcLink PlantRpcLink;

typedef struct {
  const char *name;        /* of its sources */
  int         max_unread;  /* messages that wait to be read */
  gint64      max_frame;   /* bytes */
  gint64      last_retry;  /* µs: the longest pause between two attempts to connect */
} PlantRpcLinkOptions;

/* The reply to a request. If the connection was lost, PAYLOAD is NULL and ERROR is set. All are
 * borrowed. BUFFER is nullable. */
typedef void (*PlantRpcLinkReplyFunc) (GBytes        *payload,
                                       GBytes        *buffer,
                                       const GError  *error,
                                       gpointer       user_data);

typedef struct {
  /* The owner, and with it the link, lives while callbacks run. */
  void (*hold)    (gpointer     owner);
  void (*release) (gpointer     owner);

  void (*opened) (gpointer      owner);
  /* The connection was lost, or an attempt has failed. The requests that wait get their error
   * afterwards. */
  void (*lost)   (gpointer      owner,
                  const GError *reason);
  /* (nullable): A reply has arrived, perhaps a late one. */
  void (*heard)  (gpointer      owner);
  /* plant_rpc_link_get_deadline() is earlier than it was. */
  void (*rearm)  (gpointer      owner);
  /* (nullable): A reply has arrived to the request ID, which does not wait for one, or not for
   * another. BUFFER is nullable. */
  void (*late)   (gpointer      owner,
                  guint64       id,
                  GBytes       *payload,
                  GBytes       *buffer);
  /* (nullable) */
  void (*pushed) (gpointer      owner,
                  guint64       sequence,
                  GBytes       *payload);
} PlantRpcLinkFuncs;

PlantRpcLink *plant_rpc_link_new                (const char                *url,
                                                 GMainContext              *context,
                                                 const PlantRpcLinkOptions *options,
                                                 const PlantRpcLinkFuncs   *funcs,
                                                 gpointer                   owner);
void          plant_rpc_link_free               (PlantRpcLink             *self);
/* Of the next connection. */
void          plant_rpc_link_set_url            (PlantRpcLink *self,
                                                 const char *url);
/* For good. What was sent still goes out; nobody is called any more. */
void          plant_rpc_link_close              (PlantRpcLink             *self);

/* Makes a fresh socket; opened() or lost() follow. */
void          plant_rpc_link_connect            (PlantRpcLink             *self);
/* Gives the connection up, as if it had been lost. */
void          plant_rpc_link_disconnect         (PlantRpcLink             *self,
                                                 const GError             *reason);
/* Does so unless the connection is lost by itself a moment later, as it is when the process at the
 * other end has gone: its last replies are on their way then. */
void          plant_rpc_link_part               (PlantRpcLink             *self,
                                                 const GError             *reason);
gboolean      plant_rpc_link_is_open            (PlantRpcLink             *self);
/* When to look at it next, in monotonic µs; -1: it is well. */
gint64        plant_rpc_link_get_deadline       (PlantRpcLink             *self);
/* The next attempt, the end of one that takes too long, or of a connection that is cut. */
void          plant_rpc_link_check_time         (PlantRpcLink             *self,
                                                 gint64                    now);
/* The connection has proved good: the next attempt after a loss comes soon. */
void          plant_rpc_link_reset_backoff      (PlantRpcLink             *self);

/* Sends a request; the id is never 0. Without FUNC no reply is expected. Only while open. */
guint64       plant_rpc_link_send               (PlantRpcLink             *self,
                                                 GBytes                   *payload,
                                                 PlantRpcLinkReplyFunc     func,
                                                 gpointer                  user_data);
/* The reply to request ID may exceed PLANT_RPC_MAX_UNFINISHED, up to PLANT_RPC_MAX_REPLY_SIZE. */
void          plant_rpc_link_expect_large       (PlantRpcLink             *self,
                                                 guint64                   id);
/* A reply that comes all the same is dropped and counted. */
void          plant_rpc_link_forget             (PlantRpcLink             *self,
                                                 guint64                   id);
guint         plant_rpc_link_get_n_late         (PlantRpcLink             *self);
/* Messages that were not the protocol. */
guint         plant_rpc_link_get_n_malformed    (PlantRpcLink             *self);

/* Numeric addresses of both ends, or NULL; of the last connection. */
const char   *plant_rpc_link_get_own_address    (PlantRpcLink             *self);
const char   *plant_rpc_link_get_peer_address   (PlantRpcLink             *self);

/* For a caller that blocks: what to poll, and what to do after. */
guint         plant_rpc_link_fill_poll          (PlantRpcLink             *self,
                                                 zmq_pollitem_t           *items);
void          plant_rpc_link_process            (PlantRpcLink             *self);

G_END_DECLS
