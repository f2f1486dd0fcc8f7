/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Every limit on what a peer may send, hold or ask for. The page “Limits” tells the reason and the
 * error of each; a test compares the two. Sizes are in bytes unless a comment says otherwise. */

/* One message. */
#define PLANT_RPC_MAX_REQUEST_SIZE   ((gsize) 64 * 1024 * 1024)   /* one frame */
#define PLANT_RPC_MAX_REPLY_SIZE     ((gsize) 2047 * 1024 * 1024) /* one frame */
#define PLANT_RPC_MAX_JSON_SIZE      ((gsize) 8 * 1024 * 1024)
#define PLANT_RPC_JSON_MAX_VALUES    (2 * 1024 * 1024) /* in one text; names do not count */
/* An object within an object takes three of the 128 levels that a serialised GVariant may have;
 * what lies deeper reads as () once the value has been serialised. */
#define PLANT_RPC_JSON_MAX_DEPTH     40   /* arrays and objects within each other */
#define PLANT_RPC_MAX_DEPTH          96   /* containers within each other, natively */
#define PLANT_RPC_MAX_TYPE_LENGTH    1024 /* characters of the type that a variant holds */
#define PLANT_RPC_MAX_ELEMENTS       (2 * 1024 * 1024) /* that are converted one by one */
#define PLANT_RPC_MAX_FRAMES         16   /* the rest of a message is thrown away */
#define PLANT_RPC_MAX_ENVELOPE       8    /* frames, the delimiter included */
#define PLANT_RPC_MAX_SUBSCRIPTION   4096
#define PLANT_RPC_MAX_ACKNOWLEDGEMENT 4096
#define PLANT_RPC_MAX_SHOWN_TEXT     255  /* of a peer's text in a message of ours */

/* An interface. */
#define PLANT_RPC_MAX_MEMBERS          1000 /* of each kind, in an inventory or a file; choices */
#define PLANT_RPC_MAX_NAME_LENGTH      255
#define PLANT_RPC_MAX_SIGNATURE_LENGTH 16384
#define PLANT_RPC_MAX_ARGUMENTS        64 /* parameters of a method, arguments of a signal */

/* A server. */
#define PLANT_RPC_MAX_JOBS                    10000 /* requests under way */
#define PLANT_RPC_MAX_PEER_JOBS               1000  /* of one peer, unless a server has another */
#define PLANT_RPC_MAX_WORKERS                 32    /* threads of the process, for blocking handlers */
#define PLANT_RPC_MAX_PEER_WORKERS            8     /* of these for one peer */
#define PLANT_RPC_MAX_WAITING                 ((gsize) 64 * 1024 * 1024)  /* for one peer */
#define PLANT_RPC_MAX_UNREAD                  ((gsize) 256 * 1024 * 1024) /* by one peer */
#define PLANT_RPC_MAX_UNREAD_REQUESTS         ((gsize) 256 * 1024 * 1024) /* of one connection */
#define PLANT_RPC_MAX_UNREAD_TOTAL            ((gsize) 512 * 1024 * 1024) /* of all connections */
#define PLANT_RPC_SPARE_DESCRIPTORS           16    /* that connections leave to the process */
#define PLANT_RPC_MAX_HOLDINGS                ((gsize) 512 * 1024 * 1024) /* of all, unless set */
#define PLANT_RPC_MAX_HELD                    5000  /* messages to one peer that libzmq holds */
#define PLANT_RPC_MAX_NATIVE_SUBSCRIBERS      1000
#define PLANT_RPC_MAX_GENERATION1_SUBSCRIBERS 100   /* each takes several descriptors */
#define PLANT_RPC_MAX_WINDOW                  ((guint64) 16 * 1024 * 1024) /* of one subscriber */
#define PLANT_RPC_MAX_QUEUED                  ((gsize) 16 * 1024 * 1024)   /* for one subscriber */
#define PLANT_RPC_MAX_UNACKNOWLEDGED          ((gsize) 16 * 1024 * 1024)   /* by one subscriber */
#define PLANT_RPC_MAX_ALL_UNACKNOWLEDGED      ((gsize) 64 * 1024 * 1024)   /* by all of them */
#define PLANT_RPC_MAX_PUBLISHED               10000 /* messages to one subscriber of generation 2 */
#define PLANT_RPC_MAX_ADDRESS_LISTENERS       16    /* the oldest makes room */
#define PLANT_RPC_ADDRESS_TIMEOUT_S           20    /* seconds */

