/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-conduit-private.h"
#include "plant-rpc-dialler-private.h"
#include "plant-rpc-timer-private.h"

G_BEGIN_DECLS

/* The connection to a server or a registry, which is made again after each loss, and the requests
 * that wait for a reply on it. The link knows ids and bytes, not what they mean. It owns the URL of
 * its server. */
typedef struct _PlantRpcLink PlantRpcLink;

#define PLANT_RPC_LINK_MAX_POLL MAX (PLANT_RPC_DIALLER_MAX_POLL, PLANT_RPC_CONDUIT_MAX_POLL)

typedef struct {
  const char *name;       /* of its sources */
  int         max_unread; /* messages that wait to be read */
  gint64      max_frame;  /* bytes */
  gint64      last_retry; /* µs: the longest pause between two attempts to connect */
} PlantRpcLinkOptions;

/* A message of the server that is no reply. */
typedef void (*PlantRpcLinkPushFunc)  (gpointer       owner,
                                       guint64        sequence,
                                       GBytes        *payload);

/* Any of these may free the link. */
typedef struct {
  void (*opened) (gpointer      owner);
  /* The connection was lost, or an attempt has failed. The requests that wait get their error
   * afterwards. */
  void (*lost)   (gpointer      owner,
                  const GError *reason);
  /* (nullable): A reply has arrived, perhaps a late one. No code of the application may run in this
   * callback. */
  void (*heard)  (gpointer      owner);
  /* (nullable): A reply has arrived to the request ID, which does not wait for one, or not for
   * another. BUFFER is nullable. */
  void (*late)   (gpointer      owner,
                  guint64       id,
                  GBytes       *payload,
                  GBytes       *buffer);
} PlantRpcLinkFuncs;

/* URL is NULL if it is not known yet. */
PlantRpcLink *plant_rpc_link_new              (const char                *url,
                                               GMainContext              *context,
                                               PlantRpcTimer             *timer,
                                               const PlantRpcLinkOptions *options,
                                               const PlantRpcLinkFuncs   *funcs,
                                               gpointer                   owner);
void          plant_rpc_link_free             (PlantRpcLink              *self);
/* Closes the connection for good. What was sent still goes out. No callback follows. */
void          plant_rpc_link_close            (PlantRpcLink              *self);
/* FUNC takes what the server pushes. Without it, such a message is malformed. */
void          plant_rpc_link_set_push_func    (PlantRpcLink              *self,
                                               PlantRpcLinkPushFunc       func,
                                               gpointer                   owner);

/* The next attempt to connect goes to URL. */
void          plant_rpc_link_set_url          (PlantRpcLink              *self,
                                               const char                *url);
const char   *plant_rpc_link_get_url          (PlantRpcLink              *self);
/* See plant_rpc_dialler_set_keypair(). */
void          plant_rpc_link_set_keypair      (PlantRpcLink              *self,
                                               PlantRpcKeypair           *keypair);
PlantRpcKeypair *
              plant_rpc_link_get_keypair      (PlantRpcLink              *self);
/* Returns whether the last connection was secured. */
gboolean      plant_rpc_link_is_secured       (PlantRpcLink              *self);
/* LABEL is what texts call a server whose URL is not known. */
void          plant_rpc_link_set_label        (PlantRpcLink              *self,
                                               const char                *label);
/* Returns the URL without a key, or else the label. */
const char   *plant_rpc_link_get_label        (PlantRpcLink              *self);

/* Connects when the timer rings next. */
void          plant_rpc_link_start            (PlantRpcLink              *self);
/* If the link waits for the time of its next attempt to connect, that comes now. */
void          plant_rpc_link_hurry            (PlantRpcLink              *self);
/* Connects at once. opened() or lost() follow. */
void          plant_rpc_link_connect          (PlantRpcLink              *self);
/* Returns FALSE before the first attempt, and once the link was closed. */
gboolean      plant_rpc_link_is_started       (PlantRpcLink              *self);
/* Returns (nullable) the error of a name that is still looked up, or NULL if FORMER (nullable), the
 * reason for which the last connection was lost, tells more. */
