/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-serial-private.h"

/* Up to this many names are compared with each other instead of using a hash table. */
#define FEW 8

/* The entries of one array. SOURCES gives, for each place, the index of the entry whose bytes go
 * there. */
typedef struct {
  PlantRpcSerial     *serial; /* (unowned) */
  PlantRpcSerialMark  mark;
  guint               n;
  guint32            *sources; /* (owned): NOWHERE if the name was there before */
} Names;

#define NOWHERE G_MAXUINT32

/* A hash table from a name to its place. */
typedef struct {
  guint32 *places; /* (owned): NOWHERE for a free slot; the number of slots is a power of two */
  guint    bits;
  guint64  base;   /* the random base at which the polynomial of a name is evaluated */
  guint32  factor;
} Table;

static guint32
get_end (const Names *self,
         guint        index)
{
  return *plant_rpc_serial_get_end (self->serial, self->mark.n_ends + index);
}

static gsize
get_start (const Names *self,
           guint        index)
{
  return index == 0 ? self->mark.start : plant_rpc_serial_align_up (get_end (self, index - 1), 8);
}

static const char *
get_name (const Names *self,
          guint        index)
{
  return (const char *) self->serial->data + get_start (self, index);
}

static gboolean
is_same (const Names *self,
         guint        a,
         guint        b)
{
  return strcmp (get_name (self, a), get_name (self, b)) == 0;
}

#define PRIME (((guint64) 1 << 31) - 1)

static void
table_init (Table *table,
            guint  n)
{
  table->bits = g_bit_storage (n) + 1;
  table->places = g_new (guint32, (gsize) 1 << table->bits);
  memset (table->places, 0xff, sizeof (guint32) << table->bits);
  table->base = 256 + g_random_int () % (PRIME - 256);
  table->factor = g_random_int () | 1;
}

/* The hash of a name is the value of a polynomial, modulo a prime, at a base that nobody outside
 * can know. Two names of a million bytes collide for at most one base in two thousand, so a peer
 * cannot choose names that all fall into one slot. */
static guint32
hash (const Table *table,
      const char  *name)
{
  guint64 value = 1;

  for (; *name != '\0'; name++)
    {
      value = value * table->base + (guchar) *name;
      value = (value & PRIME) + (value >> 31);
      value = (value & PRIME) + (value >> 31);
    }
  return (guint32) value * table->factor;
}

/* Returns the index of the first entry with the name of entry INDEX, which is INDEX itself if there
 * is no earlier one. */
static guint32
find_in_table (const Names *self,
               Table       *table,
               guint        index)
{
  guint32 slot_mask = ((guint32) 1 << table->bits) - 1;
  guint32 slot = hash (table, get_name (self, index)) >> (32 - table->bits);

  while (table->places[slot] != NOWHERE)
    {
      if (is_same (self, table->places[slot], index))
        return table->places[slot];
      slot = (slot + 1) & slot_mask;
    }
  table->places[slot] = index;
  return index;
}

static guint32
find_among_few (const Names *self,
                guint        index)
{
  for (guint i = 0; i < index; i++)
    {
      if (self->sources[i] != NOWHERE && is_same (self, i, index))
        return i;
    }
  return index;
}

/* Returns TRUE if any name occurs twice. */
static gboolean
find_sources (Names *self)
{
  gboolean twice = FALSE;
  Table table = { NULL, 0, 0, 0 };

  if (self->n > FEW)
    table_init (&table, self->n);
  for (guint i = 0; i < self->n; i++)
    {
      guint32 place = table.places != NULL ? find_in_table (self, &table, i)
                                           : find_among_few (self, i);

      twice = twice || place != i;
      self->sources[i] = NOWHERE;
      self->sources[place] = i;
    }
  g_free (table.places);
  return twice;
}

/* Moves the remaining entries together, by way of a copy. */
static void
gather (Names *self)
{
  g_auto (PlantRpcSerial) copy = PLANT_RPC_SERIAL_INIT;
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      guint32 source = self->sources[i];

      if (source == NOWHERE)
        continue;
      plant_rpc_serial_align (&copy, 8);
      plant_rpc_serial_append (&copy, get_name (self, source),
                               get_end (self, source) - get_start (self, source));
      self->sources[n++] = (guint32) (self->mark.start + copy.size);
    }
  memcpy (self->serial->data + self->mark.start, copy.data, copy.size);
  self->serial->size = self->mark.start + copy.size;
  for (guint i = 0; i < n; i++)
    *plant_rpc_serial_get_end (self->serial, self->mark.n_ends + i) = self->sources[i];
  self->serial->n_ends = self->mark.n_ends + n;
}

void
plant_rpc_serial_merge_names (PlantRpcSerial     *self,
                              PlantRpcSerialMark  mark)
{
  guint n = self->n_ends - mark.n_ends;
  guint32 few[FEW];
  Names names = { self, mark, n, few };

  if (n < 2)
    return;
  if (n > FEW)
    names.sources = g_new (guint32, n);
  if (find_sources (&names))
    gather (&names);
  if (n > FEW)
    g_free (names.sources);
}
