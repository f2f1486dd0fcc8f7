/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Builds the serialised form of a GVariant, in the byte order of this machine, in one growing
 * block. A tree of GVariants would take several hundred bytes for each value.
 *
 * The values are written in order, each at a place aligned as its type needs it. After an element
 * of an array without a fixed size the caller calls plant_rpc_serial_end_child(), and likewise
 * after each such member of a tuple except the last. Then it closes the container with the function
 * for its type.
 *
 * The ends of the children of open containers are kept at the far end of the same block. The system
 * maps a large block page by page, so the unused middle takes no memory, and all of it is returned
 * with the block. */
typedef struct {
  guint8 *data;   /* (owned) (nullable) */
  gsize   size;
  gsize   room;
  guint   n_ends; /* number of ends; the latest is first in memory */
} PlantRpcSerial;

/* An open container. */
typedef struct {
  gsize start;
  guint n_ends; /* number of ends before the container was opened */
} PlantRpcSerialMark;

#define PLANT_RPC_SERIAL_INIT { NULL, 0, 0, 0 }

/* The largest value, in bytes. Ends have 32 bits here, and the offsets of the last array need room
 * below that. */
#define PLANT_RPC_SERIAL_MAX_SIZE ((gsize) G_MAXUINT32 - 64 * 1024 * 1024)

/* An integer of any type. */
typedef struct {
  gboolean negative;
  guint64  magnitude;
} PlantRpcInteger;

/* Returns the size in bytes of a boolean or number of that type, or 0 for any other type. A handle
 * is not a number, since it has a meaning only together with its message. */
static inline guint8
plant_rpc_serial_get_size (char type)
{
  switch (type)
    {
    case 'b':
    case 'y':
      return 1;
    case 'n':
    case 'q':
      return 2;
    case 'i':
    case 'u':
      return 4;
    case 'x':
    case 't':
    case 'd':
      return 8;
    default:
      return 0;
    }
}

/* Reads the integer of that type at DATA, which need not be aligned. Returns FALSE for a type that
 * is no integer. */
gboolean plant_rpc_serial_load_integer (char             type,
                                        gconstpointer    data,
                                        PlantRpcInteger *result);

/* How GVariant lays out values of a type. */
typedef struct {
  gsize size;      /* bytes; 0 if values of the type have different sizes */
  guint alignment; /* 1, 2, 4 or 8 */
} PlantRpcSerialLayout;

PlantRpcSerialLayout plant_rpc_serial_get_layout (const GVariantType *type);

/* Returns the size in bytes of each end that is stored in a container of SIZE bytes. */
static inline guint
plant_rpc_serial_get_end_size (gsize size)
{
  if (size <= G_MAXUINT8)
    return 1;
  if (size <= G_MAXUINT16)
    return 2;
  return (guint64) size >> 32 == 0 ? 4 : 8;
}

/* The same for N ends that are still to be written behind a BODY of that many bytes. */
static inline guint
plant_rpc_serial_choose_end_size (gsize body,
                                  gsize n)
{
  if (body + n <= G_MAXUINT8)
    return 1;
  if (body + 2 * n <= G_MAXUINT16)
    return 2;
  return body + 4 * n <= G_MAXUINT32 ? 4 : 8;
}

/* Whether DATA has nothing but zeros from START to END, as padding in normal form has. */
static inline gboolean
plant_rpc_serial_is_zero (const guint8 *data,
                          gsize         start,
                          gsize         end)
{
  while (start < end && data[start] == 0)
    start++;
  return start == end;
}

/* Ends are little-endian on every machine. The second function returns what follows the end. */
static inline guint64
plant_rpc_serial_read_end (const guint8 *place,
                           guint         size)
{
  guint64 end = 0;

  for (guint i = 0; i < size; i++)
    end |= (guint64) place[i] << 8 * i;
  return end;
}

static inline guint8 *
plant_rpc_serial_write_end (guint8 *place,
                            guint   size,
                            gsize   end)
{
  for (guint i = 0; i < size; i++)
    place[i] = (guint8) (end >> 8 * i);
  return place + size;
}

/* Returns the least multiple of ALIGNMENT that is not below OFFSET. */
static inline gsize
plant_rpc_serial_align_up (gsize offset,
                           guint alignment)
{
  return (offset + alignment - 1) & ~((gsize) alignment - 1);
}

void               plant_rpc_serial_clear      (PlantRpcSerial     *self);
/* Returns the bytes. SELF is empty afterwards. */
GBytes            *plant_rpc_serial_steal      (PlantRpcSerial     *self);
/* Returns the value, of the type TYPE and never floating. SELF is empty afterwards. */
GVariant          *plant_rpc_serial_finish     (PlantRpcSerial     *self,
                                                const GVariantType *type);

/* Allocates ROOM bytes at once, for values and ends together. */
void               plant_rpc_serial_reserve    (PlantRpcSerial     *self,
                                                gsize               room);
/* Adds SIZE bytes and returns them. The caller fills them. */
guint8            *plant_rpc_serial_extend     (PlantRpcSerial     *self,
                                                gsize               size);
void               plant_rpc_serial_append     (PlantRpcSerial     *self,
                                                gconstpointer       data,
                                                gsize               size);
/* Pads to a multiple of ALIGNMENT, which is 1, 2, 4 or 8. */
void               plant_rpc_serial_align      (PlantRpcSerial     *self,
                                                guint               alignment);

PlantRpcSerialMark plant_rpc_serial_begin      (PlantRpcSerial     *self);
/* Removes everything that was written since MARK. */
void               plant_rpc_serial_rewind     (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
void               plant_rpc_serial_end_child  (PlantRpcSerial     *self);
/* Closes an array whose elements have no fixed size, and writes the offset of each. */
void               plant_rpc_serial_end_array  (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
/* Closes a tuple or dictionary entry without a fixed size. plant_rpc_serial_end_child() must have
 * been called for exactly those members that need an end offset. */
void               plant_rpc_serial_end_tuple  (PlantRpcSerial     *self,
                                                PlantRpcSerialMark  mark);
/* Adds VALUE, padded to 8 bytes, to which any value may be aligned. What is written is in normal
 * form. */
void               plant_rpc_serial_append_value (PlantRpcSerial    *self,
                                                  GVariant          *value);
/* Closes a variant whose child has been written. */
void               plant_rpc_serial_end_variant (PlantRpcSerial     *self,
                                                 const GVariantType *type);

/* Returns the end of the n-th child of an open container. */
guint32           *plant_rpc_serial_get_end    (PlantRpcSerial     *self,
                                                guint               index);

/* For an open array of dictionary entries with string keys: of entries with equal keys, the value
 * of the last one is kept at the place of the first one. */
void               plant_rpc_serial_merge_names (PlantRpcSerial    *self,
                                                 PlantRpcSerialMark mark);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcSerial, plant_rpc_serial_clear)

G_END_DECLS