GError       *plant_rpc_link_explain_look_up  (PlantRpcLink              *self,
                                               const GError              *former);
/* Gives the connection up, as if it had been lost. */
void          plant_rpc_link_disconnect       (PlantRpcLink              *self,
                                               const GError              *reason);
/* Gives the connection up a moment later, unless it is lost by itself before. If the process at the
 * other end has gone, its last replies still arrive. */
void          plant_rpc_link_part             (PlantRpcLink              *self,
                                               const GError              *reason);
gboolean      plant_rpc_link_is_open          (PlantRpcLink              *self);
/* The server has lanes: the link tries to get one, beside all else, once some messages have passed
 * on this connection. The link must be open. */
void          plant_rpc_link_allow_lane       (PlantRpcLink              *self);
/* The connection has proved good, so the next attempt after a loss comes soon. */
void          plant_rpc_link_reset_backoff    (PlantRpcLink              *self);

/* Sends a request. Returns its id. If the connection turns out to be lost, it returns 0: the
 * request certainly does not reach the server, FUNC is not called, and lost() follows. Without FUNC
 * no reply is expected. The link must be open. */
guint64       plant_rpc_link_send             (PlantRpcLink              *self,
                                               GBytes                    *payload,
                                               PlantRpcReplyFunc          func,
                                               gpointer                   user_data);
/* The reply to request ID may exceed PLANT_RPC_MAX_UNFINISHED, up to PLANT_RPC_MAX_REPLY_SIZE. */
void          plant_rpc_link_expect_large     (PlantRpcLink              *self,
                                               guint64                    id);
/* If a reply to request ID still arrives, it is dropped and counted. */
void          plant_rpc_link_forget           (PlantRpcLink              *self,
                                               guint64                    id);
/* Returns how many bytes the connection has received so far, or 0 if the system does not tell. */
guint64       plant_rpc_link_count_received   (PlantRpcLink              *self);
/* Returns whether a reply is awaited. */
gboolean      plant_rpc_link_is_waiting       (PlantRpcLink              *self);
/* Returns how many replies have arrived so far, late ones included. */
guint64       plant_rpc_link_get_n_replies    (PlantRpcLink              *self);
guint         plant_rpc_link_get_n_late       (PlantRpcLink              *self);
/* Returns how many messages were not of the protocol. */
guint         plant_rpc_link_get_n_malformed  (PlantRpcLink              *self);

/* Returns the URL of the last connection, in which the host is a numeric address, or NULL. */
const char   *plant_rpc_link_get_numeric_url  (PlantRpcLink              *self);
/* These return the numeric address of each end of the last connection, or NULL. */
const char   *plant_rpc_link_get_own_address  (PlantRpcLink              *self);
const char   *plant_rpc_link_get_peer_address (PlantRpcLink              *self);

/* These are for a caller that blocks: one fills at most PLANT_RPC_LINK_MAX_POLL items for
 * zmq_poll() and returns their number, the other handles what has arrived. */
guint         plant_rpc_link_fill_poll        (PlantRpcLink              *self,
                                               zmq_pollitem_t            *items);
/* Returns whether the sockets among these items need not be asked, since nothing can be there
 * unless their descriptors are readable. */
gboolean      plant_rpc_link_is_quiet         (PlantRpcLink              *self);
/* Returns whether something has arrived for which one need not wait. */
gboolean      plant_rpc_link_has_rest         (PlantRpcLink              *self);
void          plant_rpc_link_process          (PlantRpcLink              *self);
/* Handles what has come beside these sockets alone. */
void          plant_rpc_link_process_lane     (PlantRpcLink              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLink, plant_rpc_link_free)

G_END_DECLS
