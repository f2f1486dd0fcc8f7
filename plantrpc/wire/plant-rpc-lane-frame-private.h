/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One message on a lane: a header, the payload, and the bytes of a buffer. Both are padded to a
 * multiple of eight bytes, so that a payload is aligned for GVariant. Numbers are little-endian. */
typedef struct {
  guint64 id;           /* of a request and its reply; or the number of a push */
  guint32 payload_size; /* bytes, as the next one */
  guint32 buffer_size;
  guint32 acknowledged; /* messages received from the other end so far, modulo 2^32 */
  guint32 flags;
} PlantRpcLaneHeader;

typedef enum {
  PLANT_RPC_LANE_HAS_BUFFER = 1 << 0,
  PLANT_RPC_LANE_NO_MESSAGE = 1 << 1, /* the header alone, which acknowledges */
} PlantRpcLaneFlags;

#define PLANT_RPC_LANE_HEADER_SIZE 24

G_STATIC_ASSERT (sizeof (PlantRpcLaneHeader) == PLANT_RPC_LANE_HEADER_SIZE);

static inline gsize
plant_rpc_lane_pad (gsize size)
{
  return (8 - size % 8) % 8;
}

/* Turns a header into that of the wire, and back. */
static inline void
plant_rpc_lane_header_swap (PlantRpcLaneHeader *self)
{
  self->id = GUINT64_TO_LE (self->id);
  self->payload_size = GUINT32_TO_LE (self->payload_size);
  self->buffer_size = GUINT32_TO_LE (self->buffer_size);
  self->acknowledged = GUINT32_TO_LE (self->acknowledged);
  self->flags = GUINT32_TO_LE (self->flags);
}

G_END_DECLS
