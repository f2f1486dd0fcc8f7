/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-frames-private.h"

G_BEGIN_DECLS

/* Owns a libzmq socket and its monitor, and turns errno into GError. It is used from one thread
 * only. */
typedef struct _PlantRpcSocket PlantRpcSocket;

typedef enum {
  PLANT_RPC_SEND_DONE,
  PLANT_RPC_SEND_WOULD_BLOCK, /* the queue is full and nothing was sent */
  PLANT_RPC_SEND_UNREACHABLE, /* nothing was sent: that peer has left */
  PLANT_RPC_SEND_FAILED,
} PlantRpcSendResult;

/* When a connection that nobody uses is given up if its other end no longer answers. */
typedef enum {
  PLANT_RPC_KEEPALIVE_ALERT,   /* after four seconds */
  PLANT_RPC_KEEPALIVE_PATIENT, /* after four minutes, or when the other end answers that it does not
                                  know the connection */
} PlantRpcKeepalive;

#define PLANT_RPC_SERVER_EVENTS (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)

typedef struct {
  int     type;  /* ZMQ_EVENT_… */
  guint32 value; /* a file descriptor, errno or interval, by type */
} PlantRpcSocketEvent;

PlantRpcSocket     *plant_rpc_socket_new           (int                      type,
                                                    GError                 **error);
void                plant_rpc_socket_free          (PlantRpcSocket          *self);
/* If an option cannot be set, the next bind() or connect() fails with the reason. */
void                plant_rpc_socket_set_int       (PlantRpcSocket          *self,
                                                    int                      option,
                                                    int                      value);
void                plant_rpc_socket_set_bytes     (PlantRpcSocket          *self,
                                                    int                      option,
                                                    gconstpointer            data,
                                                    gsize                    size);
/* The socket is secured: each frame takes N_BYTES more on the wire than it has. */
void                plant_rpc_socket_set_secured   (PlantRpcSocket          *self,
                                                    gsize                    n_bytes);
gboolean            plant_rpc_socket_is_secured    (PlantRpcSocket          *self);
/* Limits the bytes of a frame. A connection on which a larger one comes is closed. */
void                plant_rpc_socket_set_max_frame (PlantRpcSocket          *self,
                                                    gint64                   n_bytes);
/* ZMQ_TCP_MAXRT would notice a cut cable under data in flight, too, but it also counts the time
 * during which a stopped or busy peer, all of whose buffers are full, answers that it has no
 * room. */
void                plant_rpc_socket_keep_alive    (PlantRpcSocket          *self,
                                                    PlantRpcKeepalive        keepalive);
void                plant_rpc_socket_subscribe_all (PlantRpcSocket          *self);
gboolean            plant_rpc_socket_bind          (PlantRpcSocket          *self,
                                                    const char              *url,
                                                    GError                 **error);
gboolean            plant_rpc_socket_connect       (PlantRpcSocket          *self,
                                                    const char              *url,
                                                    GError                 **error);
/* Returns the port that bind() chose, or 0 for ipc. */
guint16             plant_rpc_socket_get_port      (PlantRpcSocket          *self);
void               *plant_rpc_socket_get_handle    (PlantRpcSocket          *self);
/* Whether a message can be received. */
gboolean            plant_rpc_socket_is_readable   (PlantRpcSocket          *self);
/* Whether neither a message nor an event can be there unless the descriptors of libzmq are
 * readable: the last question found nothing, and libzmq was not called since. Any call may take the
 * news that a descriptor tells. */
gboolean            plant_rpc_socket_is_quiet      (PlantRpcSocket          *self);
/* Return where it is remembered whether the socket, or its monitor, is quiet. */
gboolean           *plant_rpc_socket_get_quiet     (PlantRpcSocket          *self);
gboolean           *plant_rpc_socket_get_monitor_quiet (PlantRpcSocket      *self);
/* ZMQ_ROUTER and so on. */
int                 plant_rpc_socket_get_type      (PlantRpcSocket          *self);

/* From now on plant_rpc_socket_next_event() returns the monitor's events of the kinds in EVENTS. A
 * server asks for PLANT_RPC_SERVER_EVENTS only. Without free descriptors, failures to accept would
 * arrive by the ten thousand; and other events keep libzmq from closing a connection that violates
 * the protocol. */
gboolean            plant_rpc_socket_watch         (PlantRpcSocket          *self,
                                                    int                      events,
                                                    GError                 **error);
gboolean            plant_rpc_socket_next_event    (PlantRpcSocket          *self,
                                                    PlantRpcSocketEvent     *event);
/* Returns whether plant_rpc_socket_next_event() would return an event. */
gboolean            plant_rpc_socket_has_event     (PlantRpcSocket          *self);
void               *plant_rpc_socket_get_monitor   (PlantRpcSocket          *self);
/* Fills ITEMS with the socket and its monitor, for zmq_poll(). Returns 2, or 0 in a forked
 * child. */
guint               plant_rpc_socket_fill_poll     (PlantRpcSocket          *self,
                                                    zmq_pollitem_t          *items);

/* Never blocks. Returns FALSE if there is no message. */
gboolean            plant_rpc_socket_receive       (PlantRpcSocket          *self,
                                                    PlantRpcFrames          *frames);
/* Never blocks. PAYLOAD and BUFFER follow the envelope, and may be NULL. If they are large, they
 * are not copied, and a thread of libzmq unrefs them. */
PlantRpcSendResult  plant_rpc_socket_send          (PlantRpcSocket          *self,
                                                    const PlantRpcEnvelope  *envelope,
                                                    GBytes                  *payload,
                                                    GBytes                  *buffer);

/* Sends a message of these frames (element-type GBytes). Never blocks. */
PlantRpcSendResult  plant_rpc_socket_send_parts    (PlantRpcSocket          *self,
                                                    GPtrArray               *parts);

/* Prepares a PAYLOAD that goes to several peers: libzmq then keeps its bytes once for all of them,
 * even if it is small. The caller closes COMMON, which is empty if there is no memory. */
void                plant_rpc_socket_init_common   (zmq_msg_t               *common,
                                                    GBytes                  *payload);
PlantRpcSendResult  plant_rpc_socket_send_common   (PlantRpcSocket          *self,
                                                    const PlantRpcEnvelope  *envelope,
                                                    zmq_msg_t               *common);

/* Sets ERROR from an errno of libzmq, in the domain G_IO_ERROR. */
void                plant_rpc_socket_set_error     (GError                 **error,
                                                    int                      code,
                                                    const char              *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSocket, plant_rpc_socket_free)

G_END_DECLS
