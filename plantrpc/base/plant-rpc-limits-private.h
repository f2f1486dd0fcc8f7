/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Every limit on what a peer may send, hold or ask for. A limit is a number of bytes unless its
 * comment names another unit. A test compares them with the limits that the documentation names. */

/* ---- one message */

/* One frame of a request. */
#define PLANT_RPC_MAX_REQUEST_SIZE   ((gsize) 64 * 1024 * 1024)
/* One frame of a reply. */
#define PLANT_RPC_MAX_REPLY_SIZE     ((gsize) 2047 * 1024 * 1024)
#define PLANT_RPC_MAX_JSON_SIZE      ((gsize) 8 * 1024 * 1024)
/* Values in one JSON text. Names of members do not count. */
#define PLANT_RPC_JSON_MAX_VALUES    (2 * 1024 * 1024)
/* Levels of arrays and objects in JSON. A JSON object takes three of the 128 levels that a
 * serialised GVariant may have, and GVariant reads anything deeper as (). */
#define PLANT_RPC_JSON_MAX_DEPTH     40
/* Levels of containers in a native message. */
#define PLANT_RPC_MAX_DEPTH          96
/* Characters in the type string of a variant. */
#define PLANT_RPC_MAX_TYPE_LENGTH    1024
/* Elements that a conversion handles one by one. */
#define PLANT_RPC_MAX_ELEMENTS       (2 * 1024 * 1024)
/* Frames of one message. The receiver drops the rest. */
#define PLANT_RPC_MAX_FRAMES         16
/* Frames in front of the payload, the empty delimiter included. */
#define PLANT_RPC_MAX_ENVELOPE       8
#define PLANT_RPC_MAX_SUBSCRIPTION   4096
#define PLANT_RPC_MAX_ACKNOWLEDGEMENT 4096
/* What an error or a log message quotes of a peer's text. */
#define PLANT_RPC_MAX_SHOWN_TEXT     255
/* The message, and the traceback, of an error that a server sends. The server cuts the rest. */
#define PLANT_RPC_MAX_ERROR_TEXT     ((gsize) 64 * 1024)

/* ---- interface */

/* Methods, properties and signals: so many of each kind. Also the choices of one property. */
#define PLANT_RPC_MAX_MEMBERS          1000
#define PLANT_RPC_MAX_NAME_LENGTH      255
#define PLANT_RPC_MAX_SIGNATURE_LENGTH 16384
/* Parameters of a method, or arguments of a signal. */
#define PLANT_RPC_MAX_ARGUMENTS        64

/* ---- server */

/* Requests that a server has not answered yet. */
#define PLANT_RPC_MAX_JOBS                    10000
/* Requests of one peer among them; the default of PlantRpcServer:max-peer-calls. */
#define PLANT_RPC_MAX_PEER_JOBS               1000
/* Threads of the process that run blocking handlers. */
#define PLANT_RPC_MAX_WORKERS                 32
/* Threads among them that run the handlers of one peer. */
#define PLANT_RPC_MAX_PEER_WORKERS            8
/* Messages that wait for one peer because its queue in libzmq is full. */
#define PLANT_RPC_MAX_WAITING                 ((gsize) 64 * 1024 * 1024)
/* Replies that one peer has not read. Beyond it the peer gets errors instead of replies. */
#define PLANT_RPC_MAX_UNREAD                  ((gsize) 256 * 1024 * 1024)
/* Requests of one connection that the server has not read. Beyond it the connection is ended. */
#define PLANT_RPC_MAX_UNREAD_REQUESTS         ((gsize) 256 * 1024 * 1024)
/* The same for all connections together. Beyond it the connection with the most is ended. */
#define PLANT_RPC_MAX_UNREAD_TOTAL            ((gsize) 512 * 1024 * 1024)
/* File descriptors that must stay free. If fewer are free, a connection is ended. */
#define PLANT_RPC_SPARE_DESCRIPTORS           16
/* What a server holds for all peers; the default of PlantRpcServer:max-unread. */
#define PLANT_RPC_MAX_HOLDINGS                ((gsize) 512 * 1024 * 1024)
/* Messages to one peer that libzmq queues. */
#define PLANT_RPC_MAX_HELD                    5000
/* Messages that one end of a lane has sent and the other has not acknowledged. Beyond it the rest
 * waits. */
#define PLANT_RPC_MAX_KEPT                    ((gsize) 64 * 1024 * 1024)
/* Lanes of one server. A client beyond it has none. */
#define PLANT_RPC_MAX_LANES                   1000
/* Connections to the lanes of a server that have not shown a token. */
#define PLANT_RPC_MAX_STRANGERS               64
/* Seconds that such a connection has for it. */
#define PLANT_RPC_LANE_TIMEOUT_S              5
#define PLANT_RPC_MAX_NATIVE_SUBSCRIBERS      5000
/* Each of them needs several file descriptors. */
#define PLANT_RPC_MAX_GENERATION1_SUBSCRIBERS 100
/* The largest window that a native subscriber may ask for. */
#define PLANT_RPC_MAX_WINDOW                  ((guint64) 16 * 1024 * 1024)
/* Emissions that travel in one message. */
#define PLANT_RPC_MAX_BUNDLED                 512
/* The size of these emissions, the last one not counted. */
#define PLANT_RPC_MAX_BUNDLE_SIZE             16384
/* Signals that wait for one native subscriber. Beyond it signals are lost. */
#define PLANT_RPC_MAX_QUEUED                  ((gsize) 16 * 1024 * 1024)
/* Signals that one generation 1 client has not acknowledged, the oldest not counted. Beyond it
 * the client is dropped. */
