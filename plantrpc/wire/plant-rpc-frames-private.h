/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <zmq.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* A message as libzmq delivers it.
 *
 * On a connection that takes requests it has these frames: the routing id of the peer, which libzmq
 * adds, the id of the request, which old clients leave out, an empty frame, the payload, and the
 * bytes of a buffer if the payload announces them. The page “Wires” in introspection/docs specifies
 * them. The frames before the payload are the envelope, which a reply repeats. */

/* bytes; a smaller frame is copied, which takes less time than a shared reference, and aligns it
 * for GVariant */
#define PLANT_RPC_COPIED_SIZE 4096

/* One received message. Each frame is either stolen or cleared. */
typedef struct {
  guint     n_frames;
  gboolean  truncated; /* there were more than PLANT_RPC_MAX_FRAMES */
  gsize     n_bytes;   /* bytes of all its frames on the wire */
  zmq_msg_t frames[PLANT_RPC_MAX_FRAMES];
} PlantRpcFrames;

/* The frames before the payload, up to and with the empty one. It is small and copied by value. */
typedef struct {
  guint64 connection; /* on which the message arrived; 0 if the owner does not track connections */
  guint8  n_frames;
  guint8  sizes[PLANT_RPC_MAX_ENVELOPE];
  guint16 length;
  guint8  data[512];
} PlantRpcEnvelope;

void          plant_rpc_frames_clear          (PlantRpcFrames         *self);
/* Returns the frame. A small one is copied, and a large one keeps its memory. */
GBytes       *plant_rpc_frames_steal          (PlantRpcFrames         *self,
                                               guint                   index);
/* Returns an empty payload if there is none at that place. */
GBytes       *plant_rpc_frames_steal_payload  (PlantRpcFrames         *self,
                                               guint                   index);
/* Returns the descriptor of the connection on which the message arrived, which may have closed
 * since, or -1 if libzmq does not know it. */
int           plant_rpc_frames_get_descriptor (const PlantRpcFrames   *self);
/* Returns an address in memory that is the same for all messages of a connection as long as one of
 * them exists, or NULL. */
const char   *plant_rpc_frames_peek_mark      (const PlantRpcFrames   *self);
const char   *plant_rpc_frame_peek_mark       (zmq_msg_t              *frame);
/* Returns the numeric address of the sender, or "" if it came over ipc. */
char         *plant_rpc_frames_dup_address    (const PlantRpcFrames   *self);
/* Returns the public key of the sender, which it has proved to own, or NULL. The socket must be
 * secured and have a PlantRpcZapDomain: otherwise the sender could tell any key. */
const char   *plant_rpc_frames_peek_key       (const PlantRpcFrames   *self);
const char   *plant_rpc_frame_peek_key        (zmq_msg_t              *frame);
/* Sets ENVELOPE to all frames up to and with the first empty one. Returns FALSE if there is none
 * within the limits. */
gboolean      plant_rpc_frames_split          (PlantRpcFrames         *self,
                                               PlantRpcEnvelope       *envelope,
                                               guint                  *payload_index);

void          plant_rpc_envelope_init         (PlantRpcEnvelope       *self);
gboolean      plant_rpc_envelope_append       (PlantRpcEnvelope       *self,
                                               gconstpointer           data,
                                               gsize                   size);
/* Returns the frame with that index, or NULL if there are not so many. */
const guint8 *plant_rpc_envelope_peek         (const PlantRpcEnvelope *self,
                                               guint                   index,
                                               gsize                  *size);
/* Returns a key for the sender: its routing id and its connection. */
GBytes       *plant_rpc_envelope_dup_peer     (const PlantRpcEnvelope *self);

/* Returns an IPv4 address in its own form, also if a socket for both families reports it as
 * ::ffff:1.2.3.4. */
char         *plant_rpc_normalize_address     (const char             *address);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcFrames, plant_rpc_frames_clear)

G_END_DECLS
