/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"

G_BEGIN_DECLS

/* The payload of a message, in one of two encodings: a JSON object, as Plant Imager's Python module
 * uses it, or a GVariant. The pages “The JSON wires” and “The native wire” in introspection/docs
 * specify every message with examples, which the tests read.
 *
 * Requests, replies and emissions are built on this file. It knows neither sockets nor loops. The
 * frames around a payload are in plant-rpc-socket-private.h. */

/* the highest version of the native wire that is known here */
#define PLANT_RPC_NATIVE_VERSION 2

typedef enum {
  PLANT_RPC_FORMAT_JSON,   /* one JSON object */
  PLANT_RPC_FORMAT_NATIVE, /* a GVariant, little-endian, in normal form; it begins with its kind */
} PlantRpcFormat;

/* The first byte of a native payload. No UTF-8 text starts with one of these bytes, so the first
 * byte also tells the format. */
typedef enum {
  PLANT_RPC_KIND_METHOD_CALL  = 0x81, /* (ysava{sv}): method, args, kwargs */
  PLANT_RPC_KIND_PROPERTY_GET = 0x82, /* (ys) */
  PLANT_RPC_KIND_PROPERTY_SET = 0x83, /* (ysv) */
  PLANT_RPC_KIND_GET_ALL      = 0x84, /* (y) */
  PLANT_RPC_KIND_SUBSCRIBE    = 0x85, /* (yt): bytes that may be outstanding */
  PLANT_RPC_KIND_CREDIT       = 0x86, /* (yt): sequence number up to which all is done; no reply */
  PLANT_RPC_KIND_CANCEL       = 0x87, /* (yt): id of a request; no reply */
  PLANT_RPC_KIND_STOP_SERVER  = 0x88, /* (y) */
  /* since version 2 */
  PLANT_RPC_KIND_SUBSCRIBE_BUNDLED = 0x89, /* (yt): as SUBSCRIBE, and bundles are understood */
  PLANT_RPC_KIND_JOIN              = 0x8a, /* (yss): public key, name; see PLANT_RPC_EVENT_JOIN */

  PLANT_RPC_KIND_VALUE        = 0x90, /* (yv) */
  PLANT_RPC_KIND_DONE         = 0x91, /* (y) */
  PLANT_RPC_KIND_BUFFER       = 0x92, /* (ya{sv}): the info; the bytes are the next frame */
  PLANT_RPC_KIND_ERROR        = 0x93, /* (ysss): name, message, traceback */
  PLANT_RPC_KIND_VALUES       = 0x94, /* (ya{sv}): all properties by wire name */

  PLANT_RPC_KIND_SIGNAL       = 0xa0, /* (ysav) */
  PLANT_RPC_KIND_CHANGED      = 0xa1, /* (ysv): property and its value */
  PLANT_RPC_KIND_LOST         = 0xa2, /* (yt): how many signals were thrown away here */
  PLANT_RPC_KIND_BUNDLE       = 0xa3, /* (yav): such messages, since version 2 */
  PLANT_RPC_KIND_FAILED       = 0xa4, /* (ysv): property, and why its value is not known: (sss) */

  /* about a lane, see plant-rpc-lane-message-private.h */
  PLANT_RPC_KIND_LANE_ASK     = 0xb0, /* (ys): the client's own address, as it sees it */
  PLANT_RPC_KIND_LANE_OFFER   = 0xb1, /* (yayaysq): token, proof, name, port */
  PLANT_RPC_KIND_LANE_BEGIN   = 0xb2, /* (y): the next messages come over the lane */
  PLANT_RPC_KIND_LANE_END     = 0xb3, /* (yt): messages received over the lane, which has broken */
} PlantRpcKind;

/* Returns the format of a payload. An empty payload counts as JSON, which then is refused. */
PlantRpcFormat  plant_rpc_message_get_format   (GBytes        *payload);
guint8          plant_rpc_message_get_kind     (GBytes        *payload);

/* Serialises MESSAGE, which is sunk if it is floating. Fails with PLANT_RPC_ERROR_LIMIT. */
GBytes         *plant_rpc_message_pack_native   (GVariant     *message,
                                                 GError      **error);
/* Returns the value of type TYPE_STRING, in normal form and never floating. Fails with
 * PLANT_RPC_ERROR_LIMIT or PLANT_RPC_ERROR_PROTOCOL. */
GVariant       *plant_rpc_message_unpack_native (GBytes       *payload,
                                                 const char   *type_string,
                                                 GError      **error);

/* The same for messages whose members alone become GVariants: a GVariant of the whole takes as long
 * as all else. The members are written to SERIAL and found in the payload one by one.
 *
 * split() sets MEMBERS, of which there is one for each member of the type. It checks all that is
 * around them, and take_member() checks one of them. */
GBytes         *plant_rpc_message_pack_serial   (PlantRpcSerial           *serial,
                                                 const char               *type_string,
                                                 GError                  **error);
gboolean        plant_rpc_message_split         (GBytes                   *payload,
                                                 const char               *type_string,
                                                 PlantRpcSerialView       *members,
                                                 GError                  **error);
GVariant       *plant_rpc_message_take_member   (GBytes                   *payload,
                                                 const PlantRpcSerialView *member,
                                                 const char               *type_string,
                                                 GError                  **error);
/* Sets the error for a message that is not in normal form, and returns NULL. */
GVariant       *plant_rpc_message_refuse        (const char               *type_string,
                                                 GError                  **error);

/* The same for messages of the types (yv) and (ya{sv}). Of a variant, which is BOXED, VALUE is what
 * is inside. */
GBytes         *plant_rpc_message_pack_pair     (guint8        kind,
                                                 GVariant     *value,
                                                 gboolean      boxed,
                                                 GError      **error);
GVariant       *plant_rpc_message_unpack_pair   (GBytes       *payload,
                                                 gboolean      boxed,
                                                 GError      **error);

/* The same for messages of the type (ysv): VALUE is what is inside the variant. unpack_named() sets
 * NAME (transfer full) and VALUE only if it succeeds. */
GBytes         *plant_rpc_message_pack_named    (guint8        kind,
                                                 const char   *name,
                                                 GVariant     *value,
                                                 GError      **error);
gboolean        plant_rpc_message_unpack_named  (GBytes       *payload,
                                                 char        **name,
                                                 GVariant    **value,
                                                 GError      **error);

/* The same for messages of the type (ys), for which no GVariant is made. peek_name() returns the
 * name inside PAYLOAD, or NULL if PAYLOAD is not in normal form. */
GBytes         *plant_rpc_message_pack_name     (guint8        kind,
                                                 const char   *name);
const char     *plant_rpc_message_peek_name     (GBytes       *payload);

/* Returns whether Python takes the value for true, as its peers do with the member “success”. */
gboolean        plant_rpc_message_is_true       (GVariant     *value);

G_END_DECLS
