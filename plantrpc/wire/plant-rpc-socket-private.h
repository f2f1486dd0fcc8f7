/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <zmq.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* Owns a libzmq socket and its monitor, and turns errno into GError. It is used from one thread
 * only.
 *
 * On a connection that takes requests, a message has these frames: the routing id of the peer,
 * which libzmq adds, the id of the request, which old clients leave out, an empty frame, the
 * payload, and the bytes of a buffer if the payload announces them. The page “Wires” in
 * introspection/docs specifies them. The frames before the payload are the envelope, which a reply
 * repeats. */
typedef struct _PlantRpcSocket PlantRpcSocket;

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

typedef enum {
  PLANT_RPC_SEND_DONE,
  PLANT_RPC_SEND_WOULD_BLOCK, /* the queue is full and nothing was sent */
  PLANT_RPC_SEND_UNREACHABLE, /* nothing was sent: that peer has left */
  PLANT_RPC_SEND_FAILED,
} PlantRpcSendResult;

#define PLANT_RPC_SERVER_EVENTS (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)

typedef struct {
  int     type;  /* ZMQ_EVENT_… */
  guint32 value; /* a file descriptor, errno or interval, by type */
} PlantRpcSocketEvent;

PlantRpcSocket     *plant_rpc_socket_new               (int                      type,
                                                        GError                 **error);
void                plant_rpc_socket_free              (PlantRpcSocket          *self);
/* If an option cannot be set, the next bind() or connect() fails with the reason. */
void                plant_rpc_socket_set_int           (PlantRpcSocket          *self,
                                                        int                      option,
                                                        int                      value);
void                plant_rpc_socket_set_int64         (PlantRpcSocket          *self,
                                                        int                      option,
                                                        gint64                   value);
void                plant_rpc_socket_subscribe_all     (PlantRpcSocket          *self);
gboolean            plant_rpc_socket_bind              (PlantRpcSocket          *self,
                                                        const char              *url,
                                                        GError                 **error);
gboolean            plant_rpc_socket_connect           (PlantRpcSocket          *self,
                                                        const char              *url,
                                                        GError                 **error);
/* Returns the numeric address and the port that bind() chose. */
char               *plant_rpc_socket_dup_last_endpoint (PlantRpcSocket          *self);
void               *plant_rpc_socket_get_handle        (PlantRpcSocket          *self);
/* Whether a message can be received. */
gboolean            plant_rpc_socket_is_readable       (PlantRpcSocket          *self);
/* ZMQ_ROUTER and so on. */
int                 plant_rpc_socket_get_type          (PlantRpcSocket          *self);

/* From now on plant_rpc_socket_next_event() returns the monitor's events of the kinds in EVENTS. A
 * server asks for PLANT_RPC_SERVER_EVENTS only. Without free descriptors, failures to accept would
 * arrive by the ten thousand; and other events keep libzmq from closing a connection that violates
 * the protocol. */
gboolean            plant_rpc_socket_watch             (PlantRpcSocket          *self,
                                                        int                      events,
                                                        GError                 **error);
gboolean            plant_rpc_socket_next_event        (PlantRpcSocket          *self,
                                                        PlantRpcSocketEvent     *event);
void               *plant_rpc_socket_get_monitor       (PlantRpcSocket          *self);
/* Fills ITEMS with the socket and its monitor, for zmq_poll(). Returns 2. */
guint               plant_rpc_socket_fill_poll         (PlantRpcSocket          *self,
                                                        zmq_pollitem_t          *items);

/* Never blocks. Returns FALSE if there is no message. */
gboolean            plant_rpc_socket_receive           (PlantRpcSocket          *self,
                                                        PlantRpcFrames          *frames);
/* Never blocks. PAYLOAD and BUFFER follow the envelope, and may be NULL. If they are large, they
 * are not copied, and a thread of libzmq unrefs them. */
PlantRpcSendResult  plant_rpc_socket_send              (PlantRpcSocket          *self,
                                                        const PlantRpcEnvelope  *envelope,
                                                        GBytes                  *payload,
                                                        GBytes                  *buffer);

/* Prepares a PAYLOAD that goes to several peers: libzmq then keeps its bytes once for all of them,
 * even if it is small. The caller closes COMMON, which is empty if there is no memory. */
void                plant_rpc_socket_init_common       (zmq_msg_t               *common,
                                                        GBytes                  *payload);
PlantRpcSendResult  plant_rpc_socket_send_common       (PlantRpcSocket          *self,
                                                        const PlantRpcEnvelope  *envelope,
                                                        zmq_msg_t               *common);

void                plant_rpc_frames_clear             (PlantRpcFrames          *self);
/* Returns the frame. A small one is copied, and a large one keeps its memory. */
GBytes             *plant_rpc_frames_steal             (PlantRpcFrames          *self,
                                                        guint                    index);
/* Returns the descriptor of the connection on which the message arrived, which may have closed
 * since, or -1 if libzmq does not know it. */
int                 plant_rpc_frames_get_descriptor    (const PlantRpcFrames    *self);
/* Returns an address in memory that is the same for all messages of a connection as long as one of
 * them exists, or NULL. */
const char         *plant_rpc_frames_peek_mark         (const PlantRpcFrames    *self);
const char         *plant_rpc_frame_peek_mark          (zmq_msg_t               *frame);
/* Returns the numeric address of the sender, or "" if it came over ipc. */
char               *plant_rpc_frames_dup_address       (const PlantRpcFrames    *self);
/* Sets ENVELOPE to all frames up to and with the first empty one. Returns FALSE if there is none
 * within the limits. */
gboolean            plant_rpc_frames_split             (PlantRpcFrames          *self,
                                                        PlantRpcEnvelope        *envelope,
                                                        guint                   *payload_index);

void                plant_rpc_envelope_init            (PlantRpcEnvelope        *self);
gboolean            plant_rpc_envelope_append          (PlantRpcEnvelope        *self,
                                                        gconstpointer            data,
                                                        gsize                    size);
/* Returns the frame with that index, or NULL if there are not so many. */
const guint8       *plant_rpc_envelope_peek            (const PlantRpcEnvelope  *self,
                                                        guint                    index,
                                                        gsize                   *size);

/* Returns a key for the sender: its routing id and its connection. */
GBytes             *plant_rpc_envelope_dup_peer        (const PlantRpcEnvelope  *self);

/* Returns an IPv4 address in its own form, also if a socket for both families reports it as
 * ::ffff:1.2.3.4. */
char               *plant_rpc_socket_normalize_address (const char              *address);

/* Sets ERROR from an errno of libzmq, in the domain G_IO_ERROR. */
void                plant_rpc_socket_set_error         (GError                 **error,
                                                        int                      code,
                                                        const char              *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSocket, plant_rpc_socket_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcFrames, plant_rpc_frames_clear)

G_END_DECLS