#define PLANT_RPC_MAX_UNACKNOWLEDGED          ((gsize) 16 * 1024 * 1024)
/* The same for all of them together, the oldest counted. Beyond it the client with the most is
 * dropped. */
#define PLANT_RPC_MAX_ALL_UNACKNOWLEDGED      ((gsize) 64 * 1024 * 1024)
/* Messages to one generation 2 client that libzmq queues. Beyond it messages are lost. */
#define PLANT_RPC_MAX_PUBLISHED               10000
/* A new listener beyond this number replaces the oldest one. */
#define PLANT_RPC_MAX_ADDRESS_LISTENERS       16
/* Seconds after which a listener is closed if nobody has connected to it. */
#define PLANT_RPC_ADDRESS_TIMEOUT_S           20

/* ---- client */

/* The window that a client grants a native server: pushes that may be unacknowledged. */
#define PLANT_RPC_SUBSCRIBER_WINDOW    (256 * 1024)
/* The largest sequence number of a native push. */
#define PLANT_RPC_MAX_SEQUENCE         (((guint64) 1 << 48) - 1)
/* Messages from one server that libzmq queues. The rest waits at the server. */
#define PLANT_RPC_MAX_UNREAD_MESSAGES  1000
/* What one connection has received and the client has not read. Beyond it the client ends the
 * connection. It is known for TCP only. */
#define PLANT_RPC_MAX_UNFINISHED       ((gsize) 128 * 1024 * 1024)
/* Signals that wait while the application blocks. Beyond it signals are lost. */
#define PLANT_RPC_MAX_SHOWN_LATER      4096
/* The size of these signals. Beyond it signals are lost. */
#define PLANT_RPC_MAX_SHOWN_LATER_SIZE ((gsize) 16 * 1024 * 1024)
/* Messages from a generation 2 publisher that libzmq queues. */
#define PLANT_RPC_MAX_QUEUED_MESSAGES  50000
/* Signals of a generation 1 server that wait for the main loop. */
#define PLANT_RPC_MAX_QUEUED_SIGNALS   ((gsize) 16 * 1024 * 1024)
/* Addresses of one generation 1 server. Beyond it only the latest one counts. */
#define PLANT_RPC_MAX_SERVER_ADDRESSES 64
/* Connections of a generation 1 server to its client, and as many of other peers. */
#define PLANT_RPC_MAX_CALLERS          16
/* Names of hosts that one process looks up at the same time, each on a thread. */
#define PLANT_RPC_MAX_LOOKUPS          512

/* GObject never frees a type, so the types made for interfaces of peers are limited. A type
 * costs its properties, signals and choices, and ten more. This is the cost of all these types. */
#define PLANT_RPC_MAX_TYPE_MEMBERS      100000
/* The cost of the types that were made for one address. */
#define PLANT_RPC_MAX_PEER_TYPE_MEMBERS 20000
/* Properties that one client keeps although its device has them no longer. */
#define PLANT_RPC_MAX_FORMER_PROPERTIES 1000

/* ---- registry */

#define PLANT_RPC_MAX_REGISTRY_REQUEST      65536
/* A request above PLANT_RPC_MAX_REGISTRY_REQUEST gets an error. One above this limit ends its
 * connection. */
#define PLANT_RPC_MAX_REGISTRY_FRAME        (4 * 65536)
/* Requests of one peer that libzmq queues. */
#define PLANT_RPC_MAX_REGISTRY_QUEUED       64
/* A name, a type or an address. */
#define PLANT_RPC_MAX_REGISTRY_TEXT         1023
#define PLANT_RPC_MAX_DEVICES               10000
/* Devices that one network address has registered. */
#define PLANT_RPC_MAX_DEVICES_OF_PEER       2500
/* JSON of the whole list. */
#define PLANT_RPC_MAX_DEVICE_LIST           ((gsize) 4 * 1024 * 1024)
/* JSON of the devices that one network address has registered. */
#define PLANT_RPC_MAX_DEVICE_LIST_OF_PEER   ((gsize) 1024 * 1024)
/* Seconds. */
#define PLANT_RPC_MAX_ALIVE_TIMEOUT_S       86400
/* Lists that one peer has not read. Beyond it the peer gets an error instead of a list. */
#define PLANT_RPC_MAX_LISTS_UNREAD          ((gsize) 4 * 1024 * 1024)
/* Lists that all peers have not read. Beyond it no list is packed anew. */
#define PLANT_RPC_MAX_LISTS_HELD            ((gsize) 64 * 1024 * 1024)
#define PLANT_RPC_MAX_WATCHERS              1000
/* Watchers from one network address. */
#define PLANT_RPC_MAX_WATCHERS_OF_PEER      100
/* Messages to one peer that libzmq queues. */
#define PLANT_RPC_MAX_REGISTRY_HELD         1000

/* ---- client of a registry */

#define PLANT_RPC_MAX_REGISTRY_REPLY        ((gint64) 16 * 1024 * 1024)
/* Replies that libzmq queues. */
#define PLANT_RPC_MAX_REGISTRY_REPLIES      64

/* Relays behind each other, and bytes of the id of one. */
#define PLANT_RPC_MAX_RELAYS                  16
#define PLANT_RPC_MAX_RELAY_ID                64

G_END_DECLS
