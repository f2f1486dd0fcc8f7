/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A GVariant in the making, in its serialised form, in the byte order of this machine: one growing
 * block, where a tree would take several hundred bytes for each value.
 *
 * What is in the making is written in order, each value at a place that is aligned as its type
 * wants it. What has no fixed size in an array ends with plant_rpc_serial_end_child(), and so does
 * each such member of a tuple but the last; then the container ends by the function for its type.
 *
 * Where the children of open containers end is kept at the far end of the same block: a large block
 * is a mapping of its own, of which only what is written to takes memory, and all of which goes
 * back to the system with it. */
typedef struct {
  guint8 *data;   /* (owned) (nullable) */
  gsize   size;
  gsize   room;
  guint   n_ends; /* the last one comes first */
} PlantRpcSerial;

/* A container that is open. */
typedef struct {
  gsize start;
  guint n_ends; /* before it */
} PlantRpcSerialMark;

#define PLANT_RPC_SERIAL_INIT { NULL, 0, 0, 0 }

/* No value may be larger, for ends here have 32 bits: so much room for the last array's is left. */
#define PLANT_RPC_SERIAL_MAX_SIZE ((gsize) G_MAXUINT32 - 64 * 1024 * 1024)

/* What GVariant makes of a type. */
typedef struct {
  gsize size;      /* 0: values of the type differ in size */
  guint alignment; /* 1, 2, 4 or 8 */
} PlantRpcSerialLayout;

PlantRpcSerialLayout plant_rpc_serial_get_layout (const GVariantType *type);

void               plant_rpc_serial_clear      (PlantRpcSerial     *self);
/* Never floating, of that type; SELF is empty then. */
GVariant          *plant_rpc_serial_finish     (PlantRpcSerial     *self,
                                                const GVariantType *type);

/* So much will be needed, the ends included. */
void               plant_rpc_serial_reserve    (PlantRpcSerial     *self,
                                                gsize               room);
/* SIZE bytes more, which the caller fills. */
guint8            *plant_rpc_serial_extend     (PlantRpcSerial     *self,
                                                gsize               size);
void               plant_rpc_serial_append     (PlantRpcSerial     *self,
                                                gconstpointer       data,
                                                gsize               size);
/* ALIGNMENT is 1, 2, 4 or 8. */
void               plant_rpc_serial_align      (PlantRpcSerial     *self,
                                                guint               alignment);

PlantRpcSerialMark plant_rpc_serial_begin      (PlantRpcSerial     *self);
/* Takes back all that was written since. */
void               plant_rpc_serial_rewind     (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
void               plant_rpc_serial_end_child  (PlantRpcSerial     *self);
/* Of children without a fixed size: all have their end told at the end of the array. */
void               plant_rpc_serial_end_array  (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
/* A tuple or an entry of a dictionary that has no fixed size; only the children whose end has to be
 * told were ended. */
void               plant_rpc_serial_end_tuple  (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
/* What a variant holds has been written. */
void               plant_rpc_serial_end_variant (PlantRpcSerial    *self,
                                                 const char        *type_string);

/* The place where the n-th child of an open container ends. */
guint32           *plant_rpc_serial_get_end    (PlantRpcSerial     *self,
                                                guint               index);

/* What the n-th variant of an ARRAY (av, in normal form) holds, and its type, of so many
 * characters: without the two GVariants that g_variant_get_child_value() takes. */
typedef struct {
  const guint8 *data;
  gsize         size;
  const char   *type;
  gsize         type_length;
} PlantRpcSerialBox;

PlantRpcSerialBox  plant_rpc_serial_peek_box   (GVariant           *array,
                                                gsize               n_children,
                                                gsize               index);

/* Of an array of dictionary entries with texts for names, not yet ended: of those with equal
 * names the first one's place and the last one's value remain. */
void               plant_rpc_serial_merge_names (PlantRpcSerial    *self,
                                                 PlantRpcSerialMark mark);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcSerial, plant_rpc_serial_clear)

G_END_DECLS