/* A client. */
#define PLANT_RPC_SUBSCRIBER_WINDOW    (256 * 1024) /* that a native server may have outstanding */
#define PLANT_RPC_MAX_SEQUENCE         (((guint64) 1 << 48) - 1) /* the number of a native push */
#define PLANT_RPC_MAX_UNREAD_MESSAGES  1000         /* of one server, that libzmq holds */
#define PLANT_RPC_MAX_UNFINISHED       ((gsize) 128 * 1024 * 1024) /* unread; where TCP tells */
#define PLANT_RPC_MAX_SHOWN_LATER      4096         /* signals, while the application blocks */
#define PLANT_RPC_MAX_SHOWN_LATER_SIZE ((gsize) 16 * 1024 * 1024)  /* of these signals */
#define PLANT_RPC_MAX_QUEUED_MESSAGES  50000        /* of generation 2, that libzmq holds */
#define PLANT_RPC_MAX_QUEUED_SIGNALS   ((gsize) 16 * 1024 * 1024)  /* of generation 1 */
#define PLANT_RPC_MAX_SERVER_ADDRESSES 64           /* that signals of generation 1 are taken from */
#define PLANT_RPC_MAX_CALLERS          16           /* connections of that server; and of others */

/* A client's memory of devices. The types made for interfaces that peers describe are kept for ever:
 * properties, signals and choices count, and each type as ten more. */
#define PLANT_RPC_MAX_TYPE_MEMBERS      100000 /* of all these types */
#define PLANT_RPC_MAX_PEER_TYPE_MEMBERS 20000  /* of those made for one address */
#define PLANT_RPC_MAX_FORMER_PROPERTIES 1000   /* that the device of a client has no longer */

/* A registry. */
#define PLANT_RPC_MAX_REGISTRY_REQUEST      65536
#define PLANT_RPC_MAX_REGISTRY_FRAME        (4 * 65536) /* up to here a request gets an error */
#define PLANT_RPC_MAX_REGISTRY_QUEUED       64   /* requests of one peer that libzmq holds */
#define PLANT_RPC_MAX_REGISTRY_TEXT         1023 /* of a name, a type or an address */
#define PLANT_RPC_MAX_DEVICES               10000
#define PLANT_RPC_MAX_DEVICES_OF_PEER       2500 /* registered from one network address */
#define PLANT_RPC_MAX_DEVICE_LIST           ((gsize) 4 * 1024 * 1024) /* of JSON */
#define PLANT_RPC_MAX_DEVICE_LIST_OF_PEER   ((gsize) 1024 * 1024)     /* likewise */
#define PLANT_RPC_MAX_ALIVE_TIMEOUT_S       86400 /* seconds */
#define PLANT_RPC_MAX_LISTS_UNREAD          ((gsize) 4 * 1024 * 1024)  /* by one peer */
#define PLANT_RPC_MAX_LISTS_HELD            ((gsize) 64 * 1024 * 1024) /* for all peers */
#define PLANT_RPC_MAX_WATCHERS              1000
#define PLANT_RPC_MAX_WATCHERS_OF_PEER      100  /* from one network address */
#define PLANT_RPC_MAX_REGISTRY_HELD         1000 /* messages to one peer that libzmq holds */

/* A client of a registry. */
#define PLANT_RPC_MAX_REGISTRY_REPLY        ((gint64) 16 * 1024 * 1024)
#define PLANT_RPC_MAX_REGISTRY_REPLIES      64   /* that libzmq holds */

G_END_DECLS
